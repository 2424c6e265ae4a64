"""Pieces of one simple pattern, to build a corpus from."""

import numpy as np

from emsync_bridge.cue import Meter, Note, Tempo, TempoMap

TEMPO_MAP = TempoMap((Tempo(0, 600_000), Tempo(192, 500_000)), (Meter(0, 4), Meter(96 * 3, 3)))
END = 96 * 3 + 72 * 12


def piece(seed):
    """Return notes in C major with a long chord every second bar."""
    rng = np.random.default_rng(seed)
    lines = TEMPO_MAP.bar_lines(END)
    notes = []
    for number, (start, stop) in enumerate(zip(lines, [*lines[1:], END], strict=True)):
        if number % 2 == 0:
            notes += [Note(start, stop, "piano", 60 + offset, 74) for offset in (0, 4, 7)]
        else:
            notes += [
                Note(t, t + 12, "strings", int(rng.choice([60, 62, 64, 65, 67, 69])) + 12, 86)
                for t in range(start, stop, 12)
            ]
    return tuple(sorted(notes))
