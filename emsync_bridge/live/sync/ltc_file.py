"""Linear Time Code as a WAV file that is as long as the music."""

from __future__ import annotations

import wave
from pathlib import Path

import numpy as np

from emsync_bridge.cue import Spotting
from emsync_bridge.errors import EmsyncError, RenderError
from emsync_bridge.live.sync.ltc import ltc_blocks
from emsync_bridge.live.sync.mtc import mtc_format

_FULL = 32767


def write_ltc(path: Path, spotting: Spotting, sample_rate: int) -> None:
    """Write the timecode of a timeline, mono with 16 bits; the caller sees to a temporary name.

    Arguments:
        path: The new file.
        spotting: The timeline: its start timecode, rate and length.
        sample_rate: Samples per second.

    Raises:
        RenderError: There is no linear time code at this frame rate.
        OSError: The file cannot be written.
    """
    try:
        form = mtc_format(spotting.rate, drop_frame=spotting.drop_frame)
    except EmsyncError:
        raise RenderError(
            f"There is no linear time code at {float(spotting.rate):g} frames per second",
            hint="Leave it out, or work at 24, 25 or 30 frames per second or twice that",
            setting="ltc",
        ) from None
    start, length = spotting.start_frame / spotting.rate, spotting.frames / spotting.rate
    with path.open("wb") as file, wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(sample_rate)
        for block in ltc_blocks(form, start, length, sample_rate):
            sound.writeframesraw(np.rint(block * _FULL).astype("<i2").tobytes())
