"""Where speech is looked for in a cut, and what is said where it cannot be."""

from __future__ import annotations

from fractions import Fraction

from emsync_bridge.cue import Affect, Directive, EmotionSpan, Shot, Spotting
from emsync_bridge.emotion.overrides.apply import ordered
from emsync_bridge.options import RenderOptions
from emsync_bridge.picture.relink import Relinked
from emsync_bridge.progress import no_progress
from emsync_bridge.render.ducking import Speech
from emsync_bridge.scoring.dialogue import find_speech


def cut(*directives: Directive) -> Spotting:
    return Spotting("Cut", 20.0, Fraction(25), shots=(Shot(0.0, 20.0),), directives=directives)


def test_markers_with_a_length_say_where_somebody_speaks() -> None:
    spotting = cut(
        Directive(2.0, "duck", 4.0),
        Directive(5.0, "joy", 6.0),
        Directive(8.0, "Dialogue", 30.0),
        Directive(9.0, "duck"),
    )
    speeches, notes = find_speech(spotting, Relinked((None,)), RenderOptions(), no_progress)
    assert speeches == (Speech(2.0, 4.0), Speech(8.0, 20.0))
    assert len(notes) == 1
    assert "at 9.00 s has no length" in notes[0]


def test_ranges_and_markers_add_up_and_ducking_can_be_off() -> None:
    spotting = cut(Directive(2.0, "duck", 4.0))
    options = RenderOptions(duck=("10-12",))
    assert {s.start for s in find_speech(spotting, Relinked((None,)), options, no_progress)[0]} == {2.0, 10.0}
    assert find_speech(spotting, Relinked((None,)), RenderOptions(ducking="off"), no_progress) == ((), ())


def test_markers_for_speech_leave_the_mood_alone() -> None:
    felt = [EmotionSpan(0.0, 20.0, Affect(0.2, 0.4))]
    spans, warnings = ordered(felt, [Directive(0.0, "duck", 5.0), Directive(6.0, "dialogue", 9.0)], 20.0)
    assert (spans, warnings) == (felt, [])
