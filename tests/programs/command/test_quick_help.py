"""``emsync --help`` names every command without importing what only the commands need."""

from __future__ import annotations

import json
import subprocess
import sys

HEAVY = ["numpy", "opentimelineio", "pydantic", "filelock", "importlib.metadata", "cv2", "torch", "matplotlib", "mido"]

SCRIPT = f"""
import json, sys
from emsync_bridge.cli import main
main(["--help"], standalone_mode=False)
print(json.dumps([name for name in {HEAVY!r} if name in sys.modules]))
"""


def test_help_imports_nothing_heavy():
    told = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=True, timeout=120)
    page, _, loaded = told.stdout.rstrip().rpartition("\n")
    assert "evaluate" in page
    assert json.loads(loaded) == []
