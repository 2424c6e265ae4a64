"""The tempo plan: tempo and meter chosen so that every hit point falls on the beat grid.

The find-tempo of film scoring: between two hits the tempo is bent so that a whole number of ticks fits exactly. A
dynamic programme over the hits weighs the bend against where each hit lands: on a bar line by preference (an odd bar
may be put in to get there), on a beat, on a sixteenth, and on a bare tick where nothing else is within the bend.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from emsync_bridge.cue import TICKS_PER_QUARTER as BEAT
from emsync_bridge.cue import Meter, Tempo, TempoMap
from emsync_bridge.errors import MusicError

Metrical = Literal["bar", "beat", "tick"]

SLOWEST, FASTEST = 40.0, 220.0
"""Quarter notes per minute that a plan may ask for."""

_SIXTEENTH = BEAT // 4

# Costs of a landing, in units of one bend of the greatest allowed size.
_ODD_BAR = 0.30
_STRONG_BEAT, _BEAT = 0.25, 0.40
_HALF_BEAT, _QUARTER_BEAT, _TICK = 0.8, 1.3, 2.0
_OFF_BAR = 1e6  # of missing the bar line that a target must fall on
_BASE_DRIFT = 1.5  # of the base tempo drifting a tenth away from what was asked


@dataclass(frozen=True)
class TempoTarget:
    """A moment to meet.

    Arguments:
        time: Seconds, later than 0.
        weight: Importance from 0 to 1.
        on_bar: Whether it must fall on a bar line wherever an odd bar can put one there.
    """

    time: float
    weight: float = 1.0
    on_bar: bool = False


@dataclass(frozen=True)
class Landing:
    """Landing of a target: its tick, how strong that place is, and the bend of the tempo in its approach."""

    tick: int
    metrical: Metrical
    bend: float


@dataclass(frozen=True)
class TempoPlan:
    """Tempo and meter with the landings of the targets, in order; ``end`` is the last tick within the duration."""

    tempo_map: TempoMap
    landings: tuple[Landing, ...]
    end: int
    base_bpm: float


@dataclass(frozen=True)
class _Step:
    """One approach: its length, its place in the bar on arrival, and whether an odd bar puts a bar line there."""

    ticks: int
    arrival: int
    metrical: Metrical
    cost: float
    odd_bar: bool = False


@dataclass(frozen=True)
class _Path:
    """The cheapest way so far to a place in the bar."""

    cost: float
    step: _Step | None = None
    before: _Path | None = None

    def steps(self) -> list[_Step]:
        found, way = [], self
        while way.step is not None and way.before is not None:
            found.append(way.step)
            way = way.before
        return found[::-1]


@dataclass(frozen=True)
class _Grid:
    """Constants of the search: the base tempo, the ticks of a regular bar and the greatest bend."""

    base: float
    bar: int
    max_bend: float


def plan_tempo(
    duration: float,
    targets: Sequence[TempoTarget],
    bpm: float,
    *,
    meter: Meter | None = None,
    max_bend: float = 0.06,
    drift: float = 0.08,
) -> TempoPlan:
    """Return the cheapest tempo plan that meets every target.

    Arguments:
        duration: Seconds of music.
        targets: Targets in order of time, all inside the duration.
        bpm: Base tempo that is wanted, in quarter notes per minute.
        meter: Regular meter; 4/4 when not given.
        max_bend: Greatest bend between two targets, as a share of the base tempo.
        drift: Greatest move of the base tempo itself away from ``bpm``, as a share.

    Raises:
        MusicError: The duration, the tempo or the order of the targets is out of bounds.
    """
    if not duration > 0:
        raise MusicError("Music needs a length above 0 seconds")
    if not SLOWEST <= bpm <= FASTEST:
        raise MusicError(f"A tempo of {bpm:g} is outside {SLOWEST:g} to {FASTEST:g} quarter notes per minute")
    times = [0.0, *(target.time for target in targets)]
    gaps = [after - before for before, after in pairwise(times)]
    if any(gap <= 0 for gap in gaps) or times[-1] > duration:
        raise MusicError("Hit points must be in order, apart from each other and inside the music")
    meter = meter or Meter(0, 4)
    best, base = math.inf, bpm
    steps: list[_Step] = []
    for tried in _bases(bpm, drift if gaps else 0):
        way = _cheapest(gaps, targets, _Grid(tried, meter.bar_ticks, max_bend))
        cost = way.cost + _BASE_DRIFT * (math.log(tried / bpm) / 0.1) ** 2 * max(1, len(gaps)) ** 0.5
        if cost < best:
            best, base, steps = cost, tried, way.steps()
    return _laid_out(duration, times, steps, base, meter)


def _bases(bpm: float, drift: float) -> Iterable[float]:
    steps = 8 if drift else 0
    for i in range(-steps, steps + 1):
        yield min(FASTEST, max(SLOWEST, bpm * (1 + drift * i / max(steps, 1))))


def _cheapest(gaps: Sequence[float], targets: Sequence[TempoTarget], grid: _Grid) -> _Path:
    """Return the cheapest way through all gaps for one base tempo."""
    best: dict[int, _Path] = {0: _Path(0.0)}
    for gap, target in zip(gaps, targets, strict=True):
        importance = 0.4 + 0.6 * target.weight
        reached: dict[int, _Path] = {}
        for phase, way in best.items():
            for step in _steps(gap, phase, importance, grid):
                cost = way.cost + step.cost + (_OFF_BAR if target.on_bar and step.metrical != "bar" else 0.0)
                if step.arrival not in reached or cost < reached[step.arrival].cost:
                    reached[step.arrival] = _Path(cost, step, way)
        best = reached
    return min(best.values(), key=lambda way: way.cost)


def _steps(gap: float, phase: int, importance: float, grid: _Grid) -> Iterable[_Step]:
    """Yield the ways to cross a gap in seconds from a place in the bar."""
    exact = gap * grid.base / 60 * BEAT
    found = False
    for unit in (BEAT, BEAT // 2, _SIXTEENTH):
        low = math.ceil((phase + exact * (1 - grid.max_bend)) / unit)
        high = math.floor((phase + exact * (1 + grid.max_bend)) / unit)
        for ticks in (place * unit - phase for place in range(low, high + 1)):
            if ticks >= _SIXTEENTH:
                found = True
                bend = (ticks / exact - 1) / grid.max_bend
                yield from _landings(ticks, (phase + ticks) % grid.bar, bend * bend, importance, grid.bar)
    if not found:
        ticks = max(1, round(exact))
        bend = (ticks / exact - 1) / grid.max_bend
        arrival = (phase + ticks) % grid.bar
        metrical: Metrical = "bar" if arrival == 0 else "beat" if arrival % BEAT == 0 else "tick"
        yield _Step(ticks, arrival, metrical, bend * bend + importance * _TICK)


def _landings(ticks: int, arrival: int, bend: float, importance: float, bar: int) -> Iterable[_Step]:
    if arrival == 0:
        yield _Step(ticks, 0, "bar", bend)
    elif arrival % BEAT == 0:
        yield _Step(ticks, arrival, "beat", bend + importance * (_STRONG_BEAT if 2 * arrival == bar else _BEAT))
        yield _Step(ticks, 0, "bar", bend + _ODD_BAR, odd_bar=True)
    else:
        finer = _HALF_BEAT if arrival % (BEAT // 2) == 0 else _QUARTER_BEAT
        yield _Step(ticks, 0, "bar", bend + finer, odd_bar=True)


def _laid_out(duration: float, times: Sequence[float], steps: Sequence[_Step], base: float, meter: Meter) -> TempoPlan:
    """Return the plan with its tempo map: one tempo per gap, exact from the time really reached."""
    tempos: list[Tempo] = []
    landings: list[Landing] = []
    tick, reached, bar_start = 0, 0.0, 0
    meters = [Meter(0, meter.numerator, meter.denominator)]
    for time, step in zip(times[1:], steps, strict=True):
        tempo = max(1, round((time - reached) * 1e6 * BEAT / step.ticks))
        tempos.append(Tempo(tick, tempo))
        tick += step.ticks
        reached += step.ticks * tempo / (BEAT * 1e6)
        landings.append(Landing(tick, step.metrical, 60e6 / tempo / base - 1))
        if step.odd_bar:
            meters.extend(_odd_bar(bar_start, tick, meter))
            bar_start = tick
    tempos.append(Tempo(tick, round(60e6 / base)))
    tempo_map = TempoMap(tuple(tempos), _merged(meters))
    return TempoPlan(tempo_map, tuple(landings), int(tempo_map.tick(duration) + 1e-6), base)


def _odd_bar(start: int, line: int, meter: Meter) -> list[Meter]:
    """Return the meters that put a bar line at a tick: regular bars from ``start``, one odd bar, then regular again."""
    whole, rest = divmod(line - start, meter.bar_ticks)
    if rest <= BEAT and whole:
        whole, rest = whole - 1, rest + meter.bar_ticks
    for denominator in (4, 8, 16, 32):
        unit = BEAT * 4 // denominator
        if rest % unit == 0:
            odd = Meter(start + whole * meter.bar_ticks, rest // unit, denominator)
            return [odd, Meter(line, meter.numerator, meter.denominator)]
    raise MusicError(f"A bar of {rest} ticks has no meter")  # sixteenths always have one


def _merged(meters: Sequence[Meter]) -> tuple[Meter, ...]:
    """Return meters with the last one at each tick kept, and repeats of the one before left out."""
    latest = {meter.tick: meter for meter in meters}
    kept: list[Meter] = []
    for _, meter in sorted(latest.items()):
        same = kept and (kept[-1].numerator, kept[-1].denominator) == (meter.numerator, meter.denominator)
        if not same:
            kept.append(meter)
    return tuple(kept)
