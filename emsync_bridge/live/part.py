"""A take as what is to be played: strikes and states in seconds, with a MIDI channel per instrument group."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from emsync_bridge.cue import EmotionCurve, Instrument, Spotting, Take, TempoMap
from emsync_bridge.live.notes import Midi, State

CHANNELS: dict[Instrument, int] = {"drums": 9, "bass": 0, "guitar": 1, "piano": 2, "strings": 3}
"""MIDI channels as sent, from 0, the same as in the MIDI files; drums are on General MIDI's channel 10."""

_PROGRAMS: dict[Instrument, int] = {"drums": 0, "bass": 32, "guitar": 25, "piano": 0, "strings": 48}
_VOLUME, _PAN, _EXPRESSION = 7, 10, 11
_SHORTEST = 0.005


@dataclass(frozen=True, order=True)
class Strike:
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
        duration: Seconds from start to end.
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


def _label(name: str) -> str:
    """Return a name as text that every receiver can take in one datagram."""
    return name[:120].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")


def programs(part: Part) -> Iterator[Midi]:
    """Yield what chooses each channel's General MIDI sound: bank 0, program, volume, pan, expression."""
    for instrument, channel in part.channels:
        for controller, value in ((0, 0), (32, 0)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
        yield Midi(bytes((0xC0 | channel, _PROGRAMS[instrument])))
        for controller, value in ((_VOLUME, 100), (_PAN, 64), (_EXPRESSION, 127)):
            yield Midi(bytes((0xB0 | channel, controller, value)))
