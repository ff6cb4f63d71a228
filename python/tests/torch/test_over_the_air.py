"""The layer that the channel computes: any matrix in the fewest slots, the noise and the power of its formulas."""

from __future__ import annotations

import math

import pytest
import torch
from torch_draws import DOUBLE, draw, frozen, relative

import airloop
from airloop.torch import OverTheAirLinear, Radio, Reciprocity, slots_needed, svd_parameters


@pytest.mark.parametrize(
    ("d_out", "d_in", "receive", "transmit", "slots"), [(20, 32, 3, 4, 7), (32, 20, 4, 3, 7), (6, 6, 2, 2, 3), (5, 3, 8, 8, 1)]
)
def test_singular_values_give_any_matrix_in_the_fewest_slots(
    d_out: int, d_in: int, receive: int, transmit: int, slots: int
) -> None:
    weight, channel = draw(d_out, d_in), draw(receive, transmit, seed=2)
    assert slots == slots_needed(weight, channel) == math.ceil(min(d_out, d_in) / min(receive, transmit))
    layer = OverTheAirLinear.from_weight(weight, channel)
    assert layer.slots == slots and relative(layer.realised(), weight) < 1e-12
    x = draw(2, 9, d_in, seed=3)
    assert relative(layer(x).detach(), x @ weight.mT) < 1e-12
    with pytest.raises(airloop.ConfigError, match=f"needs {slots}"):
        svd_parameters(weight, channel, slots - 1)
    # One slot less has a lower rank than W: what is left is at least its smallest singular value.
    if slots > 1:
        short = OverTheAirLinear(d_in, d_out, channel, slots - 1, dtype=DOUBLE)
        assert torch.linalg.matrix_rank(short.realised()) < torch.linalg.matrix_rank(weight)


def test_low_ranks_need_few_slots() -> None:
    weight = draw(40, 8) @ draw(8, 30, seed=2)
    channel = draw(6, 4, seed=3) @ torch.diag(torch.tensor([1.0, 1.0, 1.0, 0.0], dtype=DOUBLE)) @ draw(4, 5, seed=4)
    assert slots_needed(weight, channel) == 3
    assert relative(OverTheAirLinear.from_weight(weight, channel, slots=5).realised(), weight) < 1e-12
    assert slots_needed(torch.zeros_like(weight), channel) == 1
    with pytest.raises(airloop.ConfigError, match="the channel is zero"):
        slots_needed(weight, torch.zeros_like(channel))


def test_noise_is_that_of_the_combiners() -> None:
    # E|y - W x|^2 = sigma^2 sum_k |C_k|^2. Its estimate over 2e5 vectors has a relative standard deviation of at most
    # 1/sqrt(2e5 * 1) = 0.22 % (equal if all noise were along one direction): 2 % are nine of them (alpha below 1e-18).
    radio = Radio(noise_power=0.2, seed=8)
    layer = OverTheAirLinear.from_weight(draw(5, 6), draw(3, 3, seed=2), radio=radio)
    x = draw(200_000, 6, seed=3)
    with torch.no_grad():
        error = (layer(x) - x @ layer.realised().mT).abs().square().sum(-1).mean()
    expected = 0.2 * layer.combiners.abs().square().sum()
    assert abs(float(error / expected) - 1) < 0.02
    assert abs(float(error / expected) - 1) > 1e-6  # It is an estimate.


def test_power_is_limited_and_the_noise_grows_by_it() -> None:
    weight, channel, x = draw(5, 6), draw(3, 3, seed=2), draw(200_000, 6, seed=3)
    free = OverTheAirLinear.from_weight(weight, channel)
    power = torch.einsum("kti,bi->kbt", free.precoders, x).abs().square().sum(-1).mean(-1).max().detach()
    errors = []
    for limit in (None, float(power) / 4, float(power) * 4):
        layer = OverTheAirLinear.from_weight(weight, channel, radio=Radio(noise_power=0.2, max_power=limit))
        with torch.no_grad():
            errors.append(layer(x) - x @ weight.mT)
    # A quarter of the power: twice the noise, the very same draws. Nothing is scaled up.
    assert relative(errors[1], 2 * errors[0]) < 1e-9
    assert torch.equal(errors[2], errors[0])


def test_noise_is_the_rounds_own() -> None:
    layer = OverTheAirLinear(8, 6, draw(3, 4), radio=Radio(noise_power=1.0), dtype=DOUBLE)
    x = draw(5, 8, seed=2)
    first, second = layer(x), layer(x)
    assert torch.equal(frozen(layer, x), first) and not torch.equal(first, second)


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: OverTheAirLinear(0, 4, draw(2, 2)), "d_in = 0"),
        (lambda: OverTheAirLinear(4, 4, draw(2, 2).real), "a complex tensor"),
        (lambda: OverTheAirLinear(4, 4, draw(2, 2), slots=0), "slots = 0"),
        (lambda: OverTheAirLinear(4, 4, draw(2, 2), dtype=torch.float32), "complex dtype"),
        (lambda: Radio(noise_power=-1.0), "noise_power = -1.0"),
        (lambda: Radio(max_power=0.0), "max_power = 0.0"),
        (lambda: Reciprocity(antenna_gain_db=float("nan")), "antenna_gain_db = nan"),
        (lambda: OverTheAirLinear.from_weight(draw(4, 4).real, draw(2, 2)), "the weight has shape"),
    ],
)
def test_what_makes_no_layer_is_refused_in_words(make: object, why: str) -> None:
    with pytest.raises(airloop.ConfigError, match=why):
        make()


def test_inputs_that_do_not_fit_are_refused_in_words() -> None:
    layer = OverTheAirLinear(4, 4, lambda time: draw(2, 2 if time < 1 else 3))
    for x in (draw(3, 4), draw(3, 5).to(torch.complex64), torch.ones(3, 4)):
        with pytest.raises(airloop.PayloadError, match=r"\(\.\.\., 4\) and torch.complex64"):
            layer(x)
    layer(draw(3, 4).to(torch.complex64))
    with pytest.raises(airloop.ConfigError, match="channel of round 1"):
        layer(draw(3, 4).to(torch.complex64))
