"""Composing with the published network: hits on the frame, silences, moods, and what it cannot do said plainly."""

import json
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from scored_cuts import mood, spotting
from torch_emsync import TINY, network, ours

from emsync_bridge.cli import main
from emsync_bridge.cue import INSTRUMENTS, Cue, EmotionCurve, Meter
from emsync_bridge.errors import CheckpointError, MusicError
from emsync_bridge.music import generators
from emsync_bridge.music.emsync_original import generator
from emsync_bridge.music.emsync_original import vocabulary as tok
from emsync_bridge.music.emsync_original.composer import generate_tokens
from emsync_bridge.music.emsync_original.config import Conventions
from emsync_bridge.music.emsync_original.constraints import with_bounded_shift
from emsync_bridge.music.emsync_original.grid import Grid
from emsync_bridge.music.emsync_original.network import Network
from emsync_bridge.music.generation.request import plan_for
from emsync_bridge.music.network import checkpoint
from emsync_bridge.options import MusicOptions, Sampling
from emsync_bridge.scoring.license_text import write_license_text

STORM = Path(__file__).parents[2] / "otio_examples" / "storm" / "storm.otio"
CUT = spotting(24.0, [4.5, 9.125, 15.0])
MOOD = mood((0, 9, 0.6, -0.4), (9, 15, -0.5, 0.7), (15, 19), (19, 24, 0.5, 0.5))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = generator.PublishedGenerator(TINY, ours(network(TINY)), Conventions(), "untrained")
    path = tmp_path_factory.mktemp("published")
    generator.save(made, {"name": "untrained", "rights": "Ask the authors."}, path)
    return path


def composed(folder, cut=CUT, curve=MOOD, seed=4, **options):
    return generators.compose_takes(cut, curve, folder, seeds=(seed,), options=MusicOptions(**options))[0]


@pytest.fixture(scope="module")
def take(folder):
    return composed(folder)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("ensemble", [("piano", "strings"), INSTRUMENTS, ("bass",), ("drums", "guitar")])
def test_every_hit_is_answered_within_a_tenth_of_a_millisecond(folder, seed, ensemble):
    cut = spotting(20.0, [2.125, 2.5, 7.0, 11.25, 17.5])
    take = composed(folder, cut, mood((0, 20, 0.1, 0.4)), seed, ensemble=ensemble)
    assert {note.instrument for note in take.notes} <= set(ensemble)
    voices = Counter(note.start for note in take.notes if note.instrument != "drums")
    chords = [take.tempo_map.seconds(tick) for tick, count in voices.items() if count >= min(3, 2 * len(ensemble))]
    assert max(min(abs(chord - hit.time) for chord in chords) for hit in cut.answered_hits()) < 0.0001
    if ensemble != ("bass",):  # two voices are no chord that an answer would count
        assert max(abs(answer.error_ms) for answer in take.answers) < 0.1


def test_what_sounds_before_a_hit_is_released_there_and_its_chord_is_held(take):
    seconds = take.tempo_map.seconds
    for time in (4.5, 9.125):
        tick = round(take.tempo_map.tick(time))
        assert not [note for note in take.notes if note.start < tick < note.end]
        struck = [seconds(note.end) - time for note in take.notes if note.start == tick]
        assert sorted(struck)[-3] > 0.75
        assert max(struck) < 3.0 + 1.1  # a shift takes a second at most


def test_silences_are_silent_and_the_music_goes_on_after_them_and_to_the_end(take):
    seconds = take.tempo_map.seconds
    assert not [note for note in take.notes if seconds(note.start) < 18.999 and seconds(note.end) > 15.001]
    assert any(seconds(note.start) >= 18.999 for note in take.notes)
    assert seconds(max(note.end for note in take.notes)) == pytest.approx(24.0, abs=0.06)


@pytest.mark.parametrize("ensemble", [("piano", "strings"), ("bass", "guitar")])
def test_it_ends_on_a_triad_with_its_root_below(folder, ensemble):
    for seed in range(5):
        take = composed(folder, spotting(9.0, [3.5]), mood((0, 9, 0.2, 0.4)), seed, ensemble=ensemble)
        last = max(note.start for note in take.notes)
        chord = sorted(note.pitch for note in take.notes if note.start == last)
        assert len(chord) >= 4
        above = {(pitch - chord[0]) % 12 for pitch in chord}
        assert above <= {0, 4, 7} or above <= {0, 3, 7}
        assert not [note for note in take.notes if note.start < last < note.end]


def test_the_same_seed_gives_the_same_take_also_among_others(folder, take):
    takes = generators.compose_takes(CUT, MOOD, folder, seeds=(4, 5))
    assert takes[0] == take
    assert takes[1].notes != take.notes
    assert take.model.startswith("untrained-")


def test_chords_on_hits_are_louder_and_so_is_what_is_excited(take):
    ticks = {round(take.tempo_map.tick(time)) for time in (4.5, 9.125)}
    level = {True: [], False: []}
    for note in take.notes:
        if note.start < take.tempo_map.tick(9.0):
            level[note.start in ticks].append(note.velocity)
    assert np.mean(level[True]) > np.mean(level[False])
    before, after = (
        [note.velocity for note in take.notes if first <= take.tempo_map.seconds(note.start) < last]
        for first, last in ((5.0, 9.0), (9.5, 14.9))
    )
    assert np.mean(after) > np.mean(before)


def test_bar_lines_are_where_the_plan_has_them_and_chords_nowhere_but_on_hits(folder):
    options = MusicOptions(bpm=100, meter=Meter(0, 3))
    plan, made = plan_for(CUT, MOOD, options), generator.load(folder)
    grid, clock, bars, chords = Grid(plan), 0, [], []
    for token, _ in generate_tokens(
        plan, Network(TINY, made.weights, made.conventions), np.random.default_rng(1), options
    ):
        clock += token - tok.SHIFT_0 if tok.is_shift(token) else 0
        bars += [grid.tick(clock)] * (token == tok.BAR)
        chords += [grid.tick(clock)] * (token == tok.CHORD)
    assert tuple(chords) == plan.chords
    assert bars == [line for line in plan.bar_lines if line <= plan.final]


def test_every_moment_of_a_plan_comes_back_from_the_published_clock_on_its_tick():
    plan = plan_for(spotting(30.0, [3.0, 3.0 + 1 / 24, 11.0, 26.5]), mood((0, 30, 0, 0.9)), MusicOptions(bpm=215))
    grid = Grid(plan)
    for tick in (*plan.bar_lines, *plan.chords):
        assert grid.tick(grid.unit(tick)) == tick
        assert abs(grid.unit(tick) * 0.008 - plan.tempo.tempo_map.seconds(tick)) <= 0.0081
    ticks = [grid.tick(unit) for unit in range(grid.unit(plan.end) + 1)]
    assert ticks == sorted(ticks)
    for unit, tick in enumerate(ticks):
        onset = grid.tick(grid.onset(unit))
        since = onset - max(line for line in plan.bar_lines if line <= onset)
        assert since % 6 == 0 or since % 8 == 0
        assert abs(onset - tick) <= 3


def test_notes_begin_on_sixteenths_and_eighth_triplets_where_they_can(folder):
    on_place = []
    for seed in range(4):
        take = composed(folder, seed=seed)
        lines = take.tempo_map.bar_lines(take.notes[-1].end)
        for tick in {note.start for note in take.notes}:
            since = tick - max(line for line in lines if line <= tick)
            on_place.append(since % 6 == 0 or since % 8 == 0)
    assert np.mean(on_place) > 0.7  # a quarter by chance


def test_a_shift_that_would_pass_a_hit_stops_there_with_the_chances_of_all_that_would():
    scores = np.random.default_rng(0).normal(size=tok.VOCABULARY)
    held = with_bounded_shift(scores, 40)
    chances, before = (np.exp(s - np.logaddexp.reduce(s)) for s in (held, scores))
    np.testing.assert_allclose(chances[tok.ON_0 :], before[tok.ON_0 :])
    np.testing.assert_allclose(chances[tok.shift(40)], before[tok.shift(40) : tok.shift(125) + 1].sum())
    assert chances[tok.shift(41) : tok.ON_0].max() == 0


def test_moods_guidance_and_boldness_change_the_music(folder, take):
    assert composed(folder, curve=EmotionCurve(tuple(mood((0, 24, -0.9, 0.9)).spans))).notes != take.notes
    assert composed(folder, guidance=2.0).notes != take.notes
    assert composed(folder, sampling=Sampling(temperature=0.3)).notes != take.notes


def test_a_piece_shorter_than_a_beat_and_one_with_nothing_but_silence_are_music_too(folder):
    assert composed(folder, spotting(0.5), mood((0, 0.5, 0, 0))).notes
    assert composed(folder, spotting(5.0), mood((0, 5))).notes == ()


@pytest.mark.parametrize("option", [{"key": "D minor"}, {"transpose": 2}, {"ensemble": ("drums",)}])
def test_what_it_cannot_do_is_said(folder, option):
    with pytest.raises(MusicError):
        composed(folder, **option)


def test_who_needs_more_than_whole_pieces_is_told_so(folder, tmp_path):
    with pytest.raises(CheckpointError, match="whole pieces"):
        checkpoint.load(folder)
    ran = CliRunner().invoke(main, ["evaluate", str(tmp_path), "--model", str(folder)])
    assert ran.exit_code == 1
    assert "EMSYNC's own network composes whole pieces" in ran.output


@pytest.mark.parametrize(
    "change",
    [
        {"model": None},
        {"model": {"layers": 10**9}},
        {"model": {"layers": 2, "width": 32, "heads": 0, "hidden": 48, "context": 40}},
        {"model": {"layers": 2, "width": 64, "heads": 4, "hidden": 48, "context": 40}},
        {"conventions": {"offset_first": "yes"}},
        {"conventions": {}, "model": {"layers": 2.0}},
        {"format": "emsync-9"},
    ],
)
def test_a_damaged_folder_is_refused_by_name(folder, change, tmp_path):
    card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
    (tmp_path / "card.json").write_text(json.dumps({**card, **change}), encoding="utf-8")
    (tmp_path / "weights.safetensors").write_bytes((folder / "weights.safetensors").read_bytes())
    with pytest.raises(CheckpointError) as refusal:
        composed(tmp_path)
    assert str(tmp_path) in str(refusal.value)


def test_the_command_scores_a_timeline_with_it_and_the_text_beside_says_whose_weights_they_are(folder, tmp_path):
    told = ["--model", str(folder), "--mood", "joy", "--between", "8-20", "--json"]
    ran = CliRunner().invoke(main, ["score", str(STORM), "--out", str(tmp_path), *told])
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["worst_error_ms"] < 0.1
    assert "Ask the authors." in (tmp_path / "storm.license.txt").read_text(encoding="utf-8")


def test_a_cue_of_a_published_generator_has_its_rights(folder, take, tmp_path):
    write_license_text(Cue(CUT, MOOD, (take,)), folder, tmp_path / "text.txt")
    assert "Ask the authors." in (tmp_path / "text.txt").read_text(encoding="utf-8")
