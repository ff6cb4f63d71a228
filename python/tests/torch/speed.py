"""What a `ChannelLayer` costs beside a `Linear(768, 768)` of the same batch; prints medians, judges nothing.

`python speed.py [REPEATS]`: 32 x 512 x 768 values, forward and backward, on as many threads as PyTorch takes.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from statistics import median

import torch
from torch import nn

from airloop.torch import ChannelLayer

SHAPE = (32, 512, 768)
ANALOG = (
    '[channel]\nmodel = "{model}"\n[link]\nsnr_db = 20.0\n[scheme]\nkind = "truncated-inversion"\nthreshold = {threshold}\n'
)
LAYERS: dict[str, Callable[[], nn.Module]] = {
    "Linear(768, 768)": lambda: nn.Linear(768, 768),
    "awgn, adjoint": lambda: ChannelLayer(ANALOG.format(model="awgn", threshold=0.0)),
    "awgn, straight-through": lambda: ChannelLayer(ANALOG.format(model="awgn", threshold=0.0), "straight-through"),
    "rayleigh, adjoint": lambda: ChannelLayer(ANALOG.format(model="rayleigh", threshold=0.1)),
}


def timed(layer: nn.Module, x: torch.Tensor, gradient: torch.Tensor) -> tuple[float, float]:
    """Time one forward and one backward pass, in seconds."""
    began = time.perf_counter()
    y = layer(x)
    between = time.perf_counter()
    y.backward(gradient)
    return between - began, time.perf_counter() - between


def main() -> None:
    """Print a line for each layer."""
    repeats = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    x, gradient = torch.randn(SHAPE, requires_grad=True), torch.randn(SHAPE)
    reference = None
    for name, make in LAYERS.items():
        layer = make()
        timed(layer, x, gradient)
        times = [timed(layer, x, gradient) for _ in range(repeats)]
        there, back = (median(t[way] for t in times) for way in range(2))
        reference = reference or there + back
        print(f"{name:24} {there * 1e3:7.1f} ms there {back * 1e3:7.1f} ms back   {(there + back) / reference:5.2f} of Linear")


if __name__ == "__main__":
    main()
