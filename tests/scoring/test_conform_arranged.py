from __future__ import annotations

from dataclasses import replace

import pytest
from cut_edits import Piece, cuts, edited, spotting_of
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
from emsync_bridge.music.arranging.arranger import arrange
from emsync_bridge.music.arranging.themes.motifs import motif_bank
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring.conform.conform import conform_take
from emsync_bridge.scoring.conform.filling import filler, measured_answers

OPTIONS = MusicOptions()

GIVEN_UP = 8
"""Bars of a run that may be given up beside its seams or for the end of the music."""


def mood_of(cut):
    middle = cut.duration / 2
    return EmotionCurve(
        (EmotionSpan(0.0, middle, Affect(0.3, 0.0)), EmotionSpan(middle, cut.duration, Affect(-0.5, 0.5)))
    )


def scored(cut, seed=1):
    return arrange(plan_composition(cut, mood_of(cut)), cut, mood_of(cut), motif_bank(), OPTIONS, seed)


def conform(take, old, new):
    return conform_take(take, (old, mood_of(old)), (new, mood_of(new)), filler(OPTIONS), measured_answers)


def test_the_holes_are_written_with_the_same_themes_key_and_players():
    pieces = [Piece(i, 0, 24 * 7) for i in range(9)]
    old, new = spotting_of(pieces), spotting_of([*pieces[:4], Piece(60, 0, 24 * 9), *pieces[5:]])
    take = scored(old)
    result = conform(take, old, new)
    assert result.take.key == take.key
    assert result.take.score is not None
    assert take.score is not None
    assert {t.name for t in result.take.score.themes} == {t.name for t in take.score.themes}
    assert result.report.seconds_kept > 0.4 * new.duration
    (hole, *_) = result.report.composed
    first, last = (result.take.tempo_map.tick(at) for at in hole)
    assert [note for note in result.take.notes if first <= note.start < last]


def test_an_unchanged_cut_gives_the_very_same_take():
    cut = spotting_of([Piece(i, 0, 24 * 5) for i in range(6)])
    take = scored(cut)
    assert conform(take, cut, cut).take is take


@given(st.data())
def test_hits_are_exact_after_any_edit(data):
    pieces = data.draw(cuts(60, 200, 5))
    old, new = spotting_of(pieces), spotting_of(data.draw(edited(pieces, 3)))
    result = conform(scored(old), old, new)
    for answer in result.take.answers:
        assert answer.error_ms == pytest.approx(0, abs=1)
    assert all(note.end > note.start for note in result.take.notes)
    assert result.take.tempo_map.seconds(max(n.end for n in result.take.notes)) <= new.duration + 0.07


def notes_of(take, start, end):
    """Return the notes that begin between two times, with their distances in ticks, cut off at the end."""
    first, last = (round(take.tempo_map.tick(at)) for at in (start, end))
    inside = [note for note in take.notes if first <= note.start < last]
    return sorted(replace(note, start=note.start - first, end=min(note.end, last) - first) for note in inside)


@given(st.data())
def test_there_and_back_keeps_what_both_cuts_share(data):
    pieces = data.draw(cuts(60, 200, 6))
    old, new = spotting_of(pieces), spotting_of(data.draw(edited(pieces, 2)))
    take = scored(old, data.draw(st.integers(0, 5)))
    there = conform(take, old, new)
    back = conform(there.take, new, old)
    assert all(answer.error_ms == pytest.approx(0, abs=1) for answer in back.take.answers)
    assert len(back.take.answers) == len(take.answers)
    for kept in there.report.kept:
        shared = 0.0
        for again in back.report.kept:
            start, end = max(kept.old_start, again.new_start), min(kept.old_end, again.new_end)
            if end - start > 1e-3:  # the same bars at the place that they had
                assert kept.shift + again.shift == pytest.approx(0, abs=1e-3)
                assert notes_of(back.take, start, end) == notes_of(take, start, end)
                shared += end - start
        bar = 240 / take.tempo_map.bpm(round(take.tempo_map.tick(kept.old_start)))
        assert shared >= kept.duration - GIVEN_UP * bar - 1e-3
    assert conform(back.take, old, old).take is back.take
