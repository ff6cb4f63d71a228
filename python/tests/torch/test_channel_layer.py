"""The link as a layer: types, shapes, modes, reports."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch_experiments import experiment

import airloop
from airloop.torch import ChannelLayer

KINDS = [torch.float64, torch.bfloat16, torch.float16]


@pytest.mark.parametrize("kind", KINDS)
def test_other_types_travel_as_single_precision(kind: torch.dtype) -> None:
    x = torch.randn(8, 9, generator=torch.Generator().manual_seed(1)).to(kind).requires_grad_()
    single = x.detach().to(torch.float32).requires_grad_()
    gradient = torch.linspace(-1, 1, 72).reshape(8, 9).to(kind)
    y, expected = ChannelLayer(experiment())(x), ChannelLayer(experiment())(single)
    y.backward(gradient)
    expected.backward(gradient.to(torch.float32))
    assert y.dtype == kind and x.grad.dtype == kind
    assert torch.equal(y, expected.to(kind)) and torch.equal(x.grad, single.grad.to(kind))


def test_strides_do_not_matter() -> None:
    x = torch.randn(6, 20)
    turned = x.t().contiguous().t().requires_grad_()
    assert not turned.is_contiguous()
    y = ChannelLayer(experiment())(turned)
    assert torch.equal(y, ChannelLayer(experiment())(x)) and y.shape == (6, 20)
    y.sum().backward()  # A gradient of stride 0.
    assert turned.grad.shape == (6, 20)


@pytest.mark.parametrize(
    ("x", "why"),
    [
        (torch.ones(4, dtype=torch.int64), "dtype int64"),
        (torch.ones(4, dtype=torch.complex64), "view_as_real"),
        (torch.ones(4, device="meta"), "is on meta"),
        (torch.ones(4).to_sparse(), "to_dense"),
        (torch.tensor([1.0, float("nan")]), "the array"),
        (torch.ones(0), "array"),
        ([1.0, 2.0], "a list; a torch.Tensor"),
    ],
)
def test_what_cannot_be_sent_is_refused_in_words(x: Any, why: str) -> None:
    with pytest.raises(airloop.PayloadError, match=why):
        ChannelLayer(experiment())(x)


def test_a_gradient_that_is_not_finite_is_refused() -> None:
    x = torch.ones(4, requires_grad=True)
    with pytest.raises(airloop.PayloadError):
        ChannelLayer(experiment())(x).backward(torch.tensor([1.0, float("inf"), 0.0, 0.0]))


def test_modes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(airloop.ConfigError, match="adjoint, straight-through, detached"):
        ChannelLayer(experiment(), backward="exact")
    with pytest.raises(airloop.ConfigError, match="needs a downlink"):
        ChannelLayer(experiment(), backward="detached")
    with pytest.raises(airloop.ConfigError, match="no use for a downlink"):
        ChannelLayer(experiment(), downlink=experiment())


def test_straight_through_passes_the_gradient_on(digital: dict[str, Any]) -> None:
    x = torch.randn(300, requires_grad=True)
    gradient = torch.randn(300)
    y = ChannelLayer(digital, backward="straight-through")(x)
    y.backward(gradient)
    assert torch.equal(x.grad, gradient)
    assert 0 < float((y - x).detach().abs().max()) < 0.05


def test_detached_gradients_are_sent_over_their_own_link() -> None:
    up, down = experiment(), experiment(snr_db=0.0)
    x, gradient = torch.randn(300, requires_grad=True), 1e-3 * torch.randn(300)
    layer = ChannelLayer(up, backward="detached", downlink=down)
    layer(x).backward(gradient)
    expected, report = airloop.Link(down).send(gradient.numpy())
    assert torch.equal(x.grad, torch.from_numpy(expected))
    assert layer.downlink_report.nmse == report.nmse and layer.downlink_report.nmse > 0.1
    assert not torch.allclose(x.grad, gradient, rtol=0.1)


def test_evaluation_sends_and_leaves_nothing_behind() -> None:
    layer, other = ChannelLayer(experiment()), airloop.Link(experiment())
    x = torch.randn(50)
    layer.eval()
    with torch.no_grad():
        y = layer(x)
    assert torch.equal(y, torch.from_numpy(other.send(x.numpy())[0])) and not y.requires_grad
    assert layer.line.last() is None
    assert torch.equal(layer(x), torch.from_numpy(other.send(x.numpy())[0]))


def test_devices_have_links_of_their_own() -> None:
    link, x = airloop.Link(experiment()), torch.randn(50)
    first, second = (ChannelLayer(link, device=device)(x) for device in range(2))
    assert not torch.equal(first, second)
    assert torch.equal(second, torch.from_numpy(airloop.Link(experiment()).send(x.numpy(), device=1)[0]))


def test_reports_are_kept_up_to_a_number() -> None:
    layer = ChannelLayer(experiment(), history=3)
    assert layer.report is None and layer.downlink_report is None
    for _ in range(5):
        layer(torch.randn(20))
    assert len(layer.reports) == 3 and layer.report is layer.reports[-1]
    assert layer.report.airtime_s > 0
    assert "adjoint" in repr(layer) and not list(layer.parameters())


def test_layers_are_neither_copied_nor_pickled() -> None:
    layer = ChannelLayer(experiment())
    for attempt in (copy.deepcopy, pickle.dumps):
        with pytest.raises(airloop.StateError, match="cannot be pickled"):
            attempt(layer)
    assert layer.state_dict() == {}


def test_values_changed_in_place_are_noticed() -> None:
    x = torch.randn(20, requires_grad=True)
    hidden = x * 1.0
    y = ChannelLayer(experiment())(hidden)
    hidden.mul_(2.0)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()
