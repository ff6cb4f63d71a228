"""Models in two parts: what an ideal link leaves as it was, and what other links do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn
from torch_experiments import experiment

import airloop
from airloop.torch import BlockModel, ChannelLayer, SplitModel, link_after

OPTIMISERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.01),
}


class Block(nn.Module):
    """A transformer's block that returns a tuple, as many do."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.feed = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

    def forward(self, hidden: torch.Tensor, mask: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        out, weights = self.attention(hidden, hidden, hidden, attn_mask=mask)
        hidden = hidden + out
        return hidden + self.feed(hidden), weights


def network() -> nn.Sequential:
    torch.manual_seed(1)
    return nn.Sequential(
        nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Dropout(0.2), nn.Linear(16, 16), nn.Tanh(), nn.Linear(16, 4)
    )


def transformer() -> BlockModel:
    torch.manual_seed(1)
    return BlockModel(nn.Embedding(11, 8), [Block(8) for _ in range(3)], nn.Linear(8, 11))


def train(
    run: Callable[..., torch.Tensor], optimisers: list[torch.optim.Optimizer], inputs: torch.Tensor, **named: Any
) -> list[float]:
    torch.manual_seed(2)
    labels, losses = torch.arange(inputs.shape[0]) % 4, []
    for _ in range(8):
        out = run(inputs, **named)
        loss = nn.functional.cross_entropy(out if out.dim() == 2 else out[:, -1], labels)
        for optimiser in optimisers:
            optimiser.zero_grad()
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
        losses.append(float(loss))
    return losses


def equal(a: nn.Module, b: nn.Module) -> bool:
    pairs = list(zip(a.parameters(), b.parameters(), strict=True))
    return all(torch.equal(x, y) for x, y in pairs) and len(pairs) > 0


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("cut", [1, 3, 6])
def test_training_over_an_ideal_link_is_training(optimiser: str, cut: int) -> None:
    inputs = torch.randn(32, 8, generator=torch.Generator().manual_seed(3))
    make = OPTIMISERS[optimiser]
    whole, one, two = network(), network(), network()
    before = network()
    losses = train(whole, [make(whole.parameters())], inputs)
    split = SplitModel(one, cut)
    assert train(split, [make(split.parameters())], inputs) == losses and equal(split, whole)
    # Two optimisers, at two places.
    split = SplitModel(two, cut)
    places = [part for part in (split.client, split.server) if list(part.parameters())]
    assert train(split, [make(part.parameters()) for part in places], inputs) == losses and equal(split, whole)
    assert losses[-1] < losses[0] and not equal(whole, before)


@pytest.mark.parametrize("optimiser", OPTIMISERS)
@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_transformer_over_an_ideal_link_is_the_transformer(optimiser: str, cut: int) -> None:
    inputs = torch.randint(0, 11, (12, 5), generator=torch.Generator().manual_seed(3))
    mask = torch.triu(torch.full((5, 5), float("-inf")), diagonal=1)
    whole, split = transformer(), SplitModel(transformer(), cut)
    losses = train(whole, [OPTIMISERS[optimiser](whole.parameters())], inputs, mask=mask)
    assert train(split, [OPTIMISERS[optimiser](split.parameters())], inputs, mask=mask) == losses
    assert equal(split, whole)


def test_a_link_that_is_nearly_ideal_trains_nearly_alike() -> None:
    inputs = torch.randn(32, 8, generator=torch.Generator().manual_seed(3))
    results = {}
    for snr_db in (None, 120.0, 0.0):
        link = experiment("awgn", snr_db=snr_db) if snr_db is not None else None
        split = SplitModel(network(), 4, uplink=link, downlink=link)
        results[snr_db] = train(split, [OPTIMISERS["sgd"](split.parameters())], inputs)
    ideal, good, bad = (torch.tensor(results[key]) for key in (None, 120.0, 0.0))
    # Rounding of what is sent, 2^-24 a value, through eight steps; noise at -120 dB is a tenth of it in power.
    assert float((good - ideal).abs().max()) < 1e-4 and float((bad - ideal).abs().max()) > 0.05


def test_activations_go_up_and_gradients_down() -> None:
    split = SplitModel(network(), 4, uplink=experiment(), downlink=experiment(snr_db=30.0))
    x = torch.randn(32, 8, generator=torch.Generator().manual_seed(3))
    split.eval()
    activations = split.client(x).detach()
    out = split(x)
    received, _ = airloop.Link(experiment()).send(activations.numpy())
    assert torch.equal(out, split.server(torch.from_numpy(received)))
    out.square().sum().backward()
    gradient = torch.from_numpy(received).requires_grad_()
    split.server(gradient).square().sum().backward()
    sent, report = airloop.Link(experiment(snr_db=30.0)).send(gradient.grad.numpy())
    learnt = [p.grad.clone() for p in split.client.parameters()]
    split.zero_grad()
    split.client(x).backward(torch.from_numpy(sent))
    assert all(torch.equal(a, p.grad) for a, p in zip(learnt, split.client.parameters(), strict=True))
    assert split.link.downlink_report.nmse == report.nmse and split.link.report.airtime_s > 0


def test_an_uplink_alone_brings_gradients_back_whole() -> None:
    assert SplitModel(network(), 2, uplink=experiment()).link.backward_kind == "straight-through"
    layer = ChannelLayer(experiment())
    assert SplitModel(network(), 2, uplink=layer).link is layer


def test_a_link_stands_behind_any_module() -> None:
    model = transformer()
    inputs = torch.randint(0, 11, (12, 5), generator=torch.Generator().manual_seed(3))
    cut = SplitModel(transformer(), 2, uplink=ChannelLayer(experiment()))
    layer = ChannelLayer(experiment())
    whole = model(inputs)
    handle = link_after(model.stack.blocks[1], layer)
    assert torch.equal(model(inputs), cut(inputs)) and len(layer.reports) == 1
    handle.remove()
    assert torch.equal(model(inputs), whole)
    plain = network().eval()
    link_after(plain[3], ChannelLayer(experiment()))
    x = torch.randn(6, 8)
    assert torch.equal(plain(x), SplitModel(network().eval(), 4, uplink=ChannelLayer(experiment()))(x))


@pytest.mark.parametrize(
    ("make", "why"),
    [
        (lambda: SplitModel(network(), 0), "cut = 0 is out of range: 1 to 6"),
        (lambda: SplitModel(network(), 7), "cut = 7"),
        (lambda: SplitModel(transformer(), 4), "0 to 3, the number of blocks"),
        (lambda: SplitModel(nn.Linear(2, 2), 1), "link_after"),
        (lambda: SplitModel(network(), 1, downlink=experiment()), "without an uplink"),
        (lambda: SplitModel(network(), 1, uplink=ChannelLayer(experiment()), downlink=experiment()), "its own downlink"),
    ],
)
def test_cuts_that_are_none_are_refused_in_words(make: Callable[[], Any], why: str) -> None:
    with pytest.raises(airloop.ConfigError, match=why):
        make()
