"""Minimal inputs for faults that were found on real files, each with its right value."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from xml_cuts import MUSIC, SAMPLES

from emsync_bridge.errors import TimelineError
from emsync_bridge.timeline.cut.edits import cut_list
from emsync_bridge.timeline.insertion import place
from emsync_bridge.timeline.reading import read_timeline

CASES = SAMPLES / "cases"
EXPECTED = json.loads((CASES / "expected.json").read_text()) if (CASES / "expected.json").is_file() else {}
needs_cases = pytest.mark.skipif(not EXPECTED, reason="the cases are not here")


@needs_cases
@pytest.mark.parametrize("name", [name for name in EXPECTED if "cuts" in EXPECTED[name]])
def test_the_cuts_are_right(name):
    right = EXPECTED[name]
    model = read_timeline(CASES / name)
    cuts = cut_list(model)
    assert model.rate == int(right["rate"])
    assert cuts.frames == right["frames"]
    optional = set(right.get("optional", ())) | set(right.get("accept", ()))
    assert [edit.frame for edit in cuts.edits if edit.span is None and edit.frame not in optional] == right["cuts"]
    assert [
        {"edit": edit.frame, "span": [int(frame) for frame in edit.span]} for edit in cuts.edits if edit.span
    ] == right.get("transitions", [])
    if "marker" in right:
        assert [marker.time * model.rate for marker in model.markers] == [right["marker"]]


@needs_cases
def test_both_of_two_projects_of_one_name_can_be_chosen():
    path = CASES / "15_two_projects_one_name.fcpxml"
    with pytest.raises(TimelineError, match=r"'E1/Cut', 'E2/Cut'"):
        read_timeline(path)
    assert [read_timeline(path, sequence=name).duration for name in ("E1/Cut", "e2/cut", "Cut")] == [8, 12, 8]


@needs_cases
def test_offsets_that_hold_source_timecode_begin_at_the_start():
    model = read_timeline(CASES / "17_unsure_offsets_carry_source_timecode.fcpxml")
    cuts = cut_list(model)
    assert (cuts.frames, [edit.frame for edit in cuts.edits]) == (39, [13])
    assert any("timecode of the media" in warning for warning in model.warnings)


@needs_cases
@pytest.mark.parametrize("name", ["12_inf_in_metadata.otio", "14_audition_only_storyline.fcpxml"])
def test_music_goes_in_with_nothing_but_insertions(tmp_path, wav, name):
    source = Path(shutil.copy(CASES / name, tmp_path))
    output = tmp_path / f"scored{source.suffix}"
    place(source, output, MUSIC.__class__(wav, 20, 48000, 2))
    left = iter(output.read_bytes())
    assert all(byte in left for byte in source.read_bytes())
    assert read_timeline(output).leaves == read_timeline(source).leaves
