"""Gradients over the reciprocal channel: finite differences, phases, noise and motion."""

from __future__ import annotations

import math

import pytest
import torch
from torch_draws import DOUBLE, draw, frozen, relative

from airloop.torch import OverTheAirLinear, Radio, Reciprocity


def central_differences(layer: OverTheAirLinear, x: torch.Tensor, target: torch.Tensor, of: torch.Tensor) -> torch.Tensor:
    """dL/d(Re) + j dL/d(Im) of L = |y - target|^2 at fixed noise, value by value."""
    flat, gradient, step = of.data.view(-1), torch.zeros(of.numel(), dtype=DOUBLE), 1e-5

    def loss() -> float:
        return float((frozen(layer, x) - target).abs().square().sum())

    with torch.no_grad():
        for i in range(flat.numel()):
            here = flat[i].clone()
            for way in (1.0, 1j):
                flat[i] = here + way * step
                above = loss()
                flat[i] = here - way * step
                gradient[i] += way * (above - loss()) / (2 * step)
            flat[i] = here
    return gradient.view(of.shape)


def test_gradients_are_finite_differences() -> None:
    radio = Radio(noise_power=0.3, seed=5)
    layer = OverTheAirLinear(6, 5, draw(3, 4), radio=radio, dtype=DOUBLE)
    x, target = draw(4, 6, seed=2).requires_grad_(), draw(4, 5, seed=3)
    (frozen(layer, x) - target).abs().square().sum().backward()
    for of in (layer.precoders, layer.combiners, x):
        expected = central_differences(layer, x, target, of)
        assert relative(of.grad, expected) < 1e-6
    # A control: without reciprocity what the sender's antennas hear does not hold the gradient.
    layer.precoders.grad = None
    layer._receiver_error.mul_(torch.exp(1j * torch.arange(3, dtype=torch.float64)))
    (frozen(layer, x) - target).abs().square().sum().backward()
    assert relative(layer.precoders.grad, central_differences(layer, x, target, layer.precoders)) > 0.1


def test_gradcheck_agrees() -> None:
    layer = OverTheAirLinear(3, 4, draw(2, 2), radio=Radio(noise_power=0.1), dtype=DOUBLE)

    def of(x: torch.Tensor, precoders: torch.Tensor, combiners: torch.Tensor) -> torch.Tensor:
        del layer._parameters["precoders"], layer._parameters["combiners"]
        layer.precoders, layer.combiners = precoders, combiners
        try:
            return frozen(layer, x)
        finally:
            del layer.precoders, layer.combiners
            layer.precoders, layer.combiners = (torch.nn.Parameter(p.detach()) for p in (precoders, combiners))

    inputs = (draw(2, 3, seed=2).requires_grad_(), layer.precoders, layer.combiners)
    assert torch.autograd.gradcheck(of, inputs)


@pytest.mark.parametrize("phase_rad", [0.3, 1.0, math.pi / 2, 2.5])
def test_a_common_phase_costs_its_cosine(phase_rad: float) -> None:
    def gradients(reciprocity: Reciprocity) -> list[torch.Tensor]:
        torch.manual_seed(4)
        layer = OverTheAirLinear(8, 6, draw(3, 4), radio=Radio(reciprocity=reciprocity), dtype=DOUBLE)
        x = draw(10, 8, seed=2).requires_grad_()
        (layer(x) - draw(10, 6, seed=3)).abs().square().sum().backward()
        return [layer.precoders.grad, x.grad, layer.combiners.grad]

    exact, turned = gradients(Reciprocity()), gradients(Reciprocity(phase_rad=phase_rad))
    for a, b in list(zip(exact, turned, strict=True))[:2]:
        cosine = (a.conj() * b).sum().real / (a.norm() * b.norm())
        assert abs(float(cosine) - math.cos(phase_rad)) < 1e-12
    assert torch.equal(exact[2], turned[2]), "the receiver's own gradient needs no way back"


def test_noise_of_the_way_back_is_over_its_power() -> None:
    # All is linear in the noise of the antennas: dL/dx without it less that with it is conj(sum_k P_k^T m_k) / beta.
    def gradient(noise: float, scale: float) -> tuple[torch.Tensor, OverTheAirLinear]:
        torch.manual_seed(4)
        layer = OverTheAirLinear(8, 6, draw(3, 4), radio=Radio(backward_noise_power=noise), dtype=DOUBLE)
        x = draw(20_000, 8, seed=2).requires_grad_()
        layer(x).backward(scale * draw(20_000, 6, seed=3))
        return x.grad, layer

    (exact, layer), (noisy, _), (smaller, _) = gradient(0.0, 1.0), gradient(0.1, 1.0), gradient(0.1, 1e-6)
    sent = torch.einsum("kro,bo->kbr", layer.combiners, draw(20_000, 6, seed=3)).abs().square().sum(-1).mean(-1).max()
    expected = 0.1 * sent * layer.precoders.abs().square().sum()
    error = (noisy - exact).abs().square().sum(-1).mean()
    # Relative standard deviation of the estimate at most 1/sqrt(20000) = 0.7 %; 3.5 % are five (alpha 6e-7).
    assert abs(float(error / expected) - 1) < 0.035
    # Power is filled: gradients that are a million times smaller meet the same noise relative to them.
    assert relative(smaller * 1e6, noisy) < 1e-9


def test_antennas_keep_errors_of_the_size_asked_for() -> None:
    # Standard deviations of 4000 draws: relative error 1/sqrt(8000) = 1.1 %, five of them are 5.6 % (alpha 6e-7).
    reciprocity = Reciprocity(antenna_phase_rad=0.2, antenna_gain_db=1.5)
    layer = OverTheAirLinear(1, 1, draw(2000, 2000), radio=Radio(reciprocity=reciprocity), dtype=DOUBLE)
    errors = torch.cat([layer._sender_error, layer._receiver_error])
    assert abs(float(errors.angle().std()) / 0.2 - 1) < 0.056
    assert abs(float((20 * errors.abs().log10()).std()) / 1.5 - 1) < 0.056
    assert "_sender_error" in layer.state_dict()


def test_channels_move_between_rounds_and_until_the_gradient() -> None:
    first, second = draw(3, 4), draw(3, 4, seed=9)

    def channel(time: float) -> torch.Tensor:
        return first * (1 - time) + second * time

    layer = OverTheAirLinear(8, 6, channel, radio=Radio(turnaround=0.5), dtype=DOUBLE)
    x = draw(5, 8, seed=2)
    assert relative(layer(x).detach(), x @ layer.realised(0.0).mT) < 1e-12
    y = layer(x.requires_grad_())
    assert relative(y.detach(), x.detach() @ layer.realised(1.0).mT) < 1e-12 and layer.round == 2
    gradient = draw(5, 6, seed=3)
    y.backward(gradient)
    # The gradient of round 1 crosses the channel of 1.5, whose adjoint is the transpose read backwards.
    assert relative(x.grad, gradient @ layer.realised(1.5).conj()) < 1e-12


def test_optimisers_of_complex_parameters_take_the_gradients() -> None:
    layers = torch.nn.Sequential(OverTheAirLinear(6, 5, draw(3, 4)), OverTheAirLinear(5, 2, draw(3, 4, seed=2)))
    optimiser = torch.optim.Adam(layers.parameters(), lr=0.02)
    x, target = draw(50, 6, seed=3).to(torch.complex64), draw(50, 2, seed=4).to(torch.complex64)
    losses = []
    for _ in range(200):
        optimiser.zero_grad()
        loss = (layers(x) - target).abs().square().mean()
        loss.backward()
        assert not any(parameter.grad.is_conj() for parameter in layers.parameters())
        optimiser.step()
        losses.append(float(loss.detach()))
    assert losses[-1] < 0.95 * losses[0]
