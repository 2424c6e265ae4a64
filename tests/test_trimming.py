"""Trimming of a spotting to a range: hits strictly inside, a start and an end, times from the range's start."""

from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from emsync_bridge.cue import HitPoint, Shot, Spotting
from emsync_bridge.cue.trimming import trim_spotting
from emsync_bridge.errors import TimelineError

RATE = Fraction(24000, 1001)
FRAMES = 240
CUTS = (24, 48, 100, 143, 200)


def hit(frame, kind="cut"):
    return HitPoint(float(frame / RATE), frame, kind)


ENDS = (0, *CUTS, FRAMES)
FRAME = st.integers(0, FRAMES) | st.sampled_from(ENDS)
WHOLE = Spotting(
    "cut",
    float(FRAMES / RATE),
    RATE,
    start_frame=86400,
    hits=(hit(0, "start"), *map(hit, CUTS), hit(FRAMES, "end")),
    shots=tuple(
        Shot(float(a / RATE), float(b / RATE), "a.mov", 10 + float(a / RATE), 10 + float(b / RATE))
        for a, b in pairwise(ENDS)
    ),
)


@given(FRAME, FRAME)
@example(48, 143)
def test_what_lies_strictly_inside_stays_and_counts_from_the_new_start(first, last):
    if last - first < RATE:
        with pytest.raises(TimelineError, match="at least 1 s"):
            trim_spotting(WHOLE, float(first / RATE), float(last / RATE))
        return
    part = trim_spotting(WHOLE, float(first / RATE), float(last / RATE))
    inside = [frame - first for frame in CUTS if first < frame < last]
    assert [each.frame for each in part.hits] == [0, *inside, last - first]
    assert [each.kind for each in part.hits] == ["start", *["cut"] * len(inside), "end"]
    assert all(each.time == pytest.approx(float(each.frame / RATE)) for each in part.hits)
    assert part.start_frame == WHOLE.start_frame + first
    assert part.duration == pytest.approx(float((last - first) / RATE))
    assert part.shots[0].start == pytest.approx(0)
    assert part.shots[-1].end == pytest.approx(part.duration)
    for shot in part.shots:  # each shows the same frames of the media as before
        assert shot.source_start == pytest.approx(10 + shot.start + float(first / RATE))
        assert shot.source_end - shot.source_start == pytest.approx(shot.end - shot.start)


def test_a_range_beyond_the_ends_is_the_whole_cut():
    part = trim_spotting(WHOLE, -5.0, 1000.0)
    assert part == replace(WHOLE, shots=part.shots, hits=part.hits)
    assert [each.frame for each in part.hits] == [0, *CUTS, FRAMES]
