"""How gradients come back over a link: the three backward passes of a `ChannelLayer`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch.autograd.function import once_differentiable

from .tensors import to_single

if TYPE_CHECKING:
    from .channel_layer import ChannelLayer


class Adjoint(torch.autograd.Function):
    """The exact derivative of what happened, with the drawn channel and noise held fixed.

    ```text
    y = g x + rms(x) e        g: realised gain of each value, e: realised noise at unit power (n = rms(x) e)
    dL/dx = g gy + x <gy, n> / <x, x> = a + x (<gy, y> - <a, x>) / <x, x>,    a = g gy
    ```

    The second term is the derivative of the scaling to unit power; for x = 0 it is left out.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: ChannelLayer) -> torch.Tensor:
        """Send, and keep the channel where a gradient is wanted."""
        if not ctx.needs_input_grad[0]:
            return layer.transmit(x)
        received, report, ctx.crossing = layer.line.send_traced(x, "x")
        layer.reports.append(report)
        ctx.save_for_backward(to_single(x, "x"), received)
        return received.to(x.dtype)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Cross the channel back."""
        x, y = (saved.reshape(-1) for saved in ctx.saved_tensors)
        back = to_single(gy, "the gradient")
        a = ctx.crossing.back(back).reshape(-1)
        energy = torch.dot(x, x)
        if energy > 0:
            share = (torch.dot(back.reshape(-1), y) - torch.dot(a, x)) / energy
            a.add_(x, alpha=float(share))
        return a.reshape(gy.shape).to(gy.dtype), None


class StraightThrough(torch.autograd.Function):
    """The gradient as if nothing had happened to the values: dL/dx = dL/dy."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: ChannelLayer) -> torch.Tensor:
        """Send."""
        return layer.transmit(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Pass on."""
        return gy, None


class Detached(torch.autograd.Function):
    """The gradient is sent back over the layer's own downlink: dL/dx is what arrives of dL/dy."""

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, layer: ChannelLayer) -> torch.Tensor:
        """Send."""
        ctx.layer = layer
        return layer.transmit(x)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, gy: torch.Tensor) -> tuple[torch.Tensor, None]:
        """Send the gradient."""
        return ctx.layer.transmit_back(gy), None
