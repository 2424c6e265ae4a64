"""A timeline of two clips that tests write, and the command in the tests' own process."""

from click.testing import CliRunner

from emsync_bridge.cli import main

CLIP = """{"OTIO_SCHEMA": "Clip.1", "name": "%s", "source_range": {"OTIO_SCHEMA": "TimeRange.1",
"start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": 0, "rate": 24},
"duration": {"OTIO_SCHEMA": "RationalTime.1", "value": %s, "rate": 24}}, "markers": [%s]}"""
CUT = """{"OTIO_SCHEMA": "Timeline.1", "name": "%s", "tracks": {"OTIO_SCHEMA": "Stack.1", "children": [
{"OTIO_SCHEMA": "Track.1", "kind": "Video", "children": [%s]}]}}"""
MARKER = """{"OTIO_SCHEMA": "Marker.2", "name": "%s", "color": "%s", "marked_range": {"OTIO_SCHEMA": "TimeRange.1",
"start_time": {"OTIO_SCHEMA": "RationalTime.1", "value": %s, "rate": 24},
"duration": {"OTIO_SCHEMA": "RationalTime.1", "value": 0, "rate": 24}}}"""


def emsync(*arguments):
    ran = CliRunner().invoke(main, [str(argument) for argument in arguments])
    assert ran.exception is None or isinstance(ran.exception, SystemExit), ran.output
    return ran


def write_cut(path, name="cut", clip="a", value="48", markers=""):
    path.write_text(CUT % (name, f"{CLIP % (clip, value, markers)}, {CLIP % ('b', '48', '')}"))
    return path
