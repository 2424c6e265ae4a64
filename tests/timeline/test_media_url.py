from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.files.urls import UrlStyle, is_absolute, media_stem, style_of, to_path, to_url


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("file:///Users/a/b%20c.mov", "/Users/a/b c.mov"),
        ("file://localhost/Users/a/b%20c.mov", "/Users/a/b c.mov"),
        ("file:/Users/a.mov", "/Users/a.mov"),
        ("FILE:///Users/a.mov", "/Users/a.mov"),
        ("file:///C:/Media/a%23b.mov", "C:/Media/a#b.mov"),
        ("file://localhost/c%3a/Media/a.mov", "C:/Media/a.mov"),
        ("file:///C|/Media/a.mov", "C:/Media/a.mov"),
        ("file://C:/Media/a.mov", "C:/Media/a.mov"),
        ("file://server/share/a%20b.mov", "//server/share/a b.mov"),
        ("file:////server/share/a.mov", "//server/share/a.mov"),
        ("file:///Media/100%25%20caf%C3%A9.mov", "/Media/100% café.mov"),
        (r"E:\SHOWREEL\a b.mxf", r"E:\SHOWREEL\a b.mxf"),
        (r"\\server\share\a.mov", r"\\server\share\a.mov"),
        ("/Volumes/A%20/b.mov", "/Volumes/A%20/b.mov"),
        ("media/a%20b.mov", "media/a b.mov"),
        ("https://host/a%20b.mov", "https://host/a%20b.mov"),
    ],
)
def test_what_editors_write_becomes_a_path(url, path):
    assert to_path(url) == path


@pytest.mark.parametrize(
    ("path", "style", "url"),
    [
        ("/m/a #1 100%.wav", UrlStyle.URL, "file:///m/a%20%231%20100%25.wav"),
        ("/m/a.wav", UrlStyle.LOCALHOST, "file://localhost/m/a.wav"),
        ("/m/a b.wav", UrlStyle.PATH, "/m/a b.wav"),
        ("C:\\m\\a b.wav", UrlStyle.URL, "file:///C:/m/a%20b.wav"),
        ("C:\\m\\a b.wav", UrlStyle.LOCALHOST, "file://localhost/C:/m/a%20b.wav"),
        ("C:\\m\\a b.wav", UrlStyle.PATH, "C:\\m\\a b.wav"),
        ("\\\\srv\\share\\a b.wav", UrlStyle.URL, "file://srv/share/a%20b.wav"),
        ("media/a b.wav", UrlStyle.RELATIVE_URL, "media/a%20b.wav"),
        ("media/a b.wav", UrlStyle.URL, "media/a%20b.wav"),
        ("/out/a b.wav", UrlStyle.RELATIVE, "a b.wav"),
        ("/elsewhere/a b.wav", UrlStyle.RELATIVE, "/elsewhere/a b.wav"),
        ("/elsewhere/a b.wav", UrlStyle.RELATIVE_URL, "file:///elsewhere/a%20b.wav"),
    ],
)
def test_a_path_is_written_in_the_style_of_the_document(path, style, url):
    assert to_url(path, style, beside=Path("/out")) == url


@given(
    st.text(st.characters(exclude_characters="/\x00", exclude_categories=["Cs"]), min_size=1), st.sampled_from(UrlStyle)
)
def test_any_name_survives(name, style):
    path = f"/media/{name}"
    if style not in (UrlStyle.PATH, UrlStyle.RELATIVE) or path == path.strip():
        assert to_path(to_url(path, style)) == path


@given(st.text(st.characters(exclude_characters='/\\\x00:*?"<>|', exclude_categories=["Cs"]), min_size=1))
def test_any_windows_name_survives(name):
    for path in (f"C:/media/{name}", f"//server/share/{name}"):
        assert to_path(to_url(path, UrlStyle.URL)) == path


def test_the_style_of_most_media_wins():
    urls = ["file:///a", "file://localhost/b", "file://localhost/c", None, ""]
    assert style_of(urls) is UrlStyle.LOCALHOST
    assert style_of(["C:\\a", "/b"]) is UrlStyle.PATH
    assert style_of(["media/a b.mov"]) is UrlStyle.RELATIVE
    assert style_of(["media/a%20b.mov", "media/c%20d.mov"]) is UrlStyle.RELATIVE_URL
    assert style_of(["https://host/a"], UrlStyle.PATH) is UrlStyle.PATH
    assert style_of([]) is UrlStyle.URL


def test_only_complete_places_are_absolute():
    assert all(map(is_absolute, ["/a", "C:/a", "c:\\a", "\\\\s\\a", "file:///a", "https://a/b"]))
    assert not any(map(is_absolute, ["a", "./a", "../a", "media/C/a"]))


@pytest.mark.parametrize(
    "name",
    ["file:///C:/clips/a%20b.mov", "media/a%20b.mov", "/clips/a b.mov", r"D:\clips\a b.mov", "s3://bucket/a%20b.mov"],
)
def test_a_media_file_has_one_name_however_it_is_written(name):
    assert media_stem(name) == "a b"
