"""Another sample rate for a spooled file, by ffmpeg's resampler."""

from __future__ import annotations

import subprocess
from pathlib import Path

from emsync_bridge.errors import RenderError
from emsync_bridge.ffmpeg import find_ffmpeg, input_url
from emsync_bridge.render.midi_events import SAMPLE_RATE

_FRAME = 8  # bytes of two floats


def resample(spooled: Path, rate: int, samples: int) -> None:
    """Bring a file of raw floats at 48 kHz to another rate and an exact length, in place.

    Arguments:
        spooled: 32-bit little-endian floats, two channels interleaved.
        rate: Samples per second.
        samples: Length of the result.

    Raises:
        RenderError: ffmpeg fails.
        OSError: The disk is full.
    """
    new = spooled.with_name(f"{spooled.name}.resampled")
    raw = ["-f", "f32le", "-ac", "2"]
    done = subprocess.run(  # noqa: S603
        [find_ffmpeg(), "-nostdin", "-hide_banner", "-loglevel", "error", *raw, "-ar", str(SAMPLE_RATE),
         "-i", input_url(spooled), "-af", f"aresample={rate}:filter_size=128:cutoff=0.97", *raw, "-y", input_url(new)],
        capture_output=True,
        check=False,
    )  # fmt: skip
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()[-1:]
        raise RenderError(f"The sample rate cannot be changed: {said[0] if said else 'ffmpeg failed'}")
    with new.open("r+b") as file:
        file.truncate(samples * _FRAME)  # a filter's last sample more or less is silence
    new.replace(spooled)
