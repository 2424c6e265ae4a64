"""The installed command and the example that it is run on."""

import shutil
import sys
from pathlib import Path


def command():
    """Return the installed ``emsync``, the one beside this interpreter first."""
    beside = Path(sys.executable).with_name("emsync")
    found = str(beside) if beside.exists() else shutil.which("emsync")
    assert found, "emsync is not installed"
    return found
