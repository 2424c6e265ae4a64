"""The user's folder for what this package remembers between runs."""

from __future__ import annotations

import os
from pathlib import Path

HOME_VARIABLE = "EMSYNC_BRIDGE_HOME"
"""Environment variable that names another folder for everything that is remembered."""


def state_folder() -> Path:
    """Return the folder, which need not exist."""
    chosen = os.environ.get(HOME_VARIABLE)
    if chosen:
        return Path(chosen).absolute()
    import platformdirs

    return platformdirs.user_state_path("emsync-bridge", appauthor=False)
