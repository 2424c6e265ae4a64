"""The folder of a training run: the state to resume from, the log, and a picture of the losses."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from pickle import UnpicklingError
from typing import Any

import torch

from emsync_bridge.errors import CorpusError
from emsync_bridge.files.atomic import publish_all, staging_folder


@dataclass
class TrainingState:
    """A run's folder, with what is saved there.

    Arguments:
        out: The folder.
        network: Network whose weights are saved and restored.
        optimisers: Optimisers whose states are saved and restored.
        settings: Settings that must be the same for a run to be continued.
    """

    out: Path
    network: torch.nn.Module
    optimisers: Sequence[torch.optim.Optimizer]
    settings: dict[str, Any]

    def resume(self, device: str = "cpu") -> tuple[int, float, float]:
        """Restore an unfinished run.

        Arguments:
            device: Device where its tensors go.

        Returns:
            Step, seconds spent and best validation loss; those of a new run where there is none.

        Raises:
            CorpusError: The folder holds a run with other settings, or a file that is not the state of a run.
        """
        path = self.out / "state.pt"
        if not path.exists():
            return 0, 0.0, math.inf
        try:
            state = torch.load(path, weights_only=True, map_location=device)
            same = state["settings"] == self.settings
            if same:
                self.network.load_state_dict(state["weights"])
                for optimiser, saved in zip(self.optimisers, state["optimisers"], strict=True):
                    optimiser.load_state_dict(saved)
                found = int(state["step"]), float(state["seconds"]), float(state["best"])
        except (OSError, RuntimeError, UnpicklingError, EOFError, LookupError, TypeError, ValueError, AttributeError):
            raise CorpusError(
                "This is not the state of a training run, or it is damaged",
                where=path,
                hint="Choose another folder, or move the file away to begin from the start",
                setting="out",
            ) from None
        if not same:
            raise CorpusError(
                "This folder holds a run with other settings",
                where=self.out,
                hint="Choose another folder",
                setting="out",
            )
        return found

    def save(self, step: int, seconds: float, best: float, line: dict[str, float] | None = None) -> None:
        """Save where the run is; with a line for its log, add it and draw the log."""
        state = {
            "settings": self.settings,
            "weights": self.network.state_dict(),
            "optimisers": [optimiser.state_dict() for optimiser in self.optimisers],
            "step": step,
            "seconds": seconds,
            "best": best,
        }
        self.out.mkdir(parents=True, exist_ok=True)
        with staging_folder(self.out) as room:
            torch.save(state, room / "state.pt")
            if line is not None:
                log = [*read_log(self.out), line]
                (room / "log.jsonl").write_text("".join(json.dumps(one) + "\n" for one in log), encoding="utf-8")
                draw_losses(log, room / "loss.png")
            publish_all({path: self.out / path.name for path in sorted(room.iterdir())})


def read_log(out: Path) -> Iterator[dict[str, float]]:
    """Yield the lines of a run's log; none where there is no log yet."""
    if not (out / "log.jsonl").exists():
        return
    try:
        yield from map(json.loads, (out / "log.jsonl").read_text(encoding="utf-8").splitlines())
    except ValueError:
        raise CorpusError(
            "This log of a training run is damaged", where=out / "log.jsonl", hint="Move the file away"
        ) from None


def draw_losses(log: Sequence[dict[str, float]], path: Path) -> None:
    """Draw training and validation loss in nats per token over millions of tokens; nothing without matplotlib.

    Arguments:
        log: Lines of the run's log.
        path: File to write.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError:  # a machine that only trains has PyTorch and little else
        return

    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    tokens = [line["tokens"] / 1e6 for line in log]
    for name, label in (("train", "training"), ("valid", "held-out music")):
        axes.plot(tokens, [line[name] for line in log], marker=".", label=label)
    axes.set(xlabel="million tokens", ylabel="nats per token")
    axes.grid(alpha=0.3)
    axes.legend()
    figure.savefig(path, format="png", dpi=120)
