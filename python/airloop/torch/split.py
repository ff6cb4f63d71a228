"""A model in two parts, with a link in between."""

from __future__ import annotations

from typing import Any

import torch
from torch import nn

from ..errors import ConfigError
from .blocks import BlockModel, Stack
from .channel_layer import ChannelLayer


class SplitModel(nn.Module):
    """A model cut at a layer: client part, link, server part.

    ```text
    forward:   activations = client(inputs)  -> uplink ->   outputs = server(received)
    backward:  client parameters             <- downlink <- gradient of what was received
    ```

    Without links both directions are ideal: training is then bit for bit that of the whole model. Both parts hold the model's
    own modules, so its parameters, their order and its state stay as they are; `client.parameters()` and `server.parameters()`
    are for optimisers at two places. Masks and other arguments beside the activations reach the server without error and
    without airtime.

    What a link loses: the server trains on the values that arrive, wrong or missing; nothing is sent again but by the link
    itself (`[harq]`), and lost values of a digital link are 0 (or as `scheme.on_loss` says). The client learns from what
    arrives of the gradient.

    Args:
        model: an `nn.Sequential`, or a `BlockModel`.
        cut: layers (of a BlockModel: blocks, its embedding not counted) that the client has.
        uplink: a `ChannelLayer`, which knows how gradients come back; or a link or experiment (path, TOML, dictionary).
        downlink: link or experiment of the gradients, beside such an uplink; without it they come back without error.
        device: whose links they are.

    Attributes:
        client, server: the two parts.
        link: the `ChannelLayer` in between, with its reports; `None` if both directions are ideal.

    Raises:
        ConfigError: no such cut, a model of another kind, or a downlink that has no uplink.
    """

    def __init__(
        self, model: nn.Sequential | BlockModel, cut: int, uplink: Any = None, downlink: Any = None, device: int = 0
    ) -> None:
        super().__init__()
        self.client, self.server = _parts(model, cut)
        self.link = _channel(uplink, downlink, device)

    def forward(self, inputs: Any, *shared: Any, **named: Any) -> Any:
        """Run both parts; further arguments go to every block of a `BlockModel`."""
        activations = self.client(inputs, *shared, **named)
        received = activations if self.link is None else self.link(activations)
        return self.server(received, *shared, **named)


class _Client(nn.Module):
    """Embedding and first blocks."""

    def __init__(self, embedding: nn.Module, stack: Stack) -> None:
        super().__init__()
        self.embedding, self.stack = embedding, stack

    def forward(self, inputs: Any, *shared: Any, **named: Any) -> torch.Tensor:
        return self.stack(self.embedding(inputs), *shared, **named)


class _Server(nn.Module):
    """Last blocks and head."""

    def __init__(self, stack: Stack, head: nn.Module) -> None:
        super().__init__()
        self.stack, self.head = stack, head

    def forward(self, hidden: torch.Tensor, *shared: Any, **named: Any) -> Any:
        return self.head(self.stack(hidden, *shared, **named))


def _parts(model: nn.Module, cut: int) -> tuple[nn.Module, nn.Module]:
    if isinstance(model, nn.Sequential):
        _require(1 <= cut < len(model), cut, f"1 to {len(model) - 1}, for each part of {len(model)} layers needs one")
        return model[:cut], model[cut:]
    if isinstance(model, BlockModel):
        blocks = list(model.stack.blocks)
        _require(0 <= cut <= len(blocks), cut, f"0 to {len(blocks)}, the number of blocks")
        return _Client(model.embedding, Stack(blocks[:cut])), _Server(Stack(blocks[cut:]), model.head)
    raise ConfigError(
        f"a {type(model).__name__} has no known layers; nn.Sequential or BlockModel is expected "
        "(link_after puts a link after any module of any model)"
    )


def _require(fits: bool, cut: int, expected: str) -> None:
    if not fits:
        raise ConfigError(f"cut = {cut} is out of range: {expected}")


def _channel(uplink: Any, downlink: Any, device: int) -> ChannelLayer | None:
    if uplink is None:
        if downlink is not None:
            raise ConfigError("a downlink without an uplink: give both, or neither")
        return None
    if isinstance(uplink, ChannelLayer):
        if downlink is not None:
            raise ConfigError("the uplink is a ChannelLayer, which has its own downlink: give it there")
        return uplink
    return ChannelLayer(uplink, "straight-through" if downlink is None else "detached", downlink, device)
