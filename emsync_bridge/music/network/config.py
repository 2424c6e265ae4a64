"""Sizes of the generator, apart from the network itself so that reading them needs no tensor library."""

from __future__ import annotations

from dataclasses import dataclass

from emsync_bridge.music.tokenizer import conditions as cond
from emsync_bridge.music.tokenizer.vocabulary import VOCABULARY


@dataclass(frozen=True)
class ModelConfig:
    """Sizes of the network.

    Arguments:
        layers: Blocks.
        width: Values per position.
        heads: Attention heads; ``width / heads`` is even.
        hidden: Values inside a feed-forward block.
        context: Positions that a token can look back on, itself included.
        dropout: Share of values dropped while training.
        vocabulary: Tokens.
        scalars: Scalar conditions per position.
    """

    layers: int = 6
    width: int = 256
    heads: int = 4
    hidden: int = 1024
    context: int = 512
    dropout: float = 0.0
    vocabulary: int = VOCABULARY
    scalars: int = cond.SCALARS


def weight_shapes(config: ModelConfig) -> dict[str, tuple[int, ...]]:
    """Return the shape of every weight of the network, by its name; the output shares the token embedding."""
    width, hidden, head = config.width, config.hidden, (config.width // config.heads,)
    shapes: dict[str, tuple[int, ...]] = {
        "tokens.weight": (config.vocabulary, width),
        "conditions.inner.weight": (width // 2, config.scalars),
        "conditions.inner.bias": (width // 2,),
        "conditions.outer.weight": (width, width // 2),
        "conditions.outer.bias": (width,),
        "conditions.beat.weight": (cond.BEATS, width),
        "conditions.tick.weight": (cond.TICKS, width),
        "conditions.beats_left.weight": (cond.BEATS, width),
        "norm.weight": (width,),
    }
    for number in range(config.layers):
        shapes |= {
            f"blocks.{number}.{name}": shape
            for name, shape in {
                "attention_norm.weight": (width,),
                "attention.qkv.weight": (3 * width, width),
                "attention.out.weight": (width, width),
                "attention.query_norm.weight": head,
                "attention.key_norm.weight": head,
                "hidden_norm.weight": (width,),
                "up.weight": (hidden, width),
                "down.weight": (width, hidden),
            }.items()
        }
    return shapes
