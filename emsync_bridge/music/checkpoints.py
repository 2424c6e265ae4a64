"""Checkpoints on disk: a folder with ``weights.safetensors`` and ``card.json``; nothing is ever unpickled."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass, fields
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emsync_bridge.errors import CheckpointError

if TYPE_CHECKING:
    from emsync_bridge.music.model import Generator

FORMAT = 1
"""Layout of tokens, conditions and weights; a checkpoint of another one cannot be loaded."""

DEFAULT = "default"


@dataclass(frozen=True)
class Checkpoint:
    """A loaded generator, its card (data, licences, losses, settings) and a name with a hash of its weights."""

    generator: Generator
    card: dict[str, Any]
    name: str


def shipped_folder() -> Path:
    """Return the folder of the checkpoints inside the package."""
    return Path(str(resources.files("emsync_bridge.music"))) / "checkpoints"


def load(folder: Path | None = None) -> Checkpoint:
    """Return the generator in a folder, in fp32 and ready to compose.

    Arguments:
        folder: A checkpoint folder; None means the one that is shipped.

    Raises:
        CheckpointError: Files are missing or damaged, or belong to another layout.
    """
    import safetensors
    import safetensors.torch
    import torch

    from emsync_bridge.music.model import Generator, ModelConfig

    folder = folder or shipped_folder() / DEFAULT
    try:
        card = json.loads((folder / "card.json").read_text(encoding="utf-8"))
        data = (folder / "weights.safetensors").read_bytes()
        weights = safetensors.torch.load(data)
    except (OSError, ValueError, safetensors.SafetensorError) as problem:
        raise CheckpointError(f"This is no readable checkpoint ({problem})", where=folder) from None
    if not isinstance(card, dict) or card.get("format") != FORMAT:
        raise CheckpointError(
            f"This checkpoint has layout {card.get('format') if isinstance(card, dict) else None}, needed is {FORMAT}",
            where=folder,
            hint="Train it again or use the release of emsync that wrote it",
        )
    known = {field.name for field in fields(ModelConfig)}
    try:
        generator = Generator(ModelConfig(**{k: v for k, v in card["model"].items() if k in known}))
        generator.load_state_dict({name: weight.to(torch.float32) for name, weight in weights.items()})
    except (KeyError, TypeError, ValueError, AttributeError, RuntimeError) as problem:
        raise CheckpointError(f"Card and weights do not fit ({problem})", where=folder) from None
    generator.eval()
    digest = hashlib.sha256(data).hexdigest()[:12]
    return Checkpoint(generator, card, f"{card.get('name', folder.name)}-{digest}")


def save(generator: Generator, card: dict[str, Any], folder: Path) -> None:
    """Write a generator in half precision with its card.

    Arguments:
        generator: The network.
        card: What is said of it; ``format`` and ``model`` are filled in here.
        folder: Made when missing; its files are replaced only when the new ones are whole.
    """
    import safetensors.torch
    import torch

    folder.mkdir(parents=True, exist_ok=True)
    weights = {name: weight.detach().to("cpu", torch.float16) for name, weight in generator.state_dict().items()}
    document = {**card, "format": FORMAT, "model": asdict(generator.config)}
    document["parameters"] = generator.parameter_count()
    for name, content in (
        ("weights.safetensors", safetensors.torch.save(weights)),
        ("card.json", (json.dumps(document, indent=1, ensure_ascii=False) + "\n").encode()),
    ):
        draft = folder / f".{name}.part"
        draft.write_bytes(content)
        draft.replace(folder / name)
