"""Music that makes room for speech: how deep it is ducked, as key frames of its level.

The depth follows from what is said there: speech is to lie 10 LU over the music, however loud either is. Times are
those that dialogue editors use for fades under speech; the film is known, so the music is down before the first word.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.files.metadata import Stamp
from emsync_bridge.render.files.reader import WavReader
from emsync_bridge.render.files.wav import write_wav
from emsync_bridge.render.midi_events import SAMPLE_RATE
from emsync_bridge.render.mix.meter import STEP, Power

CLEARANCE = 10.0
"""LU that speech lies over the music."""

LEAST, MOST = 3.0, 18.0
"""Decibels that the music gives way at least, where it gives way at all, and at most."""

UNKNOWN = 12.0
"""Decibels where nothing is known of the speech but its place."""

_JOINED = 1.5  # seconds between two speeches in which the music does not come up
_EARLY = 0.25  # seconds before the first word by which the music is down
_DOWN, _HOLD, _UP = 0.4, 0.6, 1.2  # seconds
_WINDOW = 300  # steps of 10 ms: short-term loudness
_BLOCK = 10 * SAMPLE_RATE


@dataclass(frozen=True)
class SpokenSpan:
    """A stretch of speech.

    Arguments:
        start: Seconds from the music's start.
        end: Seconds from the music's start.
        loudness: LUFS; None where it is not known.
    """

    start: float
    end: float
    loudness: float | None = None


@dataclass(frozen=True)
class LevelKey:
    """A key frame of the music's level; between two of them decibels change evenly.

    Arguments:
        time: Seconds from the music's start.
        gain: Decibels.
    """

    time: float
    gain: float


def duck_keys(speeches: Iterable[SpokenSpan], music: Power, duration: float) -> tuple[LevelKey, ...]:
    """Return the key frames that let speech be heard.

    Arguments:
        speeches: Spans of speech.
        music: K-weighted power of the music in steps of 10 ms, as of ``meter.power_of``.
        duration: Seconds of the music.

    Returns:
        In order of time; empty where the music need not give way.
    """
    keys: list[LevelKey] = []
    for speech in _together(speeches, duration):
        depth = depth_for(speech, music)
        if depth == 0:
            continue
        down, up = max(0.0, speech.start - _EARLY), min(duration, speech.end + _HOLD)
        if keys and keys[-1].time > down - _DOWN:
            keys.pop()  # the music would still be rising: it goes from one depth to the other
        elif down > _DOWN:
            keys.append(LevelKey(down - _DOWN, 0.0))
        keys += [LevelKey(down, -depth), LevelKey(up, -depth), LevelKey(up + _UP, 0.0)]
    if not keys or keys[-1].time <= duration:
        return tuple(keys)
    last = LevelKey(duration, float(gain_at(keys, np.array([duration]))[0]))
    return (*(key for key in keys if key.time < duration), last)


def depth_for(speech: SpokenSpan, music: Power) -> float:
    """Return by how many decibels the music gives way; 0 where speech stands out as it is.

    Arguments:
        speech: Span of speech.
        music: Power of the music, as ``duck_keys`` takes it.
    """
    if speech.loudness is None:
        return UNKNOWN
    first, last = round(speech.start * 100), max(round(speech.start * 100) + 1, round(speech.end * 100))
    power = music[first:last]
    if not len(power) or not power.any():
        return 0.0
    if len(power) > _WINDOW:
        # the loudest three seconds count
        total = np.concatenate([[0.0], np.cumsum(power)])
        level = float((total[_WINDOW:] - total[:-_WINDOW]).max()) / _WINDOW
    else:
        level = float(power.mean())
    missing = CLEARANCE - (speech.loudness - (-0.691 + 10 * np.log10(level)))
    return 0.0 if missing <= 0 else float(min(MOST, max(LEAST, missing)))


def gain_at(keys: Sequence[LevelKey], times: Power) -> Power:
    """Return the gain in decibels at some times in seconds."""
    if not keys:
        return np.zeros(len(times))
    gains: Power = np.interp(times, [key.time for key in keys], [key.gain for key in keys])
    return gains


def write_ducked(wav: Path, out: Path, keys: Sequence[LevelKey], stamp: Stamp | None = None) -> None:
    """Write a WAV with its level following key frames; the caller sees to a temporary name.

    Arguments:
        wav: One of our own files.
        out: The new one, in the same format.
        keys: Key frames as ``duck_keys`` returns them.
        stamp: Facts of the music.

    Raises:
        OSError: A file cannot be read or written.
    """
    with WavReader(wav) as reader:
        position = 0

        def blocks() -> Iterable[Audio]:
            nonlocal position
            for block in reader.blocks(_BLOCK):
                times = np.arange(position, position + len(block)) / reader.form.rate
                position += len(block)
                yield block * (10 ** (gain_at(keys, times) / 20)).astype(np.float32)[:, None]

        write_wav(out, blocks(), reader.samples, form=reader.form, stamp=stamp)


def power_after_ducking(music: Power, keys: Sequence[LevelKey]) -> Power:
    """Return the power of music after its key frames.

    Arguments:
        music: Power of the music, as ``duck_keys`` takes it.
        keys: Key frames as ``duck_keys`` returns them.
    """
    times = (np.arange(len(music)) + 0.5) * STEP / SAMPLE_RATE
    result: Power = music * 10 ** (gain_at(keys, times) / 10)
    return result


def _together(speeches: Iterable[SpokenSpan], duration: float) -> list[SpokenSpan]:
    """Return speeches inside the music, with those close together as one."""
    inside = sorted((s for s in speeches if s.end > 0 and s.start < duration), key=lambda s: s.start)
    merged: list[SpokenSpan] = []
    for speech in inside:
        last = merged[-1] if merged else None
        if last is not None and speech.start - last.end < _JOINED:
            known = [s.loudness for s in (last, speech) if s.loudness is not None]
            # the softer of two counts: it is the one that would be covered
            loudness = min(known) if len(known) == 2 else None
            merged[-1] = SpokenSpan(last.start, max(last.end, speech.end), loudness)
        else:
            merged.append(SpokenSpan(max(0.0, speech.start), min(duration, speech.end), speech.loudness))
    return merged
