"""The table of whole pieces: how hits are heard, what is aimed at, and the columns."""

import json
import re

import numpy as np
import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.cue import Note, Take, TempoMap
from emsync_bridge.music.analysis.piece import piece_of
from emsync_bridge.training.evaluation.pieces.blind_page import page_text, pairs
from emsync_bridge.training.evaluation.pieces.fixed_cuts import FIXED_CUTS, random_cut
from emsync_bridge.training.evaluation.pieces.hit_sound import hit_measures, loudness_measures, sound_of
from emsync_bridge.training.evaluation.pieces.table import AIMS, Aim, Column
from emsync_bridge.training.evaluation.pieces.variety import progressions, rhythms, similarity

RATE = 48_000


def tone(levels, seconds=1.0):
    """Return a tone whose amplitude is another one in every stretch of so many seconds."""
    amplitude = np.repeat(np.array(levels, np.float32), round(RATE * seconds))
    wave = np.sin(np.arange(len(amplitude)) * 2 * np.pi * 440 / RATE, dtype=np.float64)
    return np.repeat((amplitude * wave).astype(np.float32)[:, None], 2, axis=1)


def test_a_level_that_doubles_jumps_by_six_decibels():
    sound = sound_of(tone([0.1] * 4 + [0.2] * 4), RATE)
    assert sound.seconds == pytest.approx(8.0)
    assert sound.jump(4.0) == pytest.approx(6.02, abs=0.2)
    assert sound.jump(2.0) == pytest.approx(0.0, abs=0.1)


def test_a_swell_is_a_rise_before_the_hit():
    swelling = sound_of(tone([0.1] * 40 + list(np.linspace(0.1, 0.3, 20)) + [0.3] * 20, 0.1), RATE)
    assert swelling.rise(6.0) > 6
    found = hit_measures(swelling, [6.0], [], [6.0], [2.0, 4.0, 6.0])
    assert found["turns_with_rise"] == 1
    assert np.isnan(found["soft_jump"])


def test_an_attack_is_newer_than_other_downbeats():
    sound = tone([0.1] * 8)
    sound[4 * RATE : 4 * RATE + 4800] += np.random.default_rng(1).normal(0, 0.2, (4800, 2)).astype(np.float32)
    found = hit_measures(sound_of(sound, RATE), [4.0], [], [4.0], [2.0, 3.0, 4.0, 5.0, 6.0])
    assert found["turn_flux_ratio"] > 2


def test_a_step_of_loudness_counts_away_from_hits_alone():
    sound = sound_of(tone([0.05] * 10 + [0.3] * 10), RATE)
    assert loudness_measures(sound, [])["loudness_steps"] == pytest.approx(3.0)
    assert loudness_measures(sound, [10.0])["loudness_steps"] == 0


def test_each_of_two_steps_of_loudness_counts_once():
    sound = sound_of(tone([0.02] * 10 + [0.3] * 10 + [0.02] * 10), RATE)
    assert loudness_measures(sound, [])["loudness_steps"] == pytest.approx(4.0)


def test_the_fixed_cuts_do_not_move():
    assert len(FIXED_CUTS) == 12
    assert sum(len(cut.hits) for cut in FIXED_CUTS) == 125
    for cut in FIXED_CUTS:
        assert all(0 < at < cut.duration and round(at * 25) == pytest.approx(at * 25) for at in cut.hits)
        assert cut.curve.spans[-1].end == cut.duration
        assert cut.spotting.shots[-1].end == cut.duration


def test_random_cuts_depend_on_their_seed_alone():
    assert random_cut(3) == random_cut(3)
    assert random_cut(3).spans != random_cut(4).spans


@pytest.mark.parametrize(
    ("low", "high", "value", "met"),
    [(0.4, 0.7, 0.5, True), (0.4, 0.7, 0.8, False), (None, 0.3, 0.3, True), (2.0, None, 1.9, False)],
)
def test_an_aim_is_met_inside_its_bounds(low, high, value, met):
    assert Aim("x", "x", low, high).met(value) is met
    assert Aim("x", "x", low, high).met(float("nan")) is None


def test_hits_are_added_up_and_the_rest_averaged():
    column = Column("x", ({"hits_missed": 1.0, "rests": 0.2}, {"hits_missed": 2.0, "rests": np.nan}), {"distance": 3.0})
    assert column.value("hits_missed") == 3
    assert column.value("rests") == pytest.approx(0.2)
    assert column.value("distance") == 3
    assert np.isnan(column.value("speed"))


def test_the_aims_name_each_measure_once():
    assert len({aim.measure for aim in AIMS}) == len(AIMS)


def tune(up=0, beats=16):
    pitches = [60, 64, 62, 67, 65, 64, 62, 60]
    melody = [Note(24 * i, 24 * i + 20, "strings", pitches[i % 8] + up, 80, "flute") for i in range(beats)]
    roots = [48, 53, 55, 48]
    held = [
        Note(96 * i, 96 * i + 96, "piano", roots[i % 4] + step + up, 60, "piano")
        for i in range(beats // 4)
        for step in (0, 4, 7)
    ]
    return piece_of(Take(1, tuple(sorted(melody + held)), TempoMap()), beats / 2)


def test_the_same_piece_in_another_key_is_wholly_alike():
    found = similarity([tune(), tune(3)])
    assert found.progressions == found.rhythms == found.instruments == 1
    assert found.pairs_with_motifs == 1
    assert found.motifs > 1


def test_progressions_are_seen_from_the_tonic():
    assert progressions(tune()) == progressions(tune(5))
    assert len(progressions(tune())) >= 1
    assert rhythms(tune()) == {(0, 4, 8, 12)}


def test_blind_pairs_are_balanced_and_hold_every_cut_once():
    chosen = pairs(("orchestra", "network"))
    assert sorted(pair.cut.name for pair in chosen) == [cut.name for cut in FIXED_CUTS]
    assert [pair.cut.name for pair in chosen] != [cut.name for cut in FIXED_CUTS]
    assert sum(pair.styles[0] == "orchestra" for pair in chosen) == 6
    assert all(set(pair.styles) == {"orchestra", "network"} for pair in chosen)


def test_the_blind_page_does_not_say_which_side_is_which():
    chosen = pairs(("orchestra", "network"))
    text = page_text(chosen)
    assert "orchestra" not in text
    assert "network" not in text
    shown = json.loads(re.search(r"const pairs=(.*),key=", text)[1])
    assert len(shown) == 12
    assert not re.findall(r'(?:src|href)="(?!data:)', text)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate"], "Give CORPUS, or --pieces"),
        (["evaluate", "--pieces", "--cut", "nothing"], "01_joy_30"),
        (["evaluate", "--pieces", "--seeds", "0"], "--seeds"),
    ],
)
def test_the_command_says_what_it_needs(arguments, words):
    ran = CliRunner().invoke(main, arguments)
    assert ran.exit_code == 2
    assert words in ran.output
