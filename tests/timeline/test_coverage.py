"""Coverage: when an item over the picture hides the cut below it, by the same rule in every format."""

from __future__ import annotations

import json
from fractions import Fraction
from itertools import pairwise

import fcpxml_text as fcp
import otio_make as make
import pytest
import xmeml_text as xml
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.timeline.cut.coverage import HIDING_SHARE, Appearance, KeyframeCurve, combine, coverage, within
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.cut.model import CoverageSpan
from emsync_bridge.timeline.cut.retiming import TimeTransform
from emsync_bridge.timeline.reading import read_timeline

# A cut at 100 of 200 frames, with an item over it from 20 to 180.
HIDDEN, SEEN = [20, 180], [100]


def effect(name: str, *parameters: str) -> str:
    return f"<filter><effect><effectid>{name}</effectid>{''.join(parameters)}</effect></filter>"


def parameter(name: str, value: str, *keys: str) -> str:
    return f"<parameter><parameterid>{name}</parameterid><value>{value}</value>{''.join(keys)}</parameter>"


def point(horiz: float, vert: float) -> str:
    return f"<horiz>{horiz}</horiz><vert>{vert}</vert>"


def xmeml_cut(path, extra: str, *, size: str = "", frame: str = ""):
    over = xml.file(3).replace("<video/>", f"<video>{size}</video>")
    below = xml.track(xml.clip(0, 100, 0, 100, xml.file(1)), xml.clip(100, 200, 0, 100, xml.file(2), name="b"))
    above = xml.track(xml.clip(20, 180, 40, 200, over, name="over", extra=extra))
    text = xml.document(xml.sequence(below, above)).replace("<media><video><track>", f"<media><video>{frame}<track>", 1)
    path = path / "cut.xml"
    path.write_text(text)
    return [edit.frame for edit in cut_list(read_timeline(path)).edits]


PIXELS = "<samplecharacteristics><width>{}</width><height>{}</height></samplecharacteristics>"
HD, UHD = PIXELS.format(1920, 1080), PIXELS.format(3840, 2160)
FRAME = f"<format>{HD}</format>"


@pytest.mark.parametrize(
    ("extra", "cuts"),
    [
        ("", HIDDEN),
        (effect("basic", parameter("scale", "30")), SEEN),
        (effect("basic", parameter("scale", "90")), HIDDEN),
        (effect("basic", parameter("center", point(0.9, 0))), SEEN),
        (effect("basic", parameter("center", point(1.5, 0))), SEEN),
        (effect("opacity", parameter("opacity", "30")), SEEN),
        (effect("opacity", parameter("opacity", "80")), HIDDEN),
        (effect("crop", parameter("left", "40"), parameter("bottom", "40")), SEEN),
        # Key frames count in the clock of the clip's in point, 40: it grows to full size at 60 and hides from 56 on.
        (effect("basic", parameter("scale", "100", xml.key(40, 0), xml.key(80, 100))), [48, 180]),
        # It fades out around the cut.
        (effect("opacity", parameter("opacity", "0", xml.key(100, 100), xml.key(120, 0))), [20, 90, 100]),
    ],
)
def test_xmeml_filters(tmp_path, extra, cuts):
    assert xmeml_cut(tmp_path, extra) == cuts


def test_xmeml_scale_counts_pixels_of_the_media(tmp_path):
    half = effect("basic", parameter("scale", "50"))
    assert xmeml_cut(tmp_path, half, size=UHD, frame=FRAME) == HIDDEN
    assert xmeml_cut(tmp_path, half, size=HD, frame=FRAME) == SEEN
    # Media of half the size at 100 % may have been fitted to the frame.
    whole = effect("basic", parameter("scale", "100"))
    assert xmeml_cut(tmp_path, whole, size=PIXELS.format(960, 540), frame=FRAME) == HIDDEN


def keyframes(name: str, *keys: tuple[int, str]) -> str:
    inside = "".join(fcp.tag("keyframe", time=fcp.t(frame), value=value) for frame, value in keys)
    return fcp.tag("param", fcp.tag("keyframeAnimation", inside), name=name)


@pytest.mark.parametrize(
    ("inside", "cuts"),
    [
        (fcp.tag("adjust-transform", scale="1 1"), HIDDEN),
        (fcp.tag("adjust-transform", scale="0.3 0.3"), SEEN),
        (fcp.tag("adjust-transform", scale="0.3 0.3", enabled="0"), HIDDEN),
        (fcp.tag("adjust-transform", position="200 0"), SEEN),
        (fcp.tag("adjust-transform", position="0 -120"), SEEN),
        (fcp.tag("adjust-crop", fcp.tag("trim-rect", left="120"), mode="trim"), SEEN),
        (fcp.tag("adjust-crop", fcp.tag("crop-rect", left="60", bottom="50"), mode="crop"), HIDDEN),
        (fcp.tag("adjust-blend", amount="0.3"), SEEN),
        (fcp.tag("adjust-blend", amount="0.8"), HIDDEN),
        (fcp.tag("adjust-transform", keyframes("scale", (40, "0 0"), (80, "1 1"))), [48, 180]),
        (fcp.tag("adjust-blend", keyframes("amount", (100, "1"), (120, "0"))), [20, 90, 100]),
    ],
)
@pytest.mark.parametrize("nested", [False, True])
def test_fcpxml_adjustments(tmp_path, inside, cuts, nested):
    over = fcp.clip(3, 20, 160, 40, inside, lane=1)
    if nested:
        held = fcp.tag("video", ref="a3", offset="0s", duration="900s")
        over = fcp.tag("clip", inside + held, offset=fcp.t(20), start=fcp.t(40), duration=fcp.t(160), lane=1, name="c")
    text = fcp.document(fcp.clip(1, 0, 100, 0, over), fcp.clip(2, 100, 100))
    path = tmp_path / "cut.fcpxml"
    path.write_text(text)
    assert [edit.frame for edit in cut_list(read_timeline(path)).edits] == cuts


def resolve(name: str, value: float, **keys: float) -> dict:
    frames = {key.lstrip("k"): {"Value": at, "Variant Type": "Double"} for key, at in keys.items()}
    return {
        "Resolve_OTIO": {
            "Effect Name": "x",
            "Enabled": True,
            "Parameters": [{"Parameter ID": name, "Parameter Value": value, "Key Frames": frames}],
        }
    }


def premiere(match: str, name: str, value: object, *keys: tuple[int, object]) -> dict:
    def position(frame: int) -> dict:
        return {"OTIO_SCHEMA": "RationalTime.1", "rate": 24.0, "value": float(frame)}

    found = {"DisplayName": name, "StartValue": {"Position": position(0), "Value": value}}
    if keys:
        found["Keyframes"] = [{"Position": position(frame), "Value": at} for frame, at in keys]
    return {"PremierePro_OTIO": {"MatchName": match, "Parameters": [found]}}


@pytest.mark.parametrize(
    ("metadata", "cuts"),
    [
        (resolve("transformationZoomX", 0.3), SEEN),
        (resolve("transformationZoomX", 0.9), HIDDEN),
        (resolve("transformationPan", 0.9), SEEN),
        (resolve("opacity", 30.0), SEEN),
        (resolve("opacity", 0.0, k60=100.0, k80=0.0), [20, 90, 100]),
        (premiere("AE.ADBE Motion", "Scale", 30.0), SEEN),
        (premiere("AE.ADBE Motion", "Position", {"X": 1.4, "Y": 0.5}), SEEN),
        (premiere("AE.ADBE Opacity", "Opacity", 80.0), HIDDEN),
        (premiere("AE.ADBE Opacity", "Opacity", 0.0, (100, 100.0), (120, 0.0)), [20, 90, 100]),
        (premiere("AE.ADBE AECrop", "Left", 70.0), SEEN),
    ],
)
def test_otio_effects_of_editors(tmp_path, metadata, cuts):
    over = make.clip("over", 160, start=40)
    over["effects"] = [{"OTIO_SCHEMA": "Effect.1", "name": "", "effect_name": "x", "metadata": metadata}]
    tracks = make.track(make.clip("A", 100), make.clip("B", 100)), make.track(make.gap(20), over)
    path = make.save(tmp_path, make.timeline(*tracks))
    assert [edit.frame for edit in cut_list(read_timeline(path)).edits] == cuts
    assert json.loads(path.read_text())["OTIO_SCHEMA"] == "Timeline.1"


def test_the_larger_of_two_partial_pictures_shows(tmp_path):
    """A small base picture under a smaller insert: the cuts of the base are what changes most of the frame."""
    small, tiny = (effect("basic", parameter("scale", scale)) for scale in ("60", "20"))
    below = xml.track(
        xml.clip(0, 100, 0, 100, xml.file(1), extra=small), xml.clip(100, 200, 0, 100, xml.file(2), extra=small)
    )
    above = xml.track(xml.clip(20, 180, 0, 160, xml.file(3), name="over", extra=tiny))
    path = tmp_path / "cut.xml"
    path.write_text(xml.document(xml.sequence(below, above)))
    assert [edit.frame for edit in cut_list(read_timeline(path)).edits] == SEEN


shares = st.fractions(0, 1, max_denominator=64)


@given(
    st.lists(st.tuples(st.integers(0, 400), st.floats(-0.2, 1.4)), min_size=1, max_size=6),
    st.integers(0, 200),
    st.integers(1, 200),
    st.sampled_from([Fraction(1), Fraction(-2), Fraction(1, 3), Fraction(0)]),
)
def test_coverage_has_no_gaps_and_agrees_with_its_curve(keys, start, length, speed):
    curve = KeyframeCurve.through({Fraction(frame, 25): value for frame, value in keys}, 1.0)
    shown = TimeTransform(Fraction(start, 25), Fraction(start + length, 25), Fraction(8), speed)
    frame = Fraction(1, 25)
    spans = coverage(Appearance(opacity=curve), shown, frame)
    assert (spans[0].start, spans[-1].end) == (shown.start, shown.end)
    assert all(before.end == after.start for before, after in pairwise(spans))
    for span in spans:
        middle = (span.start + span.end) / 2
        exact = min(max(curve.at(shown.local_at(middle)), 0.0), 1.0)
        if span.end - span.start > frame:
            assert (span.share > HIDING_SHARE) == (exact > HIDING_SHARE)


@given(st.lists(shares, min_size=1, max_size=4), st.lists(shares, min_size=1, max_size=4))
def test_a_nest_multiplies_the_shares(inner, outer):
    def spans(values):
        return tuple(
            CoverageSpan(Fraction(n, len(values)), Fraction(n + 1, len(values)), v) for n, v in enumerate(values)
        )

    both = combine(spans(inner), spans(outer))
    for n in range(24):
        time = Fraction(2 * n + 1, 48)
        share = next(span.share for span in both if span.start <= time < span.end)
        assert share == inner[int(time * len(inner))] * outer[int(time * len(outer))]
    assert within(spans([Fraction(1)]), Fraction(0), Fraction(1)) == ()


def test_media_with_alpha_is_the_picture_where_nothing_else_is(tmp_path):
    """A track of movies with alpha channels shows under titles, and under straps with alpha."""
    alpha = "<alphatype>straight</alphatype>"
    below = xml.track(
        xml.clip(0, 100, 0, 100, xml.file(1), extra=alpha), xml.clip(100, 200, 0, 100, xml.file(2), extra=alpha)
    )
    strap = xml.track(xml.clip(20, 60, 0, 40, xml.file(3), name="strap", extra=alpha))
    title = (
        "<generatoritem><name>Text</name><start>120</start><end>160</end><in>0</in><out>40</out><effect>"
        "<name>Text</name><effecttype>generator</effecttype></effect></generatoritem>"
    )
    path = tmp_path / "cut.xml"
    path.write_text(xml.document(xml.sequence(below, strap, xml.track(title))))
    assert [edit.frame for edit in cut_list(read_timeline(path)).edits] == SEEN
