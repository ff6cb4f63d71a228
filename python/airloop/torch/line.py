"""The line of one device: what it sends over a link, and the channels of what it has sent."""

from __future__ import annotations

import weakref
from typing import Any

import torch

from .. import Link, Report
from ..errors import StateError
from .self_adjoint import require_gains, require_self_adjoint
from .tensors import to_array, to_single, to_tensor

_lines: weakref.WeakValueDictionary[tuple[int, int], Line] = weakref.WeakValueDictionary()


class Crossing:
    """One transmission, whose channel a gradient may cross back.

    A link knows the channel of its last transmission only. The gains of earlier ones are kept here, from when something else
    was sent while their gradients were still to come.
    """

    def __init__(self, line: Line, shape: torch.Size) -> None:
        self.line = line
        self.shape = shape
        self.awaited = True
        self.gains: torch.Tensor | None = None

    def keep(self) -> None:
        """Measure the gains, while the channel is still the link's last."""
        if self.awaited and self.gains is None:
            self.gains = self.line.retrace(torch.ones(self.shape))

    def back(self, values: torch.Tensor) -> torch.Tensor:
        """Return the adjoint of the channel, applied to values of the transmission's shape.

        Raises:
            StateError: the graph was kept for a second backward pass, and something else has been sent since the first.
        """
        self.awaited = False
        if self.gains is not None:
            return self.gains * values
        if self.line.last() is not self:
            raise StateError(
                "the gradient crosses a channel that is gone: after the first backward pass something else was sent over the "
                "link; run all backward passes of a kept graph before the next forward pass"
            )
        return self.line.retrace(values)


class Line:
    """A device's place on a link; layers that share a link and a device share it."""

    def __init__(self, link: Link, device: int) -> None:
        self.link = link
        self.device = device
        self._last: weakref.ref[Crossing] | None = None
        self._probed = False

    @classmethod
    def of(cls, link: Link, device: int) -> Line:
        """Return the line of a device on a link: the same one for the same two."""
        line = _lines.get((id(link), device))
        if line is None:
            line = _lines[id(link), device] = cls(link, device)
        return line

    def last(self) -> Crossing | None:
        """Return the last transmission, if its gradient can still come."""
        return self._last() if self._last is not None else None

    def send(self, values: torch.Tensor, name: str) -> tuple[torch.Tensor, Report]:
        """Send values; return what arrives, float32 of their shape, and the report.

        Raises:
            PayloadError: the tensor cannot be sent, or is not finite.
        """
        single = to_single(values, name)
        pending = self.last()
        if pending is not None:
            pending.keep()
        self._last = None
        received, report = self.link.send(to_array(single), device=self.device)
        return to_tensor(received), report

    def send_traced(self, values: torch.Tensor, name: str) -> tuple[torch.Tensor, Report, Crossing]:
        """Send values whose gradients will cross the channel back.

        Raises:
            PayloadError: as `send`.
            UnsupportedError: the channel is not its own adjoint.
        """
        received, report = self.send(values, name)
        require_gains(report)
        if not self._probed:
            require_self_adjoint(self.retrace, values.shape)
            self._probed = True
        crossing = Crossing(self, values.shape)
        self._last = weakref.ref(crossing)
        return received, report, crossing

    def retrace(self, values: torch.Tensor) -> torch.Tensor:
        """Carry other values over the channel of the last transmission, without its noise."""
        return to_tensor(self.link.retrace(to_array(to_single(values, "values")), device=self.device))


def open_line(config: Any, fidelity: str, device: int) -> Line:
    """Return the line of a device on a link, or on a new link of an experiment."""
    link = config if hasattr(config, "send") else Link(config, fidelity)
    return Line.of(link, device)
