from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Affect
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.mood_names import COMPARATIVES
from emsync_bridge.emotion.overrides.moods import (
    CLASS_RULES,
    EMOTIONS,
    MOODS,
    RUSSELL_MEHRABIAN,
    SYNONYMS,
    ClassRule,
    affect_from_probabilities,
    class_rule,
    mood,
    probabilities_from_affect,
    reclassified,
)
from emsync_bridge.errors import EmotionError

weights = st.dictionaries(st.sampled_from(EMOTIONS), st.floats(0, 1), min_size=1).filter(
    lambda d: sum(d.values()) > 1e-3
)


@pytest.mark.parametrize(
    ("emotion", "valence", "arousal"),
    [
        ("anger", -0.651, 0.664),
        ("disgust", -0.754, 0.255),
        ("fear", -0.800, 0.681),
        ("joy", 0.800, 0.477),
        ("sadness", -0.789, -0.800),
        ("surprise", 0.389, 0.800),
    ],
)
def test_rescaled_means(emotion: str, valence: float, arousal: float) -> None:
    affect, _ = affect_from_probabilities({emotion: 1.0})
    assert (affect.valence, affect.arousal) == pytest.approx((valence, arousal), abs=0.0006)
    raw, _ = affect_from_probabilities({emotion: 0.3}, CLASS_RULES["mean-raw"])
    assert (raw.valence, raw.arousal) == pytest.approx((RUSSELL_MEHRABIAN[emotion][0], RUSSELL_MEHRABIAN[emotion][2]))


def test_equal_probabilities_are_not_neutral() -> None:
    affect, _ = affect_from_probabilities(dict.fromkeys(EMOTIONS, 1 / 6))
    assert (affect.valence, affect.arousal) == pytest.approx((-0.301, 0.346), abs=0.0006)


@given(weights)
def test_no_mixture_is_calm_and_content(probabilities: dict[str, float]) -> None:
    affect, _ = affect_from_probabilities(probabilities)
    assert affect.arousal > 0 or affect.valence <= 0.2075


def test_named_moods_reach_all_quadrants() -> None:
    for valence in (-1, 1):
        for arousal in (-1, 1):
            assert any(m.valence * valence >= 0.4 and m.arousal * arousal >= 0.3 for m in MOODS.values())
    assert all(m == m.clipped() for m in MOODS.values())
    assert set(SYNONYMS.values()) <= set(MOODS)
    assert not set(SYNONYMS) & set(MOODS)


def test_probabilistic_mode_draws_around_the_means() -> None:
    rng = np.random.default_rng(1)
    half = {"joy": 0.5, "sadness": 0.5}
    drawn = [affect_from_probabilities(half, CLASS_RULES["draw"], rng=rng)[0] for _ in range(3000)]
    valence = np.array([affect.valence for affect in drawn])
    arousal = np.array([affect.arousal for affect in drawn])
    assert abs(np.corrcoef(valence, arousal)[0, 1]) < 0.06  # drawn separately
    assert 0.45 < (valence > 0).mean() < 0.55
    again = affect_from_probabilities({"joy": 1}, ClassRule(draw=True, seed=4))
    assert again == affect_from_probabilities({"joy": 1}, ClassRule(draw=True, seed=4))
    assert again != affect_from_probabilities({"joy": 1}, ClassRule(draw=True, seed=5))


@pytest.mark.parametrize("bad", [{}, {"joy": 0.0}, {"joy": -1.0}, {"joy": float("nan")}, {"bliss": 1.0}])
def test_no_probabilities(bad: dict[str, float]) -> None:
    with pytest.raises(EmotionError):
        affect_from_probabilities(bad)


@given(st.floats(-1, 1), st.floats(-1, 1), st.floats(0, 1), st.floats(0, 1))
def test_emotions_of_a_point_are_probabilities(valence: float, arousal: float, s_v: float, s_a: float) -> None:
    found = probabilities_from_affect(Affect(valence, arousal), (s_v, s_a))
    assert sum(found.values()) == pytest.approx(1)
    assert min(found.values()) >= 0


@pytest.mark.parametrize("emotion", ["joy", "sadness", "surprise", "disgust"])
def test_emotions_lie_where_the_table_says(emotion: str) -> None:
    row = RUSSELL_MEHRABIAN[emotion]
    found = probabilities_from_affect(Affect(row[0], row[2]))
    assert max(found, key=found.__getitem__) in ({emotion} if emotion != "disgust" else {"disgust", "anger", "fear"})


@pytest.mark.parametrize(
    ("text", "verb", "valence", "arousal"),
    [
        ("joy", "set", 0.8, 0.477),
        ("  Happy ", "set", 0.8, 0.477),
        ("valence=-0.4 arousal=0.7", "set", -0.4, 0.7),
        ("v=-.4, a=+0.7", "set", -0.4, 0.7),
        ("A: -1", "set", None, -1.0),
        ("Silence", "silence", None, None),
        ("no music", "silence", None, None),
        ("auto", "auto", None, None),
    ],
)
def test_directives(text: str, verb: str, valence: float | None, arousal: float | None) -> None:
    order = parse_directive(text)
    assert (order.verb, order.valence, order.arousal) == (verb, valence, arousal)


def test_ramps() -> None:
    order = parse_directive("ramp joy -> v=-0.5")
    assert (order.valence, order.arousal) == (0.8, 0.477)
    assert order.goal is not None
    assert (order.goal.valence, order.goal.arousal) == (-0.5, None)


@pytest.mark.parametrize(
    ("text", "guess"),
    [
        ("joi", "joy"),
        ("joyy", "joy"),
        ("sadd", "sad"),
        ("sadnes", "sadness"),
        ("tence", "tense"),
        ("tenshun", "tension"),
        ("silenc", "silence"),
        ("tense -> hapy", "happy"),
    ],
)
def test_typos_are_answered_with_the_nearest_word(text: str, guess: str) -> None:
    with pytest.raises(EmotionError, match=f"Did you mean {guess}") as problem:
        parse_directive(text)
    assert "melancholy" not in str(problem.value)


def test_what_is_like_no_word_is_answered_with_all_moods() -> None:
    with pytest.raises(EmotionError, match=r"Moods are .*melancholy") as problem:
        parse_directive("xqzw")
    assert "Did you mean" not in str(problem.value)


@pytest.mark.parametrize("word", [*COMPARATIVES, "more hopeful", "less frantic", "-dread", "slightly softer"])
def test_relative_words(word: str) -> None:
    order = parse_directive(word)
    assert (order.valence, order.arousal) == (None, None)
    assert 0.1 < (order.shift[0] ** 2 + order.shift[1] ** 2) ** 0.5 <= 0.6


@pytest.mark.parametrize(
    "word", ["eerie", "ominous", "uplifting", "bittersweet", "frantic", "creepy", "intense", "warm"]
)
def test_moods_that_editors_ask_for(word: str) -> None:
    assert mood(word) == mood(word).clipped()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "darkest",
        "more",
        "+",
        "v-=2",
        "v-=0.1 v=0.2",
        "joy -> v-=0.1",
        "v=2",
        "v=0.1 v=0.2",
        "v=0.2 please",
        "x=1",
        "->",
        "joy -> ",
        "v=1e5",
        "v=nan",
    ],
)
def test_what_is_no_directive(text: str) -> None:
    with pytest.raises(EmotionError):
        parse_directive(text)


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        order = parse_directive(text)
    except EmotionError:
        return
    assert order.verb in ("set", "silence", "auto")


@pytest.mark.parametrize("name", ["content", "CALM", " serene "])
def test_moods_by_name(name: str) -> None:
    affect = mood(name)
    assert affect.valence > 0.3
    assert affect.arousal < -0.3


def test_the_spread_of_a_mixture() -> None:
    affect, sigma = affect_from_probabilities({"joy": 0.5, "sadness": 0.5}, CLASS_RULES["mean-raw"])
    valence = 0.5 * (0.22**2 + 0.76**2) + 0.5 * (0.23**2 + 0.63**2) - affect.valence**2
    arousal = 0.5 * (0.26**2 + 0.48**2) + 0.5 * (0.34**2 + 0.27**2) - affect.arousal**2
    assert sigma == pytest.approx((valence**0.5, arousal**0.5))
    _, stretched = affect_from_probabilities({"fear": 1.0})
    assert stretched == pytest.approx((0.20 * 1.6 / 1.40, 0.32 * 1.6 / 0.94))


@given(weights)
def test_categories_split_what_lies_together(evidence: dict[str, float]) -> None:
    affect, sigma = Affect(-0.6, 0.5), (0.4, 0.4)
    plain = probabilities_from_affect(affect, sigma)
    joined = probabilities_from_affect(affect, sigma, evidence)
    assert sum(joined.values()) == pytest.approx(1)
    told, total = {name: evidence.get(name, 0.0) for name in EMOTIONS}, sum(evidence.values())
    if min(told.values()) / total > 1e-3:
        ratio = joined["anger"] / joined["fear"]
        assert ratio == pytest.approx(plain["anger"] / plain["fear"] * told["anger"] / told["fear"], rel=1e-6)


def test_a_moved_point_keeps_what_was_known_of_its_classes() -> None:
    here, there = (Affect(-0.5, 0.5), (0.5, 0.5)), (Affect(-0.6, 0.1), (0.1, 0.5))
    evidence = {"fear": 0.7, "anger": 0.1, "disgust": 0.1, "sadness": 0.05, "joy": 0.03, "surprise": 0.02}
    moved = reclassified(probabilities_from_affect(*here, evidence), here, there)
    assert moved == pytest.approx(probabilities_from_affect(*there, evidence), rel=1e-6)
    assert reclassified(None, here, there) == pytest.approx(probabilities_from_affect(*there))


def test_rules_have_names() -> None:
    assert class_rule("draw-raw") == ClassRule(draw=True, rescale=False)
    with pytest.raises(EmotionError, match="mean-raw"):
        class_rule("median")


def test_the_documentation_names_all_moods_and_words_that_compare() -> None:
    text = (Path(__file__).parents[2] / "docs" / "tell-it-what-you-want.md").read_text(encoding="utf-8")
    words = set(re.findall(r"[a-z]+", text))
    assert set(MOODS) <= words
    assert set(COMPARATIVES) <= words


def order(text: str) -> tuple[float | None, float | None, tuple[float, float]]:
    found = parse_directive(text)
    return found.valence, found.arousal, found.shift


def test_moods_joined_are_their_mean() -> None:
    joy, tension = mood("joy"), mood("tension")
    middle = ((joy.valence + tension.valence) / 2, (joy.arousal + tension.arousal) / 2)
    for text in ("joy, tension", "joy and tension", "joy but tension", "Joy & tension", "tension; joy"):
        assert order(text)[:2] == pytest.approx(middle)


def test_changes_joined_add_up() -> None:
    one, other, both = order("darker")[2], order("much calmer")[2], order("darker, much calmer")
    assert both[:2] == (None, None)
    assert both[2] == pytest.approx((one[0] + other[0], one[1] + other[1]))


def test_a_mood_and_a_change_move_the_mood() -> None:
    joy, change = mood("joy"), order("calmer")[2]
    found = order("joy but calmer")
    assert found[:2] == pytest.approx((joy.valence + change[0], joy.arousal + change[1]))
    assert found[2] == (0.0, 0.0)


@pytest.mark.parametrize(
    ("text", "pleasant", "excited"),
    [("tense stakeout", False, True), ("heartfelt reunion", True, True), ("not happy", False, True)],
)
def test_notes_in_words_of_film_are_orders(text: str, pleasant: bool, excited: bool) -> None:
    valence, arousal, _ = order(text)
    assert ((valence or 0) > 0, (arousal or 0) > 0) == (pleasant, excited)


@pytest.mark.parametrize(
    "text",
    ["fears", "loved", "loving", "gloomy", "stormy", "sadly", "stabbed", "kisses", "kissing", "creeps", "screaming"],
)
def test_film_words_are_known_in_every_form_that_english_spells(text: str) -> None:
    assert None not in order(text)[:2]


@pytest.mark.parametrize("text", ["bitter sweet", "Bitter-Sweet"])
def test_hyphens_and_spaces_inside_a_mood_do_not_matter(text: str) -> None:
    assert order(text)[:2] == (mood("bittersweet").valence, mood("bittersweet").arousal)


@pytest.mark.parametrize("text", ["ledsen", "vrolijk", "грустно", "joy and flurble", ",", "joy, v=0.3"])
def test_what_no_part_of_is_understood_is_refused(text: str) -> None:
    with pytest.raises(EmotionError) as problem:
        parse_directive(text)
    assert "Did you mean" not in str(problem.value)
