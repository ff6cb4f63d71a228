"""The link that carries."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import _airloop
from ._airloop import Report
from .arrays import as_single
from .errors import StateError
from .experiment import Config, Experiment


class Link:
    """Transmission as a call: an array in, what arrives of it and a report out.

    An analog scheme sends values as amplitudes, two on an element; `scheme.kind = "digital"` sends them quantised, in blocks
    of `[mcs]` and `[harq]` where there are any: whole, or with what is lost missing, as `scheme.on_loss` says. Each device
    has a channel of its own, drawn from a branch of the seed, which goes on in time from call to call as that of an
    `airloop.Air` does.

    Args:
        config: the experiment: path, TOML, dictionary, or `Experiment`. `[payload]` needs no source.
        fidelity: "symbol", "waveform" or "radio".
        interval_s: from the start of a transmission to that of the device's next, if that is longer than it takes.
    """

    def __init__(self, config: Config, fidelity: str = "symbol", interval_s: float | None = None) -> None:
        self._link = _airloop.Link(Experiment(config)._experiment, fidelity, interval_s)

    def send(self, values: Any, device: int = 0, round: int | None = None) -> tuple[NDArray[np.float32], Report]:
        """Send an array of any shape over the link of a device; return what arrives, in the same shape, and the report.

        Raises:
            PayloadError: wrong type or values.
            ConfigError: the experiment is wrong.
            StateError: the transmission asked for is over, or another thread or process uses the link.
        """
        sent = as_single(values, "values")
        received = np.empty(sent.shape, np.float32)
        report, _, _ = self._link.send(sent, (device, round), received)
        return received, report

    def broadcast(self, values: Any, devices: int) -> list[tuple[NDArray[np.float32], Report]]:
        """Send one array to `devices` devices at once; each hears it over its own link."""
        sent = as_single(values, "values")
        return [self.send(sent, device) for device in range(devices)]

    def retrace(self, values: Any, device: int = 0) -> NDArray[np.float32]:
        """Carry other values over the channel of a device's last transmission, without its noise.

        Of an analog scheme at symbol fidelity that is the product with the gain of each value, and so its own adjoint.
        """
        sent = as_single(values, "values")
        received = np.empty(sent.shape, np.float32)
        self._link.retrace(sent, device, received)
        return received

    def capacities_bps(self, devices: int) -> list[float]:
        """Return the Shannon capacities of the devices' links, in bit/s, as the channels are when the next transmissions begin.

        `R = (1/T) sum_n log2(1 + SNR sum_r |h_r[n]|^2)`, over used subcarriers `n` and receive antennas `r`; `T` is a symbol
        with its prefix.
        """
        return self._link.capacities_bps(devices)

    def wait(self, wait_s: float, device: int = 0) -> None:
        """Let time pass on the link of a device."""
        self._link.wait(wait_s, device)

    def __reduce__(self) -> Any:
        raise StateError("a Link is a running link and cannot be pickled: make one in each process, with a seed of its own")
