"""The adjoint of what was drawn, against finite differences of links made anew."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch.autograd import gradcheck
from torch_experiments import experiment

import airloop
from airloop.torch import ChannelLayer

# What is sent has single precision (2^-24 relative). Steps of 2^-7 divide the rounding of differences by that step: 1e-5 of a
# value near 1. A step's own error is of the order of its square over N^2 (the noise follows the rms of all N values): below
# 1e-6. Tolerances are a hundred roundings.
STEPS = {"eps": 2.0**-7, "atol": 1e-3, "rtol": 1e-3}

FADING = {
    "truncated-inversion": {"kind": "truncated-inversion", "threshold": 0.7},
    "phase-only": {"kind": "phase-only"},
    "least error": {"kind": "truncated-inversion", "threshold": "best", "scale": "lmmse"},
    "full-power": {"kind": "full-power"},
    "optimal-power": {"kind": "optimal-power"},
    "full-inversion": {"kind": "full-inversion"},
    "blind-combining": {"kind": "blind-combining"},
    "receive-combining": {"kind": "receive-combining"},
}


def over(config: dict[str, Any], backward: str = "adjoint") -> Any:
    """A function of values: one transmission over a link made anew, with the same channel and noise each time."""
    return lambda x: ChannelLayer(config, backward=backward)(x)


def values(*shape: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(7)
    return torch.randn(*shape, generator=generator, dtype=torch.float64).requires_grad_()


@pytest.mark.parametrize("scheme", FADING)
def test_gradients_are_those_of_the_drawn_channel(scheme: str) -> None:
    antennas = 4 if "combining" in scheme else 1
    link = {"receive_antennas": antennas}
    config = experiment("tdl-a", scheme=FADING[scheme], channel={"delay_spread_s": 500e-9}, link=link)
    x = values(5, 6)
    assert gradcheck(over(config), (x,), **STEPS)
    y = over(config)(x)
    assert not torch.allclose(y, x, atol=0.05), "without noise and fading there is nothing to see"


def test_straight_through_is_not_the_derivative_of_a_fading_channel() -> None:
    config = experiment("tdl-a", scheme=FADING["phase-only"], channel={"delay_spread_s": 500e-9})
    assert not gradcheck(over(config, "straight-through"), (values(5, 6),), raise_exception=False, **STEPS)


def test_gains_alone_are_not_the_derivative_of_a_noisy_channel() -> None:
    # Over an awgn channel all gains are 1, and what straight-through lacks is the derivative of the scaling to unit power.
    config = experiment("awgn", snr_db=0.0)
    assert gradcheck(over(config), (values(5, 6),), **STEPS)
    assert not gradcheck(over(config, "straight-through"), (values(5, 6),), raise_exception=False, **STEPS)


def test_silence_has_the_gains_as_its_gradient(fading: dict[str, Any]) -> None:
    x = torch.zeros(40, requires_grad=True)
    link = airloop.Link(fading)
    y = ChannelLayer(link)(x)
    gradient = torch.linspace(-1, 1, 40)
    y.backward(gradient)
    assert torch.equal(y, torch.zeros(40))
    assert torch.allclose(x.grad, torch.from_numpy(link.retrace(gradient.numpy())), atol=1e-6)
    assert 0.05 < (x.grad / gradient).std() < 10


def test_gradients_of_earlier_transmissions_cross_their_own_channels(fading: dict[str, Any]) -> None:
    def gradients(order: str) -> list[torch.Tensor]:
        layer, xs = ChannelLayer(fading), [values(4, 50), values(3, 30)]
        if order == "one by one":
            for x in xs:
                layer(x).square().sum().backward()
        else:
            ys = [layer(x) for x in xs]
            sum(y.square().sum() for y in ys).backward()
        return [x.grad for x in xs]

    for alone, together in zip(gradients("one by one"), gradients("together"), strict=True):
        assert torch.allclose(alone, together, rtol=1e-4, atol=1e-4 * float(alone.abs().max()))


def test_two_layers_of_one_link_share_its_channel(fading: dict[str, Any]) -> None:
    link = airloop.Link(fading)
    x, alone = values(4, 50), values(4, 50)
    y = ChannelLayer(link)(x)
    ChannelLayer(link)(torch.ones(10))
    y.sum().backward()
    ChannelLayer(fading)(alone).sum().backward()
    assert torch.allclose(x.grad, alone.grad, rtol=1e-4, atol=1e-4)


def test_a_kept_graph_is_refused_when_its_channel_is_gone(fading: dict[str, Any]) -> None:
    layer, x = ChannelLayer(fading), values(30)
    y = layer(x).sum()
    y.backward(retain_graph=True)
    first = x.grad.clone()
    y.backward(retain_graph=True)
    assert torch.equal(x.grad, 2 * first)
    layer(torch.ones(5))
    with pytest.raises(airloop.StateError, match="channel that is gone"):
        y.backward()


@pytest.mark.parametrize(
    ("config", "fidelity", "why"),
    [
        (experiment("awgn", scheme={"kind": "digital", "bits": 8}), "symbol", "needs an analog scheme"),
        (experiment("awgn"), "waveform", "symbol fidelity only"),
        (experiment(link={"csi": "imperfect", "csi_error": 0.1}, scheme=FADING["phase-only"]), "symbol", "phases are left"),
        (experiment(payload={"center": True}, scheme=FADING["phase-only"]), "symbol", "mean goes beside"),
        (experiment(payload={"function": "geometric-mean"}, scheme=FADING["phase-only"]), "symbol", "mean goes beside"),
    ],
)
def test_what_has_no_adjoint_is_refused_on_the_way_there(config: dict[str, Any], fidelity: str, why: str) -> None:
    with pytest.raises(airloop.UnsupportedError, match=why):
        ChannelLayer(config, fidelity=fidelity)(values(4, 100).exp())
    ChannelLayer(config, backward="straight-through", fidelity=fidelity)(values(4, 100).exp()).sum().backward()
