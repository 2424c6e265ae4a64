"""Mine the bank of motifs: ``python -m emsync_bridge.training.themes.mine_motifs DATA OUT [SEEDS]``.

The shipped generator composes sketches over the whole plane of moods; the critic keeps what looks like written melody,
and what stands in the training pieces is thrown away.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import Affect, Instrument
from emsync_bridge.music.arranging.themes import mining
from emsync_bridge.music.arranging.themes.motifs import GRID, Motif, known_shape, to_row, top_line
from emsync_bridge.music.generation.compose import compose
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import MusicOptions
from emsync_bridge.training.themes.written import pieces

WORST = -1.5
"""Median score of written melody."""

MIN_KNOWN_STEPS = 6
"""Steps that two motifs must share to be the same tune; fewer are common property."""

MAX_ALIKE = 4
"""Motifs of one rhythm that are kept."""

SOURCES = ("OpenScore Lieder", "OpenScore String Quartets", "POP909", "Freedoom")
_ENSEMBLES: tuple[tuple[Instrument, ...], ...] = (("piano", "strings"), ("strings",))
_VALENCES, _AROUSALS = (-0.8, -0.4, 0.0, 0.4, 0.8), (-0.7, -0.3, 0.1, 0.5, 0.8)


def proposals(
    seeds: int, generator: checkpoint.Checkpoint | None = None, ensembles: Sequence[tuple[Instrument, ...]] = _ENSEMBLES
) -> Iterator[Motif]:
    """Yield motifs of sketches for every mood of a grid.

    Arguments:
        seeds: Sketches of each mood.
        generator: Composes the sketches; None means the shipped one.
        ensembles: Instrument groups that the seeds take turns with.
    """
    generator = generator or checkpoint.load(None)
    for number in range(seeds):
        for valence in _VALENCES:
            for arousal in _AROUSALS:
                affect = Affect(valence, arousal)
                bpm = min(mining.FASTEST_SKETCH, 92.0 * 2 ** (0.5 * arousal))
                ensemble = MusicOptions(ensemble=ensembles[number % len(ensembles)], transpose=0, bpm=bpm)
                spotting, curve = mining.sketch(affect, 36.0)
                seed = 1000 * number + round(100 * (valence + 1)) + round(10 * (arousal + 1))
                take = compose(spotting, curve, generator, seed=seed, options=ensemble)
                yield from mining.mined([take], affect)


def written_shapes(data: Path) -> set[int]:
    """Return hashes of every run of steps of the training pieces' top lines, by group of instruments, 6 and 7 long."""
    found: set[int] = set()
    for source in SOURCES:
        for piece in pieces(data, source):
            for group in ("strings", "piano", "guitar"):
                line = top_line(note for note in piece.score.notes if note.instrument == group)
                steps = [(b[1] - a[1], round((b[0] - a[0]) / GRID) * GRID) for a, b in pairwise(line)]
                for length in (6, 7):
                    found.update(hash(tuple(steps[i : i + length])) for i in range(len(steps) - length + 1))
    return found


def select_motifs(motifs: list[Motif], known: set[int]) -> list[Motif]:
    """Return the motifs that are good, unlike each other, and in no training piece."""
    rhythms: dict[tuple[int, ...], int] = {}
    shapes: set[tuple[int, ...]] = set()
    chosen = []
    for motif in sorted(motifs, key=lambda motif: -motif.score):
        shape = known_shape(motif)
        copied = len(shape) >= MIN_KNOWN_STEPS and hash(shape) in known
        if motif.score < WORST or copied or motif.contour in shapes or rhythms.get(motif.rhythm, 0) >= MAX_ALIKE:
            continue
        rhythms[motif.rhythm] = rhythms.get(motif.rhythm, 0) + 1
        shapes.add(motif.contour)
        chosen.append(replace(motif))
    return chosen


if __name__ == "__main__":
    data, out = Path(sys.argv[1]), Path(sys.argv[2])
    found = list(proposals(int(sys.argv[3]) if len(sys.argv) > 3 else 8))
    rows = [to_row(motif) for motif in select_motifs(found, written_shapes(data))]
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    head = '"from":"composed by the shipped generator; none stands in its training pieces"'
    out.write_text(f'{{{head},\n"motifs":[\n{lines}\n]}}\n', encoding="utf-8")
    sys.stderr.write(f"{len(found)} motifs proposed, {len(rows)} kept\n")
