"""MIDI files in any shape."""

import contextlib

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emsync_bridge.cue import Meter, Note, Tempo
from emsync_bridge.errors import MusicError
from emsync_bridge.midi.reader import instrument_of, read_midi


def saved(path, *tracks, ppq=480):
    midi = mido.MidiFile(ticks_per_beat=ppq)
    for messages in tracks:
        midi.tracks.append(mido.MidiTrack(messages))
    midi.save(path)
    return path


def message(kind, time=0, **values):
    return mido.Message(kind, time=time, **values)


def test_notes_tempo_and_meter_are_read_on_the_beat_grid(tmp_path):
    path = saved(
        tmp_path / "a.mid",
        [
            mido.MetaMessage("set_tempo", tempo=600_000),
            mido.MetaMessage("time_signature", numerator=3, denominator=4),
            mido.MetaMessage("set_tempo", tempo=400_000, time=960),
        ],
        [
            message("program_change", program=48, channel=2),
            message("note_on", note=60, velocity=90, channel=2, time=240),
            message("note_on", note=60, velocity=0, channel=2, time=480),
            message("note_on", note=36, velocity=100, channel=9),
            message("note_off", note=36, channel=9, time=10),
        ],
    )
    score = read_midi(path)
    assert score.notes == (Note(12, 36, "strings", 60, 90), Note(36, 37, "drums", 36, 100))
    assert score.tempo_map.tempos == (Tempo(0, 600_000), Tempo(48, 400_000))
    assert score.tempo_map.meters == (Meter(0, 3, 4),)
    assert score.end == 37


def test_overlapping_notes_of_one_pitch_end_in_the_order_in_which_they_began(tmp_path):
    path = saved(
        tmp_path / "a.mid",
        [
            message("note_on", note=60, velocity=50),
            message("note_on", note=60, velocity=80, time=480),
            message("note_off", note=60, time=480),
            message("note_off", note=60, time=480),
        ],
    )
    assert read_midi(path).notes == (Note(0, 48, "piano", 60, 50), Note(24, 72, "piano", 60, 80))


@pytest.mark.parametrize(
    ("program", "channel", "name", "group"),
    [
        (0, 0, "", "piano"),
        (11, 0, "", "piano"),
        (19, 0, "Organ", "strings"),
        (30, 3, "", "guitar"),
        (38, 3, "", "bass"),
        (52, 3, "Voice", "strings"),
        (0, 9, "", "drums"),
        (0, 2, "Drum Kit", "drums"),
        (127, 2, "Gunshot", None),
    ],
)
def test_a_sound_belongs_to_a_group(program, channel, name, group):
    assert instrument_of(program, channel, name) == group


@given(st.binary(max_size=400))
def test_junk_is_refused_with_a_message(tmp_path_factory, data):
    path = tmp_path_factory.mktemp("junk") / "junk.mid"
    for content in (data, b"MThd\x00\x00\x00\x06\x00\x01\x00\x01\x01\xe0MTrk\x00\x00\x00\xff" + data):
        path.write_bytes(content)
        with contextlib.suppress(MusicError):
            assert read_midi(path).end >= 0


def test_a_refusal_names_the_file(tmp_path):
    path = tmp_path / "junk.mid"
    path.write_bytes(b"RIFF")
    with pytest.raises(MusicError, match=r"junk\.mid"):
        read_midi(path)


def test_a_file_without_beats_is_refused(tmp_path):
    path = saved(tmp_path / "smpte.mid", [message("note_on", note=60)])
    data = bytearray(path.read_bytes())
    data[12:14] = bytes([0xE7, 40])  # 25 frames per second, 40 ticks a frame
    path.write_bytes(data)
    with pytest.raises(MusicError, match="no beats"):
        read_midi(path)


@pytest.mark.parametrize(("told", "share"), [(True, 1.0), (False, 0.0)])
def test_the_grid_begins_where_a_time_signature_says(tmp_path, told, share):
    meter = [mido.MetaMessage("time_signature", numerator=3, denominator=4, time=60)] if told else []
    late = message("note_on", note=60, velocity=80, time=60)  # an eighth of a quarter note after the first beat
    rest = [message(kind, note=60, velocity=80, time=240) for _ in range(20) for kind in ("note_off", "note_on")]
    assert read_midi(saved(tmp_path / "a.mid", meter, [late, *rest])).on_grid == share
