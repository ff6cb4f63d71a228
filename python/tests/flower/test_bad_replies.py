"""What clients may get wrong, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Error, Message, MetricRecord
from flwr.serverapp.strategy import FedAvg
from rounds import Nodes, answer, asked, model, record, replies

import airloop
from airloop.flower import OverTheAir


def changed(**layers: Any) -> ArrayRecord:
    """Return the model with other layers; `None` leaves one out."""
    kept = {name: array.numpy() for name, array in model().items()} | layers
    return record({name: layer for name, layer in kept.items() if layer is not None})


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        (changed(bias=np.arange(10)), r"node 5: layer 'bias' has dtype int64; floating point is expected"),
        (changed(bias=np.full(10, np.nan, "f4")), r"node 5: the update of layer 'bias' holds values that are not finite"),
        (changed(bias=np.full(10, 1e300)), r"node 5: the update of layer 'bias' holds values that are not finite"),
        (changed(weight=np.zeros((64, 10), "f4")), r"layer 'weight' has shape \(64, 10\); that of the model, \(10, 64\), is expected"),
        (changed(bias=None), r"node 5 returned other layers than it was given: \['bias'\] are missing"),
        (changed(more=np.zeros(3, "f4")), r"\['more'\] are new"),
    ],
)
def test_other_layers_than_the_models_are_refused(ideal: dict[str, Any], arrays: ArrayRecord, message: str) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), model()
    good = replies(wrapped, start, [9, 12])
    with pytest.raises(airloop.PayloadError, match=message):
        wrapped.aggregate_train(1, [*good, answer(asked(start), arrays)])
    assert wrapped.air.next_round == 0


def test_a_model_that_the_air_cannot_add_is_refused(ideal: dict[str, Any]) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), changed(steps=np.arange(3))
    replies(wrapped, start, [])
    with pytest.raises(airloop.PayloadError, match="the model's layer 'steps' has dtype int64"):
        wrapped.aggregate_train(1, [answer(asked(start), start)])
    with pytest.raises(airloop.PayloadError, match="holds no values"):
        wrapped.aggregate_train(1, replies(wrapped, ArrayRecord(), [9]))


@pytest.mark.parametrize("examples", [0, -3, float("nan"), float("inf")])
def test_weights_are_positive_numbers(ideal: dict[str, Any], examples: float) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), model()
    replies(wrapped, start, [])
    with pytest.raises(airloop.PayloadError, match="'num-examples' is .*; a positive number is expected"):
        wrapped.aggregate_train(1, [answer(asked(start), start, examples)])


def without_metrics(reply: Message) -> None:
    del reply.content["metrics"]


def without_weight(reply: Message) -> None:
    del reply.content["metrics"]["num-examples"]


def more_arrays(reply: Message) -> None:
    reply.content["more"] = model()


def more_metrics(reply: Message) -> None:
    reply.content["more"] = MetricRecord({"num-examples": 3})


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (without_metrics, "returned 0 records of type MetricRecord"),
        (more_metrics, "returned 2 records of type MetricRecord"),
        (more_arrays, "returned 2 records of type ArrayRecord"),
        (without_weight, "'num-examples' is None"),
    ],
)
def test_records_are_one_of_each(ideal: dict[str, Any], spoil: Callable[[Message], None], message: str) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), model()
    reply = replies(wrapped, start, [9])[0]
    spoil(reply)
    with pytest.raises(airloop.PayloadError, match=message):
        wrapped.aggregate_train(1, [reply])


def test_rounds_without_clients_are_refused_and_failures_left_out(ideal: dict[str, Any]) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), model()
    list(wrapped.configure_train(1, start, ConfigRecord(), Nodes(4)))
    with pytest.raises(airloop.PayloadError, match="no client sends in this round: no reply in time"):
        wrapped.aggregate_train(1, [])
    failed = Message(Error(code=2, reason="out of memory"), reply_to=asked(start))
    with pytest.raises(airloop.PayloadError, match=r"1 error replies \(out of memory\)"):
        wrapped.aggregate_train(1, [failed])
    _, metrics = wrapped.aggregate_train(1, [failed, *replies(wrapped, start, [9, 12])])
    assert metrics["air.devices"] == 2


@pytest.mark.parametrize(
    ("devices", "claims", "message"),
    [
        (None, [0, 0], "node 12 says that it is device 0, which node 9 is"),
        (2, [0, 2], "node 12 would be device 2; the air has devices 0 to 1"),
        (1, [None, None], "node 12 would be device 1; the air has devices 0 to 0"),
    ],
)
def test_places_are_taken_once(ideal: dict[str, Any], devices: int | None, claims: list[int | None], message: str) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal, devices=devices), model()
    found = replies(wrapped, start, [9, 12])
    for reply, claim in zip(found, claims):
        reply.content["airloop"] = ConfigRecord({} if claim is None else {"device": claim})
    with pytest.raises(airloop.PayloadError, match=message):
        wrapped.aggregate_train(1, found)
