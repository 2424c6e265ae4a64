"""Small movies and sounds that the tests render with ffmpeg's own generators."""

from __future__ import annotations

import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from emsync_bridge.ffmpeg import find_ffmpeg

QUICK = ("-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p")


class Studio:
    """Renders each clip once per test run."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def run(self, *arguments: str | Path) -> None:
        subprocess.run([find_ffmpeg(), "-v", "error", "-nostdin", "-y", *map(str, arguments)], check=True, timeout=120)

    def make(self, name: str, *arguments: str | Path) -> Path:
        """Return the file that ffmpeg renders with these arguments."""
        path = self.folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            self.run(*arguments, f"file:{path}")
        return path

    def picture(self, name: str, source: str, *options: str) -> Path:
        """Return a movie of one lavfi source."""
        return self.make(name, "-f", "lavfi", "-i", source, *(options or QUICK))

    def movie(self, name: str, picture: str, sound: str, *options: str) -> Path:
        """Return a movie of a lavfi picture and a lavfi sound."""
        return self.make(
            name, "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", sound, *(options or QUICK), "-shortest"
        )

    def edit(self, name: str, sources: Sequence[str], *options: str) -> Path:
        """Return a movie of several lavfi sources, one after the other with hard cuts."""
        inputs = [word for source in sources for word in ("-f", "lavfi", "-i", source)]
        alike = "".join(f"[{i}:v]format=yuv420p,setsar=1[v{i}];" for i in range(len(sources)))
        joined = "".join(f"[v{i}]" for i in range(len(sources)))
        graph = f"{alike}{joined}concat=n={len(sources)}[out]"
        return self.make(name, *inputs, "-filter_complex", graph, "-map", "[out]", *(options or QUICK))


def forbid_network(patch: pytest.MonkeyPatch) -> None:
    """Make any attempt to connect fail."""

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was attempted")

    for name in ("connect", "connect_ex", "sendto"):
        patch.setattr(socket.socket, name, refuse)
