"""The strategy, round by round, against Flower's own averaging."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from flwr.app import ConfigRecord, MetricRecord
from flwr.serverapp.strategy import (
    DifferentialPrivacyServerSideFixedClipping,
    FedAdam,
    FedAvg,
    FedAvgM,
    FedMedian,
    FedProx,
    Krum,
)
from rounds import Nodes, as_row, model, replies

import airloop
from airloop.flower import OverTheAir

NODES = Nodes(6).ids


def twice(strategy: Any, wrapped: Any, rounds: int = 2) -> tuple[np.ndarray, np.ndarray, MetricRecord, MetricRecord]:
    """Run the same rounds by a strategy alone and by one over the air; return the weights and the last metrics of both."""
    first = second = model()
    for server_round in range(1, rounds + 1):
        alone = replies(strategy, first, NODES, server_round)
        over = replies(wrapped, second, NODES, server_round)
        first, metrics = strategy.aggregate_train(server_round, alone)
        second, air_metrics = wrapped.aggregate_train(server_round, over)
    assert [array.dtype for array in second.values()] == ["float32"] * 3
    return as_row(first), as_row(second), metrics, air_metrics


@pytest.mark.parametrize("kind", [FedAvg, FedAvgM, FedProx, FedAdam])
def test_an_ideal_air_is_the_average_itself(ideal: dict[str, Any], kind: type[FedAvg]) -> None:
    options = {FedAvgM: {"server_momentum": 0.9}, FedProx: {"proximal_mu": 0.1}}.get(kind, {})
    alone, over, metrics, air_metrics = twice(kind(**options), OverTheAir(kind(**options), ideal))
    # FedAdam divides by the root of small squares, which magnifies roundings.
    np.testing.assert_allclose(over, alone, rtol=0.0, atol=2e-6 if kind is not FedAdam else 2e-4)
    assert air_metrics["loss"] == pytest.approx(metrics["loss"], rel=1e-12)
    assert air_metrics["air.nmse"] < 1e-10


def test_a_noisy_air_is_what_the_metrics_say(config: dict[str, Any]) -> None:
    config["link"]["transmit_power_w"] = 0.1
    wrapped = OverTheAir(FedAvg(), config)
    start, total_s, total_j = model(), 0.0, 0.0
    for server_round in (1, 2, 3):
        alone, _ = FedAvg().aggregate_train(server_round, replies(FedAvg(), start, NODES))
        arrays, metrics = wrapped.aggregate_train(server_round, replies(wrapped, start, NODES))
        update, found = as_row(alone) - as_row(start), as_row(arrays) - as_row(start)
        error = np.square(found - update).sum() / np.square(update).sum()
        assert metrics["air.nmse"] == pytest.approx(error, rel=1e-3) and error > 1e-4
        report = wrapped.reports[-1]
        total_s, total_j = total_s + report.airtime_s, total_j + report.energy_j
        assert metrics["air.airtime_s"] == report.airtime_s and metrics["air.energy_j"] == report.energy_j > 0.0
        assert metrics["air.airtime_total_s"] == total_s and metrics["air.energy_total_j"] == total_j
        assert metrics["air.devices"] == 6 and 0.0 < metrics["air.active_fraction"] <= 1.0
    assert wrapped.air.next_round == 3 and len(wrapped.reports) == 3


def test_the_same_seed_gives_the_same_bytes_whatever_the_order_of_replies(config: dict[str, Any]) -> None:
    def after(order: int, seed: int = 3) -> bytes:
        wrapped = OverTheAir(FedAvg(), {**config, "seed": seed})
        arrays, _ = wrapped.aggregate_train(1, replies(wrapped, model(), NODES)[::order])
        return as_row(arrays).tobytes()

    assert after(1) == after(1) == after(-1)
    assert after(1) != after(1, seed=4)


def test_rounds_may_have_other_clients(ideal: dict[str, Any]) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal), model()
    for nodes in (NODES[:2], NODES[1:], NODES[:1]):
        alone, _ = FedAvg().aggregate_train(1, replies(FedAvg(), start, nodes))
        arrays, metrics = wrapped.aggregate_train(1, replies(wrapped, start, nodes))
        np.testing.assert_allclose(as_row(arrays), as_row(alone), rtol=0.0, atol=2e-6)
        assert metrics["air.devices"] == len(nodes) == wrapped.reports[-1].devices


@pytest.mark.parametrize(("devices", "keeps"), [(3, True), (None, False)])
def test_a_device_keeps_its_channel_where_all_devices_are_in_every_round(ideal: dict[str, Any], devices: int | None, keeps: bool) -> None:
    # A channel that hardly moves, under phase-only precoding: an update arrives times the magnitude of its device's gain.
    ideal["channel"] = {"model": "rayleigh", "doppler_hz": 1e-3}
    ideal["scheme"] = {"kind": "phase-only"}
    wrapped, start = OverTheAir(FedAvg(), ideal, devices=devices), model()

    def gain(node: int) -> float:
        arrays, _ = wrapped.aggregate_train(1, replies(wrapped, start, [node]))
        sent = as_row(model(node))
        return float((as_row(arrays) - as_row(start)) @ sent / (sent @ sent))

    first, second, again = (gain(node) for node in (NODES[0], NODES[1], NODES[0]))
    assert again == pytest.approx(first, rel=1e-3) and first > 1e-3
    assert (second == pytest.approx(first, rel=1e-3)) is not keeps


def test_devices_that_do_not_answer_send_zeros(ideal: dict[str, Any]) -> None:
    wrapped, start = OverTheAir(FedAvg(), ideal, devices=3), model()
    nodes = NODES[:3]
    for present in (nodes, nodes[1:], [nodes[0], nodes[2]]):
        alone, _ = FedAvg().aggregate_train(1, replies(FedAvg(), start, present))
        arrays, metrics = wrapped.aggregate_train(1, replies(wrapped, start, present))
        np.testing.assert_allclose(as_row(arrays), as_row(alone), rtol=0.0, atol=2e-6)
        assert wrapped.reports[-1].devices == 3 and metrics["air.devices"] == len(present)


def test_votes_take_steps_of_the_server(ideal: dict[str, Any]) -> None:
    ideal["payload"] = {"function": "majority"}
    ideal["scheme"] = {"kind": "one-bit-majority", "threshold": 0.1}
    wrapped, start = OverTheAir(FedAvg(), ideal, weighted=False, server_step=0.25), model()
    messages = replies(wrapped, start, NODES[:5])
    votes = np.sign(sum(np.sign(as_row(m.content["arrays"]) - as_row(start)) for m in messages))
    arrays, metrics = wrapped.aggregate_train(1, messages)
    np.testing.assert_allclose(as_row(arrays), as_row(start) + 0.25 * votes, atol=1e-6)
    assert metrics["air.vote_error_rate"] == 0.0 and "air.nmse" not in metrics
    with pytest.raises(airloop.PayloadError, match="weights go with a mean"):
        weighted = OverTheAir(FedAvg(), ideal)
        weighted.aggregate_train(1, replies(weighted, start, NODES))


def test_sampling_and_evaluation_stay_flowers(ideal: dict[str, Any]) -> None:
    wrapped = OverTheAir(FedAvg(fraction_train=0.5, fraction_evaluate=0.25), ideal)
    assert len(list(wrapped.configure_train(1, model(), ConfigRecord(), Nodes(20)))) == 10
    assert len(list(wrapped.configure_evaluate(1, model(), ConfigRecord(), Nodes(20)))) == 5
    evaluated = replies(FedAvg(), model(), NODES)
    expected = FedAvg().aggregate_evaluate(1, replies(FedAvg(), model(), NODES))
    assert dict(wrapped.aggregate_evaluate(1, evaluated)) == dict(expected)
    wrapped.summary()


def test_wrappers_of_differential_privacy_go_around(ideal: dict[str, Any]) -> None:
    # Updates clipped to a norm of 1 at the server, and no noise: over an ideal air as without one.
    def clipped(strategy: Any) -> np.ndarray:
        private = DifferentialPrivacyServerSideFixedClipping(strategy, 0.0, 1.0, len(NODES))
        return as_row(private.aggregate_train(1, replies(private, model(), NODES))[0])

    over, alone = clipped(OverTheAir(FedAvg(), ideal)), clipped(FedAvg())
    np.testing.assert_allclose(over, alone, rtol=0.0, atol=2e-6)
    assert np.linalg.norm(over - as_row(model())) < 1.0


def test_replies_come_after_questions(ideal: dict[str, Any]) -> None:
    with pytest.raises(airloop.StateError, match="configure_train"):
        OverTheAir(FedAvg(), ideal).aggregate_train(1, replies(FedAvg(), model(), NODES))


def test_a_federation_that_does_not_train_sends_nothing(ideal: dict[str, Any]) -> None:
    wrapped = OverTheAir(FedAvg(fraction_train=0.0), ideal)
    assert list(wrapped.configure_train(1, model(), ConfigRecord(), Nodes(3))) == []
    assert wrapped.aggregate_train(1, []) == (None, None) and wrapped.air.next_round == 0


@pytest.mark.parametrize("kind", [FedMedian, Krum])
def test_strategies_that_need_each_update_are_refused(ideal: dict[str, Any], kind: type[FedAvg]) -> None:
    with pytest.raises(airloop.UnsupportedError, match=f"{kind.__name__} looks at the update of each client"):
        OverTheAir(kind(), ideal)


def test_what_is_no_strategy_or_no_number_is_refused(ideal: dict[str, Any]) -> None:
    with pytest.raises(airloop.ConfigError, match="FedAvg or a kind of it is expected"):
        OverTheAir(OverTheAir(FedAvg(), ideal), ideal)
    with pytest.raises(airloop.ConfigError, match="devices is 0"):
        OverTheAir(FedAvg(), ideal, devices=0)
    with pytest.raises(airloop.ConfigError, match="server_step is nan"):
        OverTheAir(FedAvg(), ideal, server_step=float("nan"))
