"""Tensors as the arrays that are sent, and back."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from ..errors import PayloadError

#: Types of values that can be sent; all but float32 are converted, for what is sent has single precision.
SENDABLE = (torch.float32, torch.float64, torch.bfloat16, torch.float16)


def check(tensor: torch.Tensor, name: str) -> None:
    """Refuse what cannot be sent.

    Raises:
        PayloadError: no tensor, not on the CPU, not strided, or of a type that has no place on the air.
    """
    if not isinstance(tensor, torch.Tensor):
        raise PayloadError(f"{name} is a {type(tensor).__name__}; a torch.Tensor is expected")
    if tensor.device.type != "cpu":
        raise PayloadError(f"{name} is on {tensor.device}; the emulator works on the CPU: {name}.cpu()")
    if tensor.layout != torch.strided:
        raise PayloadError(f"{name} has layout {tensor.layout}; a dense tensor is expected: {name}.to_dense()")
    if tensor.dtype not in SENDABLE:
        known = ", ".join(str(kind).removeprefix("torch.") for kind in SENDABLE)
        hint = f"; send torch.view_as_real({name})" if tensor.is_complex() else ""
        raise PayloadError(f"{name} has dtype {str(tensor.dtype).removeprefix('torch.')}; expected is one of {known}{hint}")


def to_single(tensor: torch.Tensor, name: str) -> torch.Tensor:
    """Return a tensor as float32, laid out row by row; the very tensor where it is that already.

    Raises:
        PayloadError: as `check`.
    """
    check(tensor, name)
    return tensor.detach().to(torch.float32).contiguous().resolve_neg()


def to_array(single: torch.Tensor) -> NDArray[np.float32]:
    """Return the array that shares a float32 tensor's memory."""
    return single.detach().numpy()


def to_tensor(array: NDArray[np.float32]) -> torch.Tensor:
    """Return the tensor that shares an array's memory."""
    return torch.from_numpy(array)
