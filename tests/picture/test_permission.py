"""Media that the system keeps from this process are told apart from media that are not there."""

import os
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

from emsync_bridge.cue import Shot
from emsync_bridge.picture.permission import not_permitted
from emsync_bridge.picture.relink import relink

NOBODY = 65534


@contextmanager
def as_anybody():
    """Be a user without rights where this one has all."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.skipif(os.name == "nt", reason="rights are other ones on Windows")
def test_a_closed_folder_and_a_closed_file_are_named(tmp_path):
    temporary = Path(tempfile.gettempdir())
    for parent in (tmp_path, *tmp_path.parents):
        if parent != temporary and parent.is_relative_to(temporary) and parent.stat().st_uid == os.geteuid():
            parent.chmod(0o755)
    closed = tmp_path / "disk"
    closed.mkdir()
    (closed / "a.mov").write_bytes(b"x")
    locked, free = tmp_path / "b.mov", tmp_path / "c.mov"
    locked.write_bytes(b"x")
    free.write_bytes(b"x")
    locked.chmod(0)
    closed.chmod(0)
    names = [str(closed / "a.mov"), str(locked), str(free), str(tmp_path / "gone.mov"), "D:\\rushes\\d.mov"]
    try:
        with as_anybody():
            found = relink([Shot(0, 1, name, 0.0, 1.0) for name in names], timeline=tmp_path / "cut.otio")
            assert not_permitted(found) == (str(locked), str(closed / "a.mov"))
    finally:
        closed.chmod(0o700)
    assert "gone.mov" in found.missing[1]
