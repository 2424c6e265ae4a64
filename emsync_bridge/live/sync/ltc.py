"""Linear Time Code: the 80 bits of a label, and the sound that carries them.

The layout is that of SMPTE ST 12-1: binary-coded decimals from the lowest bit on, user bits between them, a sync word
of 16 bits at the end. The sound is biphase mark: the level changes at the beginning of every bit and in the middle of
each 1.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.live.sync.mtc import MtcFormat, MtcRate, MtcTime, mtc_label

BITS = 80
"""Bits of a label."""

SYNC_WORD = (0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 1)
"""The last bits of a label in the order in which they are sent; 0x3FFD with the first as the highest."""

LEVEL = 0.25
"""Amplitude, -12 dBFS: loud enough for line inputs, soft enough beside other tracks."""

RISE = 40e-6
"""Seconds that a change of level takes; ST 12-1 asks for 40 us within 10."""

_DROP_FRAME, _POLARITY, _POLARITY_25 = 10, 27, 59
# place of the lowest bit and number of bits: units and tens of frames, seconds, minutes, hours
_DIGITS = ((0, 4), (8, 2), (16, 4), (24, 3), (32, 4), (40, 3), (48, 4), (56, 2))
_FRAMES_AT_ONCE = 250


def ltc_bits(time: MtcTime) -> tuple[int, ...]:
    """Return the bits of a label in the order in which they are sent, with user bits at 0.

    The bit for polarity makes the number of ones even, so that each label begins with the same change of level.
    """
    bits = [0] * BITS
    numbers = (time.frames, time.seconds, time.minutes, time.hours)
    digits = [digit for number in numbers for digit in (number % 10, number // 10)]
    for digit, (place, width) in zip(digits, _DIGITS, strict=True):
        for bit in range(width):
            bits[place + bit] = digit >> bit & 1
    bits[_DROP_FRAME] = int(time.rate is MtcRate.FPS_30_DROP)
    bits[BITS - len(SYNC_WORD) :] = SYNC_WORD
    bits[_POLARITY_25 if time.rate is MtcRate.FPS_25 else _POLARITY] = sum(bits) % 2
    return tuple(bits)


def read_ltc_bits(bits: tuple[int, ...], nominal: int) -> MtcTime | None:
    """Return the label in 80 bits; None where the sync word is missing or no such label exists.

    Arguments:
        bits: The bits in the order in which they are sent.
        nominal: Labels per second, 24, 25 or 30, which the code itself does not say.
    """
    if len(bits) != BITS or tuple(bits[BITS - len(SYNC_WORD) :]) != SYNC_WORD:
        return None
    digits = [sum(bits[place + bit] << bit for bit in range(width)) for place, width in _DIGITS]
    if any(digit > 9 for digit in digits):
        return None
    frames, seconds, minutes, hours = (digits[i] + 10 * digits[i + 1] for i in range(0, 8, 2))
    drop = nominal == 30 and bool(bits[_DROP_FRAME])
    rates = {24: MtcRate.FPS_24, 25: MtcRate.FPS_25, 30: MtcRate.FPS_30_DROP if drop else MtcRate.FPS_30}
    if hours > 23 or minutes > 59 or seconds > 59 or frames >= nominal:
        return None
    if drop and frames < 2 and seconds == 0 and minutes % 10:
        return None
    return MtcTime(hours, minutes, seconds, frames, rates[nominal])


def _changes(count: int, number: int, rate: MtcRate) -> NDArray[np.float64]:
    """Return where the level changes, in frames from a frame on, for so many frames."""
    found: list[float] = []
    for frame in range(number):
        for place, bit in enumerate(ltc_bits(mtc_label(count + frame, rate))):
            found.append(frame + place / BITS)
            if bit:
                found.append(frame + (place + 0.5) / BITS)
    return np.array(found)


def ltc_blocks(form: MtcFormat, start: Fraction, duration: Fraction, sample_rate: int) -> Iterator[NDArray[np.float32]]:
    """Yield the sound of a stretch of timecode in blocks of mono samples.

    Arguments:
        form: Frame count.
        start: Seconds of timecode at the first sample.
        duration: Seconds of sound.
        sample_rate: Samples per second.
    """
    total = round(duration * sample_rate)
    per_frame = form.frame_seconds * sample_rate
    begin = start / form.frame_seconds  # in frames, with a fraction where sound begins within one
    done = 0
    while done < total:
        # exact up to here, so that hours of timecode do not drift
        frame = int((begin + done / per_frame) // 1)
        end = min(total, -int(-((frame + _FRAMES_AT_ONCE - begin) * per_frame) // 1))
        origin = float((frame - 1 - begin) * per_frame) - done
        changes = origin + _changes(frame - 1, _FRAMES_AT_ONCE + 2, form.rate) * float(per_frame)
        yield _levels(changes, end - done, RISE * sample_rate)
        done = end


def ltc_piece(form: MtcFormat, seconds: float, count: int, sample_rate: float) -> NDArray[np.float32]:
    """Return samples of timecode that begin anywhere, for sound that is made as it is heard.

    Arguments:
        form: Frame count.
        seconds: Seconds of timecode at the first sample.
        count: Number of samples.
        sample_rate: Samples for a second of timecode.
    """
    begin = seconds / float(form.frame_seconds)
    per_frame = float(form.frame_seconds) * sample_rate
    first = math.floor(begin) - 1
    changes = (first - begin + _changes(first, math.ceil(count / per_frame) + 3, form.rate)) * per_frame
    return _levels(changes, count, RISE * sample_rate)


def _levels(changes: NDArray[np.float64], count: int, rise: float) -> NDArray[np.float32]:
    """Return samples of a level that changes; it rises at the first change, as at the beginning of every label."""
    at = np.arange(count, dtype=np.float64)
    after = np.searchsorted(changes, at, side="right")
    sign = np.where(after % 2, 1.0, -1.0)
    before = at - changes[np.maximum(after - 1, 0)]
    left = changes[np.minimum(after, len(changes) - 1)] - at
    near = np.minimum(before, left) / (rise / 2)
    return (LEVEL * sign * np.sin(np.pi / 2 * np.clip(near, 0.0, 1.0))).astype(np.float32)
