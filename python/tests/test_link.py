"""Transmission as a call."""

from __future__ import annotations

import numpy as np
import pytest

import airloop


def test_an_ideal_link_gives_back_what_was_sent(ideal):
    sent = np.random.default_rng(1).normal(size=(4, 5, 6)).astype(np.float32)
    received, report = airloop.Link(ideal).send(sent)
    assert received.shape == sent.shape and received.dtype == np.float32
    np.testing.assert_allclose(received, sent, atol=2e-6)
    assert report.airtime_s > 0


def test_devices_hear_a_broadcast_over_links_of_their_own(config):
    sent = np.random.default_rng(2).normal(size=500).astype(np.float32)
    heard = airloop.Link(config).broadcast(sent, 3)
    assert len({received.tobytes() for received, _ in heard}) == 3
    alone, _ = airloop.Link(config).send(sent, device=2)
    assert alone.tobytes() == heard[2][0].tobytes()


def test_a_retraced_link_is_its_own_adjoint(config):
    link, draw = airloop.Link(config | {"channel": {"model": "rayleigh", "doppler_hz": 2000.0}}), np.random.default_rng(3)
    x, y = (draw.normal(size=4000).astype(np.float32) for _ in range(2))
    link.send(x)
    ax, ay = link.retrace(x).astype(np.float64), link.retrace(y).astype(np.float64)
    assert ax @ y == pytest.approx(ay @ x, rel=1e-4)
    with pytest.raises(airloop.StateError, match="no round yet"):
        airloop.Link(config).retrace(x)


def test_capacities_are_shannons(config):
    config["channel"] = {"model": "awgn"}
    expected = 48 * np.log2(1 + 10**1.5) / (80 / 1.92e6)
    assert airloop.Link(config).capacities_bps(2) == pytest.approx([expected] * 2, rel=1e-6)


def test_time_passes_on_a_link(config):
    # Jakes: after 2.4 ms at 100 Hz the correlation is J0(1.51) = 0.51, after a symbol 0.9999; capacities are of the gains alone.
    config["channel"] = {"model": "rayleigh", "doppler_hz": 100.0}
    changes = []
    for wait_s in (0.0, 2.4e-3):
        link = airloop.Link(config)
        before = np.array(link.capacities_bps(200))
        for device in range(200):
            link.wait(wait_s, device)
        changes.append(np.mean(np.abs(np.array(link.capacities_bps(200)) / before - 1)))
    assert changes[0] == 0 and changes[1] > 0.1
