"""Rounds of Flower without a network: messages out, replies back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from flwr.app import Array, ArrayRecord, ConfigRecord, Context, Message, MetricRecord, RecordDict
from flwr.supercore.task_identity import TaskIdentity

# Messages are made in a run.
TaskIdentity.run_id = TaskIdentity.node_id = TaskIdentity.task_id = 1

#: The layers of a small model.
SHAPES = {"weight": (10, 64), "bias": (10,), "scale": ()}


def record(layers: Mapping[str, Any]) -> ArrayRecord:
    """Return layers as Flower carries them."""
    return ArrayRecord({name: Array(np.asarray(layer)) for name, layer in layers.items()})


def model(seed: int = 0, dtype: str = "float32") -> ArrayRecord:
    """Draw the model's layers."""
    draws = np.random.default_rng(seed)
    return record({name: draws.normal(size=shape).astype(dtype) for name, shape in SHAPES.items()})


def as_row(arrays: ArrayRecord) -> np.ndarray:
    """Return all values in double precision."""
    return np.concatenate([np.ravel(array.numpy()).astype(np.float64) for array in arrays.values()])


class Nodes:
    """A grid of so many nodes, with ids that are in no order."""

    def __init__(self, count: int) -> None:
        self.ids = [(7919 * (i + 1)) % 65537 for i in range(count)]

    def get_node_ids(self) -> list[int]:
        """Return the ids."""
        return self.ids


def context(partition: int | None = None) -> Context:
    """Return the context of a node."""
    config = {} if partition is None else {"partition-id": partition}
    return Context(run_id=1, node_id=1, node_config=config, state=RecordDict(), run_config={})


def asked(arrays: ArrayRecord, node: int = 5, message_type: str = "train") -> Message:
    """Return the message that asks a node to train."""
    content = RecordDict({"arrays": arrays, "config": ConfigRecord({"server-round": 1})})
    return Message(content, dst_node_id=node, message_type=message_type)


def answer(message: Message, arrays: ArrayRecord, examples: float = 10, **records: Any) -> Message:
    """Return a client's reply."""
    metrics = MetricRecord({"num-examples": examples, "loss": float(examples) / 4})
    return Message(RecordDict({"arrays": arrays, "metrics": metrics, **records}), reply_to=message)


def replies(strategy: Any, start: ArrayRecord, nodes: list[int], server_round: int = 1) -> list[Message]:
    """Let nodes answer a round, each with weights and examples of its own."""
    list(strategy.configure_train(server_round, start, ConfigRecord(), Nodes(20)))
    found = []
    for node in nodes:
        new = record({name: array.numpy() + 0.1 * model(node).get(name).numpy() for name, array in start.items()})
        found.append(answer(asked(start, node), new, 10 + node % 7))
    return found
