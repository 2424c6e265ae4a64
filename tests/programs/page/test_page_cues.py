"""Cues of a film: each with its in and out, its own versions, and a list of all."""

import pytest
from page_driving import cut_of


@pytest.fixture
def film(tmp_path):
    return cut_of(tmp_path, [3, 4, 3, 3], name="cues")


def letters(tab):
    tab.drawn()
    return tab.tab.locator(".version b").all_inner_texts()


def test_cues_have_their_own_versions_and_are_listed(tab, film):
    tab.read(film)
    tab.compose(players="piano")
    assert letters(tab) == ["A"]
    tab.tab.click("#tab-cut")
    assert tab.tab.is_hidden("#cues-box")
    tab.keys("ArrowDown", "i", "ArrowDown", "ArrowDown", "o")
    tab.tab.click("#cue-select")
    tab.idle()
    assert tab.text("#cue-words") == "01:00:03:00 to 01:00:10:00"
    # the playhead stays at its timecode within the cue
    assert tab.timecode() == "01:00:10:00"
    # the music of the whole cut is not that of the cue
    assert letters(tab) == []
    assert "no music yet" in tab.text("#cue-list")
    tab.compose(players="piano")
    assert letters(tab) == ["B"]
    tab.tab.wait_for_function("() => document.getElementById('cue-list').textContent.includes('1 version')")

    tab.tab.click("#cue-whole")
    tab.idle()
    assert letters(tab) == ["A"]
    cue = tab.tab.get_by_role("button", name="Cue 1")
    assert "01:00:03:00 to 01:00:10:00" in cue.inner_text()
    cue.click()
    tab.idle()
    assert tab.text("#cue-words") == "01:00:03:00 to 01:00:10:00"
    assert letters(tab) == ["B"]
    tab.keys("Escape", "Control+z")
    tab.tab.wait_for_function("() => document.querySelector('.version b')?.textContent === 'A'")
    assert tab.text("#cue-words") == "the whole cut"
