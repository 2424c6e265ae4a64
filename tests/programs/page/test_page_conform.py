"""Music carried over to a changed cut on the page."""

import opentimelineio as otio


def test_a_changed_cut_keeps_the_music_and_is_opened_with_what_became_of_it(desk, short_film, tmp_path):
    timeline = otio.adapters.read_from_file(str(short_film))
    track = next(each for each in timeline.tracks if each.kind == otio.schema.TrackKind.Video)
    del track[len(track) - 1]
    changed = tmp_path / "short film v2.otio"
    otio.adapters.write_to_file(timeline, str(changed))
    before = desk.tab.url
    desk.tab.click("#tab-cut")
    desk.tab.set_input_files("#conform-file", str(changed))
    desk.tab.wait_for_function("before => location.href !== before", arg=before, timeout=60_000)
    desk.tab.wait_for_selector("#conform-changes li", timeout=120_000, state="attached")
    desk.idle()
    assert "removed" in desk.text("#conform-changes")
    titles = desk.tab.locator("#files b").all_text_contents()
    assert {"Changes of the cut as CSV", "Changes of the cut as EDL"} <= set(titles)
    assert "of 11.0 s are as before." in desk.text("#conform-kept")
    assert desk.count(".version") == 1
    desk.tab.reload()
    desk.tab.wait_for_selector(".version[aria-checked=true]")
    assert "of 11.0 s are as before." in desk.tab.text_content("#conform-kept")
