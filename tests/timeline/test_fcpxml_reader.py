"""FCPXML in: real exports, one document per hard case, and random cuts against a frame-by-frame rule."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest
from fcpxml_text import RATE, Item, Story, asset, clip, document, form, gap, project, t, tag, wrapped
from hypothesis import given, settings
from hypothesis import strategies as st

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline import cut_builder
from emsync_bridge.timeline.cut_model import CutModel, Leaf
from emsync_bridge.timeline.fcpxml_reader import read

SAMPLES = Path(__file__).parents[2].parent / "shared" / "timelines"
needs_samples = pytest.mark.skipif(not SAMPLES.is_dir(), reason="the sample timelines are not here")


@pytest.fixture
def opened(tmp_path):
    def open_text(text: str, **choice) -> CutModel:
        path = tmp_path / "cut.fcpxml"
        path.write_text(text, encoding="utf-8")
        return read(path, **choice)

    return open_text


def rows(model: CutModel) -> list[tuple]:
    """Start, end and name of every item, in frames."""
    return [(leaf.start * model.rate, leaf.end * model.rate, leaf.name) for leaf in model.leaves]


def source(leaf: Leaf, rate: Fraction = RATE) -> Fraction | None:
    return None if leaf.source is None else leaf.source * rate


def top(model: CutModel, frame: int) -> Leaf | None:
    """What shows at a frame: the highest picture, else the highest of the others."""
    time = frame / model.rate
    here = [leaf for leaf in model.leaves if leaf.start <= time < leaf.end and leaf.kind != "adjustment"]
    pictures = [leaf for leaf in here if leaf.kind in ("picture", "missing")]
    return max(pictures or here, key=lambda leaf: leaf.layer, default=None)


# The lists for the samples were worked out by hand from the XML: offsets divided by the frame duration, connected
# items at parent's place + offset - parent's start, storyline items from there one after another.


@needs_samples
def test_connected_storyline_compound_and_retimes_at_2997_drop():
    model = read(SAMPLES / "fcpx_1_11_2997_drop.fcpxml")
    assert (model.name, model.rate, model.drop_frame, model.start_frame) == ("29.97d_V1", RATE, True, 0)
    assert [row[:2] for row in rows(model)] == [
        (0, 103),
        (103, 209),
        (209, 317),  # compound
        (317, 417),  # 887887/30000 long in all
        (417, 554),
        (442, 448),  # 417 + 1325 - 1300
        (448, 457),
        (457, 466),
        (466, 474),
        (554, 678),
        (678, 887),
        (701, 762),  # 678 + 2697 - 2674
    ]
    assert model.duration * RATE == 887
    compound, fast = model.leaves[2], model.leaves[3]
    assert source(compound) == 452  # the clip in the compound begins at 452452/30000
    # timeMap 0 -> 0, 4436211/90000 -> 9168210/90000; the clip begins at 427683/30000 of the retimed clock
    speed = Fraction(9168210, 4436211)
    assert (fast.speed, fast.source) == (speed, Fraction(427683, 30000) * speed)
    # marker 11: 417 + 11011/250 s * 30000/1001 - 1300 = 437; marker 23 in the connected compound: 701 + 27
    places = {marker.name: marker.time * RATE for marker in model.markers}
    assert (places["Marker 11"], places["Marker 23"], places["Marker 13"]) == (437, 728, 444)
    # Marker 8: 154573/10000 s = frame 463.25 of the retimed clock, which begins at 427.2554... there, so 317 + 36
    assert places["Marker 8"] == 353
    assert not any(name.startswith("INSIDE") for name in places)


@needs_samples
def test_disabled_items_and_conformed_media():
    model = read(SAMPLES / "fcpx_1_11_disabled.fcpxml")
    assert [(*row[:2], leaf.kind) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 241, "title"),
        (482, 10460, "picture"),
    ]
    assert model.duration * 24 == 20438
    # 3604 s on a title that begins at 3600 s; 47047/12000 s of 23.98 media played at 24
    assert [(marker.name, marker.time * 24) for marker in model.markers] == [("Marker 1", 96), ("Marker 3", 576)]


@needs_samples
def test_25_in_24():
    model = read(SAMPLES / "fcpx_1_11_gaps_conform_rate.fcpxml")
    assert [row[:2] for row in rows(model)] == [(240, 294), (360, 3911)]
    assert [leaf.speed for leaf in model.leaves] == [Fraction(24, 25)] * 2
    assert (model.leaves[0].source, model.start_frame) == (Fraction(684, 25), 86400)
    # As Final Cut Pro shows them: 01:00:10:01, 01:02:09:17, 01:02:28:18
    assert [marker.time * 24 for marker in model.markers] == [241, 129 * 24 + 17, 148 * 24 + 18]


@needs_samples
def test_transitions_between_titles():
    model = read(SAMPLES / "fcpx_1_13_title_transitions.fcpxml")
    assert [row[:2] for row in rows(model)] == [(0, 241), (241, 330)]
    assert [(s.start * 24, s.end * 24, s.edit * 24) for s in model.transitions] == [(0, 48, 0), (229, 253, 241)]
    # The clock of a transition begins at 3600 s like that of a title.
    assert [marker.time * 24 for marker in model.markers] == [0, 12, 47, 48, 49, 228, 229, 230, 253, 254]


@needs_samples
def test_pieces_of_one_clip():
    model = read(SAMPLES / "fcpx_1_13_through_edits.fcpxml")
    assert [row[:2] for row in rows(model)] == [(0, 916), (916, 1589), (1589, 3219), (3219, 4434)]
    assert [leaf.media[-12:] for leaf in model.leaves[1:]] == ["meditate.mp4"] * 3
    assert [leaf.name for leaf in model.leaves[1:]] == ["meditate"] * 3
    assert [source(leaf) for leaf in model.leaves[1:]] == [0, 673, 2303]


@needs_samples
def test_a_library_of_two_projects():
    path = SAMPLES / "fcpx_1_8_compound.fcpxml"
    with pytest.raises(TimelineError, match=r"'OpenTimeline_Project', 'OpenTimeline_Project 1'.*--sequence NAME"):
        read(path)
    model = read(path, sequence="OpenTimeline_Project 1")
    seconds = [(float(leaf.start), round(float(leaf.end), 4), leaf.name, leaf.media[-7:-4]) for leaf in model.leaves]
    assert seconds == [
        (0, 10, "IMG_0715", "715"),
        (20, 30, "IMG_0513", "513"),
        (50, 59.5, "IMG_0268", "268"),
        (59.5, 69, "IMG_0740", "740"),
        (64 + 17 / 30, 74.5667, "IMG_0857", "857"),  # 60 + 108137/30 - 3600
        (80, 86.3667, "IMG_0233", "233"),  # the compound from 3.6333 s, its first clip ends at 10 s
        (80 + 20 - 109 / 30, 106.3667, "IMG_0268", "268"),
        (110, 120, "IMG_0233", "233"),
        (120, 130, "IMG_0687", "687"),
        (130, 140, "IMG_0268", "268"),
        (140, 148.1, "IMG_0233", "233"),  # from 1.9 s
    ]
    assert [(float(s.start), float(s.edit), float(s.end)) for s in model.transitions] == [
        (9.5, 10, 10.5),
        (50, 50, 51),
        (59, 59.5, 60),
    ]
    colors = {marker.name: marker.color for marker in model.markers}
    assert (colors["Marker 1"], colors["Marker 5"], colors["Marker 7"]) == ("BLUE", "RED", "GREEN")


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
        ("title", False, False),
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
        # Apple's chart: media and timeline rate, and the rate that the media is played at
        ("23.98", Fraction(24), Fraction(1001, 1000)),
        ("23.98", Fraction(25), Fraction(25 * 1001, 24000)),
        ("23.98", Fraction(50), Fraction(25 * 1001, 24000)),
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


def points(*pairs: tuple[int, int]) -> str:
    return tag("timeMap", *(tag("timept", time=t(time), value=t(value), interp="smooth2") for time, value in pairs))


def test_speed_freeze_reverse_and_ramp(opened):
    spine = (
        clip(1, 0, 10, 100, points((0, 0), (1000, 500))),
        clip(1, 10, 10, 100, points((0, 70), (1000, 70))),
        clip(1, 20, 10, 100, points((0, 1000), (1000, 0))),
        clip(1, 30, 10, 100, points((0, 0), (105, 105), (200, 295))),
    )
    model = opened(document(*spine))
    assert [(source(leaf), leaf.speed) for leaf in model.leaves] == [
        (50, Fraction(1, 2)),
        (70, 0),
        (900, -1),
        (100, None),
    ]


def test_a_time_map_that_counts_from_the_first_frame(opened):
    hour = asset(7, start=t(108000))
    model = opened(document(clip(7, 0, 10, 108100, points((0, 0), (1000, 2000))), resources=hour))
    assert source(model.leaves[0]) == 108000 + 200


def compound(key: str, *spine: str, begin: int = 0, **more: object) -> str:
    facts = {"format": "f1", "tcStart": t(begin), **more}
    return tag("media", tag("sequence", tag("spine", *spine), **facts), id=key, name=key)


def ref(key: str, offset: int, length: int, start: int, *inside: str, **more: object) -> str:
    return tag("ref-clip", *inside, ref=key, name=key, offset=t(offset), start=t(start), duration=t(length), **more)


def test_a_compound_clip_at_double_speed_and_with_a_connection(opened):
    inner = compound("c", clip(1, 0, 20), clip(2, 20, 20))
    joined = clip(3, 8, 4, lane=1)
    model = opened(document(ref("c", 0, 20, 0, points((0, 0), (20, 40)), joined), resources=inner))
    # The retime halves the compound's own items; the connected clip counts in retimed time and is not retimed.
    assert [(*row, leaf.speed) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 10, "m1", 2),
        (8, 12, "m3", 1),
        (10, 20, "m2", 2),
    ]


def test_a_compound_clip_backwards_and_frozen(opened):
    inner = compound("c", clip(1, 0, 20), clip(2, 20, 20))
    spine = (
        ref("c", 0, 40, 0, points((0, 40), (40, 0))),
        ref("c", 40, 10, 0, points((0, 25), (40, 25))),
    )
    model = opened(document(*spine, resources=inner))
    assert [(*row, leaf.speed) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 20, "m2", -1),
        (20, 40, "m1", -1),
        (40, 50, "m2", 0),
    ]
    assert source(model.leaves[2]) == 5


def test_a_compound_clip_that_says_no_start_plays_from_its_timecode(opened):
    inner = compound("c", clip(1, 900, 20), begin=900)
    unsaid = tag("ref-clip", ref="c", offset=t(0), duration=t(20), name="c")
    assert [row[:2] for row in rows(opened(document(unsaid, resources=inner)))] == [(0, 20)]
    from_zero = compound("c", clip(1, 0, 20), begin=900)
    assert [row[:2] for row in rows(opened(document(unsaid, resources=from_zero)))] == [(0, 20)]


def test_a_compound_clip_of_another_rate(opened):
    inner = form("f2", Fraction(24)) + compound("c", clip(1, 0, 20), format="f2")
    inner = inner.replace(t(20), "1s")
    model = opened(document(ref("c", 0, 60, 0), resources=inner, rate=Fraction(25)))
    assert model.leaves[0].end == 1


def test_a_compound_clip_that_contains_itself(opened):
    inner = compound("c", clip(1, 0, 10), ref("c", 10, 10, 0))
    model = opened(document(ref("c", 0, 20, 0), resources=inner))
    assert len(model.leaves) == 1
    assert any("contains itself" in warning for warning in model.warnings)


def test_compound_clips_that_multiply_are_refused(opened, monkeypatch):
    monkeypatch.setattr(cut_builder, "MAX_STEPS", 3000)
    levels = [compound(f"c{n}", *(ref(f"c{n + 1}", at, 1, 0) for at in range(30))) for n in range(6)]
    last = compound("c6", clip(1, 0, 10))
    wide = [compound(f"c{n}", *(ref(f"c{n + 1}", 0, 10, 0) for _ in range(30))) for n in range(6)]
    assert opened(document(ref("c0", 0, 5, 0), resources="".join([*levels, last]))).duration * RATE == 5
    with pytest.raises(TimelineError, match="nests within nests"):
        opened(document(ref("c0", 0, 5, 0), resources="".join([*wide, last])))


def test_a_multicam_clip_shows_the_chosen_angle(opened):
    angles = (
        tag("mc-angle", clip(1, 0, 50), name="Wide", angleID="A"),
        tag("mc-angle", gap(0, 5), clip(2, 5, 45, 300), name="Close", angleID="B"),
    )
    media = tag("media", tag("multicam", *angles, format="f1", tcStart="0s"), id="mc", name="mc")

    def cam(offset: int, start: int, **chosen: str) -> str:
        picks = [tag("mc-source", angleID=angle, srcEnable=what) for what, angle in chosen.items()]
        return tag("mc-clip", *picks, ref="mc", offset=t(offset), start=t(start), duration=t(10), name="mc")

    spine = (cam(0, 0, all="A"), cam(10, 10, audio="A", video="B"), cam(20, 20, audio="A"), cam(30, 30))
    model = opened(document(*spine, resources=media))
    assert [(*row[:2], leaf.angle, source(leaf)) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 10, "Wide", 0),
        (10, 20, "Close", 305),
        (30, 40, "Wide", 30),
    ]


def test_an_audition_shows_its_pick(opened):
    picks = (clip(2, 0, 30, 7), clip(1, 0, 40))
    spine = (clip(3, 0, 10, 0, tag("audition", *picks, lane=1, offset=t(4))), tag("audition", *picks, offset=t(10)))
    model = opened(document(*spine))
    assert rows(model) == [(0, 10, "m3"), (4, 34, "m2"), (10, 40, "m2")]


def test_clips_and_synchronized_clips_hold_others(opened):
    video = tag("video", ref="a1", offset="0s", duration=t(500))
    held = tag("clip", video, offset=t(0), start=t(100), duration=t(10), name="held")
    story = tag("spine", clip(2, 0, 20), clip(3, 20, 20))
    synced = tag("sync-clip", story, clip(4, 30, 99, lane=1), offset=t(10), start=t(15), duration=t(20), name="synced")
    model = opened(document(held, synced))
    assert [(*row, source(leaf)) for row, leaf in zip(rows(model), model.leaves, strict=True)] == [
        (0, 10, "held", 100),
        (10, 15, "m2", 15),
        (15, 30, "m3", 0),
        (25, 124, "m4", 0),  # connected clips are not cut off by what they are connected to
    ]


def test_a_retimed_clip_that_holds_another(opened):
    video = tag("video", ref="a1", offset="0s", duration=t(500))
    slow = tag("clip", points((0, 0), (200, 100)), video, offset=t(0), start=t(20), duration=t(10), name="slow")
    (leaf,) = opened(document(slow)).leaves
    assert (source(leaf), leaf.speed) == (10, Fraction(1, 2))


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
    with pytest.raises(TimelineError, match="--rate"):
        opened(text)
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


def test_compound_clips_stand_in_for_a_project(opened):
    inner = compound("Inner", clip(1, 0, 10)) + compound("Outer", ref("Inner", 0, 10, 0))
    model = opened(wrapped(resources=inner))
    assert (model.name, len(model.leaves)) == ("Outer", 1)


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


@st.composite
def items(draw, depth: int) -> Item:
    media: int | Story | None = draw(st.integers(1, 4) | st.none())
    if depth and draw(st.integers(0, 3)) == 0:
        media = draw(stories(depth=depth - 1))
    start = draw(st.integers(0, 40))
    if isinstance(media, Story):
        start = media.begin + draw(st.integers(0, 12))
    return Item(draw(st.integers(3, 15)), start, media, draw(st.booleans() | st.just(True)), draw(st.booleans()))


@st.composite
def stories(draw, depth: int = 1) -> Story:
    found = draw(st.lists(items(depth), min_size=1, max_size=4))
    lanes = draw(st.permutations([-3, -2, -1, 1, 2, 3, 4]))
    for item in found:
        for _ in range(draw(st.integers(0, 2)) if lanes else 0):
            if lanes:
                joined = draw(st.lists(items(max(0, depth - 1)), min_size=1, max_size=2))
                # Titles stand for sound here: they count as no picture in the rule.
                item.joined.append((lanes.pop(), draw(st.integers(0, 10)), joined))
    return Story(found, draw(st.sampled_from([0, 0, 1800, 108000])))


@given(stories())
@settings(max_examples=60, deadline=None)
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
