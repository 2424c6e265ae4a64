"""A Standard MIDI File as parts to play: notes and controls of each instrument group at sample times."""

from __future__ import annotations

import io
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import accumulate
from operator import attrgetter
from typing import Any

import mido

from emsync_bridge.cue import INSTRUMENTS
from emsync_bridge.errors import RenderError

SAMPLE_RATE = 48_000

GROUPS = (*INSTRUMENTS, "effects")
"""Names of the parts, in the order of a score."""

MAX_BYTES = 64 * 2**20
_DRUMS = 9
_PEDAL = 64
_ALL_OFF = (120, 123)  # all sound off, all notes off
_PLAYED = ("program_change", "control_change", "pitchwheel", "aftertouch")


@dataclass(frozen=True, order=True)
class PlayedNote:
    """One note at sample times; ``ring`` is where finger and pedal have both let go."""

    start: int
    end: int
    ring: int
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True)
class Control:
    """A message other than a note, with the sample at which it takes effect."""

    sample: int
    message: Any

    @property
    def key(self) -> tuple[int, str, int]:
        """Channel, type and controller number: what a later message of the same kind replaces."""
        return self.message.channel, self.message.type, getattr(self.message, "control", 0)


@dataclass(frozen=True)
class Part:
    """What one instrument group plays.

    Arguments:
        name: The group: drums, bass, guitar, piano, strings, effects, or all of them.
        notes: In order of start.
        controls: Programs, controllers and bends of its channels, in order of time.
    """

    name: str
    notes: tuple[PlayedNote, ...]
    controls: tuple[Control, ...]

    def between(self, start: int, end: int) -> tuple[PlayedNote, ...]:
        """Return the notes that begin in a stretch of samples."""
        onset = attrgetter("start")
        return self.notes[bisect_left(self.notes, start, key=onset) : bisect_left(self.notes, end, key=onset)]

    def state(self, sample: int) -> list[Any]:
        """Return the messages that set the channels up as they are at a sample."""
        last: dict[tuple[int, str, int], Any] = {}
        for control in self.controls:
            if control.sample > sample:
                break
            last[control.key] = control.message
        # bank select (0, 32) has to come before the program that it is meant for
        return sorted(last.values(), key=lambda message: message.type == "program_change")

    def controls_between(self, start: int, end: int) -> Iterator[Control]:
        """Yield the controls that take effect after ``start`` and before ``end``."""
        return (control for control in self.controls if start < control.sample < end)


@dataclass(frozen=True)
class PlayedScore:
    """All parts of a piece; ``samples`` is where the file ends."""

    parts: tuple[Part, ...]
    samples: int

    def together(self) -> PlayedScore:
        """Return the same piece with all groups in one part."""
        notes = sorted(note for part in self.parts for note in part.notes)
        controls = sorted((c for part in self.parts for c in part.controls), key=attrgetter("sample"))
        return PlayedScore((Part("all", tuple(notes), tuple(controls)),) if notes else (), self.samples)

    def densest(self) -> int:
        """Return how many notes sound at once at most, each for a second after its release."""
        notes = [note for part in self.parts for note in part.notes]
        changes = sorted([(n.start, 1) for n in notes] + [(n.ring + SAMPLE_RATE, -1) for n in notes])
        return max(accumulate(step for _, step in changes), default=0)


def read_score(midi: bytes) -> PlayedScore:
    """Return what a Standard MIDI File asks to be played.

    Arguments:
        midi: A file of type 0 or 1 with ticks per quarter note.

    Raises:
        RenderError: It is too large, damaged, of type 2, or counts time in SMPTE frames.
    """
    if len(midi) > MAX_BYTES:
        raise RenderError("This MIDI file is larger than 64 MB", hint="Split it")
    try:
        file = mido.MidiFile(file=io.BytesIO(midi), clip=True)
    except (OSError, EOFError, ValueError, IndexError, KeyError, TypeError) as problem:
        raise RenderError(f"This is no readable MIDI file ({problem})") from None
    if file.type == 2 or not 0 < file.ticks_per_beat < 0x8000:
        raise RenderError("Only MIDI files of type 0 and 1 with ticks per quarter note can be played")
    reader = _Reader()
    sample = 0.0
    tempo = 500_000
    for number, ticks, message in _in_order(file.tracks):
        sample += ticks * tempo * SAMPLE_RATE / (file.ticks_per_beat * 1e6)
        if message.type == "set_tempo":
            tempo = max(1, message.tempo)
        elif not message.is_meta:
            reader.take(number, message, round(sample))
    return reader.score(round(sample))


def _in_order(tracks: list[Any]) -> Iterator[tuple[int, int, Any]]:
    """Yield track number, ticks since the message before, and message, in order of time."""
    timed = []
    for number, track in enumerate(tracks):
        tick = 0
        for message in track:
            tick += message.time
            timed.append((tick, number, message))
    timed.sort(key=lambda entry: entry[:2])
    before = 0
    for tick, number, message in timed:
        yield number, tick - before, message
        before = tick


def _group(program: int, channel: int) -> str:
    """Return the instrument group of a General MIDI program."""
    families = ((16, "piano"), (24, "strings"), (32, "guitar"), (40, "bass"), (112, "strings"), (128, "effects"))
    return "drums" if channel == _DRUMS else next(name for limit, name in families if program < limit)


@dataclass
class _Reader:
    """Pairs note-on with note-off the way a synthesizer does: one note-off ends all notes of its pitch."""

    programs: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    open: dict[tuple[int, int], list[tuple[int, int, int, str]]] = field(default_factory=lambda: defaultdict(list))
    groups: dict[tuple[int, int], str] = field(default_factory=dict)
    notes: dict[str, list[tuple[int, int, int, int, int]]] = field(default_factory=lambda: defaultdict(list))
    controls: list[Control] = field(default_factory=list)

    def take(self, track: int, message: Any, sample: int) -> None:
        if message.type == "note_on" and message.velocity:
            channel = message.channel
            # a track that changes its program stays one stem
            group = self.groups.setdefault((track, channel), _group(self.programs[channel], channel))
            self.open[channel, message.note].append((sample, message.velocity, channel, group))
        elif message.type in ("note_on", "note_off"):
            self._end(message.channel, message.note, sample)
        elif message.type == "control_change" and message.control in _ALL_OFF:
            for channel, pitch in list(self.open):
                if channel == message.channel:
                    self._end(channel, pitch, sample)
        elif message.type in _PLAYED:
            if message.type == "program_change":
                self.programs[message.channel] = message.program
            self.controls.append(Control(sample, message))

    def _end(self, channel: int, pitch: int, sample: int) -> None:
        for start, velocity, _, group in self.open.pop((channel, pitch), ()):
            self.notes[group].append((start, sample, channel, pitch, velocity))

    def score(self, samples: int) -> PlayedScore:
        for channel, pitch in list(self.open):
            self._end(channel, pitch, samples)
        pedals: dict[int, list[tuple[int, bool]]] = defaultdict(list)
        for control in self.controls:
            if control.key[1:] == ("control_change", _PEDAL):
                pedals[control.message.channel].append((control.sample, control.message.value >= 64))
        parts = []
        for name in (group for group in GROUPS if group in self.notes):
            notes = tuple(
                sorted(
                    PlayedNote(start, end, _lifted(pedals[channel], end, samples), channel, pitch, velocity)
                    for start, end, channel, pitch, velocity in self.notes[name]
                )
            )
            channels = {note.channel for note in notes}
            parts.append(Part(name, notes, tuple(c for c in self.controls if c.message.channel in channels)))
        return PlayedScore(tuple(parts), samples)


def _lifted(pedal: list[tuple[int, bool]], end: int, last: int) -> int:
    """Return the sample at which a note ended at ``end`` is no longer held by the sustain pedal."""
    at = bisect_left(pedal, (end, True))
    if at == 0 or not pedal[at - 1][1]:
        return end
    return next((sample for sample, down in pedal[at:] if not down), max(end, last))
