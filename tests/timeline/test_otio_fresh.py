"""New OpenTimelineIO documents: the same cut with music, and the music alone."""

from __future__ import annotations

import copy
import json
from fractions import Fraction

import opentimelineio as otio
import otio_make as make
import pytest
from otio_make import SHARED, clip, dissolve, gap, marker, placement, track, warp

from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.otio.new_timeline import music_only, write_new
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source


def edits(model):
    return [(edit.frame, edit.center, edit.kind, edit.span) for edit in cut_list(model).edits]


ODD_CUT = make.timeline(
    track(
        gap(12),
        clip("A", 48, 86400, available=(86000, 900)),
        dissolve(6, 10),
        clip("B", 48, 20, effects=[warp(2.0)]),
        clip("film", 24),
        clip("film", 24, 24, media="media/film.mov"),
        clip("C", 24, effects=[{**warp(0), "OTIO_SCHEMA": "TimeEffect.1"}]),
        gap(24),
    ),
    track(gap(70), clip("T", 10, media=make.missing())),
    start=107892,
    rate=29.97,
    markers=[marker("mine", 3, comment="note")],
)


def test_a_new_timeline_shows_the_same_cut(tmp_path, wav):
    model = read_timeline(make.save(tmp_path, ODD_CUT))
    out = tmp_path / "new.otio"
    write_new(model, out, placement(wav), media_folder=tmp_path)
    new = read_timeline(out)
    assert edits(new) == edits(model)
    assert (new.rate, new.start_frame, new.drop_frame, new.duration) == (model.rate, 107892, True, model.duration)
    assert [(m.name, m.comment, m.ours) for m in new.markers] == [
        ("start", "", True),
        ("mine", "note", False),
        ("cut", "onset 1.000 s, error 0.0 ms", True),
    ]
    shown = {leaf.name: leaf for leaf in new.leaves}
    for leaf in model.leaves:
        if leaf.name in shown and leaf.kind == "picture":
            assert shown[leaf.name].speed == leaf.speed
            assert shown[leaf.name].media_start == leaf.media_start
    assert any(leaf.media == str(tmp_path / "media" / "film.mov") for leaf in new.leaves)


ALL_SAMPLES = sorted(path for path in SHARED.glob("*") if path.suffix in (".otio", ".edl", ".xml", ".fcpxml"))


@pytest.mark.parametrize("path", ALL_SAMPLES, ids=lambda path: path.stem)
def test_new_timelines_of_real_files_show_the_same_cut(tmp_path, wav, path):
    model = read_timeline(path, sequence="OpenTimeline_Project" if "compound" in path.name else None)
    write_new(model, tmp_path / "new.otio", placement(wav))
    assert edits(read_timeline(tmp_path / "new.otio")) == edits(model)


@pytest.mark.parametrize("dialect", ["Resolve_OTIO", "PremierePro_OTIO", None])
def test_the_music_alone_has_rate_length_and_start_of_the_cut(tmp_path, wav, dialect):
    document = copy.deepcopy(ODD_CUT)
    document["metadata"] = {dialect: {}} if dialect else {}
    source = open_source(make.save(tmp_path, document))
    model = read_timeline(source)
    out = tmp_path / "music.otio"
    music_only(model, placement(wav, 204), out, like=source)
    new = read_timeline(out)
    assert (new.rate, new.start_frame, new.drop_frame) == (model.rate, model.start_frame, model.drop_frame)
    assert new.duration * new.rate == 204
    assert new.name == "Cut AI Music"
    assert new.leaves == ()
    written = json.loads(out.read_text())
    assert list(written["metadata"]) == ([dialect] if dialect else [])
    assert Fraction(otio.adapters.read_from_file(str(out)).duration().value) == 204
