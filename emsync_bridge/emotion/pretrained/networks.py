"""Loading and running frozen networks: from disk alone, without code of theirs, and with bounded means."""

from __future__ import annotations

import hashlib
import math
import os
import warnings
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

from emsync_bridge.emotion.extractors.cache import digest
from emsync_bridge.emotion.extractors.interface import Rows
from emsync_bridge.emotion.pretrained.installed import Installed, left_out
from emsync_bridge.errors import CheckpointError

QUIETEST = 50
"""Level of logging at which the library says only what stops it."""


class PretrainedExtractor(ABC):
    """Base of all extractors of this tier; a subclass defines loading, measuring and judging.

    Arguments:
        networks: The networks that it runs, in an order of its own.
    """

    name: ClassVar[str]
    sense: ClassVar[Literal["picture", "sound"]]
    span: ClassVar[int]
    every: ClassVar[int]
    paired: ClassVar[tuple[int, ...]] = ()
    layout: ClassVar[str] = "1"
    """Changes with anything in the extractor that changes a row."""

    at_once: ClassVar[int] = 8
    """Frames or windows that go through the networks together."""

    def __init__(self, *networks: Installed) -> None:
        self._networks = networks
        self._loaded: Any = None

    @cached_property
    def version(self) -> str:
        """Return a mark of the layout of its rows and of the weights."""
        mark = hashlib.blake2b(digest_size=6)
        for network in self._networks:
            for path in (network.folder / "config.json", *network.weights):
                mark.update(digest(path).encode())
        return f"{self.layout}-{mark.hexdigest()}"

    @property
    def origin(self) -> str:
        """Return models, sources and licences."""
        return ", ".join(f"{n.model.repository} ({n.model.licence})" for n in self._networks)

    def measure(self, samples: Sequence[NDArray[Any]], before: Sequence[NDArray[Any] | None]) -> Rows:  # noqa: ARG002
        """Return the rows of the samples.

        Raises:
            CheckpointError: A network cannot be loaded or run.
        """
        with inference_mode(self.name, self._networks[0]):
            if self._loaded is None:
                self._loaded = self._load()
            rows = [
                self._rows(self._loaded, samples[i : i + self.at_once]) for i in range(0, len(samples), self.at_once)
            ]
        return np.concatenate(rows).astype(np.float32)

    def release(self) -> None:
        """Let go of the networks."""
        if self._loaded is None:
            return
        import gc

        import torch

        self._loaded = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    @abstractmethod
    def _load(self) -> Any:
        """Return the networks, ready to run."""

    @abstractmethod
    def _rows(self, loaded: Any, samples: Sequence[NDArray[Any]]) -> NDArray[Any]:
        """Return the rows of a few samples."""


@contextmanager
def inference_mode(name: str, network: Installed) -> Iterator[None]:
    """Run networks without gradients, quietly, and with the processors that others leave free.

    Arguments:
        name: Name of the extractor that needs them.
        network: One of them, for messages.

    Raises:
        CheckpointError: Anything goes wrong: a foreign folder makes the library fail in ways that it does not list.
    """
    import torch
    from transformers.utils import logging

    threads, verbosity, bars = torch.get_num_threads(), logging.get_verbosity(), logging.is_progress_bar_enabled()
    torch.set_num_threads(free_threads())
    logging.set_verbosity(QUIETEST)
    logging.disable_progress_bar()
    try:
        with torch.inference_mode(), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    except CheckpointError as problem:
        raise left_out(name, problem) from None
    except Exception as problem:  # noqa: BLE001  as said above
        lines = str(problem).strip().splitlines() or [type(problem).__name__]
        raise CheckpointError(f"{name.capitalize()} is left out: {lines[0][:200]}", where=network.folder) from None
    finally:
        torch.set_num_threads(threads)
        logging.set_verbosity(verbosity)
        if bars:
            logging.enable_progress_bar()


def free_threads() -> int:
    """Return how many threads to compute with: at most half of the processors, one on a busy machine."""
    processors = os.cpu_count() or 1
    try:
        busy = os.getloadavg()[0]
    except (AttributeError, OSError):  # Windows keeps no such count
        busy = 0.0
    asked = os.environ.get("OMP_NUM_THREADS", "")
    most = int(asked) if asked.isdigit() and int(asked) else max(1, processors // 2)
    return max(1, min(most, math.floor(processors - busy)))


def device() -> Any:
    """Return where networks run: the graphics card that CUDA finds, or the processor."""
    import torch

    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def precision(place: Any) -> Any:
    """Return the type of number to compute with: half the size on a graphics card, where it is also faster."""
    import torch

    return torch.bfloat16 if place.type == "cuda" else torch.float32


def load_network(network: Installed, kind: str) -> Any:
    """Return a network, ready to be asked.

    Arguments:
        network: The network on disk.
        kind: Class of transformers that reads it.

    Raises:
        CheckpointError: Weights are missing: the library would put random numbers in their place.
    """
    import transformers

    place = device()
    loaded, report = getattr(transformers, kind).from_pretrained(
        network.folder,
        local_files_only=True,
        trust_remote_code=False,
        use_safetensors=True,
        output_loading_info=True,
        dtype=precision(place),
    )
    if lacking := sorted(report["missing_keys"]):
        raise CheckpointError(
            f"These are not the weights of a {network.model.name}: {len(lacking)} are missing, such as {lacking[0]}",
            where=network.folder,
        )
    return loaded.eval().to(place)


def load_part(network: Installed, kind: str) -> Any:
    """Return what prepares a network's input: a tokenizer or a processor of pictures or sound.

    Arguments:
        network: The network on disk.
        kind: Class of transformers that reads it.
    """
    import transformers

    read: Callable[..., Any] = getattr(transformers, kind).from_pretrained
    return read(network.folder, local_files_only=True, trust_remote_code=False)


def on_device(inputs: Any, network: Any) -> dict[str, Any]:
    """Return inputs where a network runs, numbers in its precision.

    Arguments:
        inputs: Tensors by name.
        network: The network.
    """
    return {
        name: tensor.to(network.device, network.dtype if tensor.is_floating_point() else None)
        for name, tensor in inputs.items()
    }


def as_numpy(tensor: Any) -> NDArray[np.float32]:
    """Return a tensor's numbers."""
    found: NDArray[np.float32] = tensor.float().cpu().numpy()
    return found
