"""Synthesis in stretches: a piece of any length in the memory of a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.render.engines import Audio, Engine, EngineName, choose_engine
from emsync_bridge.render.midi_events import SAMPLE_RATE, Part, PlayedScore, read_score
from emsync_bridge.render.soundfonts import find_soundfont

STRETCH = 60 * SAMPLE_RATE
"""Samples of music whose notes are synthesised together: whole blocks of 64, and whole periods of rustysynth's chorus
(0.4 Hz), which swings on through the stretches as if they were one."""

TAIL = 8 * SAMPLE_RATE
"""Samples after the last release in which decay and reverb die away."""


def synthesise(midi: bytes, *, soundfont: Path | None = None, engine: EngineName = "auto") -> Audio:
    """Return what a MIDI file sounds like, at the engine's own level.

    Arguments:
        midi: A Standard MIDI File of type 0 or 1.
        soundfont: SF2 file; None for the one that comes with pretty_midi.
        engine: Which synthesizer; ``auto`` takes FluidSynth where it is installed.

    Returns:
        Shape (samples, 2) at 48 kHz, from the file's start to its end; what rings on after it is left out.

    Raises:
        RenderError: The MIDI file, the soundfont or the engine fails.
    """
    score = read_score(midi)
    player = choose_engine(engine, find_soundfont(soundfont))
    result = np.zeros((score.samples, 2), np.float32)
    position = 0
    for stretch in sound_in_stretches(in_few_parts(score, player), score.samples, player):
        for sound in stretch.sounds.values():
            result[position : position + stretch.samples] += sound
        position += stretch.samples
    return result


def in_few_parts(score: PlayedScore, engine: Engine) -> PlayedScore:
    """Return the piece in one part where the engine has the voices for it, which halves the work.

    Arguments:
        score: The piece in its groups.
        engine: The synthesizer.
    """
    per_note = 2  # a soundfont's presets often layer two samples
    return score.together() if per_note * score.densest() <= engine.voices else score


@dataclass(frozen=True)
class Stretch:
    """The sound of a stretch of time; ``sounds`` maps part names to shape (samples, 2)."""

    samples: int
    sounds: dict[str, Audio]


def sound_in_stretches(
    score: PlayedScore, samples: int, engine: Engine, *, tell: Callable[[float], None] | None = None
) -> Iterator[Stretch]:
    """Yield the sound of every part, one stretch of time after the other.

    A note is played whole in the stretch where it begins, and what reaches beyond is added to the following ones:
    both engines add their voices up, so no seam is left.

    Arguments:
        score: What is played.
        samples: Where to stop.
        engine: The synthesizer.
        tell: Called after each part with the share of work done, from 0 to 1.

    Yields:
        Stretches of 60 s; the last one may be shorter.
    """
    overhang = {part.name: np.zeros((0, 2), np.float32) for part in score.parts}
    for start in range(0, samples, STRETCH):
        length = min(STRETCH, samples - start)
        result = {}
        for number, part in enumerate(score.parts, start=1):
            sound = _with_overhang(part, start, samples, overhang[part.name], engine)
            result[part.name], overhang[part.name] = sound[:length], sound[length:]
            if tell is not None:
                tell((start + length * number / len(score.parts)) / samples)
        yield Stretch(length, result)


def _with_overhang(part: Part, start: int, samples: int, overhang: Audio, engine: Engine) -> Audio:
    notes = part.between(start, start + STRETCH)
    last = max((note.ring for note in notes), default=start)
    needed = min(last + TAIL, samples) - start if notes else 0
    sound = np.zeros((max(needed, len(overhang), min(STRETCH, samples - start)), 2), np.float32)
    sound[: len(overhang)] = overhang
    if needed > 0:
        sound[:needed] += engine.play(part, notes, start, needed)
    return sound
