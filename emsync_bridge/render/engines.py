"""The two synthesizers behind one interface: a stretch of notes in, dry float samples at 48 kHz out.

Both engines let messages take effect only at every 64th sample. Notes are therefore moved to the nearest such
sample here (at most 0.67 ms) and written at the tick that makes each engine act exactly there, so that the two agree
and a note at sample 0 sounds at sample 0.
"""

from __future__ import annotations

import io
import shutil
import subprocess
import tempfile
import wave
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import lru_cache
from math import log2
from pathlib import Path
from typing import Any, Literal, Protocol

import mido
import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError
from emsync_bridge.render.bank.assembly import FontFile
from emsync_bridge.render.engine_pool import EngineFailedError, EnginePool
from emsync_bridge.render.midi_events import SAMPLE_RATE, MidiPart, PlayedNote

EngineName = Literal["auto", "midirenderer", "fluidsynth"]
Audio = npt.NDArray[np.float32]

BLOCK = 64
_LEAD = 32 * BLOCK  # silence before the stretch in which programs and controllers are set
_CHANNELS = (*range(9), *range(10, 16))  # the percussion channel would look for a kit
_SENDS = (91, 93)  # reverb and chorus: the mix has its own room
_IGNORED = (1, *_SENDS)  # the modulation wheel is dynamics in an orchestra's file, but vibrato to a soundfont
_TICKS_PER_QUARTER = SAMPLE_RATE // 2  # at the default 120 bpm one tick is one sample


class Instruments(Protocol):
    """The sounds that some notes are played with.

    Arguments:
        programs: MIDI program in the font, by channel of the notes.
        where: The file or folder that they come from, for messages.
        release: Seconds in which the slowest of them dies away after its note.
    """

    @property
    def programs(self) -> Mapping[int, int]: ...  # noqa: D102 (described above)
    @property
    def where(self) -> Path: ...  # noqa: D102
    @property
    def release(self) -> float: ...  # noqa: D102

    def font(self, boost: float) -> FontFile:
        """Return them as an SF2 file, louder by ``boost`` decibels."""
        ...


class Engine(Protocol):
    """A synthesizer; what it returns depends on its arguments alone.

    Arguments:
        name: Name for people and options.
        voices: Polyphony; beyond it old voices are silenced.
    """

    name: str
    voices: int

    def play(
        self, instruments: Instruments, part: MidiPart, notes: tuple[PlayedNote, ...], start: int, samples: int
    ) -> Audio:
        """Return what some notes of a part sound like, without any reverberation.

        Arguments:
            instruments: Sounds of the notes.
            part: Part that the notes are of, with its controllers.
            notes: Notes of the part to play.
            start: Sample of the piece that becomes the first of the result.
            samples: Length of the result.

        Returns:
            Shape (samples, 2).

        Raises:
            RenderError: The engine or the soundfont fails.
        """
        ...

    def side_by_side(self, count: int) -> AbstractContextManager[Engine]:
        """Return an engine whose ``play`` may be called by several threads, on a core each.

        Arguments:
            count: Number of threads.
        """
        ...


def choose_engine(name: EngineName) -> Engine:
    """Return the engine of that name; ``auto`` takes midirenderer, so that a piece sounds alike on every machine.

    Arguments:
        name: Name of the engine.

    Raises:
        RenderError: FluidSynth was asked for and is not there.
    """
    if name != "fluidsynth":
        return MidirendererEngine()
    program = find_fluidsynth()
    if program is None:
        raise RenderError(
            "FluidSynth is not installed, or too old to write floating-point samples",
            hint="Install fluidsynth 2 or later, or use the engine midirenderer",
        )
    return FluidSynthEngine(program)


@lru_cache(maxsize=1)
def find_fluidsynth() -> str | None:
    """Return the path of a FluidSynth that writes floating-point samples, or None."""
    program = shutil.which("fluidsynth")
    if program is None or Path(program).resolve().parent == Path.cwd():
        return None
    try:
        formats = subprocess.run([program, "-O", "help"], capture_output=True, timeout=20, check=False)  # noqa: S603
    except (OSError, subprocess.SubprocessError):
        return None
    return program if b"'float'" in formats.stdout + formats.stderr else None


class MidirendererEngine:
    """rustysynth, as the midirenderer wheel carries it.

    It gives 16-bit samples at a low level (a loud piano note peaks at -25 dBFS) and ends voices that fall below
    -60 dB. So the font is made louder as far as the notes allow, and the samples softer again.
    """

    name = "midirenderer"
    voices = 64
    _boosts = (12.0, 0.0, -12.0, -24.0)  # dB, the last one for anything that a MIDI file can hold
    _quiet = 2048  # a peak below this one leaves room for a higher boost

    def __init__(self, pool: EnginePool | None = None) -> None:
        self._pool = pool

    @contextmanager
    def side_by_side(self, count: int) -> Iterator[Engine]:
        """Give an engine that renders in processes of its own; see ``Engine``."""
        pool = EnginePool(count)
        try:
            yield MidirendererEngine(pool)
        finally:
            pool.close()

    def play(
        self, instruments: Instruments, part: MidiPart, notes: tuple[PlayedNote, ...], start: int, samples: int
    ) -> Audio:
        """Return what some notes of a part sound like; see ``Engine``."""
        midi = _stretch(instruments, part, notes, start, samples, _midirenderer_tick)
        for boost in self._boosts:
            heard = self._render(instruments, midi, boost)
            peak = max(int(heard.max(initial=0)), -int(heard.min(initial=0)))
            if peak < 32767:
                break
        if 0 < peak < self._quiet:
            boost += 6.0 * int(log2(16384 / peak))
            heard = self._render(instruments, midi, boost)
        return _fit(heard[_LEAD:], samples, 10 ** (-boost / 20) / 32768)

    def _render(self, instruments: Instruments, midi: bytes, boost: float) -> npt.NDArray[np.int16]:
        try:
            data = self._wave(lambda: instruments.font(boost), midi)
        except EngineFailedError as problem:
            raise RenderError(
                f"The soundfont cannot be played ({problem})",
                where=instruments.where,
                hint="Check it in another program, or use another one",
            ) from None
        with wave.open(io.BytesIO(data)) as sound:
            if (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) != (SAMPLE_RATE, 2, 2):
                raise RenderError("This version of midirenderer gives an unknown sample format")
            return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)

    def _wave(self, font: Callable[[], FontFile], midi: bytes) -> bytes:
        data = self._pool.render(font, midi) if self._pool else None
        if data is not None:
            return data
        import midirenderer

        made = bytes(font())
        try:
            return midirenderer.render_wave_from(made, midi)
        except BaseException as problem:
            # a panic in the compiled part is no Exception
            if isinstance(problem, (KeyboardInterrupt, SystemExit, MemoryError)):
                raise
            raise EngineFailedError(str(problem)) from None


class FluidSynthEngine:
    """The fluidsynth program, writing floating-point samples to a temporary file; no audio device is opened."""

    name = "fluidsynth"
    voices = 512

    def __init__(self, program: str) -> None:
        self._program = program

    @contextmanager
    def side_by_side(self, count: int) -> Iterator[Engine]:  # noqa: ARG002 (each call runs in a process anyway)
        """Give this engine; see ``Engine``."""
        yield self

    def play(
        self, instruments: Instruments, part: MidiPart, notes: tuple[PlayedNote, ...], start: int, samples: int
    ) -> Audio:
        """Return what some notes of a part sound like; see ``Engine``."""
        midi = _stretch(instruments, part, notes, start, samples, _fluidsynth_tick)
        with tempfile.TemporaryDirectory(prefix="emsync-") as folder:
            score, sound, font = Path(folder, "score.mid"), Path(folder, "sound.raw"), Path(folder, "font.sf2")
            try:
                score.write_bytes(midi)
                with font.open("wb") as file:
                    file.writelines(instruments.font(0.0).blocks())
                self._run(score, sound, font, instruments.where)
                heard = np.fromfile(sound, "<f4")
            except OSError as problem:
                raise RenderError(
                    f"FluidSynth gave no sound: {problem.strerror or problem}",
                    where=problem.filename or folder,
                    hint="Make room in the temporary folder, or use the engine midirenderer",
                ) from None
        if len(heard) < 2 * (_LEAD + samples):
            raise RenderError(
                "FluidSynth stopped early",
                where=instruments.where,
                hint="Check the soundfont and the free space in the temporary folder, or use the engine midirenderer",
            )
        return _fit(heard.reshape(-1, 2)[_LEAD:], samples)

    def _run(self, score: Path, sound: Path, font: Path, where: Path) -> None:
        options = ["-n", "-i", "-q", "-C", "0", "-R", "0", "-r", str(SAMPLE_RATE), "-T", "raw", "-O", "float"]
        settings = ["-o", f"synth.polyphony={self.voices}", "-o", "synth.cpu-cores=1", "-o", "audio.file.endian=little"]
        settings += ["-o", "synth.dynamic-sample-loading=0"]
        done = subprocess.run(  # noqa: S603
            [self._program, *options, *settings, "-F", str(sound), str(font), str(score)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        complaint = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "error" in line]
        if done.returncode or complaint:
            why = complaint[-1].split("error:", 1)[-1].strip() if complaint else f"exit code {done.returncode}"
            raise RenderError(f"FluidSynth failed ({why})", where=where, hint="Use another soundfont")


def _midirenderer_tick(block: int) -> int:
    # acts at the first block that does not begin before the message, so half a block early is right whatever the
    # rounding of its clock
    return block * BLOCK - BLOCK // 2


def _fluidsynth_tick(block: int) -> int:
    # its clock counts whole milliseconds at the beginning of every block, and the voice starts one block later
    milliseconds = (block - 1) * BLOCK * 1000 // SAMPLE_RATE
    return milliseconds * SAMPLE_RATE // 1000 - SAMPLE_RATE // 2000


def _stretch(
    instruments: Instruments,
    part: MidiPart,
    notes: tuple[PlayedNote, ...],
    start: int,
    samples: int,
    tick: Callable[[int], int],
) -> bytes:
    """Return a MIDI file of one stretch, with all times in the ticks that the engine needs."""
    channels = {channel: _CHANNELS[number] for number, channel in enumerate(sorted(instruments.programs))}

    def block(sample: int) -> int:
        return max(0, round((sample - start) / BLOCK)) + _LEAD // BLOCK

    timed: list[tuple[int, int, Any]] = []
    for channel, program in instruments.programs.items():
        own = {"channel": channels[channel]}
        timed.append((0, 0, mido.Message("program_change", program=program, **own)))
        timed += [(0, 0, mido.Message("control_change", control=number, value=0, **own)) for number in _SENDS]
    setting_up = [(_LEAD // BLOCK // 2, 0, control) for control in part.state(start)]
    later = [(block(control.sample), 1, control) for control in part.controls_between(start, start + samples)]
    for at, order, control in [*setting_up, *later]:
        message = control.message
        if control.channel in channels and not (message.type == "control_change" and message.control in _IGNORED):
            timed.append((at, order, message.copy(channel=channels[control.channel])))
    for note in notes:
        on = block(note.start)
        key = {"note": note.pitch, "channel": channels[note.channel], "skip_checks": True}
        timed.append((on, 2, mido.Message("note_on", velocity=note.velocity, **key)))
        timed.append((max(on + 1, block(note.end)), 0, mido.Message("note_off", velocity=0, **key)))
    timed.sort(key=lambda entry: entry[:2])

    track = mido.MidiTrack()
    before = 0
    for at, _, message in timed:
        now = max(0, tick(at))
        track.append(message.copy(skip_checks=True, time=now - before))
        before = now
    track.append(mido.MetaMessage("end_of_track", time=max(0, _LEAD + samples + BLOCK - before)))
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_QUARTER, tracks=[track])
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _fit(heard: npt.NDArray[Any], samples: int, factor: float = 1.0) -> Audio:
    result = np.zeros((samples, 2), np.float32)
    np.multiply(heard[:samples], np.float32(factor), out=result[: len(heard)], casting="unsafe")
    return result
