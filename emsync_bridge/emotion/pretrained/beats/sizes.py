"""Sizes of a BEATs network, and the names and shapes of its weights."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from emsync_bridge.errors import CheckpointError

GATE_UNITS = 8
"""Outputs of the layer that gates the bias of relative position: two gates of four each, summed."""

MOST = 65_536
"""Greatest size."""


@dataclass(frozen=True)
class BeatsSizes:
    """Sizes of a network.

    Arguments:
        patch: Side of a patch of the spectrogram, in frames and bands.
        embedding: Width of an embedded patch.
        width: Width of a token.
        inner: Width of the feed-forward layers.
        layers: Number of layers.
        heads: Heads of attention.
        position_span: Tokens that the convolution over positions sees.
        position_groups: Groups of that convolution.
        buckets: Number of relative positions that are told apart.
        farthest: Distance in tokens from which they no longer are.
        classes: Classes that it tells; 0 where it was not fine-tuned.
    """

    patch: int
    embedding: int
    width: int
    inner: int
    layers: int
    heads: int
    position_span: int
    position_groups: int
    buckets: int
    farthest: int
    classes: int = 0

    @classmethod
    def checked(cls, values: Mapping[str, object], where: Path) -> BeatsSizes:
        """Return sizes from a file.

        Arguments:
            values: Values by name.
            where: The file.

        Raises:
            CheckpointError: One is missing, no whole number, out of bounds, or does not divide as it must.
        """
        found: dict[str, int] = {}
        for each in fields(cls):
            value = values.get(each.name, 0 if each.name == "classes" else None)
            least = 0 if each.name == "classes" else 1
            if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= MOST:
                raise CheckpointError(
                    f"The size {each.name!r} of this BEATs network is {str(value)[:40]}, not {least} to {MOST}",
                    where=where,
                )
            found[each.name] = value
        sizes = cls(**found)
        uneven = sizes.width % sizes.heads or sizes.width % sizes.position_groups or sizes.buckets % 4
        if uneven or sizes.farthest <= sizes.buckets // 4:
            raise CheckpointError("The sizes of this BEATs network do not fit each other", where=where)
        return sizes


def shapes_of(sizes: BeatsSizes) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all weights by their published names."""
    d, e, head = sizes.width, sizes.embedding, sizes.width // sizes.heads
    found: dict[str, tuple[int, ...]] = {
        "patch_embedding.weight": (e, 1, sizes.patch, sizes.patch),
        "encoder.pos_conv.0.bias": (d,),
        "encoder.pos_conv.0.weight_g": (1, 1, sizes.position_span),
        "encoder.pos_conv.0.weight_v": (d, d // sizes.position_groups, sizes.position_span),
        "encoder.layers.0.self_attn.relative_attention_bias.weight": (sizes.buckets, sizes.heads),
    }
    linear = {"post_extract_proj": (d, e)} if e != d else {}
    linear |= {"predictor": (sizes.classes, d)} if sizes.classes else {}
    norms = {"layer_norm": e, "encoder.layer_norm": d}
    for layer in (f"encoder.layers.{i}" for i in range(sizes.layers)):
        linear |= {f"{layer}.self_attn.{name}_proj": (d, d) for name in ("q", "k", "v", "out")}
        linear |= {f"{layer}.self_attn.grep_linear": (GATE_UNITS, head)}
        linear |= {f"{layer}.fc1": (sizes.inner, d), f"{layer}.fc2": (d, sizes.inner)}
        norms |= {f"{layer}.self_attn_layer_norm": d, f"{layer}.final_layer_norm": d}
        found[f"{layer}.self_attn.grep_a"] = (1, sizes.heads, 1, 1)
    for name, size in linear.items():
        found |= {f"{name}.weight": size, f"{name}.bias": size[:1]}
    for name, width in norms.items():
        found |= {f"{name}.weight": (width,), f"{name}.bias": (width,)}
    return found
