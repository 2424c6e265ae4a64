"""Generation sessions: the network run token by token under its conditions, with guidance, for one piece or several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from emsync_bridge.music.generation.state import Conditioning, ScoreState, condition_row
from emsync_bridge.music.network.batch_decoder import BatchDecoder
from emsync_bridge.music.network.checkpoint import Checkpoint
from emsync_bridge.music.network.decoder import Decoder


class Session:
    """The network with the conditions of every token, and classifier-free guidance between two sets of logits.

    Arguments:
        checkpoint: The generator.
        state: The piece so far; the caller keeps it up to date.
        told: Conditions that the network is given.
        guidance: Guidance as in ``MusicOptions``.
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


class BatchSession:
    """The network with several pieces side by side, all at the same position.

    Arguments:
        checkpoint: The generator.
        states: The pieces so far; the caller keeps them up to date.
        told: Conditions that the network is given.
        guidance: Guidance as in ``MusicOptions``.
    """

    def __init__(
        self, checkpoint: Checkpoint, states: Sequence[ScoreState], told: Conditioning, guidance: float
    ) -> None:
        self._states, self._guidance = list(states), guidance
        self._told = [told] if guidance == 1.0 else [told, replace(told, affect=False)]
        self._decoder = BatchDecoder(checkpoint.config, checkpoint.weights, len(states) * len(self._told))
        self.scores = np.zeros((len(states), 0), dtype=np.float32)
        """Of each piece's next token, shape (pieces, vocabulary)."""

    def read(self, tokens: Sequence[int]) -> None:
        """Take note of the next token of each piece under its present conditions."""
        rows = [condition_row(state, told) for told in self._told for state in self._states]
        scalars, places = (np.stack(part) for part in zip(*rows, strict=True))
        self.scores = self._decoder.step(list(tokens) * len(self._told), scalars, places)
        if len(self._told) > 1:
            with_mood, without = np.split(self.scores, 2)
            self.scores = guided_logits(with_mood, without, self._guidance)

    def keep(self, pieces: Sequence[int]) -> None:
        """Go on with some of the pieces only, in this order."""
        count = len(self._states)
        self._decoder.keep([row * count + index for row in range(len(self._told)) for index in pieces])
        self._states = [self._states[index] for index in pieces]


def guided_logits(conditioned: np.ndarray, unconditioned: np.ndarray, scale: float) -> np.ndarray:
    """Return logits that follow the condition by a scale.

    Source: Ho and Salimans 2022, "Classifier-Free Diffusion Guidance", arXiv 2207.12598, applied to logits.

    Arguments:
        conditioned: Logits with the mood, of any shape.
        unconditioned: Logits without it, of the same shape.
        scale: 0 ignores the mood, 1 is the network as it is, above 1 follows the mood more closely.
    """
    mixed: np.ndarray = unconditioned + np.float32(scale) * (conditioned - unconditioned)
    return mixed
