"""The loop that draws tokens, for every generator: scores, rules, a draw, and what the token does to the piece."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Protocol

import numpy as np

from emsync_bridge.errors import MusicError
from emsync_bridge.music.generation.sampling import Sampler


class TokenSession(Protocol):
    """Generation session: a network with what it has read of one piece."""

    @property
    def scores(self) -> np.ndarray:
        """Of the token after the last one read, shape (vocabulary,)."""

    def read(self, token: int) -> None:
        """Take note of the next token."""


class TokenGroupSession(Protocol):
    """Generation session of several pieces side by side."""

    @property
    def scores(self) -> np.ndarray:
        """Of each piece's next token, shape (pieces, vocabulary)."""

    def read(self, tokens: Sequence[int]) -> None:
        """Take note of the next token of each piece."""

    def keep(self, pieces: Sequence[int]) -> None:
        """Go on with some of the pieces only, in this order."""


class TokenPiece(ABC):
    """Piece in the making: which tokens may come next, and what a token does to it.

    Attributes:
        over: Whether nothing comes after the last token.
    """

    over = False

    @abstractmethod
    def candidates(self, scores: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return scores as they are drawn from, and which tokens are allowed, both of shape (vocabulary,).

        Arguments:
            scores: The network's.
        """

    def revised(self, token: int) -> bool:  # noqa: ARG002  most pieces never go back
        """Go back on the last token because of the one that was drawn; True where that one has to be drawn again."""
        return False

    @abstractmethod
    def taken(self, token: int) -> int | None:
        """Take a drawn token into the piece; return the one that was taken, None where the piece is over before it."""


def draw_tokens(session: TokenSession, piece: TokenPiece, sampler: Sampler, most: int) -> Iterator[int]:
    """Yield the tokens of a piece as they are drawn, until it is over; the last one is not read.

    Arguments:
        session: The network, which has read what comes before.
        piece: The piece.
        sampler: Sampler that draws the tokens.
        most: Tokens at most.

    Raises:
        MusicError: The piece is not over after so many tokens.
    """
    latest: int | None = None
    for _ in range(most + 1):
        if piece.over:
            return
        if latest is not None:
            session.read(latest)
        token = sampler.draw(*piece.candidates(session.scores))
        if piece.revised(token):
            token = sampler.draw(*piece.candidates(session.scores))
        latest = piece.taken(token)
        if latest is None:
            return
        yield latest
    raise no_progress_error()


def draw_tokens_together(
    session: TokenGroupSession, pieces: Sequence[TokenPiece], samplers: Sequence[Sampler], most: int
) -> Iterator[list[tuple[int, int]]]:
    """Yield the next tokens of several pieces, each with the index of its piece, until all are over.

    Arguments:
        session: The network, which has read what comes before.
        pieces: The pieces.
        samplers: Samplers that draw the tokens, one for each piece.
        most: Tokens of a piece at most.

    Raises:
        MusicError: A piece is not over after so many tokens.
    """
    writing = list(range(len(pieces)))
    for _ in range(most):
        latest: dict[int, int] = {}
        for index, scores in zip(writing, session.scores, strict=True):
            token = pieces[index].taken(samplers[index].draw(*pieces[index].candidates(scores)))
            if token is not None:
                latest[index] = token
        yield list(latest.items())
        staying = [place for place, index in enumerate(writing) if index in latest and not pieces[index].over]
        if not staying:
            return
        if len(staying) < len(writing):
            session.keep(staying)
            writing = [writing[place] for place in staying]
        session.read([latest[index] for index in writing])
    raise no_progress_error()


def no_progress_error() -> MusicError:
    """Return the error for a generator that writes more events than any music has."""
    return MusicError(
        "The generator keeps adding notes without advancing time", hint="Try another seed", setting="seed"
    )
