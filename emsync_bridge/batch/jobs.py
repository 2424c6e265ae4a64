"""Jobs of a batch, and the digest of all that one depends on."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from emsync_bridge import __version__
from emsync_bridge.batch.path_prefixes import Prefixes, map_path
from emsync_bridge.errors import TimelineError

MAX_READ = 64 * 2**20
"""Bytes up to which a digest covers a file's content; of larger ones, size and time of change."""


@dataclass(frozen=True)
class OptionNames:
    """Names of the options of ``emsync score`` that rows may set, without dashes.

    Arguments:
        flags: Options without a value.
        values: Options with a value, paths among them.
        paths: Options whose value is a path.
        inputs: Options whose value is a file or folder that is read.
    """

    flags: frozenset[str] = frozenset()
    values: frozenset[str] = frozenset()
    paths: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BatchJob:
    """One cut to score.

    Arguments:
        name: Name of its folder among the results, unique in the list.
        source: Timeline or video.
        options: Options of ``emsync score`` by name without dashes; a flag's value is empty.
        paths: Options that are given as paths.
        inputs: Paths that are read.
    """

    name: str
    source: str
    options: Mapping[str, str] = field(default_factory=dict)
    paths: frozenset[str] = frozenset()
    inputs: frozenset[str] = frozenset()

    def arguments(self, out: Path, digest: str) -> list[str]:
        """Return the arguments of ``emsync`` that score it.

        Arguments:
            out: Folder of all results.
            digest: Result of ``digest``.
        """
        given = [f"--{key}={value}" if value else f"--{key}" for key, value in self.options.items()]
        return ["score", self.source, "--out", str(out / self.name), "--batch-digest", digest, *given]

    def with_mapped_paths(self, prefixes: Prefixes) -> BatchJob:
        """Return the job with its paths as they are on another computer.

        Arguments:
            prefixes: The table of that computer.
        """
        options = {
            key: map_path(value, prefixes) if key in self.paths else value for key, value in self.options.items()
        }
        return replace(self, source=map_path(self.source, prefixes), options=options)

    def digest(self) -> str:
        """Return the digest of its inputs, options and emsync's version, which is the same on every computer.

        Raises:
            TimelineError: An input cannot be read.
        """
        options = {key: _last(value) if key in self.paths else value for key, value in self.options.items()}
        total = hashlib.sha256(json.dumps([__version__, sorted(options.items())]).encode())
        for path in (self.source, *(self.options[key] for key in sorted(self.inputs & self.options.keys()))):
            total.update(_state_of(Path(path)))
        return total.hexdigest()[:32]


def _last(path: str) -> str:
    return path.replace("\\", "/").rstrip("/").rpartition("/")[2]


def _state_of(path: Path) -> bytes:
    """Return a digest of a file, or of the names and sizes of files in a folder."""
    try:
        if path.is_dir():
            inside = sorted(each for each in path.iterdir() if each.is_file())  # of a tree of media, only the top
            states = [[each.name, each.stat().st_size] for each in inside]
            return hashlib.sha256(json.dumps(states).encode("utf-8", "replace")).digest()
        state = path.stat()
        large = state.st_size > MAX_READ
        content = f"{state.st_size} {state.st_mtime_ns}".encode() if large else path.read_bytes()
    except OSError as problem:
        hint = "Check the path in the list; --map translates paths of other computers"
        raise TimelineError(f"The source cannot be read: {problem.strerror}", where=path, hint=hint) from problem
    return hashlib.sha256(content).digest()
