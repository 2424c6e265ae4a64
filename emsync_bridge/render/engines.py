"""The two synthesizers behind one door: a stretch of notes in, float samples at 48 kHz out.

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
from functools import lru_cache
from math import log2
from pathlib import Path
from typing import Any, Literal, Protocol

import mido
import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError
from emsync_bridge.render.midi_events import SAMPLE_RATE, Part, PlayedNote
from emsync_bridge.render.soundfonts import louder

EngineName = Literal["auto", "midirenderer", "fluidsynth"]
Audio = npt.NDArray[np.float32]

BLOCK = 64
_LEAD = 32 * BLOCK  # silence before the stretch in which programs and controllers are set
_SILENCE = 1e-7  # FluidSynth's reverb never ends but leaves an offset of 1e-8
_TICKS_PER_QUARTER = SAMPLE_RATE // 2  # at the default 120 bpm one tick is one sample


class Engine(Protocol):
    """A synthesizer; it holds no state between two calls.

    Arguments:
        name: What it is called.
        voices: How many it can sound at once before it silences old ones.
    """

    name: str
    voices: int

    def play(self, part: Part, notes: tuple[PlayedNote, ...], start: int, samples: int) -> Audio:
        """Return what some notes of a part sound like.

        Arguments:
            part: Gives the programs and controllers.
            notes: Which of its notes to play.
            start: Sample of the piece that becomes the first of the result.
            samples: Length of the result.

        Returns:
            Shape (samples, 2).

        Raises:
            RenderError: The engine or the soundfont fails.
        """
        ...


def choose_engine(name: EngineName, soundfont: Path) -> Engine:
    """Return the engine of that name; ``auto`` takes FluidSynth where it is installed.

    Arguments:
        name: Which engine.
        soundfont: What it plays with.

    Raises:
        RenderError: FluidSynth was asked for and is not there.
    """
    program = None if name == "midirenderer" else find_fluidsynth()
    if program:
        return FluidSynthEngine(program, soundfont)
    if name == "fluidsynth":
        raise RenderError(
            "FluidSynth is not installed, or too old to write floating-point samples",
            hint="Install fluidsynth 2 or later, or use the engine midirenderer",
        )
    return MidirendererEngine(soundfont)


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

    It gives 16-bit samples at a low level (a loud piano note peaks at -25 dBFS) and leaves out what falls below
    -60 dB, reverb included. So the soundfont is made louder as far as the notes allow, and the samples softer again.
    """

    name = "midirenderer"
    voices = 64
    _boosts = (12.0, 0.0, -12.0, -24.0)  # dB, the last one for anything that a MIDI file can hold
    _quiet = 2048  # a peak below this one leaves room for a higher boost

    def __init__(self, soundfont: Path) -> None:
        self._path = soundfont
        self._font = soundfont.read_bytes()
        self._boosted: tuple[float, bytes] = (0.0, self._font)

    def play(self, part: Part, notes: tuple[PlayedNote, ...], start: int, samples: int) -> Audio:
        """Return what some notes of a part sound like; see ``Engine``."""
        midi = _stretch(part, notes, start, samples, _midirenderer_tick)
        for boost in self._boosts:
            heard = self._render(midi, boost)
            peak = max(int(heard.max(initial=0)), -int(heard.min(initial=0)))
            if peak < 32767:
                break
        if 0 < peak < self._quiet:
            boost += 6.0 * int(log2(16384 / peak))
            heard = self._render(midi, boost)
        return _fit(heard[_LEAD:] * np.float32(10 ** (-boost / 20) / 32768), samples)

    def _render(self, midi: bytes, boost: float) -> npt.NDArray[np.int16]:
        import midirenderer

        if self._boosted[0] != boost:
            self._boosted = (boost, louder(self._font, boost))
        try:
            data = midirenderer.render_wave_from(self._boosted[1], midi)
        except BaseException as problem:
            # a panic in the compiled part is no Exception
            if isinstance(problem, (KeyboardInterrupt, SystemExit, MemoryError)):
                raise
            raise RenderError(
                f"The soundfont cannot be played ({problem})",
                where=self._path,
                hint="Check it in another program, or use another one",
            ) from None
        with wave.open(io.BytesIO(data)) as sound:
            if (sound.getframerate(), sound.getsampwidth(), sound.getnchannels()) != (SAMPLE_RATE, 2, 2):
                raise RenderError("This version of midirenderer gives an unknown sample format")
            return np.frombuffer(sound.readframes(sound.getnframes()), "<i2").reshape(-1, 2)


class FluidSynthEngine:
    """The fluidsynth program, writing floating-point samples to a temporary file; no audio device is opened."""

    name = "fluidsynth"
    voices = 512

    def __init__(self, program: str, soundfont: Path) -> None:
        self._program = program
        self._path = soundfont

    def play(self, part: Part, notes: tuple[PlayedNote, ...], start: int, samples: int) -> Audio:
        """Return what some notes of a part sound like; see ``Engine``."""
        midi = _stretch(part, notes, start, samples, _fluidsynth_tick)
        with tempfile.TemporaryDirectory(prefix="emsync-") as folder:
            score, sound = Path(folder, "score.mid"), Path(folder, "sound.raw")
            try:
                score.write_bytes(midi)
                self._run(score, sound)
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
                where=self._path,
                hint="Check the soundfont and the room in the temporary folder, or use the engine midirenderer",
            )
        heard[np.abs(heard) < _SILENCE] = 0
        return _fit(heard.reshape(-1, 2)[_LEAD:], samples)

    def _run(self, score: Path, sound: Path) -> None:
        options = ["-n", "-i", "-q", "-C", "0", "-R", "1", "-r", str(SAMPLE_RATE), "-T", "raw", "-O", "float"]
        settings = ["-o", f"synth.polyphony={self.voices}", "-o", "synth.cpu-cores=1", "-o", "audio.file.endian=little"]
        files = ["-F", str(sound), str(self._path.absolute()), str(score)]
        done = subprocess.run(  # noqa: S603
            [self._program, *options, *settings, *files], stdin=subprocess.DEVNULL, capture_output=True, check=False
        )
        complaint = [line for line in done.stderr.decode("utf-8", "replace").splitlines() if "error" in line]
        if done.returncode or complaint:
            why = complaint[-1].split("error:", 1)[-1].strip() if complaint else f"exit code {done.returncode}"
            raise RenderError(f"FluidSynth failed ({why})", where=self._path, hint="Use another soundfont")


def _midirenderer_tick(block: int) -> int:
    # acts at the first block that does not begin before the message, so half a block early is right whatever the
    # rounding of its clock
    return block * BLOCK - BLOCK // 2


def _fluidsynth_tick(block: int) -> int:
    # its clock counts whole milliseconds at the beginning of every block, and the voice starts one block later
    milliseconds = (block - 1) * BLOCK * 1000 // SAMPLE_RATE
    return milliseconds * SAMPLE_RATE // 1000 - SAMPLE_RATE // 2000


def _stretch(part: Part, notes: tuple[PlayedNote, ...], start: int, samples: int, tick: Any) -> bytes:
    """Return a MIDI file of one stretch, with all times in the ticks that the engine needs."""

    def block(sample: int) -> int:
        return max(0, round((sample - start) / BLOCK)) + _LEAD // BLOCK

    timed: list[tuple[int, int, Any]] = [(_LEAD // BLOCK // 2, 0, message) for message in part.state(start)]
    timed += [(block(c.sample), 1, c.message) for c in part.controls_between(start, start + samples)]
    for note in notes:
        on = block(note.start)
        key = {"note": note.pitch, "channel": note.channel, "skip_checks": True}  # they came from checked messages
        timed.append((on, 2, mido.Message("note_on", velocity=note.velocity, **key)))
        timed.append((max(on + 1, block(note.end)), 0, mido.Message("note_off", velocity=0, **key)))
    timed.sort(key=lambda entry: entry[:2])

    track = mido.MidiTrack()
    before = 0
    for at, _, message in timed:
        now = tick(at)
        track.append(message.copy(skip_checks=True, time=now - before))
        before = now
    track.append(mido.MetaMessage("end_of_track", time=max(0, _LEAD + samples + BLOCK - before)))
    file = mido.MidiFile(type=0, ticks_per_beat=_TICKS_PER_QUARTER, tracks=[track])
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _fit(heard: npt.NDArray[Any], samples: int) -> Audio:
    result = np.zeros((samples, 2), np.float32)
    result[: len(heard)] = heard[:samples]
    return result
