from dataclasses import replace
from fractions import Fraction

import numpy as np
from untrained import untrained

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Spotting
from emsync_bridge.music.analysis.features import features
from emsync_bridge.music.analysis.keys import key_correlations, pitch_class_profile
from emsync_bridge.music.generation.compose import compose
from emsync_bridge.music.generation.mood_bias import with_mood_bias
from emsync_bridge.music.generation.state import ScoreState
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

DURATION = 24.0
CUT = Spotting("cut", DURATION, Fraction(24))


def mood(valence: float, arousal: float) -> EmotionCurve:
    return EmotionCurve((EmotionSpan(0.0, DURATION, Affect(valence, arousal), confidence=1.0),))


def composed(valence: float, arousal: float):
    """Compose by a network that knows nothing, so that the mood is all that differs."""
    options = MusicOptions(transpose=0, bpm=100.0)
    return compose(CUT, mood(valence, arousal), untrained(), seed=3, options=options)


def counted(take):
    found = features(take.notes, take.tempo_map, 0.0, DURATION)
    assert found is not None
    return found


def lean(valence: float) -> float:
    """Return how much better C major fits than A minor."""
    major, minor = key_correlations(pitch_class_profile(composed(valence, 0.0).notes))
    return float(major[0] - minor[9])


def test_excited_music_is_louder_and_busier():
    calm, excited = counted(composed(0.0, -0.9)), counted(composed(0.0, 0.9))
    assert excited.mean_velocity > calm.mean_velocity + 8
    assert excited.onset_density > 1.15 * calm.onset_density


def test_loudness_turns_with_the_mood():
    middle = DURATION / 2
    curve = EmotionCurve(
        tuple(
            EmotionSpan(start, start + middle, Affect(0.0, arousal), confidence=1.0)
            for start, arousal in ((0.0, 0.8), (middle, -0.8))
        )
    )
    spotting = replace(CUT, hits=(HitPoint(middle, round(middle * 24), "cut"),))
    take = compose(spotting, curve, untrained(), seed=3)
    first, second = (
        np.mean([note.velocity for note in take.notes if (take.tempo_map.seconds(note.start) < middle) == early])
        for early in (True, False)
    )
    assert first > second + 15


def test_pleasant_music_leans_to_the_major_key_and_unpleasant_to_its_relative_minor():
    assert lean(0.9) > 0.1 > -0.1 > lean(-0.9)


def test_music_that_is_held_to_a_mode_keeps_it_whatever_the_valence():
    state = ScoreState(plan_composition(CUT, mood(0.9, 0.0)))
    level = np.zeros(tok.VOCABULARY, dtype=np.float32)
    assert with_mood_bias(level, state).any()
    assert not with_mood_bias(level, state, "minor").any()
