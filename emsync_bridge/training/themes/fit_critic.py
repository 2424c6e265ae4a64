"""Fit the critic of motifs: ``python -m emsync_bridge.training.themes.fit_critic DATA OUT [three]``.

Reads the voices of OpenScore Lieder (CC0, training split); 400 songs take two minutes. With ``three``, bars in 3/4 and
6/8 are read instead of those in 4/4.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from pathlib import Path

import numpy as np

from emsync_bridge.music.arranging.themes.critic import motif_features, shapes
from emsync_bridge.music.arranging.themes.motifs import Motif, motifs_in, top_line
from emsync_bridge.training.themes.written import pieces

SONGS = 400


def voice_cells(data: Path, *, three: bool = False) -> list[Motif]:
    """Return every two-bar cell of the voices of the songs, in 4/4, or in 3/4 and 6/8."""
    cells: list[Motif] = []
    for piece in pieces(data, "OpenScore Lieder", most=SONGS):
        voice = [note for note in piece.score.notes if note.instrument == "strings"]
        if len(voice) >= 30:
            cells.extend(motifs_in(top_line(voice), piece.bar_lines, piece.tonic, minor=piece.minor))
    return [cell for cell in cells if (cell.meter != "4/4") == three]


def fit_critic(cells: list[Motif]) -> dict[str, object]:
    """Return the fit as ``critic.json`` holds it."""
    values = np.array([motif_features(cell) for cell in cells])
    intervals: Counter[str] = Counter()
    durations: Counter[str] = Counter()
    for cell in cells:
        for counts, series in zip((intervals, durations), shapes(cell), strict=True):
            for a, b, c in zip(series, series[1:], series[2:], strict=False):
                counts[f"{a} {b} {c}"] += 1
                counts[f"{a} {b}"] += 1
    return {
        "from": "voices of OpenScore Lieder, CC0-1.0",
        "cells": len(cells),
        "mean": [round(float(v), 4) for v in values.mean(0)],
        "spread": [round(float(v), 4) for v in values.std(0) + 1e-3],
        "intervals": {key: count for key, count in sorted(intervals.items()) if count > 2},
        "durations": {key: count for key, count in sorted(durations.items()) if count > 2},
    }


if __name__ == "__main__":
    found = voice_cells(Path(sys.argv[1]), three=sys.argv[3:] == ["three"])
    Path(sys.argv[2]).write_text(json.dumps(fit_critic(found), separators=(",", ":")) + "\n", encoding="utf-8")
