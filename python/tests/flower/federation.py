"""A stock Flower simulation on Ray, of which the strategy alone is swapped. It prints what came out, as JSON."""

from __future__ import annotations

import json
import logging
import os
from typing import Any

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"
os.environ["RAY_USAGE_STATS_ENABLED"] = "0"

import numpy as np  # noqa: E402
from flwr.app import Array, ArrayRecord, Context, Message, MetricRecord, RecordDict  # noqa: E402
from flwr.clientapp import ClientApp  # noqa: E402
from flwr.serverapp import Grid, ServerApp  # noqa: E402
from flwr.serverapp.strategy import FedAvg, Result, Strategy  # noqa: E402
from flwr.simulation import run_simulation  # noqa: E402

from airloop.flower import OverTheAir  # noqa: E402

CLIENTS, ROUNDS = 4, 2
client = ClientApp()


def data(partition: int) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets of a client, of a linear model; clients have different numbers of them."""
    draws = np.random.default_rng(partition)
    inputs = draws.normal(size=(20 + 10 * partition, 30)).astype(np.float32)
    return inputs, inputs @ np.linspace(-1.0, 1.0, 30, dtype=np.float32) + 0.5


@client.train()
def train(msg: Message, context: Context) -> Message:
    """Take ten gradient steps."""
    inputs, targets = data(int(context.node_config["partition-id"]))
    weight, bias = msg.content["arrays"].to_numpy_ndarrays()
    for _ in range(10):
        errors = inputs @ weight + bias - targets
        weight, bias = weight - 0.05 * inputs.T @ errors / len(errors), bias - 0.05 * errors.mean()
    arrays = ArrayRecord({"weight": Array(weight.astype(np.float32)), "bias": Array(np.asarray(bias, np.float32))})
    metrics = MetricRecord({"num-examples": len(targets), "loss": float(np.mean(errors**2))})
    return Message(RecordDict({"arrays": arrays, "metrics": metrics}), reply_to=msg)


@client.evaluate()
def evaluate(msg: Message, context: Context) -> Message:
    """Return the loss of the global model."""
    inputs, targets = data(int(context.node_config["partition-id"]))
    weight, bias = msg.content["arrays"].to_numpy_ndarrays()
    metrics = {"num-examples": len(targets), "loss": float(np.mean((inputs @ weight + bias - targets) ** 2))}
    return Message(RecordDict({"metrics": MetricRecord(metrics)}), reply_to=msg)


def strategies() -> dict[str, Strategy]:
    """Return the strategies of a run, by name."""
    ideal = {"channel": {"model": "awgn"}, "link": {"snr_db": 200.0}, "scheme": {"kind": "full-inversion"}}
    noisy = {
        "channel": {"model": "rayleigh"},
        "link": {"snr_db": 10.0, "transmit_power_w": 0.1},
        "scheme": {"kind": "truncated-inversion", "threshold": 0.1},
    }
    all_nodes = {"min_available_nodes": CLIENTS, "min_train_nodes": CLIENTS}
    stock = FedAvg(**all_nodes, min_evaluate_nodes=CLIENTS)
    # Flower waits seconds for every exchange; evaluation is that of the stock strategy anyway.
    training = FedAvg(**all_nodes, fraction_evaluate=0.0)
    return {
        "stock": stock,
        "ideal": OverTheAir(stock, ideal),
        "noisy": OverTheAir(training, noisy),
        "again": OverTheAir(training, noisy),
        "other": OverTheAir(training, {**noisy, "seed": 2}),
    }


def words(result: Result) -> dict[str, Any]:
    """Return what came out as JSON can hold it."""
    weights = np.concatenate([array.numpy().ravel() for array in result.arrays.values()])
    rounds = result.train_metrics_clientapp, result.evaluate_metrics_clientapp
    train, evaluate = ([dict(found) for _, found in sorted(metrics.items())] for metrics in rounds)
    return {"weights": weights.tolist(), "train": train, "evaluate": evaluate}


def main() -> None:
    """Run the federation once for each strategy and print weights and metrics."""
    app = ServerApp()
    found: dict[str, Any] = {}

    @app.main()
    def server(grid: Grid, context: Context) -> None:
        for name, strategy in strategies().items():
            start = ArrayRecord({"weight": Array(np.zeros(30, np.float32)), "bias": Array(np.zeros((), np.float32))})
            found[name] = words(strategy.start(grid, start, num_rounds=ROUNDS))

    logging.getLogger("flwr").setLevel(logging.WARNING)
    run_simulation(app, client, CLIENTS, backend_config={"client_resources": {"num_cpus": 1.0}})
    print(json.dumps(found))


if __name__ == "__main__":
    main()
