"""Final Cut Pro 7 XML in: real exports, one document per hard case, and random cuts against a frame-by-frame rule."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from xmeml_text import Cut, Piece, clip, document, file, key, rate, remap, sequence, track, transition

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline import cut_builder
from emsync_bridge.timeline.cut_model import CutModel, Leaf
from emsync_bridge.timeline.xmeml_reader import read

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample timelines are not here")


@pytest.fixture
def opened(tmp_path):
    def open_text(text: str, **choice) -> CutModel:
        path = tmp_path / "cut.xml"
        path.write_text(text, encoding="utf-8")
        return read(path, **choice)

    return open_text


def frames(model: CutModel) -> list[tuple]:
    """Start, end, layer, kind and name of every item, in frames."""
    return [(leaf.start * model.rate, leaf.end * model.rate, leaf.layer, leaf.kind, leaf.name) for leaf in model.leaves]


def top(model: CutModel, frame: int) -> Leaf | None:
    """What shows at a frame: the highest picture, else the highest of the others."""
    time = frame / model.rate
    here = [leaf for leaf in model.leaves if leaf.start <= time < leaf.end and leaf.kind != "adjustment"]
    pictures = [leaf for leaf in here if leaf.kind in ("picture", "missing")]
    return max(pictures or here, key=lambda leaf: leaf.layer, default=None)


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


def test_disabled_clips_and_tracks_do_not_show(opened):
    off = "<enabled>FALSE</enabled>"
    model = opened(
        document(
            sequence(
                track(clip(0, 43, 0, 43, file(1)), clip(43, 79, 0, 36, file(2), extra=off)),
                track(clip(0, 90, 0, 90, file(3)), enabled=False),
            )
        )
    )
    assert [row[:2] for row in frames(model)] == [(0, 43)]
    assert model.duration * 25 == 90


def test_a_clip_without_opacity_does_not_show(opened):
    def opacity(inside: str) -> str:
        return (
            "<filter><effect><effectid>opacity</effectid><parameter><parameterid>opacity</parameterid>"
            f"{inside}</parameter></effect></filter>"
        )

    model = opened(
        document(
            sequence(
                track(
                    clip(0, 10, 0, 10, file(1), name="gone", extra=opacity("<value>0</value>")),
                    clip(10, 20, 0, 10, file(2), name="half", extra=opacity("<value>50</value>")),
                    clip(20, 30, 0, 10, file(3), name="fade", extra=opacity("<value>0</value>" + key(0, 0))),
                )
            )
        )
    )
    assert [row[4] for row in frames(model)] == ["half", "fade"]


def test_what_leaves_the_picture_visible_is_no_picture(opened):
    still = file(1).replace("m1.mov", "logo.png")
    model = opened(
        document(
            sequence(
                track(
                    clip(0, 10, 0, 10, still, name="logo", extra="<alphatype>straight</alphatype>"),
                    clip(10, 20, 0, 10, still, name="photo", extra="<alphatype>none</alphatype>"),
                    clip(20, 30, 0, 10, file(2), name="leak", extra="<compositemode>screen</compositemode>"),
                    clip(30, 40, 0, 10, file(3), name="render", extra="<alphatype>straight</alphatype>"),
                    clip(40, 50, 0, 10, "<file id='f'><name>x</name></file>", name="Adjustment Layer 3"),
                    clip(50, 60, 0, 10, "<file id='g'><name>x</name></file>", name="offline"),
                    "<generatoritem><name>Credits</name><start>60</start><end>70</end><in>0</in><out>10</out><effect>"
                    "<name>Scrolling Text</name><effecttype>generator</effecttype></effect></generatoritem>",
                )
            )
        )
    )
    assert [row[3:] for row in frames(model)] == [
        ("title", "logo"),
        ("picture", "photo"),
        ("title", "leak"),
        ("picture", "render"),
        ("adjustment", "Adjustment Layer 3"),
        ("missing", "offline"),
        ("title", "Credits"),
    ]


@pytest.mark.parametrize(
    ("alignment", "extra", "edit"),
    [
        ("center", "", 50),
        ("start", "", 45),
        ("start-black", "", 45),
        ("end", "", 55),
        ("end-black", "", 55),
        ("center", "<cutPointTicks>81285120000</cutPointTicks>", 53),  # 8 frames at 25
        ("center", "<cutPointTicks>999999999999999</cutPointTicks>", 50),  # outside of the transition: not believed
    ],
)
def test_where_a_transition_cuts(opened, alignment, extra, edit):
    model = opened(
        document(
            sequence(
                track(
                    clip(0, -1, 0, 55, file(1)),
                    transition(45, 55, alignment, extra),
                    clip(-1, 100, 200, 255, file(2)),
                )
            )
        )
    )
    assert [row[:2] for row in frames(model)] == [(0, edit), (edit, 100)]
    assert model.transitions[0].edit * 25 == edit
    # in belongs to the transition's start
    assert model.leaves[1].source * 25 == 200 + edit - 45


def test_clips_that_overlap_under_a_transition_meet_at_its_edit(opened):
    model = opened(
        document(
            sequence(
                track(
                    clip(0, 55, 0, 55, file(1)),
                    transition(45, 55),
                    clip(45, 100, 200, 255, file(2)),
                )
            )
        )
    )
    assert [row[:2] for row in frames(model)] == [(0, 50), (50, 100)]
    assert model.leaves[1].source * 25 == 205


def test_transitions_listed_after_the_clips(opened):
    model = opened(
        document(sequence(track(clip(0, -1, 0, 55, file(1)), clip(-1, 100, 200, 255, file(2)), transition(45, 55))))
    )
    assert [row[:2] for row in frames(model)] == [(0, 50), (50, 100)]


def test_a_file_that_is_defined_later_and_elsewhere(opened):
    model = opened(
        document(
            sequence(
                track(clip(0, 10, 5, 15, '<file id="file-1"/>')),
                audio=(track(clip(0, 10, 5, 15, file(1, timecode=90000))),),
            )
        )
    )
    assert model.leaves[0].media == "file://localhost/m/m1.mov"
    assert (model.leaves[0].media_start, model.leaves[0].source) == (3600, 3600 + Fraction(1, 5))


def test_ntsc_rates_are_exact_and_drop_frame_is_counted(opened):
    clock = f"<timecode>{rate(30, ntsc=True)}<string>01;00;00;00</string><displayformat>DF</displayformat></timecode>"
    item = clip(0, 30, 0, 30, file(1, base=30, ntsc=True, timecode=30)).replace(rate(25), rate(30, ntsc=True))
    model = opened(document(sequence(track(item), base=30, ntsc=True, extra=clock)))
    assert (model.rate, model.drop_frame, model.start_frame) == (Fraction(30000, 1001), True, 107892)
    assert model.leaves[0].media_start == Fraction(1001, 1000)


def test_a_flag_for_drop_frame_at_24_means_nothing(opened):
    clock = f"<timecode>{rate(24)}<string>01:00:00:00</string><displayformat>DF</displayformat></timecode>"
    model = opened(document(sequence(track(clip(0, 30, 0, 30, file(1))), base=24, extra=clock)))
    assert (model.drop_frame, model.start_frame) == (False, 86400)


def test_a_decimal_timebase(opened):
    text = document(sequence(track(clip(0, 30, 0, 30, file(1))))).replace(
        rate(25), "<rate><timebase>23.976</timebase></rate>"
    )
    assert opened(text).rate == Fraction(24000, 1001)


def test_a_sequence_without_a_rate_takes_the_given_one(opened):
    text = document(sequence(track(clip(0, 30, 0, 30, file(1))))).replace(rate(25), "")
    with pytest.raises(TimelineError, match="--rate"):
        opened(text)
    assert opened(text, rate=Fraction(25)).duration == Fraction(30, 25)


def test_a_given_rate_does_not_override_the_document(opened):
    model = opened(document(sequence(track(clip(0, 30, 0, 30, file(1))))), rate=Fraction(24))
    assert model.rate == 25
    assert any("25 frames per second" in warning for warning in model.warnings)


def test_a_clip_of_another_rate(opened):
    # 50 frames of a 15 fps clip fill 100 frames at 30, as Premiere writes it.
    model = opened(document(sequence(track(clip(0, 100, 15, 65, file(1, base=15), base=15)), base=30)))
    assert (model.leaves[0].source, model.leaves[0].speed) == (1, 1)


def test_a_clip_that_counts_the_sequence_frames(opened):
    # Resolve states 50 fps for the clip and counts its in and out at 25.
    model = opened(document(sequence(track(clip(0, 100, 25, 125, file(1, base=50), base=50)))))
    assert (model.leaves[0].source, model.leaves[0].speed) == (1, 1)


def test_a_subclip_counts_from_its_own_start(opened):
    info = "<subclipinfo><startoffset>1000</startoffset><endoffset>0</endoffset></subclipinfo>"
    model = opened(document(sequence(track(clip(0, 10, 50, 60, file(1), extra=info)))))
    assert model.leaves[0].source == Fraction(1050, 25)


@pytest.mark.parametrize(
    ("filters", "first", "source", "speed"),
    [
        (remap("50"), 100, 50, Fraction(1, 2)),
        (remap("200"), 100, 200, 2),
        (remap("950", keys=key(0, 0) + key(369, 3505)), 100, 950, Fraction(19, 2)),
        (remap("100", reverse=True, keys=key(0, 999) + key(999, 0)), 100, 899, -1),
        (remap("100", reverse=True), 100, 9900, -1),
        (remap("50", reverse=True, keys=key(0, 1000) + key(2000, 0)), 100, 950, Fraction(-1, 2)),
        (remap("-50"), 100, 10000 - 50, Fraction(-1, 2)),
        (remap("0"), 100, 100, 0),
        (remap("100", keys=key(0, 77) + key(86400, 77)), 86400, 77, 0),
        (remap("99", variable=True, keys=key(0, 0) + key(400, 100)), 100, 25, Fraction(1, 4)),
        # Premiere's virtual key frames may hold junk; the real ones decide.
        (
            remap(
                "99",
                variable=True,
                keys=key(0, 0)
                + key(100, 300)
                + key(140, -1815255671, "<speedvirtualkf>TRUE</speedvirtualkf><speedkfout>TRUE</speedkfout>"),
            ),
            50,
            150,
            3,
        ),
        ("<filter><enabled>FALSE</enabled>" + remap("50")[len("<filter>") :], 100, 100, 1),
    ],
)
def test_speed(opened, filters, first, source, speed):
    model = opened(document(sequence(track(clip(10, 50, first, first + 40, file(1), extra=filters)))))
    assert (model.leaves[0].source * 25, model.leaves[0].speed) == (source, speed)


def test_a_ramp_has_a_source_at_its_start_and_no_one_speed(opened):
    ramp = remap("150", variable=True, keys=key(0, 0) + key(20, 20) + key(40, 60))
    model = opened(document(sequence(track(clip(0, 40, 0, 40, file(1), extra=ramp)))))
    assert (model.leaves[0].source, model.leaves[0].speed) == (0, None)


def test_a_nest_at_double_speed_and_in_reverse(opened):
    nest = sequence(track(clip(0, 40, 0, 40, file(1)), clip(40, 100, 0, 60, file(2))), key="sequence-2")
    fast = clip(0, 50, 0, 50, nest, extra=remap("200"))
    back = clip(50, 150, 0, 100, '<sequence id="sequence-2"/>', extra=remap("100", reverse=True))
    back = back.replace("<duration>10000<", "<duration>100<")
    model = opened(document(sequence(track(fast, back))))
    assert [(row[0], row[1]) for row in frames(model)] == [(0, 20), (20, 50), (50, 110), (110, 150)]
    assert [leaf.media[-6:] for leaf in model.leaves] == ["m1.mov", "m2.mov", "m2.mov", "m1.mov"]
    assert [leaf.speed for leaf in model.leaves] == [2, 2, -1, -1]
    # backwards, the nest begins at its end: frame 59 of m2 lies between 60 and 59
    assert model.leaves[2].source * 25 == 60


def test_a_nest_with_a_ramp_and_a_freeze(opened):
    nest = sequence(track(clip(0, 40, 0, 40, file(1)), clip(40, 100, 0, 60, file(2))), key="sequence-2")
    ramp = remap("1", variable=True, keys=key(0, 0) + key(20, 20) + key(40, 60))
    still = remap("0", keys=key(0, 30) + key(10, 30))
    model = opened(
        document(
            sequence(
                track(
                    clip(0, 40, 0, 40, nest, extra=ramp),
                    clip(40, 50, 0, 10, '<sequence id="sequence-2"/>', extra=still),
                )
            )
        )
    )
    rows = [(leaf.start * 25, leaf.end * 25, leaf.media[-6:], leaf.source * 25, leaf.speed) for leaf in model.leaves]
    assert rows == [
        (0, 20, "m1.mov", 0, 1),
        (20, 30, "m1.mov", 20, 2),
        (30, 40, "m2.mov", 0, 2),
        (40, 50, "m1.mov", 30, 0),
    ]


def test_a_nest_of_another_rate_and_longer_than_its_content(opened):
    nest = sequence(track(clip(0, 30, 0, 30, file(1), base=30)), key="sequence-2", base=30)
    model = opened(document(sequence(track(clip(100, 150, 0, 50, nest)))))
    assert [row[:2] for row in frames(model)] == [(100, 125)]
    assert model.duration * 25 == 150


def test_a_nest_that_contains_itself_ends(opened):
    inner = clip(0, 10, 0, 10, '<sequence id="sequence-1"/>')
    model = opened(document(sequence(track(clip(0, 10, 0, 10, file(1)), inner))))
    assert len(model.leaves) == 1
    assert any("nested in itself" in warning for warning in model.warnings)


def test_nests_that_multiply_are_refused(opened, monkeypatch):
    def nests(level: int) -> list[str]:
        return [clip(0, 1, 0, 1, f'<sequence id="s{level + 1}"/>') for _ in range(30)]

    monkeypatch.setattr(cut_builder, "MAX_STEPS", 3000)
    levels = [sequence(*map(track, nests(level)), key=f"s{level}") for level in range(6)]
    end = sequence(track(clip(0, 1, 0, 1, file(1))), key="s6")
    with pytest.raises(TimelineError, match="nests within nests"):
        opened(document(*levels, end))


def test_markers_of_a_clip_count_in_source_time(opened):
    marks = (
        "<marker><name>in</name><comment>c</comment><in>120</in><out>-1</out></marker>"
        "<marker><name>before</name><in>99</in><out>-1</out></marker>"
        "<marker><name>after</name><in>140</in><out>-1</out></marker>"
    )
    slow = marks + remap("50")
    model = opened(
        document(
            sequence(
                track(clip(10, 50, 100, 140, file(1), extra=marks), clip(50, 90, 200, 240, file(1), extra=slow)),
                audio=(track(clip(10, 50, 100, 140, '<file id="file-1"/>', extra=marks)),),
            )
        )
    )
    # the slow clip shows source 100 to 120; the sound's copy of a marker is the same marker
    assert [(m.time * 25, m.name, m.scope) for m in model.markers] == [(30, "in", "clip")]


def test_markers_of_the_sequence_with_length_and_colour(opened):
    marks = (
        "<marker><name>a</name><in>5</in><out>15</out></marker>"
        "<marker><name>b</name><in>7</in><out>-1</out><pproColor>4281740498</pproColor></marker>"
        "<marker><name>c</name><in>8</in><out>-1</out><color><red>0</red><green>0</green><blue>255</blue></color></marker>"
        "<marker><name>none</name><in>x</in></marker>"
    )
    cut = sequence(track(clip(0, 20, 0, 20, file(1))), extra=marks)
    model = opened(document(cut))
    assert [(m.time * 25, m.duration * 25, m.color) for m in model.markers] == [
        (5, 10, ""),
        (7, 0, "RED"),
        (8, 0, "BLUE"),
    ]
    assert any("marker" in warning for warning in model.warnings)
    premiere = opened(document(cut.replace('id="sequence-1"', 'id="sequence-1" explodedTracks="true"', 1)))
    assert premiere.markers[0].color == "GREEN"


def test_markers_that_count_from_midnight(opened):
    clock = f"<timecode>{rate(25)}<frame>90000</frame><displayformat>NDF</displayformat></timecode>"
    mark = "<marker><name>a</name><in>90005</in><out>-1</out></marker>"
    model = opened(document(sequence(track(clip(0, 20, 0, 20, file(1))), extra=clock + mark)))
    assert [m.time * 25 for m in model.markers] == [5]


def test_a_multiclip_shows_its_active_angle(opened):
    def angle(number: int, active: bool) -> str:
        shown = "TRUE" if active else "FALSE"
        return (
            f"<angle><activevideoangle>{shown}</activevideoangle><clip><name>cam {number}</name>"
            f"<media><video><track><clipitem>{file(number)}</clipitem></track></video></media></clip></angle>"
        )

    multi = f'<multiclip id="mc"><name>m</name>{angle(1, active=False)}{angle(2, active=True)}</multiclip>'
    model = opened(document(sequence(track(clip(0, 10, 0, 10, multi), clip(10, 20, 10, 20, '<multiclip id="mc"/>')))))
    assert [(leaf.angle, leaf.media[-6:]) for leaf in model.leaves] == [("cam 2", "m2.mov")] * 2


def test_which_sequence_is_read(opened):
    one = sequence(track(clip(0, 10, 0, 10, file(1))), name="One", key="a")
    two = sequence(track(clip(0, 20, 0, 20, file(2))), name="Two", key="b")
    empty = sequence(track(), name="Old", key="c")
    holding = sequence(track(clip(0, 5, 0, 5, '<sequence id="a"/>')), name="All", key="d")
    with pytest.raises(TimelineError, match=r"'One', 'Two'.*--sequence NAME"):
        opened(document(one, two))
    with pytest.raises(TimelineError, match=r"'Three'.*'One', 'Two'.*--sequence NAME"):
        opened(document(one, two), sequence="Three")
    assert opened(document(one, two), sequence="two").name == "Two"
    for text in (document(one, holding), document(holding, one), document(empty, holding, one)):
        model = opened(text)
        assert model.name == "All"
        assert any("'All'" in warning for warning in model.warnings)
    assert opened(document(one, holding), sequence="One").name == "One"
    same = opened(document(one, two.replace("Two", "One")), sequence="One")
    assert same.duration * 25 == 10
    assert any("are named 'One'" in warning for warning in same.warnings)


@pytest.mark.parametrize(
    "text",
    [
        document(),
        document(sequence()),
        document(sequence(track(clip(5, 5, 0, 0, file(1))))),
        document(sequence(track(clip(-1, -1, 0, 10, file(1))))),
        document(sequence(track(clip(0, 10**9, 0, 10, file(1))))),
        "<xmeml/>",
        "<xmeml><sequence><media/></sequence></xmeml>",
        "<fcpxml/>",
        '<!DOCTYPE xmeml [<!ENTITY a "b">]><xmeml/>',
    ],
)
def test_what_cannot_be_read_says_so(opened, text):
    with pytest.raises(TimelineError) as problem:
        opened(text)
    assert problem.value.what
    assert "cut.xml" in problem.value.where


def test_sound_alone_is_a_timeline(opened):
    model = opened(document(sequence(audio=(track(clip(0, 50, 0, 50, file(1))),))))
    assert (model.duration, model.leaves) == (2, ())
    assert any("no picture" in warning for warning in model.warnings)


def test_lost_clips_are_counted(opened):
    model = opened(document(sequence(track(clip(0, 9, 0, 9, file(1)), clip(20, 20, 0, 0, file(1)), "<clipitem/>"))))
    assert any(warning.startswith("2 clips") for warning in model.warnings)


pieces = st.tuples(
    st.integers(0, 6),  # gap before
    st.integers(4, 20),  # length
    st.integers(10, 60),  # in
    st.booleans() | st.just(True),
    st.integers(0, 1),  # half of a dissolve into it
)


@st.composite
def cuts(draw, depth: int = 2) -> Cut:
    lanes = []
    for _ in range(draw(st.integers(1, 3))):
        at = 0
        lane: list[Piece] = []
        for gap, length, source, enabled, dissolve in draw(st.lists(pieces, min_size=0 if lanes else 1, max_size=4)):
            media: int | Cut = draw(st.integers(1, 4))
            first = source
            if depth and draw(st.integers(0, 3)) == 0:
                media = draw(cuts(depth=depth - 1))
                first = draw(st.integers(1, 12))
            joined = lane and gap == 0
            at += gap
            lane.append(Piece(at, at + length, first, media, enabled, dissolve if joined else 0))
            at += length
        lanes.append((draw(st.booleans() | st.just(True)), lane))
    return Cut(lanes)


@given(cuts())
@settings(max_examples=40, deadline=None)
def test_random_cuts_show_what_the_rule_says(tmp_path_factory, cut):
    path = tmp_path_factory.getbasetemp() / "random.xml"
    path.write_text(cut.xml("random"), encoding="utf-8")
    model = read(path)
    assert model.duration * 25 == cut.frames()
    for frame in range(cut.frames()):
        leaf = top(model, frame)
        seen = None
        if leaf is not None:
            source = leaf.source_at(Fraction(frame, 25))
            seen = (int(leaf.media[len("file://localhost/m/m") : -len(".mov")]), source * 25)
        assert seen == cut.shown(frame)
    joined = {piece.start for enabled, lane in cut.tracks for piece in lane if enabled and piece.dissolve}
    assert {t.edit * 25 for t in model.transitions if len(t.layer) == 1} == joined
