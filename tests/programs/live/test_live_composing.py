"""`emsync live` composes while it plays: a timeline, or nothing but what somebody's hands say."""

import contextlib
import signal
import subprocess
import sys
import time

import mido
import pytest
from live_receivers import OscReceiver
from live_waiting import wait_until
from places import STORM
from pythonosc.udp_client import SimpleUDPClient

from emsync_bridge.live.controls import ControlQueue, HitControl, MoodControl, apply_message, axis_of


def note(number, value=90):
    return [0x90, number, value]


def control(number, value):
    return [0xB0, number, value]


def test_two_controllers_make_one_mood_and_the_last_one_counts():
    orders = ControlQueue()
    for message in (control(16, 0), control(17, 127), control(16, 64), control(7, 3), [0xF8]):
        apply_message(orders, message, (16, 17))
    assert orders.taken() == [MoodControl(0.0, 1.0)]
    assert orders.taken() == []


def test_a_note_asks_for_a_hit_and_its_release_for_nothing():
    orders = ControlQueue(land_in=3.0)
    before = time.perf_counter()
    for message in (note(60), note(60, 0), [0x80, 60, 0]):
        apply_message(orders, message, (16, 17))
    (asked,) = orders.taken()
    assert isinstance(asked, HitControl)
    assert asked.ahead == 3.0
    assert before <= asked.asked <= time.perf_counter()


def test_a_mood_that_is_given_back_is_no_mood():
    orders = ControlQueue()
    orders.mood(valence=0.4)
    orders.release()
    assert orders.taken() == [MoodControl()]


@pytest.mark.parametrize(("value", "axis"), [(0, -1.0), (64, 0.0), (127, 1.0)])
def test_a_controller_reaches_both_ends_and_the_middle(value, axis):
    assert axis_of(value) == axis


@contextlib.contextmanager
def playing(*arguments):
    receiver = OscReceiver()
    command = [
        sys.executable,
        "-m",
        "emsync_bridge",
        "live",
        *map(str, arguments),
        "--osc",
        f"127.0.0.1:{receiver.port}",
    ]
    process = subprocess.Popen([*command, "--controls", "0"], stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        said = process.stderr.readline()
        assert "OSC port" in said, said + process.stderr.read()
        yield receiver, process, SimpleUDPClient("127.0.0.1", int(said.partition("OSC port ")[2].partition(":")[0]))
    finally:
        process.kill()
        process.communicate()
        receiver.close()


def test_an_improvisation_goes_by_the_hand_and_leaves_nothing_sounding(tmp_path):
    saved = tmp_path / "jam.mid"
    with playing("--improvise", "--mood", "calm", "--save", saved) as (receiver, process, hand):
        wait_until(lambda: receiver.messages("/emsync/note"), 40)
        hand.send_message("/emsync/hit", [5.0, "boom"])
        hand.send_message("/emsync/emotion", ["loud", 0.5])  # nonsense is passed over
        hit = wait_until(lambda: [m for m in receiver.messages("/emsync/hit") if "boom" in m["values"]], 40)[0]
        time.sleep(0.3)
        struck = [m for m in receiver.messages("/emsync/note") if abs(m["at"] - hit["at"]) < 0.04]
        assert len(struck) >= 3
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        time.sleep(0.3)
        assert receiver.sounding() == set()
    assert "notes" in err
    midi = mido.MidiFile(saved)
    assert any(message.type == "note_on" for track in midi.tracks for message in track)
    assert any(message.type == "marker" and "boom" in message.text for message in midi.tracks[0])


def test_a_timeline_is_heard_before_it_is_composed(tmp_path):
    with playing(STORM, "--mood", "tension") as (receiver, process, _hand):
        wait_until(lambda: len(receiver.messages("/emsync/note")) > 10, 40)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert process.returncode == 0, err
        assert "notes" in out


def test_a_timeline_that_cannot_be_read_is_named(tmp_path):
    path = tmp_path / "broken.otio"
    path.write_text("{")
    done = subprocess.run(
        [sys.executable, "-m", "emsync_bridge", "live", str(path), "--osc", ":9"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "broken.otio" in done.stderr
    assert "Traceback" not in done.stderr
