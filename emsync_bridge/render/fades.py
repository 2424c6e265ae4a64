"""Fades at both ends of a piece."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from emsync_bridge.render.engines import Audio
from emsync_bridge.render.midi_events import SAMPLE_RATE

_SHORTEST = 0.002  # seconds


@dataclass(frozen=True)
class Fades:
    """Raised-cosine fades at both ends of a piece.

    The fade-out of three seconds is the method's; in its last 0.2 s the music is 39 dB down and more, so an editor
    may cut there. Pieces too short for it get a quarter of their length.

    Arguments:
        samples: Length of the piece.
        fade_in: Seconds; 2 ms at least, which keep a soundfont from clicking.
        fade_out: Seconds; 2 ms at least.
    """

    samples: int
    fade_in: float = 0.0
    fade_out: float = 3.0

    def apply(self, block: Audio, position: int) -> Audio:
        """Return a block of the piece with the fades that fall into it.

        Arguments:
            block: Shape (n, 2).
            position: Sample of the piece at which it begins.
        """
        into, out = (
            min(round(max(_SHORTEST, seconds) * SAMPLE_RATE), self.samples // 4)
            for seconds in (self.fade_in, self.fade_out)
        )
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
