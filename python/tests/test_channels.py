"""Channels as arrays."""

from __future__ import annotations

import numpy as np
import pytest

import airloop
from airloop.channels import Channel

MOVING = {"channel": {"model": "tdl-c", "delay_spread_s": 300e-9, "carrier_hz": 3.5e9, "speed_m_s": 30.0}}
STATIC = {"channel": {"model": "tdl-a", "delay_spread_s": 100e-9}}
AMPLITUDES = {"link": {"snr_db": 10.0}, "scheme": {"kind": "phase-only"}}


def test_the_response_is_the_fourier_transform_of_the_taps():
    channel = Channel(MOVING, devices=3)
    taps = channel.taps(0.1, 1e-3, 5).astype(np.complex128)
    assert taps.shape == (3, 5, len(channel.delays_s))
    for frequencies_hz in (channel.frequencies_hz, np.array([-1e6, 0.0, 12345.6])):
        expected = taps @ np.exp(-2j * np.pi * np.outer(channel.delays_s, frequencies_hz))
        found = channel.frequency_response(0.1, 1e-3, 5, frequencies_hz)
        assert found.dtype == np.complex64 and found.shape == (3, 5, len(frequencies_hz))
        np.testing.assert_allclose(found, expected, atol=1e-5)
    own = channel.frequency_response(0.1, 1e-3, 5, channel.frequencies_hz)
    np.testing.assert_array_equal(channel.frequency_response(0.1, 1e-3, 5), own)


def test_paths_have_the_power_and_the_doppler_spectrum_of_their_profile():
    links, lag_s = 4000, 2e-3
    channel = Channel(MOVING, devices=links)
    assert channel.powers.sum() == pytest.approx(1.0)
    assert channel.max_doppler_hz == pytest.approx(30.0 * 3.5e9 / 299_792_458.0)
    now, later = (channel.taps(0.0, lag_s, 2)[:, i].astype(np.complex128) for i in range(2))
    # |a|^2 is exponential: means over 4000 links have a standard deviation of 1.6 %; alpha = 1e-6 with 24 paths is 5.6 of them.
    np.testing.assert_allclose((abs(now) ** 2).mean(axis=0) / channel.powers, 1.0, atol=0.09)
    # J0(2 pi f lag) by its integral.
    angle = (np.arange(2000) + 0.5) * np.pi / 2000
    bessel = np.cos(2 * np.pi * channel.max_doppler_hz * lag_s * np.sin(angle)).mean()
    correlation = (later * now.conj()).mean(axis=0) / channel.powers
    np.testing.assert_allclose(correlation, bessel, atol=0.09)


@pytest.mark.parametrize("config", [MOVING, STATIC], ids=["moving", "static"])
def test_they_are_the_channels_of_a_link(config):
    link, sent = airloop.Link(config | AMPLITUDES), np.ones(5000, np.float32)
    for round in range(2):
        start_s = link._link.send(sent, (0, None), np.empty_like(sent))[2]
        channel = Channel(config, round=round)
        used = len(channel.frequencies_hz)
        symbols = -(-len(sent) // (2 * used))
        gains = np.sort(link.retrace(sent))
        assert symbols < 14
        times = [start_s + (symbol + 0.5) * channel.symbol_s for symbol in range(symbols)]
        responses = np.concatenate([channel.frequency_response(time_s)[0, 0] for time_s in times])
        # Phases are corrected, amplitudes are those of the channel up to the receiver's one scale; values are spread over the elements.
        expected = np.sort(np.repeat(abs(responses[: len(sent) // 2]), 2))
        scale = (gains @ expected) / (expected @ expected)
        np.testing.assert_allclose(gains, scale * expected, atol=4e-3 * scale)


def test_antennas_make_links_side_by_side():
    many = MOVING | {"link": {"snr_db": 10.0, "receive_antennas": 4}, "scheme": {"kind": "receive-combining", "combiner": "mrc"}}
    channel = Channel(many, devices=2)
    assert channel.antennas == (4, 1) and channel.taps().shape == (8, 1, len(channel.delays_s))


def test_what_is_wrong_is_said():
    with pytest.raises(airloop.ConfigError, match="devices = 0"):
        Channel(STATIC, devices=0)
    with pytest.raises(airloop.ConfigError, match="at least one instant"):
        Channel(STATIC).taps(0.0, 1.0, 0)
    with pytest.raises(airloop.ConfigError, match="nan in it|NaN in it"):
        Channel(STATIC).frequency_response(frequencies_hz=[0.0, float("nan")])
    with pytest.raises(airloop.ConfigError, match="tdl-x"):
        Channel({"channel": {"model": "tdl-x"}})
    with pytest.raises(airloop.UnsupportedError, match="no taps"):
        Channel({"channel": {"model": "rayleigh", "fading": "per-element"}})
