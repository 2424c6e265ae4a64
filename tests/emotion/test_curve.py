from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.extractors.interface import AffectEstimate, ShotPart
from emsync_bridge.emotion.fusion import gaussian
from emsync_bridge.emotion.fusion.calibration import widening
from emsync_bridge.emotion.fusion.sign import CLEAR, NONE, sign_confidence, word_of
from emsync_bridge.emotion.fusion.smoothing import PartEstimate, carried_over, smooth, spans
from emsync_bridge.emotion.overrides.moods import CLASS_RULES, EMOTIONS

NOTHING = math.inf


def part(shot: int, start: float, end: float) -> ShotPart:
    return ShotPart(shot, start, end, pace=end - start)


def estimate(valence: float, arousal: float, s_v: float = 0.5, s_a: float = 0.5, reason: str = "") -> AffectEstimate:
    return AffectEstimate("test", Affect(valence, arousal), (s_v, s_a), reason)


def posterior(reading: gaussian.GaussianEstimate, prior: float) -> tuple[float, float]:
    """Return mean and variance of a reading joined with the prior."""
    precision = reading.precision + 1 / 0.5**2
    return (reading.mean * reading.precision + prior / 0.5**2) / precision, 1 / precision


def felt(shot: int, start: float, end: float, *estimates: AffectEstimate, carried: float = 0.0) -> PartEstimate:
    return PartEstimate(part(shot, start, end), gaussian.weigh(estimates), gaussian.explain(estimates), carried)


def test_fusion_follows_its_formula() -> None:
    estimates = [estimate(0.6, 0.2, 0.5, 0.55), estimate(-0.2, 0.5, 0.62, NOTHING)]
    ((affect, errors),) = smooth([felt(0, 0, 3, *estimates)])
    w1, w2, w0 = 1 / 0.5**2, 1 / 0.62**2, 1 / 0.5**2
    assert affect.valence == pytest.approx((0.6 * w1 - 0.2 * w2) / (w0 + w1 + w2))
    assert affect.arousal == pytest.approx((0.2 * w0 + 0.2 / 0.55**2) / (w0 + 1 / 0.55**2))
    assert errors[0] == pytest.approx(widening()[0] * math.sqrt(1 / (w0 + w1 + w2)))


def test_events_that_are_only_named_are_the_first_reasons() -> None:
    event = AffectEstimate("sound-events", reason="music")
    assert gaussian.explain([estimate(-0.9, 0.9, reason="dark, loud"), event]) == "music, dark, loud"


def test_without_estimates_the_prior_stands() -> None:
    ((affect, errors),) = smooth([felt(0, 0, 3)])
    assert (affect.valence, affect.arousal) == pytest.approx((0.0, 0.2))
    assert errors == pytest.approx((0.5 * widening()[0], 0.5 * widening()[1]))


def test_contributions_add_up_to_the_move_from_the_prior() -> None:
    estimates = [estimate(0.6, 0.2), estimate(-0.2, 0.5, 0.3, NOTHING), estimate(0.0, -0.4, NOTHING, 0.7)]
    moves = gaussian.contributions(estimates)
    valence, arousal = gaussian.weigh(estimates)
    assert sum(move[1] for move in moves) == pytest.approx(posterior(valence, 0.0)[0])
    assert sum(move[2] for move in moves) == pytest.approx(posterior(arousal, 0.2)[0] - 0.2)


def test_reasons_come_in_order_of_weight() -> None:
    assert (
        gaussian.explain([estimate(0.05, 0.1, reason="bright"), estimate(-0.9, 0.9, reason="dark, loud")])
        == "dark, loud, bright"
    )


def test_a_hard_cut_smears_nothing() -> None:
    before = [felt(0, 4 * i, 4 * i + 4, estimate(0.6, 0.7)) for i in range(4)]
    after = [felt(1, 16 + 4 * i, 20 + 4 * i, estimate(-0.6, -0.5)) for i in range(4)]
    together = smooth([*before, *after])
    apart = [*smooth(before), *smooth(after)]
    for (one, _), (other, _) in zip(together, apart, strict=True):
        assert one.valence == pytest.approx(other.valence)
        assert one.arousal == pytest.approx(other.arousal)


def test_a_shot_in_pieces_tells_as_much_as_in_one() -> None:
    whole = smooth([felt(0, 0, 4, estimate(0.5, -0.4))])[0]
    pieces = smooth([felt(0, 0.1 * i, 0.1 * i + 0.1, estimate(0.5, -0.4)) for i in range(40)])
    for affect, errors in pieces:
        assert affect.valence == pytest.approx(whole[0].valence, abs=0.01)
        assert affect.arousal == pytest.approx(whole[0].arousal, abs=0.01)
        assert errors == pytest.approx(whole[1], abs=0.01)


def test_within_a_shot_noise_is_smoothed() -> None:
    noisy = [felt(0, 4 * i, 4 * i + 4, estimate(0.3 * (-1) ** i, 0.3 * (-1) ** i)) for i in range(8)]
    smoothed = smooth(noisy)
    assert max(abs(affect.valence) for affect, _ in smoothed) < 0.1
    assert smoothed[4][1][0] > gaussian.LEAST_SIGMA


def test_alike_shots_share_a_mood_and_unlike_ones_do_not() -> None:
    assert carried_over(None) == carried_over(0.5) == 0.0
    assert carried_over(1.0) == pytest.approx(0.8)
    shots = [felt(i, i, i + 1, estimate(0.5 * (-1) ** i, 0.0)) for i in range(6)]
    alike = [felt(i, i, i + 1, estimate(0.5 * (-1) ** i, 0.0), carried=0.8) for i in range(6)]
    spread = [max(a.valence for a, _ in smooth(s)) - min(a.valence for a, _ in smooth(s)) for s in (shots, alike)]
    assert spread[1] < 0.6 * spread[0]


def test_one_span_for_each_shot_and_more_for_a_shot_that_changes() -> None:
    steady = [
        felt(0, 0, 4, estimate(0.1, 0.2)),
        felt(0, 4, 8, estimate(0.12, 0.18)),
        felt(1, 8, 10, estimate(0.1, 0.2)),
    ]
    assert [(span.start, span.end) for span in spans(steady)] == [(0, 8), (8, 10)]
    changing = [felt(0, 20 * i, 20 * i + 20, estimate(0, a, 0.5, 0.2)) for i, a in enumerate((-0.9, 0.9))]
    assert len(spans(changing)) == 2


def test_a_span_that_knows_little_says_so() -> None:
    (guess,) = spans([felt(0, 0, 3)])
    assert word_of(guess.confidence) == NONE
    assert "little to go by" in guess.reason
    assert (guess.affect.valence, guess.affect.arousal) == pytest.approx((0.0, 0.2))
    (known,) = spans([felt(0, 0, 3, estimate(0.5, 0.5, 0.3, 0.3, "bright"))])
    assert known.confidence == max(sign_confidence(known.affect, known.sigma))
    assert word_of(known.confidence) == CLEAR
    assert known.reason == "bright"
    assert sum((known.ekman or {}).values()) == pytest.approx(1)


a_part = st.tuples(
    st.floats(0.05, 9), st.floats(-1, 1), st.floats(-1, 1), st.floats(0.1, 2), st.booleans(), st.floats(0, 0.8)
)


@given(st.lists(a_part, min_size=1, max_size=30))
def test_any_curve_is_whole_and_bounded(parts: list[tuple[float, float, float, float, bool, float]]) -> None:
    clock, shot, given_parts = 0.0, 0, []
    for length, valence, arousal, error, new, carried in parts:
        shot += new
        given_parts.append(felt(shot, clock, clock + length, estimate(valence, arousal, error, error), carried=carried))
        clock += length
    curve = spans(given_parts)
    assert curve[0].start == 0
    assert curve[-1].end == clock
    assert all(one.end == other.start for one, other in pairwise(curve))
    for span in curve:
        assert span.affect == span.affect.clipped()
        assert 0 <= span.confidence <= 1
        assert all(0.25 <= error <= 0.6 for error in span.sigma)


def classified(**probabilities: float) -> AffectEstimate:
    return AffectEstimate("classes", probabilities=probabilities)


def test_classes_get_their_place_from_the_table() -> None:
    sure = gaussian.with_class_place(classified(fear=1.0))
    assert (sure.affect.valence, sure.affect.arousal) == pytest.approx((-0.8, 0.681), abs=0.001)
    assert sure.sigma == pytest.approx((0.229, 0.545), abs=0.001)
    equal = gaussian.with_class_place(classified(**dict.fromkeys(EMOTIONS, 1 / 6)))
    assert gaussian.weigh([equal]) == (gaussian.GaussianEstimate(0.0, 0.0),) * 2  # knowing nothing moves nothing
    torn = gaussian.with_class_place(classified(fear=0.5, joy=0.5))
    assert torn.sigma[0] > 0.8
    both = AffectEstimate("face", Affect(0.3, 0.0), (0.5, NOTHING), probabilities={"fear": 1.0})
    assert gaussian.with_class_place(both) is both


def test_draws_differ_between_shots_and_not_within_one() -> None:
    rule, torn = CLASS_RULES["draw"], classified(fear=0.5, joy=0.5)
    assert gaussian.with_class_place(torn, rule, shot=3) == gaussian.with_class_place(torn, rule, shot=3)
    assert len({gaussian.with_class_place(torn, rule, shot=shot).affect for shot in range(8)}) == 8


def test_classes_end_up_in_the_span() -> None:
    near = estimate(-0.6, 0.5, 0.3, 0.3)
    for emotion in ("anger", "fear", "disgust"):
        seen = classified(**{emotion: 0.8, "sadness": 0.2})
        part_estimate = PartEstimate(part(0, 0, 3), gaussian.weigh([near]), classes=gaussian.classes([near, seen]))
        (span,) = spans([part_estimate])
        assert span.ekman is not None
        assert max(span.ekman, key=span.ekman.__getitem__) == emotion
        assert sum(span.ekman.values()) == pytest.approx(1)


def test_classes_that_agree_count_for_little_more_than_one() -> None:
    one, two = (gaussian.classes([classified(fear=0.6, joy=0.4)] * n) for n in (1, 2))
    assert one is not None
    assert two is not None
    assert one["fear"] < two["fear"] < 0.36 / (0.36 + 0.16)
    assert gaussian.classes([estimate(0.1, 0.1)]) is None


def test_calm_contentment_stays_within_reach_of_joy() -> None:
    quiet = [estimate(0.0, -0.5, NOTHING, 0.69)] * 3
    ((affect, _),) = smooth([felt(0, 0, 4, gaussian.with_class_place(classified(joy=0.9, surprise=0.1)), *quiet)])
    assert affect.valence > 0.2075  # beyond what any mixture of the six allows
    assert affect.arousal < 0
