"""Aggregation as a call."""

from __future__ import annotations

import multiprocessing
import pickle
import threading
import time

import numpy as np
import pytest

import airloop


def rows(devices: int, length: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(devices, length)).astype(np.float32)


def test_an_ideal_air_gives_the_mean(ideal):
    values = rows(5, 3000)
    estimate, report = airloop.Air(ideal).aggregate(values)
    assert estimate.dtype == np.float32 and estimate.shape == (3000,)
    np.testing.assert_allclose(estimate, values.mean(axis=0, dtype=np.float64), atol=2e-6)
    assert report.nmse < 1e-11 and report.devices == 5 and report.length == 3000


def test_weights_make_the_weighted_mean(ideal):
    values, weights = rows(3, 500), [1.0, 2.0, 5.0]
    estimate, _ = airloop.Air(ideal).aggregate(values, weights)
    np.testing.assert_allclose(estimate, np.average(values.astype(np.float64), axis=0, weights=weights), atol=2e-6)


@pytest.mark.parametrize("fidelity", ["symbol", "waveform"])
def test_the_report_is_of_what_was_returned(config, fidelity):
    values = rows(6, 2000)
    air = airloop.Air(config, fidelity)
    for _ in range(2):
        estimate, report = air.aggregate(values)
        mean = values.mean(axis=0, dtype=np.float64)
        nmse = np.sum((estimate - mean) ** 2) / np.sum(mean**2)
        assert report.nmse == pytest.approx(nmse, rel=1e-4)
    assert air.next_round == 2 and air.time_s > 0


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(config):
    values = rows(4, 100_000)
    first, _ = airloop.Air(config).aggregate(values)
    again, _ = airloop.Air(config).aggregate(values)
    other, _ = airloop.Air(config | {"seed": 4}).aggregate(values)
    assert first.tobytes() == again.tobytes() != other.tobytes()


def test_layouts_and_types_are_converted(config):
    values = rows(4, 300)
    expected, _ = airloop.Air(config).aggregate(values)
    wide = np.zeros((4, 600), np.float32)
    wide[:, ::2] = values
    for given in (values.astype(np.float64), np.asfortranarray(values), wide[:, ::2], values.tolist()):
        found, _ = airloop.Air(config).aggregate(given)
        assert found.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (np.ones((2, 3), np.int64), "dtype int64; float32 is expected"),
        (np.ones((2, 3), np.complex64), "dtype complex64"),
        (np.ones(3, np.float32), r"shape \(3,\); K devices by N values"),
        (np.ones((2, 3, 4), np.float32), r"shape \(2, 3, 4\)"),
        (np.ones((0, 3), np.float32), "holds 0 values"),
        (np.array([[1.0, np.nan]], np.float32), "device 0, value 1 is NaN"),
        (np.array([[1.0], [np.inf]], np.float32), "device 1, value 0 is inf"),
        ("abc", "dtype"),
        ([[1.0], [1.0, 2.0]], "no array"),
    ],
)
def test_wrong_values_are_named(config, values, words):
    with pytest.raises(airloop.PayloadError, match=words):
        airloop.Air(config).aggregate(values)


def test_wrong_weights_rounds_and_times_are_named(config):
    air = airloop.Air(config)
    with pytest.raises(airloop.PayloadError, match="2 weights were given for 3 devices"):
        air.aggregate(rows(3, 10), [1.0, 2.0])
    air.aggregate(rows(3, 10), round=4)
    with pytest.raises(airloop.StateError, match="round 2 is over: the next is round 5"):
        air.aggregate(rows(3, 10), round=2)
    with pytest.raises(airloop.ConfigError, match="0 or more"):
        air.wait(-1.0)
    with pytest.raises(airloop.ConfigError, match="fidelity"):
        airloop.Air(config, "smybol")


def test_zeros_are_heard_as_zeros(config):
    estimate, report = airloop.Air(config).aggregate(np.zeros((3, 50), np.float32))
    assert not estimate.any() and report.nmse is None and report.airtime_s > 0


def test_an_air_is_not_pickled(config):
    with pytest.raises(airloop.StateError, match="make one in each process"):
        pickle.dumps(airloop.Air(config))


def _in_a_child(air, values, queue):
    try:
        air.aggregate(values)
    except airloop.StateError as error:
        queue.put(str(error))
    # One that is made here works, on threads of this process.
    queue.put(airloop.Air({"channel": {"model": "awgn"}, "link": {"snr_db": 10.0}, "scheme": {"kind": "full-inversion"}})
              .aggregate(values)[1].nmse)


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_air_refuses_and_a_new_one_works(config):
    air, values = airloop.Air(config), rows(4, 200_000)
    air.aggregate(values)
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    child = context.Process(target=_in_a_child, args=(air, values, queue))
    child.start()
    assert "before the process forked" in queue.get(timeout=60)
    assert 0 < queue.get(timeout=60) < 1
    child.join(60)
    assert child.exitcode == 0


def test_two_threads_do_not_mix_their_rounds(config):
    air, values, errors, done = airloop.Air(config), rows(8, 400_000), [], []

    def work():
        for _ in range(4):
            try:
                air.aggregate(values)
                done.append(1)
            except airloop.StateError as error:
                errors.append(str(error))

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(done) == air.next_round and len(done) + len(errors) == 8
    assert all("at work in another thread" in error for error in errors)


def test_the_interpreter_goes_on_meanwhile(config):
    air, values, ticks = airloop.Air(config), rows(20, 500_000), []
    worker = threading.Thread(target=lambda: [air.aggregate(values) for _ in range(3)])
    worker.start()
    while worker.is_alive():
        ticks.append(1)
        time.sleep(0.001)
    worker.join()
    assert len(ticks) > 5


def test_ctrl_c_ends_a_long_call_and_the_round_has_not_been(config, ctrl_c):
    air, values = airloop.Air(config, "waveform"), rows(4, 1_000_000)
    ctrl_c(0.3)
    with pytest.raises(KeyboardInterrupt):
        for _ in range(100):
            air.aggregate(values)
    few = rows(2, 10)
    round = air.next_round
    air.aggregate(few)
    assert air.next_round == round + 1
