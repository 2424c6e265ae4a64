"""A redone section takes over what a person has edited in it, and nothing else changes."""

import itertools
from dataclasses import replace

import pytest

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Shot, Spotting
from emsync_bridge.errors import MusicError
from emsync_bridge.music.generation.request import SectionChange
from emsync_bridge.music.recomposing import recompose
from emsync_bridge.options import MusicOptions
from emsync_bridge.scoring import steps
from emsync_bridge.scoring.section_edits import curve_within, release_at_silences, spotting_within

RATE = 24
TIMES = (0.0, 6.0, 12.0, 18.0, 24.0)


def hit(time, kind="cut", **options):
    return HitPoint(time, round(time * RATE), kind, **options)


@pytest.fixture(scope="module")
def cut():
    kinds = ("start", "cut", "cut", "cut", "end")
    hits = tuple(hit(time, kind) for time, kind in zip(TIMES, kinds, strict=True))
    shots = tuple(Shot(a, b) for a, b in itertools.pairwise(TIMES))
    spans = tuple(EmotionSpan(a, b, Affect(0.4, 0.2)) for a, b in itertools.pairwise(TIMES))
    return Spotting("cut", TIMES[-1], RATE, hits=hits, shots=shots), EmotionCurve(spans)


def edited(curve, index, **changed):
    return EmotionCurve((*curve.spans[:index], replace(curve.spans[index], **changed), *curve.spans[index + 1 :]))


def test_hits_of_the_section_alone_are_taken_over(cut):
    spotting, _ = cut
    moved = replace(spotting, hits=(spotting.hits[0], hit(5.0), hit(12.0), hit(13.5), hit(19.0), spotting.hits[-1]))
    found = spotting_within(spotting, moved, 12.0, 18.0)
    assert [each.time for each in found.hits] == [0.0, 6.0, 12.0, 13.5, 18.0, 24.0]
    assert spotting_within(spotting, moved, 20.0, 22.0) is spotting
    with pytest.raises(MusicError, match="another length"):
        spotting_within(spotting, replace(moved, duration=30.0), 12.0, 18.0)


def test_the_mood_of_the_section_alone_is_taken_over(cut):
    _, curve = cut
    wanted = edited(edited(curve, 1, silence=True), 3, affect=Affect(-0.9, 0.9))
    found = curve_within(curve, wanted, 6.0, 12.0)
    assert [span.silence for span in found.spans] == [False, True, False, False]
    assert {span.affect for span in found.spans} == {Affect(0.4, 0.2)}


@pytest.mark.parametrize("style", ["orchestra", "network"])
def test_silence_that_is_set_in_a_section_is_silent(cut, style):
    spotting, curve = cut
    options = MusicOptions(style=style)
    (take,) = steps.compose(spotting, curve, options, (1,), None)
    quiet = curve_within(curve, edited(curve, 2, silence=True), 12.0, 18.0)
    again = release_at_silences(recompose(take, spotting, quiet, SectionChange(12.0, 18.0, 2, options)), quiet)
    seconds = again.tempo_map.seconds
    sounding = [note for note in again.notes if seconds(note.start) < 17.99 and seconds(note.end) > 12.01]
    assert sounding == []
    before = [note for note in take.notes if seconds(note.end) <= 12.0]
    assert before
    assert set(before) <= set(again.notes)


def test_a_hit_that_is_added_in_a_section_is_answered(cut):
    spotting, curve = cut
    (take,) = steps.compose(spotting, curve, MusicOptions(), (1,), None)
    wanted = replace(spotting, hits=tuple(sorted((*spotting.hits, hit(14.75, "marker")), key=lambda each: each.time)))
    within = spotting_within(spotting, wanted, 12.0, 18.0)
    again = recompose(take, within, curve, SectionChange(12.0, 18.0, 2, MusicOptions()))
    index = within.hits.index(hit(14.75, "marker"))
    (answer,) = (each for each in again.answers if each.hit == index)
    assert abs(answer.error_ms) <= 500 / RATE
