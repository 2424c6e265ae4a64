"""Sizes of the published network, and what is open in its description."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class OriginalConfig:
    """Sizes of the network; as given here they are those of the published one, 37,178,355 values in all.

    Arguments:
        layers: Blocks of attention and feed-forward, each followed by its norm.
        width: Values per position, a multiple of 4.
        heads: Attention heads.
        hidden: Values inside a feed-forward block.
        context: Positions in the window, the three of the prefix included.
        vocabulary: Tokens.
    """

    layers: int = 11
    width: int = 512
    heads: int = 8
    hidden: int = 2048
    context: int = 1216
    vocabulary: int = 1011

    @property
    def depth(self) -> int:
        """Values per head."""
        return self.width // self.heads

    @property
    def half(self) -> int:
        """Values of the positional table, and inside the networks of valence and arousal."""
        return self.width // 2

    @property
    def quarter(self) -> int:
        """Values inside the network of the boundary offset."""
        return self.width // 4


PUBLISHED = OriginalConfig()

PREFIX = 3
"""Positions before the music: valence, arousal, more or fewer instruments."""

HOP = 256
"""Most tokens that the window moves past at once."""


def hop(sizes: OriginalConfig) -> int:
    """Return how many tokens the window moves past when it is full.

    Positions are counted from the window's front, so that nothing remembered stays right when it moves: it moves
    seldom and far.
    """
    return max(1, min(HOP, (sizes.context - PREFIX) // 4))


@dataclass(frozen=True)
class Conventions:
    """Conventions that descriptions of the network leave open; ``convention_search`` finds those of a set of weights.

    Arguments:
        offset_first: Whether the values of the boundary offset come before those of the position, or after them.
        scaled_prefix: Whether valence and arousal are scaled by the root of the width, as tokens are.
    """

    offset_first: bool = True
    scaled_prefix: bool = False
