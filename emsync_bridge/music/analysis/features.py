"""Features of a stretch of written music that go with its mood."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.cue import Note, TempoMap
from emsync_bridge.music.analysis.keys import key_correlations

_GRID = 0.01
"""Seconds within which notes count as one onset."""

_MODE_SLOPE = 10.0
"""Slope of the logistic that makes a probability of the difference between the best major and minor key."""


@dataclass(frozen=True)
class Features:
    """Features of a stretch of music.

    Arguments:
        key_corr_major: Correlation of the pitch classes' durations with the best major key (Krumhansl and Kessler
            1982).
        mode_major_probability: Probability that the mode is major, from 0 to 1.
        mean_note_duration: Seconds, drums left out.
        onset_density: Moments a second at which notes begin, drums left out.
        note_density: Notes a second, drums too.
        tempo: Quarter notes a minute, the mean over time.
        mean_velocity: 1 to 127.
    """

    key_corr_major: float
    mode_major_probability: float
    mean_note_duration: float
    onset_density: float
    note_density: float
    tempo: float
    mean_velocity: float


def features(notes: Sequence[Note], tempo_map: TempoMap, start: float, end: float) -> Features | None:
    """Return the features of a stretch, of the notes that begin in it; None where none does.

    Arguments:
        notes: Notes in any order.
        tempo_map: Tempo map that ties their ticks to seconds.
        start: Seconds.
        end: Seconds.
    """
    inside = [note for note in notes if start <= tempo_map.seconds(note.start) < end]
    pitched = [note for note in inside if note.instrument != "drums"]
    if not pitched or end <= start:
        return None
    onsets = {round(tempo_map.seconds(note.start) / _GRID) for note in pitched}
    lengths = [tempo_map.seconds(note.end) - tempo_map.seconds(note.start) for note in pitched]
    profile = np.zeros(12)
    for note, length in zip(pitched, lengths, strict=True):
        profile[note.pitch % 12] += length
    major, minor = (correlations.max() for correlations in key_correlations(profile))
    beats = tempo_map.tick(end) - tempo_map.tick(start)
    return Features(
        key_corr_major=float(major),
        mode_major_probability=1 / (1 + math.exp(-_MODE_SLOPE * float(major - minor))),
        mean_note_duration=float(np.mean(lengths)),
        onset_density=len(onsets) / (end - start),
        note_density=len(inside) / (end - start),
        tempo=beats / 24 / (end - start) * 60,
        mean_velocity=float(np.mean([note.velocity for note in inside])),
    )
