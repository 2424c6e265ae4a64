"""Level and edges of the mix: loudness for music under picture, a true-peak ceiling, fades."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from math import inf, isfinite
from pathlib import Path

import numpy as np
import numpy.typing as npt

from emsync_bridge.errors import RenderError
from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE

TARGET_LUFS = -20.0
"""Integrated loudness of a music track that will lie under dialogue in a programme of -23 or -24 LUFS."""

CEILING_DBTP = -1.0
"""Highest true peak (EBU R 128, production)."""

_READING = 0.1  # ffmpeg prints levels with one decimal


@dataclass(frozen=True)
class Loudness:
    """What a meter shows.

    Arguments:
        integrated: LUFS after ITU-R BS.1770-4 with gating; -inf for silence.
        true_peak: dBTP, oversampled; -inf for silence.
    """

    integrated: float
    true_peak: float


@dataclass(frozen=True)
class Fades:
    """Raised-cosine fades at both ends of a piece.

    The fade-out of three seconds is the method's; in its last 0.2 s the music is 39 dB down and more, so an editor
    may cut there. Pieces too short for it get a quarter of their length.

    Arguments:
        samples: Length of the piece.
        fade_in: Seconds; by default only enough to keep a soundfont from clicking.
        fade_out: Seconds.
    """

    samples: int
    fade_in: float = 0.002
    fade_out: float = 3.0

    def apply(self, block: Audio, position: int) -> Audio:
        """Return a block of the piece with the fades that fall into it.

        Arguments:
            block: Shape (n, 2).
            position: Sample of the piece at which it begins.
        """
        into = min(round(self.fade_in * SAMPLE_RATE), self.samples // 4)
        out = min(round(self.fade_out * SAMPLE_RATE), self.samples // 4)
        faded: Audio = block.copy()
        opening = min(len(block), max(0, into - position))
        closing = min(len(block), max(0, position + len(block) - (self.samples - out)))
        if opening:
            faded[:opening] *= _rise(np.arange(position, position + opening) / into)
        if closing:
            left = self.samples - 1 - np.arange(position + len(block) - closing, position + len(block))
            faded[len(block) - closing :] *= _rise(left / out)
        return faded


def _rise(share: npt.NDArray[np.float64]) -> Audio:
    rise: Audio = ((1 - np.cos(np.pi * share)) / 2).astype(np.float32)[:, np.newaxis]
    return rise


def measure(sound: Path) -> Loudness:
    """Return the loudness of raw sound.

    Arguments:
        sound: File of 32-bit little-endian floats, two channels interleaved, 48 kHz.

    Raises:
        RenderError: The meter, ffmpeg, is missing or fails.
    """
    import imageio_ffmpeg

    source = ["-f", "f32le", "-ar", str(SAMPLE_RATE), "-ac", "2", "-i", f"file:{sound.absolute()}"]
    # the meter needs 0.4 s at least, so shorter sounds get silence behind them
    meter = ["-af", "apad=whole_dur=0.5,ebur128=peak=true:framelog=verbose", "-f", "null", "-"]
    try:
        program = imageio_ffmpeg.get_ffmpeg_exe()
        done = subprocess.run(  # noqa: S603
            [program, "-nostdin", "-hide_banner", "-nostats", *source, *meter], capture_output=True, check=False
        )
    except (OSError, RuntimeError) as problem:
        raise RenderError(
            f"The loudness cannot be measured: {problem}", hint="Reinstall imageio-ffmpeg from a wheel"
        ) from None
    text = done.stderr.decode("utf-8", "replace")
    integrated = re.findall(r"^\s+I:\s+(\S+) LUFS", text, re.MULTILINE)
    peak = re.findall(r"^\s+Peak:\s+(\S+) dBFS", text, re.MULTILINE)
    if done.returncode or not integrated or not peak:
        why = text.strip().splitlines()[-1:] or [f"exit code {done.returncode}"]
        raise RenderError(f"The loudness cannot be measured: {why[0]}")
    loudness = float(integrated[-1])
    return Loudness(-inf if loudness <= -70 else loudness, float(peak[-1]))


def gain_for(heard: Loudness, *, target: float = TARGET_LUFS, ceiling: float = CEILING_DBTP) -> float:
    """Return the gain in decibels that brings sound to the target, less where a peak would pass the ceiling.

    No limiter: its gain would change from moment to moment, and stems would no longer add up to the mix.

    Arguments:
        heard: What the meter showed.
        target: LUFS.
        ceiling: dBTP.

    Returns:
        0 for silence.
    """
    if not isfinite(heard.true_peak):
        return 0.0
    highest = ceiling - _READING - heard.true_peak
    return min(target - heard.integrated, highest) if isfinite(heard.integrated) else min(0.0, highest)
