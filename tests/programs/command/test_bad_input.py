"""Whatever goes wrong: one clear message, the right exit code, nothing half-written."""

import json
import os
import resource
import signal
import subprocess
import sys
import time

import opentimelineio as otio
import pytest
from places import STORM
from running import command

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals and limits")


def timeline(path, *lengths, rate=24):
    """Write a timeline of clips with some lengths in frames."""
    made = otio.schema.Timeline("made")
    track = otio.schema.Track("V1", kind="Video")
    made.tracks.append(track)
    for number, length in enumerate(lengths):
        span = otio.opentime.TimeRange(otio.opentime.RationalTime(0, rate), otio.opentime.RationalTime(length, rate))
        track.append(otio.schema.Clip(f"c{number}", otio.schema.ExternalReference(f"m{number}.mov"), span))
    otio.adapters.write_to_file(made, str(path))
    return path


def refused(ran, *words):
    assert ran.returncode == 1, (ran.returncode, ran.stderr)
    assert "Traceback" not in ran.stderr
    assert ran.stdout == ""
    for word in words:
        assert word in ran.stderr


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a timeline",
        b"\x00\x01\x02" * 500,
        b'{"OTIO_SCHEMA": "Nothing.1"}',
        b"<xmeml><sequence>",
        b"[" * 99999,
    ],
)
def test_what_is_no_timeline_is_named(emsync_here, tmp_path, content):
    path = tmp_path / "strange.otio"
    path.write_bytes(content)
    refused(emsync_here("score", path, "--out", tmp_path / "out"), "strange.otio")
    assert not list((tmp_path / "out").glob("*"))


def test_an_empty_timeline_is_refused(emsync, tmp_path):
    refused(emsync("score", timeline(tmp_path / "empty.otio"), "--out", tmp_path / "out"), "empty")


def test_zero_length_clips_do_no_harm(emsync_here, tmp_path):
    path = timeline(tmp_path / "zero.otio", 120, 0, 120, 0)
    ran = emsync_here("spot", path, "--json")
    assert ran.returncode == 0, ran.stderr
    assert [hit["frame"] for hit in json.loads(ran.stdout)["hits"]] == [0, 120, 240]


def test_ten_hours_are_spotted_at_once(emsync, tmp_path):
    path = timeline(tmp_path / "long.otio", *[240] * 3600)
    began = time.monotonic()
    ran = emsync("spot", path, "--json")
    assert ran.returncode == 0, ran.stderr
    document = json.loads(ran.stdout)
    assert document["duration"] == 36000.0
    assert document["hits"][-1]["timecode"] == "10:00:00:00"
    assert time.monotonic() - began < 60


def test_media_that_is_damaged_is_passed_over_with_a_note(emsync, tmp_path):
    path = timeline(tmp_path / "cut.otio", 96, 96)
    (tmp_path / "m0.mov").write_bytes(b"this is no movie")
    ran = emsync("feel", path, "--no-cache")
    assert ran.returncode == 0, ran.stderr
    assert "m0.mov" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_folder_that_cannot_be_made_is_named(emsync_here, tmp_path):
    (tmp_path / "file").write_text("")
    refused(emsync_here("score", STORM, "--out", tmp_path / "file" / "out"), "file")


def test_a_full_disk_leaves_nothing_behind(emsync, tmp_path):
    out = tmp_path / "out"

    def limited():
        resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000))

    ran = emsync("score", timeline(tmp_path / "cut.otio", 240), "--out", out, preexec_fn=limited)
    refused(ran)
    assert not out.exists()


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("step", ["Composing", "Rendering"])
def test_a_stop_in_the_middle_is_clean(tmp_path, step, stop):
    """A long timeline is stopped as soon as the step has begun."""
    path = timeline(tmp_path / "cut.otio", *[240] * (60 if step == "Composing" else 4))
    before = path.read_bytes()
    out = tmp_path / "out"
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        [command(), "score", str(path), "--out", str(out)], stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        for line in process.stderr:
            if line.startswith(step):
                time.sleep(0.3)
                process.send_signal(stop)
                break
        said = process.stderr.read()
    assert process.returncode == -stop, said  # 130 or 143 in a shell
    assert said.endswith("Aborted!\n")
    assert "Traceback" not in said
    assert not out.exists()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "arguments",
    [
        ["score", STORM],
        ["score", STORM, "--out", "x", "--valence", "7"],
        ["score", STORM, "--out", "x", "--instruments", "kazoo"],
        ["spot", STORM, "--rate", "fast"],
        ["compose", "--duration", "10", "--hits", "4,x", "--out", "a.mid"],
        ["compose", "--duration", "10", "--hits", "40", "--out", "a.mid"],
    ],
)
def test_wrong_use_is_exit_code_two(emsync_here, tmp_path, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)
    ran = emsync_here(*arguments)
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr


def test_the_command_itself_has_exit_code_two_for_wrong_use(emsync):
    ran = emsync("nonsense")
    assert ran.returncode == 2, ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_mood_that_does_not_exist_gets_a_suggestion(emsync_here, tmp_path):
    ran = emsync_here("score", STORM, "--out", tmp_path / "out", "--mood", "jooy")
    assert ran.returncode == 2
    assert "'jooy' is not a mood. Did you mean joy?" in ran.stderr
    assert not (tmp_path / "out").exists()
