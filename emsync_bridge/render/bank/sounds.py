"""Sounds of a piece: the instruments of the package, or a person's own soundfont."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError
from emsync_bridge.ffmpeg import find_ffmpeg
from emsync_bridge.render.bank import files
from emsync_bridge.render.bank.assembly import FontFile, SampleSource, assemble
from emsync_bridge.render.bank.catalog import sound_of_player, sound_of_program
from emsync_bridge.render.bank.modulators import bake
from emsync_bridge.render.bank.soundfont import COMPRESSED, Pcm, SoundFont
from emsync_bridge.render.bank.zones import ZoneTable, table_of
from emsync_bridge.render.midi_events import SAMPLE_RATE, MidiPart, PlayedNote, PlayedScore, Voice

BANK_NAME = "MuseScore_General 0.2.1"

_RELEASE_TIME = 38  # generator, in timecents: SoundFont Technical Specification 2.04, section 8.1.3
_RELEASE = SAMPLE_RATE  # a voice may sound on this long after its note
_FADE = 64  # frames over which the end of a loop is led into its beginning
_MOST = 15  # channels of one call of the engine
_MAX_SAMPLE = 1 << 28  # bytes of one decoded sample


class Sounds(Protocol):
    """The sounds of a piece.

    Arguments:
        name: Name for people.
        where: The file or folder that they come from.
        table: Their zones.
        samples: Source of their samples.
    """

    @property
    def name(self) -> str: ...  # noqa: D102 (described above)
    @property
    def where(self) -> Path: ...  # noqa: D102
    @property
    def table(self) -> ZoneTable: ...  # noqa: D102
    @property
    def samples(self) -> SampleSource: ...  # noqa: D102

    def sound(self, voice: Voice) -> str:
        """Return the name of a voice's sound in the table."""
        ...


@dataclass(frozen=True)
class Selection:
    """The zones that some notes need; see ``engines.Instruments``."""

    sounds: Sounds
    programs: Mapping[int, int]
    zones: Mapping[int, tuple[int, ...]]

    @property
    def where(self) -> Path:
        """The file or folder that the sounds come from."""
        return self.sounds.where

    @property
    def release(self) -> float:
        """Seconds in which the slowest zone dies away after its note."""
        table = self.sounds.table
        own = [dict(table.generators_of(zone)) for chosen in self.zones.values() for zone in chosen]
        return max((2 ** (each.get(_RELEASE_TIME, -12000) / 1200) for each in own), default=0.0)

    def font(self, boost: float) -> FontFile:
        """Return the zones as an SF2 file, louder by ``boost`` decibels."""
        return assemble(self.sounds.table, self.sounds.samples, self.zones, boost=boost)


def select(sounds: Sounds, part: MidiPart, notes: Sequence[PlayedNote]) -> Selection:
    """Return the zones that notes of a part need."""
    played: dict[str, set[tuple[int, int]]] = {}
    sound_of = {channel: sounds.sound(part.voices[channel]) for channel in {note.channel for note in notes}}
    for note in notes:
        played.setdefault(sound_of[note.channel], set()).add((note.pitch, note.velocity))
    programs = {sound: number for number, sound in enumerate(sorted(played))}
    zones = {programs[sound]: tuple(sounds.table.chosen(sound, keys)) for sound, keys in played.items()}
    return Selection(sounds, {channel: programs[sound] for channel, sound in sound_of.items()}, zones)


def call_groups(
    sounds: Sounds, part: MidiPart, notes: Sequence[PlayedNote], voices: int
) -> Iterator[tuple[PlayedNote, ...]]:
    """Yield notes in groups whose voices an engine can sound at once; a channel is not divided.

    Arguments:
        sounds: The sounds of the piece.
        part: Part that the notes are of.
        notes: Notes in order of start.
        voices: Polyphony of the engine.
    """
    by_channel: dict[int, list[PlayedNote]] = {}
    for note in notes:
        by_channel.setdefault(note.channel, []).append(note)
    group: list[PlayedNote] = []
    channels = 0
    for channel, mine in by_channel.items():
        if group and (channels == _MOST or _densest(sounds, part, [*group, *mine]) > voices):
            yield tuple(sorted(group))
            group, channels = [], 0
        group += mine
        channels += 1
        del channel
    if group:
        yield tuple(sorted(group))


def _densest(sounds: Sounds, part: MidiPart, notes: Iterable[PlayedNote]) -> int:
    changes = []
    for note in notes:
        layers = int(_layers(sounds.table, sounds.sound(part.voices[note.channel]))[note.pitch, note.velocity])
        changes += [(note.start, layers), (note.ring + _RELEASE, -layers)]
    return max(accumulate(step for _, step in sorted(changes)), default=0)


class _Identity:
    """A table as a key of a cache."""

    def __init__(self, table: ZoneTable) -> None:
        self.table = table

    def __hash__(self) -> int:
        return id(self.table)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Identity) and other.table is self.table


def _layers(table: ZoneTable, sound: str) -> npt.NDArray[np.int16]:
    return _counted(_Identity(table), sound)


@lru_cache(maxsize=128)
def _counted(key: _Identity, sound: str) -> npt.NDArray[np.int16]:
    """Return how many zones sound, by key and velocity."""
    table = key.table
    count = np.zeros((129, 129), np.int16)
    if sound in table.sounds:
        for _, low, high, soft, loud, _ in table.zones[table.zones[:, 0] == table.sounds.index(sound)]:
            count[low : high + 1, soft : loud + 1] += 1
    return count


class BankSounds:
    """The instruments of the package.

    Arguments:
        score: The piece; only the instruments that play in it are unpacked.
        folder: Folder of the bank.
        cache: Folder of unpacked instruments; the user's when None.
        progress: Function called with the share of the unpacking that is done, where something is unpacked.

    Raises:
        RenderError: The bank is damaged or cannot be unpacked.
    """

    name = BANK_NAME

    def __init__(
        self,
        score: PlayedScore,
        *,
        folder: Path = files.DATA,
        cache: Path | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> None:
        self.where = folder
        self.table = _bank_table(folder)
        voices = {voice for part in score.parts for voice in part.voices.values()}
        streams = self.table.streams_of({self.sound(voice) for voice in voices})
        found = files.decoded_streams(streams, folder=folder, cache=cache, progress=progress)
        self.samples = StreamSamples(self.table, found)

    def sound(self, voice: Voice) -> str:
        """Return the sound of a voice: its player's own, or the nearest one to its program."""
        return sound_of_player(voice.player) if voice.player else sound_of_program(voice.program, drums=voice.drums)


@lru_cache(maxsize=2)
def _bank_table(folder: Path) -> ZoneTable:
    return ZoneTable.load(folder / files.TABLE)


class StreamSamples:
    """Samples cut out of decoded streams.

    Arguments:
        table: Places of the samples in the streams.
        streams: Shape (frames, channels) by name of the stream.
    """

    def __init__(self, table: ZoneTable, streams: Mapping[str, npt.NDArray[np.int16]]) -> None:
        self._table = table
        self._streams = streams

    def frames(self, sample: int) -> int:
        """Return the length of a sample."""
        return int(self._table.samples[sample, 3])

    def pcm(self, sample: int) -> Pcm:
        """Return a sample; its loop is mended where the codec has left a step."""
        stream, channel, offset, length, start, end, *_ = (int(value) for value in self._table.samples[sample])
        whole = self._streams[self._table.streams[stream]]
        if isinstance(whole, np.memmap) and whole.filename is not None:
            # read rather than mapped: pages of a mapped file count as the program's own memory
            width = whole.shape[1]
            found = np.fromfile(whole.filename, "<i2", length * width, offset=2 * width * offset)
            return smooth_loop(found.reshape(-1, width)[:, channel].copy(), start, end)
        return smooth_loop(np.array(whole[offset : offset + length, channel]), start, end)


def smooth_loop(sound: Pcm, start: int, end: int) -> Pcm:
    """Return a sample whose loop runs on without a step: its end is faded into what lies before its beginning.

    Arguments:
        sound: The sample, changed in place.
        start: First frame of the loop.
        end: Frame after its last.
    """
    fade = min(_FADE, start, (end - start) // 2)
    if fade > 0 and end <= len(sound):
        rise = np.arange(1, fade + 1) / fade
        mixed = sound[end - fade : end] * (1 - rise) + sound[start - fade : start] * rise
        sound[end - fade : end] = np.rint(mixed).astype(np.int16)
        behind = min(4, len(sound) - end)
        sound[end : end + behind] = sound[start : start + behind]
    return sound


class FontSounds:
    """A soundfont that somebody has chosen: SF2 or SF3, read zone by zone whatever its size.

    Arguments:
        path: The file.
        score: The piece; only the presets that play in it are read.

    Raises:
        RenderError: It is no whole soundfont, or lacks every preset that could play.
    """

    def __init__(self, path: Path, score: PlayedScore) -> None:
        self.name = path.stem
        self.where = path
        self._font = SoundFont(path)
        voices = {voice for part in score.parts for voice in part.voices.values()}
        self._presets = {(voice.bank, voice.program): self._preset(voice) for voice in voices}
        chosen = sorted({index for index in self._presets.values() if index is not None})
        if voices and not chosen:
            raise RenderError("This soundfont has no preset for this music", where=path, hint="Use another soundfont")
        baked = {str(index): bake(self._font, index) for index in chosen}
        self.table = table_of(baked, self._rows(), ())
        self.samples: SampleSource = FontSamples(self._font)

    def sound(self, voice: Voice) -> str:
        """Return the preset of a voice; the General MIDI one of its program where the bank lacks it."""
        return str(self._presets[voice.bank, voice.program])

    def _preset(self, voice: Voice) -> int | None:
        wanted = [(voice.bank, voice.program), (128, 0) if voice.drums else (0, voice.program), (0, 0)]
        return next((index for pair in wanted if (index := self._font.preset_index(*pair)) is not None), None)

    def _rows(self) -> npt.NDArray[np.int32]:
        records = self._font.samples[:-1]
        rows = np.zeros((len(records), 9), np.int32)
        for number in range(len(records)):
            rows[number, 4:6] = self._font.loop(number)
        rows[:, 6], rows[:, 7], rows[:, 8] = records["rate"], records["key"], records["cents"]
        return rows


class FontSamples:
    """Samples of a soundfont on disk; those of an SF3 are decoded by ffmpeg as they are needed."""

    def __init__(self, font: SoundFont) -> None:
        self._font = font
        self._decoded: dict[int, Pcm] = {}

    def frames(self, sample: int) -> int:
        """Return the length of a sample."""
        return len(self.pcm(sample))

    def pcm(self, sample: int) -> Pcm:
        """Return a sample."""
        if not int(self._font.samples["type"][sample]) & COMPRESSED:
            return self._font.pcm(sample)
        if sample not in self._decoded:
            self._decoded[sample] = self._decode(sample)
        return self._decoded[sample]

    def _decode(self, sample: int) -> Pcm:
        command = [find_ffmpeg(), "-hide_banner", "-loglevel", "error", "-f", "ogg", "-i", "pipe:0", "-ac", "1"]
        done = subprocess.run(  # noqa: S603
            [*command, "-f", "s16le", "-fs", str(_MAX_SAMPLE), "pipe:1"],
            input=self._font.data(sample),
            capture_output=True,
            check=False,
        )
        if done.returncode or not done.stdout:
            raise RenderError(
                f"The sample {sample} of this soundfont cannot be decoded",
                where=self._font.path,
                hint="Use an SF2 file",
            )
        return np.frombuffer(done.stdout[: len(done.stdout) // 2 * 2], "<i2")


def sounds_for(score: PlayedScore, soundfont: Path | None, progress: Callable[[float], None] | None = None) -> Sounds:
    """Return what a piece is played with.

    Arguments:
        score: The piece.
        soundfont: SF2 or SF3 file; the instruments of the package when None.
        progress: Function called with the share of the unpacking that is done, where something is unpacked.

    Raises:
        RenderError: The sounds cannot be read.
    """
    return BankSounds(score, progress=progress) if soundfont is None else FontSounds(soundfont, score)
