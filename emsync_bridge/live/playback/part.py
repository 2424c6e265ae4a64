"""A take as what is to be played: strikes and states in seconds, with a MIDI channel per instrument group."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from emsync_bridge.cue import EmotionCurve, Instrument, Spotting, Take, TempoMap
from emsync_bridge.live.events import Midi, State

CHANNELS: dict[Instrument, int] = {"drums": 9, "bass": 0, "guitar": 1, "piano": 2, "strings": 3}
"""MIDI channels as sent, from 0, the same as in the MIDI files; drums are on General MIDI's channel 10."""

_PROGRAMS: dict[Instrument, int] = {"drums": 0, "bass": 32, "guitar": 25, "piano": 0, "strings": 48}
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_SHORTEST = 0.005

_LASTING = ("section", "emotion")

EPSILON = 1e-6
"""Seconds within which two positions are the same, far below a tick and far above rounding."""


class Strike(NamedTuple):
    """One note in seconds from the timeline's start."""

    start: float
    end: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Part:
    """What is to be played.

    Arguments:
        strikes: In order of start.
        marks: Seconds and state, in order of time.
        duration: Seconds from start to end; infinite where no end is known.
        tempo_map: Ties ticks to the same seconds.
        channels: Instrument group of each channel in use.
    """

    strikes: tuple[Strike, ...] = ()
    marks: tuple[tuple[float, State], ...] = ()
    duration: float = 0.0
    tempo_map: TempoMap = field(default_factory=TempoMap)
    channels: tuple[tuple[Instrument, int], ...] = ()


def part_of(take: Take, spotting: Spotting, curve: EmotionCurve | None = None) -> Part:
    """Return what is to be played for a take.

    Arguments:
        take: The music.
        spotting: The cut that it was composed for; its hits and shots become states.
        curve: The mood, for receivers of our own stream.
    """
    seconds = take.tempo_map.seconds
    strikes = []
    for note in take.notes:
        start, end = seconds(note.start), seconds(note.end)
        # Some receivers ignore notes that end as they begin.
        end = max(end, start + _SHORTEST)
        strikes.append(
            Strike(start, end, CHANNELS[note.instrument], note.pitch & 0x7F, max(1, min(127, note.velocity)))
        )
    strikes.sort()
    marks = [(hit.time, State("hit", (hit.kind, _label(hit.name), hit.frame, hit.weight))) for hit in spotting.hits]
    marks += [(shot.start, State("section", (_label(shot.name), shot.start, shot.end))) for shot in spotting.shots]
    for span in curve.spans if curve else ():
        marks.append((span.start, State("emotion", (span.affect.valence, span.affect.arousal))))
    marks.sort(key=lambda mark: mark[0])
    used = {note.instrument for note in take.notes}
    return Part(
        tuple(strikes),
        tuple(marks),
        max([spotting.duration, *(strike.end for strike in strikes)]),
        take.tempo_map,
        tuple((instrument, channel) for instrument, channel in CHANNELS.items() if instrument in used),
    )


def joined(old: Part, new: Part, position: float) -> Part:
    """Return one part up to a position in seconds and another from there on.

    A note belongs to the part in which it begins. Duration and tempo map are those of ``new``, whose tempo map has to
    agree with the old one before the position.
    """
    begin = position - EPSILON
    kept = set(old.channels)
    return Part(
        old.strikes[: bisect_left(old.strikes, (begin,))] + new.strikes[bisect_left(new.strikes, (begin,)) :],
        old.marks[: bisect_left(old.marks, begin, key=_moment)]
        + new.marks[bisect_left(new.marks, begin, key=_moment) :],
        new.duration,
        new.tempo_map,
        old.channels + tuple(channel for channel in new.channels if channel not in kept),
    )


def pieces(part: Part, position: float, size: int = 500) -> Iterator[tuple[Part, float]]:
    """Yield what lies from a position on in parts of few notes, each with the position from which it holds.

    Taken in one by one by ``joined``, none keeps a player from its deadlines for long.
    """
    first, end = bisect_left(part.strikes, (position - EPSILON,)), len(part.strikes)
    while True:
        after = min(first + size, end)
        while after < end and part.strikes[after].start - part.strikes[after - 1].start <= 2 * EPSILON:
            after += 1
        marks = part.marks[bisect_left(part.marks, position - EPSILON, key=_moment) :]
        yield Part(part.strikes[first:after], marks, part.duration, part.tempo_map, part.channels), position
        if after == end:
            return
        first, position = after, part.strikes[after].start


def standing(marks: tuple[tuple[float, State], ...], start: float, end: float) -> list[State]:
    """Return what still holds of the states that begin from one position up to another: of each kind the last one.

    Arguments:
        marks: In order of time.
        start: Seconds.
        end: Seconds.
    """
    inside = marks[bisect_left(marks, start - EPSILON, key=_moment) : bisect_left(marks, end, key=_moment)]
    return list({state.name: state for _, state in inside if state.name in _LASTING}.values())


def _moment(mark: tuple[float, State]) -> float:
    return mark[0]


def _label(name: str) -> str:
    """Return a name as text that every receiver can take in one datagram."""
    return name[:120].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def programs(channels: Iterable[tuple[Instrument, int]]) -> Iterator[Midi]:
    """Yield what chooses each channel's General MIDI sound: bank 0, program, volume, pan, expression."""
    for instrument, channel in channels:
        for controller, value in ((0, 0), (32, 0)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
        yield Midi(bytes((0xC0 | channel, _PROGRAMS[instrument])))
        for controller, value in ((_VOLUME, 100), (_PAN, 64), (_EXPRESSION, 127)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
