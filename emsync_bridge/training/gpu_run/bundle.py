"""The folder that travels: corpus, code, settings, and the weights to start from."""

from __future__ import annotations

import json
import shutil
import zipfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import emsync_bridge
from emsync_bridge.errors import CorpusError
from emsync_bridge.files.atomic import replacing
from emsync_bridge.music.network import checkpoint
from emsync_bridge.music.network.config import ModelConfig
from emsync_bridge.training.generator import model_card
from emsync_bridge.training.generator.trainer import TrainingPlan
from emsync_bridge.training.gpu_run.packed_corpus import pack_corpus, unpack_corpus

MAX_BYTES = 64 * 2**20
"""Of the whole folder: what a loan of a machine takes along."""

LARGE = ModelConfig(layers=8, width=512, heads=8, hidden=2048, context=512, dropout=0.1)
"""25.7 million parameters: what eight minutes of a data centre's GPU can train."""

GPU_PLAN = TrainingPlan(
    minutes=8.0,
    batch=128,
    matrix_rate=0.02,
    rate=2e-3,
    decay=0.6,
    validate_every=200,
    validation=128,
    on_device=True,
    compile=True,
)
"""Settings that fit a GPU with 40 GB or more."""

_START = "start"
_SCRIPT = '''\
"""Trains the generator that this folder was packed for; run it as: python train.py --out OUT [--minutes M]."""

import sys
import tempfile
import zipfile
from importlib.util import find_spec
from pathlib import Path

missing = [name for name in ("torch", "numpy", "safetensors") if find_spec(name) is None]
if missing:
    sys.exit(f"Needed and not installed: {', '.join(missing)}. Install with: pip install {' '.join(missing)}")
here = Path(__file__).resolve().parent
room = tempfile.mkdtemp(prefix="emsync-code-")
with zipfile.ZipFile(here / "code.zip") as archive:
    archive.extractall(room)
sys.path.insert(0, room)
from emsync_bridge.training.gpu_run.run import main  # noqa: E402

main(here)
'''


@dataclass(frozen=True)
class RunSettings:
    """Settings of a run.

    Arguments:
        config: Sizes of the network; those of the weights to start from where there are any.
        plan: Settings of the training; its minutes are those of the whole run, evaluation and compiling included.
        card: Name, data and licences for the model card.
        starts: Whether the run begins with the weights of a checkpoint that is packed.
        corpus_sha256: SHA-256 of the corpus: its tokens with their moods.
    """

    config: ModelConfig = LARGE
    plan: TrainingPlan = GPU_PLAN
    card: Mapping[str, Any] = field(default_factory=dict)
    starts: bool = False
    corpus_sha256: str = ""


def pack(corpus: Path, out: Path, settings: RunSettings, *, start_from: Path | None = None) -> int:
    """Write the folder and return its size in bytes.

    Arguments:
        corpus: Folder that ``emsync corpus build`` wrote.
        out: The folder; one that is there is replaced when the new one is whole.
        settings: Settings that the run is to do.
        start_from: Checkpoint whose weights the run begins with.

    Raises:
        CorpusError: There is no corpus, or the folder would be larger than ``MAX_BYTES``.
        CheckpointError: There is no such checkpoint.
    """
    config = settings.config
    if start_from is not None:
        config = checkpoint.load(start_from).config
    card = model_card.begin_card(corpus, settings.card, start_from)
    document = {
        "config": asdict(config),
        "plan": asdict(settings.plan),
        "card": card,
        "starts": start_from is not None,
        "corpus_sha256": card["corpus_sha256"],
    }
    out.resolve().parent.mkdir(parents=True, exist_ok=True)
    with replacing(out.resolve()) as folder:
        folder.mkdir()
        pack_corpus(corpus, folder / "corpus")
        _pack_code(folder / "code.zip")
        (folder / "settings.json").write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        (folder / "train.py").write_text(_SCRIPT, encoding="utf-8")
        if start_from is not None:
            (folder / _START).mkdir()
            for name in ("weights.safetensors", "card.json"):
                shutil.copyfile(start_from / name, folder / _START / name)
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
        if size > MAX_BYTES:
            raise CorpusError(
                f"Packed, this run takes {size / 2**20:.0f} MB, more than {MAX_BYTES >> 20} MB",
                where=corpus,
                hint="Build a smaller corpus with `emsync corpus build --exclude`",
            )
    return size


def unpack(folder: Path, room: Path) -> tuple[RunSettings, Path, Path | None]:
    """Return the settings of a packed run, its corpus, unpacked into a folder, and the checkpoint it starts from.

    Raises:
        CorpusError: The folder is damaged.
    """
    try:
        said = json.loads((folder / "settings.json").read_text(encoding="utf-8"))
        settings = RunSettings(
            config=ModelConfig(**said["config"]),
            plan=TrainingPlan(**said["plan"]),
            card=said["card"],
            starts=said["starts"],
            corpus_sha256=said["corpus_sha256"],
        )
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise CorpusError(f"This is not a packed run ({problem})", where=folder) from None
    unpack_corpus(folder / "corpus", room)
    if model_card.digest(room) != settings.corpus_sha256:
        raise CorpusError("The packed corpus is not the one that the settings name", where=folder)
    return settings, room, folder / _START if settings.starts else None


def _pack_code(path: Path) -> None:
    """Write the package's modules; what the training does not import costs a few hundred kilobytes."""
    root = Path(emsync_bridge.__file__).parent
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in sorted(root.rglob("*.py")):
            archive.write(file, (Path(root.name) / file.relative_to(root)).as_posix())
