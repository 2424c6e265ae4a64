"""``emsync live`` as a user runs it."""

import json
import signal
import subprocess
import sys
from fractions import Fraction

import mido
import pytest
from click.testing import CliRunner

from emsync_bridge.cli import main
from emsync_bridge.cue import (
    Affect,
    Cue,
    EmotionCurve,
    EmotionSpan,
    HitPoint,
    Note,
    Shot,
    Spotting,
    Take,
    Tempo,
    TempoMap,
)
from emsync_bridge.cue.serialization import to_document
from emsync_bridge.live.playback.part import part_of
from emsync_bridge.midi.general_midi import CHANNELS

COMMAND = [sys.executable, "-m", "emsync_bridge", "live"]


def cue_of(notes, **changes):
    spotting = Spotting(
        "cut",
        4.0,
        Fraction(24),
        start_frame=86400,
        hits=(HitPoint(0.0, 0, "start"), HitPoint(1.0, 24, "cut", name="Harbour")),
        shots=(Shot(0.0, 1.0, name="Sea"), Shot(1.0, 4.0, name="Harbour")),
    )
    curve = EmotionCurve((EmotionSpan(0.0, 4.0, Affect(0.5, -0.25)),))
    take = Take(1, notes, TempoMap((Tempo(0, 500_000),)))
    return {"hits": [], **to_document(Cue(spotting, curve, (take,))), **changes}


@pytest.fixture
def cue(tmp_path):
    notes = tuple(Note(i * 12, i * 12 + 10, "piano", 60 + i, 80) for i in range(16))
    path = tmp_path / "cut.cue.json"
    path.write_text(json.dumps(cue_of(notes)))
    return path


def test_a_cue_is_played_from_a_timecode(osc, cue):
    command = [*COMMAND, str(cue), "--osc", f"127.0.0.1:{osc.port}", "--from", "01:00:00:23", "--rate", "4", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    report = json.loads(done.stdout)
    osc.wait_for(lambda _: len(osc.messages("/emsync/off")) >= 2 * report["notes"])
    assert report["notes"] + report["dropped"] == 12
    assert report["position"] >= 4.0
    pitches = [m["values"][2] for m in osc.messages("/emsync/note")]
    assert len(pitches) == report["notes"]
    assert pitches == sorted(set(pitches) & set(range(64, 76)))  # any may be left out that would have come too late
    assert osc.messages("/emsync/hit")[0]["values"] == ["cut", "Harbour", 24, 1.0]
    assert osc.messages("/emsync/section")[0]["values"] == ["Harbour", 1.0, 4.0]
    assert "Playing into OSC emsync" in done.stderr


def test_a_cue_goes_out_as_midi_with_clock_and_sounds(midi_monitor, cue):
    command = [*COMMAND, str(cue), "--port", "MIDI-monitor", "--send", "clock", "--rate", "4", "--from", "0.3"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    midi_monitor.wait_for(lambda lines: sum(" b2 7b 00" in line for line in lines))
    received = [line.split(":", 1)[1].strip()[:8].strip() for _, line in midi_monitor.lines if ":" in line]
    assert "c2 00" in received
    stop, position = received.index("fc"), received.index("f2 03 00")
    first = received.index("f8")
    assert stop < position < received.index("fb") < first
    sounding, begun = set(), 0
    for data in received:
        if data.startswith("92"):
            assert data[3:5] not in sounding
            sounding.add(data[3:5])
            begun += 1
        elif data.startswith("82"):
            sounding.remove(data[3:5])
    assert 10 < begun <= 15
    assert not sounding


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_a_midi_file_loops_until_ctrl_c(osc, tmp_path):
    path = tmp_path / "two.mid"
    midi = mido.MidiFile(ticks_per_beat=480)
    midi.tracks.append(mido.MidiTrack())
    for pitch in (60, 62):
        midi.tracks[0].append(mido.Message("note_on", note=pitch, velocity=70))
        midi.tracks[0].append(mido.Message("note_off", note=pitch, time=240))
    midi.save(path)
    playing = subprocess.Popen(
        [*COMMAND, str(path), "--osc", f":{osc.port}", "--loop"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        osc.wait_for(lambda _: len(osc.messages("/emsync/note")) >= 5, within=20)
        playing.send_signal(signal.SIGINT)
        out, err = playing.communicate(timeout=20)
    finally:
        playing.kill()
    assert playing.returncode == 0, err
    assert "notes" in out
    assert "Traceback" not in err
    assert not osc.sounding()
    assert {m["values"][2] for m in osc.messages("/emsync/note")} == {60, 62}


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["CUE", "--osc", ":0"], 2, "not a UDP port"),
        (["CUE", "--osc", ":9", "--port", "x"], 2, "--port or --osc"),
        (["CUE", "--osc", ":9", "--send", "mtc"], 2, "--send needs a MIDI port"),
        (["CUE", "--dialect", "reaper"], 2, "goes with --osc"),
        (["CUE", "--follow", "mtc", "--loop"], 2, "leaves the time to the DAW"),
        (["CUE", "--mmc"], 2, "goes with --send mtc"),
        (["CUE", "--follow", "osc"], 2, "goes with --osc"),
        (["CUE", "--osc", ":9", "--dialect", "ardour"], 1, "takes no notes over OSC"),
        (["CUE", "--osc", ":9", "--send", "osc"], 1, "no orders for a transport"),
        (["CUE", "--osc", ":9", "--follow", "osc"], 1, "does not say how"),
        (["CUE", "--follow", "clock", "--from", "1"], 2, "leaves the time to the DAW"),
        (["CUE", "--osc", ":9", "--from", "02:00:00:00"], 2, "not within the timeline"),
        (["CUE", "--osc", ":9", "--from", "nan"], 2, "not within the timeline"),
        (["CUE", "--osc", ":9", "--from", "soon"], 2, "not a timecode"),
        (["CUE", "--osc", ":9", "--loop", "--from", "3", "--to", "2"], 2, "before it begins"),
        (["CUE", "--osc", ":9", "--to", "2"], 2, "goes with --loop"),
        (["CUE", "--osc", ":9", "--dialect", "cubase"], 1, "OSC dialect 'cubase' not found"),
        ([], 2, "or --list"),
    ],
)
def test_what_makes_no_sense_is_said(cue, arguments, code, says):
    result = CliRunner().invoke(main, ["live", *(str(cue) if part == "CUE" else part for part in arguments)])
    assert result.exit_code == code, result.output
    assert says in " ".join(result.output.split())


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        "[" * 200_000,
        json.dumps(cue_of(())).replace('"takes"', '"gives"'),
        json.dumps(cue_of((), chosen=5)),
        json.dumps(cue_of((), chosen=-1)),
        json.dumps(cue_of(())).replace('"microseconds_per_quarter": 500000', '"microseconds_per_quarter": 0'),
        json.dumps(cue_of(())).replace('"duration": 4.0', '"duration": NaN'),
        json.dumps(cue_of(())).replace('"rate": "24"', '"rate": "0"'),
        json.dumps(cue_of(())).replace('"numerator": 4', '"numerator": 0'),
    ],
)
def test_a_damaged_cue_is_a_message(tmp_path, text):
    path = tmp_path / "bad.cue.json"
    path.write_text(text)
    result = CliRunner().invoke(main, ["live", str(path), "--osc", ":9"])
    assert result.exit_code == 1, result.output
    assert str(path) in result.output.replace("\n", "")


def test_what_is_sent_is_shown(osc, cue):
    address = f"127.0.0.1:{osc.port}"
    command = [*COMMAND, str(cue), "--osc", address, "--dialect", "reaper", "--send", "osc", "--rate", "4", "--show"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    shown = [line for line in done.stderr.splitlines() if line.startswith("/")]
    assert shown[:3] == ["/time 0.0", "/time 0.0", "/play 1"]
    assert "/vkb_midi/2/note/60 80" in shown
    assert "/stop 1" in shown[-2:]
    osc.wait_for(lambda _: osc.messages("/stop"))


def test_a_timeline_that_is_none_is_a_message(tmp_path):
    path = tmp_path / "cut.otio"
    path.write_text("{}")
    result = CliRunner().invoke(main, ["live", str(path)])
    assert result.exit_code == 1
    assert "not an OpenTimelineIO document" in result.output


def test_list_names_dialects_and_what_is_needed():
    result = CliRunner().invoke(main, ["live", "--list"])
    assert result.exit_code == 0
    assert "supercollider" in result.output
    assert "MIDI ports" in result.output


def test_list_without_midi_says_once_what_is_needed(monkeypatch):
    import rtmidi

    from emsync_bridge.live.ports import midi_advice

    def refuse(*_args, **_extra):
        raise OSError("no sequencer")

    monkeypatch.setattr(rtmidi, "MidiOut", refuse)
    result = CliRunner().invoke(main, ["live", "--list"])
    assert result.exit_code == 0
    assert "Note: No MIDI system is available (no sequencer" in result.output
    assert result.output.count(midi_advice()) == 1


def test_on_windows_it_says_what_to_install():
    from emsync_bridge.live.ports import midi_advice

    assert "loopMIDI" in midi_advice("Windows")


def test_channels_are_those_of_the_midi_files():
    from emsync_bridge.midi import writer

    assert writer.CHANNELS == CHANNELS


def test_notes_are_played_as_long_as_they_are_written():
    take = Take(1, (Note(0, 24, "bass", 40, 100), Note(24, 24, "drums", 38, 0)), TempoMap((Tempo(0, 600_000),)))
    part = part_of(take, Spotting("x", 1.0, Fraction(25)))
    (bass, drum) = part.strikes
    assert (bass.start, bass.end, bass.channel) == (0.0, pytest.approx(0.6), 0)
    assert (drum.channel, drum.velocity, drum.end - drum.start) == (9, 1, pytest.approx(0.005))
    assert part.duration == 1.0
