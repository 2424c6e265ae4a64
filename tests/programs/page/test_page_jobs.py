"""Progress, cancelling, errors in words, and a reload in the middle of a job."""

import pytest
from page_driving import PATIENCE, cut_of
from places import STORM, STORM_MEDIA


@pytest.fixture(scope="module")
def long_film(tmp_path_factory):
    return cut_of(tmp_path_factory.mktemp("cut"), [6] * 40, name="long film")


def test_cancelling(tab, long_film):
    tab.read(long_film)
    tab.tab.click("#compose")
    tab.tab.wait_for_selector("#progress[aria-valuenow]")
    tab.tab.click("#cancel")
    tab.tab.wait_for_selector("body:not(.working)", timeout=5000)
    assert tab.said() == "Cancelled"
    assert tab.count(".version") == 0
    assert tab.tab.is_enabled("#compose")


def test_a_reload_in_the_middle_of_a_job_goes_on_where_it_was(tab, long_film):
    tab.read(long_film)
    tab.keys("ArrowDown", "ArrowRight", "m")
    hits = tab.text("#verdict")
    tab.tab.click("#compose")
    tab.tab.wait_for_selector("#progress[aria-valuenow]")
    tab.tab.reload()
    tab.tab.wait_for_selector("#work", state="visible")
    tab.tab.wait_for_selector("body.working #progress[aria-valuenow]")
    assert tab.text("#cut-name") == "long film"
    assert tab.text("#verdict") == hits
    assert not tab.tab.is_enabled("#compose")
    tab.tab.click("#cancel")
    tab.tab.wait_for_selector("body:not(.working)", timeout=5000)


def test_edits_outlive_a_reload(tab, short_film):
    tab.read(short_film)
    tab.keys("ArrowRight", "ArrowRight", "m")
    assert tab.said() == "Hit point at 01:00:00:02"
    tab.tab.reload()
    tab.tab.wait_for_selector(".hit[aria-label*='01:00:00:02']")
    tab.idle()
    tab.keys("Control+z")
    assert tab.count(".hit[aria-label*='01:00:00:02']") == 0


def test_a_broken_file_is_refused_in_words(tab, tmp_path):
    broken = tmp_path / "broken.otio"
    broken.write_bytes(STORM.read_bytes()[:5000])
    tab.drop(broken)
    tab.tab.wait_for_selector(".error[role=alert]", timeout=PATIENCE)
    words = tab.text(".error-words")
    assert "broken.otio" in words
    assert "Traceback" not in words
    assert len(words.splitlines()) >= 2
    assert tab.tab.is_visible("#choose")
    tab.tab.get_by_role("button", name="Close this message").click()
    assert tab.count(".error") == 0


def test_a_path_that_is_not_there(tab, tmp_path):
    tab.tab.fill("#path", str(tmp_path / "nowhere.otio"))
    tab.tab.press("#path", "Enter")
    tab.tab.wait_for_selector(".error")
    assert "nowhere.otio" in tab.text(".error-where")
    # the browser itself notes refused requests
    tab.complaints = [said for said in tab.complaints if "422" not in said]


def test_what_was_done_lately_can_be_opened(tab, scored):
    tab.tab.goto(tab.address)
    tab.tab.wait_for_selector(".recent:has-text('short film')")
    tab.tab.click(".recent:has-text('short film')")
    tab.tab.wait_for_selector(".version[aria-checked=true]")
    assert tab.text("#cut-name") == "short film"


def test_missing_media_are_named_with_what_to_do(tab):
    tab.drop(STORM)
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#missing-words").startswith("13 of 13 media not found")
    tab.tab.click("#missing-path")
    assert tab.tab.evaluate("document.activeElement.id") == "media-folder"
    tab.drop(*sorted(STORM_MEDIA.glob("*.mp4")))
    tab.tab.wait_for_selector("#missing", state="hidden", timeout=PATIENCE)
    tab.idle()
    assert tab.said() == "Cut read"


def test_files_that_are_no_cut_are_refused_by_name(tab, tmp_path):
    still = tmp_path / "still.png"
    still.write_bytes(b"x")
    tab.drop(still)
    tab.tab.wait_for_selector(".error:has-text('still.png')")
    assert "OTIO" in tab.text(".error-words")
