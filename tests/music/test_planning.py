"""Scenes, ranks, form, chords and harmony as a listener would check them."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scored_cuts import mood, spotting

from emsync_bridge.cue import Affect
from emsync_bridge.music.arranging.key_plan import keys_of
from emsync_bridge.music.planning.chord_vocabulary import vocabulary
from emsync_bridge.music.planning.chords import Chord, parse_numeral
from emsync_bridge.music.planning.dynamics import Dynamics, Swell
from emsync_bridge.music.planning.form import phrases
from emsync_bridge.music.planning.harmony import MelodyTone, harmonise
from emsync_bridge.music.planning.hit_ranks import BETWEEN_TURNS, rank_hits
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.music.planning.scenes import CHARACTERS, MINOR, bars, character_of, intensity_of, scenes

HITS = (8.0, 14.0, 20.0, 31.0, 40.0, 47.0, 60.0, 70.0, 81.0)
DURATION = 90.0
CURVE = mood((0, 20, 0.6, -0.5), (20, 40, -0.6, 0.3), (40, 60, -0.3, 0.9), (60, 90, 0.6, 0.3))


def outlined():
    cut = spotting(DURATION, HITS)
    plan = plan_composition(cut, CURVE)
    grid = bars(plan)
    found = scenes(plan, CURVE, grid)
    hits = rank_hits(plan, cut, found)
    return plan, grid, found, hits, phrases(plan, found, hits, grid, 5)


@pytest.mark.parametrize(
    ("numeral", "minor", "chord"),
    [
        ("I", False, Chord(0, "M")),
        ("ii7", False, Chord(2, "m7")),
        ("V7/V", False, Chord(2, "7")),
        ("V6", False, Chord(7, "M", 11)),
        ("V4/2", False, Chord(7, "7", 5)),
        ("bII6", True, Chord(1, "M", 5)),
        ("VI", True, Chord(8, "M")),
        ("viio7", True, Chord(11, "o7")),
        ("IVadd9", False, Chord(5, "9")),
    ],
)
def test_roman_numerals(numeral: str, minor: bool, chord: Chord) -> None:
    assert parse_numeral(numeral, minor=minor) == chord


@pytest.mark.parametrize("numeral", ["", "X", "Ib", "V7/X", "vv"])
def test_what_is_no_numeral_is_refused(numeral: str) -> None:
    with pytest.raises(ValueError, match="no chord"):
        parse_numeral(numeral, minor=False)


@pytest.mark.parametrize("character", CHARACTERS)
@pytest.mark.parametrize("minor", [False, True])
def test_every_character_has_chords_in_both_modes(character: str, minor: bool) -> None:
    words = vocabulary(character, minor=minor)
    assert len(words.loops) >= 3
    assert len(words.chords) >= 8
    assert any(chord.root == 0 and chord.quality == ("m" if minor else "M") for chord in words.chords)


@given(st.floats(-1, 1), st.floats(-1, 1))
def test_intensity_rises_with_arousal_and_valence_decides_the_mode(valence: float, arousal: float) -> None:
    affect = Affect(valence, arousal)
    assert 0.08 <= intensity_of(affect) <= 1
    assert intensity_of(Affect(valence, min(1.0, arousal + 0.3))) >= intensity_of(affect)
    if valence > 0.3:
        assert character_of(affect) not in MINOR
    if valence < -0.5:
        assert character_of(affect) in MINOR


def test_scenes_begin_where_the_mood_changes() -> None:
    plan, _, found, _, _ = outlined()
    assert [scene.character for scene in found] == ["calm", "tension", "action", "warm"]
    assert [round(plan.seconds(scene.start)) for scene in found] == [0, 20, 40, 60]


def test_full_accents_are_apart_and_the_mood_decides_the_rank() -> None:
    plan, _, _found, hits, _ = outlined()
    turns = [plan.seconds(hit.tick) for hit in hits if hit.rank == "turn" and not hit.final]
    assert all(b - a >= BETWEEN_TURNS for a, b in itertools.pairwise(turns))
    by_time = {round(plan.seconds(hit.tick)): hit.rank for hit in hits}
    assert by_time[8] == "bell"
    assert by_time[40] == "turn"
    assert by_time[60] == "soft"


def test_phrases_fill_the_piece_and_begin_with_scenes_and_turns() -> None:
    plan, grid, found, hits, form = outlined()
    assert [bar for phrase in form for bar in phrase.bars] == list(grid)
    starts = {phrase.start for phrase in form}
    assert {scene.start for scene in found} <= starts
    assert {hit.tick for hit in hits if hit.rank == "turn"} <= starts
    assert form[-1].part == "coda"
    stating = [phrase for phrase in form if phrase.part == "theme"]
    assert stating[0].theme == stating[-1].theme == "A"
    assert all(len(phrase.bars) <= 5 for phrase in form if phrase.part != "coda")
    assert plan.end == form[-1].end


def test_chords_carry_the_melody_and_lead_home() -> None:
    _, _, found, _, form = outlined()
    tones = {
        i: [MelodyTone(bar.start, bar.end, 0) for bar in phrase.bars] for i, phrase in enumerate(form) if phrase.variant
    }
    tonics = keys_of(found, 2, 7)
    spans = harmonise(form, found, tonics, tones, [1] * len(form))
    assert tonics[0] == tonics[-1] == 2
    assert [(a.end, b.start) for a, b in itertools.pairwise(spans) if a.end != b.start] == []
    held = [span for i in tones for span in spans if form[i].start <= span.start < form[i].end]
    assert sum(0 in span.chord.tones for span in held) > 0.6 * len(held)
    assert spans[-1].chord.root == 0
    assert spans[-2].chord.dominant


def test_loudness_moves_without_steps_where_there_is_no_hit() -> None:
    plan, _, found, hits, form = outlined()
    swell = Swell(form[3].start - 96, form[3].start, 0.3)
    dynamics = Dynamics(form, found, (swell,), frozenset(hit.tick for hit in hits))
    levels = {tick: dynamics.at(tick) for tick in range(0, plan.end, 2)}
    meant = {hit.tick for hit in hits} | {phrase.start for phrase in form if phrase.start in dynamics.hits}
    for tick in range(2, plan.end, 2):
        if not any(tick - 2 < hit <= tick for hit in meant):
            assert abs(levels[tick] - levels[tick - 2]) < 0.15
    assert dynamics.at(form[3].start - 1) > dynamics.at(form[3].start - 97) - 0.05
    assert dynamics.swell_at(form[3].start - 1) > 0.5
    assert dynamics.swell_at(form[3].start) == 0
