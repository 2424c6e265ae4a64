"""Files that emsync writes, opened by other people's programs."""

import json
import subprocess
import sys
from pathlib import Path

import opentimelineio as otio
import pytest
from places import STORM


def seen(timeline):
    """Return kind, name, start and end in frames of every clip of a timeline."""
    return [
        (track.kind, item.name, span.start_time.to_frames(), span.end_time_exclusive().to_frames())
        for track in timeline.tracks
        for item in track
        if isinstance(item, otio.schema.Clip)
        for span in [track.range_of_child(item)]
    ]


def test_the_published_adapter_reads_the_old_clips_and_the_new_track_of_our_xmeml(emsync, scored, tmp_path):
    pytest.importorskip("otio_fcp_adapter", reason="otio-fcp-adapter is not installed")
    source = STORM.with_suffix(".xml")
    placed = tmp_path / "storm.xml"
    ran = emsync("place", source, "--audio", scored[0] / "storm.wav", "--out", placed)
    assert ran.returncode == 0, ran.stderr
    before, after = (seen(otio.adapters.read_from_file(str(path), "fcp_xml")) for path in (source, placed))
    added = [clip for clip in after if clip not in before]
    assert [clip for clip in after if clip in before] == before
    assert {(kind, start, end) for kind, _, start, end in added} == {("Audio", 0, 1584)}


def test_otiostat_reads_the_scored_timeline(scored):
    program = Path(sys.executable).with_name("otiostat")
    ran = subprocess.run([program, scored[0] / "storm.scored.otio"], capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr
    assert "parsed" in ran.stdout


def test_the_plugin_gives_the_music_that_the_scored_timeline_carries(scored, tmp_path):
    import mido

    midi = tmp_path / "carried.mid"
    otio.adapters.write_to_file(otio.adapters.read_from_file(str(scored[0] / "storm.scored.otio")), str(midi))

    def notes(path):
        return [m.note for m in mido.MidiFile(path) if m.type == "note_on" and m.velocity]

    assert sorted(notes(midi)) == sorted(notes(scored[0] / "storm.mid"))


def test_ffmpeg_reads_the_wav(scored):
    from emsync_bridge.picture.probe import probe

    info = probe(scored[0] / "storm.wav")
    assert info.has_sound
    assert info.audio_rate == 48000
    assert info.duration == pytest.approx(66.0, abs=0.01)


def test_the_cue_is_json_for_anyone(scored):
    document = json.loads((scored[0] / "storm.cue.json").read_text(encoding="utf-8"))
    assert all(abs(hit["error_ms"]) < 1000 / 48 for hit in document["hits"] if hit["error_ms"] is not None)
