"""A link as a layer."""

from __future__ import annotations

from collections import deque
from typing import Any

import torch
from torch import nn

from .. import Report
from ..errors import ConfigError
from .crossing_back import Adjoint, Detached, StraightThrough
from .line import open_line

_BACKWARD = {"adjoint": Adjoint, "straight-through": StraightThrough, "detached": Detached}


class ChannelLayer(nn.Module):
    """Carries activations over a link, and their gradients back.

    ```text
    y = what arrives of x                                            same shape and dtype as x
    dL/dx = adjoint:           the derivative of the drawn channel, noise and scaling to unit power (`Adjoint`)
            straight-through:  dL/dy
            detached:          what arrives of dL/dy over `downlink`
    ```

    Values travel in single precision: float64, bfloat16 and float16 are converted and come back in their own type. Each
    forward pass is a transmission, also in `eval()` and without gradients; time goes on from one to the next.

    Args:
        link: an `airloop.Link`, or the experiment of one: path, TOML, dictionary.
        backward: "adjoint" (analog schemes at symbol fidelity), "straight-through" or "detached".
        downlink: link of the gradients, as `link`; with "detached" only.
        device: whose link it is, up and down.
        fidelity: of links that are made here.
        history: how many reports are kept in either direction.

    Attributes:
        reports: of the last transmissions, oldest first; `report` is the last one.
        downlink_reports: of the last gradients.

    Raises:
        ConfigError: an unknown `backward`, or a downlink that is missing or has no use.
        PayloadError: on either pass: a tensor that is not on the CPU, of no real floating-point type, empty or not finite.
        UnsupportedError: on forward: no adjoint (digital schemes, votes, waveform fidelity, inexact channel knowledge).
    """

    def __init__(
        self,
        link: Any,
        backward: str = "adjoint",
        downlink: Any = None,
        device: int = 0,
        fidelity: str = "symbol",
        history: int = 1024,
    ) -> None:
        super().__init__()
        if backward not in _BACKWARD:
            raise ConfigError(f'backward = "{backward}" is unknown; expected is one of {", ".join(_BACKWARD)}')
        if (backward == "detached") != (downlink is not None):
            use = "needs a downlink" if downlink is None else "has no use for a downlink"
            raise ConfigError(f'backward = "{backward}" {use}; gradients that are sent are backward = "detached"')
        self.backward_kind = backward
        self.line = open_line(link, fidelity, device)
        self.downlink = open_line(downlink, fidelity, device) if downlink is not None else None
        self.reports: deque[Report] = deque(maxlen=history)
        self.downlink_reports: deque[Report] = deque(maxlen=history)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Send a tensor of any shape; return what arrives."""
        return _BACKWARD[self.backward_kind].apply(x, self)

    def transmit(self, x: torch.Tensor) -> torch.Tensor:
        """Send a tensor without a gradient; return what arrives, in its type."""
        received, report = self.line.send(x, "x")
        self.reports.append(report)
        return received.to(x.dtype)

    def transmit_back(self, gradient: torch.Tensor) -> torch.Tensor:
        """Send a gradient over the downlink, or pass it on where there is none; return what arrives, in its type."""
        if self.downlink is None:
            return gradient
        received, report = self.downlink.send(gradient, "the gradient")
        self.downlink_reports.append(report)
        return received.to(gradient.dtype)

    @property
    def report(self) -> Report | None:
        """Report of the last transmission."""
        return self.reports[-1] if self.reports else None

    @property
    def downlink_report(self) -> Report | None:
        """Report of the last gradient that was sent."""
        return self.downlink_reports[-1] if self.downlink_reports else None

    def extra_repr(self) -> str:
        """Return what `print` shows."""
        return f"backward={self.backward_kind!r}, device={self.line.device}"
