"""Generation session for one piece: runs the network token by token under its conditions, with guidance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from emsync_bridge.music.generation.guidance import guided_logits
from emsync_bridge.music.generation.state import Conditioning, ScoreState, condition_row
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.network.decoder import Decoder


class Session:
    """The network with the conditions of every token, and classifier-free guidance between two sets of logits.

    Arguments:
        checkpoint: The generator.
        state: The piece so far; the caller keeps it up to date.
        told: Conditions that the network is given.
        guidance: As in ``MusicOptions``.
    """

    def __init__(self, checkpoint: Checkpoint, state: ScoreState, told: Conditioning, guidance: float) -> None:
        self.state, self._guidance = state, guidance
        self._told = [told] if guidance == 1.0 else [told, replace(told, affect=False)]
        self._instant: tuple[object, ...] = ()
        self._conditions: list[tuple[np.ndarray, np.ndarray]] = []
        self._decoder = Decoder(checkpoint.config, checkpoint.weights)
        self._moodless = Decoder(checkpoint.config, checkpoint.weights) if guidance != 1.0 else None
        self.scores = np.zeros(0, dtype=np.float32)
        """Of the token after the last one read, shape (vocabulary,)."""

    @property
    def position(self) -> int:
        """Number of tokens read so far."""
        return self._decoder.position

    def read(self, token: int) -> None:
        """Take note of a token under the present conditions."""
        state = self.state
        instant = (state.plan, state.clock, state.bar, state.next_chord)
        if instant != self._instant:  # which several tokens share
            self._instant = instant
            self._conditions = [condition_row(state, told) for told in self._told]
        self.scores = self._decoder.step(token, *self._conditions[0])
        if self._moodless is not None:
            without = self._moodless.step(token, *self._conditions[1])
            self.scores = guided_logits(self.scores, without, self._guidance)

    def rewind(self, position: int) -> None:
        """Go back to where so many tokens had been read."""
        for decoder in (self._decoder, self._moodless):
            if decoder is not None:
                decoder.rewind(position)
