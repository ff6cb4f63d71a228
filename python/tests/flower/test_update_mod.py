"""The client's part."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flwr.app import Context, Error, Message
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg
from rounds import answer, as_row, asked, context, model, record, replies

import airloop
from airloop.flower import OverTheAir, UpdateMod


def app(mods: list[UpdateMod], reply: Any) -> ClientApp:
    """Return an app that answers what it is told."""
    made = ClientApp(mods=mods)
    made.train()(reply)
    made.evaluate()(reply)
    return made


def trained(msg: Message, _: Context) -> Message:
    """Add the values of another model."""
    new = {name: array.numpy() + model(4)[name].numpy() for name, array in msg.content["arrays"].items()}
    return answer(msg, record(new))


def test_the_update_travels_in_place_of_the_weights() -> None:
    start = model(dtype="float64")
    reply = app([UpdateMod()], trained)(asked(start), context(3))
    assert [array.dtype for array in reply.content["arrays"].values()] == ["float32"] * 3
    np.testing.assert_allclose(as_row(reply.content["arrays"]), as_row(model(4)), rtol=1e-6)
    assert dict(reply.content["airloop"]) == {"update": True, "device": 3}
    assert dict(reply.content["metrics"]) == {"num-examples": 10, "loss": 2.5}


@pytest.mark.parametrize(("clip_norm", "clipped"), [(1.5, 1.0), (1e3, 0.0)])
def test_long_updates_are_scaled_to_the_bound(clip_norm: float, clipped: float) -> None:
    reply = app([UpdateMod(clip_norm)], trained)(asked(model()), context())
    row, whole = as_row(reply.content["arrays"]), as_row(model(4))
    np.testing.assert_allclose(row, whole * min(1.0, clip_norm / np.linalg.norm(whole)), atol=1e-6)
    assert reply.content["metrics"]["air.clipped"] == clipped
    assert dict(reply.content["airloop"]) == {"update": True}


def test_an_app_that_writes_into_what_it_is_given_is_understood() -> None:
    def in_place(msg: Message, _: Context) -> Message:
        for name in list(msg.content["arrays"]):
            msg.content["arrays"][name] = record({name: msg.content["arrays"][name].numpy() + np.float32(1.0)})[name]
        return answer(msg, msg.content["arrays"])

    reply = app([UpdateMod()], in_place)(asked(model()), context())
    np.testing.assert_allclose(as_row(reply.content["arrays"]), 1.0, atol=1e-6)


def test_other_messages_and_errors_pass() -> None:
    reply = app([UpdateMod(1.0)], trained)(asked(model(), message_type="evaluate"), context(3))
    assert "airloop" not in reply.content and "air.clipped" not in reply.content["metrics"]
    failed = app([UpdateMod()], lambda msg, _: Message(Error(code=7), reply_to=msg))(asked(model()), context())
    assert failed.has_error()


def test_the_server_gets_the_same_with_and_without_the_mod(config: dict[str, Any]) -> None:
    def after(mods: list[UpdateMod]) -> bytes:
        wrapped, start = OverTheAir(FedAvg(), config), model()
        replies(wrapped, start, [])
        found = [app(mods, trained)(asked(start, node), context()) for node in (40, 7, 19)]
        arrays, _ = wrapped.aggregate_train(1, found)
        return as_row(arrays).tobytes()

    assert after([]) == after([UpdateMod()])


def test_devices_keep_their_numbers_though_nodes_get_new_ids(config: dict[str, Any]) -> None:
    def after(nodes: list[int]) -> bytes:
        wrapped, start = OverTheAir(FedAvg(), config), model()
        replies(wrapped, start, [])

        def by_device(device: int, node: int) -> Message:
            own = lambda msg, _: answer(msg, record({n: a.numpy() * (1 + device) for n, a in start.items()}))  # noqa: E731
            return app([UpdateMod()], own)(asked(start, node), context(device))

        arrays, _ = wrapped.aggregate_train(1, [by_device(device, node) for device, node in enumerate(nodes)])
        return as_row(arrays).tobytes()

    assert after([40, 7, 19]) == after([8, 90, 3])


@pytest.mark.parametrize("bound", [0.0, -1.0, float("nan"), float("inf")])
def test_bounds_are_positive(bound: float) -> None:
    with pytest.raises(airloop.ConfigError, match="a positive number is expected"):
        UpdateMod(bound)


def test_what_the_air_cannot_add_is_refused_at_the_client() -> None:
    other = model()
    other["weight"] = record({"weight": np.zeros(3, "f4")})["weight"]
    with pytest.raises(airloop.PayloadError, match="the ClientApp: layer 'weight' has shape"):
        app([UpdateMod()], lambda msg, _: answer(msg, other))(asked(model()), context())
