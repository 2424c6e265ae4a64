"""Cost of hits on the frame."""

from dataclasses import replace

import pytest

from emsync_bridge.cue import Affect, Note, Tempo, TempoMap
from emsync_bridge.training.corpus.pieces import Music
from emsync_bridge.training.evaluation.hit_cost import bend, costs
from emsync_bridge.training.evaluation.similarity import Comparison
from emsync_bridge.training.evaluation.trials import Prompt, PromptTrial

FLAT = TempoMap((Tempo(0, 500_000),))
PROMPT = Prompt(Affect(0.0, 0.0), (), 20.0, 1)
PITCHES = Comparison("range", 0.0, 10.0, 2.0)


def trial(steps, seed=1, bars=range(0, 960, 96)):
    """Return a piece whose notes climb by some semitones and fall again."""
    notes = tuple(Note(t, t + 24, "piano", 60 + steps * (t // 24 % 2), 74) for t in range(0, 960, 24))
    return PromptTrial(replace(PROMPT, seed=seed), Music(notes, FLAT, tuple(bars), (), 960), base_bpm=120.0)


def test_the_bend_is_weighed_by_time_and_told_apart_from_the_drift_of_the_base():
    bent = TempoMap((Tempo(0, 500_000), Tempo(240, 400_000)))  # 5 s at 120, then 3 s of 180 ticks at 150
    piece = PromptTrial(PROMPT, Music((), bent, (), (), 420), base_bpm=120.0)
    found = bend([piece, PromptTrial(PROMPT, None)])
    assert found.mean == pytest.approx(0.25 * 3 / 8)
    assert found.most == pytest.approx(0.25)
    assert found.drift == pytest.approx(120 / 92 - 1)  # the base tempo of a mood of 0


def test_the_cost_is_the_mean_of_differences_between_pieces_of_one_prompt():
    exact, off = [trial(7, 1), trial(5, 2)], [trial(10, 1), trial(10, 2)]
    (found,) = costs({"exact": exact, "off": off}, [PITCHES], 10.0)
    assert found.means == {"exact": 6.0, "off": 10.0}
    assert found.apart["off"] == pytest.approx(-2.0)  # 3 and 5 semitones in standard deviations of 2
    assert found.error["off"] == pytest.approx(0.5)  # 1.5 and 2.5: a spread of 0.7 over the root of 2
    assert found.visible("off")
    assert found.certain("off")


def test_what_comes_nearer_to_written_music_is_no_cost():
    (found,) = costs({"exact": [trial(9)] * 3, "off": [trial(3)] * 3}, [PITCHES], 10.0)
    assert found.apart["off"] == pytest.approx(3.0)
    assert not found.visible("off")


def test_less_than_half_a_deviation_is_not_visible_and_a_piece_that_failed_is_left_out():
    stuck = PromptTrial(PROMPT, None)
    (found,) = costs({"exact": [trial(9), stuck], "off": [trial(10), trial(2)]}, [replace(PITCHES, spread=4.0)], 10.0)
    assert found.apart["off"] == pytest.approx(-0.25)
    assert not found.visible("off")
