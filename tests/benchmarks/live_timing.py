"""Timing of live playing, against a plain ``mido.MidiFile.play()`` in the same run; run by hand.

``python tests/benchmarks/live_timing.py [PART ...]`` with parts ``lateness``, ``jack``, ``tags``, ``drift``, ``first``,
``load`` and ``follow``; all of them unless named. Each line tells the load average at its time. A receiver in a process
of its own stamps what arrives over UDP; its lateness is counted from the earliest arrival against the even grid, which
is as close to the true beginning as can be known from outside.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import random
import socket
import subprocess
import sys
import tempfile
import time
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

import mido
import numpy as np
from pythonosc.osc_bundle import OscBundle
from pythonosc.udp_client import SimpleUDPClient

sys.path.insert(0, str(Path(__file__).parents[1] / "live"))
from live_receivers import Lines, OscReceiver, jack_running

from emsync_bridge.live.outputs.base import BothTarget, RecordingTarget
from emsync_bridge.live.outputs.jack import JackTarget
from emsync_bridge.live.outputs.midi import MidiTarget
from emsync_bridge.live.outputs.osc import OscTarget
from emsync_bridge.live.playback.part import LivePart, PartNote
from emsync_bridge.live.playback.player import ProcessPlayer
from emsync_bridge.live.playback.sender_process import SenderAssignment
from emsync_bridge.live.sync.follow_mtc import MtcSource
from emsync_bridge.live.sync.mtc import mtc_format
from emsync_bridge.live.sync.send import SendMtc

STEP = 0.01


def say(text):
    """Print a result with the load it was found under."""
    sys.stdout.write(f"[load {os.getloadavg()[0]:.1f}] {text}\n")
    sys.stdout.flush()


def spread(seconds):
    """Return p50, p95, p99 and max of seconds as milliseconds in words."""
    values = 1000 * np.asarray(seconds)
    p50, p95, p99 = np.percentile(values, (50, 95, 99))
    return f"p50 {p50:.2f}, p95 {p95:.2f}, p99 {p99:.2f}, max {values.max():.2f} ms"


def grid(count, step=STEP, length=0.005):
    """Return a part of even notes."""
    strikes = tuple(PartNote(i * step, i * step + length, 2, 40 + i % 40, 80) for i in range(count))
    return LivePart(strikes, (), count * step + 0.1)


@contextlib.contextmanager
def busy(processes):
    """Keep cores busy meanwhile."""
    spinning = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in spinning:
            process.kill()
            process.wait()


def play_through(target, part, **options):
    """Play a part from start to end; return the last status."""
    with ProcessPlayer(SenderAssignment(target, part, **options)) as player:
        player.play(0.0)
        while True:
            time.sleep(0.2)
            status = player.status()
            if not status.rolling and status.notes:
                return status, player.priority


def behind(arrivals, step=STEP):
    """Return how late each arrival is against the even grid that fits the earliest."""
    off = np.asarray(arrivals) - step * np.arange(len(arrivals))
    return off - off.min()


def with_mido(port, count):
    """Play the same notes as a script would with mido's own player; the lateness is that of its sends."""
    midi = mido.MidiFile(ticks_per_beat=1000, type=0)
    track = mido.MidiTrack()
    midi.tracks.append(track)
    for i in range(count):
        track.append(mido.Message("note_on", note=40 + i % 40, velocity=80, time=0 if i == 0 else 10))
        track.append(mido.Message("note_off", note=40 + i % 40, time=10))
    client, sent = SimpleUDPClient("127.0.0.1", port), []
    for message in midi.play():
        if message.type == "note_on":
            client.send_message("/plain", [message.note, message.velocity])
            sent.append(time.perf_counter())
    return sent


def lateness(count=1500):
    """Compare lateness at sender and receiver, idle and with both cores busy."""
    for name, cores in (("idle", 0), ("two busy processes", 2)):
        with busy(cores):
            receiver = OscReceiver()
            try:
                status, priority = play_through(OscTarget("emsync", port=receiver.port), grid(count))
                time.sleep(0.5)
                arrived = [message["at"] for message in receiver.messages("/emsync/note")]
                sender = ", ".join(f"{key} {value:.2f}" for key, value in status.lateness_ms.items())
                say(f"{name}: emsync, {priority}: sender {sender} ms; {status.dropped} left out")
                if not status.dropped:
                    say(f"{name}: emsync at the receiver: {spread(behind(arrived))}")
                sent = with_mido(receiver.port, count)
                time.sleep(0.5)
                arrived = [message["at"] for message in receiver.messages("/plain")]
                say(f"{name}: mido.MidiFile.play at the sender: {spread(behind(sent, 0.01))}")
                say(f"{name}: mido.MidiFile.play at the receiver: {spread(behind(arrived, 0.01))}")
            finally:
                receiver.close()


def jack(count=500):
    """Count how many samples each note is off its grid, through JACK with frame offsets and through RtMidi."""
    receive = [sys.executable, str(Path(__file__).parents[1] / "live" / "jack_receiver.py")]
    with jack_running(f"emsync-bench-{os.getpid()}"):
        for name, target in (("frame offsets", JackTarget("exact:in")), ("RtMidi", MidiTarget("exact:in"))):
            receiver = Lines(receive)
            receiver.wait_for(lambda lines: "ready" in lines)
            status, _ = play_through(target, grid(count, 0.02), send_programs=False)
            time.sleep(1.0)
            frames = [int(line.split()[0]) for _, line in receiver.lines if " 92" in line]
            receiver.close()
            off = behind(frames, 960.0)
            kept = f"{len(frames)} of {count} notes, {status.xruns} xruns"
            if len(frames) == count:
                say(
                    f"JACK, {name}: largest deviation {off.max():.0f} samples, p95 {np.percentile(off, 95):.0f}; {kept}"
                )
            else:
                say(f"JACK, {name}: {kept}")


def tags(count=500):
    """Measure by how much OSC time tags leave their grid."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as near:
        near.bind(("127.0.0.1", 0))
        near.settimeout(2)
        found = []
        with ProcessPlayer(
            SenderAssignment(OscTarget("supercollider", port=near.getsockname()[1]), grid(count, 0.02))
        ) as player:
            player.play(0.0)
            with contextlib.suppress(TimeoutError):
                while len(found) < count:
                    bundle = OscBundle(near.recv(65536))
                    if any(message.address == "/emsync/note" for message in bundle):
                        found.append((bundle.timestamp, bundle.timestamp - time.time()))
    steps = [after[0] - before[0] - 0.02 for before, after in pairwise(found)]
    ahead = min(left for _, left in found)
    say(
        f"OSC time tags: {len(found)} notes, steps of 20 ms off by {1e6 * max(map(abs, steps)):.0f} us at most; "
        f"the latest arrived {1000 * ahead:.0f} ms before its time"
    )


def drift(minutes=2.0):
    """Measure how far arrivals drift from this computer's clock, and frames from JACK's."""
    count = int(60 * minutes)
    receiver = OscReceiver()
    try:
        status, _ = play_through(OscTarget("emsync", port=receiver.port), grid(count, 1.0, 0.1))
        time.sleep(0.5)
        arrived = np.array([message["at"] for message in receiver.messages("/emsync/note")])
        numbers = np.arange(len(arrived))
        slope = np.polyfit(numbers, arrived - arrived[0] - numbers, 1)[0] if not status.dropped else float("nan")
        say(f"drift over {minutes:g} minutes: {1000 * slope * len(arrived):+.2f} ms; {status.dropped} notes left out")
    finally:
        receiver.close()


def first():
    """Time to the first note: of the command, and of an open player."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "one.mid"
        midi = mido.MidiFile(ticks_per_beat=480)
        midi.tracks.append(mido.MidiTrack())
        midi.tracks[0] += [mido.Message("note_on", note=60), mido.Message("note_off", note=60, time=480)]
        midi.save(path)
        receiver = OscReceiver()
        try:
            for name in ("cold", "again"):
                heard, begun = len(receiver.messages("/emsync/note")), time.perf_counter()
                command = [sys.executable, "-m", "emsync_bridge", "live", str(path), "--osc", f":{receiver.port}"]
                subprocess.run(command, check=True, capture_output=True)
                taken = receiver.messages("/emsync/note")[heard]["at"] - begun
                say(f"first note {1000 * taken:.0f} ms after the command ({name})")
            with ProcessPlayer(SenderAssignment(OscTarget("emsync", port=receiver.port), grid(50))) as player:
                found = []
                for _ in range(10):
                    heard, begun = len(receiver.messages("/emsync/note")), time.perf_counter()
                    player.play(0.0)
                    receiver.wait_for(lambda _, n=heard: len(receiver.messages("/emsync/note")) > n)
                    found.append(receiver.messages("/emsync/note")[heard]["at"] - begun)
                    player.stop()
                    time.sleep(0.2)
                say(f"first note after the order to an open player, 50 ms of preroll counted in: {spread(found)}")
        finally:
            receiver.close()


def load(seconds=10):
    """Measure processor time and memory of the sender while it plays 400 notes per second; Linux only."""
    receiver = OscReceiver()
    try:
        with ProcessPlayer(
            SenderAssignment(OscTarget("emsync", port=receiver.port), grid(400 * (seconds + 2), 0.0025))
        ) as player:
            player.play(0.0)
            time.sleep(1.0)
            stat = Path(f"/proc/{player.pid}/stat")

            def used():
                fields = stat.read_text().rpartition(")")[2].split()
                return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

            before, begun = used(), time.perf_counter()
            time.sleep(seconds)
            share = (used() - before) / (time.perf_counter() - begun)
            lines = Path(f"/proc/{player.pid}/status").read_text().splitlines()
            memory = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmRSS"))
            notes = player.status().notes
        say(f"400 notes per second: {100 * share:.1f} % of one core, {memory:.0f} MB resident; {notes} notes so far")
    finally:
        receiver.close()


def follow(locates=100):
    """Follow MIDI Time Code through JACK: how far notes are from where the leader plays the same ones."""
    chance, form = random.Random(5), mtc_format(Fraction(25))
    part = LivePart(tuple(PartNote(i / 8, i / 8 + 0.1, 0, 40 + i % 80, 80) for i in range(800)), (), 101.0)
    with tempfile.TemporaryDirectory() as folder, jack_running(f"emsync-bench-{os.getpid()}"):
        logs = [Path(folder) / name for name in ("leader", "follower")]
        leader = SenderAssignment(BothTarget(MidiTarget(), RecordingTarget(logs[0])), part, sync=SendMtc(form))
        with ProcessPlayer(leader) as leading:
            source = MtcSource(form, port="emsync:out")
            with ProcessPlayer(SenderAssignment(RecordingTarget(logs[1]), part, source=source)) as following:
                for _ in range(locates):
                    leading.play(chance.uniform(0, 95))
                    time.sleep(1.2)
                leading.stop()
                time.sleep(0.5)
                dropped = following.status().dropped
        told = [[json.loads(line) for line in log.read_text().splitlines()] for log in logs]
    rolls = [(e["when"], e["values"][1]) for e in told[0] if e["event"] == "StateMessage" and e["values"][0] == 1]
    notes = [[e for e in events if e["event"] == "NoteOn"] for events in told]
    errors = []
    for note in notes[1]:
        when, position = max(roll for roll in rolls if roll[0] <= note["sent"])
        there = position + note["sent"] - when
        # Pitches come again every ten seconds; the nearest of those notes is the one that is meant.
        errors.append(abs((there - (note["pitch"] - 40) / 8 + 5) % 10 - 5))
    heard = f"{len(errors)} notes, {len(notes[0])} at the leader"
    within = sum(error <= 0.02 for error in errors) / len(errors)
    say(
        f"following MTC through {locates} locates: {heard}, {spread(errors)}; "
        f"{100 * within:.1f} % within half a frame (20 ms) at the sender; {dropped} left out"
    )


PARTS = {part.__name__: part for part in (lateness, jack, tags, drift, first, load, follow)}


def main():
    """Run the parts that were asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[[], *PARTS], default=[])
    parser.add_argument("--minutes", type=float, default=2.0, help="how long to watch for drift")
    parser.add_argument("--locates", type=int, default=100)
    arguments = parser.parse_args()
    for name in arguments.parts or PARTS:
        if name == "drift":
            drift(arguments.minutes)
        elif name == "follow":
            follow(arguments.locates)
        else:
            PARTS[name]()


if __name__ == "__main__":
    main()
