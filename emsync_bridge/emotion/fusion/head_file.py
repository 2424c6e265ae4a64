"""The two files of a trained head: weights as safetensors, and a sheet as JSON that says what they are for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.files.weights import read_limited, tensors_in

FORMAT = 1

MAX_SHEET_BYTES = 4 * 2**20

MAX_WEIGHT_BYTES = 512 * 2**20

_Positive = Annotated[float, Field(gt=0, le=1e3, allow_inf_nan=False)]
_Name = Annotated[str, Field(min_length=1, max_length=64, pattern=r"^[\w-]+$")]


class Modality(BaseModel):
    """Features of one kind that a head was trained on.

    Arguments:
        name: The extractor's name.
        version: The extractor's version then.
        columns: Numbers in a row.
        origin: Model and licence behind them.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    name: _Name
    version: str = Field(max_length=200)
    columns: int = Field(ge=1, le=65536)
    origin: str = Field(default="", max_length=2000)


class HeadSheet(BaseModel):
    """Purpose and measured quality of a head.

    Arguments:
        layout: Version of the file's layout.
        modalities: Modalities that it looks at, in order.
        labels: Names of its classes in the order of its logits; empty when it only tells valence and arousal.
        several: Whether several labels may hold at once.
        affect: Whether it tells valence and arousal.
        width: Numbers in a token.
        heads: Attention heads.
        queries: Number of learned queries.
        temperature: Divisors of the logits, for a part of a shot and for a whole clip.
        usual: Distance of the features of its examples from their mean by modality, in standard deviations: all but
            one in a hundred lie nearer.
        widen: Factors of its standard errors in valence and in arousal.
        data: Training data, in a few words.
        metrics: Results on clips that it had not seen.
        card: Further facts for its users.
        digest: Digest of the weights that belong to it.
        place: Folder that it was read from.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")
    layout: Literal[1] = 1
    modalities: tuple[Modality, ...] = Field(min_length=1, max_length=64)
    labels: tuple[Annotated[str, Field(max_length=100)], ...] = Field(max_length=1000)
    several: bool
    affect: bool
    width: int = Field(ge=4, le=4096)
    heads: int = Field(ge=1, le=64)
    queries: int = Field(ge=1, le=64)
    temperature: dict[Literal["part", "clip"], _Positive]
    usual: dict[str, _Positive] = {}
    widen: tuple[_Positive, _Positive] = (1.0, 1.0)
    data: str = Field(default="", max_length=2000)
    metrics: dict[str, Any] = {}
    card: dict[str, Any] = {}
    digest: str = ""
    place: str = Field(default="", exclude=True)


def shapes(sheet: HeadSheet) -> dict[str, tuple[int, ...]]:
    """Return the shape of each tensor that a head of this sheet has."""
    d = sheet.width
    wanted: dict[str, tuple[int, ...]] = {"queries": (sheet.queries, d)}

    def linear(name: str, inputs: int, outputs: int) -> None:
        wanted[f"{name}.weight"], wanted[f"{name}.bias"] = (outputs, inputs), (outputs,)

    def block(name: str) -> None:
        for norm in ("norm", "context", "middle"):
            wanted[f"{name}.{norm}.weight"] = wanted[f"{name}.{norm}.bias"] = (d,)
        for part in ("query", "key", "value", "out"):
            linear(f"{name}.{part}", d, d)
        linear(f"{name}.up", d, 2 * d)
        linear(f"{name}.down", 2 * d, d)

    for modality in sheet.modalities:
        linear(f"project.{modality.name}", modality.columns, d)
        wanted[f"modality.{modality.name}"] = (d,)
        for kept in ("mean", "spread", "floor"):
            wanted[f"{kept}.{modality.name}"] = (modality.columns,)
        block(f"temporal.{modality.name}")
    block("fusion")
    linear("time", 16, d)
    wanted["last.weight"] = wanted["last.bias"] = (d,)
    if sheet.labels:
        linear("classes", sheet.queries * d, len(sheet.labels))
    if sheet.affect:
        linear("affect", sheet.queries * d, 4)
    return wanted


def write_head(folder: Path, sheet: HeadSheet, tensors: Mapping[str, NDArray[np.float32]]) -> None:
    """Write head.safetensors and head.json.

    Arguments:
        folder: Folder to write into; it exists.
        sheet: The sheet; its digest is filled in.
        tensors: The weights, of the shapes that ``shapes`` says.

    Raises:
        OutputError: They cannot be written.
    """
    from safetensors.numpy import save

    # safetensors writes memory as it lies, so a transposed view would come out scrambled
    weights = save({name: np.ascontiguousarray(tensor, np.float32) for name, tensor in sorted(tensors.items())})
    marked = sheet.model_copy(update={"digest": _digest(weights)})
    with staging_folder(folder) as room:
        (room / "weights").write_bytes(weights)
        (room / "sheet").write_text(json.dumps(marked.model_dump(mode="json"), indent=1) + "\n", encoding="utf-8")
        publish(room / "weights", folder / "head.safetensors")
        publish(room / "sheet", folder / "head.json")


def read_head(folder: Path) -> tuple[HeadSheet, dict[str, NDArray[np.float32]]]:
    """Return a head's sheet and weights.

    Raises:
        CheckpointError: One of the files is missing, damaged, too large, or they do not belong together.
    """
    hint = "Give the folder that emsync train-emotion wrote, or train again"
    limits = {"head.json": MAX_SHEET_BYTES, "head.safetensors": MAX_WEIGHT_BYTES}
    texts = [read_limited(folder / name, most, hint=hint) for name, most in limits.items()]
    try:
        sheet = HeadSheet.model_validate_json(texts[0]).model_copy(update={"place": str(folder)})
    except ValidationError as problem:
        first = problem.errors()[0]
        place = ".".join(str(step) for step in first["loc"])
        raise CheckpointError(
            f"This is not the JSON description of a head: {place or 'the whole'}: {first['msg']}",
            where=folder / "head.json",
            hint=hint,
        ) from None
    if sheet.digest != _digest(texts[1]):
        raise CheckpointError("Weights and sheet do not belong together", where=folder, hint=hint)
    tensors = tensors_in(texts[1], folder / "head.safetensors", hint=hint)
    for name, shape in shapes(sheet).items():
        tensor = tensors.get(name)
        if tensor is None or tensor.shape != shape or tensor.dtype != np.float32 or not np.isfinite(tensor).all():
            raise CheckpointError(f"The weights lack a good {name!r}", where=folder, hint=hint)
    if sheet.width % sheet.heads:
        raise CheckpointError("Its width is no multiple of its heads", where=folder / "head.json", hint=hint)
    return sheet, tensors


def _digest(weights: bytes) -> str:
    return hashlib.blake2b(weights, digest_size=16).hexdigest()
