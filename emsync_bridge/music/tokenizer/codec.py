"""Notes to event tokens and back.

At one instant events come as OFF, BAR, CHORD, then VELOCITY and ON by instrument and pitch; OFF before ON lets a pitch
be struck again at the moment it ends. A TIMESHIFT never crosses a bar line.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, replace
from itertools import takewhile

from emsync_bridge.cue import INSTRUMENTS, Instrument, Note
from emsync_bridge.music.tokenizer import vocabulary as tok


@dataclass(frozen=True)
class EncodedPiece:
    """A token sequence with the clock beside it.

    Arguments:
        tokens: Event tokens.
        ticks: The clock in ticks after each token.
    """

    tokens: list[int]
    ticks: list[int]


def playable(notes: Iterable[Note]) -> list[Note]:
    """Return notes as the codec can hold them.

    One note per instrument and pitch sounds at a time: a new one ends the one before it, equal onsets keep the
    longest. Pitches outside the keyboard move by octaves; drum keys outside it are left out. Drums get their fixed
    length, and the notes of an instrument that start together one loudness.
    """
    by_key: dict[tuple[Instrument, int], dict[int, Note]] = defaultdict(dict)
    loudness: dict[tuple[Instrument, int], list[int]] = defaultdict(list)
    for note in notes:
        pitch = note.pitch
        if note.instrument != "drums":
            while pitch < tok.PITCH_LOW:
                pitch += 12
            while pitch > tok.PITCH_HIGH:
                pitch -= 12
        elif not tok.PITCH_LOW <= pitch <= tok.PITCH_HIGH:
            continue
        loudness[note.instrument, note.start].append(note.velocity)
        same = by_key[note.instrument, pitch]
        before = same.get(note.start)
        end = max(note.end, note.start + 1, before.end if before else 0)
        same[note.start] = Note(note.start, end, note.instrument, pitch, note.velocity)
    result = []
    for (instrument, pitch), by_start in by_key.items():
        starts = sorted(by_start)
        for start, following in zip(starts, [*starts[1:], None], strict=True):
            end = start + tok.DRUM_TICKS if instrument == "drums" else by_start[start].end
            if instrument != "drums" and following is not None:
                end = min(end, following)
            levels = loudness[instrument, start]
            level = tok.velocity_level(round(sum(levels) / len(levels)))
            result.append(Note(start, end, instrument, pitch, tok.VELOCITY_LEVELS[level]))
    return sorted(result)


def encode(notes: Sequence[Note], bar_lines: Sequence[int], end: int, chords: Collection[int] = ()) -> EncodedPiece:
    """Return the tokens of a piece, from START to END.

    Arguments:
        notes: Notes as ``playable`` returns them, none sounding past ``end``.
        bar_lines: Ticks of the bar lines before ``end``, the first at 0.
        end: Tick at which the piece ends.
        chords: Ticks at which a CHORD token announces a long chord; each is the onset of a note.
    """
    ons: dict[int, list[Note]] = defaultdict(list)
    offs: dict[int, list[Note]] = defaultdict(list)
    for note in notes:
        ons[note.start].append(note)
        if note.instrument != "drums":
            offs[note.end].append(note)
    bars = set(bar_lines)
    tokens, ticks, clock = [tok.START], [0], 0
    levels: dict[Instrument, int] = {}

    def emit(token: int) -> None:
        tokens.append(token)
        ticks.append(clock)

    for instant in sorted(bars | set(ons) | set(offs) | {end}):
        while clock < instant:
            step = min(instant - clock, tok.SHIFT_MAX)
            clock += step
            emit(tok.shift(step))
        for note in sorted(offs.get(instant, ()), key=_score_order):
            emit(tok.off(note.instrument, note.pitch))
        if instant == end:
            emit(tok.END)
            break
        if instant in bars:
            emit(tok.BAR)
        if instant in chords:
            emit(tok.CHORD)
        for note in sorted(ons.get(instant, ()), key=_score_order):
            level = tok.velocity_level(note.velocity)
            if levels.get(note.instrument) != level:
                levels[note.instrument] = level
                emit(tok.velocity(level))
            emit(tok.on(note.instrument, note.pitch))
    return EncodedPiece(tokens, ticks)


@dataclass
class Transcript:
    """Notes from tokens as they come, forgiving about what does not fit.

    An OFF without its ON is passed over; a note without OFF sounds on.

    Arguments:
        clock: Tick of now.
        notes: Notes that have ended, in order of their end.
        sounding: Start and velocity of those that have not, by instrument and pitch.
        bars: Ticks of bar lines.
        chords: Ticks of CHORD tokens.
        levels: Velocity of each instrument.
        pending: Velocity for the instrument of the next note.
    """

    clock: int = 0
    notes: list[Note] = field(default_factory=list)
    sounding: dict[tuple[Instrument, int], tuple[int, int]] = field(default_factory=dict)
    bars: list[int] = field(default_factory=list)
    chords: list[int] = field(default_factory=list)
    levels: dict[Instrument, int] = field(default_factory=dict)
    pending: int | None = None

    def push(self, token: int) -> None:
        """Take one token into account."""
        if tok.is_shift(token):
            self.clock += token - tok.SHIFT_0
        elif tok.is_velocity(token):
            self.pending = tok.VELOCITY_LEVELS[token - tok.VELOCITY_0]
        elif tok.is_on(token):
            self._begin(*tok.note_of(token))
        elif tok.is_off(token) and tok.note_of(token) in self.sounding:
            self._release(tok.note_of(token))
        elif token == tok.BAR:
            self.bars.append(self.clock)
        elif token == tok.CHORD:
            self.chords.append(self.clock)

    def whole(self) -> list[Note]:
        """Return all notes in order; what still sounds ends now."""
        held = [Note(start, self.clock, *key, level) for key, (start, level) in self.sounding.items()]
        return sorted([*self.notes, *(note for note in held if note.end > note.start)])

    def copy(self) -> Transcript:
        """Return a transcript that goes its own way from here."""
        return replace(
            self,
            notes=self.notes.copy(),
            sounding=self.sounding.copy(),
            bars=self.bars.copy(),
            chords=self.chords.copy(),
            levels=self.levels.copy(),
        )

    def _begin(self, instrument: Instrument, pitch: int) -> None:
        key = (instrument, pitch)
        if self.pending is not None:
            self.levels[instrument], self.pending = self.pending, None
        velocity = self.levels.get(instrument, 74)
        if instrument == "drums":
            self.notes.append(Note(self.clock, self.clock + tok.DRUM_TICKS, *key, velocity))
            return
        if key in self.sounding:
            self._release(key)
        self.sounding[key] = (self.clock, velocity)

    def _release(self, key: tuple[Instrument, int]) -> None:
        start, velocity = self.sounding.pop(key)
        if self.clock > start:
            self.notes.append(Note(start, self.clock, *key, velocity))


def decode(tokens: Iterable[int]) -> tuple[list[Note], list[int], list[int]]:
    """Return what a token sequence says up to its END.

    Returns:
        Notes in order, ticks of bar lines, ticks of CHORD tokens.
    """
    transcript = Transcript()
    for token in takewhile(lambda token: token != tok.END, tokens):
        transcript.push(token)
    return transcript.whole(), transcript.bars, transcript.chords


def long_chords(
    notes: Iterable[Note], seconds: Sequence[float], *, voices: int = 3, length: float = 0.8, gap: float = 2.0
) -> list[int]:
    """Return the onsets of long chords, the music's own boundaries.

    A long chord is three or more pitched notes that start together and sound for 0.8 s or longer; of chords closer
    than 2 s the first counts.

    Arguments:
        notes: Notes in order of start.
        seconds: Time in seconds of every tick from 0 to the last release.
        voices: Least number of notes.
        length: Least length in seconds.
        gap: Least distance in seconds.

    Returns:
        Ticks in order.
    """
    held: dict[int, set[int]] = defaultdict(set)
    for note in notes:
        if note.instrument != "drums" and seconds[note.end] - seconds[note.start] >= length:
            held[note.start].add(note.pitch)
    chosen: list[int] = []
    for tick in sorted(held):
        if len(held[tick]) >= voices and (not chosen or seconds[tick] - seconds[chosen[-1]] >= gap):
            chosen.append(tick)
    return chosen


def _score_order(note: Note) -> tuple[int, int]:
    return INSTRUMENTS.index(note.instrument), note.pitch
