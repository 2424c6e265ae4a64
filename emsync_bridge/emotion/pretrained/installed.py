"""Folders of the networks on this computer, and checks that one may be loaded."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from emsync_bridge.emotion.pretrained.catalogue import EXTRA, FILES, Model
from emsync_bridge.errors import CheckpointError

VARIABLE = "EMSYNC_MODELS"
"""Environment variable that names a folder of models."""

PACKAGES = ("torch", "transformers")

MAX_SETTINGS = 16 * 2**20
"""Bytes of a settings file; vocabularies are larger, but only the library reads those."""


@dataclass(frozen=True)
class Installed:
    """A network on this computer.

    Arguments:
        model: Entry of the network in the catalogue.
        folder: Folder of its files.
        settings: Its ``config.json``.
    """

    model: Model
    folder: Path
    settings: dict[str, Any]

    @property
    def labels(self) -> tuple[str, ...]:
        """Names of its classes in order; empty when it has none."""
        names = self.settings.get("id2label")
        if not isinstance(names, dict):
            return ()
        return tuple(str(names.get(str(i), "")) for i in range(len(names)))

    @property
    def weights(self) -> list[Path]:
        """The files of its weights."""
        return sorted(self.folder.glob("model*.safetensors"))


def user_folder() -> Path:
    """Return the folder of this user for models, as the system wants it."""
    import platformdirs

    return platformdirs.user_data_path("emsync-bridge", appauthor=False) / "models"


def missing_packages() -> list[str]:
    """Return what would have to be installed to run any network."""
    return [name for name in PACKAGES if find_spec(name) is None]


def find(model: Model, models_dir: Path | None = None) -> Path | None:
    """Return the folder of a network: the first that exists, or None.

    Looked at are the folder given, that of the environment variable, that of this user, and the hub's own cache with
    the revision of the catalogue. Nothing is downloaded.

    Arguments:
        model: The network.
        models_dir: A folder that holds one folder per model.
    """
    from_environment = os.environ.get(VARIABLE)
    places = [models_dir, Path(from_environment) if from_environment else None, user_folder()]
    for place in places:
        if place is not None and (folder := place / model.name).is_dir():
            return folder
    return _in_hub_cache(model)


def _in_hub_cache(model: Model) -> Path | None:
    if not model.revision or find_spec("huggingface_hub") is None:
        return None
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, LocalEntryNotFoundError

    try:
        folder = snapshot_download(
            model.repository, revision=model.revision, local_files_only=True, allow_patterns=list(FILES)
        )
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError, ValueError):
        return None
    return Path(folder) if (Path(folder) / "config.json").exists() else None


def examine(model: Model, folder: Path) -> Installed:
    """Return what lies in a folder, by its settings and without loading any weights.

    Raises:
        CheckpointError: There are no settings, those of another architecture, or no weights without code.
    """
    path = folder / "config.json"
    try:
        if path.stat().st_size > MAX_SETTINGS:
            raise CheckpointError("These settings are larger than any network's", where=path)
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        settings = None
    if not isinstance(settings, dict):
        raise CheckpointError(
            "This folder holds no readable network (config.json)", where=folder, hint=f"Get it: {command(model)}"
        )
    found = Installed(model, folder, settings)
    kind = settings.get("model_type", "")
    if model.kind and kind != model.kind:
        raise CheckpointError(
            f"This is a network of another kind ({kind or 'unknown'}, not {model.kind})",
            where=folder,
            hint=f"Get it: {command(model)}",
        )
    if not found.weights:
        pickled = any(folder.glob("*.bin")) or any(folder.glob("*.pt*"))
        what = "Its weights are pickled, and such files may run code" if pickled else "Its weights are missing"
        raise CheckpointError(f"{what}; needed is model.safetensors", where=folder, hint=f"Get it: {command(model)}")
    return found


def command(model: Model) -> str:
    """Return the command that fetches or imports a network."""
    return f"emsync models get {model.name}" if model.revision else f"emsync models import --{model.name} FILE"


def require(model: Model, models_dir: Path | None = None) -> Installed:
    """Return a network on this computer.

    Raises:
        CheckpointError: It is missing or unfit; the message says how to get it.
    """
    folder = find(model, models_dir)
    if folder is None:
        raise CheckpointError(f"{model.name} is not installed", hint=f"Get it: {command(model)}")
    return examine(model, folder)


def require_packages() -> None:
    """Make sure that networks can be run at all.

    Raises:
        CheckpointError: A package is missing.
    """
    if missing := missing_packages():
        raise CheckpointError(f"The pretrained tier needs {' and '.join(missing)}", hint=EXTRA)


def left_out(name: str, problem: CheckpointError) -> CheckpointError:
    """Return a problem with the extractor named that has to do without."""
    return CheckpointError(
        f"{name.capitalize()} is left out: {problem.what}",
        where=problem.where,
        hint=problem.hint,
        setting=problem.setting,
    )
