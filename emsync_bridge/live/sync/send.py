"""Sync messages for a DAW that follows: MIDI Time Code with or without Machine Control, or MIDI clock."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from emsync_bridge.cue import TempoMap
from emsync_bridge.live.sync import midi_clock as clock
from emsync_bridge.live.sync.mmc import TransportCommand, machine_control
from emsync_bridge.live.sync.mtc import MtcFormat, full_frame, mtc_label, quarter_frame

_SETTLE = 0.002
"""Seconds before the first clock at which start or continue goes out; the MIDI specification asks for 1 ms."""


class SyncOut(Protocol):
    """Messages that tell a follower where the timeline is."""

    def locate(self, position: float) -> list[bytes]:
        """Return what goes out while standing still at a position in seconds."""

    def rolling(self, position: float, after: float = -math.inf) -> Iterator[tuple[float, bytes]]:
        """Yield each message while rolling from a position on, with its own position, in order and without end.

        Arguments:
            position: Seconds at which rolling begins.
            after: Seconds; what belongs to positions up to here has gone out already.
        """

    def jump(self, position: float) -> list[bytes]:
        """Return what goes out when the timeline jumps while rolling."""

    def retimed(self, tempo_map: TempoMap) -> SyncOut:
        """Return the same for another tempo map."""


@dataclass(frozen=True)
class SendMtc:
    """MIDI Time Code: a full frame at each locate, quarter frames while rolling.

    Arguments:
        format: Frame count.
        start: Seconds of timecode at the timeline's start: its start frame times the frame's length.
        machine_control: Whether to order the DAW's transport about as well, with MIDI Machine Control.
    """

    format: MtcFormat
    start: Fraction = Fraction(0)
    machine_control: bool = False

    def locate(self, position: float) -> list[bytes]:
        """Return the full frame of a position."""
        frame = math.floor((self.start + Fraction(position)) / self.format.frame_seconds + Fraction(1, 1000))
        label = mtc_label(frame, self.format.rate)
        orders = (
            [machine_control(TransportCommand.STOP), machine_control(TransportCommand.LOCATE, label)]
            if self.machine_control
            else []
        )
        return [*orders, full_frame(label)]

    def rolling(self, position: float, after: float = -math.inf) -> Iterator[tuple[float, bytes]]:
        """Yield quarter frames from the next even frame on."""
        quarter_seconds = self.format.frame_seconds / 4
        quarter = 8 * math.ceil((self.start + Fraction(position)) / (8 * quarter_seconds) - Fraction(1, 10**6))
        if after > position:
            done = math.floor((self.start + Fraction(after)) / quarter_seconds + Fraction(1, 10**6))
            quarter = max(quarter, done + 1)
        elif self.machine_control:
            yield position, machine_control(TransportCommand.DEFERRED_PLAY)
        while True:
            moment = float(quarter * quarter_seconds - self.start)
            yield max(moment, position), quarter_frame(quarter, self.format.rate)
            quarter += 1

    def jump(self, position: float) -> list[bytes]:  # noqa: ARG002  the interface's signature
        """Return nothing: a full frame must not be sent while rolling, and followers take up the new quarter frames."""
        return []

    def retimed(self, tempo_map: TempoMap) -> SendMtc:  # noqa: ARG002  the interface's signature
        """Return the same: timecode knows no tempo."""
        return self


@dataclass(frozen=True)
class SendClock:
    """MIDI clock: stop and song position at each locate, then start or continue and 24 clocks a quarter note.

    Arguments:
        tempo_map: Tempo map on which the clocks fall.
    """

    tempo_map: TempoMap

    def locate(self, position: float) -> list[bytes]:
        """Return stop and the song position at which the follower will join."""
        sixteenth = clock.next_position(self.tempo_map, position)
        return [clock.STOP] if sixteenth is None else [clock.STOP, clock.song_position(sixteenth)]

    def rolling(self, position: float, after: float = -math.inf) -> Iterator[tuple[float, bytes]]:
        """Yield start or continue and then clocks; nothing beyond the last song position."""
        sixteenth = clock.next_position(self.tempo_map, position)
        if sixteenth is None:
            return
        tick = sixteenth * clock.CLOCKS_PER_SIXTEENTH
        begin = self.tempo_map.seconds(tick) - _SETTLE
        if begin > after:
            yield begin, clock.CONTINUE if tick else clock.START
        else:
            tick = max(tick, math.floor(self.tempo_map.tick(after) + 1e-6) + 1)
        while True:
            yield self.tempo_map.seconds(tick), clock.CLOCK
            tick += 1

    def jump(self, position: float) -> list[bytes]:
        """Return the same as for a locate: a song position is only valid after a stop."""
        return self.locate(position)

    def retimed(self, tempo_map: TempoMap) -> SendClock:
        """Return the same for another tempo map."""
        return SendClock(tempo_map)
