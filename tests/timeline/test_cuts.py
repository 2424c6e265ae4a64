"""The edge cases of an editor's day, each as small as it can be, and the cuts that a viewer sees."""

from __future__ import annotations

from fractions import Fraction

import otio_make as make
import pytest
from otio_make import clip, dissolve, gap, stack, track, warp

from emsync_bridge.timeline.cut.edits import cut_list, seen_shots
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineTransition
from emsync_bridge.timeline.reading import read_timeline


def edits_of(tmp_path, *tracks, **more):
    found = cut_list(read_timeline(make.save(tmp_path, make.timeline(*tracks, **more))))
    return [(edit.frame, edit.center, edit.kind) for edit in found.edits]


def cuts(*frames):
    return [(frame, frame, "cut") for frame in frames]


A, B, C = clip("A", 48), clip("B", 48), clip("C", 48)
LONG = clip("A", 96)
TITLE = clip("Title", 24, media=make.missing())
RESOLVE = {"metadata": {"Resolve_OTIO": {"Resolve OTIO Meta Version": "1.0"}}}

CASES = {
    "two clips": ([track(A, B)], cuts(48)),
    "one clip": ([track(LONG)], []),
    "upper clip over a long lower clip": ([track(LONG), track(gap(24), clip("B", 24))], cuts(24, 48)),
    "disabled clip above": ([track(LONG), track(gap(24), clip("B", 24, enabled=False))], []),
    "disabled track above": ([track(LONG), track(gap(24), clip("B", 24), enabled=False)], []),
    "disabled nest above": ([track(LONG), track(gap(24), stack(track(clip("B", 24)), enabled=False))], []),
    "disabled clip with nothing below": ([track(clip("A", 43), clip("B", 36, enabled=False))], [(43, 43, "to_black")]),
    "adjacent gaps above": ([track(LONG), track(gap(30), gap(66))], []),
    "gap at the head": ([track(gap(240), A)], [(240, 240, "from_black")]),
    "gap inside": ([track(A, gap(24), B)], [(48, 48, "to_black"), (72, 72, "from_black")]),
    "gap at the tail": ([track(A, gap(24))], [(48, 48, "to_black")]),
    "gap of one frame is one event": ([track(A, gap(1), B)], cuts(49)),
    "flash of two frames is one event": ([track(A, clip("B", 2), C)], cuts(50)),
    "shot of three frames is two": ([track(A, clip("B", 3), C)], cuts(48, 51)),
    "flicker of two-frame shots does not melt": (
        [track(A, *(clip(f"F{n}", 2) for n in range(4)), B)],
        cuts(50, 54, 56),
    ),
    "one frame at the head is no event": ([track(gap(1), A, B)], cuts(49)),
    "one frame at the tail is no event": ([track(A, B, gap(1))], cuts(48)),
    "generator over picture": ([track(LONG), track(gap(24), clip("matte", 24, media=make.generator()))], []),
    "generator over nothing": (
        [track(A, gap(24), B), track(gap(48), clip("matte", 24, media=make.generator()))],
        cuts(48, 72),
    ),
    "adjustment layer over nothing": (
        [track(A, gap(24), B), track(clip("Adjustment Layer", 120, media=make.missing()))],
        [(48, 48, "to_black"), (72, 72, "from_black")],
    ),
    "watermark across everything": ([track(A, B, C), track(clip("mark", 144))], cuts(48, 96)),
    "full-length item over leftovers is the picture": (
        [track(gap(20), clip("B", 9), clip("C", 9)), track(clip("A", 200))],
        [],
    ),
    "transparent graphic by its name": (
        [track(LONG), track(gap(24), clip("L", 24, media="/m/Lower Third 1.png"))],
        [],
    ),
    "centred dissolve": ([track(A, dissolve(12, 12), B)], [(48, 48, "transition")]),
    "dissolve from the edit on": ([track(A, dissolve(0, 25), B)], [(48, 61, "transition")]),
    "one-sided fade from black": ([track(gap(48), dissolve(0, 12), A)], [(48, 54, "from_black")]),
    "one-sided fade to black": ([track(A, dissolve(12, 0), gap(48))], [(48, 42, "to_black")]),
    "fade-in at 0 and fade-out at the end": ([track(dissolve(0, 12), A, B, dissolve(12, 0))], cuts(48)),
    "transition at the upper track's end": (
        [track(LONG), track(clip("B", 48), dissolve(12, 0))],
        [(48, 42, "transition")],
    ),
    "dissolve half covered from above": (
        [track(A, dissolve(12, 12), B), track(gap(40), clip("C", 20))],
        cuts(40, 60),
    ),
    "dissolve covered from above up to its middle": (
        [track(A, dissolve(12, 12), B), track(gap(30), clip("C", 18))],
        [(30, 30, "cut"), (48, 48, "transition")],
    ),
    "dissolve under an upper clip": ([track(A, dissolve(6, 6), B), track(gap(24), clip("C", 48))], cuts(24, 72)),
    "trimmed nest": (
        [track(A, stack(track(clip("n1", 24), clip("n2", 24)), source_range=make.span(12, 24)), B)],
        cuts(48, 60, 72),
    ),
    "child shorter than its nest": (
        [track(A, stack(track(clip("n", 24)), source_range=make.span(0, 29)), B)],
        [(48, 48, "cut"), (72, 72, "to_black"), (77, 77, "from_black")],
    ),
    "clips of a nest are cut off at its edges": (
        [track(A, stack(track(clip("n", 500)), source_range=make.span(100, 24)), B)],
        cuts(48, 72),
    ),
    "dissolve between nests": (
        [track(stack(track(A)), dissolve(6, 6), stack(track(B)))],
        [(48, 48, "transition")],
    ),
    "track in a track": ([track(A, track(clip("x", 24), clip("y", 24)), B)], cuts(48, 72, 96)),
    "nest at double speed": (
        [track(A, stack(track(clip("n1", 24), clip("n2", 24)), source_range=make.span(0, 24), effects=[warp(2.0)]), B)],
        cuts(48, 60, 72),
    ),
    "frozen nest": (
        [
            track(
                A,
                stack(
                    track(clip("n1", 24), clip("n2", 24)),
                    source_range=make.span(30, 24),
                    effects=[warp(0.0, "FreezeFrame.1")],
                ),
                B,
            )
        ],
        cuts(48, 72),
    ),
    "nest played backwards": (
        [track(A, stack(track(clip("n1", 8), clip("n2", 16)), source_range=make.span(0, 24), effects=[warp(-1.0)]), B)],
        cuts(48, 64, 72),
    ),
    "speed leaves the length alone": ([track(clip("A", 48, effects=[warp(2.0)]), B)], cuts(48)),
    "speed ramp": ([track(clip("A", 48, effects=[{**warp(0), "OTIO_SCHEMA": "TimeEffect.1"}]), B)], cuts(48)),
    "through edit": ([track(clip("A", 48), clip("A", 48, 48), B)], cuts(96)),
    "through edit of a renamed clip": ([track(clip("A", 48, media="/x"), clip("A2", 48, 48, media="/x"))], cuts(48)),
    "the same frames twice": ([track(clip("A", 24), clip("A", 24))], cuts(24)),
    "source jump of one frame": ([track(clip("A", 24), clip("A", 24, 25))], cuts(24)),
    "source off by a rounding": ([track(clip("A", 24), clip("A", 24, 24.5))], []),
    "one proxy path for different clips": (
        [track(clip("A", 24, media="/p"), clip("A", 24, 500, media="/p"))],
        cuts(24),
    ),
    "freeze, then play": ([track(clip("A", 24, 10, effects=[warp(0.0, "FreezeFrame.1")]), clip("A", 24, 11))], []),
    "play, then freeze": ([track(clip("A", 24, 10), clip("A", 24, 34, effects=[warp(0.0)]))], []),
    "freeze of another frame": ([track(clip("A", 24, 10), clip("A", 24, 60, effects=[warp(0.0)]))], cuts(24)),
    "reverse that carries on": (
        [track(clip("A", 24, 500, effects=[warp(-1.0)]), clip("A", 24, 476, effects=[warp(-1.0)]))],
        [],
    ),
    "speed change that carries on": ([track(clip("A", 24, effects=[warp(2.0)]), clip("A", 24, 48))], []),
    "through edit under a dissolve is an event": (
        [track(clip("A", 48), dissolve(12, 12), clip("A", 48, 48))],
        [(48, 48, "transition")],
    ),
    "finished film cut up": ([track(*(clip("film", 24, n * 24) for n in range(7)))], cuts(24, 48, 72, 96, 120, 144)),
    "a few blades in one take": ([track(*(clip("take", 24, n * 24) for n in range(5)))], []),
    "blades among real cuts": (
        [
            track(
                *(
                    clip(name, 24, at)
                    for name, at in [("A", 0), ("A", 24), ("B", 0), ("B", 24), ("C", 0), ("C", 24), ("D", 0)]
                )
            )
        ],
        cuts(48, 96, 144),
    ),
    "25 in 24": ([track(clip("A", 50, rate=25.0), clip("B", 48), clip("C", 48), clip("D", 48))], cuts(48, 96, 144)),
    "sound has no picture": (
        [track(A, B), track(C, clip("S", 72), kind="Audio")],
        [(48, 48, "cut"), (96, 96, "to_black")],
    ),
    "missing media is still a picture": (
        [track(LONG), track(gap(24), clip("B", 24, media=make.missing()))],
        cuts(24, 48),
    ),
    "no length of its own": ([track(clip("A", 0, available=(0, 48), source_range=None), B)], cuts(48)),
}


@pytest.mark.parametrize("name", CASES)
def test_edge_case(tmp_path, name):
    tracks, expected = CASES[name]
    assert edits_of(tmp_path, *tracks) == expected


EDITOR_CASES = {
    "title over picture": ([track(LONG), track(gap(24), TITLE)], []),
    "title over nothing between two halves": (
        [track(A, gap(24), clip("A", 48, 72)), track(gap(48), TITLE)],
        cuts(48, 72),
    ),
    "offline clip that Resolve knows the path of": (
        [track(LONG), track(gap(24), clip("x", 24, media=make.missing({"Resolve_OTIO": {"Media Url": "/m/x.mov"}})))],
        cuts(24, 48),
    ),
    "offline clip named like a file": (
        [track(LONG), track(gap(24), clip("x.mov", 24, media=make.missing()))],
        cuts(24, 48),
    ),
}


@pytest.mark.parametrize("name", EDITOR_CASES)
def test_edge_case_in_a_file_that_an_editor_wrote(tmp_path, name):
    tracks, expected = EDITOR_CASES[name]
    assert edits_of(tmp_path, *tracks, **RESOLVE) == expected


def test_start_timecode_is_never_added(tmp_path):
    assert edits_of(tmp_path, track(A, B), start=86400) == cuts(48)


def test_overlay_and_cut_up_film_are_mentioned(tmp_path):
    document = make.timeline(track(A, B, C), track(clip("Mixdown", 144)))
    assert (
        "'Mixdown' lies over the whole picture with 2 cuts below"
        in cut_list(read_timeline(make.save(tmp_path, document))).warnings[0]
    )
    film = make.timeline(track(*(clip("film", 24, n * 24) for n in range(7))))
    assert "6 of 6 edits join pieces of one source" in cut_list(read_timeline(make.save(tmp_path, film))).warnings[0]


def test_the_end_of_the_picture_is_mentioned(tmp_path):
    document = make.timeline(track(A), track(clip("S", 96), kind="Audio"), start=86400)
    (warning,) = cut_list(read_timeline(make.save(tmp_path, document))).warnings
    assert warning == "The picture ends at 01:00:02:00, the timeline at 01:00:04:00"


def test_overlapping_events_of_one_layer_show_the_later_one():
    def leaf(name, start, end):
        return TimelineClip(Fraction(start), Fraction(end), (0,), "picture", name, Fraction(0), name=name)

    model = CutModel("edl", Fraction(24), Fraction(9), (leaf("A", 0, 4), leaf("B", 3, 6), leaf("C", 6, 9)))
    assert [edit.frame for edit in cut_list(model).edits] == [72, 144]


def test_multicam_angles_are_cuts_and_blades_are_not():
    def leaf(angle, second):
        return TimelineClip(
            Fraction(second), Fraction(second + 1), (0,), "picture", "mc", Fraction(second), name="mc", angle=angle
        )

    leaves = tuple(leaf(angle, second) for second, angle in enumerate("1122"))
    model = CutModel("multicam", Fraction(25), Fraction(4), leaves)
    assert [edit.frame for edit in cut_list(model).edits] == [50]


def test_a_transition_whose_edit_lies_elsewhere_in_its_span():
    leaves = tuple(
        TimelineClip(Fraction(start), Fraction(end), (0,), "picture", name, Fraction(0), name=name)
        for name, start, end in (("A", 0, 4), ("B", 4, 8))
    )
    spanning = TimelineTransition(Fraction(4), Fraction(5), Fraction(4), (0,))
    (edit,) = cut_list(CutModel("edl", Fraction(24), Fraction(8), leaves, (spanning,))).edits
    assert (edit.frame, edit.center, edit.kind, edit.span) == (96, 108, "transition", (96, 120))


def test_shots_tile_the_timeline_and_keep_their_source_through_joins():
    names = [("A", 0, 0), ("A", 2, 2), ("B", 4, 50)]
    leaves = tuple(
        TimelineClip(Fraction(at), Fraction(at + 2), (0,), "picture", name, Fraction(source), name=name)
        for name, at, source in names
    )
    cut = cut_list(CutModel("x", Fraction(24), Fraction(6), leaves))
    first, second = seen_shots(cut, [edit.center for edit in cut.edits])
    assert (first.start, first.end, second.start, second.end) == (0, 96, 96, 144)
    assert first.first is leaves[0]
    assert first.last is leaves[1]
    assert second.first is second.last is leaves[2]
