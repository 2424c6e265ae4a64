"""Truth of what the page says: of movies of another length, of cuts that are closed, of files that are not taken."""

from bridge_running import eventually
from page_driving import PATIENCE, cut_of
from places import STORM

CLIP = STORM.parent / "media" / "B001_lanterns.mp4"


def test_a_movie_of_another_length_is_said_with_what_to_do(tab, tmp_path):
    tab.read(cut_of(tmp_path, [20, 46], name="another length"))
    tab.drop(CLIP)
    tab.tab.wait_for_selector(".error:has-text('and the cut 66.0 s')", timeout=PATIENCE)
    assert "Export the movie of this version of the cut" in tab.text("#errors")
    tab.idle()
    tab.tab.keyboard.press("ArrowDown")
    tab.tab.keyboard.press("x")
    tab.tab.click("#tab-cut")
    tab.tab.click("#cue-select")
    tab.idle()
    assert tab.count(".error") == 0


def test_nothing_of_a_closed_cut_stays(tab, tmp_path):
    tab.read(STORM)
    tab.tab.wait_for_function("() => document.querySelector('.shot img')?.naturalWidth > 0")
    assert tab.text("#facts")
    tab.tab.click("#new")
    tab.tab.wait_for_selector("#start", state="visible")
    for line in ("#facts", "#verdict", "#cut-name", "#say", "#reading-name"):
        assert tab.text(line) == ""
    tab.read(cut_of(tmp_path, [5, 6], name="no media here"))
    assert tab.tab.evaluate("() => [...document.querySelectorAll('.shot img')].every(one => one.hidden || !one.src)")


def test_a_drop_that_fails_leaves_no_promise(tab, tmp_path):
    broken = tmp_path / "broken.otio"
    broken.write_text("{")
    tab.drop(broken)
    tab.tab.wait_for_selector(".error", timeout=PATIENCE)
    tab.idle()
    assert "Taking in" not in tab.text("body")
    still = tmp_path / "A001.R3D"
    still.write_bytes(b"x")
    tab.drop(still)
    tab.tab.wait_for_selector(".error:has-text('ProRes, DNxHR or H.264')")


def test_edits_outside_of_a_cue_come_back_with_the_whole_cut(tab, tmp_path):
    tab.read(cut_of(tmp_path, [5, 6, 4], name="cue and back"))
    tab.keys("ArrowRight", "ArrowRight", "m")
    tab.tab.locator(".shot").first.click()
    tab.tab.select_option("#pad-mood", "gloom")
    tab.keys("Home", "ArrowDown", "x")
    tab.tab.click("#tab-cut")
    tab.tab.click("#cue-select")
    tab.idle()
    assert tab.count(".hit[aria-label*='01:00:00:02']") == 0
    tab.tab.wait_for_timeout(900)
    tab.tab.reload()
    tab.tab.wait_for_selector("#work", state="visible")
    tab.idle()
    tab.tab.click("#tab-cut")
    tab.tab.click("#cue-whole")
    tab.idle()
    tab.tab.wait_for_selector(".hit[aria-label*='01:00:00:02']")
    tab.tab.click("#tab-mood")
    tab.tab.locator(".shot").first.click()
    assert tab.text("#pad-valence-value") == "\u22120.65"


def sparse(path, gigabytes):
    """Write a file of many bytes that takes up none."""
    with path.open("wb") as file:
        file.truncate(gigabytes * 10**9)
    return path


def test_a_file_that_is_too_large_is_refused_before_it_is_sent(tab, tmp_path, home):
    before = sorted((home / "inputs").iterdir())
    tab.tab.set_input_files("#file", sparse(tmp_path / "huge.mov", 9))
    tab.tab.wait_for_selector(".error:has-text('huge.mov has 9 GB, and the bridge takes up to 8 GB')", timeout=5000)
    assert "Enter its path" in tab.text("#errors")
    assert sorted((home / "inputs").iterdir()) == before


def test_an_upload_can_be_cancelled_and_no_second_one_runs_beside_it(tab, tmp_path, home):
    before = sorted((home / "inputs").iterdir())
    tab.tab.set_input_files("#file", sparse(tmp_path / "large.mov", 7))
    tab.tab.wait_for_selector("#reading-name:has-text('Taking in large.mov')")
    tab.drop(CLIP)
    assert tab.said() == "Wait for what is going on, or cancel it"
    tab.tab.click("#cancel")
    tab.idle()
    assert tab.said() == "Cancelled"
    assert eventually(lambda: sorted((home / "inputs").iterdir()) == before)
