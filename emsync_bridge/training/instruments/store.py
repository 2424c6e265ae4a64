"""The instruments of a corpus on disk: every note with its part and role, in the key that the tokens are in."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mido
import numpy as np

from emsync_bridge.cue import INSTRUMENTS, Note
from emsync_bridge.errors import CorpusError
from emsync_bridge.midi.reader import MidiScore
from emsync_bridge.training.corpus.dataset import NOTE_FIELDS
from emsync_bridge.training.instruments.parts import PITCH, START, VELOCITY, InstrumentPart, read_parts
from emsync_bridge.training.instruments.roles import ROLES, roles

MAX_PARTS = 255

_PROGRAMS = {"piano": 0, "strings": 48, "guitar": 24, "bass": 32, "drums": 0}
"""A program for each group of a piano roll, which knows nothing finer."""


@dataclass(frozen=True)
class InstrumentedPiece:
    """A piece of a corpus with its instruments.

    Arguments:
        name: Name of the piece.
        parts: Notes of each instrument.
        role: Role of each note of each part, as indices of ``roles.ROLES``.
    """

    name: str
    parts: tuple[InstrumentPart, ...]
    role: tuple[np.ndarray, ...]

    def shares(self) -> dict[int, dict[str, float]]:
        """Return the share of the notes of each General MIDI program that have each role."""
        found: dict[int, np.ndarray] = {}
        for part, role in zip(self.parts, self.role, strict=True):
            counts = np.bincount(role, minlength=len(ROLES))
            found[part.program] = found.get(part.program, np.zeros(len(ROLES))) + counts
        return {
            program: {name: float(count / counts.sum()) for name, count in zip(ROLES, counts, strict=True)}
            for program, counts in found.items()
        }


def arrays_of(
    opened: mido.MidiFile | None, score: MidiScore, shift: int
) -> tuple[dict[str, np.ndarray], list[dict[str, Any]]]:
    """Return the arrays that a corpus keeps of a piece's instruments, and a list of its parts.

    Arguments:
        opened: The MIDI file as ``open_midi`` returned it; None for a piano roll.
        score: Contents as they were read.
        shift: Semitones that bring it to the key of the tokens.
    """
    parts = read_parts(opened) if opened else _parts_of_groups(score.notes)
    parts = parts[:MAX_PARTS]
    end = max((int(part.notes[:, 1].max()) for part in parts), default=1)
    lines = score.tempo_map.bar_lines(end)
    table = roles(parts, lines, end)
    ticks, values = [np.zeros((0, 2), np.uint32)], [np.zeros((0, 4), np.uint8)]
    for number, part in enumerate(parts):
        bars = np.clip(np.searchsorted(lines, part.notes[:, START], side="right") - 1, 0, len(lines) - 1)
        pitch = part.notes[:, PITCH] + (0 if part.drums else shift)
        role = table[number, bars]
        columns = [np.clip(pitch, 0, 127), part.notes[:, VELOCITY], np.full(len(pitch), number), role]
        ticks.append(part.notes[:, :2].astype(np.uint32))
        values.append(np.column_stack(columns).astype(np.uint8))
    arrays: dict[str, np.ndarray] = {"note_ticks": np.concatenate(ticks), "note_values": np.concatenate(values)}
    return arrays, [{"name": part.name, "program": part.program, "drums": part.drums} for part in parts]


def read_instruments(folder: Path, split: str) -> Iterator[InstrumentedPiece]:
    """Yield the pieces of one split of a corpus with their instruments, in the order of its tokens.

    Raises:
        CorpusError: The corpus keeps no instruments.
    """
    try:
        index = json.loads((folder / split / "instruments.json").read_text(encoding="utf-8"))
        ticks, values = (
            np.load(folder / split / f"{name}.npy", mmap_mode="r", allow_pickle=False) for name in NOTE_FIELDS
        )
    except (OSError, ValueError) as problem:
        raise CorpusError(
            f"This corpus keeps no instruments ({problem})", where=folder, hint="Build it again"
        ) from None
    for piece in index:
        inside = slice(piece["first"], piece["first"] + piece["notes"])
        when, what = np.array(ticks[inside], dtype=np.int64), np.array(values[inside], dtype=np.int64)
        parts, role = [], []
        for number, part in enumerate(piece["parts"]):
            mine = what[:, 2] == number
            notes = np.column_stack([when[mine], what[mine, :2]])
            parts.append(InstrumentPart(part["name"], part["program"], part["drums"], notes))
            role.append(what[mine, 3])
        yield InstrumentedPiece(piece["name"], tuple(parts), tuple(role))


def _parts_of_groups(notes: tuple[Note, ...]) -> list[InstrumentPart]:
    found = []
    for group in INSTRUMENTS:
        played = sorted((note.start, note.end, note.pitch, note.velocity) for note in notes if note.instrument == group)
        if played:
            found.append(InstrumentPart(group, _PROGRAMS[group], group == "drums", np.array(played)))
    return found
