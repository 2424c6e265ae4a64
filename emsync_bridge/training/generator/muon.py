"""Muon: momentum orthogonalised by a Newton-Schulz iteration, for the matrices inside a network.

After Jordan et al. 2024 ("Muon: an optimizer for hidden layers in neural networks"). torch.optim.Muon iterates in
bfloat16, which a CPU without bfloat16 units does some forty times slower than this in float32.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

_A, _B, _C = 3.4445, -4.7750, 2.0315  # quintic with the steepest slope at 0 that still converges near 1
_ITERATIONS = 5


class Muon(torch.optim.Optimizer):
    """Stochastic gradient descent whose every step is a nearly orthogonal matrix.

    Arguments:
        params: Matrices.
        lr: Step size; scaled by the square root of rows over columns for tall matrices.
        momentum: Nesterov momentum.
        weight_decay: Decoupled weight decay, relative to the step size.
    """

    def __init__(self, params: Iterable[Tensor], *, lr: float, momentum: float, weight_decay: float) -> None:
        super().__init__(params, {"lr": lr, "momentum": momentum, "weight_decay": weight_decay})

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> None:  # type: ignore[override]
        """Update the matrices from their gradients."""
        if closure is not None:
            raise ValueError("Muon takes no closure")
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                state: dict[str, Any] = self.state[weight]
                velocity = state.setdefault("velocity", torch.zeros_like(weight))
                velocity.lerp_(weight.grad, 1 - group["momentum"])
                direction = orthogonalise(weight.grad.lerp(velocity, group["momentum"]))
                scale = max(1.0, weight.shape[0] / weight.shape[1]) ** 0.5
                weight.mul_(1 - group["lr"] * group["weight_decay"])
                weight.add_(direction, alpha=-group["lr"] * scale)


def orthogonalise(matrix: Tensor) -> Tensor:
    """Return a matrix with the singular vectors of ``matrix`` and singular values near 1."""
    tall = matrix.shape[0] > matrix.shape[1]
    x = (matrix.T if tall else matrix) / (matrix.norm() + 1e-7)
    if x.is_cuda:
        x = x.bfloat16()
    for _ in range(_ITERATIONS):
        gram = x @ x.T
        x = _A * x + (_B * gram + _C * gram @ gram) @ x
    result: Tensor = (x.T if tall else x).to(matrix.dtype)
    return result
