from __future__ import annotations

from dataclasses import replace

import pytest
from cut_edits import Piece, cuts, edited, spotting_of
from hypothesis import given
from hypothesis import strategies as st
from untrained import untrained

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
from emsync_bridge.music.generation.compose import compose, recompose
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.music.generation.take import hit_answers as answers_of
from emsync_bridge.music.planning.plan import plan_on
from emsync_bridge.scoring.conform.conform import conform_take
from emsync_bridge.scoring.conform.seams import LAST_TICK

GENERATOR = untrained()


def mood_of(cut):
    return EmotionCurve((EmotionSpan(0.0, cut.duration, Affect(0.2, 0.1)),))


def fill(take, cut, mood, holes):
    for number, (start, end) in enumerate(holes):
        take = recompose(take, cut, mood, GENERATOR, SectionChange(start, end, number))
    return take


def measured(take, cut, mood):
    return answers_of(cut, take.notes, plan_on(take.tempo_map, cut, mood))


def conform(take, old, new):
    return conform_take(take, (old, mood_of(old)), (new, mood_of(new)), fill, measured)


def onsets(take):
    return {(round(take.tempo_map.seconds(n.start), 3), n.pitch, n.instrument) for n in take.notes}


def test_an_unchanged_cut_gives_the_very_same_music():
    cut = spotting_of([Piece(i, 0, 72) for i in range(6)])
    take = compose(cut, mood_of(cut), GENERATOR, seed=3)
    result = conform(take, cut, cut)
    assert result.take is take
    assert result.report.notes_kept == result.report.notes == len(take.notes)
    assert {hit.state for hit in result.report.hits} == {"kept"}


def test_a_lifted_shot_keeps_what_is_before_and_after_it():
    pieces = [Piece(i, 0, 24 * 8) for i in range(6)]
    old, new = spotting_of(pieces), spotting_of(pieces[:3] + pieces[4:])
    take = compose(old, mood_of(old), GENERATOR, seed=5)
    result = conform(take, old, new)
    report = result.report
    assert report.seconds_kept > 0.6 * new.duration
    assert report.count("lost") == 1
    assert report.count("kept") >= 2
    assert report.count("moved") >= 1
    before = {o for o in onsets(take) if o[0] < 16}
    assert before == {o for o in onsets(result.take) if o[0] < 16}
    assert [(c.kind, c.name) for c in result.changes if c.kind != "unchanged"] == [
        ("removed", "S3"),
        ("shifted", "S4"),
        ("shifted", "S5"),
    ]


def test_a_hit_just_before_a_kept_bar_is_met():
    old = spotting_of([Piece(0, 100, 193), Piece(1, 100, 48)])
    new = spotting_of([Piece(0, 100, 59), Piece(1001, 0, 12), Piece(0, 159, 134), Piece(1, 100, 48)])
    result = conform(compose(old, mood_of(old), GENERATOR, seed=0), old, new)
    assert max(abs(answer.error_ms) for answer in result.take.answers) < 1


@given(st.data())
def test_hits_are_exact_after_any_edit_and_kept_music_is_identical(data):
    pieces = data.draw(cuts(48, 200, 6))
    old, new = spotting_of(pieces), spotting_of(data.draw(edited(pieces, 3)))
    take = compose(old, mood_of(old), GENERATOR, seed=data.draw(st.integers(0, 9)))
    result = conform(take, old, new)
    for answer in result.take.answers:
        assert answer.error_ms is not None
        assert abs(answer.error_ms) < 1
    end = result.take.tempo_map.seconds(max(n.end for n in result.take.notes))
    assert end <= new.duration + 0.05
    kept_before = onsets(take)
    for stretch in result.report.kept:
        start, stop = stretch.new_start + 0.002, stretch.new_end - 0.002
        inside = {o for o in onsets(result.take) if start <= o[0] < stop}
        moved_back = {(round(o[0] - stretch.shift, 3), *o[1:]) for o in inside}
        near = {(round(o[0] + d, 3), *o[1:]) for o in kept_before for d in (-0.001, 0.0, 0.001)}
        assert moved_back <= near
    shown = [section.new for section in result.report.sections if section.new]
    ends = [0.0, *(end for _, end in shown)]
    assert [*(start for start, _ in shown), new.duration] == pytest.approx(ends, abs=LAST_TICK)
    for section in result.report.sections:
        if section.state in ("kept", "moved"):
            assert section.old[1] - section.old[0] == pytest.approx(section.new[1] - section.new[0], abs=1e-3)
        if section.state == "kept":
            assert section.old == pytest.approx(section.new, abs=1e-3)
        if section.same_notes:
            assert played(take, *section.old) == played(result.take, *section.new)


def played(take, start, end):
    """Return the notes of a stretch with their distances in ticks, however fast they are played."""
    first, last = (round(take.tempo_map.tick(at)) for at in (start, end))
    return sorted((n.start - first, n.pitch, n.instrument) for n in take.notes if first <= n.start < last)


@pytest.mark.parametrize("frames", [21 * 8, 27 * 8])
def test_a_retimed_shot_keeps_its_notes_at_another_tempo(frames):
    pieces = [Piece(i, 0, 24 * 8) for i in range(6)]
    old, new = spotting_of(pieces), spotting_of([*pieces[:2], Piece(2, 0, 24 * 8, frames), *pieces[3:]])
    take = compose(old, mood_of(old), GENERATOR, seed=4)
    result = conform(take, old, new)
    report = result.report
    assert max(abs(answer.error_ms) for answer in result.take.answers) < 1
    assert played(take, 0, old.duration) == played(result.take, 0, new.duration)
    assert report.notes_kept + report.notes_refitted == report.notes
    assert report.seconds_kept + report.seconds_refitted == pytest.approx(new.duration, abs=LAST_TICK)
    assert frames / 24 <= report.seconds_refitted + 1e-3 < frames / 24 + 8  # the bars on its edges with it
    assert report.count("re-fitted") >= 1
    assert report.count("new") == report.count("lost") == 0
    assert [c.kind for c in result.changes] == ["unchanged"] * 2 + ["retimed"] + ["shifted"] * 3


def test_a_shot_at_half_speed_has_new_music_that_meets_its_hits():
    pieces = [Piece(i, 0, 24 * 8) for i in range(5)]
    old, new = spotting_of(pieces), spotting_of([*pieces[:2], Piece(2, 0, 24 * 8, 48 * 8), *pieces[3:]])
    result = conform(compose(old, mood_of(old), GENERATOR, seed=4), old, new)
    assert max(abs(answer.error_ms) for answer in result.take.answers) < 1
    assert result.report.seconds_refitted == 0
    assert result.report.count("lost") == 0
    (again,) = (section for section in result.report.sections if section.state == "re-fitted" and section.new[1] > 30)
    assert not again.same_notes


def test_there_and_back_keeps_what_both_cuts_share():
    pieces = [Piece(i, 0, 24 * 6) for i in range(8)]
    old, new = spotting_of(pieces), spotting_of([*pieces[:2], Piece(50, 0, 100), *pieces[2:]])
    take = compose(old, mood_of(old), GENERATOR, seed=2)
    there = conform(take, old, new)
    back = conform(there.take, new, old)
    shared = {o for o in onsets(take) if o[0] < 9}
    assert shared <= onsets(back.take)
    assert back.report.seconds_kept > 0.5 * old.duration


def test_what_a_person_decided_of_a_hit_is_kept():
    pieces = [Piece(i, 0, 24 * 6) for i in range(5)]
    old, new = spotting_of(pieces), spotting_of([pieces[0], *pieces[2:]])
    muted = tuple(replace(h, answered=False) if h.frame == 24 * 18 else h for h in old.hits)
    old = replace(old, hits=muted)
    take = compose(old, mood_of(old), GENERATOR, seed=2)
    result = conform(take, old, new)
    hit = next(h for h in result.spotting.hits if h.frame == 24 * 12)
    assert not hit.answered


def test_another_film_keeps_nothing_and_says_so():
    old = spotting_of([Piece(i, 0, 100) for i in range(4)])
    new = spotting_of([Piece(90 + i, 0, 100) for i in range(4)])
    take = compose(old, mood_of(old), GENERATOR, seed=2)
    report = conform(take, old, new).report
    assert (report.seconds_kept, report.notes_kept) == (0, 0)
    assert report.count("new") == 3
    assert report.count("lost") == 3


@pytest.mark.parametrize("frames", [1, 7, 30])
def test_a_shot_that_is_trimmed_by_a_few_frames_costs_a_few_bars(frames):
    pieces = [Piece(i, 0, 24 * 10) for i in range(6)]
    shorter = [*pieces[:2], Piece(2, 0, 240 - frames), *pieces[3:]]
    old, new = spotting_of(pieces), spotting_of(shorter)
    take = compose(old, mood_of(old), GENERATOR, seed=1)
    result = conform(take, old, new)
    assert result.report.seconds_kept > 0.55 * new.duration
    assert all(abs(a.error_ms) < 1 for a in result.take.answers)
