"""Synthesis in stretches: a piece of any length in the memory of a minute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import closing
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from types import MappingProxyType

import numpy as np

from emsync_bridge.midi.players import PLAYERS, Family
from emsync_bridge.render.bank.sounds import Selection, Sounds, call_groups, select, sounds_for
from emsync_bridge.render.engine_pool import usable_cores
from emsync_bridge.render.engines import BLOCK, Audio, Engine, EngineName, choose_engine
from emsync_bridge.render.midi_events import SAMPLE_RATE, MidiPart, PlayedNote, PlayedScore, read_score
from emsync_bridge.render.sfz.instrument import SfzInstrument

STRETCH = 30 * SAMPLE_RATE
"""Samples of music whose notes are synthesised together: whole blocks of 64."""

TAIL = 8 * SAMPLE_RATE
"""Samples after the last release in which its sound dies away, at most."""

_SPARE = 0.25  # seconds that a call lasts on after the slowest release
_SOSTENUTO = ("control_change", 66)
_LEVEL_VELOCITY = 90  # of the note by which an instrument of somebody's own gets its level
_SHORT = 20 * SAMPLE_RATE  # a piece that is rendered before other processes have started
_HEARTBEAT = 0.05  # seconds between two reports while a sound is waited for, at which a job can be stopped
_PROCESSES = 2  # beside the mix, which takes half of their time; each holds a font of up to a hundred megabytes


def synthesise(midi: bytes, *, soundfont: Path | None = None, engine: EngineName = "auto") -> Audio:
    """Return what a MIDI file sounds like without a room, at the engine's own level.

    Arguments:
        midi: A Standard MIDI File of type 0 or 1.
        soundfont: SF2 or SF3 file; the instruments of the package when None.
        engine: Name of the synthesizer.

    Returns:
        Shape (samples, 2) at 48 kHz, from the file's start to its end; what rings on after it is left out.

    Raises:
        RenderError: The MIDI file, the soundfont or the engine fails.
    """
    score = read_score(midi)
    player = choose_engine(engine)
    sounds = sounds_for(score, soundfont)
    result = np.zeros((score.samples, 2), np.float32)
    position = 0
    for stretch in sound_in_stretches(score, score.samples, player, sounds):
        for _, sound in stretch.sounds:
            result[position : position + stretch.samples] += sound
        position += stretch.samples
    return result


@dataclass(frozen=True)
class Stretch:
    """The sound of a stretch of time.

    Arguments:
        samples: Its length.
        sounds: Each family and its sound of shape (samples, 2), made as it is asked for; all must be taken, in order.
    """

    samples: int
    sounds: Iterator[tuple[Family, Audio]]


def sound_in_stretches(
    score: PlayedScore,
    samples: int,
    engine: Engine,
    sounds: Sounds,
    own: Mapping[str, SfzInstrument] = MappingProxyType({}),
    *,
    tell: Callable[[float], None] | None = None,
) -> Generator[Stretch, None, None]:
    """Yield the sound of every part, one stretch of time after the other.

    A note is played whole in the stretch where it begins, and what reaches beyond is added to the following ones:
    both engines add their voices up, so no seam is left.

    Arguments:
        score: The piece.
        samples: Length of the result.
        engine: The synthesizer.
        sounds: The sounds of the piece.
        own: Instruments that take the place of sounds, by player or family.
        tell: Function called with the share of work done, from 0 to 1, after each part and again while the next is
            waited for; an exception of it ends the work.

    Yields:
        Stretches of 30 s; the last one may be shorter.
    """
    starts = range(0, samples, STRETCH)
    plan = [[_calls(part, start, samples, engine, sounds, own) for part in score.parts] for start in starts]
    overhang: dict[Family, Audio] = {part.name: np.zeros((0, 2), np.float32) for part in score.parts}
    told = _LastShare(tell)
    with closing(_played(engine, [call for row in plan for calls in row for call in calls], samples, told)) as played:
        for start, row in zip(starts, plan, strict=True):
            yield Stretch(min(STRETCH, samples - start), _parts_of(row, score, start, samples, overhang, played, told))


class _LastShare:
    """A report of progress that can be repeated.

    Arguments:
        tell: Function that the report goes to; None for none.
    """

    def __init__(self, tell: Callable[[float], None] | None) -> None:
        self._tell = tell
        self._share = 0.0

    def __call__(self, share: float) -> None:
        self._share = share
        self.repeat()

    def repeat(self) -> None:
        """Report the last share again."""
        if self._tell is not None:
            self._tell(self._share)


@dataclass(frozen=True)
class _Call:
    """One call of an engine.

    Arguments:
        instruments: Sounds of the notes.
        part: Part that the notes are of, with its controllers.
        notes: Some of its notes.
        start: Sample of the piece at which the sound begins.
        samples: Its length.
    """

    instruments: Selection
    part: MidiPart
    notes: tuple[PlayedNote, ...]
    start: int
    samples: int

    def sound(self, engine: Engine) -> Audio:
        return engine.play(self.instruments, self.part, self.notes, self.start, self.samples)


@dataclass(frozen=True)
class _OwnCall:
    """One call of an SFZ instrument.

    Arguments:
        instrument: The instrument.
        sounds: The sounds that it takes the place of, whose level it gets.
        part: Part that the notes are of, with its controllers.
        channel: Key of the notes' voice.
        notes: Some of its notes.
        start: Sample of the piece at which the sound begins.
        samples: Its length.
    """

    instrument: SfzInstrument
    sounds: Sounds
    part: MidiPart
    channel: int
    notes: tuple[PlayedNote, ...]
    start: int
    samples: int

    def sound(self, engine: Engine) -> Audio:
        heard = self.instrument.play(self.part, self.channel, self.notes, self.start, self.samples)
        voice = self.part.voices[self.channel]
        if voice not in self.instrument.levels:
            self.instrument.levels[voice] = self._level(engine)
        heard *= np.float32(self.instrument.levels[voice])
        return heard

    def _level(self, engine: Engine) -> float:
        """Return the factor that makes a note as loud as the one in whose place it sounds."""
        pitch = sorted(note.pitch for note in self.notes)[len(self.notes) // 2]
        voice = self.part.voices[self.channel]
        if voice.player and not PLAYERS[voice.player].unpitched:
            pitch = PLAYERS[voice.player].center
        note = PlayedNote(0, SAMPLE_RATE, SAMPLE_RATE, self.channel, pitch, _LEVEL_VELOCITY)
        alone = MidiPart(self.part.name, (note,), (), {self.channel: voice})
        theirs = engine.play(select(self.sounds, alone, alone.notes), alone, alone.notes, 0, SAMPLE_RATE)
        ours = self.instrument.play(alone, self.channel, alone.notes, 0, SAMPLE_RATE)
        powers = [float(np.square(sound, dtype=np.float64).sum()) for sound in (theirs, ours)]
        return float(np.sqrt(powers[0] / powers[1])) if all(powers) else 1.0


def _calls(
    part: MidiPart, start: int, samples: int, engine: Engine, sounds: Sounds, own: Mapping[str, SfzInstrument]
) -> list[_Call | _OwnCall]:
    """Return the calls for a part's notes of one stretch, each no longer than its notes sound."""
    calls: list[_Call | _OwnCall] = []
    # the sostenuto pedal may hold notes on that the score takes for released
    held = any(control.key[1:] == _SOSTENUTO for control in part.controls)
    playing = part.between(start, min(start + STRETCH, samples))
    for channel, voice in part.voices.items():
        instrument = own.get(voice.player) or own.get(part.name)
        mine = tuple(note for note in playing if note.channel == channel)
        if instrument is not None and mine:
            playing = tuple(note for note in playing if note.channel != channel)
            last = min(max(note.ring for note in mine) + TAIL, samples)
            calls.append(_OwnCall(instrument, sounds, part, channel, mine, start, last - start))
    for notes in call_groups(sounds, part, playing, engine.voices):
        instruments = select(sounds, part, notes)
        # notes are moved to whole blocks, from half-way to even ones, so a pair of blocks keeps them where they were
        first = start + max(0, notes[0].start - start - BLOCK) // (2 * BLOCK) * 2 * BLOCK
        tail = TAIL if held else min(TAIL, ceil((instruments.release + _SPARE) * SAMPLE_RATE))
        last = min(max(note.ring for note in notes) + tail, samples)
        calls.append(_Call(instruments, part, notes, first, last - first))
    return calls


def _played(
    engine: Engine, calls: Sequence[_Call | _OwnCall], samples: int, told: _LastShare
) -> Generator[Audio, None, None]:
    """Yield the sound of each call in order; those of a longer piece are played beside the mix, on another core."""
    cores = usable_cores()
    # an SFZ instrument counts its notes for those that take turns, so its calls stay in order
    count = 1 if any(isinstance(call, _OwnCall) for call in calls) else min(_PROCESSES, cores)
    if samples <= _SHORT or cores == 1:
        for call in calls:
            told.repeat()
            yield call.sound(engine)
        return
    with ThreadPoolExecutor(count) as threads, engine.side_by_side(count) as player:
        ahead: deque[Future[Audio]] = deque()
        try:
            for call in calls:
                ahead.append(threads.submit(call.sound, player))
                if len(ahead) > count:
                    yield _waited(ahead.popleft(), told)
            while ahead:
                yield _waited(ahead.popleft(), told)
        finally:
            for waiting in ahead:
                waiting.cancel()


def _waited(sound: Future[Audio], told: _LastShare) -> Audio:
    """Return a sound once it is there, reporting meanwhile."""
    while not wait((sound,), _HEARTBEAT).done:
        told.repeat()
    return sound.result()


def _parts_of(
    row: Sequence[Sequence[_Call | _OwnCall]],
    score: PlayedScore,
    start: int,
    samples: int,
    overhang: dict[Family, Audio],
    played: Iterator[Audio],
    told: _LastShare,
) -> Iterator[tuple[Family, Audio]]:
    length = min(STRETCH, samples - start)
    for number, (part, calls) in enumerate(zip(score.parts, row, strict=True), start=1):
        before = overhang[part.name]
        ends = [call.start + call.samples - start for call in calls]
        sound = np.zeros((max([length, len(before), *ends]), 2), np.float32)
        sound[: len(before)] = before
        for call in calls:
            sound[call.start - start :][: call.samples] += next(played)
        overhang[part.name] = sound[length:].copy()
        yield part.name, sound[:length]
        told((start + length * number / len(score.parts)) / samples)
