"""Mine the bank: ``python -m emsync_bridge.training.themes.mine_motifs SHEETS OUT [SEEDS] [CHECKPOINT] [three]``.

SHEETS is a corpus that ``emsync corpus themes`` wrote; CHECKPOINT is a theme model that was trained on it, else the
shipped generator. The network composes sketches over the whole plane of moods; the critic keeps what looks like written
melody, and what stands in a piece of the corpus is thrown away. With ``three`` the sketches are in 3/4, and what is
found in 3/4 and 6/8 takes the place of such motifs in the bank OUT, whose motifs in 4/4 stay.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Container, Iterator, Sequence
from itertools import pairwise
from pathlib import Path

from emsync_bridge.cue import Affect, Instrument, Meter
from emsync_bridge.music.arranging.themes import mining
from emsync_bridge.music.arranging.themes.motifs import GRID, Motif, from_row, known_shape, to_row, top_line
from emsync_bridge.music.generation.compose import compose
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import MusicOptions
from emsync_bridge.training.corpus.dataset import Split, read_split
from emsync_bridge.training.corpus.pieces import music_of

WORST = -1.5
"""Median score of written melody."""

MIN_KNOWN_STEPS = 6
"""Steps that two motifs must share to be the same tune; fewer are common property."""

MAX_ALIKE = 4
"""Motifs of one rhythm that are kept."""

MAX_OF_METER = 240
"""Motifs in 3/4 or in 6/8 that are kept."""

_ENSEMBLES: tuple[tuple[Instrument, ...], ...] = (("piano", "strings"), ("strings",))
_VALENCES, _AROUSALS = (-0.8, -0.4, 0.0, 0.4, 0.8), (-0.7, -0.3, 0.1, 0.5, 0.8)


def proposals(
    seeds: int,
    generator: checkpoint.Checkpoint | None = None,
    ensembles: Sequence[tuple[Instrument, ...]] = _ENSEMBLES,
    meter: Meter | None = None,
) -> Iterator[Motif]:
    """Yield motifs of sketches for every mood of a grid.

    Arguments:
        seeds: Sketches of each mood.
        generator: Generator that composes the sketches; None means the shipped one.
        ensembles: Instrument groups that the seeds take turns with.
        meter: Meter of the sketches; None means 4/4.
    """
    generator = generator or checkpoint.load(None)
    for number in range(seeds):
        for valence in _VALENCES:
            for arousal in _AROUSALS:
                affect = Affect(valence, arousal)
                bpm = min(mining.FASTEST_SKETCH, 92.0 * 2 ** (0.5 * arousal))
                ensemble = MusicOptions(ensemble=ensembles[number % len(ensembles)], transpose=0, bpm=bpm, meter=meter)
                spotting, curve = mining.sketch(affect, 36.0)
                seed = 1000 * number + round(100 * (valence + 1)) + round(10 * (arousal + 1))
                take = compose(spotting, curve, generator, seed=seed, options=ensemble)
                yield from mining.mined_motifs([take], affect)


def known_shapes(split: Split) -> set[tuple[tuple[int, int], ...]]:
    """Return every run of six and seven steps of the melodies of a split of lead sheets.

    Arguments:
        split: The split.
    """
    found: set[tuple[tuple[int, int], ...]] = set()
    for piece in split.pieces:
        line = top_line(note for note in music_of(split, piece).notes if note.instrument == "strings")
        steps = [(b[1] - a[1], round((b[0] - a[0]) / GRID) * GRID) for a, b in pairwise(line)]
        for length in (MIN_KNOWN_STEPS, MIN_KNOWN_STEPS + 1):
            found.update(tuple(steps[i : i + length]) for i in range(len(steps) - length + 1))
    return found


def select_motifs(motifs: Sequence[Motif], known: Container[tuple[tuple[int, int], ...]]) -> list[Motif]:
    """Return the motifs that are good, unlike each other, and in no piece of the corpus.

    Arguments:
        motifs: Motifs with the critic's scores.
        known: Shapes of known melodies, as ``known_shapes`` returns them.
    """
    rhythms: dict[tuple[int, ...], int] = {}
    shapes: set[tuple[int, ...]] = set()
    chosen = []
    for motif in sorted(motifs, key=lambda motif: -motif.score):
        shape = known_shape(motif)
        copied = len(shape) >= MIN_KNOWN_STEPS and shape in known
        if motif.score < WORST or copied or motif.contour in shapes or rhythms.get(motif.rhythm, 0) >= MAX_ALIKE:
            continue
        rhythms[motif.rhythm] = rhythms.get(motif.rhythm, 0) + 1
        shapes.add(motif.contour)
        chosen.append(motif)
    return chosen


def main() -> None:
    """Write the bank of motifs of the network and the corpus that are named on the command line."""
    sheets, out = Path(sys.argv[1]), Path(sys.argv[2])
    seeds = int(sys.argv[3]) if len(sys.argv) > 3 else 8
    trained = checkpoint.load(Path(sys.argv[4])) if len(sys.argv) > 4 else None
    three = sys.argv[5:] == ["three"]
    ensembles = _ENSEMBLES if trained is None else (("piano", "strings"),)
    found = list(proposals(seeds, trained, ensembles, Meter(0, 3, 4) if three else None))
    known: set[tuple[tuple[int, int], ...]] = set()
    for split in ("train", "valid", "test"):
        known |= known_shapes(read_split(sheets, split))
    kept = select_motifs([motif for motif in found if (motif.meter != "4/4") == three], known)
    origin = "composed by a theme model; none stands in the pieces that it was trained on"
    if three:
        held = json.loads(out.read_text(encoding="utf-8"))
        origin = held["from"]
        kept = with_meters([from_row(row) for row in held["motifs"]], kept)
    write_bank(out, [to_row(motif) for motif in kept], origin)
    sys.stderr.write(f"{len(found)} motifs proposed, {len(kept)} in the bank\n")


def with_meters(bank: Sequence[Motif], fresh: Sequence[Motif]) -> list[Motif]:
    """Return the 4/4 motifs of a bank and new ones in other meters, best first; no contour comes twice.

    Arguments:
        bank: The bank as it is.
        fresh: Motifs in 3/4 and 6/8.
    """
    square = [motif for motif in bank if motif.meter == "4/4"]
    contours = {motif.contour for motif in square}
    others: list[Motif] = []
    for meter in ("3/4", "6/8"):
        own = [motif for motif in fresh if motif.meter == meter and motif.contour not in contours]
        others += sorted(own, key=lambda motif: -motif.score)[:MAX_OF_METER]
    return sorted([*square, *others], key=lambda motif: -round(motif.score, 2))


def write_bank(path: Path, rows: Sequence[object], origin: str) -> None:
    """Write a bank of motifs.

    Arguments:
        path: New file.
        rows: Rows as ``to_row`` returns them.
        origin: Source of the motifs, in words.
    """
    lines = ",\n".join(json.dumps(row, separators=(",", ":")) for row in rows)
    path.write_text(f'{{"from":{json.dumps(origin)},\n"motifs":[\n{lines}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main()
