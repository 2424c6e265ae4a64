"""The rules: whatever the network would like, the piece is well formed and meets its hits."""

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from scored_cuts import mood, spotting

from emsync_bridge.music.generation import constraints
from emsync_bridge.music.generation.state import ScoreState
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.music.tokenizer import codec
from emsync_bridge.music.tokenizer import vocabulary as tok


def improvise(plan, ensemble, seed, likes):
    """Write a piece by chance under the rules; ``likes`` weighs the kinds of token."""
    rng = np.random.default_rng(seed)
    rules = constraints.rules_for(ensemble)
    weights = np.ones(tok.VOCABULARY)
    for kind, weight in zip((tok.is_shift, tok.is_velocity, tok.is_on, tok.is_off), likes, strict=True):
        weights[[token for token in range(tok.VOCABULARY) if kind(token)]] = weight
    state, written = ScoreState(plan), []
    for _ in range(200_000):
        mask = constraints.allowed(state, rules)
        assert mask.any(), "a rule left nothing to choose from"
        chances = weights * mask
        token = int(rng.choice(tok.VOCABULARY, p=chances / chances.sum()))
        if tok.is_shift(token) and state.clock == plan.final:
            break
        state.push(token)
        written.append(token)
        if state.clock >= plan.end:
            break
    else:
        pytest.fail("the piece does not end")
    clock = sum(token - tok.SHIFT_0 for token in written if tok.is_shift(token))
    return codec.decode([*written, *[tok.shift(1)] * (plan.end - clock)])


cuts = st.lists(st.floats(0.5, 39), max_size=9)
ensembles = st.sampled_from(
    [
        ("piano",),
        ("strings",),
        ("bass",),
        ("bass", "guitar"),
        ("piano", "strings"),
        ("drums", "bass", "guitar", "piano"),
    ]
)
likes = st.sampled_from([(1, 1, 1, 1), (50, 1, 1, 0.01), (0.02, 1, 1, 1), (1, 20, 0.1, 5), (200, 0.1, 0.01, 0.01)])


@settings(phases=[Phase.explicit, Phase.reuse, Phase.generate])
@given(cuts, ensembles, likes, st.integers(0, 2**32), st.sampled_from([None, (10.0, 16.0), (0.0, 8.0), (30.0, 40.0)]))
def test_any_improvisation_under_the_rules_is_sound(times, ensemble, likes, seed, silence):
    spans = [(0, 40, 0.2, 0.4)]
    if silence:
        spans = [(0, silence[0], 0.2, 0.4), silence, (silence[1], 40, -0.5, -0.2)]
        spans = [span for span in spans if span[1] > span[0]]
    plan = plan_composition(spotting(40.0, times), mood(*spans))
    notes, bars, chords = improvise(plan, ensemble, seed, likes)
    seconds = plan.tempo.tempo_map.seconds

    assert bars == [line for line in plan.bar_lines[:-1] if plan.final is None or line <= plan.final]
    assert chords == list(plan.chords)
    starts = defaultdict(list)
    for note in notes:
        starts[note.start].append(note)
        assert note.instrument in ensemble
        low, high = constraints.RANGES[note.instrument]
        assert low <= note.pitch <= high
        assert note.end <= plan.end + tok.DRUM_TICKS
        if note.instrument != "drums" and note.start != plan.final:
            assert seconds(note.end) - seconds(note.start) < constraints.MAX_NOTE + 1.0
    wanted = min(3, sum(constraints.POLYPHONY[name] for name in ensemble if name != "drums"))
    following = [*plan.chords[1:], plan.end][: len(plan.chords)]
    for chord, after in zip(plan.chords, following, strict=True):
        struck = [note for note in starts[chord] if note.instrument != "drums"]
        assert len(struck) >= wanted
        assert {note.instrument for note in struck} == {name for name in ensemble if name != "drums"}
        stop = min(seconds(chord) + constraints.CHORD_LENGTH, seconds(after), seconds(plan.section_at(chord).end_tick))
        assert sum(seconds(note.end) >= stop - 1e-6 for note in struck) >= wanted

    pitched = sorted((n for n in notes if n.instrument != "drums"), key=lambda n: n.start)
    for section in plan.sections:
        inside = [n for n in pitched if section.start_tick <= n.start < section.end_tick]
        if section.silence:
            assert not inside
            assert not [n for n in notes if n.start < section.end_tick and n.end > section.start_tick + tok.DRUM_TICKS]
    if not silence:
        heard = 0.0
        for note in pitched:
            assert seconds(note.start) - heard < 3.0
            heard = max(heard, seconds(note.end))
        assert heard >= seconds(plan.end) - 1e-6


@pytest.mark.parametrize("ensemble", [("piano", "strings"), ("guitar",), ("bass", "strings"), ("drums", "strings")])
@pytest.mark.parametrize("seed", range(4))
def test_the_last_chord_is_a_tonic_triad_on_its_root(ensemble, seed):
    plan = plan_composition(spotting(20.0, [8]), mood((0, 20, 0.5, 0.0)))
    notes, _, _ = improvise(plan, ensemble, seed, (1, 1, 1, 1))
    last = [note.pitch for note in notes if note.start == plan.final and note.instrument != "drums"]
    classes = {pitch % 12 for pitch in last}
    assert classes <= {0, 4, 7} or classes <= {9, 0, 4}
    assert any(pitch % 12 in (0, 9) and pitch <= constraints.BASS_TOP for pitch in last)
    assert len(last) >= min(constraints.FINAL_VOICES, sum(constraints.POLYPHONY[i] for i in ensemble if i != "drums"))
