from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from click.testing import CliRunner
from cuts import felt, movie_cut
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cli import main
from emsync_bridge.cue import Directive, Shot, Spotting
from emsync_bridge.emotion.overrides.apply import with_orders
from emsync_bridge.emotion.overrides.curve_csv import read_curve_csv, write_curve_csv
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.placed_orders import PlacedOrder, directives_of, orders_for_all, parse_order
from emsync_bridge.emotion.reasons import certainty_text, label_of
from emsync_bridge.errors import EmotionError

CUT = Spotting(
    "cut",
    30.0,
    Fraction(30000, 1001),
    drop_frame=True,
    start_frame=107892,  # 01:00:00;00
    shots=(Shot(0, 4), Shot(4, 10.5), Shot(10.5, 30)),
)


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("shot2=joy", 4, 10.5),
        ("Shots 1-2=calm", 0, 10.5),
        ("all=hope", 0, 30),
        ("00:10-00:24=tense", 10, 24),
        ("12.5-20=v=-0.4", 12.5, 20),
        ("12.5s - 20s=v=-0.4 a=0.1", 12.5, 20),
        ("0:00:02.5\u20130:00:09=joy -> fear", 2.5, 9),
        ("10-=silence", 10, 30),
        ("-5=auto", 0, 5),
        ("25-99=joy", 25, 30),
        ("01:00:02;00-01:00:10;00=joy", 60 * 1001 / 30000, 300 * 1001 / 30000),
    ],
)
def test_places(text: str, start: float, end: float) -> None:
    order = parse_order(text)
    assert str(order).replace("=", "", 1).replace(" ", "") == text.replace("=", "", 1).replace(" ", "")
    (directive,) = directives_of([order], CUT)
    assert (directive.start, directive.end) == pytest.approx((start, end))


def test_timecode_over_midnight() -> None:
    late = Spotting("late", 20.0, Fraction(25), start_frame=25 * (86400 - 5), shots=(Shot(0, 20),))
    (directive,) = directives_of([parse_order("23:59:57:00-00:00:04:12=joy")], late)
    assert (directive.start, directive.end) == pytest.approx((2.0, 9.48))


@pytest.mark.parametrize(
    "text", ["shot3", "shot3=joi", "shot3=palette=kazoo", "=joy", "-=joy", "shotx=joy", "1:2-3=joy", "5=joy", "a-b=joy"]
)
def test_what_is_no_order(text: str) -> None:
    with pytest.raises(EmotionError):
        parse_order(text)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("shot4=joy", "It has shot1 to shot3, from 0 to 30 s (01:00:00;00 to 01:00:29;29)"),
        ("shots2-1=joy", "It has shot1 to shot3"),
        ("40-50=joy", "It runs from 0 to 30 s (01:00:00;00 to 01:00:29;29)"),
        ("00:00:01:00-00:00:02:00=joy", "It runs from 0 to 30 s"),
        ("40-=joy", "It runs from 0 to 30 s"),
        ("9-8=joy", "Write the earlier moment first"),
    ],
)
def test_places_that_the_cut_has_not(text: str, advice: str) -> None:
    with pytest.raises(EmotionError) as refused:
        directives_of([parse_order(text), parse_order("shot1=joy")], CUT)
    assert text.partition("=")[0] in refused.value.what
    assert refused.value.hint.startswith(advice)
    assert refused.value.setting == "orders"


def test_all_wrong_orders_are_named_at_once() -> None:
    wrong = [PlacedOrder("shot9", "joy"), PlacedOrder("shot1", "joi"), PlacedOrder("shot2", "joy")]
    with pytest.raises(EmotionError) as refused:
        felt(movie_cut(None, 0, 4, 8), orders=wrong)
    assert refused.value.what == "The cut has no 'shot9'. The directive 'joi' is not understood"
    assert "It has shot1 to shot2" in refused.value.hint
    assert "Did you mean joy" in refused.value.hint


def test_orders_of_earlier_music_that_are_not_understood_any_more_are_passed_over() -> None:
    found = orders_for_all("all=tense, all=zzq, all=darker, much calmer, shot2=joy, all=palette=kazoo")
    assert [order.words for order in found] == ["tense", "darker, much calmer"]


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("traurig", "sadness"),
        ("düster", "gloom"),
        ("mehr Spannung", "more tension"),
        ("más tenso", "more tension"),
        ("moins triste", "less sadness"),
        ("緊張", "tension"),
        ("allegro -> arrabbiato", "joy -> anger"),
        ("Stille", "silence"),
        ("sin música", "silence"),
    ],
)
def test_orders_in_other_languages_are_those_in_english(text: str, same: str) -> None:
    ordered, english = (replace(parse_directive(each), words="", goal=None) for each in (text, same))
    assert ordered == english


@given(st.text(max_size=40))
def test_no_text_breaks_the_parser(text: str) -> None:
    try:
        order = parse_order(text)
    except EmotionError:
        return
    assert isinstance(order, PlacedOrder)


def orders(*texts: str) -> list[PlacedOrder]:
    return [parse_order(text) for text in texts]


def test_orders_for_places_override_markers_and_moods() -> None:
    cut = movie_cut(None, 0, 4, 8, 12, directives=[Directive(0, "sad", 4), Directive(4, "silence", 8)])
    plain = felt(cut).curve
    curve = felt(cut, mood="calm", orders=orders("shot1=joy", "5-6=v=-0.5", "shot3=auto", "11-=fear")).curve
    assert curve.at(2).affect.valence == 0.8
    assert curve.at(4.5).silence
    assert not curve.at(5.5).silence
    assert curve.at(5.5).affect.valence == -0.5
    assert curve.at(9).affect == plain.at(9).affect
    assert curve.at(11.5).affect.arousal == pytest.approx(0.681)
    assert curve.at(7).silence


def test_what_an_order_leaves_open_is_what_stood_there() -> None:
    cut = movie_cut(None, 0, 4, 8)
    curve = felt(cut, mood="calm", orders=orders("shot2=v=-0.9")).curve
    assert (curve.at(6).affect.valence, curve.at(6).affect.arousal) == (-0.9, -0.6)
    assert curve.at(2).affect.valence == 0.4


def test_a_later_order_overrules_an_earlier_one() -> None:
    curve = felt(movie_cut(None, 0, 10), orders=orders("all=joy", "2-4=sad", "all=a=0.9")).curve
    assert {span.affect.arousal for span in curve.spans} == {0.9}


def test_orders_reach_a_curve_from_a_table(tmp_path) -> None:
    cut = movie_cut(None, 0, 4, 8)
    write_curve_csv(felt(cut, mood="calm").curve, tmp_path / "mood.csv")
    table = read_curve_csv(tmp_path / "mood.csv", cut)
    curve = with_orders(table, cut, orders("shot2=joy"))
    assert [curve.at(t).affect.valence for t in (2, 6)] == [0.4, 0.8]
    with pytest.raises(EmotionError, match="no 'shot9'"):
        with_orders(table, cut, orders("shot2=joy", "shot9=sad"))


def test_relative_orders_move_what_is_felt() -> None:
    cut = movie_cut(None, 0, 4, 8)
    plain = felt(cut).curve.at(6)
    for words, valence, arousal in (
        ("darker", -0.3, 0.0),
        ("much darker", -0.6, 0.0),
        ("a bit brighter", 0.15, 0.015),
        ("v-=0.3", -0.3, 0.0),
        ("a+=.2 v-=0.1", -0.1, 0.2),
        ("+arousal", 0.0, 0.3),
        ("more tense", -0.19, 0.23),
        ("+tension", -0.19, 0.23),
        ("less tense", 0.19, -0.23),
    ):
        span = felt(cut, orders=orders(f"shot2={words}")).curve.at(6)
        assert span.affect.valence == pytest.approx(plain.affect.valence + valence, abs=0.01), words
        assert span.affect.arousal == pytest.approx(plain.affect.arousal + arousal, abs=0.01), words
        assert True in span.ordered
        assert span.reason.startswith(words)
    far = felt(cut, orders=orders("all=joy", "shot2=happier")).curve.at(6)
    assert far.affect.valence <= 1


def test_an_ordered_anger_is_anger() -> None:
    for words, emotion in (
        ("anger", "anger"),
        ("furious", "anger"),
        ("fear", "fear"),
        ("dread", "fear"),
        ("joy", "joy"),
    ):
        span = felt(movie_cut(None, 0, 4), orders=orders(f"shot1={words}")).curve.at(2)
        assert span.ekman is not None
        assert max(span.ekman, key=span.ekman.__getitem__) == emotion, words
        assert span.ordered == (True, True)
        assert certainty_text(span) == "yours"
    (span,) = felt(movie_cut(None, 0, 4), mood="anger").curve.spans
    assert (span.ekman or {})["anger"] > 0.8
    (half,) = felt(movie_cut(None, 0, 4), orders=orders("shot1=v=-0.8")).curve.spans
    assert certainty_text(half).startswith("yours, ")


def test_gain_makes_the_mood_stronger() -> None:
    cut = movie_cut(None, 0, 1, 2, 3)
    plain, doubled = felt(cut).curve.at(1.5), felt(cut, gain=2.0).curve.at(1.5)
    assert doubled.affect.arousal == pytest.approx(2 * plain.affect.arousal)
    assert doubled.sigma[1] == pytest.approx(2 * plain.sigma[1])
    ordered = felt(cut, gain=2.0, orders=orders("all=calm")).curve.at(1.5)
    assert ordered.affect.valence == 0.4


def test_the_command_takes_orders_for_places() -> None:
    storm = str(Path(__file__).parents[2] / "otio_examples" / "storm" / "storm.otio")
    run = CliRunner().invoke(
        main, ["feel", storm, "--mood", "calm", "--set", "shot2=joy", "--set", "00:20-00:30=silence", "--json"]
    )
    assert run.exit_code == 0, run.stderr
    spans = json.loads(run.stdout)["spans"]
    assert [span["reason"] for span in spans if span["start"] == 6.0] == ["joy"]
    assert {span["start"] for span in spans if span["silence"]} >= {20.0}
    wrong = CliRunner().invoke(main, ["feel", storm, "--set", "shot2=joi"])
    assert wrong.exit_code == 2
    assert "Did you mean joy" in wrong.stderr


@pytest.mark.parametrize(
    ("order", "label"),
    [
        ("tense", "tension"),
        ("traurig", "sadness"),
        ("heroic", "triumph"),
        ("joy -> fear", "unclear"),
        ("v=0.8 a=0.5", "joy"),
    ],
)
def test_an_ordered_mood_is_its_own_label(order: str, label: str) -> None:
    spans = felt(movie_cut(None, 0, 4, directives=[Directive(0.0, order)])).curve.spans
    assert {label_of(span) for span in spans} == {label}
