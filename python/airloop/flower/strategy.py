"""A Flower strategy whose average is made on the air."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import numpy as np
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import (
    Bulyan,
    FedAvg,
    FedMedian,
    FedTrimmedAvg,
    FedXgbBagging,
    FedXgbCyclic,
    Krum,
    MultiKrum,
    QFedAvg,
    Strategy,
)
from numpy.typing import NDArray

from .. import Air, Report
from ..errors import ConfigError, StateError, UnsupportedError
from ..experiment import Config
from .metrics import Totals
from .replies import Sent, answered, sent
from .seats import Seats
from .updates import as_layers, as_record, layers_of

#: Strategies that look at each update, or at no updates; the air knows their sum alone.
_OF_EACH = (Bulyan, FedMedian, FedTrimmedAvg, FedXgbBagging, FedXgbCyclic, Krum, MultiKrum, QFedAvg)


class OverTheAir(Strategy):
    """Take the averaging of a Flower strategy over the air of an experiment.

    ```python
    strategy = OverTheAir(FedAvg(fraction_train=0.5), "experiment.toml")
    ```

    The clients that answer a round are the devices of a round of the air: `g_k`, the new weights of client k minus the global ones,
    in float32, is the row that its device sends. With the estimate e of `sum_k w_k g_k / sum_k w_k` (`w_k`: the metric that the
    strategy weights by, `num-examples`), `global + server_step e` is what the strategy gets for the average of the weights.
    Sampling, evaluation, clients' metrics and the optimiser of the server stay Flower's.

    Args:
        strategy: `FedAvg`, or one that works on its average: `FedProx`, `FedAvgM`, `FedAdam`, `FedAdagrad`, `FedYogi`.
        config: the experiment of the air: path, TOML, dictionary, `airloop.Experiment`.
        fidelity: "symbol", "waveform" or "radio".
        interval_s: from the start of a round of the air to that of the next, if that is longer than the round.
        devices: how many devices there are. Then every round has all of them, device k in row k, and those that do not answer send
            zeros. `None`: the devices of a round are those that answer, rows in ascending order of their numbers.
        weighted: give the air the weights. `False` leaves them out, as votes and sums need it: e is what `payload.function` says.
        server_step: factor on the estimate; of votes, which are +1 or -1, the size of the step.
        history: how many reports are kept.

    Attributes:
        air: the air.
        reports: of the last rounds, oldest first.

    Raises:
        ConfigError: a strategy that is no `FedAvg`, or the experiment is wrong.
        UnsupportedError: a strategy that needs each client's update, which the air does not show.
    """

    def __init__(
        self,
        strategy: FedAvg,
        config: Config,
        *,
        fidelity: str = "symbol",
        interval_s: float | None = None,
        devices: int | None = None,
        weighted: bool = True,
        server_step: float = 1.0,
        history: int = 1024,
    ) -> None:
        _check(strategy, devices, server_step)
        self.strategy = strategy
        self.air = Air(config, fidelity, interval_s)
        self.reports: deque[Report] = deque(maxlen=history)
        self._devices, self._weighted, self._server_step = devices, weighted, server_step
        self._seats, self._totals = Seats(devices), Totals()
        self._arrays: ArrayRecord | None = None
        self._asked = False

    def summary(self) -> None:
        """Log the settings of the strategy within."""
        self.strategy.summary()

    def configure_train(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """Sample clients as the strategy within does, and keep the weights that they begin from."""
        self._arrays = arrays
        messages = list(self.strategy.configure_train(server_round, arrays, config, grid))
        self._asked = bool(messages)
        return messages

    def aggregate_train(self, server_round: int, replies: Iterable[Message]) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Send the updates of all clients at once, and return the new weights and the metrics of the round.

        Beside those of the clients, the metrics say what the air did: see docs/python-flower.md.

        Raises:
            PayloadError: no client answers, or one returns layers of other names, shapes or types, values that are not finite, or
                no positive weight.
            StateError: no round was configured, or the air belongs to another process.
        """
        replies = list(replies)
        if not (self._asked or replies):
            return self.strategy.aggregate_train(server_round, replies)
        if self._arrays is None:
            raise StateError("aggregate_train needs the weights that clients began from: call configure_train first")
        start = layers_of(self._arrays)
        rows = [sent(reply, start, self.strategy.weighted_by_key) for reply in answered(replies)]
        numbers = self._seats.numbers({row.reply.metadata.src_node_id: row.device for row in rows})
        # In the order of devices, not of arrival, so that sums come out the same to the last bit.
        rows.sort(key=lambda row: numbers[row.reply.metadata.src_node_id])
        places = [numbers[row.reply.metadata.src_node_id] for row in rows]
        estimate = self._send(rows, places) * self._server_step
        # In double precision, as the strategy within averages what all clients are said to have.
        moved = as_layers(np.concatenate([layer.ravel() for layer in start.values()]).astype(np.float64) + estimate, start)
        record = as_record(moved)
        for row in rows:
            (name,) = row.reply.content.array_records
            row.reply.content[name] = record
        failed = [reply for reply in replies if reply.has_error()]
        arrays, metrics = self.strategy.aggregate_train(server_round, [row.reply for row in rows] + failed)
        if arrays is not None:
            arrays = as_record({name: array.numpy().astype(start[name].dtype) for name, array in arrays.items()})
        metrics = MetricRecord() if metrics is None else metrics
        metrics.update(self._totals.metrics(self.reports[-1], len(rows)))
        return arrays, metrics

    def configure_evaluate(self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> Iterable[Message]:
        """Sample clients as the strategy within does; evaluation is not on the air."""
        return self.strategy.configure_evaluate(server_round, arrays, config, grid)

    def aggregate_evaluate(self, server_round: int, replies: Iterable[Message]) -> MetricRecord | None:
        """Average the clients' metrics as the strategy within does."""
        return self.strategy.aggregate_evaluate(server_round, replies)

    def _send(self, rows: list[Sent], places: list[int]) -> NDArray[np.float64]:
        """Run a round of the air, and return its estimate."""
        values, weights = np.stack([row.row for row in rows]), np.array([row.weight for row in rows])
        share = 1.0
        if self._devices is not None:
            total, answering = weights.sum(), (values, weights)
            values = np.zeros((self._devices, values.shape[1]), np.float32)
            weights = np.full(self._devices, weights.mean())
            values[places], weights[places] = answering
            # The mean over all devices, of which the silent ones send 0, becomes that over those that answer.
            share = float(weights.sum() / total) if self._weighted else 1.0
        estimate, report = self.air.aggregate(values, weights if self._weighted else None)
        self.reports.append(report)
        return estimate.astype(np.float64) * share


def _check(strategy: FedAvg, devices: int | None, server_step: float) -> None:
    if isinstance(strategy, _OF_EACH):
        raise UnsupportedError(
            f"{type(strategy).__name__} looks at the update of each client, and the air shows the server their sum alone; "
            "FedAvg, FedProx, FedAvgM, FedAdam, FedAdagrad or FedYogi is expected"
        )
    if not isinstance(strategy, FedAvg):
        raise ConfigError(
            f"the strategy is a {type(strategy).__name__}; FedAvg or a kind of it is expected (wrappers, as those of differential "
            "privacy, go around OverTheAir)"
        )
    if devices is not None and devices < 1:
        raise ConfigError(f"devices is {devices}; 1 or more is expected, or None")
    if not np.isfinite(server_step):
        raise ConfigError(f"server_step is {server_step}; a finite number is expected")
