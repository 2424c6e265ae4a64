"""MIDI Machine Control: play, stop and locate as system exclusive messages (MIDI Machine Control 1.0)."""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple

from emsync_bridge.live.sync.mtc import MtcTime, full_frame, read_full_frame


class TransportCommand(IntEnum):
    """The commands of a transport that matter here."""

    STOP = 0x01
    PLAY = 0x02
    DEFERRED_PLAY = 0x03
    PAUSE = 0x09
    LOCATE = 0x44


class MmcCommand(NamedTuple):
    """One command, with the label that a locate goes to."""

    command: TransportCommand
    label: MtcTime | None = None


def machine_control(command: TransportCommand, label: MtcTime | None = None) -> bytes:
    """Return the message that gives a command to all devices.

    Arguments:
        command: Command to do.
        label: Timecode to go to, for a locate.
    """
    body = bytes((command,))
    if label is not None:
        # The hours byte holds the rate as in a full frame; the last byte counts hundredths of a frame.
        body += bytes((6, 1)) + full_frame(label)[5:9] + b"\0"
    return b"\xf0\x7f\x7f\x06" + body + b"\xf7"


def read_machine_control(message: bytes) -> MmcCommand | None:
    """Return the command in a message; None for other messages and for commands that do not matter here."""
    if len(message) < 6 or message[:2] != b"\xf0\x7f" or message[3] != 0x06 or message[-1] != 0xF7:
        return None
    try:
        command = TransportCommand(message[4])
    except ValueError:
        return None
    if command is not TransportCommand.LOCATE:
        return MmcCommand(command) if len(message) == 6 else None
    # F0 7F dev 06 44 06 01 hr mn sc fr ff F7: ff are hundredths, or flags, which are not needed to find a frame.
    if len(message) != 13 or message[5:7] != b"\x06\x01":
        return None
    label = read_full_frame(b"\xf0\x7f\x7f\x01\x01" + message[7:10] + bytes((message[10] & 0x1F,)) + b"\xf7")
    return MmcCommand(command, label) if label else None
