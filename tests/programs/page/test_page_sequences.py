"""A file of several sequences: one is chosen, by keys alone, and stays chosen."""

import opentimelineio as otio
import pytest
from page_driving import PATIENCE, cut_of


@pytest.fixture
def reels(tmp_path):
    """A file with a sequence of two shots and one of three."""
    bundle = otio.schema.SerializableCollection("reels")
    for name, seconds in (("Reel 1", [5, 6]), ("Reel 2", [4, 5, 6])):
        bundle.append(otio.adapters.read_from_file(str(cut_of(tmp_path, seconds, name=name))))
    otio.adapters.write_to_file(bundle, str(tmp_path / "reels.otio"))
    return tmp_path / "reels.otio"


def reach_choice(tab, path):
    tab.tab.fill("#path", str(path))
    tab.tab.press("#path", "Enter")
    tab.tab.wait_for_selector("#error-choice", timeout=PATIENCE)
    tab.idle()


def choose(tab, name):
    tab.tab.get_by_label("Sequence", exact=True).select_option(name)
    tab.keys("Tab", "Enter")
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()


def sequence_read(tab):
    return tab.way_in.ask("GET", f"/v1/jobs/{tab.job()}")["request"]["read"]["sequence"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_choice_is_readable_and_has_the_focus(tab, reels, theme):
    tab.tab.emulate_media(color_scheme=theme)
    reach_choice(tab, reels)
    assert tab.focus() == "Sequence"
    assert tab.tab.locator("#error-choice option").all_inner_texts() == ["Reel 1", "Reel 2"]
    assert tab.violations() == {}


def test_each_sequence_is_opened_with_its_own_edits(tab, reels):
    reach_choice(tab, reels)
    tab.tab.reload()  # which offers the choice again
    tab.tab.wait_for_selector("#error-choice")
    choose(tab, "Reel 2")
    assert tab.text("#cut-name") == "Reel 2"
    assert tab.count("#errors .error") == 0
    with tab.tab.expect_response(lambda answer: answer.url.endswith("/edits") and answer.request.method == "PUT"):
        tab.tab.locator("#takes").evaluate("node => node.closest('details').open = true")
        tab.tab.fill("#takes", "3")
        tab.tab.press("#takes", "Tab")
    tab.tab.reload()
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert (tab.text("#cut-name"), tab.tab.input_value("#takes"), sequence_read(tab)) == ("Reel 2", "3", "Reel 2")
    tab.tab.click("#tab-cut")
    tab.tab.click("#read-again")
    tab.idle()
    assert (tab.text("#cut-name"), sequence_read(tab)) == ("Reel 2", "Reel 2")
    tab.tab.click("#new")
    reach_choice(tab, reels)
    choose(tab, "Reel 1")
    assert (tab.text("#cut-name"), tab.tab.input_value("#takes")) == ("Reel 1", "1")
