"""Two peers of a Link session; run in a network namespace of its own, for Link multicasts on every device.

Prints JSON: where our follower was after the other peer started at 132 beats per minute, changed to 90, and stopped.
"""

import json
import sys
import time

import link

from emsync_bridge.cue import Tempo, TempoMap
from emsync_bridge.live.sync.follow_link import LinkSource


def main():
    follower = LinkSource(TempoMap((Tempo(0, 500_000),)), 8.0).open(time.perf_counter)
    follower.attend(0.0)
    found = {"alone": follower.reader.warning, "before": follower.reader.line(0.0)}
    other = link.Link(132.0)
    other.enabled = other.startStopSyncEnabled = True
    until = time.perf_counter() + 10
    while other.numPeers() == 0 and time.perf_counter() < until:
        time.sleep(0.05)

    def change(tempo, playing):
        state, now = other.captureSessionState(), other.clock().micros()
        state.setTempo(tempo, now)
        state.setIsPlaying(playing, now)
        other.commitSessionState(state)
        time.sleep(1.0)
        state = other.captureSessionState()
        follower.attend(0.0)
        line, here = follower.reader.line(0.0), time.perf_counter()
        started = state.beatAtTime(state.timeForIsPlaying(), 4.0)
        beats = state.beatAtTime(other.clock().micros(), 4.0) - started
        return line and {"rate": line.rate, "off": line.position_at(here) - (8.0 + beats / 2)}

    found |= {"started": change(132.0, True), "slower": change(90.0, True), "stopped": change(90.0, False)}
    follower.close()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
