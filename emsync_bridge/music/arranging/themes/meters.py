"""Meters of melodies: themes are kept in bars of 4/4, and set in three-four and compound time beat by beat.

A bar of 3/4 has the first two beats of the 4/4 bar, and the other two in its third. A bar of 6/8 has two beats of the
4/4 bar in each of its own, long and short; a beat of 9/8 or 12/8 has one, divided long and short. What was found in
3/4 or in 6/8 comes back from the 4/4 bar exactly as it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Meter, TempoMap

MotifMeter = Literal["4/4", "3/4", "6/8"]
"""Meter that a motif or a figure was found in."""

THREE = 3 * BEAT
"""Ticks of a bar of 3/4 or of 6/8."""

_SUITED: dict[tuple[int, int], MotifMeter] = {(3, 4): "3/4", (9, 8): "3/4", (6, 8): "6/8"}
_HALF = THREE // 2
_GRID = BEAT // 4


def beats_of(tempo_map: TempoMap, end: int) -> int:
    """Return the dotted beats of a bar of a piece in compound time; 0 in other meters.

    Arguments:
        tempo_map: Tempo and meter of the piece.
        end: Its last tick.
    """
    numerator, denominator = _prevailing(tempo_map, end)
    return numerator // 3 if denominator == 8 and numerator in (6, 9, 12) else 0


def wanted_meter(tempo_map: TempoMap, end: int) -> MotifMeter:
    """Return the meter of the motifs that suit a piece.

    Arguments:
        tempo_map: Tempo and meter of the piece.
        end: Its last tick.
    """
    return _SUITED.get(_prevailing(tempo_map, end), "4/4")


def figure_meter(tempo_map: TempoMap, end: int) -> MotifMeter:
    """Return the meter of the figures that suit a piece: those of 6/8 go by dotted beats, as 9/8 and 12/8 do.

    Arguments:
        tempo_map: Tempo and meter of the piece.
        end: Its last tick.
    """
    return "6/8" if beats_of(tempo_map, end) else wanted_meter(tempo_map, end)


def sketched_meter(meter: Meter | None) -> Meter | None:
    """Return the meter of sketches for a piece of a meter; None is 4/4."""
    found = None if meter is None else _SUITED.get((meter.numerator, meter.denominator))
    return None if found is None else Meter(0, *map(int, found.split("/")))


def _prevailing(tempo_map: TempoMap, end: int) -> tuple[int, int]:
    """Return numerator and denominator of the meter that holds longest."""
    lasting: dict[tuple[int, int], int] = {}
    for meter, until in zip(tempo_map.meters, [*(m.tick for m in tempo_map.meters[1:]), end], strict=True):
        kind = meter.numerator, meter.denominator
        lasting[kind] = lasting.get(kind, 0) + min(end, until) - meter.tick
    return max(lasting, key=lambda kind: lasting[kind])


def place_in_compound(tick: int, beats: int) -> int:
    """Return where a tick of a 4/4 bar falls in a bar of compound time.

    Arguments:
        tick: Ticks from the bar line.
        beats: Dotted beats of the bar, 2 to 4.
    """
    if beats == 2:
        half, inside = divmod(tick, 2 * BEAT)
        return half * _HALF + (inside if inside <= BEAT else BEAT + (inside - BEAT) // 2)
    beat, inside = divmod(tick if beats == 4 else place_in_three(tick), BEAT)
    return beat * _HALF + (2 * inside if 2 * inside <= BEAT else inside + BEAT // 2)


def place_in_three(tick: int) -> int:
    """Return where a tick of a 4/4 bar falls in a bar of 3/4."""
    free = 2 * BEAT
    return tick if tick <= free else free + round((tick - free) / 2 / _GRID) * _GRID


def to_four_four(tick: int, meter: MotifMeter) -> int:
    """Return the tick in bars of 4/4 that stands for a tick of a melody in a meter, as ``from_four_four`` undoes it."""
    if meter == "4/4":
        return tick
    bar, inside = divmod(tick, THREE)
    if meter == "3/4":
        return bar * 4 * BEAT + (inside if inside <= 2 * BEAT else 2 * inside - 2 * BEAT)
    half, inside = divmod(inside, _HALF)
    return bar * 4 * BEAT + half * 2 * BEAT + (inside if inside <= BEAT else 2 * inside - BEAT)


def from_four_four(tick: int, meter: MotifMeter) -> int:
    """Return the tick of a melody in a meter that a tick in bars of 4/4 stands for."""
    if meter == "4/4":
        return tick
    bar, inside = divmod(tick, 4 * BEAT)
    return bar * THREE + (place_in_three(inside) if meter == "3/4" else place_in_compound(inside, 2))


def meter_of(onsets: Iterable[int]) -> MotifMeter | None:
    """Return the meter of a melody in bars of 72 ticks; None where its rhythm says neither.

    A bar is in 6/8 when something begins on its second dotted beat and nothing on its third quarter, and in 3/4 when
    that quarter, or the second alone, is struck.

    Arguments:
        onsets: Ticks from a bar line, those of all bars.
    """
    bars: dict[int, set[int]] = {}
    for onset in onsets:
        bars.setdefault(onset // THREE, set()).add(onset % THREE)
    compound = [_HALF in bar and 2 * BEAT not in bar for bar in bars.values()]
    triple = [2 * BEAT in bar or (BEAT in bar and _HALF not in bar) for bar in bars.values()]
    if any(compound) == any(triple):
        return None
    return "6/8" if any(compound) else "3/4"
