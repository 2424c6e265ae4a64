"""Stems, further mixes and copies that an earlier rendering has left beside a mix."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from emsync_bridge.files.overwriting import is_ours
from emsync_bridge.midi.players import FAMILIES

BESIDE = (*FAMILIES, "room", "no-percussion", "no-melody", "underscore", "bwf")
"""Names of what a rendering may write beside its mix."""


def remove_earlier(mix: Path, written: Collection[Path]) -> tuple[list[Path], list[Path]]:
    """Remove what emsync wrote with an earlier mix of the same name, so that nothing beside the new one is of another.

    Arguments:
        mix: The mix.
        written: Files that were written with it now.

    Returns:
        The files that were removed, and those that stay, since emsync wrote them otherwise or they were changed since.
    """
    beside = (mix.with_suffix(f".{name}.wav") for name in BESIDE)
    earlier = [path for path in beside if path.is_file() and path not in written]
    removed = [path for path in earlier if is_ours(path, mix)]
    for path in removed:
        path.unlink()
    return removed, [path for path in earlier if path not in removed]
