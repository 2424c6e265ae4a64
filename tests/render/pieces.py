"""MIDI files for the tests, made with mido as ``music`` makes them."""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass

import mido
import numpy as np

TICKS = 480
GROUPS = {"Drums": (9, 0), "Bass": (0, 32), "Guitar": (1, 25), "Piano": (2, 0), "Strings": (3, 48)}


@dataclass(frozen=True)
class Played:
    """A note in ticks of 1/480 quarter."""

    group: str
    start: int
    length: int
    pitch: int
    velocity: int = 100


def piece(notes: Sequence[Played], *, tempos: Sequence[tuple[int, int]] = ((0, 500_000),), end: int = 0) -> bytes:
    """Return a type 1 file: tempo map, then a track per group that plays."""
    file = mido.MidiFile(type=1, ticks_per_beat=TICKS)
    file.tracks.append(_track([(tick, mido.MetaMessage("set_tempo", tempo=tempo)) for tick, tempo in tempos], end))
    for name, (channel, program) in GROUPS.items():
        mine = [note for note in notes if note.group == name]
        if not mine:
            continue
        timed = [
            (0, mido.MetaMessage("track_name", name=name)),
            (0, mido.Message("program_change", program=program, channel=channel)),
            (0, mido.Message("control_change", control=7, value=100, channel=channel)),
        ]
        timed += [(n.start + n.length, mido.Message("note_off", note=n.pitch, channel=channel)) for n in mine]
        timed += [(n.start, mido.Message("note_on", note=n.pitch, velocity=n.velocity, channel=channel)) for n in mine]
        file.tracks.append(_track(timed, end))
    buffer = io.BytesIO()
    file.save(file=buffer)
    return buffer.getvalue()


def _track(timed: Sequence[tuple[int, mido.Message]], end: int) -> mido.MidiTrack:
    track = mido.MidiTrack()
    before = 0
    for tick, message in sorted(timed, key=lambda entry: entry[0]):
        track.append(message.copy(time=tick - before))
        before = tick
    track.append(mido.MetaMessage("end_of_track", time=max(0, end - before)))
    return track


def band(seconds: int, *, seed: int = 1) -> bytes:
    """Return a piece of all five groups at 120 beats per minute, about 15 notes a second."""
    rng = np.random.default_rng(seed)
    notes = []
    for beat in range(seconds * 2):
        tick = beat * TICKS
        notes += [Played("Drums", tick + half, 60, int(rng.choice([36, 38, 42])), 80) for half in (0, TICKS // 2)]
        notes.append(Played("Bass", tick, TICKS - 20, int(rng.choice([36, 38, 41, 43])), 90))
        notes += [
            Played("Guitar", tick, TICKS // 2, int(pitch), 70) for pitch in rng.choice([52, 55, 59, 64], 2, False)
        ]
        notes.append(Played("Piano", tick + TICKS // 2, TICKS // 2 - 10, int(rng.integers(60, 84)), 70))
        if beat % 4 == 0:
            notes += [Played("Strings", tick, 4 * TICKS - 20, pitch, 60) for pitch in (48, 55, 60, 64)]
    return piece(notes, end=seconds * 2 * TICKS)


def first_sound(audio: np.ndarray, around: int, *, before: int = 2_000, after: int = 4_000) -> int:
    """Return where a sound begins near a sample: the first one above 2 % of the peak there."""
    start = max(0, around - before)
    level = np.abs(audio[start : around + after]).max(axis=1)
    return start + int(np.argmax(level > 0.02 * level.max()))


def decibels(power: float) -> float:
    """Return a power ratio in decibels."""
    return float(10 * np.log10(max(power, 1e-30)))
