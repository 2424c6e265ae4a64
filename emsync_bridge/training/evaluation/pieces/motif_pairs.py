"""Blind pairs of motifs: two bars of each of two sources, on the page that compares pieces."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from emsync_bridge.cue import TICKS_PER_QUARTER, Note, Spotting, Take, Tempo, TempoMap
from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.music.arranging.themes.choice import WORST_MOTIF
from emsync_bridge.music.arranging.themes.motifs import BAR, LENGTH, Motif, from_row, motif_bank
from emsync_bridge.training.evaluation.pieces.blind_page import PAGE, Progress, page_of, write_sound

BANK, GENERATOR = "bank", "generator"
"""Words for the motifs that come with emsync, and for those of the shipped generator's sketches."""

PAIRS = 16
"""Pairs of a page at most."""

_BPM = 100
_TIMES = 2
_MELODY, _DRONE = 84, 44
_REST = 1.0
_TITLE = "Which tune do you like better?"
_TEXT = (
    "Two bars of melody in each of two versions, played twice over a held fifth. Play both, then choose. "
    "Keys: A and B play, left and right arrow choose, N goes on."
)


@dataclass(frozen=True)
class MotifPair:
    """Two motifs of one mode and of a like mood.

    Arguments:
        motifs: The left and the right one.
        sources: Source of each.
    """

    motifs: tuple[Motif, Motif]
    sources: tuple[str, str]


def motifs_from(source: str) -> list[Motif]:
    """Return the motifs of a source: those in 4/4 that the critic finds no worse than written melody's median.

    Arguments:
        source: A bank in a file, the folder of a generator or of a theme model, or one of the words above.

    Raises:
        CheckpointError: There is no such bank or generator.
    """
    from emsync_bridge.music.network import checkpoint
    from emsync_bridge.training.themes.mine_motifs import proposals

    found: Iterator[Motif]
    if source == BANK:
        found = iter(motif_bank())
    elif source == GENERATOR or Path(source).is_dir():
        trained = checkpoint.load(None if source == GENERATOR else Path(source))
        found = proposals(1, trained, (("piano", "strings"),))
    else:
        try:
            rows = json.loads(Path(source).read_text(encoding="utf-8"))["motifs"]
            found = iter([from_row(row) for row in rows])
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
            raise CheckpointError(
                f"This file is not a bank of motifs ({problem})",
                where=source,
                hint=f"Give a bank as motifs.json, the folder of a generator, {BANK!r} or {GENERATOR!r}",
            ) from None
    return [motif for motif in found if motif.meter == "4/4" and motif.score >= WORST_MOTIF]


def motif_pairs(
    first: Sequence[Motif], second: Sequence[Motif], sources: tuple[str, str], seed: int = 1
) -> list[MotifPair]:
    """Return pairs in random order, each with its sides in random order, as many of each source on either side.

    A motif is paired with one of its mode and of the nearest mood that the other source alone has.

    Arguments:
        first: Motifs of the first source.
        second: Motifs of the second.
        sources: Names of both.
        seed: Seed of all that is drawn.
    """
    drawn = random.Random(f"motif pairs {seed}")
    shared = {motif.notes for motif in first} & {motif.notes for motif in second}
    left = [motif for motif in first if motif.notes not in shared]
    right = [motif for motif in second if motif.notes not in shared]
    drawn.shuffle(left)
    found: list[tuple[Motif, Motif]] = []
    for motif in left:
        same = [other for other in right if other.minor == motif.minor]
        if same and len(found) < PAIRS:
            nearest = min(same, key=lambda other: (_apart(motif, other), other.contour))
            right.remove(nearest)
            found.append((motif, nearest))
    turned = [number % 2 == 0 for number in range(len(found))]
    drawn.shuffle(turned)
    name, other_name = sources
    return [
        MotifPair((a, b), (name, other_name)) if straight else MotifPair((b, a), (other_name, name))
        for (a, b), straight in zip(found, turned, strict=True)
    ]


def write_motif_page(folder: Path, pairs: Sequence[MotifPair], progress: Progress | None = None) -> Path:
    """Render all pairs and write the page; return it.

    Arguments:
        folder: Folder of the page and its sounds; it exists.
        pairs: Pairs in the order in which they are heard.
        progress: Function that is told of the share that is done.

    Raises:
        EmsyncError: A motif cannot be rendered, or the files cannot be written.
    """
    tell = progress or (lambda _step, _share: None)
    sounds = [[f"{number + 1:02}_{side}.m4a" for side in "ab"] for number in range(len(pairs))]
    seconds = _spotting().duration
    with staging_folder(folder) as room:
        for number, pair in enumerate(pairs):
            tell("Rendering", number / max(1, len(pairs)))
            for motif, name in zip(pair.motifs, sounds[number], strict=True):
                write_sound(played(motif), _spotting(), room / name)
        shown: list[dict[str, object]] = [
            {"name": f"pair {number + 1}", "seconds": seconds, "hits": [], "moods": [], "sounds": names}
            for number, names in enumerate(sounds)
        ]
        (room / PAGE).write_text(
            page_of(shown, [pair.sources for pair in pairs], title=_TITLE, text=_TEXT), encoding="utf-8"
        )
        for name in (*(name for names in sounds for name in names), PAGE):
            publish(room / name, folder / name)
    return folder / PAGE


def played(motif: Motif) -> Take:
    """Return a motif twice, by a piano, over a fifth on its tonic."""
    notes = []
    for time in range(_TIMES):
        begin = time * LENGTH
        for note, pitch in zip(motif.notes, motif.pitches(), strict=True):
            start = begin + note.start
            notes.append(Note(start, start + note.length, "piano", pitch + 12, _MELODY))
        notes += [Note(begin, begin + LENGTH, "strings", pitch, _DRONE) for pitch in (48, 55)]
    return Take(0, tuple(sorted(notes)), TempoMap(tempos=(Tempo(0, round(60e6 / _BPM)),)))


def _spotting() -> Spotting:
    bars = _TIMES * LENGTH / BAR
    seconds = bars * BAR / TICKS_PER_QUARTER * 60 / _BPM + _REST
    return Spotting("motif", seconds, Fraction(25))


def _apart(motif: Motif, other: Motif) -> float:
    return abs(motif.affect.valence - other.affect.valence) + abs(motif.affect.arousal - other.affect.arousal)
