"""Events that go out, and the registry of sounding notes by which none hangs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TypeAlias


@dataclass(frozen=True)
class NoteOn:
    """A note begins.

    Arguments:
        channel: 0 to 15.
        pitch: MIDI note number.
        velocity: 1 to 127.
        ident: Number of this note, unique among those that sound.
        seconds: Seconds that it is meant to sound.
    """

    channel: int
    pitch: int
    velocity: int
    ident: int
    seconds: float


@dataclass(frozen=True)
class NoteOff:
    """The note that was begun with the same ``ident`` ends."""

    channel: int
    pitch: int
    ident: int


@dataclass(frozen=True)
class Midi:
    """A MIDI message other than a note; receivers without MIDI ignore it."""

    data: bytes


@dataclass(frozen=True)
class StateMessage:
    """Something that is known to receivers of our own stream: transport, section, emotion or hit."""

    name: str
    values: tuple[float | int | str, ...]


Event: TypeAlias = NoteOn | NoteOff | Midi | StateMessage


class SoundingNotes:
    """The notes that sound now, at most one per channel and pitch."""

    def __init__(self) -> None:
        self._sounding: dict[tuple[int, int], tuple[int, float]] = {}
        self._struck: set[tuple[int, int]] = set()
        self.channels: set[int] = set()

    def __len__(self) -> int:
        return len(self._sounding)

    def strike(self, note: NoteOn, time: float) -> NoteOff | None:
        """Take note that a note begins; return the release of the same pitch that has to go out first.

        Arguments:
            note: Note that begins.
            time: Time when it will sound, which may be a little ahead.
        """
        before = self._sounding.get((note.channel, note.pitch))
        self._sounding[note.channel, note.pitch] = (note.ident, time)
        self._struck.add((note.channel, note.pitch))
        self.channels.add(note.channel)
        return NoteOff(note.channel, note.pitch, before[0]) if before else None

    def release(self, note: NoteOff) -> float | None:
        """Take note that a note ends.

        Returns:
            When it began, or None when it has ended because its pitch was struck again.
        """
        sounding = self._sounding.get((note.channel, note.pitch))
        if sounding is None or sounding[0] != note.ident:
            return None
        del self._sounding[note.channel, note.pitch]
        return sounding[1]

    def silent(self) -> list[NoteOff]:
        """Return a release for every channel and pitch that was struck at some time and does not sound now."""
        return [NoteOff(channel, pitch, 0) for channel, pitch in sorted(self._struck - self._sounding.keys())]

    def release_all(self) -> list[tuple[float, NoteOff]]:
        """Forget every sounding note and return their releases, each with the time at which the note was begun."""
        releases = [(time, NoteOff(channel, pitch, i)) for (channel, pitch), (i, time) in self._sounding.items()]
        self._sounding.clear()
        return releases


def silence_messages(channels: Iterable[int], *, panic: bool = False) -> list[Midi]:
    """Return the messages that follow the releases: pedal up, all notes off, bend to the centre.

    Arguments:
        channels: 0 to 15, those that were used.
        panic: Whether to cut off what rings on as well (all sound off).
    """
    messages: list[Midi] = []
    for channel in sorted(channels):
        controllers = ((64, 0), (123, 0), *(((120, 0),) if panic else ()))
        messages.extend(Midi(bytes((0xB0 | channel, number, value))) for number, value in controllers)
        messages.append(Midi(bytes((0xE0 | channel, 0, 0x40))))
    return messages
