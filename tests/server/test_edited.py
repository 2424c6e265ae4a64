"""Requests say what scoring can do, no more and no less; edited documents are checked before work begins."""

import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from emsync_bridge.cue import Affect, EmotionCurve, EmotionSpan, HitPoint, Meter, Shot, Spotting
from emsync_bridge.cue.serialization import to_document
from emsync_bridge.options import EmotionOptions, MusicOptions, ReadOptions, RenderOptions, Sampling
from emsync_bridge.server.jobs import requests
from emsync_bridge.server.jobs.edits import edited_curve, edited_spotting
from emsync_bridge.server.jobs.wire import from_wire

NTSC_FILM = Fraction(24000, 1001)
SPOTTING = Spotting(
    "cut",
    4.0,
    NTSC_FILM,
    hits=(HitPoint(0.0, 0, "start"), HitPoint(2.0, 48, "cut", 0.8, "here"), HitPoint(4.0, 96, "end")),
    shots=(Shot(0.0, 2.0, "a.mov", 0.0, 2.0), Shot(2.0, 4.0)),
)
CURVE = EmotionCurve((EmotionSpan(0.0, 2.0, Affect(0.5, -0.5)), EmotionSpan(2.0, 4.0, Affect(-1.0, 1.0))))


@pytest.mark.parametrize(
    ("text", "rate"),
    [(23.976, NTSC_FILM), ("29.97", Fraction(30000, 1001)), ("25", 25), (24, 24), ("24000/1001", NTSC_FILM)],
)
def test_rates_mean_what_editors_mean_by_them(text, rate):
    assert from_wire(ReadOptions, requests.ReadRequest(rate=text)).rate == rate


@pytest.mark.parametrize("rate", [0, -25, 1001, "nan", "inf", "25/0", "x", "", float("nan"), True, [25]])
def test_what_is_no_rate_is_refused(rate):
    with pytest.raises(ValidationError):
        requests.ReadRequest(rate=rate)


def test_everything_that_is_asked_for_reaches_scoring(tmp_path):
    file = str(tmp_path / "a")
    looking = requests.ReadRequest(
        sequence="a", rate=25, min_gap=1, marker_colors=["RED"], only_markers=True, shots="transnet", edited=file,
        between=(1, 2),
    )  # fmt: skip
    assert from_wire(ReadOptions, looking) == ReadOptions(
        "a", Fraction(25), 1.0, ("RED",), True, "transnet", tmp_path / "a", (1.0, 2.0)
    )
    feeling = requests.EmotionRequest(valence=0.5, mood="joy", media_roots=[file], orders=["shot3=joy"], contrast=True)
    felt = from_wire(EmotionOptions, feeling)
    assert (felt.valence, felt.mood, felt.media_roots, felt.contrast) == (0.5, "joy", (tmp_path / "a",), True)
    assert str(felt.orders[0]) == "shot3=joy"
    assert from_wire(RenderOptions, requests.RenderRequest(soundfont=file, stems=True)) == RenderOptions(
        tmp_path / "a", stems=True
    )
    options = requests.MusicRequest(
        ensemble=["strings", "piano", "bass"], bpm=90, meter={"numerator": 3}, transpose=2,
        sampling={"temperature": 0.5},
    )  # fmt: skip
    assert from_wire(MusicOptions, options) == MusicOptions(
        ("bass", "piano", "strings"), 90.0, Meter(0, 3, 4), transpose=2, sampling=Sampling(temperature=0.5)
    )


def test_edited_documents_come_back_as_they_were():
    assert edited_spotting(to_document(SPOTTING)) == SPOTTING
    assert edited_curve(to_document(CURVE)) == CURVE


@given(
    st.lists(st.floats(0.01, 100), min_size=1, max_size=8),
    st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=8, max_size=8),
)
def test_any_curve_without_gaps_is_taken(lengths, affects):
    start, spans = 0.0, []
    for length, affect in zip(lengths, affects, strict=False):
        spans.append(EmotionSpan(start, start + length, Affect(*affect)))
        start += length
    curve = EmotionCurve(tuple(spans))
    assert edited_curve(to_document(curve)) == curve


@pytest.mark.parametrize(
    "change",
    [
        {"duration": 0.0},
        {"duration": -4.0},
        {"duration": float("inf")},
        {"duration": 1e9},
        {"rate": Fraction(0)},
        {"rate": Fraction(5000)},
        {"hits": (HitPoint(5.0, 120, "cut"),)},
        {"hits": (HitPoint(-1.0, 0, "cut"),)},
        {"hits": (HitPoint(2.0, 48, "cut"), HitPoint(1.0, 24, "cut"))},
        {"hits": (HitPoint(1.0, 24, "cut", weight=2.0),)},
        {"shots": (Shot(0.0, 1.0), Shot(2.0, 4.0))},
        {"shots": (Shot(2.0, 2.0),)},
        {"hits": tuple(HitPoint(0.0, 0, "cut") for _ in range(20_001))},
    ],
)
def test_a_spotting_that_makes_no_sense_is_refused(change):
    with pytest.raises(ValueError, match=r"\w"):
        edited_spotting(to_document(replace(SPOTTING, **change)))


@pytest.mark.parametrize(
    "spans",
    [
        (),
        (EmotionSpan(0.0, 2.0, Affect(2.0, 0.0)),),
        (EmotionSpan(0.0, 2.0, Affect(float("nan"), 0.0)),),
        (EmotionSpan(0.0, 2.0, Affect(0.0, 0.0)), EmotionSpan(3.0, 4.0, Affect(0.0, 0.0))),
        (EmotionSpan(2.0, 1.0, Affect(0.0, 0.0)),),
    ],
)
def test_a_curve_that_makes_no_sense_is_refused(spans):
    with pytest.raises(ValueError, match=r"\w"):
        edited_curve(to_document(EmotionCurve(spans)))


@pytest.mark.parametrize("where", [(), ("hits", 0), ("shots", 1)])
def test_unknown_fields_are_refused_wherever_they_are(where):
    document = to_document(SPOTTING)
    place = document
    for step in where:
        place = place[step]
    place["surprise"] = 1
    with pytest.raises(ValueError, match="surprise"):
        edited_spotting(document)


def test_what_a_warm_worker_loads_is_there():
    look = (
        "import sys; from emsync_bridge.server.jobs.execute import warm; warm(); "
        "print({'cv2', 'numpy'} <= {*sys.modules})"
    )
    ran = subprocess.run([sys.executable, "-c", look], capture_output=True, text=True, timeout=120, check=True)
    assert ran.stdout.strip() == "True"
