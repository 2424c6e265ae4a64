"""Conform of a reel against composing it from the start: time, and share of the music that is kept.

python tests/benchmarks/conform.py --shots 2000 --changed 0.05
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "scoring"))

import click
from cut_edits import Piece, spotting_of

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, Spotting
from emsync_bridge.music.arranging.arranger import arrange
from emsync_bridge.music.arranging.themes.motifs import motif_bank
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring.conform.conform import conform_take
from emsync_bridge.scoring.conform.document import STATES
from emsync_bridge.scoring.conform.filling import filler, measured_answers
from emsync_bridge.scoring.conform.matching import match_shots

SCENE = 40.0


def mood_of(cut: Spotting) -> EmotionCurve:
    """Return a mood that changes every 40 seconds."""
    rng = random.Random(1)
    edges = [i * SCENE for i in range(int(cut.duration // SCENE) + 1)] + [cut.duration]
    spans = [
        EmotionSpan(start, end, Affect(rng.uniform(-0.8, 0.8), rng.uniform(-0.8, 0.8)))
        for start, end in pairwise(edges)
        if end > start
    ]
    return EmotionCurve(tuple(spans))


def changed(pieces: list[Piece], share: float) -> list[Piece]:
    """Return the reel with a share of its shots trimmed, lifted, replaced or moved."""
    rng, result = random.Random(2), list(pieces)
    for _ in range(round(len(pieces) * share)):
        at, kind = rng.randrange(len(result)), rng.choice(("trim", "lift", "insert", "move"))
        piece = result[at]
        if kind == "trim":
            result[at] = Piece(piece.source, piece.first, max(12, piece.frames - rng.randint(1, 24)))
        elif kind == "lift":
            del result[at]
        elif kind == "insert":
            result.insert(at, Piece(100_000 + rng.randrange(10**6), 0, rng.randint(24, 120)))
        else:
            result.insert(max(0, at - 3), result.pop(at))
    return result


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shots", type=int, default=2000)
    parser.add_argument("--changed", type=float, default=0.05)
    given = parser.parse_args()
    rng = random.Random(0)
    pieces = [Piece(i, 0, rng.randint(36, 130)) for i in range(given.shots)]
    old, new = spotting_of(pieces), spotting_of(changed(pieces, given.changed))
    options = MusicOptions()

    began = time.process_time()
    take = arrange(plan_composition(old, mood_of(old)), old, mood_of(old), motif_bank(), options, 1)
    fresh = time.process_time() - began
    began = time.process_time()
    matches = match_shots(old.shots, new.shots)
    matching = time.process_time() - began
    began = time.process_time()
    result = conform_take(take, (old, mood_of(old)), (new, mood_of(new)), filler(options), measured_answers)
    spent = time.process_time() - began
    report = result.report
    click.echo(f"{given.shots} shots, {old.duration / 60:.0f} min; {len(matches)} matches in {matching:.2f} s of CPU")
    click.echo(f"conform {spent:.1f} s of CPU, composing from the start {fresh:.1f} s: {spent / fresh:.2f} of it")
    seconds, notes = report.seconds_kept / new.duration, report.notes_kept / report.notes
    click.echo(f"kept {seconds:.0%} of the seconds, {notes:.0%} of the notes")
    click.echo(", ".join(f"{report.count(state)} hits {state}" for state in STATES))
    click.echo(f"furthest hit off {max(abs(a.error_ms) for a in result.take.answers if a.error_ms is not None):.3f} ms")


if __name__ == "__main__":
    main()
