from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.batch.path_prefixes import PATHS_VARIABLE, map_path, own_prefixes, parse_prefix
from emsync_bridge.errors import EmsyncError


@pytest.mark.parametrize(
    ("path", "there", "here", "expected"),
    [
        ("Z:\\show\\e1.otio", "Z:\\show", "/mnt/show", "/mnt/show/e1.otio"),
        ("z:/SHOW/e1.otio", "Z:\\show\\", "/mnt/show/", "/mnt/show/e1.otio"),
        ("\\\\nas\\show\\e1.otio", "\\\\nas\\show", "/mnt/show", "/mnt/show/e1.otio"),
        ("/mnt/show/a b/ü.otio", "/mnt/show", "Z:\\show", "Z:\\show\\a b\\ü.otio"),
        ("/mnt/shows/e1.otio", "/mnt/show", "/x", "/mnt/shows/e1.otio"),
        ("/mnt/Show/e1.otio", "/mnt/show", "/x", "/mnt/Show/e1.otio"),
        ("/mnt/show", "/mnt/show", "/x", "/x"),
        ("/e1.otio", "/", "/mnt", "/mnt/e1.otio"),
        ("/mnt/e1.otio", "/mnt", "/", "/e1.otio"),
        ("/mnt/back\\slash.otio", "/mnt", "/x", "/x/back\\slash.otio"),
    ],
)
def test_a_prefix_ends_with_a_folder(path, there, here, expected):
    assert map_path(path, [(there, here)]) == expected


def test_the_first_prefix_that_fits_counts():
    assert map_path("/a/b/c", [("/a/b", "/first"), ("/a", "/second")]) == "/first/c"


@given(st.lists(st.text("abü ./", min_size=1, max_size=8).filter(lambda part: "/" not in part), min_size=1))
def test_a_path_goes_there_and_back(parts):
    path = "/mnt/show/" + "/".join(parts)
    there = map_path(path, [("/mnt/show", "Z:\\show")])
    assert map_path(there, [("Z:\\show", "/mnt/show")]) == path


def test_a_worker_has_its_own_table(monkeypatch):
    monkeypatch.setenv(PATHS_VARIABLE, "Z:\\a=/mnt/a; /b=/c;")
    assert own_prefixes() == [("Z:\\a", "/mnt/a"), ("/b", "/c")]


@pytest.mark.parametrize("text", ["", "=", "a=", "=b", "a"])
def test_a_prefix_needs_both_sides(text):
    with pytest.raises(EmsyncError, match="THERE=HERE"):
        parse_prefix(text)
