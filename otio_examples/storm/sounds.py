"""The sound of the short, one function per camera roll: a sparse bed of nature and people, no music."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scenes_day import BEAT
from scenes_storm import FLASHES, heartbeat_phase

SAMPLE_RATE = 48_000

Sound = npt.NDArray[np.float64]


def noise(seconds: float, seed: int, low: float, high: float, slope: float = 0.0) -> Sound:
    """Return noise between two frequencies, at a root mean square of 1.

    Arguments:
        seconds: Its length.
        seed: Of the random numbers.
        low: Hz below which it fades.
        high: Hz above which it fades.
        slope: Power of the frequency by which it falls; 0 is white, 1 is close to wind.
    """
    count = round(seconds * SAMPLE_RATE)
    frequency = np.maximum(np.fft.rfftfreq(count, 1 / SAMPLE_RATE), 1)
    shape = frequency**-slope / np.sqrt((1 + (low / frequency) ** 6) * (1 + (frequency / high) ** 6))
    spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count)) * shape
    heard = np.fft.irfft(spectrum, count)
    return np.asarray(heard / np.sqrt(np.mean(heard**2)))


def clock(seconds: float) -> Sound:
    """Return the time of every sample in seconds."""
    return np.arange(round(seconds * SAMPLE_RATE)) / SAMPLE_RATE


def swell(seconds: float, period: float, depth: float, phase: float = 0.0) -> Sound:
    """Return a level that rises and falls around 1."""
    return 1 + depth * np.sin(2 * np.pi * (clock(seconds) / period + phase))


def put(bed: Sound, event: Sound, at: float) -> None:
    """Add a short sound to a bed at a time in seconds."""
    start = round(at * SAMPLE_RATE)
    first, last = max(0, start), min(len(bed), start + len(event))
    if first < last:
        bed[first:last] += event[first - start : last - start]


def chirp(start: float, end: float, seconds: float) -> Sound:
    """Return a bird's whistle from one pitch in Hz to another."""
    t = clock(seconds)
    sweep = start * t + (end - start) * t**2 / (2 * seconds)
    return np.asarray(np.sin(2 * np.pi * sweep + 1.5 * np.sin(2 * np.pi * 28 * t)) * np.hanning(len(t)))


def clap(seed: int) -> Sound:
    """Return one clap of many hands."""
    heard = noise(0.16, seed, 700, 4500)
    return heard * np.exp(-clock(0.16) / 0.03)


def thunder(seed: int) -> Sound:
    """Return a crack and the roll that follows it."""
    t = clock(3.5)
    roll = noise(3.5, seed, 30, 140, 0.8) * np.exp(-t / 1.1) * (1 + 0.6 * np.sin(2 * np.pi * 3.1 * t + seed))
    crack = noise(3.5, seed + 1, 200, 3500, 0.5) * np.exp(-t / 0.12)
    return np.asarray((roll + 0.9 * crack) * np.minimum(t / 0.004, 1))


def birds_around(seconds: float, seed: int, often: float) -> Sound:
    """Return birds here and there."""
    rng = np.random.default_rng(seed)
    bed = np.zeros(round(seconds * SAMPLE_RATE))
    at = 0.4
    while at < seconds:
        pitch, level = 2200 + 1800 * rng.random(), 0.3 + 0.7 * rng.random()
        for number in range(rng.integers(1, 5)):
            put(bed, level * chirp(pitch, pitch * (0.8 + 0.5 * rng.random()), 0.09), at + 0.15 * number)
        at += often * (0.5 + rng.random())
    return bed


def waves(seconds: float, seed: int, period: float) -> Sound:
    """Return small waves on a beach."""
    return noise(seconds, seed, 250, 2600, 0.6) * swell(seconds, period, 0.7) ** 2


def feast(seconds: float, seed: int) -> Sound:
    """Return people: murmur, laughter far off, claps in time."""
    murmur = noise(seconds, seed, 180, 900, 0.3) * swell(seconds, 1.7, 0.25) * swell(seconds, 0.43, 0.2)
    bed = murmur + 0.35 * noise(seconds, seed + 1, 1200, 3800) * swell(seconds, 2.3, 0.6, 0.3) ** 2
    for number in range(int(seconds / BEAT) + 1):
        put(bed, (3.4 if number % 2 else 2.2) * clap(seed + number), number * BEAT)
    return np.asarray(bed)


def rainfall(seconds: float, seed: int, drops: float) -> Sound:
    """Return rain: a hiss, and single drops per second."""
    rng = np.random.default_rng(seed)
    bed = noise(seconds, seed, 900, 9000, 0.4)
    for at in np.cumsum(rng.exponential(1 / drops, round(seconds * drops))):
        put(bed, (1 + 2 * rng.random()) * chirp(1500 + 2500 * rng.random(), 900, 0.02), float(at))
    return bed


def wind(seconds: float, seed: int) -> Sound:
    """Return wind in gusts that whistle."""
    gusts = swell(seconds, 3.0, 0.45) * swell(seconds, 1.19, 0.25, 0.2)
    return np.asarray(noise(seconds, seed, 90, 700, 0.7) * gusts + 0.35 * noise(seconds, seed + 1, 620, 900) * gusts**3)


def bay(seconds: float) -> Sound:
    """Return small waves and birds."""
    return 0.010 * waves(seconds, 1, 5.0) + 0.022 * birds_around(seconds, 2, 1.6)


def reeds(seconds: float) -> Sound:
    """Return a breeze in dry stems."""
    return 0.007 * noise(seconds, 3, 1500, 6000, 0.5) * swell(seconds, 3.2, 0.8) ** 2 + 0.012 * birds_around(
        seconds, 4, 1.1
    )


def birds(seconds: float) -> Sound:
    """Return calls of the flock."""
    return 0.006 * noise(seconds, 5, 120, 800, 0.8) + 0.030 * birds_around(seconds, 6, 0.7)


def lanterns(seconds: float) -> Sound:
    """Return the feast from a distance."""
    return 0.055 * feast(seconds, 10)


def dancers(seconds: float) -> Sound:
    """Return the feast close by."""
    return 0.085 * feast(seconds, 30)


def fireworks(seconds: float) -> Sound:
    """Return bangs and crackle over the feast."""
    bed = 0.045 * feast(seconds, 50)
    for number in range(9):
        t = clock(1.2)
        bang = noise(1.2, 60 + number, 50, 900, 0.8) * np.exp(-t / 0.12)
        crackle = noise(1.2, 80 + number, 2500, 9000) * np.exp(-t / 0.4) * (np.sin(2 * np.pi * 31 * t) > 0.8)
        put(bed, 0.30 * bang + 0.08 * crackle, 0.2 + 0.45 * number + 0.08)
    return bed


def gathering(seconds: float) -> Sound:
    """Return a rumble that comes nearer."""
    near = np.linspace(0.6, 1.5, round(seconds * SAMPLE_RATE))
    return near * 0.06 * noise(seconds, 90, 28, 110, 0.6) * swell(seconds, 2.2, 0.4) + 0.010 * wind(seconds, 91)


def trees(seconds: float) -> Sound:
    """Return a gale."""
    return 0.085 * wind(seconds, 100)


def pulse(seconds: float) -> Sound:
    """Return a heartbeat, close and dull."""
    phase = heartbeat_phase(clock(seconds)) % 1
    body = np.sin(2 * np.pi * 52 * clock(seconds)) + 0.4 * np.sin(2 * np.pi * 87 * clock(seconds))
    beats = np.exp(-(((phase - 0.03) / 0.035) ** 2)) + 0.7 * np.exp(-(((phase - 0.30) / 0.04) ** 2))
    return np.asarray(0.38 * body * beats + 0.006 * noise(seconds, 110, 60, 300))


def sea(seconds: float) -> Sound:
    """Return breakers, rain and thunder."""
    bed = 0.075 * waves(seconds, 120, 2.1) + 0.045 * rainfall(seconds, 121, 20) + 0.04 * wind(seconds, 122)
    for number, at in enumerate(FLASHES):
        put(bed, 0.33 * thunder(130 + 2 * number), at + 0.12)
    return bed


def pier(seconds: float) -> Sound:
    """Return a downpour on planks."""
    return 0.11 * rainfall(seconds, 140, 60) + 0.06 * wind(seconds, 141)


def window(seconds: float) -> Sound:
    """Return rain behind glass and a car that passes."""
    far = np.exp(-(((clock(seconds) - 4.2) / 1.3) ** 2))
    return 0.011 * noise(seconds, 150, 300, 2200, 0.8) + 0.020 * far * noise(seconds, 151, 120, 700, 0.7)


def last_lantern(seconds: float) -> Sound:
    """Return still water, a drop now and then."""
    bed = 0.0035 * waves(seconds, 160, 4.0)
    for at in (0.9, 2.6, 3.1, 5.2):
        put(bed, 0.03 * chirp(1250, 850, 0.07), at)
    return bed
