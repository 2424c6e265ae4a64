from __future__ import annotations

import pytest
from cut_edits import Piece, cuts, edited, spotting_of
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
from emsync_bridge.music.arranging.arranger import arrange
from emsync_bridge.music.arranging.themes.motifs import bank
from emsync_bridge.music.planning.plan import plan_composition
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring.conform.conform import conform_take
from emsync_bridge.scoring.conform.filling import filler, measured_answers

OPTIONS = MusicOptions()


def mood_of(cut):
    middle = cut.duration / 2
    return EmotionCurve(
        (EmotionSpan(0.0, middle, Affect(0.3, 0.0)), EmotionSpan(middle, cut.duration, Affect(-0.5, 0.5)))
    )


def scored(cut, seed=1):
    return arrange(plan_composition(cut, mood_of(cut)), cut, mood_of(cut), bank(), OPTIONS, seed)


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
