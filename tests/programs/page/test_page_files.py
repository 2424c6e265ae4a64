"""Files that a person takes away from the page."""

import zipfile
from urllib.parse import unquote

import opentimelineio as otio


def test_every_file_has_a_title(desk):
    desk.tab.click("#tab-files")
    desk.tab.wait_for_selector("#archive", state="visible")
    titles = desk.tab.locator("#files b").all_inner_texts()
    assert {"Licence of the music", "What a person decided"} <= set(titles)
    assert [title for title in titles if title[0].islower()] == []


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
