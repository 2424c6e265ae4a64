"""Themes: eight bars made of a motif, and how they are stated: whole, in part, turned, stretched.

A theme is a sentence of two times four bars (Caplin, *Classical Form*, 1998): the idea and its answer with an open end,
then the idea again and a closed end. Statements keep the steps of the theme, so that it is recognised, and change only
what the variant says.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Theme, ThemeNote
from emsync_bridge.music.arranging.themes import meters
from emsync_bridge.music.arranging.themes.motifs import BAR, GRID, Motif, semitones
from emsync_bridge.music.planning.form import Phrase
from emsync_bridge.music.planning.scenes import Bar
from emsync_bridge.music.random_streams import stream

BARS = 8
"""Bars of a theme."""

_UPBEAT = 0.5
"""Share of themes that begin with an upbeat."""


@dataclass(frozen=True)
class LineNote:
    """A note of a melody: ticks, and semitones above the tonic next to middle C."""

    start: int
    end: int
    interval: int


def theme_of(motif: Motif, name: str, seed: int, source: str) -> Theme:
    """Return the theme that grows from a motif.

    Arguments:
        motif: Its first two bars.
        name: Name of the theme.
        seed: Seed of what is drawn: the answer's step, the cadences, the upbeat.
        source: Origin of the motif.
    """
    rng = stream(seed, "theme", name)
    first, second = _bar(motif.notes, 0), _bar(motif.notes, 1)
    step = rng.choice((1, -1, 2, -2, 3))
    answer = _shifted(first, step)
    # Two sequences of the same kind would sound like an exercise: the second phrase answers at another step.
    other = rng.choice([choice for choice in (-1, 1, -2, 3) if choice != step])
    opening = [*first, *_moved(second, BAR), *_moved(answer, 2 * BAR)]
    opening += _moved(_cadence(second, opening[-1].degree, rng.choice((4, 1, 4, 6)), rng), 3 * BAR)
    closing = [*first, *_moved(second, BAR), *_moved(_shifted(first, other), 2 * BAR)]
    closing += _moved(_cadence(second, closing[-1].degree, 0, rng), 3 * BAR)
    notes = [*opening, *_moved(closing, 4 * BAR)]
    if rng.random() < _UPBEAT:
        notes = [*_upbeat(notes[0].degree, rng), *notes]
    return Theme(name, tuple(notes), BARS * BAR, motif.minor, source)


def theme_from(notes: Sequence[ThemeNote], length: int, name: str, *, minor: bool, source: str, seed: int) -> Theme:
    """Return a theme of a melody that a person gave; one that is shorter than eight bars is carried on.

    Arguments:
        notes: The melody, in 4/4.
        length: Its ticks, whole bars.
        name: Name of the theme.
        minor: Its mode.
        source: Origin of the melody.
        seed: Seed of what is drawn.
    """
    inside = [note for note in notes if note.start < length]
    if length >= BARS * BAR:
        return Theme(name, tuple(note for note in inside if note.start < BARS * BAR), BARS * BAR, minor, source)
    if length >= 4 * BAR:
        rng = stream(seed, "theme", name)
        half = [note for note in inside if note.start < 4 * BAR]
        closing = [note for note in half if note.start < 3 * BAR and note.start >= 0]
        last = closing[-1].degree if closing else 0
        closing += _moved(_cadence(_bar(half, 3), last, 0, rng), 3 * BAR)
        return Theme(name, (*half, *_moved(closing, 4 * BAR)), BARS * BAR, minor, source)
    cell = tuple(note for note in inside if 0 <= note.start < 2 * BAR)
    grown = theme_of(Motif(cell, minor), name, seed, source)
    return replace(grown, notes=tuple(note for note in grown.notes if note.start >= 0))


def invert_theme(theme: Theme, name: str) -> Theme:
    """Return a theme turned upside down about its first note, as a second theme that belongs to it."""
    axis = next((note.degree for note in theme.notes if note.start == 0), theme.notes[0].degree)
    notes = tuple(replace(note, degree=2 * axis - note.degree, alter=0) for note in theme.notes)
    middle = sum(note.degree for note in notes) / len(notes)
    shift = 7 * round((3 - middle) / 7)
    return replace(theme, name=name, notes=tuple(replace(note, degree=note.degree + shift) for note in notes))


def statement(theme: Theme, phrase: Phrase, rng: random.Random, *, upbeat: bool) -> tuple[ThemeNote, ...]:
    """Return a theme as a phrase states it, in ticks from the phrase's beginning with bars of 4/4.

    Arguments:
        theme: The theme.
        phrase: Way in which it appears, and how many bars there are.
        rng: Random numbers for what is drawn.
        upbeat: Whether there is room for its upbeat.
    """
    count = len(phrase.bars)
    notes = [note for note in theme.notes if note.start >= 0]
    bars = [_bar(notes, i) for i in range(BARS)]
    variants = {
        "open": lambda: _four(bars[0:4], count),
        "close": lambda: _four(bars[4:8], count),
        "continuation": lambda: _continuation(bars, count),
        "head": lambda: _head(bars, count, rng),
        "sequence": lambda: _sequence(bars, count),
        "inverted": lambda: _four(_inverted(bars), count),
        "augmented": lambda: _stretched(notes, count),
        "diminished": lambda: _diminished(notes, count),
        "answer": lambda: _joined([_shifted(bars[0], rng.choice((4, -3, 2))), bars[3]][:count]),
        "fragment": lambda: _fragment(bars, count),
    }
    found = variants[phrase.variant or "head"]()
    if upbeat and phrase.variant in ("open", "close", "head", "continuation"):
        found = [*(note for note in theme.notes if note.start < 0), *found]
    return tuple(found)


def statement_on_bars(
    notes: Sequence[ThemeNote], phrase: Phrase, *, minor: bool, beats: int = 0
) -> tuple[LineNote, ...]:
    """Return the notes of a statement on the bars of a phrase.

    Arguments:
        notes: Notes of the statement, in bars of 4/4.
        phrase: Its bars.
        minor: Mode that it is heard in.
        beats: Dotted beats of a bar in compound time; 0 in other meters.
    """
    found: list[LineNote] = []
    bars = phrase.bars
    flowing = _regular(bars)
    for note in notes:
        number = max(0, note.start // BAR)
        if number >= len(bars):
            continue
        start = _tick(note.start, bars, flowing=flowing, beats=beats)
        limit = phrase.end if number == len(bars) - 1 else bars[-1].start if flowing else bars[number].end
        if start >= limit or (found and found[-1].start >= start):
            continue
        end = min(max(start + GRID, _tick(note.start + note.length, bars, flowing=flowing, beats=beats)), phrase.end)
        interval = semitones(note.degree, minor=minor) + note.alter
        if found and found[-1].end > start:
            found[-1] = replace(found[-1], end=start)
        found.append(LineNote(start, end, interval))
    return tuple(found)


def _regular(bars: Sequence[Bar]) -> bool:
    """Tell whether bars are in 4/4 but for a few that are cut short or long to meet a hit."""
    return 2 * sum(bar.length == BAR for bar in bars) >= len(bars)


def _tick(tick: int, bars: Sequence[Bar], *, flowing: bool, beats: int) -> int:
    """Return where a tick of a melody in 4/4 falls.

    Among bars in 4/4 the melody flows on through one that is cut short or long, so that its rhythm stays what it is;
    only its last bar keeps to the bar line. In other meters every bar is fitted by itself.
    """
    if tick < 0:
        return bars[0].start + tick
    number = min(len(bars) - 1, tick // BAR)
    if flowing and number < len(bars) - 1:
        return bars[0].start + tick
    inside = tick - number * BAR
    if inside >= BAR:
        return bars[number].end
    if beats:
        return min(bars[number].start + meters.place_in_compound(inside, beats), bars[number].end)
    return bars[number].start + _placed(inside, bars[number])


def _placed(tick: int, bar: Bar) -> int:
    """Return where a tick of a 4/4 bar falls in a bar of another length."""
    if bar.length >= BAR:
        return tick if tick < BAR else bar.length if bar.length < BAR + BEAT else BAR
    if bar.length < 2 * BEAT + GRID:
        return tick
    free = bar.length - BEAT
    if tick <= free:
        return tick
    return free + round((tick - free) * BEAT / (BAR - free) / GRID) * GRID


def _bar(notes: Sequence[ThemeNote], number: int) -> list[ThemeNote]:
    """Return the notes that begin in a bar, from its bar line."""
    return [
        replace(note, start=note.start - number * BAR)
        for note in notes
        if number * BAR <= note.start < (number + 1) * BAR
    ]


def _moved(notes: Sequence[ThemeNote], ticks: int) -> list[ThemeNote]:
    return [replace(note, start=note.start + ticks) for note in notes]


def _shifted(notes: Sequence[ThemeNote], steps: int) -> list[ThemeNote]:
    return [replace(note, degree=note.degree + steps, alter=0 if steps else note.alter) for note in notes]


def _joined(bars: Sequence[Sequence[ThemeNote]]) -> list[ThemeNote]:
    return [note for number, bar in enumerate(bars) for note in _moved(bar, number * BAR)]


def _cadence(model: Sequence[ThemeNote], last: int, goal: int, rng: random.Random) -> list[ThemeNote]:
    """Return a bar that walks to a goal in the rhythm of another bar and rests there.

    Arguments:
        model: Bar whose rhythm it borrows.
        last: Degree before it.
        goal: Degree of the scale to end on, in the nearest octave.
        rng: Random numbers for what is drawn.
    """
    end = min((goal + 7 * octave for octave in range(-2, 3)), key=lambda degree: (abs(degree - last), degree))
    onsets = [note.start for note in model if note.start < 2 * BEAT][:3] or [0]
    arrival = 2 * BEAT if len(onsets) > 1 or rng.random() < 0.7 else BEAT
    onsets = [onset for onset in onsets if onset < arrival] or [0]
    if end == last:
        walk = [end + 1, end + 2, end + 1][: len(onsets)] if len(onsets) != 2 else [end + 1, end - 1]
    else:
        step = 1 if end > last else -1
        between = list(range(last + step, end, step)) or [end + 1]
        walk = between[-len(onsets) :]
        while len(walk) < len(onsets):
            walk.insert(0, last if walk[0] != last else last - step)
    places = [*onsets, arrival]
    notes = [
        ThemeNote(start, following - start, degree)
        for start, following, degree in zip(places, places[1:], walk, strict=False)
    ]
    return [*notes, ThemeNote(arrival, rng.choice((BEAT, 3 * BEAT // 2, BAR - arrival)), end)]


def _upbeat(first: int, rng: random.Random) -> list[ThemeNote]:
    """Return one to three notes that lead to the first."""
    kind = rng.choice(("fourth", "step", "run"))
    if kind == "fourth":
        return [ThemeNote(-BEAT // 2, BEAT // 2, first - 3)]
    if kind == "step":
        return [ThemeNote(-BEAT, BEAT // 2, first - 2), ThemeNote(-BEAT // 2, BEAT // 2, first - 1)]
    return [ThemeNote(-BEAT + i * GRID, GRID, first - 4 + i) for i in range(4)][1:]


def _four(bars: Sequence[Sequence[ThemeNote]], count: int) -> list[ThemeNote]:
    """Return four bars, or three without the answer; in five the last note rings."""
    if count == 3:
        return _joined([bars[0], bars[1], bars[3]])
    if count < 3:
        return _joined(bars[:count])
    return _joined(bars[:4])


def _continuation(bars: Sequence[Sequence[ThemeNote]], count: int) -> list[ThemeNote]:
    """Return the first bar in rising sequence and the open end."""
    if count < 3:
        return _joined([bars[0], _shifted(bars[0], 1)][:count])
    middle = [_shifted(bars[0], 2 * i) for i in range(1, count - 1)][:2]
    return _joined([bars[0], *middle, bars[3]][:4])


def _head(bars: Sequence[Sequence[ThemeNote]], count: int, rng: random.Random) -> list[ThemeNote]:
    """Return the first two bars; in four bars the first is echoed, or rest follows."""
    found = _joined(bars[:2])
    if count >= 4 and rng.random() < 0.6:
        found += _moved(bars[0], 2 * BAR)
    return found if count >= 2 else _joined(bars[:1])


def _sequence(bars: Sequence[Sequence[ThemeNote]], count: int) -> list[ThemeNote]:
    """Return the first bar again and again, each time a step higher, the last time in haste."""
    found = _joined([_shifted(bars[0], i) for i in range(count)])
    if count >= 3:
        found = [note for note in found if note.start < (count - 1) * BAR]
        hasty = _halved(_shifted(bars[0], count - 1))
        found += _moved(hasty, (count - 1) * BAR) + _moved(_shifted(hasty, 1), (count - 1) * BAR + BAR // 2)
    return found


def _inverted(bars: Sequence[Sequence[ThemeNote]]) -> list[list[ThemeNote]]:
    axis = bars[0][0].degree if bars[0] else 2
    turned = [[replace(note, degree=2 * axis - note.degree, alter=0) for note in bar] for bar in bars[:3]]
    return [*turned, list(bars[7])]


def _stretched(notes: Sequence[ThemeNote], count: int) -> list[ThemeNote]:
    """Return the first bars twice as slow."""
    wide = [replace(note, start=2 * note.start, length=2 * note.length) for note in notes]
    return [note for note in wide if note.start < min(count, 4) * BAR]


def _halved(notes: Sequence[ThemeNote]) -> list[ThemeNote]:
    found: list[ThemeNote] = []
    for note in notes:
        start = note.start // 2 // (GRID // 2) * (GRID // 2)
        if start < BAR // 2 and (not found or start > found[-1].start):
            found.append(replace(note, start=start, length=max(GRID // 2, note.length // 2)))
    return found


def _diminished(notes: Sequence[ThemeNote], count: int) -> list[ThemeNote]:
    """Return the first bars twice as fast, from bar to bar a step higher."""
    quick = [
        replace(note, start=note.start // 2 // (GRID // 2) * (GRID // 2), length=max(GRID // 2, note.length // 2))
        for note in notes
        if note.start < 2 * BAR
    ]
    return [note for i in range(count) for note in _moved(_shifted(quick, i), i * BAR)]


def _fragment(bars: Sequence[Sequence[ThemeNote]], count: int) -> list[ThemeNote]:
    """Return the first notes, and after two bars of rest the same again."""
    motto = bars[0][:4]
    found = list(motto)
    if count >= 3:
        found += _moved(motto, 2 * BAR)
    return found
