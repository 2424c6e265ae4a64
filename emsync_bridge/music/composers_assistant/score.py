"""Scores of bars and tracks, and their tokens: what is given as notes, what is asked for as blanks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from emsync_bridge.music.composers_assistant import vocabulary as tok


@dataclass(frozen=True, order=True)
class TrackNote:
    """One note of a track.

    Arguments:
        start: Tick of its onset.
        pitch: MIDI note number.
        length: Ticks.
    """

    start: int
    pitch: int
    length: int


@dataclass(frozen=True)
class ScoreBar:
    """One bar, at most ``MAX_CLICKS`` long.

    Arguments:
        start: First tick.
        end: First tick after it.
        bpm: Tempo at its start, in quarter notes per minute.
        velocity: Mean MIDI velocity of its notes.
    """

    start: int
    end: int
    bpm: float
    velocity: float


@dataclass
class Track:
    """One track.

    Arguments:
        program: General MIDI program, or ``DRUMS``.
        notes: Notes in any order.
    """

    program: int
    notes: list[TrackNote] = field(default_factory=list)

    @property
    def drums(self) -> bool:
        """True for the drum set."""
        return self.program == tok.DRUMS

    def between(self, start: int, end: int) -> list[TrackNote]:
        """Return the notes that begin from one tick to before another, in order."""
        return sorted(note for note in self.notes if start <= note.start < end)


Place = tuple[int, int]
"""One track in one bar: index of the track, index of the bar."""


def in_order(tracks: Iterable[Track]) -> list[Track]:
    """Return tracks in the order of the network's training data: by instrument, of one instrument the highest first."""

    def place(track: Track) -> tuple[int, float]:
        pitches = [note.pitch for note in track.notes] or [0]
        return track.program, -sum(pitches) / len(pitches)

    return sorted(tracks, key=place)


def request(
    bars: Sequence[ScoreBar],
    tracks: Sequence[Track],
    blanks: Sequence[Place],
    asked: Mapping[int, Sequence[int]],
) -> list[int]:
    """Return the tokens of a score with blanks.

    Arguments:
        bars: Bars in order, without gaps.
        tracks: Tracks in the network's order.
        blanks: Places that are to be written, in the order of their answers; no note of theirs is given.
        asked: Instructions for tracks, by index.
    """
    numbers = {place: number for number, place in enumerate(blanks)}
    heads = _heads(tracks)
    tokens: list[int] = []
    for index, bar in enumerate(bars):
        tokens += tok.loudness(bar.velocity), tok.tempo(bar.bpm), tok.BAR_LENGTH + bar.end - bar.start
        for number, track in enumerate(tracks):
            if (number, index) in numbers:
                tokens += *heads[number], tok.BLANK + numbers[number, index]
            elif given := track.between(bar.start, bar.end):
                tokens += *heads[number], *_notes(given, bar, drums=track.drums)
    wanted = {number: said for number, said in sorted(asked.items()) if said}
    if wanted:
        tokens.append(tok.TRACK_INSTRUCTIONS)
        for number, said in wanted.items():
            tokens += *heads[number], *said
    return tokens


def on_grid(click: int, length: int) -> int:
    """Return the place on the network's grids that is nearest to a click of a bar.

    Arguments:
        click: Ticks from the bar line.
        length: Length of the bar.
    """
    places = sorted({step * times for step in tok.GRID for times in (click // step, click // step + 1)})
    return min((place for place in places if place < length), key=lambda place: abs(place - click))


def _heads(tracks: Sequence[Track]) -> list[tuple[int, ...]]:
    """Return what names each track: its instrument, and its number where others before it have the same."""
    seen: Counter[int] = Counter()
    heads: list[tuple[int, ...]] = []
    for track in tracks:
        number = min(seen[track.program], tok.TRACKS - 1)
        heads.append((tok.INSTRUMENT + track.program, *([tok.TRACK_NUMBER + number] if number else [])))
        seen[track.program] += 1
    return heads


def _notes(notes: Collection[TrackNote], bar: ScoreBar, *, drums: bool) -> list[int]:
    """Return the tokens of the notes that begin in a bar."""
    length = bar.end - bar.start
    placed = sorted({(on_grid(note.start - bar.start, length), note.pitch): note.length for note in notes}.items())
    tokens: list[int] = []
    clock, lasting = 0, 0
    for (click, pitch), ticks in placed:
        if click > clock:
            tokens.append(tok.WAIT + click - clock)
            clock = click
        sounding = max(min(tok.GRID), min(ticks, tok.MAX_CLICKS))
        if not drums and sounding != lasting:
            tokens.append(tok.DURATION + sounding)
            lasting = sounding
        tokens.append(tok.note(pitch, drums=drums))
    return tokens
