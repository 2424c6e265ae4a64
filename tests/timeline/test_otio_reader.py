"""OpenTimelineIO in: goldens, dialects, and documents that the library refuses."""

from __future__ import annotations

import json
from fractions import Fraction

import otio_make as make
import pytest
from otio_make import SHARED, clip, dissolve, gap, marker, stack, track, warp

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.reading import read_timeline

NTSC = Fraction(1000, 1001)

# Worked out from the files by hand: lengths of the children of each track, added up.
GOLDENS = {
    # Letter_A 3, gap 3, Letter_C 3
    "otio_markers.otio": ("24", 9, 100, [(3, 3, "to_black"), (6, 6, "from_black")]),
    # six tracks of one clip of about a second each: the uppermost hides the rest
    "otio_mixed_rates.otio": ("24", 24, 0, []),
    # 238 + 31 + 33 + 29 + 63 + 4 + 238; the slowed nest fills its 29 frames, the frozen one its 4
    "otio_nested_freeze.otio": ("24", 636, 0, [(f, f, "cut") for f in (238, 269, 302, 331, 394, 398)]),
    # 204 + 200 + 200 + 182 + 244 with dissolves of 50 + 50 under graphics with transparency
    "otio_overlay_fades_60fps.otio": ("60", 1030, 0, [(f, f, "transition") for f in (204, 404, 604, 786)]),
    # 50 + 50 + 50; the first and the last transition fade the timeline in and out
    "otio_transitions.otio": ("24", 150, 0, [(50, 50, "transition"), (100, 100, "cut")]),
    # the uppermost track that is filled, Video 5: 500 + 316 + 211 + 98 frames of clips that are offline
    "resolve18_multitrack_effects.otio": ("24", 1125, 86400, [(f, f, "cut") for f in (500, 816, 1027)]),
    # 596 + 904 of one file, contiguous, with a dissolve of 50 + 50 between
    "resolve21_dissolve.otio": ("50", 1500, 180000, [(596, 596, "transition")]),
    "resolve21_retime_50pct.otio": ("50", 1500, 180000, []),
}


@pytest.mark.parametrize("name", GOLDENS)
def test_real_files(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip("the sample timelines are not here")
    rate, frames, start, edits = GOLDENS[name]
    model = read_timeline(path)
    found = cut_list(model)
    assert (str(model.rate), found.frames, model.start_frame) == (rate, frames, start)
    assert [(edit.frame, edit.center, edit.kind) for edit in found.edits] == edits


def read(tmp_path, document, **options):
    return read_timeline(make.save(tmp_path, document), **options)


def marked(model):
    return [(marker.time * model.rate, marker.name, marker.scope) for marker in model.markers]


def test_speed_of_a_real_retime_is_half():
    path = SHARED / "resolve21_retime_50pct.otio"
    if not path.exists():
        pytest.skip("the sample timelines are not here")
    (leaf,) = read_timeline(path).leaves
    assert (leaf.speed, leaf.source, leaf.media_start) == (Fraction(1, 2), 36000, 36000)
    assert leaf.media.startswith("E:\\SHOWREEL")


# frame rate and start


@pytest.mark.parametrize(
    ("rate", "exact"),
    [
        (23.976, 24 * NTSC),
        (23.98, 24 * NTSC),
        (23.976023976, 24 * NTSC),
        (24.0, 24),
        (25, 25),
        (29.97, 30 * NTSC),
        (30.0, 30),
        (50.0, 50),
        (59.94, 60 * NTSC),
        (59.94005994, 60 * NTSC),
        (60.0, 60),
    ],
)
def test_rates_are_exact(tmp_path, rate, exact):
    model = read(
        tmp_path, make.timeline(track(clip("A", 100, rate=rate), clip("B", 100, rate=rate)), start=0, rate=rate)
    )
    assert model.rate == exact
    assert [edit.frame for edit in cut_list(model).edits] == [100]


def test_rate_comes_from_picture_never_from_sound(tmp_path):
    sound = track(*(clip(f"S{n}", 48000, rate=48000.0) for n in range(5)), kind="Audio")
    assert read(tmp_path, make.timeline(track(clip("A", 100, rate=25.0)), sound)).rate == 25
    assert read(tmp_path, make.timeline(sound, track(clip("A", 100, rate=25.0)), start=0, rate=1.0)).rate == 25


def test_rate_of_most_clips_counts_when_the_start_says_nothing(tmp_path):
    tracks = track(clip("A", 100, rate=30.0), clip("B", 100, rate=30.0), clip("C", 100, rate=25.0))
    assert read(tmp_path, make.timeline(tracks)).rate == 30
    assert read(tmp_path, make.timeline(tracks, start=0, rate=24.0)).rate == 30
    assert read(tmp_path, make.timeline(tracks, start=86400, rate=24.0)).rate == 24


def test_the_user_may_give_the_rate(tmp_path):
    model = read(tmp_path, make.timeline(track(clip("A", 50, rate=25.0), clip("B", 50, rate=25.0))), rate=Fraction(50))
    assert model.rate == 50
    assert [edit.frame for edit in cut_list(model).edits] == [100]


def test_a_document_in_seconds_is_given_a_rate(tmp_path):
    model = read(tmp_path, make.timeline(track(clip("A", 2, rate=1.0), clip("B", 2, rate=1.0))))
    assert model.rate == 24
    assert "24 frames per second are assumed" in model.warnings[0]


@pytest.mark.parametrize(
    ("rate", "start", "drop"),
    [(29.97, 107892, True), (29.97, 108000, False), (29.97, 0, False), (59.94, 215784, True), (30.0, 107892, False)],
)
def test_drop_frame_shows_in_the_start_timecode(tmp_path, rate, start, drop):
    model = read(tmp_path, make.timeline(track(clip("A", 10, rate=rate)), start=start, rate=rate))
    assert (model.drop_frame, model.start_frame) == (drop, start)


def test_an_edl_adapters_negative_start_is_the_start_timecode(tmp_path):
    tracks = track(clip("A", 24), clip("B", 24), source_range=make.span(-86400, 48))
    model = read(tmp_path, make.timeline(tracks))
    assert model.start_frame == 86400
    assert [edit.frame for edit in cut_list(model).edits] == [24]


# what clips show


def test_kinds_and_media(tmp_path):
    sequence = {
        "OTIO_SCHEMA": "ImageSequenceReference.1",
        "target_url_base": "file:///plates",
        "name_prefix": "shot.",
        "name_suffix": ".exr",
        "start_frame": 1001,
        "frame_step": 1,
        "rate": 24.0,
        "frame_zero_padding": 4,
        "missing_frame_policy": "error",
        "metadata": {},
        "available_range": make.span(1001, 48),
    }
    tracks = track(
        clip("file", 24, 10, media="/m/a.mov", available=(5, 100)),
        clip("plates", 24, 1001, media=sequence),
        clip("bars", 24, media=make.generator("SMPTEBars")),
        clip("still", 24, media=make.external(None)),
        clip("offline", 24, media=make.missing()),
        clip("Adjustment Clip", 24, media=make.missing()),
    )
    leaves = read(tmp_path, make.timeline(tracks)).leaves
    assert [(leaf.kind, leaf.media) for leaf in leaves] == [
        ("picture", "/m/a.mov"),
        ("picture", "file:///plates/shot.%04d.exr"),
        ("generator", None),
        ("missing", None),
        ("missing", None),
        ("adjustment", None),
    ]
    assert (leaves[0].source, leaves[0].media_start) == (Fraction(10, 24), Fraction(5, 24))


def test_another_reference_is_used_when_the_active_one_is_missing(tmp_path):
    both = clip("A", 24)
    both["media_references"] = {"DEFAULT_MEDIA": make.missing(), "proxy": make.external("/proxy/a.mov")}
    (leaf,) = read(tmp_path, make.timeline(track(both))).leaves
    assert leaf.media == "/proxy/a.mov"


def test_source_of_a_trimmed_and_nested_clip(tmp_path):
    inner = track(clip("n1", 24, 100), clip("n2", 24, 200, effects=[warp(2.0)]))
    nest = stack(inner, source_range=make.span(12, 24), effects=[warp(0.5)])
    first, second, third = read(tmp_path, make.timeline(track(clip("A", 24), nest, clip("B", 24)))).leaves[:3]
    assert (first.name, second.name, third.name) == ("A", "n1", "B")
    # half speed: 24 frames of the nest show its frames 12 to 24, which are frames 112 to 124 of n1
    assert (second.start * 24, second.end * 24, second.source * 24, second.speed) == (24, 48, 112, Fraction(1, 2))


@pytest.mark.parametrize(
    ("start", "available", "source"),
    [(500, None, 500), (0, None, 24), (100, (100, 200), 124), (150, (100, 200), 150)],
)
def test_reversed_clips_stay_inside_their_media(tmp_path, start, available, source):
    document = make.timeline(track(clip("A", 24, start, available=available, effects=[warp(-1.0)])))
    (leaf,) = read(tmp_path, document).leaves
    assert (leaf.source * 24, leaf.speed) == (source, -1)


def test_a_ramp_knows_where_it_begins(tmp_path):
    ramp = {**warp(0), "OTIO_SCHEMA": "TimeEffect.1"}
    (leaf,) = read(tmp_path, make.timeline(track(clip("A", 24, 48, effects=[ramp])))).leaves
    assert (leaf.speed, leaf.source) == (None, 2)


def test_disabled_effects_do_nothing(tmp_path):
    (leaf,) = read(tmp_path, make.timeline(track(clip("A", 24, effects=[warp(2.0) | {"enabled": False}])))).leaves
    assert leaf.speed == 1


def test_clips_without_any_length_are_mentioned_once(tmp_path):
    endless = clip("A", 0, source_range=None)
    model = read(tmp_path, make.timeline(track(endless, clip("B", 24), endless)))
    assert [leaf.name for leaf in model.leaves] == ["B"]
    assert model.warnings == ("Some clips have no length in the document and are left out",)


# Premiere's lengths


def premiere(*tracks, **more):
    return make.timeline(*tracks, metadata={"PremierePro_OTIO": {"MetadataVersion": "1.0"}}, **more)


def test_premiere_lengths_where_the_tracks_decide(tmp_path):
    fast = clip("A", 96, effects=[warp(2.0)])
    scaled = premiere(track(fast, clip("B", 48)), track(clip("S", 96), kind="Audio"))
    assert [edit.frame for edit in cut_list(read(tmp_path, scaled)).edits] == [48]
    plain = premiere(track(fast, clip("B", 48)), track(clip("S", 144), kind="Audio"))
    assert [edit.frame for edit in cut_list(read(tmp_path, plain)).edits] == [96]


def test_premiere_lengths_where_the_media_decides(tmp_path):
    slow = clip("A", 96, available=(0, 48), effects=[warp(0.5)])
    assert [edit.frame for edit in cut_list(read(tmp_path, premiere(track(slow, clip("B", 48))))).edits] == [96]
    fast = clip("A", 96, available=(0, 96), effects=[warp(2.0)])
    assert [edit.frame for edit in cut_list(read(tmp_path, premiere(track(fast, clip("B", 48))))).edits] == [48]


def test_premiere_lengths_where_nothing_decides_are_mentioned(tmp_path):
    model = read(tmp_path, premiere(track(clip("A", 96, effects=[warp(2.0)]), clip("B", 48))))
    assert [edit.frame for edit in cut_list(model).edits] == [48]
    assert "check the cuts after them" in model.warnings[0]


def test_normal_speed_needs_no_decision(tmp_path):
    model = read(tmp_path, premiere(track(clip("A", 96, effects=[warp(1.0)]), clip("B", 48))))
    assert model.warnings == ()


def test_premiere_says_its_rate_on_the_stack(tmp_path):
    document = premiere(track(clip("A", 50, rate=25.0)), start=0, rate=25.0)
    document["tracks"]["metadata"] = {"PremierePro_OTIO": {"VideoFrameRate": 29.97}}
    assert read(tmp_path, document).rate == 30 * NTSC


# markers


def test_markers_of_timeline_track_clip_and_gap(tmp_path):
    document = make.timeline(
        track(
            clip("A", 48, 100, markers=[marker("in A", 124), marker("before A", 90), marker("after A", 148)]),
            gap(24, markers=[marker("in gap", 12)]),
            stack(track(clip("n", 48, markers=[marker("in n", 30)])), source_range=make.span(24, 24)),
            markers=[marker("track", 5)],
        ),
        track(clip("S", 96, markers=[marker("sound", 7)]), kind="Audio"),
        track(clip("off", 96, enabled=False, markers=[marker("hidden", 7)])),
        markers=[marker("stack", 10)],
    )
    assert marked(read(tmp_path, document)) == [
        (5, "track", "track"),
        (7, "sound", "clip"),
        (10, "stack", "timeline"),
        (24, "in A", "clip"),
        (60, "in gap", "clip"),
        (78, "in n", "clip"),
    ]


def test_resolve_markers_count_from_the_start_and_have_notes(tmp_path):
    note = {"Resolve_OTIO": {"Note": "emsync: joy"}}
    document = make.timeline(
        track(clip("A", 2000, rate=50.0)),
        start=180000,
        rate=50.0,
        metadata={"Resolve_OTIO": {}},
        markers=[marker("m", 600, rate=50.0, metadata=note)],
    )
    (found,) = read(tmp_path, document).markers
    assert (found.time, found.comment, found.color) == (12, "emsync: joy", "RED")


def test_absolute_markers_have_the_start_timecode_taken_off(tmp_path):
    document = make.timeline(track(clip("A", 500)), start=86400, markers=[marker("m", 86500)])
    assert marked(read(tmp_path, document)) == [(100, "m", "timeline")]


def test_relative_markers_of_a_long_film_stay(tmp_path):
    film = track(clip("A", 200000))
    document = make.timeline(film, start=86400, markers=[marker("early", 100), marker("late", 100000)])
    assert [time for time, _, _ in marked(read(tmp_path, document))] == [100, 100000]


def test_a_marker_of_linked_clips_comes_once(tmp_path):
    both = [marker("m", 10)]
    document = make.timeline(track(clip("A", 24, markers=both)), track(clip("A", 24, markers=both), kind="Audio"))
    assert len(read(tmp_path, document).markers) == 1


def test_own_markers_and_tracks_are_known(tmp_path):
    own = {"emsync_bridge": {"version": 1}}
    music = track(clip("score", 500), kind="Audio", metadata=own)
    document = make.timeline(track(clip("A", 24)), music, markers=[marker("m", 10, metadata=own)])
    model = read(tmp_path, document)
    assert model.duration == 1
    assert model.markers[0].ours


# several timelines


def test_one_of_several_timelines_is_chosen_by_name(tmp_path):
    reels = [make.timeline(track(clip("A", 24 * n)), name=f"Reel {n}") for n in (1, 2, 3)]
    path = make.save(tmp_path, make.collection(reels[0], make.collection(*reels[1:])))
    assert read_timeline(path, sequence="Reel 2").duration == 2
    assert read_timeline(path, sequence="reel 3").duration == 3
    with pytest.raises(TimelineError, match=r"'Reel 1', 'Reel 2', 'Reel 3'"):
        read_timeline(path)
    with pytest.raises(TimelineError, match=r"'Reel 4'.*'Reel 1'"):
        read_timeline(path, sequence="Reel 4")


def test_a_bare_track_or_clip_is_a_timeline(tmp_path):
    assert [edit.frame for edit in cut_list(read(tmp_path, track(clip("A", 24), clip("B", 24)))).edits] == [24]
    assert read(tmp_path, stack(track(clip("A", 24)))).duration == 1
    assert read(tmp_path, clip("A", 24)).duration == 1


# documents that OpenTimelineIO refuses


def test_newer_versions_and_unknown_schemas_are_read_as_far_as_possible(tmp_path):
    newer = clip("B", 24) | {"OTIO_SCHEMA": "Clip.9", "color": None, "new_field": [1]}
    unknown = {"OTIO_SCHEMA": "Hologram.1", "name": "h", "source_range": make.span(0, 12), "metadata": {}}
    red = {"OTIO_SCHEMA": "Color.1", "name": "Red", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0}
    document = make.timeline(
        track(
            clip("A", 24, effects=[{"OTIO_SCHEMA": "Sparkle.1"}, warp(2.0)]),
            dissolve(6, 6),
            newer,
            unknown,
            clip("C", 24, metadata={"x": {"OTIO_SCHEMA": "Marker.7"}}),
        ),
        start=86400,
        markers=[marker("m", 10) | {"OTIO_SCHEMA": "Marker.3", "color": red}],
    )
    model = read(tmp_path, document)
    assert [(edit.frame, edit.kind) for edit in cut_list(model).edits] == [
        (24, "transition"),
        (48, "to_black"),
        (60, "from_black"),
    ]
    assert model.leaves[0].speed == 2
    assert model.markers[0].color == "RED"
    assert model.start_frame == 86400
    assert model.warnings == ("1 item of the unknown kind Hologram left out; their length is kept",)


@pytest.mark.parametrize("field", ["effects", "markers", "metadata", "name", "media_references", "enabled"])
def test_missing_and_null_fields_do_no_harm(tmp_path, field):
    for broken in (clip("A", 24) | {field: None}, {k: v for k, v in clip("A", 24).items() if k != field}):
        model = read(tmp_path, make.timeline(track(broken, clip("B", 24))))
        assert [edit.frame for edit in cut_list(model).edits] == [24]


def test_a_disabled_transition_of_newer_versions_is_none(tmp_path):
    newer = dissolve(6, 6) | {"OTIO_SCHEMA": "Transition.2", "enabled": False}
    model = read(tmp_path, make.timeline(track(clip("A", 24), newer, clip("B", 24))))
    assert [edit.kind for edit in cut_list(model).edits] == ["cut"]


def test_track_kinds_are_read_in_any_case(tmp_path):
    tracks = track(clip("A", 24), clip("B", 24), kind="VIDEO"), track(clip("song", 48), kind="audio")
    assert [edit.frame for edit in cut_list(read(tmp_path, stack(*tracks))).edits] == [24]


@pytest.mark.parametrize("number", ["Inf", "-Inf", "NaN", "Infinity"])
def test_infinite_numbers_in_metadata_are_read_and_kept(tmp_path, wav, number):
    text = json.dumps(make.timeline(track(clip("A", 24), clip("B", 24)), metadata={"x": {"peak": "PEAK"}}))
    path = tmp_path / "cut.otio"
    path.write_text(text.replace('"PEAK"', number))
    assert [edit.frame for edit in cut_list(read_timeline(path)).edits] == [24]
    out = tmp_path / "out.otio"
    place(path, out, make.placement(wav, 48))
    assert f'"peak": {number}' in out.read_text()


def test_markers_of_newer_versions_are_read(tmp_path):
    color = {"OTIO_SCHEMA": "Color.1", "r": 1.0, "g": 0.0, "b": 0.0, "a": 1.0, "name": ""}
    named = {**color, "name": "Green"}
    new = [
        make.marker(f"m{n}", n, color=value) | {"OTIO_SCHEMA": "Marker.3"}
        for n, value in enumerate((color, named, "BLUE"))
    ]
    path = make.save(tmp_path, make.timeline(track(clip("A", 24), clip("B", 24)), markers=new))
    model = read_timeline(path)
    assert [(marker.name, marker.color, marker.time * 24) for marker in model.markers] == [
        ("m0", "RED", 0),
        ("m1", "GREEN", 1),
        ("m2", "BLUE", 2),
    ]
    assert [edit.frame for edit in cut_list(model).edits] == [24]
