"""Lines of ``emsync models list``: embedded networks, those that can be fetched, and generators."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from emsync_bridge.errors import CheckpointError


@dataclass(frozen=True)
class ModelLine:
    """One model, as ``emsync models list`` shows it.

    Arguments:
        name: Its name here.
        kind: ``embedded``, ``pretrained`` or ``generator``.
        purpose: Purpose.
        installed: Whether it can be used.
        licence: Licence of its weights.
        megabytes: Size of its weights, in millions of bytes; None when unknown.
        path: Path of the file or folder; empty when it is not there.
        source: Origin: the place that it comes from.
        note: Anything else to be known: why it cannot be used, or what its licence does not say.
    """

    name: str
    kind: str
    purpose: str
    installed: bool
    licence: str
    megabytes: float | None
    path: str = ""
    source: str = ""
    note: str = ""


def embedded() -> Iterator[ModelLine]:
    """Yield the line of the network of scenes that comes with emsync."""
    from emsync_bridge.emotion.extractors.efficientnet import NETWORK
    from emsync_bridge.emotion.extractors.scene import HEAD, SceneExtractor, weights_file

    found = weights_file() is not None
    yield ModelLine(
        "scene",
        "embedded",
        "how pleasant and exciting a sight is",
        found,
        "Apache-2.0",
        sum(path.stat().st_size for path in (Path(NETWORK), HEAD)) / 1e6 if found else None,
        str(Path(NETWORK).parent) if found else "",
        SceneExtractor.origin,
        "its head was fitted to pictures that were released for research (OASIS)",
    )


def faces() -> Iterator[ModelLine]:
    """Yield the line of the networks of faces that come with emsync."""
    from emsync_bridge.emotion.extractors.face import FaceExtractor, networks_installed
    from emsync_bridge.emotion.extractors.face_networks import DETECTOR, EXPRESSION

    found = networks_installed()
    yield ModelLine(
        "face",
        "embedded",
        "what faces express",
        found,
        "MIT",
        sum(path.stat().st_size for path in (DETECTOR, EXPRESSION)) / 1e6 if found else None,
        str(DETECTOR.parent) if found else "",
        FaceExtractor.origin,
    )


def pretrained(models_dir: Path | None) -> Iterator[ModelLine]:
    """Yield a line for each model that ``emsync models get`` fetches.

    Arguments:
        models_dir: Folder of the models; that of this user when None.
    """
    from emsync_bridge.emotion.pretrained.catalogue import BEATS, CATALOGUE
    from emsync_bridge.emotion.pretrained.installed import examine, find

    for model in (*CATALOGUE, BEATS):
        folder, note, size = find(model, models_dir), model.caution, float(model.megabytes)
        installed = False
        if folder is not None:
            try:
                size = sum(path.stat().st_size for path in examine(model, folder).weights) / 1e6
                installed = True
            except CheckpointError as problem:
                note = str(problem).rstrip(".")
        yield ModelLine(
            model.name,
            "pretrained",
            model.purpose,
            installed,
            model.licence,
            size,
            str(folder or ""),
            f"{model.repository} at {model.revision}" if model.revision else model.repository,
            note,
        )


def generators() -> Iterator[ModelLine]:
    """Yield a line for each generator: the shipped one, and those of this user."""
    from emsync_bridge.music.network.checkpoint import shipped_folder

    for place in (shipped_folder(), own_generators()):
        yield from (_generator(card.parent) for card in sorted(place.glob("*/card.json")))


def _generator(folder: Path) -> ModelLine:
    from emsync_bridge.music.network.checkpoint import read_card

    line = ModelLine(
        folder.name, "generator", "composes", installed=False, licence="", megabytes=None, path=str(folder)
    )
    try:
        card, name = read_card(folder)
        size = (folder / "weights.safetensors").stat().st_size / 1e6
    except CheckpointError as problem:
        return replace(line, note=str(problem).rstrip("."))
    licence, note = (str(card.get(word, "")) for word in ("licence", "caution"))
    return replace(line, installed=True, licence=licence, megabytes=size, source=name, note=note)


def own_generators() -> Path:
    """Return the folder of this user for generators."""
    import platformdirs

    return platformdirs.user_data_path("emsync-bridge", appauthor=False) / "checkpoints"
