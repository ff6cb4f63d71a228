"""Which channels a gradient can cross back: those that scale every value by a real gain."""

from __future__ import annotations

from collections.abc import Callable

import torch

from .. import Report
from ..errors import UnsupportedError

#: Schemes that scale every value by a gain of the channel alone, two values on an element.
ANALOG = frozenset(
    {
        "truncated-inversion",
        "full-inversion",
        "optimal-power",
        "full-power",
        "phase-only",
        "cotaf",
        "blind-combining",
        "receive-combining",
        "uniform-forcing",
    }
)
#: Part of a probe's standard deviation that is put down to rounding.
PROBE_TOLERANCE = 1e-3
#: How far the error over the mean square of what is sent and that at unit power may be apart: they are the same for one device.
UNIT_TOLERANCE = 1e-3
_OTHER = 'backward="straight-through" or "detached" do'


def require_gains(report: Report) -> None:
    """Refuse links whose report shows that what arrives is no product with gains.

    Raises:
        UnsupportedError: not symbol fidelity, no analog scheme, or values that are changed before they are sent.
    """
    if report.fidelity != "symbol":
        raise UnsupportedError(
            f'backward="adjoint" knows channels at symbol fidelity only; this link runs at {report.fidelity}; {_OTHER}'
        )
    if report.scheme not in ANALOG:
        raise UnsupportedError(
            f'backward="adjoint" needs an analog scheme, whose channel is a gain for every value; {report.scheme} has '
            f"no derivative; {_OTHER}"
        )
    nmse, mse = report.nmse or 0.0, report.mse_per_device or 0.0
    if abs(nmse - mse) > UNIT_TOLERANCE * mse:
        raise UnsupportedError(
            'backward="adjoint" needs values that are sent as they are, at unit power; here a function maps them, or their '
            f"mean goes beside them (payload.function, payload.center); {_OTHER}"
        )


def require_self_adjoint(retrace: Callable[[torch.Tensor], torch.Tensor], shape: torch.Size) -> None:
    """Require `<A u, v> = <u, A v>` for two vectors: gains that turn phases are not so.

    Raises:
        UnsupportedError: they differ by more than rounding.
    """
    generator = torch.Generator().manual_seed(1)
    u, v = (torch.rand(shape, generator=generator) for _ in range(2))
    au, av = (retrace(w).double() for w in (u, v))
    difference = ((au * v).sum() - (u * av).sum()).abs()
    scale = au.norm() * v.double().norm() / u.numel() ** 0.5
    if difference > PROBE_TOLERANCE * scale:
        raise UnsupportedError(
            'backward="adjoint" needs channels that scale values and nothing else; here phases are left, as of channels '
            f"that devices do not know exactly; {_OTHER}"
        )
