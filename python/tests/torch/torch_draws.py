"""Complex draws, rounds that are drawn again, and distances."""

from __future__ import annotations

import torch

from airloop.torch import OverTheAirLinear

DOUBLE = torch.complex128


def draw(*shape: int, seed: int = 1) -> torch.Tensor:
    """Circular complex Gaussian values of unit power."""
    return torch.randn(*shape, dtype=DOUBLE, generator=torch.Generator().manual_seed(seed))


def frozen(layer: OverTheAirLinear, x: torch.Tensor) -> torch.Tensor:
    """Round 0 again: the same channel and noise."""
    layer.round = 0
    return layer(x)


def relative(a: torch.Tensor, b: torch.Tensor) -> float:
    """`|a - b| / |b|`."""
    return float((a - b).norm() / b.norm())
