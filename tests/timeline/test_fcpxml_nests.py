"""FCPXML in: retimed clips, and clips that hold others."""

from __future__ import annotations

from fractions import Fraction

import pytest
from fcpxml_text import RATE, asset, clip, compound, document, form, gap, points, ref, rows, source, t, tag, wrapped
from xml_cuts import opening

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut import builder
from emsync_bridge.timeline.reading import read_timeline as read


@pytest.fixture
def opened(tmp_path):
    return opening(read, tmp_path / "cut.fcpxml")


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
    monkeypatch.setattr(builder, "MAX_STEPS", 3000)
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


def test_compound_clips_stand_in_for_a_project(opened):
    inner = compound("Inner", clip(1, 0, 10)) + compound("Outer", ref("Inner", 0, 10, 0))
    model = opened(wrapped(resources=inner))
    assert (model.name, len(model.leaves)) == ("Outer", 1)
