"""Small disks, mounted where that is allowed."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


@contextmanager
def small_disk_at(folder: Path, options: str) -> Iterator[Path]:
    """Mount a disk in memory, such as of ``size=1m``; skip the test without the right to."""
    folder.mkdir()
    may_mount = sys.platform == "linux" and os.geteuid() == 0
    if (
        not may_mount
        or subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], check=False).returncode
    ):
        pytest.skip("needs the right to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def resized(folder: Path, size: str) -> None:
    """Give a small disk another size."""
    subprocess.run(["mount", "-o", f"remount,size={size}", folder], check=True)
