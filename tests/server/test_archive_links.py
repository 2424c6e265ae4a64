"""Links of timelines in an archive: to the files beside them, wherever it is unpacked."""

import json
from pathlib import PurePosixPath
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.files.urls import UrlStyle, to_url
from emsync_bridge.server.cuts.archive import linked_beside

FOLDER = PurePosixPath("/home/a b/jobs/0123/out")
NAMES = st.text(st.characters(codec="utf-8", exclude_characters="/\\\0\"'&<>", exclude_categories=["C"]), min_size=1)


@given(
    NAMES,
    NAMES.map(lambda name: f"{name}.wav"),
    st.sampled_from([UrlStyle.URL, UrlStyle.LOCALHOST, UrlStyle.PATH]),
    st.booleans(),
)
def test_only_links_to_files_of_the_archive_change(other, name, style, ascii_only):
    ours, theirs = FOLDER / name, FOLDER.parent / other
    urls = [to_url(path, style) for path in (ours, theirs)]
    found = json.loads(linked_beside(json.dumps(urls, ensure_ascii=ascii_only).encode(), [ours]))
    assert (found[0] if style is UrlStyle.PATH else unquote(found[0])) == name
    assert found[1] == urls[1]


@pytest.mark.parametrize(("up", "link"), [(0, "storm%20A.wav"), (1, "../storm%20A.wav")])
def test_an_fcpxml_and_one_in_a_bundle_name_the_sound_beside_them(up, link):
    document = b'<asset id="r1"><media-rep src="file:///home/a%20b/jobs/0123/out/storm%20A.wav"/></asset>'
    assert f'src="{link}"'.encode() in linked_beside(document, [FOLDER / "storm A.wav"], up=up)
