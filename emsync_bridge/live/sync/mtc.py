"""MIDI Time Code: full frames and quarter frames, encoded and decoded at every rate and in both directions.

The layout is that of the MIDI 1.0 specification's MIDI Time Code chapter. Drop-frame labels are counted as in
SMPTE ST 12-1: frames 0 and 1 of each minute are skipped, except in minutes 0, 10, 20, 30, 40 and 50.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import IntEnum
from fractions import Fraction
from typing import NamedTuple

from emsync_bridge.errors import EmsyncError
from emsync_bridge.timecode import frame_number, label_number


class MtcRate(IntEnum):
    """The two rate bits of MIDI Time Code."""

    FPS_24 = 0
    FPS_25 = 1
    FPS_30_DROP = 2
    FPS_30 = 3

    @property
    def nominal(self) -> int:
        """Labels per second."""
        return (24, 25, 30, 30)[self]

    @property
    def day(self) -> int:
        """Frames in 24 hours of timecode, after which counting starts again."""
        return 2_589_408 if self is MtcRate.FPS_30_DROP else self.nominal * 86_400


class MtcTime(NamedTuple):
    """One timecode label with its rate."""

    hours: int
    minutes: int
    seconds: int
    frames: int
    rate: MtcRate


@dataclass(frozen=True)
class MtcFormat:
    """Frame count of a timeline in MIDI Time Code.

    Arguments:
        rate: The rate bits to send.
        frame_seconds: Seconds that one MTC frame really lasts.
    """

    rate: MtcRate
    frame_seconds: Fraction


def mtc_format(rate: Fraction, *, drop_frame: bool = False) -> MtcFormat:
    """Return how a timeline's frames are counted in MIDI Time Code.

    23.976 counts as 24 and 29.97 non-drop as 30, because timecode counts labels, not seconds; rates above 30 have no
    code and are counted at a half or a quarter of their frames.

    Arguments:
        rate: Frames per second, exact.
        drop_frame: Whether the timeline counts in drop frame.

    Raises:
        EmsyncError: The rate is not a multiple of 24, 25 or 30 labels per second.
    """
    nominal, frame_seconds = math.ceil(rate), 1 / rate
    while nominal > 30 and nominal % 2 == 0:
        nominal, frame_seconds = nominal // 2, frame_seconds * 2
    codes = {24: MtcRate.FPS_24, 25: MtcRate.FPS_25, 30: MtcRate.FPS_30}
    if nominal not in codes:
        raise EmsyncError(
            f"MIDI Time Code has no {float(rate):g} frames per second",
            hint="Send MIDI clock instead, or work at 24, 25 or 30 frames per second or twice that",
        )
    ntsc_30 = nominal == 30 and rate.denominator == 1001
    return MtcFormat(MtcRate.FPS_30_DROP if drop_frame and ntsc_30 else codes[nominal], frame_seconds)


def mtc_label(count: int, rate: MtcRate) -> MtcTime:
    """Return the label of a frame counted from midnight; counts outside a day wrap."""
    label = label_number(count, rate.nominal, drop_frame=rate is MtcRate.FPS_30_DROP)
    seconds, frames = divmod(label, rate.nominal)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return MtcTime(hours, minutes, seconds, frames, rate)


def mtc_count(time: MtcTime) -> int:
    """Return the frame, counted from midnight, that a label names."""
    label = (3600 * time.hours + 60 * time.minutes + time.seconds) * time.rate.nominal + time.frames
    return frame_number(label, time.rate.nominal, drop_frame=time.rate is MtcRate.FPS_30_DROP)


def full_frame(time: MtcTime) -> bytes:
    """Return the system exclusive message that locates all devices at a label."""
    return bytes((0xF0, 0x7F, 0x7F, 1, 1, time.rate << 5 | time.hours, time.minutes, time.seconds, time.frames, 0xF7))


def read_full_frame(message: bytes) -> MtcTime | None:
    """Return the label in a full-frame message; None for any other message or a label that does not exist."""
    if len(message) != 10 or message[:2] != b"\xf0\x7f" or message[3:5] != b"\x01\x01" or message[9] != 0xF7:
        return None
    hours, minutes, seconds, frames = message[5:9]
    return _existing(MtcTime(hours & 0x1F, minutes, seconds, frames, MtcRate(hours >> 5 & 3)))


def quarter_frame(quarter: int, rate: MtcRate) -> bytes:
    """Return the quarter-frame message that belongs to a moment.

    Eight messages carry one label and take two frames. The first belongs to the beginning of an even frame and
    carries that frame's label. Running backwards, the same messages are sent in falling order of ``quarter``.

    Arguments:
        quarter: Quarters of a frame, counted from midnight.
        rate: Rate of the labels.
    """
    group, piece = divmod(quarter, 8)
    time = mtc_label(2 * group, rate)
    value = (time.frames, time.seconds, time.minutes, time.hours | time.rate << 5)[piece // 2]
    return bytes((0xF1, piece << 4 | (value >> 4 if piece % 2 else value & 0x0F)))


class MtcPosition(NamedTuple):
    """Position of a sender of quarter frames.

    Arguments:
        quarter: Quarters of a frame, counted from midnight, at the moment of the last message.
        rate: Rate of the labels.
        direction: 1 forwards, -1 backwards.
    """

    quarter: int
    rate: MtcRate
    direction: int


class QuarterFrameReader:
    """Follows a stream of quarter frames; it trusts the stream once two labels in a row agree."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        """Forget everything, as after a gap in the stream."""
        self._nibbles = [0] * 8
        self._piece = -1
        self._direction = 0
        self._run = 0
        self._label: int | None = None
        self._position: MtcPosition | None = None

    def feed(self, message: bytes) -> MtcPosition | None:
        """Take one message in and return the position at its moment.

        Arguments:
            message: Two bytes, F1 and the data byte; any other message is ignored.

        Returns:
            None until two successive labels agree, and again after the stream jumps or turns round.
        """
        if len(message) != 2 or message[0] != 0xF1:
            return self._position
        piece, nibble = message[1] >> 4 & 7, message[1] & 0x0F
        direction = {1: 1, 7: -1}.get((piece - self._piece) % 8, 0) if self._piece >= 0 else 0
        if direction == 0 or direction != self._direction:
            self._run, self._label, self._position = (1 if direction else 0), None, None
        self._piece, self._direction = piece, direction
        self._nibbles[piece] = nibble
        self._run += 1
        if self._position is not None:
            day = 4 * self._position.rate.day
            self._position = self._position._replace(quarter=(self._position.quarter + direction) % day)
        if self._run >= 8 and piece == (7 if direction > 0 else 0):
            self._take_label()
        return self._position

    def _take_label(self) -> None:
        n = self._nibbles
        rate = MtcRate(n[7] >> 1 & 3)
        time = _existing(MtcTime((n[7] & 1) << 4 | n[6], n[5] << 4 | n[4], n[3] << 4 | n[2], n[1] << 4 | n[0], rate))
        if time is None:
            self._label, self._position = None, None
            return
        label = mtc_count(time)
        agrees = self._label is not None and (label - self._label - 2 * self._direction) % rate.day == 0
        same_rate = self._position is None or self._position.rate == rate
        self._label = label
        quarter = (4 * label + (7 if self._direction > 0 else 0)) % (4 * rate.day)
        self._position = MtcPosition(quarter, rate, self._direction) if agrees and same_rate else None


def _existing(time: MtcTime) -> MtcTime | None:
    possible = time.hours < 24 and time.minutes < 60 and time.seconds < 60 and time.frames < time.rate.nominal
    if time.rate is MtcRate.FPS_30_DROP and time.frames < 2 and time.seconds == 0 and time.minutes % 10:
        return None
    return time if possible else None
