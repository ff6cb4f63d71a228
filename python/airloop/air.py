"""The air that adds."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from . import _airloop
from ._airloop import Report
from .arrays import as_single
from .errors import PayloadError, StateError
from .experiment import Config, Experiment


class Air:
    """Over-the-air aggregation as a call: vectors of K devices in, the estimate of their mean (or sum, or whatever
    `payload.function` says) and a report out.

    The air goes on in time. Round `i` is round `i` of one trial without end: noise, and channels that do not move, are drawn
    anew each round; channels that move are drawn once, and a later round sees them aged. Rounds follow one another at once,
    or `interval_s` apart. What devices have not sent (error feedback) they remember.

    One thread at a time may use it, in the process that made it; it cannot be pickled.

    Args:
        config: the experiment: path, TOML, dictionary, or `Experiment`. `[payload]` needs no source.
        fidelity: "symbol", "waveform" or "radio".
        interval_s: from the start of a round to that of the next, if that is longer than the round itself.
    """

    def __init__(self, config: Config, fidelity: str = "symbol", interval_s: float | None = None) -> None:
        self._air = _airloop.Air(Experiment(config)._experiment, fidelity, interval_s)

    def aggregate(
        self, values: Any, weights: ArrayLike | None = None, round: int | None = None
    ) -> tuple[NDArray[np.float32], Report]:
        """Send all devices' vectors at once and return the estimate of their aggregate.

        Args:
            values: K devices by N values; float32 that lies in rows is read where it lies.
            weights: one positive number a device, for the weighted mean `sum_k w_k g_k / sum_k w_k`.
            round: number of the round, if some are left out; they take their time.

        Returns:
            The estimate, N values of float32 in the payload's own units, and the report of this round.

        Raises:
            PayloadError: wrong type, shape or values.
            ConfigError: the experiment is wrong.
            StateError: the round is over, or another thread or process uses the air.
        """
        rows = as_single(values, "values")
        if rows.ndim != 2:
            raise PayloadError(f"values have shape {rows.shape}; K devices by N values, (K, N), is expected")
        if weights is not None:
            weights = np.ascontiguousarray(weights, dtype=np.float64)
            if weights.ndim != 1:
                raise PayloadError(f"weights have shape {weights.shape}; one number a device, ({rows.shape[0]},), is expected")
        estimate = np.empty(rows.shape[1], np.float32)
        report, _, _ = self._air.aggregate(rows, weights, round, estimate)
        return estimate, report

    def wait(self, wait_s: float) -> None:
        """Let time pass before the next round: what devices compute, for example."""
        self._air.wait(wait_s)

    @property
    def next_round(self) -> int:
        """Number of the next round."""
        return self._air.next_round

    @property
    def time_s(self) -> float:
        """When the next round can begin, in seconds."""
        return self._air.time_s

    def __reduce__(self) -> Any:
        raise StateError("an Air is a running link and cannot be pickled: make one in each process, with a seed of its own")
