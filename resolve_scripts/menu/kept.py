"""What emsync remembers of each timeline: the last job and everything that it put there."""

import json
import os
import re
import tempfile
from pathlib import Path
from typing import Any, Dict, List, Set

OURS = re.compile(r"^emsync:[\w.-]+:\d+$")
"""The custom data of a marker that emsync made: job and number."""

TRACK = re.compile(r"^emsync \d+$")
"""The name of a track that emsync made."""


class Kept:
    """The memory of one timeline, in a file of its own below the bridge's folder.

    Arguments:
        home: The bridge's folder.
        timeline: Resolve's unique identifier of the timeline.
    """

    def __init__(self, home: "Path", timeline: str) -> None:
        self.folder = home / "resolve"
        self.path = self.folder / (re.sub(r"[^\w.-]", "_", timeline) + ".json")
        self.document = _read(self.path)

    @property
    def placed(self) -> "List[Dict[str, Any]]":
        """What was put into the timeline: job, sound file, track name, frame and length."""
        known = self.document.get("placed")
        return [one for one in known if isinstance(one, dict)] if isinstance(known, list) else []

    def all_sounds(self) -> "Set[str]":
        """Return the sound files that emsync put into any timeline: copies of a timeline carry them too."""
        files = [self.path] if not self.folder.is_dir() else sorted(self.folder.glob("*.json"))
        placed = [one for file in files for one in _read(file).get("placed", []) if isinstance(one, dict)]
        return {one["wav"] for one in placed if isinstance(one.get("wav"), str)}

    def save(self, **changes: "Any") -> None:
        """Change fields and write the file whole."""
        self.document.update(changes)
        self.folder.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=str(self.folder), prefix=".kept-")
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(self.document, file, indent=1)
        Path(name).replace(self.path)


def _read(path: "Path") -> "Dict[str, Any]":
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
