"""Final Cut Pro 7 XML in: real exports."""

from __future__ import annotations

from fractions import Fraction

from xmeml_text import frames
from xml_cuts import SAMPLES, needs_samples

from emsync_bridge.timeline.reading import read_timeline as read

# The lists for the three samples were written down from the XML itself: start and end of every enabled video
# clipitem (with -1 replaced by the edit of the transition beside it), the nested sequence's items shifted by its start.


@needs_samples
def test_premiere_nests_and_transitions():
    model = read(SAMPLES / "premiere_nested_transitions.xml")
    assert (model.name, model.rate, model.start_frame) == ("sc01_sh010_layerA", 30, 0)
    assert frames(model) == [
        (13, 113, (1,), "picture", "sc01_sh010_anim.mov"),
        (15, 956, (2,), "title", "test_title"),
        (165, 322, (1,), "picture", "sc01_sh020_anim.mov"),
        (322, 557, (1,), "picture", "sc01_sh030_anim.mov"),
        (536, 636, (0,), "picture", "sc01_sh010_anim.mov"),
        (636, 736, (1, 0), "picture", "sc01_sh010_anim.mov"),
        (736, 956, (1, 0), "picture", "sc01_sh030_anim.mov"),
        (956, 1164, (3,), "picture", "sc01_master_layerA_sh030_temp.mov"),
        (1164, 1246, (3,), "picture", "sc01_sh010_anim.mov"),
    ]
    # "end-black" lies at its end; the centred one of 25 frames has its cut 12 frames in (cutPointTicks 101606400000).
    spans = [(t.start * 30, t.end * 30, t.edit * 30) for t in model.transitions]
    assert spans == [(538, 557, 557), (1152, 1177, 1164)]
    # in = 34 with a file that begins at 00:00:03:09; in = 6 at the transition's start, 12 frames before the edit
    master, last = model.leaves[-2:]
    assert (master.source, master.media_start) == (Fraction(99 + 34, 30), Fraction(99, 30))
    assert last.source == Fraction(6 + 12, 30)
    # sequence markers at 113, 492, 298; one in a clip that shows from its frame 0 at 322, at its frame 73
    marks = [(m.time * 30, m.name, m.comment, m.scope) for m in model.markers]
    assert marks == [
        (113, "My MArker 1", "so, this happened", "timeline"),
        (298, "", "", "timeline"),
        (322 + 73, "", "", "clip"),
        (492, "dsf", "fsfsfs", "timeline"),
    ]
    # the largest <end> of the document is that of an audio clip; <duration> says 636
    assert model.duration * 30 == 1258
    assert any("636" in warning and "1258" in warning for warning in model.warnings)


@needs_samples
def test_premiere_generators_have_no_picture():
    model = read(SAMPLES / "premiere_generators_2397.xml")
    assert model.rate == Fraction(24000, 1001)
    assert [row[:2] + row[3:] for row in frames(model)] == [
        (0, 264, "generator", "Universal Counting Leader"),
        (264, 383, "generator", "Black Video"),
        (383, 502, "generator", "Blue Matte"),
        (502, 621, "generator", "HD Bars and Tone"),
        (621, 737, "adjustment", "Transparent Video"),
        (737, 856, "title", "Graphic"),
    ]
    assert all(leaf.media is None and leaf.source is None for leaf in model.leaves)


@needs_samples
def test_hiero_decimals_and_factor():
    model = read(SAMPLES / "hiero_export.xml")
    assert (model.rate, model.start_frame, model.drop_frame, model.duration * 24) == (24, 86400, False, 1324)
    assert [row[:2] for row in frames(model)] == [(14, 1069), (1085, 1324)]
    # <frame>1101071</frame>; and in = 326400 at speed 0.25 is frame 81600, 00:56:40:00, of a file that begins at 0
    assert model.leaves[0].source == model.leaves[0].media_start == Fraction(1101071, 24)
    assert (model.leaves[1].source, model.leaves[1].speed) == (81600 / 24, Fraction(1, 4))
    assert model.leaves[1].kind == "missing"
