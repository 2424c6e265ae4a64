"""Synthesis in stretches: a piece of any length in the memory of a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.midi.players import Family
from emsync_bridge.render.bank.sounds import Sounds, in_calls, select, sounds_for
from emsync_bridge.render.engines import Audio, Engine, EngineName, choose_engine
from emsync_bridge.render.midi_events import SAMPLE_RATE, MidiPart, PlayedScore, read_score

STRETCH = 30 * SAMPLE_RATE
"""Samples of music whose notes are synthesised together: whole blocks of 64."""

TAIL = 8 * SAMPLE_RATE
"""Samples after the last release in which its sound dies away."""


def synthesise(midi: bytes, *, soundfont: Path | None = None, engine: EngineName = "auto") -> Audio:
    """Return what a MIDI file sounds like without a room, at the engine's own level.

    Arguments:
        midi: A Standard MIDI File of type 0 or 1.
        soundfont: SF2 or SF3 file; the instruments of the package when None.
        engine: Which synthesizer.

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
    *,
    tell: Callable[[float], None] | None = None,
) -> Iterator[Stretch]:
    """Yield the sound of every part, one stretch of time after the other.

    A note is played whole in the stretch where it begins, and what reaches beyond is added to the following ones:
    both engines add their voices up, so no seam is left.

    Arguments:
        score: What is played.
        samples: Where to stop.
        engine: The synthesizer.
        sounds: What it is played with.
        tell: Called after each part with the share of work done, from 0 to 1.

    Yields:
        Stretches of 30 s; the last one may be shorter.
    """
    overhang: dict[Family, Audio] = {part.name: np.zeros((0, 2), np.float32) for part in score.parts}
    for start in range(0, samples, STRETCH):
        length = min(STRETCH, samples - start)
        yield Stretch(length, _parts_of(score, start, samples, (engine, sounds), overhang, tell))


def _parts_of(
    score: PlayedScore,
    start: int,
    samples: int,
    player: tuple[Engine, Sounds],
    overhang: dict[Family, Audio],
    tell: Callable[[float], None] | None,
) -> Iterator[tuple[Family, Audio]]:
    length = min(STRETCH, samples - start)
    for number, part in enumerate(score.parts, start=1):
        sound = _with_overhang(part, start, samples, overhang[part.name], player)
        overhang[part.name] = sound[length:].copy()
        yield part.name, sound[:length]
        if tell is not None:
            tell((start + length * number / len(score.parts)) / samples)


def _with_overhang(part: MidiPart, start: int, samples: int, overhang: Audio, player: tuple[Engine, Sounds]) -> Audio:
    engine, sounds = player
    notes = part.between(start, start + STRETCH)
    last = max((note.ring for note in notes), default=start)
    needed = min(last + TAIL, samples) - start if notes else 0
    sound = np.zeros((max(needed, len(overhang), min(STRETCH, samples - start)), 2), np.float32)
    sound[: len(overhang)] = overhang
    if needed > 0:
        for together in in_calls(sounds, part, notes, engine.voices):
            sound[:needed] += engine.play(select(sounds, part, together), part, together, start, needed)
    return sound
