"""Orders for the music in markers and settings, beside those for the mood."""

from fractions import Fraction

import pytest

from emsync_bridge.cue import Affect, Directive, EmotionSpan, Spotting
from emsync_bridge.emotion.overrides.apply import with_directives
from emsync_bridge.emotion.overrides.directive_text import parse_directive
from emsync_bridge.emotion.overrides.placed_orders import parse_order
from emsync_bridge.orders.music import music_order, music_orders, palettes_in, with_music_orders

CUT = Spotting("cut", 60.0, Fraction(25))


def cut(*directives):
    return Spotting("cut", 60.0, Fraction(25), directives=tuple(directives))


@pytest.mark.parametrize(
    ("text", "order"),
    [
        ("palette=strings", ("palette", "strings")),
        ("Palette: Strings", ("palette", "strings")),
        ("theme=ANNA", ("theme", "ANNA")),
        ("theme = 'the old house'", ("theme", "the old house")),
        ("joy", None),
        ("valence=-0.4", None),
        ("palette=", None),
        ("silence", None),
    ],
)
def test_orders_for_the_music_are_told_from_moods(text, order):
    assert music_order(text) == order


def test_an_order_without_a_length_holds_until_the_next_of_its_kind():
    spotting = cut(
        Directive(0.0, "palette=piano"),
        Directive(10.0, "theme=ANNA", 14.0),
        Directive(20.0, "fear"),
        Directive(30.0, "palette=strings"),
    )
    assert palettes_in(spotting) == ((0.0, 30.0, "piano"), (30.0, 60.0, "strings"))
    assert [(o.kind, o.name, o.start, o.end) for o in music_orders(spotting)][1] == ("theme", "ANNA", 10.0, 14.0)


def test_a_mood_goes_on_through_an_order_for_the_music():
    felt = [EmotionSpan(0.0, 60.0, Affect(0.0, 0.0))]
    spans, warnings = with_directives(felt, [Directive(0.0, "v=0.5 a=0.5"), Directive(20.0, "theme=ANNA")], 60.0)
    assert warnings == []
    assert [(span.start, span.end, span.affect.valence) for span in spans] == [(0.0, 60.0, 0.5)]


def test_settings_for_places_join_the_directives_of_the_cut():
    own = cut(Directive(5.0, "joy"))
    both = with_music_orders(own, [Directive(1.0, "palette=piano", 9.0), Directive(2.0, "fear", 4.0)])
    assert [directive.text for directive in both.directives] == ["palette=piano", "joy"]
    assert with_music_orders(both, [Directive(1.0, "palette=piano", 9.0)]) is both


def test_a_place_may_be_given_a_palette():
    order = parse_order("10-20=palette=strings")
    assert (order.place, order.words) == ("10-20", "palette=strings")
    assert parse_directive(order.words).verb == "music"
