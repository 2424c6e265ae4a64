"""A corpus reduced to lead sheets: one melody over block chords, to train a generator of themes on.

Tokens, conditions and layout are those of the corpus that it is made from, so that `emsync train` trains on it and the
same network predicts it; 512 tokens hold some 25 bars instead of 8. The boundaries that a lead sheet is given are
those of the whole piece.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from emsync_bridge.cue import TICKS_PER_QUARTER, Note
from emsync_bridge.errors import CorpusError
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.training.corpus.appender import CorpusAppender, TokenisedPiece
from emsync_bridge.training.corpus.build import MIN_TOKENS, places_of
from emsync_bridge.training.corpus.dataset import (
    NOTE_FIELDS,
    SPLITS,
    CorpusPiece,
    Credit,
    Split,
    Statistics,
    read_split,
)
from emsync_bridge.training.corpus.pieces import Music, music_of, ticks_of
from emsync_bridge.training.instruments.parts import END, PITCH, START, VELOCITY
from emsync_bridge.training.instruments.roles import MELODY
from emsync_bridge.training.instruments.store import InstrumentedPiece, read_instruments

MIN_MELODY_NOTES = 32
"""Notes of melody that a piece has at least."""

_QUALITIES = ((0, 4, 7), (0, 3, 7), (0, 3, 6))
_ROOT_BONUS = 0.12
"""Share of all sound that a root in the bass is worth."""

_OUTSIDE = 0.6
"""Share that sound outside a chord speaks against it."""

_STAY = 0.08
"""Share of all sound by which another chord has to fit better than the one that sounds."""

_LOWEST, _CHORD_VELOCITY = 48, 64
_HALF_DONE = ".building"


@dataclass(frozen=True)
class SheetChord:
    """A chord that sounds for a while: root pitch class, quality as an index of major, minor, diminished."""

    start: int
    end: int
    root: int
    quality: int

    @property
    def pitches(self) -> tuple[int, ...]:
        """The triad in root position, its root in the octave below middle C."""
        return tuple(_LOWEST + self.root + step for step in _QUALITIES[self.quality])


def build_lead_sheets(corpus: Path, out: Path, *, progress: Callable[[str, float], None] | None = None) -> Statistics:
    """Write the lead sheets of a corpus as a corpus of their own.

    Arguments:
        corpus: Folder that ``emsync corpus build`` wrote, with its instruments.
        out: Folder to fill.
        progress: Function called with a step's name and the share of it that is done.

    Raises:
        CorpusError: There is no corpus, or it keeps no instruments.
    """
    held = {split: read_split(corpus, split) for split in SPLITS}
    count, total = 0, sum(len(split.pieces) for split in held.values())
    out.mkdir(parents=True, exist_ok=True)
    mark = repr([(split, [piece.name for piece in one.pieces]) for split, one in held.items()])
    with CorpusAppender(out / _HALF_DONE, mark) as appender:
        done = appender.done
        for name, split in held.items():
            for piece, instrumented in zip(split.pieces, read_instruments(corpus, name), strict=True):
                count += 1
                if count > done:
                    appender.add(_tokenised(split, piece, instrumented), name)
                if progress:
                    progress("Reducing", count / total)
    statistics = Statistics(
        {split: appender.finish(split, out / split) for split in SPLITS}, appender.left_out, _credits(corpus)
    )
    (out / "statistics.json").write_text(json.dumps(asdict(statistics), indent=1), encoding="utf-8")
    shutil.rmtree(out / _HALF_DONE)
    return statistics


def lead_sheet(instrumented: InstrumentedPiece, music: Music) -> list[Note]:
    """Return melody (as strings) and chords (as piano) of a piece.

    Arguments:
        instrumented: Its instruments, with roles.
        music: The same piece as its tokens have it: bar lines, boundaries and end.
    """
    melody = [
        Note(start, end, "strings", pitch, velocity)
        for start, end, pitch, velocity in melody_line(instrumented, music.end)
    ]
    chords = [
        Note(span.start, span.end, "piano", pitch, _CHORD_VELOCITY)
        for span in chord_spans(instrumented, music.bar_lines, music.end, music.chords)
        for pitch in span.pitches
    ]
    return codec.playable(sorted([*melody, *chords]))


def melody_line(instrumented: InstrumentedPiece, end: int) -> list[tuple[int, int, int, int]]:
    """Return the melody as one line of start, end, pitch and velocity: the highest note at each onset."""
    highest: dict[int, tuple[int, int, int, int]] = {}
    for part, role in zip(instrumented.parts, instrumented.role, strict=True):
        for start, stop, pitch, velocity in part.notes[role == MELODY].tolist():
            if start < end and (start not in highest or pitch > highest[start][PITCH]):
                highest[start] = (start, stop, pitch, velocity)
    ordered = [highest[start] for start in sorted(highest)]
    starts = [note[START] for note in ordered[1:]] + [end]
    return [
        (note[START], min(note[END], following, end), note[PITCH], note[VELOCITY])
        for note, following in zip(ordered, starts, strict=True)
    ]


def chord_spans(
    instrumented: InstrumentedPiece, bar_lines: Sequence[int], end: int, struck: Sequence[int] = ()
) -> list[SheetChord]:
    """Return the chords of a piece: the triad that fits best in each half bar, the same ones joined.

    Arguments:
        instrumented: Its instruments.
        bar_lines: Tick of each bar's start.
        end: Tick of the end.
        struck: Ticks at which a chord begins in any case.
    """
    notes = np.concatenate([np.zeros((0, 4), np.int64), *(part.notes for part in instrumented.parts if not part.drums)])
    notes = notes[np.argsort(notes[:, START], kind="stable")]
    longest = int((notes[:, END] - notes[:, START]).max()) if len(notes) else 0
    edges = sorted({*_halves(bar_lines, end), *(tick for tick in struck if tick < end), end})
    spans: list[SheetChord] = []
    for start, stop in pairwise(edges):
        first, last = np.searchsorted(notes[:, START], [start - longest, stop])
        near = notes[first:last]
        near = near[near[:, END] > start]
        if not len(near):
            continue
        chosen = _fitting(near, start, stop, spans[-1] if spans else None)
        joined = spans and spans[-1].end == start and start not in struck
        if joined and (spans[-1].root, spans[-1].quality) == chosen:
            spans[-1] = SheetChord(spans[-1].start, stop, *chosen)
        else:
            spans.append(SheetChord(start, stop, *chosen))
    return spans


def _halves(bar_lines: Sequence[int], end: int) -> list[int]:
    """Return bar lines, and the middles of bars of an even number of quarters."""
    found: list[int] = []
    for start, stop in zip(bar_lines, [*bar_lines[1:], end], strict=True):
        found.append(start)
        half = (stop - start) // 2
        if half and half % TICKS_PER_QUARTER == 0:
            found.append(start + half)
    return found


def _fitting(notes: np.ndarray, start: int, stop: int, before: SheetChord | None) -> tuple[int, int]:
    """Return root and quality of the triad that sounds most between two ticks."""
    sounding = np.minimum(notes[:, END], stop) - np.maximum(notes[:, START], start)
    classes = np.bincount(notes[:, PITCH] % 12, weights=sounding / sounding.sum(), minlength=12)
    bass = int(notes[notes[:, PITCH].argmin(), PITCH]) % 12
    best, most = (0, 0), -np.inf
    for root in range(12):
        for quality, steps in enumerate(_QUALITIES):
            inside = sum(classes[(root + step) % 12] for step in steps)
            score = inside - _OUTSIDE * (1.0 - inside) + (_ROOT_BONUS if root == bass else 0.0)
            score += _STAY if before is not None and (before.root, before.quality) == (root, quality) else 0.0
            if score > most + 1e-12:
                best, most = (root, quality), score
    return best


def _tokenised(split: Split, piece: CorpusPiece, instrumented: InstrumentedPiece) -> TokenisedPiece:
    music = music_of(split, piece)
    notes = [note for note in lead_sheet(instrumented, music) if note.start < music.end]
    tune = sum(note.instrument == "strings" for note in notes)
    if tune < MIN_MELODY_NOTES:
        return TokenisedPiece(piece.name, reason=f"fewer than {MIN_MELODY_NOTES} notes of melody")
    onsets = {note.start for note in notes}
    chords = {tick for tick in music.chords if tick in onsets}
    encoded = codec.encode(notes, music.bar_lines, music.end, chords)
    tokens, ticks = np.array(encoded.tokens), np.array(encoded.ticks)
    if len(tokens) < MIN_TOKENS:
        return TokenisedPiece(piece.name, reason=f"fewer than {MIN_TOKENS} tokens")
    inside = slice(piece.start, piece.start + piece.length)
    clock = ticks_of(np.array(split.tokens[inside], dtype=np.int64))
    there = np.clip(np.searchsorted(clock, ticks, side="right") - 1, 0, len(clock) - 1)
    time = np.interp(ticks, clock, np.asarray(split.time[inside], dtype=np.float64))
    arrays = {
        "tokens": tokens,
        "time": time,
        "place": places_of(tokens, ticks, [*music.bar_lines, music.end]),
        "tempo": np.asarray(split.tempo[inside])[there],
        "affect": np.asarray(split.affect[inside])[there],
        **{name: np.zeros((0, *columns), kind) for name, (kind, columns) in NOTE_FIELDS.items()},
    }
    return TokenisedPiece(
        piece.name, arrays, CorpusPiece(piece.name, 0, len(tokens), float(time[-1]), len(chords), len(notes))
    )


def _credits(corpus: Path) -> list[Credit]:
    try:
        noted = json.loads((corpus / "statistics.json").read_text(encoding="utf-8")).get("credits", [])
        return [Credit(**{**one, "editors": tuple(one["editors"])}) for one in noted]
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CorpusError(f"The statistics of this corpus cannot be read ({problem})", where=corpus) from None
