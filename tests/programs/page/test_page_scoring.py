"""From a dropped timeline to a scored one, as a person does it."""

import wave

import opentimelineio as otio
from page_driving import PATIENCE
from places import STORM


def test_from_a_dropped_timeline_to_a_scored_one(tab, tmp_path):
    tab.drop(STORM)
    tab.tab.wait_for_selector("#work", state="visible", timeout=PATIENCE)
    tab.idle()
    assert tab.text("#cut-name") == "Storm over the Bay"
    assert tab.text("#verdict") == "12 hit points"
    assert tab.count(".shot") == 18
    tab.compose(players="chamber")
    tab.tab.wait_for_selector("#verdict[data-state=good]")
    assert tab.text("#verdict") == "12/12 on frame"
    assert tab.tab.get_attribute("#verdict", "title").startswith("12 of 12 hits within half a frame")

    tab.tab.click("#play")
    tab.tab.wait_for_function("() => document.getElementById('timecode').value > '01:00:00:12'")
    tab.tab.click("#play")
    at = tab.timecode()
    tab.tab.wait_for_timeout(150)
    assert tab.timecode() == at

    tab.tab.click("#tab-files")
    with tab.tab.expect_download() as timeline:
        tab.tab.click("#files a:has-text('Timeline with the music')")
    timeline.value.save_as(tmp_path / "storm.scored.otio")
    scored = otio.adapters.read_from_file(str(tmp_path / "storm.scored.otio"))
    before = otio.adapters.read_from_file(str(STORM))
    kinds, kept = [track.kind for track in scored.tracks], [track.kind for track in before.tracks]
    assert kinds[: len(kept)] == kept
    added = kinds[len(kept) :]
    assert set(added) == {"Audio"}
    assert len(added) >= 3  # the music and a stem for each family that plays

    with tab.tab.expect_download() as sound:
        tab.tab.click("#files a:has-text('Music, 48 kHz')")
    assert sound.value.suggested_filename == "storm A seed 1.wav"
    sound.value.save_as(tmp_path / "storm.wav")
    with wave.open(str(tmp_path / "storm.wav")) as heard:
        assert heard.getnframes() == 66 * 48000
    assert "peak" in tab.text("#loudness")
    # the media did not come along, so the browser notes that there are no pictures of the shots
    tab.complaints = [said for said in tab.complaints if "/thumbnail" not in said]


def test_versions_against_each_other_at_one_playhead(desk):
    desk.keys("ArrowDown", "ArrowDown")
    at, first = desk.timecode(), desk.text(".version[aria-checked=true] b")
    other = "B" if first == "A" else "A"
    notes = desk.tab.get_attribute("#roll", "aria-label")
    desk.keys("1" if other == "A" else "2")
    desk.tab.wait_for_selector(f".version[aria-checked=true] b:has-text('{other}')")
    desk.tab.wait_for_function("was => document.getElementById('roll').ariaLabel !== was", arg=notes)
    assert desk.timecode() == at
    # rendered in the background
    desk.tab.wait_for_selector("#wave", state="visible", timeout=PATIENCE)
    assert desk.tab.is_hidden("#render-take")
    desk.keys("b")
    desk.tab.wait_for_selector(f".version[aria-checked=true] b:has-text('{first}')")
    assert desk.tab.get_attribute("#roll", "aria-label") == notes
    assert desk.timecode() == at


def notes_of(desk):
    """Return the notes of the take that the job on the page has chosen."""
    chosen = desk.way_in.ask("GET", f"/v1/jobs/{desk.job()}")["result"]["cue"]["chosen"]
    return desk.way_in.ask("GET", f"/v1/jobs/{desk.job()}/takes/{chosen}")["notes"]


def test_a_section_is_redone_and_the_rest_stays(desk):
    versions, old = desk.count(".version"), notes_of(desk)
    desk.keys("ArrowDown", "x")
    assert desk.text("#redo-hint") == "01:00:05:00 to 01:00:11:00"
    desk.tab.click("#redo-section")
    desk.idle()
    assert desk.said() == "Section composed"
    assert desk.count(".version") == versions + 1
    new = notes_of(desk)
    assert new != old
    assert [note for note in new if note[1] < 4.9] == [note for note in old if note[1] < 4.9]
    assert [note for note in new if note[1] < 4.9]


def test_hits_and_moods_that_were_edited_are_composed_for(tab, short_film):
    tab.read(short_film)
    tab.tab.click("#tab-hits")
    row = tab.tab.locator("#hit-rows tr").nth(1)
    row.get_by_label("Timecode").fill("01:00:03:10")
    row.get_by_label("Timecode").press("Enter")
    assert tab.said() != "There is a hit point already"
    tab.tab.click("#tab-mood")
    tab.tab.locator(".shot").first.click()
    tab.tab.select_option("#pad-mood", "gloom")
    assert tab.text("#pad-valence-value") == "\u22120.65"
    tab.compose(players="chamber")
    cue = tab.way_in.ask("GET", f"/v1/jobs/{tab.job()}")["result"]["cue"]
    assert cue["spotting"]["hits"][1]["frame"] == 3 * 24 + 10
    assert cue["curve"]["spans"][0]["affect"] == {"valence": -0.65, "arousal": -0.45}
    assert cue["takes"][0]["answers"][0]["hit"] == 1
    tab.tab.click("#tab-hits")
    tab.drawn()
    assert abs(float(tab.tab.locator("#hit-rows tr").nth(1).locator(".hit-error").inner_text())) <= 500 / 24
