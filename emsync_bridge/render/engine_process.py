"""The program of a process that renders for ``engine_pool``: fonts and MIDI files in, WAV files out.

It runs on the standard library and midirenderer alone, so that it starts in a few hundredths of a second. A request is
two lengths of 8 bytes, font and MIDI file; an answer is a byte, 0 for a WAV file and 1 for a message, a length of 8
bytes, and the data.
"""

from __future__ import annotations

import signal
import struct
import sys

REQUEST = struct.Struct("<QQ")
ANSWER = struct.Struct("<BQ")


def serve(folder: str) -> None:
    """Answer requests from standard input until it is closed.

    Arguments:
        folder: Installation folder of midirenderer.
    """
    # the parent decides what an interruption means, and closing its end of the pipe ends this process
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    sys.path.append(folder)
    import midirenderer

    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(head := source.read(REQUEST.size)) == REQUEST.size:
        font, midi = REQUEST.unpack(head)
        failed = 0
        try:
            data = midirenderer.render_wave_from(source.read(font), source.read(midi))
        except MemoryError:
            return
        except BaseException as problem:  # noqa: BLE001 (a panic in the compiled part is no Exception)
            failed, data = 1, str(problem).encode()
        sink.write(ANSWER.pack(failed, len(data)))
        sink.write(data)
        sink.flush()
        del data


if __name__ == "__main__":
    serve(sys.argv[1])
