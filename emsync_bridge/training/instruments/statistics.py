"""Roles of the instruments in a corpus, by source."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import pretty_midi

from emsync_bridge.training.corpus.dataset import source_of
from emsync_bridge.training.instruments.roles import PULSE, ROLES
from emsync_bridge.training.instruments.store import InstrumentedPiece, read_instruments

MIN_NOTE_SHARE = 0.005
"""Share of its source's notes from which on an instrument is shown."""


def role_counts(pieces: Iterable[InstrumentedPiece]) -> dict[str, dict[str, np.ndarray]]:
    """Return the notes of each role by source and instrument, as counts in the order of ``roles.ROLES``."""
    found: dict[str, dict[str, np.ndarray]] = defaultdict(lambda: defaultdict(lambda: np.zeros(len(ROLES), np.int64)))
    for piece in pieces:
        for part, role in zip(piece.parts, piece.role, strict=True):
            name = "drums" if part.drums else pretty_midi.program_to_instrument_name(part.program)
            found[source_of(piece.name)][name] += np.bincount(role, minlength=len(ROLES))
    return {source: dict(named) for source, named in sorted(found.items())}


def roles_table(folder: Path, split: str) -> tuple[list[list[str]], tuple[str, ...]]:
    """Return rows and head of a table of who has which role, the busiest instruments of each source first.

    Raises:
        CorpusError: The corpus keeps no instruments.
    """
    rows: list[list[str]] = []
    for source, named in role_counts(read_instruments(folder, split)).items():
        total = sum(int(counts.sum()) for counts in named.values())
        for name, counts in _by_notes(named):
            if counts.sum() >= MIN_NOTE_SHARE * total:
                shares = [f"{count / counts.sum():.0%}" for count in counts[1 : PULSE + 1]]
                rows.append([source, name, f"{int(counts.sum())}", *shares])
    return rows, ("source", "instrument", "notes", *ROLES[1:])


def _by_notes(named: Mapping[str, np.ndarray]) -> list[tuple[str, np.ndarray]]:
    return sorted(named.items(), key=lambda item: (-int(item[1].sum()), item[0]))
