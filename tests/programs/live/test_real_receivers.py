"""Programs that sound or print what they get, started by the tests; a test skips where its program is absent."""

import os
import re
import shutil
import signal
import socket
import subprocess
import time
import wave
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from live_receivers import Lines, appears
from live_waiting import told, wait_until_over

from emsync_bridge.live.outputs.jack import JackTarget
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment

SOUNDFONT = Path("/usr/share/sounds/sf2/TimGM6mb.sf2")
RATE = 48000
PERIOD = 1024

TAPS = LivePart(
    tuple(PartNote(0.5 + i * 0.4, 0.6 + i * 0.4, 9, 37, 120) for i in range(8)), (), 4.5, channels=(("drums", 9),)
)

PATCH = """#N canvas 0 0 400 300 10;
#X obj 20 20 netreceive -u -b {port};
#X obj 20 60 oscparse;
#X obj 20 100 list trim;
#X obj 20 140 print;
#X connect 0 0 1 0;
#X connect 1 0 2 0;
#X connect 2 0 3 0;
"""

LANGUAGE = r"""
OSCdef(\note, { |msg, time| ["note", time.round(0.000001), msg[3]].postln }, '/emsync/note');
OSCdef(\off, { |msg, time| ["off", msg[1]].postln }, '/emsync/off');
["port", NetAddr.langPort].postln;
"""


def onsets(path):
    """Return the frames at which sound rises out of silence, to a millisecond."""
    with wave.open(str(path)) as file:
        width, channels = file.getsampwidth(), file.getnchannels()
        data = file.readframes(file.getnframes())
    kinds = {2: np.int16, 4: np.int32}
    sound = np.frombuffer(data, kinds[width]).reshape(-1, channels)[:, 0].astype(float)
    block = RATE // 1000
    loud = np.abs(sound[: len(sound) // block * block]).reshape(-1, block).max(axis=1)
    above = loud > loud.max() / 8
    found = []
    for place in np.flatnonzero(above):
        if not found or place - found[-1] > 200:
            found.append(place)
    return [int(place) * block for place in found]


@pytest.mark.flaky(reruns=2)  # another program's real time
def test_fluidsynth_sounds_on_the_beat(jack_server, tmp_path):
    missing = [name for name in ("fluidsynth", "jack_rec") if not shutil.which(name)]
    if missing or not SOUNDFONT.exists():
        pytest.skip(f"{', '.join(missing) or 'the soundfont TimGM6mb'} not installed")
    options = ["-a", "jack", "-m", "jack", "-i", "-s", "-o", "midi.autoconnect=0", "-o", "shell.port=9850"]
    names = ["-o", "audio.jack.id=fluidsynth", "-o", "midi.jack.id=fluidsynth"]
    synth = Lines(["fluidsynth", *options, *names, "-R", "0", "-C", "0", str(SOUNDFONT)])
    out = tmp_path / "out.wav"
    try:
        assert appears("fluidsynth:midi_00", within=20)
        recording = Lines(["jack_rec", "-f", str(out), "-d", "8", "-b", "16", "fluidsynth:left", "fluidsynth:right"])
        time.sleep(1.0)
        with ProcessPlayer(SenderAssignment(JackTarget("fluidsynth:midi_00"), TAPS)) as player:
            player.play(0.0)
            status = wait_until_over(player)
        recording.process.wait(20)
        recording.close()
    finally:
        synth.close(signal.SIGTERM)
    apart = [after - before for before, after in pairwise(onsets(out))]
    told(f"steps of 400 ms in the sound: {[a // 48 for a in apart]} ms; {status.xruns} xruns")
    assert len(apart) == 7 - status.dropped
    if not status.xruns and not status.dropped:
        # FluidSynth takes what JACK brings it at the beginning of a period, whatever its sample in it
        assert all(abs(step - 0.4 * RATE) <= PERIOD for step in apart)
        assert abs(sum(apart) - 7 * 0.4 * RATE) <= PERIOD


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        return near.getsockname()[1]


def test_pure_data_prints_every_note_and_its_end(tmp_path):
    if not shutil.which("pd"):
        pytest.skip("Pure Data is not installed")
    port, patch = free_port(), tmp_path / "receive.pd"
    patch.write_text(PATCH.format(port=port))
    pd = Lines(["sh", "-c", f"exec pd -nogui -noaudio -nomidi -stderr -open {patch} 2>&1"])
    try:
        time.sleep(2.0)
        with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=port), TAPS)) as player:
            player.play(0.0)
            status = wait_until_over(player)
        pd.wait_for(lambda lines: sum("emsync off" in line for line in lines) >= 2 * status.notes)
        notes = [line for _, line in pd.lines if "emsync note" in line]
    finally:
        pd.close(signal.SIGTERM)
    assert len(notes) == status.notes == 8 - status.dropped
    assert all(re.search(r"emsync note \d+ 9 37 120 0\.1", line) for line in notes)


def test_supercollider_gets_each_note_with_its_exact_time(tmp_path):
    if not shutil.which("sclang"):
        pytest.skip("SuperCollider is not installed")
    script = tmp_path / "receive.scd"
    script.write_text(LANGUAGE)
    settings = {"QT_QPA_PLATFORM": "offscreen", "QTWEBENGINE_DISABLE_SANDBOX": "1", "HOME": str(tmp_path)}
    command = ["stdbuf", "-oL", "sclang", "-D", "-u", str(free_port()), str(script)]
    language = Lines(command, env={**os.environ, **settings}, stdin=subprocess.DEVNULL)
    try:
        line = language.wait_for(lambda lines: next((line for line in lines if "[ port" in line), None), within=60)
        port = int(re.search(r"port, (\d+)", line).group(1))
        with ProcessPlayer(SenderAssignment(OscTarget("supercollider", port=port), TAPS)) as player:
            player.play(0.0)
            status = wait_until_over(player)
        language.wait_for(lambda lines: sum("[ off" in line for line in lines) >= status.notes)
    finally:
        language.close(signal.SIGTERM)
    notes = [re.findall(r"[\d.]+", line) for _, line in language.lines if "[ note" in line]
    times = [float(fields[0]) for fields in notes]
    apart = [after - before for before, after in pairwise(times)]
    told(f"steps of 400 ms by their time tags: {[round(1000 * step, 3) for step in apart]} ms")
    assert len(notes) == status.notes
    if not status.dropped:
        assert all(abs(step - 0.4) < 0.0005 for step in apart)
