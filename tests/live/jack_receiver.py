"""A JACK client that writes each MIDI message with the exact frame at which it arrives: a receiver for the tests."""

import sys
import time
from collections import deque

import jack


def main():
    client = jack.Client("exact")
    port = client.midi_inports.register("in")
    arrived = deque()

    @client.set_process_callback
    def process(frames):
        start = client.last_frame_time
        for offset, data in port.incoming_midi_events():
            arrived.append((start + offset, bytes(data)))

    with client:
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        while True:
            while arrived:
                frame, data = arrived.popleft()
                sys.stdout.write(f"{frame} {data.hex()}\n")
            sys.stdout.flush()
            time.sleep(0.01)


if __name__ == "__main__":
    main()
