"""Report of ``emsync score`` once the music is made: hits that are left out, and files that move together."""

import json
import re
import shutil

import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.cue import Note, Take, TempoMap
from emsync_bridge.music.take_choice import density_profile

FRAMES = 120
MARKED = (40, 44, 48)
"""Frames of three markers, of which a gap of four seconds lets one be answered."""


def time(value):
    return {"OTIO_SCHEMA": "RationalTime.1", "value": value, "rate": 24}


def span(start, length):
    return {"OTIO_SCHEMA": "TimeRange.1", "start_time": time(start), "duration": time(length)}


def timeline(url):
    markers = [
        {"OTIO_SCHEMA": "Marker.2", "name": f"m{frame}", "color": "RED", "marked_range": span(frame, 0)}
        for frame in MARKED
    ]
    media = {"OTIO_SCHEMA": "ExternalReference.1", "target_url": url, "available_range": span(0, FRAMES)}
    clip = {"OTIO_SCHEMA": "Clip.1", "name": "a", "source_range": span(0, FRAMES), "media_reference": media}
    track = {"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [{**clip, "markers": markers}]}
    return {"OTIO_SCHEMA": "Timeline.1", "name": "cut", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [track]}}


@pytest.fixture(scope="module")
def scored(tmp_path_factory):
    """A cut with relative media, scored into a folder beside its own; the cut's folder, the results and the output."""
    home = tmp_path_factory.mktemp("project")
    (home / "cut").mkdir()
    (home / "cut" / "cut.otio").write_text(json.dumps(timeline("media/a.mov")))
    arguments = [str(home / "cut" / "cut.otio"), "--no-cache", "--takes", "2", "--out", str(home / "out")]
    ran = CliRunner().invoke(main, ["score", *arguments])
    assert ran.exit_code == 0, ran.output
    return home / "cut", home / "out", ran.output


def test_files_stand_in_one_column_after_what_they_are(scored):
    _, out, said = scored
    rows = re.findall(rf"^  (\S.*?) +({re.escape(str(out))}.*)$", said, re.MULTILINE)
    files = dict(rows)
    assert {"audio", "human part", "license"} <= set(files)
    assert files["chart"] == str(out / "cut.png")
    assert "picture" not in files
    lines = [line for line in said.splitlines() if line.endswith(tuple(files.values()))]
    assert len({line.index(str(out)) for line in lines}) == 1


def test_hits_that_are_left_out_are_counted_with_the_reason(scored):
    _, out, said = scored
    cue = json.loads((out / "cut.cue.json").read_text())
    left = [hit["frame"] for hit in cue["spotting"]["hits"] if not hit["answered"]]
    assert left == list(MARKED[1:])
    answers = len(cue["takes"][cue["chosen"]]["answers"])
    assert f"{answers} of {answers + 2} hits" in said
    assert "2 hits are left out: within 4.0 s of a heavier or earlier one (--min-gap)\n" in said


def test_hits_that_are_left_out_in_a_table_are_said_as_such(tmp_path):
    cut, table = tmp_path / "cut.otio", tmp_path / "hits.csv"
    cut.write_text(json.dumps(timeline("media/a.mov")))
    assert CliRunner().invoke(main, ["spot", str(cut), "--export", str(table)]).exit_code == 0
    line = ["score", str(cut), "--no-cache", "--edit", str(table), "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, line).output
    assert "earlier one (--min-gap), or not answered in the table (--edit)\n" in said


def test_hits_in_silence_are_counted_as_such(tmp_path):
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps(timeline("media/a.mov")))
    line = ["score", str(cut), "--no-cache", "--style", "network", "--min-gap", "0.1", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, [*line, "--set", "1.7-=silence"]).output
    assert "1 of 3 hits" in said
    assert "2 hits lie where the music is silent" in said
    assert "left out" not in said


def test_hits_outside_of_a_range_leave_none_out_inside_of_it(tmp_path):
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps(timeline("media/a.mov")))
    line = ["score", str(cut), "--no-cache", "--style", "network", "--out", str(tmp_path / "out"), "--json"]
    start = MARKED[0] / 24
    for first, hits in ((0.0, 1), (start, 1), (start + 0.1, 1), (3.0, 0)):
        ran = CliRunner().invoke(main, [*line, "--between", f"{first}-5"])
        assert json.loads(ran.stdout)["hits"] == hits


def test_music_for_a_range_is_not_called_shorter_than_the_timeline(tmp_path):
    cut = tmp_path / "cut.otio"
    cut.write_text(json.dumps(timeline("media/a.mov")))
    line = ["score", str(cut), "--no-cache", "--between", "0-4", "--out", str(tmp_path / "out")]
    said = CliRunner().invoke(main, line).output
    assert "4.0 s of music" in said
    assert "shorter" not in said


def test_the_columns_of_the_takes_are_explained(scored):
    _, _, said = scored
    lines = said.splitlines()
    (heading,) = [number for number, line in enumerate(lines) if line.startswith("take  seed")]
    columns = lines[heading].split()
    explained = lines[heading + 3]
    assert columns[4:-1] == ["score", "hits", "affect", "form", "theme", "quality", "valence", "energy", "shape"]
    assert all(column in explained for column in columns[4:-1])


def test_both_files_that_have_to_be_copied_are_named_and_then_find_each_other(scored, tmp_path):
    cut, out, said = scored
    assert f"so copy cut.scored.otio and cut.wav to {cut} and open it there" in said
    together = shutil.copytree(cut, tmp_path / "together")
    for name in ("cut.scored.otio", "cut.wav"):
        shutil.copy(out / name, together)
    urls = set(_urls(json.loads((together / "cut.scored.otio").read_text())))
    assert urls == {"media/a.mov", "cut.wav"}


def _urls(node):
    for value in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _urls(value)
    if isinstance(node, dict) and "target_url" in node:
        yield node["target_url"]


def test_every_take_is_drawn_as_a_row_of_bars(scored):
    _, out, said = scored
    takes = json.loads((out / "cut.cue.json").read_text())["takes"]
    rows = re.findall(r"^\d+ .* ([▁-█]{24}|[1-8]{24})(?= |$)", said, re.MULTILINE)
    assert len(rows) == len(takes) == 2
    assert all(set(row) & set("█8") for row in rows)
    assert all(len(set(row)) > 2 for row in rows)


def test_a_shape_tells_where_the_music_is_full():
    quiet, loud = Note(0, 240, "strings", 60, 40), Note(240, 480, "strings", 60, 80)
    take = Take(1, (quiet, loud), TempoMap())
    assert density_profile(take, 4) == (0.5, 0.5, 1.0, 1.0)
