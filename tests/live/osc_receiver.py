"""A receiver of OSC in a process of its own: writes each message with its time of arrival as a line of JSON."""

import json
import sys
import time

from pythonosc.dispatcher import Dispatcher
from pythonosc.osc_server import BlockingOSCUDPServer


def say(line):
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main():
    dispatcher = Dispatcher(strict_timing=False)

    def write(address, *values):
        say(json.dumps({"at": time.perf_counter(), "address": address, "values": values}))

    dispatcher.set_default_handler(write)
    server = BlockingOSCUDPServer(("127.0.0.1", 0), dispatcher)
    say(str(server.server_address[1]))
    server.serve_forever()


if __name__ == "__main__":
    sys.exit(main())
