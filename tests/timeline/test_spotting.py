import io
import json
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import mido
import otio_make as make
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from otio_make import clip, dissolve, gap, track

from emsync_bridge.cli import main
from emsync_bridge.cue import DetectedShots, Note, Spotting, Take, TempoMap
from emsync_bridge.cue.serialization import from_document, to_document
from emsync_bridge.errors import TimelineError
from emsync_bridge.midi.writer import midi_bytes
from emsync_bridge.timeline.cut.from_shots import model_from_shots
from emsync_bridge.timeline.cut.model import CutModel, TimelineClip, TimelineMarker
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.spotting.spot import WEIGHTS, spot, spotting_document

RATE = Fraction(24)


def cut_model(*lengths, markers=(), rate=RATE, **more):
    """Clips of whole frames in a row, each of a file of its own."""
    leaves = []
    at = 0
    for number, length in enumerate(lengths):
        start, end = Fraction(at) / rate, Fraction(at + length) / rate
        leaves.append(
            TimelineClip(
                start, end, (0,), "picture", f"/m/{number}.mov", Fraction(0), Fraction(0), name=f"clip {number}"
            )
        )
        at += length
    return CutModel("Cut", rate, Fraction(at) / rate, tuple(leaves), markers=tuple(markers), **more)


def at(frame, name="", **more):
    return TimelineMarker(Fraction(frame) / RATE, name=name, **more)


def test_start_and_end_frame_the_hits():
    spotting = spot(cut_model(240, 240))
    assert [(hit.frame, hit.kind, hit.time) for hit in spotting.hits] == [
        (0, "start", 0.0),
        (240, "cut", 10.0),
        (480, "end", 20.0),
    ]
    assert spotting.duration == 20.0
    assert spotting.frames == 480
    assert [hit.frame for hit in spotting.answered_hits()] == [240]


def test_close_cuts_are_thinned_like_the_method_does():
    # cuts at 1, 4, 5, 9 and 12.9 s: the first is kept, then each that is 4 s or more after the last one kept
    spotting = spot(cut_model(24, 72, 24, 96, 94, 240))
    assert [hit.frame for hit in spotting.hits if hit.kind == "cut"] == [24, 96, 120, 216, 310]
    assert [hit.frame for hit in spotting.answered_hits()] == [24, 120, 216]


def test_the_heavier_of_two_close_hits_stays():
    spotting = spot(cut_model(240, 240, markers=[at(270, "door")]))
    assert [(hit.frame, hit.answered) for hit in spotting.hits] == [(0, True), (240, False), (270, True), (480, True)]


@given(
    st.lists(st.integers(3, 300), min_size=1, max_size=40),
    st.lists(st.integers(0, 2000), max_size=10),
    st.floats(0, 10).map(lambda gap: round(gap, 3)),
)
def test_answered_hits_are_far_enough_apart_and_no_more_fit_in(lengths, frames, min_gap):
    spotting = spot(cut_model(*lengths, markers=[at(frame) for frame in frames]), min_gap=min_gap)
    kept = [hit.frame for hit in spotting.answered_hits()]
    gap = Fraction(str(min_gap)) * RATE
    assert all(b - a >= gap for a, b in pairwise(kept))
    for hit in spotting.hits[1:-1]:
        if not hit.answered:
            rivals = [other for other in spotting.answered_hits() if abs(other.frame - hit.frame) < gap]
            assert rivals
            assert max(rival.weight for rival in rivals) >= hit.weight


@given(st.lists(st.integers(3, 300), min_size=1, max_size=40))
def test_shots_tile_the_timeline(lengths):
    spotting = spot(cut_model(*lengths))
    assert spotting.shots[0].start == 0
    assert spotting.shots[-1].end == spotting.duration
    assert all(a.end == b.start for a, b in pairwise(spotting.shots))
    assert [shot.start for shot in spotting.shots] == [hit.time for hit in spotting.hits[:-1]]


def test_everything_lies_on_the_frame_grid(tmp_path):
    rate = Fraction(24000, 1001)
    document = make.timeline(
        track(clip("A", 25, rate=25.0), clip("B", 31, rate=30.0), clip("C", 100, rate=23.976)), rate=23.976, start=0
    )
    spotting = spot(read_timeline(make.save(tmp_path, document)))
    assert spotting.rate == rate
    assert [hit.frame for hit in spotting.hits] == [0, 24, 49, 149]
    assert all(hit.time == float(hit.frame / rate) for hit in spotting.hits)
    assert all(shot.start == float(round(shot.start * rate) / rate) for shot in spotting.shots)


def test_music_aims_at_the_middle_of_a_transition(tmp_path):
    document = make.timeline(track(clip("A", 48), dissolve(0, 25), clip("B", 48, 200), clip("C", 48)))
    spotting = spot(read_timeline(make.save(tmp_path, document)))
    hit = spotting.hits[1]
    assert (hit.kind, hit.frame, hit.span, hit.weight, hit.name) == (
        "transition",
        61,
        (2.0, float(Fraction(73, 24))),
        WEIGHTS["transition"],
        "B",
    )
    assert spotting.shots[1].source_start == pytest.approx((200 + 13) / 24)


def test_black_is_heavier_than_a_cut_and_has_no_media(tmp_path):
    document = make.timeline(track(clip("A", 120), gap(120), clip("B", 120)))
    spotting = spot(read_timeline(make.save(tmp_path, document)))
    assert [(hit.name, hit.weight) for hit in spotting.hits[1:3]] == [("black", 0.9), ("B", 0.9)]
    assert spotting.shots[1].media is None


def test_a_marker_on_a_cut_lends_its_name_and_weight():
    spotting = spot(cut_model(240, 240, markers=[at(240, "slam"), at(0, "open"), at(480, "out")]))
    assert [(hit.kind, hit.name, hit.weight) for hit in spotting.hits] == [
        ("start", "open", 1.0),
        ("cut", "slam", 1.0),
        ("end", "out", 1.0),
    ]


def test_the_first_name_on_a_frame_stays():
    spotting = spot(cut_model(240, markers=[at(100), at(100, "", comment="note"), at(100, "late")]))
    assert spotting.hits[1].name == "note"


def test_marker_colours_choose_hits_but_not_directives():
    markers = [at(100, "a", color="RED"), at(200, "b", color="BLUE"), at(50, "emsync: joy", color="GREEN")]
    spotting = spot(cut_model(400, markers=markers), marker_colors=["red "])
    assert [hit.name for hit in spotting.hits if hit.kind == "marker"] == ["a"]
    assert [order.text for order in spotting.directives] == ["joy"]


def test_only_markers_leaves_the_shots_alone():
    spotting = spot(cut_model(240, 240, markers=[at(300, "x")]), only_markers=True)
    assert [hit.kind for hit in spotting.hits] == ["start", "marker", "end"]
    assert len(spotting.shots) == 2


def test_directives_are_orders_and_no_hits():
    markers = [
        at(24, "EMSYNC:  valence=-0.4 arousal=0.7 "),
        at(48, "scene 2", comment="emsync: silence", duration=Fraction(2)),
        at(120, "emsync:", comment="joy"),
        at(240, "Emsync : fear", duration=1 / RATE),
    ]
    spotting = spot(cut_model(240, 240, markers=markers))
    assert [(order.start, order.text, order.end) for order in spotting.directives] == [
        (1.0, "valence=-0.4 arousal=0.7", None),
        (2.0, "silence", 4.0),
        (5.0, "joy", None),
        (10.0, "fear", None),
    ]
    assert [(hit.frame, hit.kind, hit.name) for hit in spotting.hits[1:-1]] == [(240, "cut", "clip 1")]


def test_a_directive_without_an_order_is_mentioned():
    spotting = spot(cut_model(240, markers=[at(24, "emsync:")], start_frame=86400))
    assert spotting.directives == ()
    assert spotting.warnings == ("The marker at 01:00:01:00 says 'emsync:' and no order after it",)


def test_own_markers_are_neither_hits_nor_orders():
    markers = [at(100, "hit", ours=True), at(110, "emsync: joy", ours=True)]
    spotting = spot(cut_model(240, markers=markers))
    assert len(spotting.hits) == 2
    assert spotting.directives == ()


def test_markers_after_the_end_are_mentioned():
    spotting = spot(cut_model(240, markers=[at(300), at(400)]))
    assert spotting.warnings == ("2 markers lie after the end and cannot be hit",)


def test_markers_before_the_start_are_mentioned():
    spotting = spot(cut_model(240, markers=[at(-30), at(12), at(300)]))
    assert spotting.warnings == (
        "1 marker lies before the start and cannot be hit",
        "1 marker lies after the end and cannot be hit",
    )
    assert [hit.frame for hit in spotting.hits] == [0, 12, 240]


def test_orders_outside_of_the_cut_are_mentioned_and_do_not_make_the_midi_file_longer(tmp_path):
    inside = [at(-30, "emsync: calm"), at(-40, "emsync: sad", duration=Fraction(50, RATE)), at(239, "emsync: joy")]
    outside = [at(-50, "emsync: fear", duration=Fraction(20, RATE)), at(240, "emsync: anger"), at(3000, "emsync: awe")]
    spotting = spot(cut_model(240, markers=[*inside, *outside]))
    assert [order.text for order in spotting.directives] == ["sad", "calm", "joy"]
    said = [
        f"The order 'emsync: {order}' at {place} is"
        for order, place in (("anger", "00:00:10:00"), ("awe", "00:02:05:00"))
    ]
    assert all(any(warning.startswith(each) for warning in spotting.warnings) for each in said)
    assert len(spotting.warnings) == 3
    take = Take(1, (Note(0, 24, "piano", 60, 80),), TempoMap(), key="D minor")
    file = mido.MidiFile(file=io.BytesIO(midi_bytes(take, spotting)))
    assert file.length == pytest.approx(10.0, abs=0.01)
    texts = [message.text for message in file.tracks[0] if message.type == "marker"]
    assert [text for text in texts if text.startswith("emsync")] == ["emsync: sad", "emsync: calm", "emsync: joy"]


def test_source_times_count_from_the_beginning_of_the_file():
    def first_shot(**more):
        leaf = TimelineClip(Fraction(0), Fraction(2), (0,), "picture", "/m/a.mov", **more)
        return spot(CutModel("x", RATE, Fraction(2), (leaf,))).shots[0]

    known = first_shot(source=Fraction(36010), media_start=Fraction(36000))
    assert (known.source_start, known.source_end) == (10.0, 12.0)
    plausible = first_shot(source=Fraction(10))
    assert (plausible.source_start, plausible.source_end) == (10.0, 12.0)
    timecode = first_shot(source=Fraction(36010))
    assert (timecode.source_start, timecode.source_end) == (None, None)
    unknown = first_shot()
    assert (unknown.source_start, unknown.source_end) == (None, None)
    fast = first_shot(source=Fraction(10), speed=Fraction(2))
    assert (fast.source_start, fast.source_end) == (10.0, 14.0)
    ramp = first_shot(source=Fraction(10), speed=None)
    assert (ramp.source_start, ramp.source_end) == (10.0, None)
    before = first_shot(source=Fraction(10), media_start=Fraction(100))
    assert (before.source_start, before.source_end) == (None, None)


@pytest.mark.parametrize("min_gap", [-1.0, float("nan"), float("inf")])
def test_a_senseless_gap_is_refused(min_gap):
    with pytest.raises(TimelineError):
        spot(cut_model(24), min_gap=min_gap)


def test_an_empty_timeline_is_refused():
    with pytest.raises(TimelineError, match="empty"):
        spot(CutModel("x", RATE, Fraction(0)))


def test_the_document_is_laid_out_as_promised():
    model = cut_model(240, 240, markers=[at(100, "emsync: joy")], rate=Fraction(24000, 1001), start_frame=86400)
    document = spotting_document(spot(model))
    assert document["rate"] == "24000/1001"
    assert document["start_timecode"] == "01:00:00:00"
    assert list(document) == [
        "name", "duration", "rate", "drop_frame", "start_timecode", "hits", "shots", "directives", "warnings",
    ]  # fmt: skip
    assert document["hits"][1] == {
        "time": float(240 / Fraction(24000, 1001)),
        "frame": 240,
        "timecode": "01:00:10:00",
        "kind": "cut",
        "weight": 0.8,
        "name": "clip 1",
        "answered": True,
    }
    assert list(document["shots"][0]) == ["start", "end", "media", "source_start", "source_end"]
    assert document["directives"][0]["text"] == "joy"


def test_a_spotting_survives_json():
    spotting = spot(cut_model(240, 240, markers=[at(100, "emsync: joy")]))
    assert from_document(Spotting, to_document(spotting)) == spotting


def test_a_plain_video_is_spotted_by_its_detected_shots():
    rate = Fraction(30000, 1001)
    model = model_from_shots("film", Path("/m/film.mp4"), DetectedShots(rate, 60.06, (20.02, 40.04), ((29.9, 31.0),)))
    spotting = spot(model, min_gap=0)
    assert [(hit.kind, hit.frame) for hit in spotting.hits] == [
        ("start", 0),
        ("cut", 600),
        ("transition", 913),
        ("cut", 1200),
        ("end", 1800),
    ]
    assert [shot.source_start for shot in spotting.shots] == [shot.start for shot in spotting.shots]
    assert {shot.media for shot in spotting.shots} == {str(Path("/m/film.mp4"))}


def test_cuts_inside_a_dissolve_of_a_plain_video_are_its_edit():
    model = model_from_shots("film", Path("film.mp4"), DetectedShots(RATE, 20, (5.0, 10.0, 10.4), ((9.5, 10.5),)))
    assert [hit.frame for hit in spot(model).hits] == [0, 120, 240, 480]


def test_a_video_without_length_is_refused():
    with pytest.raises(TimelineError, match="no length"):
        model_from_shots("film", Path("film.mp4"), DetectedShots(RATE, Fraction(0)))


def flashes(tmp_path):
    pieces = [("A", 48), ("flash", 2), ("B", 46), ("C", 47), ("tail", 1)]
    return make.save(tmp_path, make.timeline(make.track(*(make.clip(name, length) for name, length in pieces))))


def test_flash_frames_count_as_one_hit_and_are_named(tmp_path):
    spotting = spot(read_timeline(flashes(tmp_path)))
    assert [(hit.frame, hit.merged) for hit in spotting.hits] == [(0, ()), (50, (48,)), (96, ()), (144, (143,))]
    assert any("48, 143" in warning for warning in spotting.warnings)
    document = spotting_document(spotting)
    assert [hit.get("merged") for hit in document["hits"]] == [None, [48], None, [143]]


def test_all_changes_can_be_seen(tmp_path):
    spotting = spot(read_timeline(flashes(tmp_path)), all_changes=True)
    assert [hit.frame for hit in spotting.hits] == [0, 48, 50, 96, 143, 144]
    assert not any(hit.merged for hit in spotting.hits)
    assert not any("within 2.5 frames" in warning for warning in spotting.warnings)


def test_the_command_lists_flash_frames_on_request(tmp_path):
    path = str(flashes(tmp_path))
    told = CliRunner().invoke(main, ["spot", path])
    assert "within 2.5 frames" in told.stderr
    listed = json.loads(CliRunner().invoke(main, ["spot", path, "--all-changes", "--json"]).stdout)
    assert [hit["frame"] for hit in listed["hits"]] == [0, 48, 50, 96, 143, 144]
