"""The tokenised corpus on disk: what it holds, memory-mapped."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from emsync_bridge.errors import CorpusError

SPLITS = ("train", "valid", "test")
FIELDS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "tokens": (np.uint16, ()),
    "time": (np.float32, ()),
    "place": (np.uint8, (3,)),
    "tempo": (np.float16, ()),
    "affect": (np.float16, (2,)),
}
"""Type and columns of every array of a split that has a row for each token."""

NOTE_FIELDS: dict[str, tuple[type[np.generic], tuple[int, ...]]] = {
    "note_ticks": (np.uint32, (2,)),
    "note_values": (np.uint8, (4,)),
}
"""Likewise of those that have a row for each note of each instrument: start and end; pitch, velocity, part, role."""


@dataclass(frozen=True)
class CorpusPiece:
    """One piece of a split: its name and where its tokens lie; seconds of music and long chords for statistics."""

    name: str
    start: int
    length: int
    seconds: float
    chords: int
    notes: int


@dataclass(frozen=True)
class Credit:
    """Pieces of one source under one licence.

    Arguments:
        source: Top folder of their names.
        licence: Licence as the catalogue has it; empty when unknown.
        pieces: Number of them.
        hours: Hours of music.
        editors: People whom a licence asks to name, each with what was edited.
    """

    source: str
    licence: str
    pieces: int
    hours: float
    editors: tuple[str, ...] = ()


@dataclass(frozen=True)
class SplitStatistics:
    """Contents of a split; ``sources`` are hours by source."""

    pieces: int
    hours: float
    tokens: int
    notes: int
    long_chords_per_minute: float
    sources: dict[str, float]

    @classmethod
    def of(cls, pieces: Sequence[CorpusPiece]) -> SplitStatistics:
        """Return what some pieces make together."""
        sources: dict[str, float] = {}
        for piece in pieces:
            sources[source_of(piece.name)] = sources.get(source_of(piece.name), 0.0) + piece.seconds / 3600
        hours = sum(sources.values())
        return cls(
            pieces=len(pieces),
            hours=round(hours, 2),
            tokens=sum(piece.length for piece in pieces),
            notes=sum(piece.notes for piece in pieces),
            long_chords_per_minute=round(sum(piece.chords for piece in pieces) / max(hours * 60, 1e-9), 2),
            sources={name: round(share, 2) for name, share in sorted(sources.items())},
        )


@dataclass(frozen=True)
class Statistics:
    """Contents of a corpus by split, the reason for every piece that was left out, and the credits."""

    splits: dict[str, SplitStatistics]
    left_out: dict[str, str]
    credits: list[Credit] = field(default_factory=list)


@dataclass(frozen=True)
class Split:
    """One split of a corpus, its arrays memory-mapped.

    Arguments:
        pieces: Pieces in the order of the arrays.
        tokens: (n,) event tokens.
        time: (n,) seconds of the clock after each token.
        place: (n, 3) place in the bar after each token.
        tempo: (n,) quarter notes per minute.
        affect: (n, 2) valence and arousal from -1 to 1; NaN where unknown.
    """

    pieces: tuple[CorpusPiece, ...]
    tokens: np.ndarray
    time: np.ndarray
    place: np.ndarray
    tempo: np.ndarray
    affect: np.ndarray


def read_split(folder: Path, split: str) -> Split:
    """Return one split of a corpus that ``build`` wrote.

    Raises:
        CorpusError: The folder holds no such split.
    """
    try:
        index = json.loads((folder / split / "pieces.json").read_text(encoding="utf-8"))
        arrays = {name: np.load(folder / split / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in FIELDS}
    except (OSError, ValueError) as problem:
        raise CorpusError(
            f"There is no tokenised corpus here ({problem})", where=folder, hint="Make one with `emsync corpus build`"
        ) from None
    return Split(pieces=tuple(CorpusPiece(**piece) for piece in index), **arrays)


def source_of(name: str) -> str:
    """Return the source of a piece: the topmost folder of its name."""
    return name.partition("/")[0]
