"""Files that a person takes away from the page."""

import json
import zipfile
from urllib.parse import unquote

import opentimelineio as otio


def test_every_file_has_a_title(desk):
    desk.tab.click("#tab-files")
    desk.tab.wait_for_selector("#archive", state="visible")
    titles = desk.tab.locator("#files b").all_inner_texts()
    assert {"Licence of the music", "What a person decided"} <= set(titles)
    assert [title for title in titles if title[0].islower()] == []


def test_files_that_only_some_options_write_have_titles_too(desk):
    """The bridge's record of the job, with the kinds of files that other options and editors give."""
    titles = {
        "changes": "Changes of the cut as CSV",
        "change EDL": "Changes of the cut as EDL",
        "plain midi": "MIDI as notated",
        "timecode": "Timecode as sound (LTC)",
        "audio under speech": "Music lowered under speech",
        "duck curve": "Levels under speech as CSV",
        "alternate no-percussion": "Mix without percussion",
        "alternate no-melody": "Mix without melody",
        "alternate underscore": "Mix without melody and percussion",
        "timeline for Premiere": "Timeline for Premiere",
        "stem strings": "Stem: strings",
    }

    def answer(route):
        reply = route.fetch()
        record = reply.json()
        record["files"] |= dict.fromkeys(titles, "/out/a.wav")
        route.fulfill(response=reply, body=json.dumps(record))

    desk.tab.route(lambda url: "/v1/jobs/" in url and url.rsplit("/", 1)[0].endswith("/v1/jobs"), answer)
    desk.tab.reload()
    desk.tab.click("#tab-files")
    desk.tab.wait_for_selector("#archive", state="visible")
    shown = desk.tab.locator("#files b").all_inner_texts()
    assert set(titles.values()) <= set(shown)
    assert [title for title in shown if title[0].islower()] == []
    order = [shown.index(title) for title in ("Music, 48 kHz 24 bit", "Stem: strings", "MIDI with tempo map")]
    assert order == sorted(order)


def test_the_zip_of_a_version_opens_with_its_music(desk, tmp_path):
    """Both timelines find every sound of the version beside them, wherever the ZIP is unpacked."""
    desk.tab.click("#tab-files")
    desk.tab.wait_for_selector("#archive", state="visible")
    letter = desk.text("#files-of").split()[-1]
    with desk.tab.expect_download() as download:
        desk.tab.click("#archive")
    name = download.value.suggested_filename
    assert name.startswith(f"short film {letter} seed ")
    download.value.save_as(tmp_path / name)
    with zipfile.ZipFile(tmp_path / name) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / name.removesuffix(".zip")
    timelines = sorted(folder.glob("*.otio"))
    assert len(timelines) == 2
    for path in timelines:
        tracks = otio.adapters.read_from_file(str(path)).audio_tracks()
        placed = [clip for track in tracks for clip in track.find_clips()]
        linked = {unquote(clip.media_reference.target_url) for clip in placed}
        assert linked == {file.name for file in folder.glob("*.wav")}
