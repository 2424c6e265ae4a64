from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest
from untrained import untrained

from emsync_bridge.cue import INSTRUMENTS, Affect, EmotionCurve, EmotionSpan, Spotting
from emsync_bridge.music.generation.compose import compose
from emsync_bridge.music.generation.entrance_bias import with_entrance_bias
from emsync_bridge.music.generation.state import ScoreState, off_of
from emsync_bridge.music.network import checkpoint as checkpoints
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.music.tokenizer import vocabulary as tok
from emsync_bridge.options import MusicOptions

CUT = Spotting("cut", 24.0, Fraction(24))
MOOD = EmotionCurve((EmotionSpan(0.0, 24.0, Affect(-0.5, 0.5), confidence=1.0),))
BAND = ("drums", "bass", "guitar", "piano")


def raised(state: ScoreState, ensemble=("piano", "strings")) -> set[str]:
    """Return the instruments whose entrance is made likelier."""
    change = with_entrance_bias(np.zeros(tok.VOCABULARY, dtype=np.float32), state, ensemble)
    assert not change[: tok.ON_0].any()
    assert not change[tok.OFF_0 :].any()
    return {tok.note_of(int(token))[0] for token in np.flatnonzero(change)}


def on(instrument: str, pitch: int) -> int:
    return tok.ON_0 + INSTRUMENTS.index(instrument) * tok.PITCHES + pitch - tok.PITCH_LOW


def test_who_rests_is_invited_and_who_plays_holds_or_is_alone_is_not():
    state = ScoreState(plan_composition(CUT, MOOD, bpm=120.0))
    for token in (tok.BAR, on("piano", 60), on("strings", 67), tok.shift(24), off_of(on("strings", 67))):
        state.push(token)
    assert raised(state) == set()
    for _ in range(2):
        state.push(tok.shift(24))
    assert raised(state) == {"strings"}
    assert raised(state, ("strings",)) == set()


@pytest.mark.parametrize("checkpoint", [untrained(), None], ids=["untrained", "shipped"])
def test_everybody_who_is_asked_for_plays_in_most_bars(checkpoint):
    loaded = checkpoint or checkpoints.load()
    takes = [compose(CUT, MOOD, loaded, seed=seed, options=MusicOptions(ensemble=BAND)) for seed in (1, 2, 3)]
    for instrument in BAND:
        played = [bar for take in takes for bar in bars_of(take, instrument)]
        assert np.mean(played) > 0.6, instrument


def bars_of(take, instrument):
    """Return for every bar whether an instrument sounds in it."""
    lines = [*take.tempo_map.bar_lines(max(note.end for note in take.notes)), 10**9]
    notes = [note for note in take.notes if note.instrument == instrument]
    return [any(note.start < end and note.end > begin for note in notes) for begin, end in pairwise(lines)]
