"""FCPXML in: one document per hard case, and random cuts against a frame-by-frame rule."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fcpxml_text import RATE, asset, clip, document, form, gap, project, rows, stories, t, tag, wrapped
from hypothesis import given
from xml_cuts import opening, top

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.reading import read_timeline as read


@pytest.fixture
def opened(tmp_path):
    return opening(read, tmp_path / "cut.fcpxml")


def test_markers_that_no_clip_shows_are_mentioned(opened):
    mark = tag("marker", start=t(500), value="far")
    model = opened(document(clip(1, 0, 10, 0, mark)))
    assert model.markers == ()
    assert any("1 markers" in warning for warning in model.warnings)


def test_every_kind_of_marker(opened):
    marks = (
        tag("marker", start=t(2), duration=t(1), value="a", note="n")
        + tag("marker", start=t(3), duration=t(4), value="b", completed="0")
        + tag("marker", start=t(5), value="c", completed="1")
        + tag("chapter-marker", start=t(6), value="d", posterOffset="1s")
    )
    model = opened(document(clip(1, 0, 10, 0, marks)))
    assert [(m.time * RATE, m.duration * RATE, m.name, m.comment, m.color) for m in model.markers] == [
        (2, 0, "a", "n", "BLUE"),
        (3, 4, "b", "", "RED"),
        (5, 0, "c", "", "GREEN"),
        (6, 0, "d", "", "ORANGE"),
    ]


def test_lanes_above_and_below(opened):
    above = clip(2, 110, 5, 50, lane=1)
    below = clip(3, 102, 30, 0, lane=-1)
    model = opened(document(clip(1, 0, 20, 100, above, below), gap(20, 20)))
    assert [top(model, frame).name if top(model, frame) else None for frame in (0, 9, 10, 14, 15, 19, 20, 31, 32)] == [
        *("m1", "m1", "m2", "m2", "m1", "m1", "m3", "m3", None)
    ]


def test_a_disabled_item_keeps_what_is_connected_to_it(opened):
    model = opened(document(clip(1, 0, 20, 0, clip(2, 5, 5, lane=1), enabled=0)))
    assert rows(model) == [(5, 10, "m2")]
    assert model.duration * RATE == 20


def test_items_without_an_offset_follow_one_another(opened):
    one, two = (tag("asset-clip", ref=f"a{n}", duration=t(10)) for n in (1, 2))
    model = opened(document(one, two, tcStart=t(100)))
    assert [row[:2] for row in rows(model)] == [(0, 10), (10, 20)]


def test_what_has_no_picture(opened):
    sound = asset(9, src="file:///m/a.wav", hasVideo=None, hasAudio=1)
    spine = (
        tag("asset-clip", ref="a9", offset=t(0), duration=t(10), name="sound"),
        clip(1, 10, 10, 0, srcEnable="audio"),
        gap(20, 10, tag("audio", ref="a1", lane=-1, offset=t(0), duration=t(30), name="more sound")),
        clip(1, 30, 10, 0, tag("adjust-blend", amount="0.0")),
        clip(1, 40, 10, 0, tag("adjust-blend", amount="0.5"), srcEnable="video"),
    )
    model = opened(document(*spine, resources=sound))
    assert [row[:2] for row in rows(model)] == [(40, 50)]


def test_titles_generators_adjustments_and_lost_assets(opened):
    def title(name: str, offset: int) -> str:
        return tag("title", ref="title", offset=t(offset), start="3600s", duration=t(10), name=name)

    spine = (
        title("Words", 0),
        title("Adjustment Layer", 10),
        tag("video", ref="solid", offset=t(20), start="3600s", duration=t(10), name="Solid"),
        tag("asset-clip", ref="nowhere", offset=t(30), duration=t(10), name="lost"),
        clip(1, 40, 10, 0, tag("adjust-blend", mode="10 (Screen)")),
    )
    kinds = [(leaf.kind, leaf.media is None, leaf.source is None) for leaf in opened(document(*spine)).leaves]
    assert kinds == [
        ("title", True, True),
        ("adjustment", True, True),
        ("generator", True, True),
        ("missing", True, True),
        ("overlay", False, False),
    ]


def test_where_media_lies(opened):
    new = asset(7, src="media/a%20b.mov")
    two = tag(
        "asset",
        tag("media-rep", kind="proxy-media", src="file:///proxy.mov"),
        tag("media-rep", kind="original-media", src="file:///original.mov"),
        id="a8",
        duration="9s",
        hasVideo=1,
    )
    model = opened(document(clip(7, 0, 10), clip(8, 10, 10), resources=new + two))
    assert [leaf.media for leaf in model.leaves] == ["media/a%20b.mov", "file:///original.mov"]
    old = opened(document(clip(1, 0, 10), version="1.8"))
    assert old.leaves[0].media == "file:///m/m1.mov"


def test_media_timecode(opened):
    hour = asset(7, start="3600s")
    unsaid = tag("asset-clip", ref="a7", offset=t(10), duration=t(10), name="whole")
    model = opened(document(clip(7, 0, 10).replace(f'start="{t(0)}"', 'start="3601s"'), unsaid, resources=hour))
    assert [(leaf.media_start, leaf.source) for leaf in model.leaves] == [(3600, 3601), (3600, 3600)]


def test_a_still_has_one_frame(opened):
    still = asset(7, src="file:///m/still.png", duration="0s")
    one, two = (tag("video", ref="a7", offset=t(n), start="3600s", duration=t(10), name="s") for n in (0, 10))
    model = opened(document(one, two, resources=still))
    assert [(leaf.source, leaf.speed) for leaf in model.leaves] == [(0, 0)] * 2


@pytest.mark.parametrize(
    ("media", "rate", "speed"),
    [
        # the rules of fcpxml.conform
        ("23.98", Fraction(24), Fraction(1001, 1000)),
        ("23.98", Fraction(25), Fraction(25 * 1001, 24000)),
        ("23.98", Fraction(50), Fraction(1001, 1000)),
        ("23.98", Fraction(30000, 1001), Fraction(1001, 1000)),
        ("23.98", Fraction(60000, 1001), Fraction(1001, 1000)),
        ("23.98", Fraction(30), Fraction(1001, 1000)),
        ("23.98", Fraction(60), Fraction(1001, 1000)),
        ("24", Fraction(24000, 1001), Fraction(1000, 1001)),
        ("24", Fraction(25), Fraction(25, 24)),
        ("25", Fraction(24), Fraction(24, 25)),
        ("25", Fraction(24000, 1001), Fraction(24000, 1001 * 25)),
        ("50", Fraction(24), Fraction(48, 50)),
        ("50", Fraction(24000, 1001), Fraction(48000, 1001 * 50)),
        ("29.97", Fraction(30), Fraction(1001, 1000)),
        ("29.97", Fraction(60), Fraction(1001, 1000)),
        ("59.94", Fraction(60), Fraction(1001, 1000)),
        ("60", Fraction(30000, 1001), Fraction(1000, 1001)),
        ("30", Fraction(60000, 1001), Fraction(1000, 1001)),
        ("24", Fraction(60), 1),
        ("25", Fraction(30), 1),
    ],
)
def test_conformed_rates(opened, media, rate, speed):
    inside = tag("conform-rate", srcFrameRate=media) + tag("marker", start="20s", value="m")
    item = tag("asset-clip", inside, ref="a1", offset="0s", start="10s", duration=t(1000, rate), name="c")
    model = opened(document(item, rate=rate))
    assert (model.leaves[0].speed, model.leaves[0].source, model.duration) == (speed, 10, 1000 / rate)
    assert abs(model.markers[0].time - 10 / speed) <= 1 / rate / 2
    unscaled = opened(document(item.replace("<conform-rate", '<conform-rate scaleEnabled="0"'), rate=rate))
    assert unscaled.leaves[0].speed == 1


def test_transitions_join_their_neighbours_only(opened):
    dissolve = tag("transition", offset=t(15), duration=t(10), name="Dissolve")
    fade_in = tag("transition", offset=t(0), duration=t(4), name="In")
    fade_out = tag("transition", offset=t(35), duration=t(5), name="Out")
    connected = clip(3, 20, 10, lane=1)
    spine = (fade_in, clip(1, 0, 20, 0, connected), dissolve, clip(2, 20, 20), fade_out)
    model = opened(document(*spine))
    assert [(s.start * RATE, s.edit * RATE, s.end * RATE) for s in model.transitions] == [
        (0, 0, 4),
        (15, 20, 25),
        (35, 40, 40),
    ]
    on_storyline = [leaf.layer for leaf in model.leaves if leaf.name != "m3"]
    over_it = next(leaf.layer for leaf in model.leaves if leaf.name == "m3")
    layer = model.transitions[1].layer
    assert all(other[: len(layer)] == layer for other in on_storyline)
    assert over_it[: len(layer)] != layer


@pytest.mark.parametrize(
    ("name", "rate"),
    [
        ("FFVideoFormat1080p2398", Fraction(24000, 1001)),
        ("FFVideoFormat1080p25", Fraction(25)),
        ("FFVideoFormat3840x2160p5994", Fraction(60000, 1001)),
        ("FFVideoFormat1080i5994", Fraction(30000, 1001)),
        ("FFVideoFormat1080i50", Fraction(25)),
        ("FFVideoFormatDV720x480i5994_16x9", Fraction(30000, 1001)),
    ],
)
def test_rates_from_format_names(opened, name, rate):
    text = document(clip(1, 0, 10)).replace(form(), tag("format", id="f1", name=name))
    assert opened(text).rate == rate


@pytest.mark.parametrize("duration", ["100/2997s", "0.0333667s", "33366667/1000000000s", "1001/30000s"])
def test_inexact_frame_durations(opened, duration):
    text = document(clip(1, 0, 10)).replace(form(), tag("format", id="f1", frameDuration=duration))
    assert opened(text).rate == RATE


def test_a_format_without_a_rate(opened):
    text = document(clip(1, 0, 30)).replace(form(), tag("format", id="f1", name="FFVideoFormatRateUndefined"))
    with pytest.raises(TimelineError, match="states no frame rate") as refused:
        opened(text)
    assert refused.value.setting == "rate"
    model = opened(text, rate=Fraction(30000, 1001))
    assert (model.rate, model.duration) == (RATE, 30 / RATE)
    given_too = opened(document(clip(1, 0, 30)), rate=Fraction(25))
    assert given_too.rate == RATE
    assert any("was not used" in warning for warning in given_too.warnings)


def test_drop_frame_start(opened):
    model = opened(document(clip(1, 107892, 10), tcStart=t(107892), tcFormat="DF"))
    assert (model.drop_frame, model.start_frame, rows(model)[0][:2]) == (True, 107892, (0, 10))
    film = document(clip(1, 0, 24), rate=Fraction(24), tcFormat="DF")
    assert not opened(film).drop_frame


def test_a_bundle_folder(tmp_path):
    bundle = tmp_path / "cut.fcpxmld"
    bundle.mkdir()
    (bundle / "Info.fcpxml").write_text(document(clip(1, 0, 10)))
    assert read(bundle).duration == 10 / RATE
    (bundle / "Info.fcpxml").unlink()
    with pytest.raises(TimelineError):
        read(bundle)


def test_which_project_is_read(opened):
    one, two, empty = project(clip(1, 0, 10), name="One"), project(clip(2, 0, 20), name="Two"), project(name="Old")
    with pytest.raises(TimelineError, match=r"'One', 'Two'"):
        opened(wrapped(one, two))
    assert opened(wrapped(one, two), sequence="Two").name == "Two"
    assert opened(wrapped(empty, two)).name == "Two"
    bare = wrapped(one).replace("<library>", "").replace("</library>", "")
    assert opened(bare).name == "One"


@pytest.mark.parametrize(
    "text",
    [
        "<fcpxml/>",
        "<xmeml/>",
        wrapped(),
        document(),
        document(tag("transition", offset="0s", duration="1s")),
        document(tag("clip", offset="0s", name="no length")),
        document(clip(1, 0, 10**12)),
        '<!DOCTYPE fcpxml [<!ENTITY a SYSTEM "file:///etc/passwd">]><fcpxml>&a;</fcpxml>',
    ],
)
def test_what_cannot_be_read_says_so(opened, text):
    with pytest.raises(TimelineError) as problem:
        opened(text)
    assert problem.value.what
    assert "cut.fcpxml" in problem.value.where


def test_lost_items_are_counted(opened):
    model = opened(document(clip(1, 0, 10), tag("clip", offset=t(10), name="no length")))
    assert any(warning.startswith("1 clips") for warning in model.warnings)


@given(stories())
def test_random_cuts_show_what_the_rule_says(tmp_path_factory, story):
    path = tmp_path_factory.getbasetemp() / "random.fcpxml"
    path.write_text(story.xml(), encoding="utf-8")
    model = read(path)
    assert model.duration * RATE == story.end()
    assert model.start_frame == story.begin
    for frame in range(story.end()):
        leaf = top(model, frame)
        seen = None
        if leaf is not None and leaf.kind == "picture":
            seen = (int(leaf.name[1:]), leaf.source_at(frame / RATE) * RATE)
        assert seen == story.shown(frame)


@pytest.mark.parametrize("speed", [Fraction(1), Fraction(1000, 1001), Fraction(1001, 1000)])
def test_connected_clips_correct_a_guessed_speed(opened, speed):
    """29.97 in 23.98 is a guess: it is whatever puts connected clips on whole frames."""
    rate = Fraction(24000, 1001)
    joined = "".join(
        tag("asset-clip", ref="a2", lane=1, offset=str(frame / rate * speed) + "s", duration=t(20, rate), name="b")
        for frame in (1000, 1317, 2200)
    )
    inside = tag("conform-rate", srcFrameRate="29.97") + joined
    host = tag("asset-clip", inside, ref="a1", offset="0s", start="0s", duration=t(3000, rate), name="a")
    model = opened(document(host, rate=rate))
    assert [leaf.start * rate for leaf in model.leaves if leaf.name == "b"] == [1000, 1317, 2200]
    assert next(leaf.speed for leaf in model.leaves if leaf.name == "a") == speed


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.3"])
def test_resources_of_old_versions_are_found_in_the_project(opened, version):
    resources = tag("resources", form() + asset(1, version="1.8") + asset(2, version="1.8"))
    held = [tag("video", ref=f"a{n}", offset="0s", duration="900s") for n in (1, 2)]
    clips = [tag("clip", video, offset=t(50 * n), start=t(9), duration=t(50), name="c") for n, video in enumerate(held)]
    inside = resources + tag("sequence", tag("spine", *clips), format="f1", tcStart="0s")
    model = opened(tag("fcpxml", tag("project", inside, name="Old"), version=version))
    assert (model.rate, model.duration * RATE) == (RATE, 100)
    assert [edit.frame for edit in cut_list(model).edits] == [50]


def test_offsets_far_from_the_start_that_are_no_source_timecode_are_kept_with_a_note(opened):
    model = opened(document(clip(1, 30_000, 20), clip(2, 30_020, 20)))
    assert model.duration * RATE == 30_040
    assert any("picture begins at" in warning for warning in cut_list(model).warnings)


def test_projects_of_one_name_are_told_apart_by_event_or_number(opened):
    def projects(*events: str) -> str:
        inside = "".join(
            tag("event", project(clip(1, 0, 10 * n), name="Cut"), name=name) for n, name in enumerate(events, start=1)
        )
        head = tag("resources", form() + asset(1))
        return tag("fcpxml", head, tag("library", inside), version="1.11")

    two = projects("Mon", "Tue")
    assert [opened(two, sequence=name).duration * RATE for name in ("Mon/Cut", "tue/cut")] == [10, 20]
    same = projects("Mon", "Mon", "Tue")
    assert [opened(same, sequence=name).duration * RATE for name in ("Cut #1", "Cut #2", "Tue/Cut")] == [10, 20, 30]
    with pytest.raises(TimelineError, match=r"'Cut #1', 'Cut #2', 'Tue/Cut'"):
        opened(same)
