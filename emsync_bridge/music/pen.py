"""The network at work on one piece: it reads each token under the conditions of the moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emsync_bridge.cue import Instrument
from emsync_bridge.music.checkpoints import Checkpoint
from emsync_bridge.music.decoder import Decoder
from emsync_bridge.music.state import ScoreState, Told, condition_row


class Pen:
    """The network with what it is told at every token.

    Arguments:
        checkpoint: The generator.
        state: The piece; whoever writes it keeps it up to date.
        ensemble: Instruments that play.
        guidance: As in ``composer.Wishes``.
    """

    def __init__(
        self, checkpoint: Checkpoint, state: ScoreState, ensemble: Sequence[Instrument], guidance: float
    ) -> None:
        self.state, self._guidance = state, guidance
        self._told = Told(tuple(ensemble))
        self._decoder = Decoder(checkpoint.config, checkpoint.weights)
        self._moodless = Decoder(checkpoint.config, checkpoint.weights) if guidance != 1.0 else None
        self.scores = np.zeros(0, dtype=np.float32)
        """Of the token after the last one read, shape (vocabulary,)."""

    @property
    def position(self) -> int:
        """How many tokens have been read."""
        return self._decoder.position

    def read(self, token: int) -> None:
        """Take note of a token under the present conditions."""
        row, place = condition_row(self.state, self._told)
        self.scores = self._decoder.step(token, row, place)
        if self._moodless is not None:
            plain, _ = condition_row(self.state, replace(self._told, affect=False))
            without = self._moodless.step(token, plain, place)
            self.scores = without + np.float32(self._guidance) * (self.scores - without)

    def rewind(self, position: int) -> None:
        """Go back to where so many tokens had been read."""
        for decoder in (self._decoder, self._moodless):
            if decoder is not None:
                decoder.rewind(position)
