"""Moods by their sound."""

from dataclasses import replace

import numpy as np
import pytest

from emsync_bridge.cue import Affect, Note, Tempo, TempoMap
from emsync_bridge.errors import CorpusError
from emsync_bridge.render.synth import synthesise
from emsync_bridge.training.corpus.dataset import read_split
from emsync_bridge.training.corpus.pieces import Music
from emsync_bridge.training.evaluation.audio_response import (
    RATE,
    learn,
    rendered_features,
    response_heard,
    sound_features,
)
from emsync_bridge.training.evaluation.trials import Prompt, PromptTrial


def chord(*hertz, seconds=4.0, pulses=0.0):
    """Return sines sounding together, struck again some times a second."""
    time = np.arange(round(seconds * RATE)) / RATE
    decay = np.exp(-8 * ((time * pulses) % 1) / max(pulses, 1e-9)) if pulses else 1.0
    return 0.05 * decay * sum(np.sin(2 * np.pi * f * time) for f in hertz)


def pitch(number):
    return 440.0 * 2 ** ((number - 69) / 12)


def test_onsets_are_counted():
    assert np.expm1(sound_features(chord(440.0, pulses=4)).onsets) == pytest.approx(4.0, abs=0.5)
    assert np.expm1(sound_features(chord(440.0, pulses=2)).onsets) == pytest.approx(2.0, abs=0.5)


def test_major_is_told_from_minor_in_any_key():
    for root in (57, 60, 66):
        major, minor = (sound_features(chord(*(pitch(root + step) for step in (0, third, 7, 12)))) for third in (4, 3))
        assert major.mode > 0 > minor.mode
        assert major.major_fit > minor.major_fit


def test_level_is_told_apart_from_everything_else():
    loud, soft = (sound_features(chord(440.0, 660.0, pulses=3) * gain) for gain in (1.0, 0.1))
    assert loud.level - soft.level == pytest.approx(20.0)
    for name in ("onsets", "flux", "brightness", "unevenness", "major_fit", "mode"):
        assert getattr(loud, name) == pytest.approx(getattr(soft, name), abs=1e-4)
    assert sound_features(chord(880.0)).brightness == pytest.approx(
        sound_features(chord(440.0)).brightness + 1, abs=0.1
    )


def test_silence_is_not_measured():
    assert sound_features(np.zeros(RATE)) is None
    assert sound_features(chord(440.0, seconds=0.1)) is None


def climbing(level, every):
    """Return a piece that strikes a chord every so many ticks."""
    notes = [Note(t, t + every, "piano", 60 + step, 74) for t in range(0, 384, every) for step in (0, 4, 7)]
    music = Music(tuple(notes), TempoMap((Tempo(0, 500_000),)), tuple(range(0, 384, 96)), (), 384)
    return PromptTrial(Prompt(Affect(0.0, level), (), 8.0, 1), music)


def test_only_the_stretch_asked_for_is_rendered():
    music = climbing(0.0, 24).music
    half = replace(music, notes=tuple(note for note in music.notes if note.start >= 192))
    assert np.expm1(rendered_features(half, synthesise, 192, 384).onsets) == pytest.approx(2.0, abs=0.4)
    assert rendered_features(half, synthesise, 0, 192) is None


def test_busier_pieces_are_heard_as_such(corpus):
    recipe = learn(read_split(corpus, "train"), synthesise, 5)
    assert recipe.windows == 5
    trials = [climbing(level, every) for level, every in ((-0.8, 96), (0.0, 48), (0.8, 12))]
    found = response_heard("arousal", [*trials, replace(trials[0], music=None)], synthesise, recipe)
    assert found["heard onsets"] == pytest.approx(1.0)
    assert {"heard valence", "heard arousal", "heard level"} <= set(found)


def test_too_little_music_is_refused(corpus):
    with pytest.raises(CorpusError, match="too little"):
        learn(read_split(corpus, "test"), synthesise, 6)
