"""Notes to tokens of the published vocabulary and back; notes count time in units of 8 ms here."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable

from emsync_bridge.cue import Instrument, Note
from emsync_bridge.music.emsync_original import vocabulary as tok

VELOCITY = 74
"""MIDI velocity of all notes, since the vocabulary has no loudness."""

_ORDER: dict[Instrument, int] = {"drums": 0, "bass": 1, "guitar": 2, "piano": 3, "strings": 4}


def encode(notes: Iterable[Note], bar_lines: Collection[int], chords: Collection[int] = ()) -> list[int]:
    """Return the tokens of some music.

    At one instant come BAR, CHORD, ON and then OFF, notes by instrument (drums, bass, guitar, piano, strings) and
    pitch.

    Arguments:
        notes: Notes of the published pitches, in units of 8 ms; at most one of an instrument and pitch at a time.
        bar_lines: Units at which bars begin.
        chords: Units at which a long chord begins.
    """
    ons: dict[int, list[Note]] = defaultdict(list)
    offs: dict[int, list[Note]] = defaultdict(list)
    for note in notes:
        ons[note.start].append(note)
        offs[note.end].append(note)
    written: list[int] = []
    clock = 0
    for instant in sorted({*ons, *offs, *bar_lines, *chords}):
        while clock < instant:
            step = min(instant - clock, tok.SHIFT_MAX)
            written.append(tok.shift(step))
            clock += step
        written += [tok.BAR] * (instant in bar_lines) + [tok.CHORD] * (instant in chords)
        starting = [tok.on(note.instrument, note.pitch) for note in sorted(ons[instant], key=_place)]
        ending = [tok.on(note.instrument, note.pitch) for note in sorted(offs[instant], key=_place)]
        written += [*starting, *map(tok.off_of, ending)]
    return written


def decode(written: Iterable[int], end: int | None = None) -> tuple[list[Note], list[int], list[int]]:
    """Return what tokens say.

    ON comes before OFF at one instant, so that an OFF there ends the note that sounded before and not the one that has
    just begun on the same pitch. A note that is struck again ends there. An OFF without its ON is passed over.

    Arguments:
        written: Tokens.
        end: Units at which notes without OFF end; they end with the last token when None.

    Returns:
        Notes in order, and units of the bar lines and chords that are announced.
    """
    notes: list[Note] = []
    bars: list[int] = []
    chords: list[int] = []
    sounding: dict[int, int] = {}
    clock = 0

    def finish(on_token: int, until: int) -> None:
        start = sounding.pop(on_token)
        if until > start:
            notes.append(Note(start, until, *tok.note_of(on_token), VELOCITY))

    for token in written:
        if tok.is_shift(token):
            clock += token - tok.SHIFT_0
        elif tok.is_on(token):
            if token in sounding:
                finish(token, clock)
            sounding[token] = clock
        elif tok.is_off(token) and sounding.get(tok.on_of(token), clock) < clock:
            finish(tok.on_of(token), clock)
        elif token == tok.BAR:
            bars.append(clock)
        elif token == tok.CHORD:
            chords.append(clock)
    for on_token in list(sounding):
        finish(on_token, clock if end is None else end)
    return sorted(notes), bars, chords


def _place(note: Note) -> tuple[int, int]:
    return _ORDER[note.instrument], note.pitch
