"""A Standard MIDI File as parts to play: notes and controls of each family of instruments at sample times."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any

from emsync_bridge.errors import RenderError
from emsync_bridge.midi.loading import open_midi
from emsync_bridge.midi.players import FAMILIES, PLAYERS, Family

SAMPLE_RATE = 48_000

_DRUMS = 9
_BANK_SELECT = (0, 32)
_PEDAL = 64
_ALL_OFF = (120, 123)  # all sound off, all notes off
_PLAYED = ("program_change", "control_change", "pitchwheel", "aftertouch")
_TITLES = {player.title.casefold(): player.name for player in PLAYERS.values()}

_PROGRAM_FAMILIES: tuple[tuple[int, Family], ...] = (
    (8, "keys"), (9, "keys"), (16, "percussion"), (24, "keys"), (32, "guitars"), (40, "bass"), (46, "strings"),
    (47, "harp"), (48, "percussion"), (52, "strings"), (55, "choir"), (56, "percussion"), (64, "brass"),
    (80, "woodwinds"), (104, "synth"), (112, "guitars"), (120, "percussion"), (128, "synth"),
)  # fmt: skip
"""First General MIDI program after each family's own."""


@dataclass(frozen=True, order=True, slots=True)
class PlayedNote:
    """One note at sample times; ``ring`` is where finger and pedal have both let go.

    Arguments:
        start: Sample of the onset.
        end: Sample of the note-off.
        ring: Sample from which neither finger nor pedal holds it.
        channel: Key of its ``Voice``, from 0.
        pitch: MIDI note number.
        velocity: 1 to 127.
    """

    start: int
    end: int
    ring: int
    channel: int
    pitch: int
    velocity: int


@dataclass(frozen=True, slots=True)
class ControlChange:
    """A message other than a note.

    Arguments:
        sample: Time when it takes effect.
        channel: Key of the ``Voice`` that it is for.
        message: Message as it was read.
    """

    sample: int
    channel: int
    message: Any

    @property
    def key(self) -> tuple[int, str, int]:
        """Channel, type and controller number: what a later message of the same kind replaces."""
        return self.channel, self.message.type, getattr(self.message, "control", 0)


@dataclass(frozen=True)
class Voice:
    """Instrument of one channel of one track.

    Arguments:
        player: Name of the player in ``PLAYERS``; empty where the track is not named after one.
        bank: MIDI bank.
        program: MIDI program from 0.
        drums: Whether notes are keys of the percussion map.
    """

    player: str
    bank: int
    program: int
    drums: bool


@dataclass(frozen=True)
class MidiPart:
    """Notes and controls of one family of instruments.

    Arguments:
        name: The family.
        notes: Notes in order of start.
        controls: Controllers and bends, in order of time.
        voices: Voices by channel.
    """

    name: Family
    notes: tuple[PlayedNote, ...]
    controls: tuple[ControlChange, ...]
    voices: Mapping[int, Voice]

    def between(self, start: int, end: int) -> tuple[PlayedNote, ...]:
        """Return the notes that begin in a stretch of samples."""
        onset = attrgetter("start")
        return self.notes[bisect_left(self.notes, start, key=onset) : bisect_left(self.notes, end, key=onset)]

    def state(self, sample: int) -> list[ControlChange]:
        """Return the messages that set the channels up as they are at a sample."""
        last: dict[tuple[int, str, int], ControlChange] = {}
        for control in self.controls:
            if control.sample > sample:
                break
            last[control.key] = control
        return list(last.values())

    def controls_between(self, start: int, end: int) -> Iterator[ControlChange]:
        """Yield the controls that take effect after ``start`` and before ``end``."""
        return (control for control in self.controls if start < control.sample < end)


@dataclass(frozen=True)
class PlayedScore:
    """All parts of a piece; ``samples`` is where the file ends."""

    parts: tuple[MidiPart, ...]
    samples: int


def read_score(midi: bytes) -> PlayedScore:
    """Return what a Standard MIDI File asks to be played.

    Arguments:
        midi: A file of type 0 or 1 with ticks per quarter note.

    Raises:
        RenderError: It is too large, damaged, of type 2, or counts time in SMPTE frames.
    """
    file = open_midi(midi, error=RenderError)
    if file.type == 2:
        raise RenderError("Only MIDI files of type 0 and 1 can be rendered")
    reader = _Reader()
    sample = 0.0
    tempo = 500_000
    for number, ticks, message in _in_order(file.tracks):
        sample += ticks * tempo * SAMPLE_RATE / (file.ticks_per_beat * 1e6)
        if message.type == "set_tempo":
            tempo = max(1, message.tempo)
        elif message.is_meta:
            reader.describe(number, message)
        else:
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


def family_of(program: int, *, drums: bool = False) -> Family:
    """Return the family of a General MIDI program.

    Arguments:
        program: Number of the program, from 0 to 127.
        drums: Whether it is a kit.
    """
    return "drums" if drums else next(family for limit, family in _PROGRAM_FAMILIES if program < limit)


_Place = tuple[int, int]  # track and channel


@dataclass
class _Reader:
    """Pairs note-on with note-off the way a synthesizer does: one note-off ends all notes of its pitch."""

    titles: dict[int, str] = field(default_factory=dict)
    ports: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    programs: dict[tuple[int, int], list[int]] = field(default_factory=lambda: defaultdict(lambda: [0, 0]))
    open: dict[tuple[_Place, int], list[tuple[int, int, Voice]]] = field(default_factory=lambda: defaultdict(list))
    families: dict[_Place, Family] = field(default_factory=dict)
    notes: dict[tuple[_Place, Voice], list[tuple[int, int, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    controls: list[tuple[int, _Place, Any]] = field(default_factory=list)

    def describe(self, track: int, message: Any) -> None:
        if message.type == "track_name":
            self.titles.setdefault(track, message.name.strip().casefold())
        elif message.type == "midi_port":
            self.ports[track] = message.port

    def take(self, track: int, message: Any, sample: int) -> None:
        place = (track, message.channel) if hasattr(message, "channel") else (track, 0)
        if message.type == "note_on" and message.velocity:
            self.open[place, message.note].append((sample, message.velocity, self._voice(place)))
        elif message.type in ("note_on", "note_off"):
            self._end(place, message.note, sample)
        elif message.type == "control_change" and message.control in _ALL_OFF:
            for at, pitch in list(self.open):
                if at == place:
                    self._end(at, pitch, sample)
        elif message.type in _PLAYED:
            own = self.programs[self.ports[track], message.channel]
            if message.type == "program_change":
                own[1] = message.program
            elif message.type == "control_change" and message.control in _BANK_SELECT:
                own[0] = message.value if message.control == 0 else own[0]
            else:
                self.controls.append((sample, place, message))

    def _voice(self, place: _Place) -> Voice:
        bank, program = self.programs[self.ports[place[0]], place[1]]
        drums = place[1] == _DRUMS
        player = _TITLES.get(self.titles.get(place[0], ""), "")
        if player and (PLAYERS[player].program, PLAYERS[player].unpitched) != (program, drums):
            player = ""  # a track of that name with another sound
        # a track that changes its program stays one stem
        family = PLAYERS[player].family if player else family_of(program, drums=drums)
        self.families.setdefault(place, family)
        return Voice(player, 128 if drums else bank, program, drums)

    def _end(self, place: _Place, pitch: int, sample: int) -> None:
        for start, velocity, voice in self.open.pop((place, pitch), ()):
            self.notes[place, voice].append((start, sample, pitch, velocity))

    def score(self, samples: int) -> PlayedScore:
        for place, pitch in list(self.open):
            self._end(place, pitch, samples)
        playing = {place for place, _ in self.notes}
        parts = []
        for family in FAMILIES:
            keys = [key for key in self.notes if self.families[key[0]] == family]
            notes: list[PlayedNote] = []
            controls: list[ControlChange] = []
            for channel, (place, voice) in enumerate(keys):
                mine = [
                    ControlChange(sample, channel, message)
                    for sample, at, message in self.controls
                    if self._concerns(at, place, playing)
                ]
                controls += mine
                pedal = [(c.sample, c.message.value >= 64) for c in mine if c.key[1:] == ("control_change", _PEDAL)]
                notes += [
                    PlayedNote(start, end, _lifted(pedal, end, samples), channel, pitch, velocity)
                    for start, end, pitch, velocity in self.notes[place, voice]
                ]
            if notes:
                voices = {channel: voice for channel, (_, voice) in enumerate(keys)}
                ordered = tuple(sorted(controls, key=attrgetter("sample")))
                parts.append(MidiPart(family, tuple(sorted(notes)), ordered, voices))
        return PlayedScore(tuple(parts), samples)

    def _concerns(self, at: _Place, place: _Place, playing: Iterable[_Place]) -> bool:
        """Tell whether a control is for a place: its own track's, or its channel's where its track plays nothing."""
        if at == place:
            return True
        return at not in playing and at[1] == place[1] and self.ports[at[0]] == self.ports[place[0]]


def _lifted(pedal: list[tuple[int, bool]], end: int, last: int) -> int:
    """Return the sample at which a note ended at ``end`` is no longer held by the sustain pedal."""
    at = bisect_left(pedal, (end, True))
    if at == 0 or not pedal[at - 1][1]:
        return end
    return next((sample for sample, down in pedal[at:] if not down), max(end, last))
