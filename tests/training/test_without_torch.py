"""Messages of the commands that need PyTorch, in an installation without it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


@pytest.mark.parametrize("arguments", [("train", ".", "--out", "checkpoint"), ("evaluate", ".")])
def test_one_line_says_what_to_install(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    script = "import sys; sys.modules['torch'] = None; from emsync_bridge.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", script, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    assert 'pip install "emsync-bridge[train]"' in line
    assert not list(tmp_path.iterdir())
