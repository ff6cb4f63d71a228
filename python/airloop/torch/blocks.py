"""Transformers as stacks of blocks that can be cut."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from torch import nn
from torch.utils.hooks import RemovableHandle


class Stack(nn.Module):
    """Blocks one after the other; of a block that returns a tuple, the first entry is the hidden state."""

    def __init__(self, blocks: Sequence[nn.Module]) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(blocks)

    def forward(self, hidden: torch.Tensor, *shared: Any, **named: Any) -> torch.Tensor:
        """Pass a hidden state through all blocks; each gets the other arguments (masks, positions) too."""
        for block in self.blocks:
            out = block(hidden, *shared, **named)
            hidden = out[0] if isinstance(out, tuple) else out
        return hidden


class BlockModel(nn.Module):
    """A transformer as embedding, blocks and head.

    Args:
        embedding: inputs to the first hidden state.
        blocks: modules `block(hidden, *shared, **named)` that return a hidden state, or a tuple that begins with one.
        head: hidden state to outputs.
    """

    def __init__(self, embedding: nn.Module, blocks: Sequence[nn.Module], head: nn.Module) -> None:
        super().__init__()
        self.embedding, self.stack, self.head = embedding, Stack(blocks), head

    def forward(self, inputs: Any, *shared: Any, **named: Any) -> Any:
        """Run the whole model."""
        return self.head(self.stack(self.embedding(inputs), *shared, **named))


def link_after(module: nn.Module, link: nn.Module) -> RemovableHandle:
    """Put a link after any module of a model, which stays as it is: what the module returns crosses the link.

    Of a module that returns a tuple, the first entry crosses (the hidden state of a transformer's block).

    Args:
        module: after which the cut is.
        link: a `ChannelLayer`, or any module from hidden state to hidden state.

    Returns:
        A handle whose `remove()` takes the link out again.
    """

    def cross(_module: nn.Module, _inputs: Any, out: Any) -> Any:
        return (link(out[0]), *out[1:]) if isinstance(out, tuple) else link(out)

    return module.register_forward_hook(cross)
