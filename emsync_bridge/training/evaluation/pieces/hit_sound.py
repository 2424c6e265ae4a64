"""Sound of a hit: the rise of the level before it, the jump on it, and the spectrum that is new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emsync_bridge.music.analysis.piece import Floats

_RATE = 24_000
_HOP = 240  # ten milliseconds
_WINDOW = 1024
_FLOOR = 1e-10
_STEP_WINDOW = 2.0  # seconds on either side of a step of loudness
_STEP = 8.0  # dB
_SWELL = 3.0  # dB


@dataclass(frozen=True)
class MixLevels:
    """Level and novelty of a mix, every ten milliseconds.

    Arguments:
        power: Mean square of the samples.
        flux: Sum over frequencies of what rises in log magnitude (spectral flux, Bello et al. 2005).
    """

    power: Floats
    flux: Floats

    @property
    def seconds(self) -> float:
        """Length."""
        return len(self.power) * _HOP / _RATE

    def level(self, start: float, end: float) -> float:
        """Return the mean level between two moments in dBFS."""
        first, last = max(0, int(start * 100)), min(len(self.power), int(end * 100))
        return float(10 * np.log10(self.power[first:last].mean() + _FLOOR)) if last > first else -80.0

    def jump(self, at: float) -> float:
        """Return how much louder the 250 ms after a moment are than the 400 ms before, in dB."""
        return self.level(at, at + 0.25) - self.level(at - 0.4, at - 0.02)

    def rise(self, at: float) -> float:
        """Return how much louder it is right before a moment than two seconds before it, in dB."""
        return self.level(at - 0.4, at - 0.04) - self.level(at - 2.3, at - 1.7)

    def novelty(self, at: float) -> float:
        """Return the greatest flux around a moment."""
        first = max(0, round((at - 0.03 - _WINDOW / 2 / _RATE) * 100))
        return float(self.flux[first : first + 10].max(initial=0.0))


def sound_of(samples: np.ndarray, rate: int) -> MixLevels:
    """Return level and novelty of a mix.

    Arguments:
        samples: Shape (samples, channels).
        rate: Samples a second, a multiple of 24,000.
    """
    mono = np.asarray(samples, np.float32).mean(axis=1)
    factor = rate // _RATE
    mono = mono[: len(mono) // factor * factor].reshape(-1, factor).mean(axis=1)
    blocks = len(mono) // _HOP
    power = (mono[: blocks * _HOP].reshape(blocks, _HOP) ** 2).mean(axis=1)
    frames = np.lib.stride_tricks.sliding_window_view(mono, _WINDOW)[::_HOP]
    window = np.hanning(_WINDOW).astype(np.float32)
    flux = np.zeros(max(0, len(frames) - 1))
    before = None
    for first in range(0, len(frames), 1000):
        magnitude = np.log1p(100 * np.abs(np.fft.rfft(frames[first : first + 1000] * window, axis=1)))
        whole = magnitude if before is None else np.concatenate([before, magnitude])
        risen = np.maximum(0, np.diff(whole, axis=0)).sum(axis=1)
        at = first - (before is not None)
        flux[at : at + len(risen)] = risen
        before = magnitude[-1:]
    return MixLevels(power.astype(np.float64), flux)


def hit_measures(
    sound: MixLevels, turns: Sequence[float], soft: Sequence[float], hits: Sequence[float], downbeats: Sequence[float]
) -> dict[str, float]:
    """Return how the hits of a piece are heard.

    Arguments:
        sound: The mix.
        turns: Seconds of the hits that get a full accent.
        soft: Seconds of those that are only touched.
        hits: Seconds of all of them.
        downbeats: Seconds of all bar lines.
    """
    inside = [at for at in hits if 1 < at < sound.seconds - 0.5]
    full = [at for at in turns if 1 < at < sound.seconds - 0.5]
    others = [at for at in downbeats if 1 < at < sound.seconds - 1 and all(abs(at - hit) > 0.3 for hit in hits)]
    moments = np.arange(1, sound.seconds - 1, 0.25)
    plain = _median([sound.novelty(at) for at in others])
    rises = [sound.rise(at) for at in full if at > 3]
    everywhere = np.array([sound.jump(at) for at in moments])
    return {
        "hit_jump": _median([sound.jump(at) for at in inside]),
        "turn_jump": _median([sound.jump(at) for at in full]),
        "soft_jump": _median([sound.jump(at) for at in soft if 1 < at < sound.seconds - 0.5]),
        "hit_percentile": _mean([100 * float((everywhere < sound.jump(at)).mean()) for at in inside]),
        "hit_flux_ratio": _median([sound.novelty(at) for at in inside]) / plain if plain else float("nan"),
        "turn_flux_ratio": _median([sound.novelty(at) for at in full]) / plain if plain else float("nan"),
        "turn_rise": _median(rises),
        "turns_with_rise": _mean([float(rise >= _SWELL) for rise in rises]),
    }


def loudness_measures(sound: MixLevels, excused: Sequence[float]) -> dict[str, float]:
    """Return how loudness moves over a piece.

    Arguments:
        sound: The mix.
        excused: Seconds of hits, of changes of mood and of the fade at the end, where it may step.
    """
    windows = np.array([sound.level(at, at + 3) for at in np.arange(0, sound.seconds - 3, 1)])
    heard = windows[windows > -60]
    low, high = np.percentile(heard, (10, 95)) if len(heard) > 3 else (0.0, float("nan"))
    return {
        "loudness_range": float(high - low),
        "loudness_steps": steps_away(sound, excused) / max(sound.seconds / 60, 1e-9),
    }


def steps_away(sound: MixLevels, excused: Sequence[float]) -> int:
    """Return how often the level of two seconds is 8 dB from that of the two before, away from moments that may be."""
    times = np.arange(_STEP_WINDOW, sound.seconds - _STEP_WINDOW, 0.25)
    change = np.array(
        [abs(sound.level(t, t + _STEP_WINDOW) - sound.level(t - _STEP_WINDOW, t)) for t in times], np.float64
    )
    # The greatest step comes first, and what lies within a window of one that is counted belongs to it.
    found: list[float] = []
    for i in np.argsort(-change, kind="stable"):
        if change[i] < _STEP:
            break
        if all(abs(times[i] - at) > _STEP_WINDOW for at in (*excused, *found)):
            found.append(float(times[i]))
    return len(found)


def _median(values: Sequence[float]) -> float:
    return float(np.median(values)) if values else float("nan")


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values)) if values else float("nan")
