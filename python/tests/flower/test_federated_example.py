"""The parts of python/examples/federated.py: its network, its data, its statistics, and a short training."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"
sys.path.insert(0, str(EXAMPLES))

import federated_data  # noqa: E402
import federated_network  # noqa: E402
import federated_schemes  # noqa: E402
import federated_table  # noqa: E402
import federated_training  # noqa: E402
from federated_training import Point  # noqa: E402


def loss(row: np.ndarray, split: federated_data.Split, device: int) -> float:
    """Return the mean cross-entropy of a device's digits, in double precision."""
    w1, w2 = row[:8192].reshape(64, 128), row[8320:9600].reshape(128, 10)
    pixels, labels, shares = (part[device].astype(np.float64) for part in (split.pixels, split.labels, split.shares))
    scores = np.maximum(pixels @ w1 + row[8192:8320], 0.0) @ w2 + row[9600:]
    likelihoods = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    return float(-(np.log((likelihoods * labels).sum(axis=1) + 1.0 - labels.sum(axis=1)) * shares[:, 0]).sum())


def test_gradients_are_slopes() -> None:
    split, row = federated_data.split(1), federated_network.initial(1)
    updates = federated_network.updates(row, split, 1, 1.0)
    draws = np.random.default_rng(0)
    for device in (0, 7, 19):
        direction = draws.normal(size=row.size)
        ends = (row + sign * 1e-5 * direction for sign in (1, -1))
        up, down = (loss(end, split, device) for end in ends)
        assert -updates[device] @ direction == pytest.approx((up - down) / 2e-5, rel=1e-3)


def test_devices_have_all_digits_once_and_few_labels() -> None:
    split = federated_data.split(3)
    assert split.labels.sum() + len(split.held_out_labels) == 1797 and len(split.held_out_labels) == 360
    assert split.shares.sum(axis=1) == pytest.approx(1.0)
    assert ((split.labels.sum(axis=1) > 0).sum(axis=1) <= 4).all()


def test_an_ideal_air_trains_as_the_mean_does() -> None:
    settings = federated_schemes.CURVES[0].settings[None]
    points = federated_training.train("ideal", None, settings, 2, rounds=3)
    split, row = federated_data.split(2), federated_network.initial(2)
    for point in points[1:]:
        row = row + federated_network.updates(row, split, settings.local_steps, settings.local_rate).mean(axis=0)
        assert point.accuracy == pytest.approx(federated_network.accuracy(row, split), abs=1.5 / 360)
    # 4805 elements on 300 subcarriers are 17 symbols of 1/15 ms and their prefixes.
    assert points[1].airtime_s == pytest.approx(17 / 15e3, rel=0.08) and points[-1].airtime_s == pytest.approx(3 * points[1].airtime_s)


@pytest.mark.parametrize("curve", federated_schemes.CURVES, ids=lambda curve: curve.scheme)
def test_every_scheme_learns_and_repeats_itself(curve: federated_schemes.Curve) -> None:
    snr_db = None if None in curve.settings else 10.0
    first, again = (federated_training.train(curve.scheme, snr_db, curve.settings[snr_db], 5, rounds=4) for _ in range(2))
    assert first == again and len(first) == 5
    assert first[-1].accuracy > 0.3 and first[-1].energy_j > first[1].energy_j > 0.0


def test_intervals_are_students() -> None:
    # Mean 3, standard deviation sqrt(2.5), t(4, 0.975) = 2.776.
    assert federated_table.interval([1.0, 2.0, 3.0, 4.0, 5.0]) == pytest.approx((3.0, 3.0 - 1.963, 3.0 + 1.963), abs=1e-3)


def test_costs_are_those_of_the_first_model_that_is_good_enough() -> None:
    run = [Point(0.0, 0.0, 0.1), Point(1.0, 5.0, 0.5), Point(2.0, 9.0, 0.95), Point(3.0, 12.0, 0.85)]
    assert federated_table.first_cost(run, federated_table.airtime) == 2.0
    assert federated_table.first_cost(run, federated_table.energy) == 9.0
    assert federated_table.first_cost(run[:2], federated_table.energy) is None
    assert [federated_table.reached(run, federated_table.airtime, limit) for limit in (0.5, 1.0, 2.9, 9.0)] == [0.1, 0.5, 0.95, 0.85]
