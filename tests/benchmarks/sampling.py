"""Effect of temperature, nucleus and repetition guard on a generator's music; run by hand.

Usage: python tests/benchmarks/sampling.py CORPUS [--model FOLDER] [--pieces 12] [--settings 1:0.93:0.4,0.95:0.93:0]

Each setting is temperature:nucleus:guard. Printed are the mean distance of all measures from those of held-out music in
its standard deviations, the measures farthest off, and how much bars say again what the eight before them said.
"""

from __future__ import annotations

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import sys
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

SETTINGS = "1:0.93:0.4,1:0.93:0,0.95:0.93:0,0.9:0.93:0"
FARTHEST = 3


def repeated(music) -> list[tuple[float, bool]]:
    """Return for each bar how much of it stands in the likest of the eight before, and whether one has its rhythm."""
    pitched = [note for note in music.notes if note.instrument != "drums"]
    lines = [*music.bar_lines, music.end]
    bars = [{(n.start - first, n.pitch) for n in pitched if first <= n.start < last} for first, last in pairwise(lines)]
    found = []
    for index, bar in enumerate(bars):
        before = [other for other in bars[max(0, index - 8) : index] if other]
        if len(bar) > 2 and before:
            rhythm = {start for start, _ in bar}
            share = max(2 * len(bar & other) / (len(bar) + len(other)) for other in before)
            found.append((share, any(rhythm == {start for start, _ in other} for other in before)))
    return found


def row(name: str, apart: str, pieces) -> str:
    """Return a line of the table."""
    bars = np.array([bar for piece in pieces for bar in repeated(piece)], dtype=np.float64).reshape(-1, 2)
    shares, rhythms = bars.T
    likeness = f"{shares.mean():8.2f} {np.mean(shares > 0.8):8.1%} {np.mean(shares == 1):8.1%} {rhythms.mean():8.1%}"
    return f"{name:<16}{likeness} {len(bars):6}  {apart}\n"


def main() -> None:
    """Print a line for written music and one for each setting."""
    from emsync_bridge.music.network import checkpoint as checkpoints
    from emsync_bridge.options import Sampling
    from emsync_bridge.training.corpus.dataset import read_split
    from emsync_bridge.training.corpus.pieces import music_of
    from emsync_bridge.training.evaluation.evaluate import EvaluationSize, cuts
    from emsync_bridge.training.evaluation.similarity import compare
    from emsync_bridge.training.evaluation.trials import compose_all

    parser = argparse.ArgumentParser()
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--model", type=Path)
    parser.add_argument("--pieces", type=int, default=12)
    parser.add_argument("--settings", default=SETTINGS)
    asked = parser.parse_args()
    checkpoint, heldout = checkpoints.load(asked.model), read_split(asked.corpus, "valid")
    sys.stdout.write(f"{checkpoint.name}: bars again, nearly whole, whole, in rhythm; distance of the measures\n")
    order = np.random.default_rng(0).permutation(len(heldout.pieces))[:60]
    sys.stdout.write(row("written", "", [music_of(heldout, heldout.pieces[index]) for index in order]))
    for setting in asked.settings.split(","):
        sampling = Sampling(*map(float, setting.split(":")))
        trials = compose_all(
            [replace(cut, sampling=sampling) for cut in cuts(EvaluationSize(pieces=asked.pieces))], checkpoint
        )
        found = compare(trials, heldout, 60, 20.0)
        worst = sorted(found, key=lambda measure: -abs(measure.apart))[:FARTHEST]
        mean = np.mean([abs(measure.apart) for measure in found])
        told = f"{mean:.2f}, " + ", ".join(f"{measure.name} {measure.apart:+.1f}" for measure in worst)
        sys.stdout.write(row(setting, told, [trial.music for trial in trials if trial.music is not None]))
        sys.stdout.flush()


if __name__ == "__main__":
    main()
