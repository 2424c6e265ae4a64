"""A checkpoint as files of at most 15 MB with a manifest, and back again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from emsync_bridge.errors import CheckpointError
from emsync_bridge.files.atomic import publish, staging_folder
from emsync_bridge.music.network import checkpoint

PART_BYTES = 15 * 2**20
MANIFEST = "run.json"

_MAX_PARTS = 1000


def write_parts(folder: Path, out: Path, report: Mapping[str, Any], *, part_bytes: int = PART_BYTES) -> list[str]:
    """Write a checkpoint in parts, so that what is in ``out`` is whole at every moment; return their names.

    Arguments:
        folder: The checkpoint.
        out: Folder of the parts; those of an earlier call are removed once the new ones are there.
        report: Anything else that the manifest says of the run.
        part_bytes: Size of a part at most.
    """
    weights = (folder / "weights.safetensors").read_bytes()
    whole = hashlib.sha256(weights).hexdigest()
    pieces = [weights[begin : begin + part_bytes] for begin in range(0, len(weights), part_bytes)]
    names = [f"weights-{whole[:8]}.{number:03}" for number in range(len(pieces))]
    document = {
        "card": json.loads((folder / "card.json").read_text(encoding="utf-8")),
        "sha256": whole,
        "parts": [
            {"name": name, "bytes": len(piece), "sha256": hashlib.sha256(piece).hexdigest()}
            for name, piece in zip(names, pieces, strict=True)
        ],
        "report": dict(report),
    }
    out.mkdir(parents=True, exist_ok=True)
    with staging_folder(out) as room:
        for name, piece in zip(names, pieces, strict=True):
            (room / name).write_bytes(piece)
            publish(room / name, out / name)
        (room / MANIFEST).write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        publish(room / MANIFEST, out / MANIFEST)
    for old in out.glob("weights-*.*"):
        if old.name not in names:
            old.unlink()
    return names


def read_manifest(folder: Path) -> dict[str, Any]:
    """Return what a run wrote of itself.

    Raises:
        CheckpointError: There is no manifest, or it is damaged.
    """
    try:
        document = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        named = [str(part["name"]) for part in document["parts"]]
        whole = isinstance(document["card"], dict) and isinstance(document["sha256"], str)
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as problem:
        raise CheckpointError(f"This is not the result of a GPU run ({problem})", where=folder) from None
    if not whole or len(named) > _MAX_PARTS or any(Path(name).name != name for name in named):
        raise CheckpointError("The manifest of this run is damaged", where=folder / MANIFEST)
    return dict(document)


def join_parts(folder: Path, out: Path) -> dict[str, Any]:
    """Join the parts of a checkpoint, verify them, and write the checkpoint; return the manifest.

    Arguments:
        folder: Folder that came back from the run.
        out: Folder of the checkpoint; replaced when the new one is whole and can be loaded.

    Raises:
        CheckpointError: A part is missing or damaged, or together they are not a checkpoint.
    """
    document = read_manifest(folder)
    pieces: list[bytes] = []
    for part in document["parts"]:
        try:
            piece = (folder / part["name"]).read_bytes()
        except OSError as problem:
            raise CheckpointError(
                f"A part is missing ({problem.strerror})", where=folder / part["name"], hint="Copy it here again"
            ) from None
        if hashlib.sha256(piece).hexdigest() != part.get("sha256"):
            raise CheckpointError("This part is damaged", where=folder / part["name"], hint="Copy it here again")
        pieces.append(piece)
    weights = b"".join(pieces)
    if hashlib.sha256(weights).hexdigest() != document["sha256"]:
        raise CheckpointError("The parts do not make the weights that the manifest names", where=folder)
    out.resolve().parent.mkdir(parents=True, exist_ok=True)
    with staging_folder(out.resolve().parent) as room:
        joined = room / "checkpoint"
        joined.mkdir()
        (joined / "weights.safetensors").write_bytes(weights)
        (joined / "card.json").write_text(
            json.dumps(document["card"], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
        )
        checkpoint.load(joined)  # shapes, types and values
        publish(joined, out.resolve())
    return document
