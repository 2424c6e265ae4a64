"""A take as what is to be played: strikes, states and controllers in seconds, on MIDI channels."""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias

from emsync_bridge.cue import OFFSETS_PER_TICK, EmotionCurve, Spotting, Take, TempoMap
from emsync_bridge.live.events import Midi, StateMessage
from emsync_bridge.live.playback.channels import ChannelPlan
from emsync_bridge.midi.player_tracks import is_arranged

_MIN_NOTE_SECONDS = 0.005

_LASTING = ("section", "emotion")

EPSILON = 1e-6
"""Seconds within which two positions are the same, far below a tick and far above rounding."""


Mark: TypeAlias = StateMessage | Midi
"""Event beside notes: a state, or the value of a controller."""


class PartNote(NamedTuple):
    """One note in seconds from the timeline's start."""

    start: float
    end: float
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class LivePart:
    """Part that is played live.

    Arguments:
        strikes: Strikes in order of start.
        marks: Seconds, and state or controller, in order of time.
        duration: Seconds from start to end; infinite where no end is known.
        tempo_map: Tempo map that ties ticks to the same seconds.
        channels: Instrument group, player or family of each channel in use.
    """

    strikes: tuple[PartNote, ...] = ()
    marks: tuple[tuple[float, Mark], ...] = ()
    duration: float = 0.0
    tempo_map: TempoMap = field(default_factory=TempoMap)
    channels: tuple[tuple[str, int], ...] = ()


def part_of(
    take: Take, spotting: Spotting, curve: EmotionCurve | None = None, plan: ChannelPlan | None = None
) -> LivePart:
    """Return what is to be played for a take.

    Arguments:
        take: The music.
        spotting: The cut that it was composed for; its hits and shots become states.
        curve: The mood, for receivers of our own stream.
        plan: Channels of players, which keep those of parts before; a channel for each player when None.
    """
    seconds = take.tempo_map.seconds
    plan = plan or ChannelPlan()
    plan.prepare(take)
    arranged = is_arranged(take)
    strikes = []
    for note in take.notes:
        late = note.offset / OFFSETS_PER_TICK
        start, end = seconds(max(0, note.start + late)), seconds(note.end + min(0.0, late))
        # Some receivers ignore notes that end as they begin.
        end = max(end, start + _MIN_NOTE_SECONDS)
        channel = plan.of(note, arranged=arranged)
        strikes.append(PartNote(start, end, channel, note.pitch & 0x7F, max(1, min(127, note.velocity))))
    strikes.sort()
    marks: list[tuple[float, Mark]] = [
        (hit.time, StateMessage("hit", (hit.kind, _label(hit.name), hit.frame, hit.weight))) for hit in spotting.hits
    ]
    marks += [
        (shot.start, StateMessage("section", (_label(shot.name), shot.start, shot.end))) for shot in spotting.shots
    ]
    for span in curve.spans if curve else ():
        marks.append((span.start, StateMessage("emotion", (span.affect.valence, span.affect.arousal))))
    ticks = {control.tick for control in take.controls}
    marks += plan.controls(take.controls, {tick: seconds(tick) for tick in ticks})
    marks.sort(key=lambda mark: mark[0])
    return LivePart(
        tuple(strikes),
        tuple(marks),
        max([spotting.duration, *(strike.end for strike in strikes)]),
        take.tempo_map,
        plan.names(take),
    )


def join_parts(old: LivePart, new: LivePart, position: float) -> LivePart:
    """Return one part up to a position in seconds and another from there on.

    A note belongs to the part in which it begins. Duration and tempo map are those of ``new``, whose tempo map has to
    agree with the old one before the position. Controllers stand at the position as the new part has them there.
    """
    begin = position - EPSILON
    kept = set(old.channels)
    join = bisect_left(new.marks, begin, key=_moment)
    carried = tuple((position, message) for message in last_controllers(new.marks[:join]))
    return LivePart(
        old.strikes[: bisect_left(old.strikes, (begin,))] + new.strikes[bisect_left(new.strikes, (begin,)) :],
        old.marks[: bisect_left(old.marks, begin, key=_moment)] + carried + new.marks[join:],
        new.duration,
        new.tempo_map,
        old.channels + tuple(channel for channel in new.channels if channel not in kept),
    )


def split_part(part: LivePart, position: float, size: int = 500) -> Iterator[tuple[LivePart, float]]:
    """Yield what lies from a position on in parts of few notes, each with the position from which it holds.

    Taken in one by one by ``join_parts``, none keeps a player from its deadlines for long.
    """
    first, end = bisect_left(part.strikes, (position - EPSILON,)), len(part.strikes)
    while True:
        after = min(first + size, end)
        while after < end and part.strikes[after].start - part.strikes[after - 1].start <= 2 * EPSILON:
            after += 1
        begin = bisect_left(part.marks, position - EPSILON, key=_moment)
        # states are few and go along whole; controllers are many and go with the notes of their time
        until = part.strikes[after].start if after < end else math.inf
        marks = tuple(m for m in part.marks[begin:] if isinstance(m[1], StateMessage) or m[0] < until)
        before = tuple((position, message) for message in last_controllers(part.marks[:begin]))
        yield (
            LivePart(part.strikes[first:after], before + marks, part.duration, part.tempo_map, part.channels),
            position,
        )
        if after == end:
            return
        first, position = after, part.strikes[after].start


def last_controllers(marks: Iterable[tuple[float, Mark]]) -> list[Midi]:
    """Return the last message of each controller and channel among marks in order of time."""
    return list({m.data[:2]: m for _, m in marks if isinstance(m, Midi)}.values())


def standing_marks(marks: tuple[tuple[float, Mark], ...], start: float, end: float) -> list[Mark]:
    """Return what still holds of the marks from one position up to another: of each kind the last one.

    Arguments:
        marks: Marks in order of time.
        start: Seconds.
        end: Seconds.
    """
    inside = marks[bisect_left(marks, start - EPSILON, key=_moment) : bisect_left(marks, end, key=_moment)]
    states = {m.name: m for _, m in inside if isinstance(m, StateMessage) and m.name in _LASTING}
    return [*states.values(), *last_controllers(inside)]


def _moment(mark: tuple[float, Mark]) -> float:
    return mark[0]


def _label(name: str) -> str:
    """Return a name as text that every receiver can take in one datagram."""
    return name[:120].replace("\0", " ").encode("utf-8", "replace").decode("utf-8")
