"""Valence and arousal estimated from rendered sound alone.

What labels the corpus reads notes; here a few features of the sound alone have to do. How they add up is learned on the
spot: windows of the training split are rendered as the pieces to be judged are, and the labels that their notes give
are regressed on those features. How well that predicts the labels of windows left out stands with every result.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import astuple, dataclass, fields, replace
from fractions import Fraction
from functools import lru_cache

import numpy as np

from emsync_bridge.cue import Affect, Spotting, Take, TempoMap
from emsync_bridge.errors import CorpusError
from emsync_bridge.midi.writer import midi_bytes
from emsync_bridge.music.analysis.features import Features, features
from emsync_bridge.music.analysis.keys import key_correlations
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.training.corpus.dataset import Split, source_of
from emsync_bridge.training.corpus.pieces import Music, music_of
from emsync_bridge.training.corpus.symbolic_affect import affects
from emsync_bridge.training.evaluation.mood_response import spearman
from emsync_bridge.training.evaluation.trials import PromptTrial

RATE = 48_000

Synth = Callable[[bytes], np.ndarray]
"""Renders a MIDI file: samples of shape (samples, 2) at 48 kHz, at the level of the synthesizer."""

WINDOW = 20.0
"""Seconds of a window that the recipe is learned from, as long as the labelled ones."""

_LEVEL = 0.1
"""Root mean square that sound is brought to before it is looked at: -20 dBFS, as for the corpus' labels."""

_HOP, _SHORT, _LONG = 512, 2048, 8192
_LOWEST, _HIGHEST = 55.0, 2000.0  # of pitch classes, in hertz: below, the long window cannot tell semitones apart
_BASE, _BANDS = 30.0, 100  # of bands, in hertz, and how many: up to 9 kHz
_RIDGE = 3.0
_FOLDS = 5


@dataclass(frozen=True)
class SoundFeatures:
    """Features of rendered sound.

    Arguments:
        onsets: Peaks a second of the spectral flux (Dixon 2006), as log(1 + onsets).
        flux: Mean rise of the log spectrum, by semitones, from frame to frame.
        brightness: Mean spectral centroid, in octaves above 1 Hz.
        unevenness: Standard deviation of the level over tenths of a second, in decibels.
        major_fit: Correlation of the pitch classes' energy with the best major key.
        mode: The same less that with the best minor key.
        level: Root mean square before it is brought to a common one, in dBFS. A mix is brought to a common loudness
            as well, but the moods within it keep their distance.
    """

    onsets: float
    flux: float
    brightness: float
    unevenness: float
    major_fit: float
    mode: float
    level: float


@dataclass(frozen=True)
class AffectRegression:
    """Valence and arousal from what is heard, linearly.

    Arguments:
        weights: One pair for each feature, and the constant.
        windows: Number of windows that it was learned from.
        predicted: Spearman's correlation of labels and predictions for windows left out, valence and arousal.
    """

    weights: tuple[tuple[float, float], ...]
    windows: int
    predicted: tuple[float, float]

    def affect(self, found: SoundFeatures) -> Affect:
        """Return the mood that sound tells of, on the scale of the corpus' labels but not cut off."""
        valence, arousal = _row(found) @ np.array(self.weights)
        return Affect(float(valence), float(arousal))


def learn(
    split: Split, synth: Synth, windows: int, progress: Callable[[float], None] | None = None
) -> AffectRegression:
    """Return the recipe that rendered windows of a corpus and the labels of their notes give.

    Arguments:
        split: Split whose music is rendered: a window of each of some pieces.
        synth: Synth that renders it.
        windows: Number of windows; fewer where the split is small.
        progress: Function that is told of the share that is done.

    Raises:
        CorpusError: There are fewer than five pieces that sound.
    """
    rng = np.random.default_rng(0)
    rows, counted, sources = list[np.ndarray](), list[Features](), list[str]()
    for index in rng.permutation(len(split.pieces)):
        if len(rows) == windows:
            break
        music = music_of(split, split.pieces[index])
        stretches = list(music.stretches(WINDOW)) or [(0, music.end)]
        first, last = stretches[int(rng.integers(len(stretches)))]
        begin, end = (music.tempo_map.seconds(tick) for tick in (first, last))
        written, found = (
            features(music.notes, music.tempo_map, begin, end),
            rendered_features(music, synth, first, last),
        )
        if written is not None and found is not None:
            rows.append(_row(found))
            counted.append(written)
            sources.append(source_of(split.pieces[index].name))
        if progress:
            progress(len(rows) / windows)
    if len(rows) < _FOLDS:
        raise CorpusError("There is too little music to learn from how a mood sounds")
    told = np.array(rows)
    labels = np.array([[label.valence, label.arousal] for label in affects(counted, sources)])
    predicted = np.zeros_like(labels)
    for fold in range(_FOLDS):
        out = np.arange(len(told)) % _FOLDS == fold
        predicted[out] = told[out] @ _fitted(told[~out], labels[~out])
    agreement = [spearman(labels[:, axis].tolist(), predicted[:, axis].tolist()) for axis in range(2)]
    weights = tuple((float(v), float(a)) for v, a in _fitted(told, labels))
    return AffectRegression(weights, len(told), (agreement[0], agreement[1]))


def response_heard(
    axis: str,
    trials: Sequence[PromptTrial],
    synth: Synth,
    recipe: AffectRegression,
    progress: Callable[[float], None] | None = None,
) -> dict[str, float]:
    """Return Spearman's rank correlations of what was asked with what is heard, by what is heard.

    Arguments:
        axis: ``valence`` or ``arousal``.
        trials: Pieces that were asked for levels of it.
        synth: Synth that renders them.
        recipe: Recipe that tells their mood.
        progress: Function that is told of the share that is done.
    """
    asked, found = list[float](), list[SoundFeatures]()
    for number, trial in enumerate(trials, 1):
        told = rendered_features(trial.music, synth) if trial.music is not None else None
        if told is not None:
            asked.append(getattr(trial.prompt.affect, axis))
            found.append(told)
        if progress:
            progress(number / len(trials))
    moods = [recipe.affect(one) for one in found]
    columns = {
        f"heard {field.name.replace('_', ' ')}": [getattr(one, field.name) for one in found]
        for field in fields(SoundFeatures)
    }
    columns["heard valence"] = [mood.valence for mood in moods]
    columns["heard arousal"] = [mood.arousal for mood in moods]
    return {name: spearman(asked, values) for name, values in columns.items()}


def rendered_features(music: Music, synth: Synth, first: int = 0, last: int | None = None) -> SoundFeatures | None:
    """Return what a stretch of music sounds like; None where it is silent.

    Arguments:
        music: The piece.
        synth: Synth that renders it.
        first: First tick of the stretch.
        last: First tick after it; the end of the piece when None.
    """
    last = music.end if last is None else last
    tempo_map, begin = music.tempo_map, music.tempo_map.seconds(first)
    notes = [
        replace(note, start=note.start - first, end=min(note.end, last) - first)
        for note in music.notes
        if first <= note.start < last
    ]
    tempos = [tempo for tempo in tempo_map.tempos if tempo.tick < last]
    at_first = max(tempo.tick for tempo in tempos if tempo.tick <= first)
    moved = tuple(replace(t, tick=max(0, t.tick - first)) for t in tempos if t.tick >= at_first)
    duration = tempo_map.seconds(last) - begin
    take = Take(0, tuple(codec.playable(notes)), TempoMap(moved))
    sound = synth(midi_bytes(take, Spotting("heard", duration, Fraction(24))))
    return sound_features(sound[: round(duration * RATE)].mean(axis=1))


def sound_features(sound: np.ndarray) -> SoundFeatures | None:
    """Return what is measured of sound; None where it is silent or too short.

    Arguments:
        sound: One channel at 48 kHz, shape (samples,).
    """
    if len(sound) < 2 * _LONG or not (mean_square := float(np.mean(np.square(sound, dtype=np.float64)))):
        return None
    even = (sound * (_LEVEL / mean_square**0.5)).astype(np.float32)
    short = _spectrum(even, _SHORT, _HOP)
    rises = np.maximum(np.diff(np.log1p(short @ _semitones()), axis=0), 0.0).mean(axis=1)
    energy = np.square(short).sum(axis=1)
    centroid = (short @ np.fft.rfftfreq(_SHORT, 1 / RATE)) / np.maximum(short.sum(axis=1), 1e-9)
    loud = energy > 1e-4 * energy.max()
    tenths = np.square(even[: len(even) // 4800 * 4800].reshape(-1, 4800)).mean(axis=1)
    levels = 10 * np.log10(np.maximum(tenths, 1e-4 * tenths.max()))
    major, minor = (fit.max() for fit in key_correlations(_pitch_classes(even)))
    return SoundFeatures(
        onsets=float(np.log1p(_peaks(rises) / (len(sound) / RATE))),
        flux=float(rises.mean()),
        brightness=float(np.log2(np.maximum(centroid[loud], 1.0)).mean()),
        unevenness=float(levels.std()),
        major_fit=float(major),
        mode=float(major - minor),
        level=10 * float(np.log10(mean_square)),
    )


def _spectrum(sound: np.ndarray, window: int, hop: int) -> np.ndarray:
    """Return magnitudes of overlapping windows, shape (windows, window / 2 + 1)."""
    frames = np.lib.stride_tricks.sliding_window_view(sound, window)[::hop]
    found: np.ndarray = np.abs(np.fft.rfft(frames * np.hanning(window).astype(np.float32), axis=1))
    return found


@lru_cache(maxsize=1)
def _semitones() -> np.ndarray:
    """Return which bins of a short spectrum make which band of a semitone, shape (bins, bands)."""
    hertz = np.maximum(np.fft.rfftfreq(_SHORT, 1 / RATE), _BASE)
    band = np.round(12 * np.log2(hertz / _BASE)).astype(int)
    bands: np.ndarray = np.equal(band[:, None], np.arange(_BANDS)).astype(np.float32)
    return bands


def _pitch_classes(sound: np.ndarray) -> np.ndarray:
    """Return the energy of the peaks of the spectrum by pitch class, shape (12,), every moment counting the same."""
    spectrum = _spectrum(sound, _LONG, _LONG // 2)
    before, here, after = spectrum[:, :-2], spectrum[:, 1:-1], spectrum[:, 2:]
    peaks = np.pad(np.where((here > before) & (here >= after), here, 0.0), ((0, 0), (1, 1)))
    hertz = np.fft.rfftfreq(_LONG, 1 / RATE)
    inside = (hertz >= _LOWEST) & (hertz <= _HIGHEST)
    classes = np.round(69 + 12 * np.log2(hertz[inside] / 440.0)).astype(int) % 12
    energy = np.square(peaks[:, inside])
    energy /= np.maximum(energy.sum(axis=1, keepdims=True), 1e-9)
    return np.bincount(classes, weights=energy.sum(axis=0), minlength=12)


def _peaks(rises: np.ndarray, near: int = 3, around: int = 12) -> int:
    """Return how many local maxima stand out from their surroundings (Dixon 2006, with other widths).

    Arguments:
        rises: Spectral flux by frame.
        near: Frames on each side of which a peak is the highest.
        around: Frames on each side whose mean it exceeds by the spread of all.
    """
    padded = np.pad(rises, around, mode="edge")
    views = np.lib.stride_tricks.sliding_window_view(padded, 2 * around + 1)
    highest = views[:, around - near : around + near + 1].max(axis=1)
    return int(((rises >= highest) & (rises > views.mean(axis=1) + rises.std())).sum())


def _row(found: SoundFeatures) -> np.ndarray:
    """Return what the recipe looks at, and a constant."""
    return np.array([*astuple(found), 1.0])


def _fitted(table: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Return the weights of a ridge regression on standard scores, turned back to the features as they are."""
    means, spreads = table[:, :-1].mean(axis=0), np.maximum(table[:, :-1].std(axis=0), 1e-9)
    scores, middle = (table[:, :-1] - means) / spreads, wanted.mean(axis=0)
    square = scores.T @ scores + _RIDGE * np.eye(scores.shape[1])
    slopes = np.linalg.solve(square, scores.T @ (wanted - middle)) / spreads[:, None]
    return np.vstack([slopes, middle - means @ slopes])
