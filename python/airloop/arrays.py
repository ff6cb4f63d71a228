"""Arrays in: whatever holds floating-point values on the CPU becomes a C-contiguous array of single precision."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import PayloadError


def as_single(values: Any, name: str = "array") -> NDArray[np.float32]:
    """Return `values` as C-contiguous float32, the very memory where it is that already.

    Takes NumPy arrays, nested lists of floats, and CPU tensors that speak DLPack (PyTorch, JAX). float64 and float16 are
    converted: what is sent has single precision.

    Raises:
        PayloadError: integers, complex or other values; tensors on another device, or that need a gradient.
    """
    array = values if isinstance(values, np.ndarray) else _imported(values, name)
    if array.dtype.kind != "f":
        raise PayloadError(
            f"{name} has dtype {array.dtype}; float32 is expected (float64 and float16 are converted): "
            f"{name}.astype(numpy.float32)"
        )
    return np.ascontiguousarray(array, dtype=np.float32) if array.ndim else array.astype(np.float32)


def _imported(values: Any, name: str) -> NDArray[Any]:
    if getattr(values, "requires_grad", False):
        raise PayloadError(f"{name} needs a gradient, which is lost here: {name}.detach(), or airloop.torch.ChannelLayer")
    if hasattr(values, "__dlpack_device__"):
        kind = values.__dlpack_device__()[0]
        if kind != 1:
            device = getattr(values, "device", f"DLPack device {int(kind)}")
            raise PayloadError(f"{name} lies on {device}; the emulator works on the CPU: {name}.cpu()")
        try:
            return np.from_dlpack(values)
        except (BufferError, RuntimeError, TypeError) as error:
            raise PayloadError(f"{name} cannot be read by DLPack ({error}); a float32 tensor on the CPU is expected") from None
    try:
        return np.asarray(values)
    except (TypeError, ValueError) as error:
        raise PayloadError(f"{name} is no array: {error}") from None
