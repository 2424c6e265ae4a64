"""Spooled sound at its level and at its sample rate."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from math import log10
from pathlib import Path

import numpy as np

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.files.resample import resample
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.accents import Accent, accent_shape
from emsync_bridge.render.mix.dynamics import PEAK_STEP
from emsync_bridge.render.mix.level import GainCurve, Leveled, LoudnessTarget, find_gain
from emsync_bridge.render.mix.meter import STEP, Power, integrated
from emsync_bridge.render.mix.riding import ride
from emsync_bridge.render.spool import MIX, Spooled


def level(
    spooled: Spooled, target: LoudnessTarget, accents: Sequence[Accent] = (), form: tuple[int, int] | None = None
) -> Leveled:
    """Return the gain that brings a spooled mix to its target.

    Arguments:
        spooled: The mix.
        target: Loudness and peak.
        accents: Accents that are shaped, in order.
        form: Samples per second and length of the finished mix; as spooled when None.
    """
    loud = integrated(spooled.power)
    gain = target.loudness - loud if loud > -np.inf else 0.0
    shape = _shape(spooled.power, accents, len(spooled.sample_peaks))
    peaks = spooled.true_peaks(gain + float(shape.max(initial=0)), target.peak)
    found = find_gain(spooled.power, peaks, target, shape)
    return found if form is None or form[0] == SAMPLE_RATE else _held(spooled, found, target, *form)


def _shape(power: Power, accents: Sequence[Accent], length: int) -> Power:
    """Return the gain in steps of 1 ms that lifts soft passages and shapes accents; empty for none."""
    lifted = ride(power)
    if not len(lifted):
        return accent_shape(power, accents, length)
    shape = accent_shape(power * 10 ** (lifted / 10), accents, length)
    lift: Power = np.interp(np.arange(length) + 0.5, (np.arange(len(lifted)) + 0.5) * (STEP // PEAK_STEP), lifted)
    return lift + shape if len(shape) else lift


def leveled_blocks(spooled: Spooled, name: str, gain: GainCurve, rate: int, length: int) -> Iterator[Audio]:
    """Yield one of the spooled files at its level and rate, block by block.

    Arguments:
        spooled: The files.
        name: Name of one of them.
        gain: Its level.
        rate: Samples per second.
        length: Samples of the result.
    """
    if rate == SAMPLE_RATE:
        yield from _gained(spooled, name, gain)
        return
    for _, block in _resampled(spooled, name, gain, rate, length).blocks(name):
        yield block


def _held(spooled: Spooled, found: Leveled, target: LoudnessTarget, rate: int, length: int) -> Leveled:
    """Return a gain with which the mix keeps its ceiling at another rate, where samples lie elsewhere on the wave."""
    mix = _resampled(spooled, MIX, found.gain, rate, length)
    loud = np.concatenate([np.abs(block).max(1) for _, block in mix.blocks(MIX)])
    mix = replace(mix, sample_peaks=np.maximum.reduceat(loud, np.arange(0, len(loud), PEAK_STEP)))
    highest = float(mix.true_peaks(0.0, target.peak).max())
    over = 20 * log10(highest) - target.peak if highest else 0.0
    if over <= 0:
        return found
    heard = found.loudness
    lower = replace(
        heard,
        integrated=heard.integrated - over,
        true_peak=target.peak,
        short_term_maximum=heard.short_term_maximum - over,
    )
    return Leveled(GainCurve(found.gain.base - over, found.gain.moving), lower, found.limited + over)


def _gained(spooled: Spooled, name: str, gain: GainCurve) -> Iterator[Audio]:
    for position, block in spooled.blocks(name):
        yield gain.apply(block, position)


def _resampled(spooled: Spooled, name: str, gain: GainCurve, rate: int, length: int) -> Spooled:
    """Write one of the spooled files at its level and rate, and return it."""
    folder: Path = spooled.folder / f"{rate}"
    folder.mkdir(exist_ok=True)
    with (folder / name).open("wb") as file:
        for block in _gained(spooled, name, gain):
            file.write(np.ascontiguousarray(block, "<f4").data)
    resample(folder / name, rate, length)
    return Spooled(folder, (name,), length, spooled.power, spooled.sample_peaks)
