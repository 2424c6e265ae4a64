"""Fetching networks from the hub of models, when a person asks for it: the only way in which any is downloaded."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from emsync_bridge.emotion.pretrained.catalogue import EXTRA, FILES, Model
from emsync_bridge.emotion.pretrained.installed import examine
from emsync_bridge.errors import CheckpointError, OutputError
from emsync_bridge.files.atomic import publish

CARD = "emsync.json"
"""File beside the weights that says where they came from."""

PATIENCE = 15.0
"""Seconds to wait for an answer of the hub."""


def fetch(model: Model, folder: Path) -> Path:
    """Return the folder of a network, fetched into it when it is not there.

    A lost connection is taken up again by the library; files that were whole when the command was stopped are kept in
    a hidden folder for the next attempt. A network appears under its name only when it is whole.

    Arguments:
        model: The network.
        folder: The folder that holds one folder per model; made when missing.

    Raises:
        CheckpointError: The hub cannot be reached, has no such files, or sent something else.
        OutputError: There is no room, or the folder cannot be written to.
    """
    target = folder / model.name
    if target.is_dir():
        return _unless_unfit(model, target)
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    part = folder / f".{model.name}-{model.revision[:12]}.part"
    try:
        part.mkdir(parents=True, exist_ok=True)
        _make_room(model, part)
        _download(model, part)
        examine(model, part)
        shutil.rmtree(part / ".cache", ignore_errors=True)
        card = {"repository": model.repository, "revision": model.revision, "licence": model.licence}
        (part / CARD).write_text(json.dumps(card, indent=1) + "\n", encoding="utf-8")
        publish(part, target)
    except OSError as problem:
        raise OutputError(
            f"Models cannot be written here ({problem.strerror or problem})",
            where=folder,
            hint="Choose another folder for models",
            setting="models_dir",
        ) from None
    finally:
        if not target.exists():
            _tidy(part, missing)
    return target


def _unless_unfit(model: Model, target: Path) -> Path:
    try:
        return examine(model, target).folder
    except CheckpointError as problem:
        raise CheckpointError(
            problem.what, where=target, hint="Remove this folder and download the model again"
        ) from None


def _tidy(part: Path, made: Sequence[Path]) -> None:
    """Remove what a failed attempt left, and the empty folders that it made, unless some of its files are whole."""
    if part.is_dir() and any(path.is_file() for path in part.iterdir()):
        return
    shutil.rmtree(part, ignore_errors=True)
    with suppress(OSError):
        for folder in made:
            folder.rmdir()


def _make_room(model: Model, part: Path) -> None:
    """Make sure that the weights fit.

    Raises:
        OutputError: They do not.
    """
    there = sum(path.stat().st_size for path in part.rglob("*") if path.is_file())
    needed = model.megabytes * 1_000_000 - there
    if shutil.disk_usage(part).free < needed:
        raise OutputError(
            f"Not enough disk space for {model.name} ({model.megabytes} MB)",
            where=part.parent,
            hint="Choose another folder for models",
            setting="models_dir",
        )


def _download(model: Model, part: Path) -> None:
    """Fetch the files of a network, but those that an earlier attempt left whole.

    Raises:
        CheckpointError: They cannot be had.
    """
    try:
        from huggingface_hub import HfApi, constants, snapshot_download
        from huggingface_hub.utils import filter_repo_objects
    except ImportError:
        raise CheckpointError("Models are fetched with huggingface_hub, which is not installed", hint=EXTRA) from None

    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
    page = f"{constants.ENDPOINT}/{model.repository}/tree/{model.revision}"
    advice = f"Try again, or copy {', '.join(FILES)} from {page} into {part.parent / model.name}"
    try:
        # asked first, for without a connection the library takes whatever is there for all there is
        info = HfApi().model_info(model.repository, revision=model.revision, timeout=PATIENCE, token=False)
        snapshot_download(model.repository, revision=info.sha, local_dir=part, allow_patterns=list(FILES), token=False)
    except Exception as problem:  # the library's errors of a lost connection are those of a client that it changes
        if isinstance(problem, OSError) and problem.errno is not None and problem.filename:
            raise
        reason = _reason(problem, constants.ENDPOINT)
        raise CheckpointError(
            f"{model.name} cannot be downloaded: {reason}", where=model.repository, hint=advice
        ) from None
    wanted = filter_repo_objects([file.rfilename for file in info.siblings or []], allow_patterns=list(FILES))
    if lacking := [name for name in wanted if not (part / name).is_file()]:
        raise CheckpointError(f"{model.name} is not whole: {lacking[0]} is missing", where=part, hint=advice)


def _reason(problem: Exception, endpoint: str) -> str:
    answer = getattr(problem, "response", None)
    if answer is not None:
        return f"{endpoint} answered {answer.status_code}"
    if type(problem).__name__ == "OfflineModeIsEnabled":
        return "HF_HUB_OFFLINE forbids it"
    lines = str(problem).strip().splitlines()
    return f"no connection to {endpoint} ({lines[0] if lines else type(problem).__name__})"
