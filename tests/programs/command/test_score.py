"""The main job on the example, its results opened with other programs."""

import hashlib
import json
import wave
from fractions import Fraction

import mido
import numpy as np
import opentimelineio as otio
import pytest
from film_versions import as_otio, shots_of
from places import STORM

from emsync_bridge.cue import Cue
from emsync_bridge.cue.serialization import from_document

RATE = Fraction(24)


def sound(path):
    """Return the samples of a 24-bit WAV as floats, shape (n, channels)."""
    with wave.open(str(path), "rb") as file:
        assert (file.getframerate(), file.getsampwidth(), file.getnchannels()) == (48000, 3, 2)
        raw = np.frombuffer(file.readframes(file.getnframes()), np.uint8).reshape(-1, 3)
    padded = np.zeros((len(raw), 4), np.uint8)
    padded[:, 1:] = raw
    return padded.view("<i4").reshape(-1, 2) / 2**31


@pytest.fixture(scope="module")
def cue(scored):
    return from_document(Cue, json.loads((scored[0] / "storm.cue.json").read_text(encoding="utf-8")))


def test_all_results_are_there_and_stdout_is_one_json_document(scored):
    out, ran = scored
    document = json.loads(ran.stdout)
    names = {"storm.mid", "storm.wav", "storm.scored.otio", "storm.cue.json", "storm.png"}
    assert names <= {path.name for path in out.iterdir()}
    assert set(document["files"].values()) == {str(path) for path in out.iterdir()}
    assert not [path for path in out.iterdir() if path.name.startswith(".")]


def test_every_hit_is_within_half_a_frame_by_the_midi_file_alone(scored, cue):
    """Times come from mido's own reading of tempo and notes; hit frames from the spotting."""
    clock, struck = 0.0, {}
    for message in mido.MidiFile(scored[0] / "storm.mid"):
        clock += message.time
        if message.type == "note_on" and message.velocity and message.channel != 9:
            struck[round(clock, 4)] = struck.get(round(clock, 4), 0) + 1
    chords = np.array([time for time, voices in struck.items() if voices >= 3])
    asked = [hit for hit in cue.spotting.answered_hits() if not cue.curve.at(hit.time).silence]
    assert len(asked) >= 8
    for hit in asked:
        assert np.abs(chords - hit.frame / RATE).min() < 0.5 / RATE


def test_the_sound_rises_at_the_hits(scored, cue):
    """At most hits the level of the 80 ms after them is above that of the 80 ms before."""
    samples = np.abs(sound(scored[0] / "storm.wav")).mean(axis=1)
    span = 3840
    rises = []
    for answer in cue.take.answers:
        at = round(cue.spotting.hits[answer.hit].frame / RATE * 48000)
        if span < at < len(samples) - span:
            rises.append(samples[at : at + span].mean() > samples[at - span : at].mean())
    assert np.mean(rises) > 0.6


def test_the_wav_is_whole_frames_long_and_as_long_as_the_timeline(scored, cue):
    samples = sound(scored[0] / "storm.wav")
    assert len(samples) == cue.spotting.frames * 2000
    assert np.abs(samples).max() < 1.0


def test_no_silence_of_three_seconds_that_nobody_asked_for(scored, cue):
    samples = np.abs(sound(scored[0] / "storm.wav")).max(axis=1)
    blocks = samples[: len(samples) // 4800 * 4800].reshape(-1, 4800).max(axis=1)
    quiet = 0
    for index, level in enumerate(blocks):
        asked = cue.curve.at(index / 10).silence
        quiet = quiet + 1 if level < 1e-3 and not asked else 0
        assert quiet < 30, f"silent until {index / 10:.1f} s"


def test_stems_add_up_to_the_mix(scored):
    mix = sound(scored[0] / "storm.wav")
    stems = [sound(path) for path in scored[0].glob("storm.*.wav")]
    assert stems
    assert np.abs(sum(stems) - mix).max() < 1e-3


def test_the_scored_timeline_is_the_old_one_and_a_track(scored):
    before = otio.adapters.read_from_file(str(STORM))
    after = otio.adapters.read_from_file(str(scored[0] / "storm.scored.otio"))
    names = [track.name for track in after.tracks]
    assert "AI Music" in names
    kept = [track for track in after.tracks if not track.name.startswith("AI Music")]
    assert [t.to_json_string() for t in kept] == [t.to_json_string() for t in before.tracks]
    music = next(track for track in after.tracks if track.name == "AI Music")
    assert music.kind == otio.schema.TrackKind.Audio
    assert music.duration() == otio.opentime.RationalTime(round(before.duration().to_seconds() * 24), 24)


def test_the_input_is_untouched_and_a_second_run_gives_the_same_music(emsync, tmp_path):
    source = tmp_path / "cut.otio"
    source.write_text(as_otio(shots_of(STORM)[:2]), encoding="utf-8")
    digest = hashlib.sha256(source.read_bytes()).hexdigest()
    for out in ("first", "second"):
        ran = emsync("score", source, "--out", tmp_path / out, "--seed", 3)
        assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "first" / "cut.mid").read_bytes() == (tmp_path / "second" / "cut.mid").read_bytes()
    assert hashlib.sha256(source.read_bytes()).hexdigest() == digest


def test_the_directive_in_the_example_is_obeyed(cue):
    ordered = [span for span in cue.curve.spans if span.confidence == 1.0]
    assert cue.spotting.directives
    assert ordered
    assert all(abs(span.start - cue.spotting.directives[0].start) < 60 for span in ordered)


def test_scoring_the_scored_timeline_again_replaces_the_track(scored, emsync, tmp_path):
    first = scored[0] / "storm.scored.otio"
    ran = emsync("place", first, "--audio", scored[0] / "storm.wav", "--out", tmp_path / "again.otio")
    assert ran.returncode == 0, ran.stderr
    again = otio.adapters.read_from_file(str(tmp_path / "again.otio"))
    assert [track.name for track in again.tracks].count("AI Music") == 1
