"""The one table from the names of published tensors to ours, with their shapes.

How the published file calls its tensors is not known to us; the table holds guesses after the usual habits of PyTorch
code. A tensor that no guess fits is still found where it alone has its shape, and a table of the user's own settles
what is left.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import prod

from emsync_bridge.errors import CheckpointError
from emsync_bridge.music.emsync_original.config import PUBLISHED, OriginalConfig
from emsync_bridge.music.emsync_original.vocabulary import VOCABULARY

Shape = tuple[int, ...]

_LISTED = 8
"""Names of each kind that a message lists."""

_LAYER = re.compile(
    r"(?:.+?\.)??(?:(?:\w*(?:enc|dec|trans|block)\w*_)?layers?|\w*blocks?|h)\.(\d+)\.(.+)", re.IGNORECASE
)
_BUFFER = re.compile(r"(?:.+\.)?(?:\w*mask\w*|\w*position_ids|num_batches_tracked|inv_freq)", re.IGNORECASE)

_FRONT = r"(?:.+\.)?"
_ATTENTION = r"(?:\w*att\w*\.|mha\.|rga\.)*"
_FIRST = r"(?:0|\w*1|inner|in|first)"
_SECOND = r"(?:2|3|\w*2|outer|out|second)"
_NO_NORM = r"(?!.*(?:norm|ln))"
_MISSING = r"(?=.*(?:missing|nan|none|null|unknown|empty|absent))"


def _projection(letter: str, word: str) -> str:
    """Return how the query, key or value of an attention may be called."""
    kinds = "proj|lin|linear|fc"
    return rf"(?:w_?{letter}|{letter}|{letter}_?(?:{kinds})|(?:to|{kinds})_?{letter}|\w*{word}\w*)"


@dataclass(frozen=True)
class TensorEntry:
    """A line of the table.

    Arguments:
        name: Our name for the tensor; ``#`` stands for the number of a layer.
        shape: Numbers, or names of properties of ``OriginalConfig``.
        guess: Regular expression of what others may call it, in capitals or not; within a layer that of what follows
            the layer's number.
        parts: Names of our tensors that it holds one after the other, where it holds several.
    """

    name: str
    shape: tuple[str | int, ...]
    guess: str
    parts: tuple[str, ...] = ()

    def sized(self, sizes: OriginalConfig) -> Shape:
        """Return the shape of one part."""
        return tuple(getattr(sizes, side) if isinstance(side, str) else side for side in self.shape)


def _linear(
    name: str, outputs: str, inputs: str | int, guess: str, parts: Sequence[str] = ()
) -> tuple[TensorEntry, TensorEntry]:
    """Return the lines of a linear layer's weight and bias."""
    ends = {"weight": (outputs, inputs), "bias": (outputs,)}
    weight, bias = (
        TensorEntry(f"{name}.{end}", shape, rf"{guess}[._]{end}", tuple(f"{part}.{end}" for part in parts))
        for end, shape in ends.items()
    )
    return weight, bias


def _norm(name: str, guess: str) -> tuple[TensorEntry, ...]:
    return tuple(TensorEntry(f"{name}.{end}", ("width",), rf"{guess}\.{end}") for end in ("weight", "bias"))


def _condition(name: str, number: int) -> tuple[TensorEntry, ...]:
    guess = rf"{_FRONT}(?:\w*{name}\w*|\w*cond\w*(?:\.\w+)??\.{number})\.(?:\w+\.)??"
    return (
        *_linear(f"{name}.inner", "half", 1, guess + _FIRST),
        *_linear(f"{name}.outer", "width", "half", guess + _SECOND),
        TensorEntry(f"{name}.missing", ("width",), rf"{_MISSING}(?:.*{name}.*|.+\.{number})"),
    )


_PROJECTIONS = {"query": "q", "key": "k", "value": "v"}
_QKV = tuple(f"layers.#.{word}" for word in _PROJECTIONS)
_FEED = r"\w*(?:ff|feed|mlp|final)\w*"
_SCORES = r"\w*(?:fc|out|head|final|logit|linear|proj|decoder|score)\w*"
_OFFSET = rf"{_FRONT}\w*(?:chord|bound|offset|dist|time|insert)\w*\.(?:\w+\.)??"
_OUT = r"(?:w_?o|o|out|output|fc|fc_?(?:o|out)|(?:o|out)_?(?:proj|lin|linear)|proj|dense|linear)"

TABLE: tuple[TensorEntry, ...] = (
    TensorEntry("tokens.weight", ("vocabulary", "width"), rf"{_FRONT}(?:\w*emb\w*|\w*tokens?|wte|lut)\.weight"),
    TensorEntry("positions.weight", ("context", "half"), rf"{_FRONT}\w*(?:pos|wpe)\w*(?:\.\w+)??(?:\.weight|\.pe)?"),
    *_linear("offset.inner", "quarter", 1, _OFFSET + _FIRST),
    *_linear("offset.outer", "half", "quarter", _OFFSET + _SECOND),
    *_condition("valence", 0),
    *_condition("arousal", 1),
    TensorEntry("missing", ("width",), rf"{_MISSING}.*", ("valence.missing", "arousal.missing")),
    *_linear("layers.#.qkv", "width", "width", rf"{_ATTENTION}(?:in_proj|\w*qkv\w*|c_attn)", _QKV),
    *(
        entry
        for word, letter in _PROJECTIONS.items()
        for entry in _linear(f"layers.#.{word}", "width", "width", _ATTENTION + _projection(letter, word))
    ),
    *_linear("layers.#.out", "width", "width", rf"(?:\w*att\w*\.|mha\.|rga\.)+{_OUT}"),
    TensorEntry("layers.#.relative", ("context", "depth"), rf"{_ATTENTION}(?:e|er|e_?r\w*|\w*rel\w*)(?:\.weight)?"),
    *_norm("layers.#.attention_norm", r"(?:\w*(?:ln|norm)_?[1a]|\w*att\w*norm|\w*att\w*\.\w*norm\w*)"),
    *_linear("layers.#.up", "hidden", "width", rf"{_NO_NORM}(?:\w+\.)??(?:\w*(?:1|pre|up|in|inner|c_fc)|0)"),
    *_linear("layers.#.down", "width", "hidden", rf"{_NO_NORM}(?:\w+\.)??(?:\w*(?:2|suf|down|out|outer|c_proj)|2|3)"),
    *_norm("layers.#.hidden_norm", rf"(?:\w*(?:ln|norm)_?[2b]|{_FEED}norm|{_FEED}\.\w*norm\w*)"),
    *_linear("scores", "vocabulary", "width", rf"{_FRONT}{_SCORES}(?:\.\d)?"),
)


def shapes(sizes: OriginalConfig) -> dict[str, Shape]:
    """Return the shape of every weight of the network, by our name."""
    return {name: entry.sized(sizes) for name, entry in _lines(sizes) if not entry.parts}


def sizes_in(found: Mapping[str, Shape]) -> OriginalConfig:
    """Return the sizes that tensors have by their names, those of the published network where they tell none."""
    layers = [int(place[1]) for name in found if (place := _LAYER.fullmatch(name))]
    told: dict[str, int] = {"layers": max(layers) + 1} if layers else {}
    depth = PUBLISHED.depth
    for name, shape in found.items():
        kinds = {entry.name for entry in TABLE if _guessed(entry, name) is not None}
        if "tokens.weight" in kinds and len(shape) == 2 and shape[0] == VOCABULARY:
            told["width"] = shape[1]
        if "positions.weight" in kinds and len(shape) >= 2:
            told["context"] = shape[-2]
        if "layers.#.relative" in kinds and len(shape) >= 2:
            depth = max(1, shape[-1])
        if "layers.#.up.weight" in kinds and len(shape) == 2 and shape[0] != shape[1]:
            told["hidden"] = shape[0]
    return replace(PUBLISHED, **told, heads=told.get("width", PUBLISHED.width) // depth)


@dataclass
class _Matching:
    """Tensors matched with the network's entries so far, and those left over."""

    lines: Mapping[str, TensorEntry]
    sizes: OriginalConfig
    claimed: dict[str, str] = field(default_factory=dict)
    sources: dict[str, tuple[str, int]] = field(default_factory=dict)
    left: dict[str, Shape] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)

    def fits(self, line: str, shape: Shape) -> bool:
        entry = self.lines[line]
        return holds(shape, entry.sized(self.sizes), len(entry.parts) or 1)

    def claim(self, line: str, theirs: str) -> None:
        entry = self.lines[line]
        layer = place[1] if (place := re.match(r"layers\.(\d+)\.", line)) else ""
        for index, part in enumerate(entry.parts or (line,)):
            ours = part.replace("#", layer)
            if ours in self.sources:
                self.odd.append(f"{self.sources[ours][0]} and {theirs} may both be {ours}")
            self.sources[ours] = (theirs, index)

    def missing(self) -> dict[str, Shape]:
        return {ours: shape for ours, shape in shapes(self.sizes).items() if ours not in self.sources}


def match_tensors(
    found: Mapping[str, Shape], sizes: OriginalConfig, told: Mapping[str, str] | None = None
) -> dict[str, tuple[str, int]]:
    """Return, for each of our weights, the tensor that holds it and which part of that tensor it is.

    Arguments:
        found: Shapes of the tensors, by their names.
        sizes: Sizes of the network.
        told: Our names by theirs, for names that the user knows better.

    Raises:
        CheckpointError: Tensors are missing, left over, of the wrong shape, or fit twice; the message lists them.
    """
    told = told or {}
    work = _Matching(dict(_lines(sizes)), sizes)
    if unknown := [name for name in told.values() if name not in work.lines]:
        raise CheckpointError(
            f"The table of names speaks of {_some(unknown)}", hint=f"Ours are {', '.join(e.name for e in TABLE)}"
        )
    for theirs, shape in found.items():
        lines = [told[theirs]] if theirs in told else list(_candidates(theirs, sizes))
        fitting = next((line for line in lines if work.fits(line, shape)), None)
        if fitting is not None:
            work.claim(fitting, theirs)
        elif theirs in told:
            work.odd.append(f"{theirs} is {list(shape)}, which {told[theirs]} cannot be")
        elif not _BUFFER.fullmatch(theirs):
            work.left[theirs] = shape
    _by_shape(work)
    missing = [f"{ours} {list(shape)}" for ours, shape in work.missing().items()]
    left = [f"{theirs} {list(shape)}" for theirs, shape in work.left.items()]
    if missing or left or work.odd:
        said = {"Missing": missing, "Left over": left, "Unfit": work.odd}
        parts = "; ".join(f"{word}: {_some(names)}" for word, names in said.items() if names)
        raise CheckpointError(
            f"These tensors are not those of the published network as we know it. {parts}",
            hint="If they only have other names, give a JSON file of {their name: our name}",
            setting="names",
        )
    return work.sources


def holds(shape: Shape, wanted: Shape, parts: int = 1) -> bool:
    """Tell whether a tensor holds so many parts of a shape; sides of length 1 do not count."""
    bare = [side for side in shape if side != 1]
    single = [side for side in wanted if side != 1]
    if parts == 1:
        return bare == single
    return prod(shape) == parts * prod(wanted) and bare in ([parts, *single], [parts * single[0], *single[1:]])


def _by_shape(work: _Matching) -> None:
    """Give tensors without a known name to what is missing, where only one has the shape that only one thing has."""
    wanted: dict[tuple[str | None, Shape], list[str]] = defaultdict(list)
    there: dict[tuple[str | None, Shape], list[str]] = defaultdict(list)
    for ours, shape in work.missing().items():
        wanted[_layer_of(ours), shape].append(ours)
    for theirs, shape in work.left.items():
        there[_layer_of(theirs), shape].append(theirs)
    for place, lacking in wanted.items():
        if len(lacking) == len(there[place]) == 1:
            work.claim(lacking[0], there[place][0])
            del work.left[there[place][0]]


def _lines(sizes: OriginalConfig) -> Iterator[tuple[str, TensorEntry]]:
    """Yield the lines of the table with their names, once for each layer."""
    for entry in TABLE:
        for number in range(sizes.layers if "#" in entry.name else 1):
            yield entry.name.replace("#", str(number)), entry


def _candidates(theirs: str, sizes: OriginalConfig) -> Iterator[str]:
    for entry in TABLE:
        layer = _guessed(entry, theirs)
        if layer is not None and (not layer or int(layer) < sizes.layers):
            yield entry.name.replace("#", str(int(layer)) if layer else "#")


def _guessed(entry: TensorEntry, theirs: str) -> str | None:
    """Return the layer's number if a tensor may be an entry, empty outside the layers; None if it may not."""
    place = _LAYER.fullmatch(theirs)
    layered = "#" in entry.name
    if layered != (place is not None):
        return None
    name = place[2] if place else theirs
    return (place[1] if place else "") if re.fullmatch(entry.guess, name, re.IGNORECASE) else None


def _layer_of(theirs: str) -> str | None:
    place = _LAYER.fullmatch(theirs)
    return str(int(place[1])) if place else None


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
