"""Final Cut Pro 7 XML in: one document per hard case, and random cuts against a frame-by-frame rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given
from xmeml_text import clip, cuts, document, file, frames, key, rate, remap, sequence, track, transition
from xml_cuts import opening, top

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.reading import read_timeline as read


@pytest.fixture
def opened(tmp_path):
    return opening(read, tmp_path / "cut.xml")


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
                    clip(
                        20,
                        30,
                        0,
                        10,
                        file(3),
                        name="fade",
                        extra=opacity("<value>0</value>" + key(0, 0) + key(10, 100)),
                    ),
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
        ("overlay", "logo"),
        ("picture", "photo"),
        ("overlay", "leak"),
        ("overlay", "render"),
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
    with pytest.raises(TimelineError, match="states no frame rate") as refused:
        opened(text)
    assert refused.value.setting == "rate"
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


def test_which_sequence_is_read(opened):
    one = sequence(track(clip(0, 10, 0, 10, file(1))), name="One", key="a")
    two = sequence(track(clip(0, 20, 0, 20, file(2))), name="Two", key="b")
    empty = sequence(track(), name="Old", key="c")
    holding = sequence(track(clip(0, 5, 0, 5, '<sequence id="a"/>')), name="All", key="d")
    with pytest.raises(TimelineError, match="'One', 'Two'") as refused:
        opened(document(one, two))
    assert refused.value.setting == "sequence"
    with pytest.raises(TimelineError, match=r"'Three'.*'One', 'Two'"):
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


@given(cuts())
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


@pytest.mark.parametrize(("frames_of_file", "is_cut"), [(1, False), (2, False), (40, False), (300, True)])
def test_a_still_shows_the_same_at_any_in_point(opened, frames_of_file, is_cut):
    """Named like a still and longer than what is played of it, a file is a numbered sequence."""
    still = file(1, frames=frames_of_file, timecode=None).replace("m1.mov", "photo.jpg")
    pieces = clip(0, 50, 100, 150, still), clip(50, 100, 200, 250, still)
    model = opened(document(sequence(track(*pieces))))
    assert bool(cut_list(model).edits) is is_cut


@pytest.mark.parametrize(("begins", "is_cut"), [((353, 434), True), ((353, 353), False), ((353, None), False)])
def test_files_of_one_path_that_begin_at_their_own_timecode_are_several(opened, begins, is_cut):
    files = [file(n, timecode=begin).replace(f"m{n}.mov", "shot.mov") for n, begin in enumerate(begins, start=1)]
    first = begins[0] + 81 - (begins[1] or 0)  # the source time goes on
    pieces = clip(0, 81, 0, 81, files[0], name="shot"), clip(81, 180, first, first + 99, files[1], name="shot")
    model = opened(document(sequence(track(*pieces))))
    assert bool(cut_list(model).edits) is is_cut
