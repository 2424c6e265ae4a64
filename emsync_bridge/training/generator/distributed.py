"""Data-parallel training: each process draws its own excerpts, and gradients are averaged over all."""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import distributed


@dataclass(frozen=True)
class ProcessGroup:
    """The processes of a run.

    Arguments:
        rank: Number of this one; 0 validates, writes and reports.
        size: Number of them.
        device: Device where this one computes.
    """

    rank: int
    size: int
    device: str

    @classmethod
    def from_environment(cls) -> ProcessGroup:
        """Return the processes that ``torchrun`` started, as WORLD_SIZE and LOCAL_RANK say, or a lone process."""
        cuda = torch.cuda.is_available()
        if "WORLD_SIZE" not in os.environ:
            return cls(0, 1, "cuda" if cuda else "cpu")
        local = int(os.environ.get("LOCAL_RANK", "0"))
        if cuda:
            torch.cuda.set_device(local)
        if not distributed.is_initialized():
            distributed.init_process_group("nccl" if cuda else "gloo")
        return cls(distributed.get_rank(), distributed.get_world_size(), f"cuda:{local}" if cuda else "cpu")

    @property
    def is_main(self) -> bool:
        """True in the process that validates and writes."""
        return self.rank == 0

    def average(self, parameters: Iterable[torch.nn.Parameter]) -> None:
        """Replace gradients by their mean over all processes."""
        if self.size == 1:
            return
        for parameter in parameters:
            if parameter.grad is not None:
                distributed.all_reduce(parameter.grad)
                parameter.grad /= self.size

    def broadcast(self, value: float) -> float:
        """Return the value of rank 0, so that all stop at the same step."""
        if self.size == 1:
            return value
        said = torch.tensor([value], dtype=torch.float64, device=self.device)
        distributed.broadcast(said, 0)
        return float(said.item())

    def close(self) -> None:
        """Close the process group."""
        if self.size > 1 and distributed.is_initialized():
            distributed.destroy_process_group()
