"""Mood that a person had set, in a cut that has retimed and new shots."""

from __future__ import annotations

import pytest
from cut_edits import Piece, spotting_of

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan
from emsync_bridge.emotion.overrides.placed_orders import parse_order
from emsync_bridge.options import EmotionOptions, ScoreOptions
from emsync_bridge.scoring.conform.carry import carry_curve
from emsync_bridge.scoring.conform.matching import match_shots, retimed_segments, unchanged_segments
from emsync_bridge.scoring.settings import settings_of, whole_mood_as_before

SET, ESTIMATE = Affect(-0.5, 0.6), Affect(0.4, -0.3)
PIECES = [Piece(i, 0, 24 * 8) for i in range(4)]


def whole(cut, affect, *, ordered=(False, False)):
    return EmotionCurve((EmotionSpan(0.0, cut.duration, affect, ordered=ordered),))


def carried(new_pieces, ordered):
    """Return the mood of a cut whose old mood is that of a person on the axes that are named."""
    old, new = spotting_of(PIECES), spotting_of(new_pieces)
    matches = match_shots(old.shots, new.shots)
    segments = (*unchanged_segments(matches), *retimed_segments(matches))
    return carry_curve(whole(old, SET, ordered=ordered), whole(new, ESTIMATE), segments, new.duration)


@pytest.mark.parametrize("frames", [24 * 4, 24 * 16])
@pytest.mark.parametrize(
    ("ordered", "expected"),
    [
        ((True, True), SET),
        ((True, False), Affect(SET.valence, ESTIMATE.arousal)),
        ((False, True), Affect(ESTIMATE.valence, SET.arousal)),
        ((False, False), ESTIMATE),
    ],
)
def test_a_mood_that_a_person_set_stays_with_a_shot_at_another_speed(frames, ordered, expected):
    curve = carried([PIECES[0], Piece(1, 0, 24 * 8, frames), *PIECES[2:]], ordered)
    inside = curve.at(8.0 + frames / 48)
    assert (inside.affect, inside.ordered) == (expected, ordered)
    assert curve.at(4.0).affect == SET
    assert [span.start for span in curve.spans[1:]] == [span.end for span in curve.spans[:-1]]
    assert curve.spans[-1].end == pytest.approx(24.0 + frames / 24)


@pytest.mark.parametrize("settings", [{"mood": "tension"}, {"valence": 0.2, "arousal": -0.1}, {"valence": 0.2}, {}])
def test_the_mood_of_the_whole_cut_is_that_of_the_earlier_cue(settings):
    assert whole_mood_as_before(EmotionOptions(), settings) == EmotionOptions(**settings)


@pytest.mark.parametrize("asked", [EmotionOptions(mood="joy"), EmotionOptions(arousal=0.3)])
def test_another_mood_that_is_asked_for_counts_before_that_of_the_earlier_cue(asked):
    assert whole_mood_as_before(asked, {"mood": "tension", "valence": 0.2}) == asked


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (("all=tense",), ("all=tense",)),
        (("shot2=joy", "all=darker, much calmer", "00:10-00:20=v=-0.4, a=0.2"), ("all=darker, much calmer",)),
        (("all=silence", "ALL=joy -> fear"), ("all=silence", "ALL=joy -> fear")),
        (("shot2=joy",), ()),
    ],
)
def test_orders_for_the_whole_cut_hold_for_new_shots(given, kept):
    def orders(texts):
        return tuple(parse_order(text) for text in texts)

    settings = settings_of(ScoreOptions(emotion=EmotionOptions(orders=orders(given))))
    assert whole_mood_as_before(EmotionOptions(), settings).orders == orders(kept)
    own = EmotionOptions(orders=orders(["shot1=hope"]))
    assert whole_mood_as_before(own, settings).orders == (*orders(kept), *own.orders)
    assert whole_mood_as_before(EmotionOptions(mood="joy"), settings).orders == ()
    assert whole_mood_as_before(EmotionOptions(), {**settings, "curve": "mood.csv"}).orders == orders(kept)


def test_a_table_of_the_earlier_mood_had_counted_before_its_name():
    assert whole_mood_as_before(EmotionOptions(), {"mood": "tension", "curve": "mood.csv"}) == EmotionOptions()
