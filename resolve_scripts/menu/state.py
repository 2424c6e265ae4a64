"""State that outlives a click: the last job of each timeline, and every sound file that it ever placed."""

import json
import os
import re
from pathlib import Path
from typing import Any, Dict, Set

from .errors import UserError

OURS = re.compile(r"^emsync:[\w.-]+:\d+$")
"""The custom data of a marker that emsync made: job and number."""

TRACK = re.compile(r"^emsync \d+$")
"""The name of a track that emsync made."""

SOUNDS = "sounds.txt"
"""The file that lists the sound files, one in a line."""


class TimelineState:
    """The memory of one timeline, in a file of its own below the bridge's folder.

    Arguments:
        home: The bridge's folder.
        timeline: Resolve's unique identifier of the timeline.
    """

    def __init__(self, home: "Path", timeline: str) -> None:
        self.folder = home / "resolve"
        self.path = self.folder / (re.sub(r"[^\w.-]", "_", timeline) + ".json")
        self.document = _read(self.path)

    def sounds(self) -> "Set[str]":
        """Return the sound files that emsync put into any timeline: copies of a timeline carry them too."""
        try:
            text = (self.folder / SOUNDS).read_text(encoding="utf-8")
        except (OSError, ValueError):
            return set()
        return set(text.splitlines()) - {""}

    def add_sound(self, path: str) -> None:
        """Remember a sound file before it is placed, so that what is begun can always be found and removed.

        Raises:
            UserError: It cannot be written down.
        """
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with (self.folder / SOUNDS).open("a", encoding="utf-8") as file:
                file.write(path + "\n")
        except OSError as problem:
            raise UserError(
                "{} cannot be written to ({}), so nothing was placed. The music is in {}.".format(
                    self.folder, problem.strerror or problem, path
                )
            )

    def save(self, **changes: "Any") -> None:
        """Change fields and write the file whole."""
        self.document.update(changes)
        self.folder.mkdir(parents=True, exist_ok=True)
        finished = self.path.with_name("{}.{}.part".format(self.path.name, os.getpid()))
        finished.write_text(json.dumps(self.document, indent=1), encoding="utf-8")
        finished.replace(self.path)


def _read(path: "Path") -> "Dict[str, Any]":
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
