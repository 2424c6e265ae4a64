"""Baking a preset: its zones as plain generators, with the modulators' sums written into them.

The engine knows no modulators (rustysynth leaves the chunks out), but those whose sources are velocity and key are
constant for a note. So each zone is split into bands of velocity, and of keys where a modulator needs it, and every
band gets the sum of its modulators. Sources and transforms: SoundFont Technical Specification 2.04, section 8.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import log10
from typing import Any

from emsync_bridge.render.bank.soundfont import (
    COMPRESSED,
    INSTRUMENT,
    KEY_RANGE,
    SAMPLE,
    VELOCITY_RANGE,
    SoundFont,
    Zone,
)

VELOCITY_EDGES = (0, 28, 43, 56, 68, 80, 93, 108, 128)
"""Bounds of the bands of velocity; each is baked at its middle."""

KEY_STEP = 6
"""Keys to a band, where a modulator's source is the key."""

ATTENUATION = 48
WEIGHT = 0.4
"""Share of the generator initialAttenuation that rustysynth and FluidSynth apply, as the EMU8000 did."""

_INAUDIBLE = 720.0  # centibels under full level: zones softer than this are left out

_VELOCITY, _KEY, _NO_CONTROLLER = 2, 3, 0
_START, _START_COARSE, _LOOPS = 0, 4, 54  # offsets of the sample's start in frames and in 32768 frames, and its mode
_COARSE = 32768
_CONTROLLERS = {1: 0, 2: 127, 7: 100, 10: 64, 11: 127, 91: 0, 93: 0}
"""Positions of controllers for which modulators are baked: at rest, and the breath controller fully open."""

_DEFAULT_VELOCITY = (0x0502, ATTENUATION, 0)
"""Source, target and second source of the default modulator from velocity to attenuation, 960 centibels."""

_SUMMED = frozenset((*range(14), 15, 16, 17, *range(21, 41), 48, 51, 52, 56))
"""Generators whose preset value is added to the instrument's, and that a modulator may move."""

_RANGES = {
    5: (-12000, 12000), 6: (-12000, 12000), 8: (1500, 13500), 9: (0, 960), 10: (-12000, 12000), 11: (-12000, 12000),
    17: (-500, 500), 26: (-12000, 8000), 28: (-12000, 8000), 29: (0, 1000), 30: (-12000, 8000), 34: (-12000, 8000),
    36: (-12000, 8000), 37: (0, 1440), 38: (-12000, 8000),
}  # fmt: skip
"""Bounds of section 8.1.3, where sums may leave them."""

DEFAULTS = {8: 13500, 21: -12000, 23: -12000, 25: -12000, 26: -12000, 27: -12000, 28: -12000, 30: -12000, 33: -12000,
            34: -12000, 35: -12000, 36: -12000, 38: -12000, 46: -1, 47: -1, 56: 100, 58: -1}  # fmt: skip
"""Values of generators that are not 0 where nothing is said."""


@dataclass(frozen=True)
class BakedZone:
    """A zone without modulators.

    Arguments:
        keys: Lowest and highest key.
        velocities: Lowest and highest velocity.
        sample: Index of the soundfont's sample.
        generators: Kind to amount; attenuation in centibels before the engine's weight.
    """

    keys: tuple[int, int]
    velocities: tuple[int, int]
    sample: int
    generators: Mapping[int, int]


def bake(font: SoundFont, preset: int) -> list[BakedZone]:
    """Return the zones of a preset as an engine without modulators has to read them.

    Arguments:
        font: The soundfont.
        preset: Index of the preset.
    """
    baked: list[BakedZone] = []
    for outer in _with_global(font.preset_zones(preset), INSTRUMENT):
        for inner in _with_global(font.instrument_zones(outer.generators[INSTRUMENT]), SAMPLE):
            baked += [_within(font, zone) for zone in _bands(outer, inner)]
    return baked


def _within(font: SoundFont, zone: BakedZone) -> BakedZone:
    """Return a zone whose start offset stays inside its sample: rustysynth reads whatever it is told to."""
    coarse, fine = zone.generators.get(_START_COARSE, 0), zone.generators.get(_START, 0)
    offset = coarse * _COARSE + fine
    bound = max(0, font.loop(zone.sample)[0] - 1 if zone.generators.get(_LOOPS, 0) else 0)
    if not coarse and not fine:
        return zone
    if not font.samples["type"][zone.sample] & COMPRESSED:
        bound = bound or max(0, len(font.pcm(zone.sample)) - 8)
    offset = max(0, min(offset, bound))
    rest = {kind: value for kind, value in zone.generators.items() if kind not in (_START, _START_COARSE)}
    placed = {_START_COARSE: offset // _COARSE, _START: offset % _COARSE}
    return replace(zone, generators={**rest, **{kind: value for kind, value in placed.items() if value}})


def _with_global(zones: list[Zone], last: int) -> Iterator[Zone]:
    """Yield the zones with the global zone's values where they have none of their own."""
    shared = Zone({}, ())
    for number, zone in enumerate(zones):
        if last in zone.generators:
            modulators = {_identity(m): m for m in (*shared.modulators, *zone.modulators)}
            yield Zone({**shared.generators, **zone.generators}, tuple(modulators.values()))
        elif number == 0:
            shared = zone


def _identity(modulator: Any) -> tuple[int, int, int, int]:
    return tuple(int(modulator[name]) for name in ("source", "target", "by", "transform"))  # type: ignore[return-value]


def _bands(outer: Zone, inner: Zone) -> Iterator[BakedZone]:
    keys, velocities = (0, 127), (0, 127)
    for zone in (outer, inner):
        keys = _common(keys, zone.generators.get(KEY_RANGE))
        velocities = _common(velocities, zone.generators.get(VELOCITY_RANGE))
    if keys[0] > keys[1] or velocities[0] > velocities[1]:
        return
    base = {kind: value for kind, value in inner.generators.items() if kind not in (KEY_RANGE, VELOCITY_RANGE, SAMPLE)}
    for kind, value in outer.generators.items():
        if kind in _SUMMED:
            base[kind] = base.get(kind, DEFAULTS.get(kind, 0)) + value
    moving = [m for m in (*outer.modulators, *inner.modulators) if m["amount"] or _key_of(m) == _DEFAULT_VELOCITY]
    keyed = _moves(moving, _KEY) and keys[1] - keys[0] > KEY_STEP
    steps = [(k, min(k + KEY_STEP - 1, keys[1])) for k in range(keys[0], keys[1] + 1, KEY_STEP)] if keyed else [keys]
    for low, high in steps:
        for soft, loud in _velocity_bands(velocities) if _moves(moving, _VELOCITY) else [velocities]:
            generators = _at(base, outer.modulators, inner.modulators, (low + high) // 2, (max(1, soft) + loud) // 2)
            if generators is not None:
                yield BakedZone((low, high), (soft, loud), inner.generators[SAMPLE], generators)


def _common(now: tuple[int, int], given: int | None) -> tuple[int, int]:
    if given is None:
        return now
    return max(now[0], given & 0xFF), min(now[1], given >> 8 & 0xFF)


def _velocity_bands(velocities: tuple[int, int]) -> Iterator[tuple[int, int]]:
    for low, after in pairwise(VELOCITY_EDGES):
        band = max(low, velocities[0]), min(after - 1, velocities[1])
        if band[0] <= band[1]:
            yield band


def _moves(modulators: Iterable[Any], controller: int) -> bool:
    """Tell whether a note's velocity or key is a source of one of the modulators."""
    return any(int(m[name]) & 0xFF == controller for m in modulators for name in ("source", "by"))


def _key_of(modulator: Any) -> tuple[int, int, int]:
    return int(modulator["source"]), int(modulator["target"]), int(modulator["by"])


def _at(
    base: Mapping[int, int], outer: Iterable[Any], inner: Iterable[Any], key: int, velocity: int
) -> dict[int, int] | None:
    """Return the generators of one band; None where it would not be heard."""
    values: dict[int, float] = dict(base)
    default = 960.0
    added = 0.0  # attenuation by modulators, which no engine weighs
    for modulators, replaces in ((inner, True), (outer, False)):
        for modulator in modulators:
            identity = _key_of(modulator)
            amount = float(modulator["amount"])
            if identity == _DEFAULT_VELOCITY:
                default = amount if replaces else default + amount
                continue
            source = _source(identity[0], key, velocity)
            by = 1.0 if not identity[2] else _source(identity[2], key, velocity)
            if source is None or by is None or identity[1] not in _SUMMED:
                continue
            if identity[1] == ATTENUATION:
                added += amount * source * by
            else:
                values[identity[1]] = values.get(identity[1], DEFAULTS.get(identity[1], 0)) + amount * source * by
    by_engine = -400 * log10(velocity / 127)
    added += default * by_engine / 960 - by_engine
    loudest = WEIGHT * values.get(ATTENUATION, 0) + added + by_engine
    if loudest > _INAUDIBLE:
        return None
    values[ATTENUATION] = values.get(ATTENUATION, 0) + added / WEIGHT
    result = {}
    for kind, value in values.items():
        low, high = _RANGES.get(kind, (-0x8000, 0x7FFF))
        rounded = round(max(low, min(high, value)))
        if rounded != DEFAULTS.get(kind, 0):
            result[kind] = rounded
    return result


def _source(code: int, key: int, velocity: int) -> float | None:
    """Return what a source gives, from 0 to 1 or from -1 to 1; None where nothing is known of it."""
    number, is_controller = code & 0x7F, bool(code & 0x80)
    falling, bipolar, curve = bool(code & 0x100), bool(code & 0x200), code >> 10
    if is_controller:
        value = _CONTROLLERS.get(number, 0)
    else:
        known = {_NO_CONTROLLER: 127, _VELOCITY: velocity, _KEY: key}
        if number not in known:
            return None
        value = known[number]
    if curve == 0:
        share = value / 128
        share = 1 - share if falling else share
    elif curve in (1, 2):
        share = ((127 - value) if falling else value) / 127
        share = _convex(share) if curve == 2 else 1 - _convex(1 - share)
    else:
        share = float((value >= 64) != falling)
    return 2 * share - 1 if bipolar else share


def _convex(share: float) -> float:
    return 0.0 if share <= 0 else max(0.0, 1 + 20 / 96 * log10(share * share))
