"""Updates as rows of values: what a client's layers moved by, one after the other, in single precision."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

import numpy as np
from flwr.app import Array, ArrayRecord
from numpy.typing import NDArray

from ..errors import PayloadError

Row = NDArray[np.float32]


def layers_of(arrays: ArrayRecord) -> dict[str, NDArray[np.floating]]:
    """Return the layers of a model by name.

    Raises:
        PayloadError: a layer that is not of floating point, or no layers at all.
    """
    for name, array in arrays.items():
        if not array.dtype.startswith("float"):
            raise PayloadError(
                f"the model's layer {name!r} has dtype {array.dtype}; floating point is expected, as the air adds "
                "amplitudes: leave counters and indices out of the ArrayRecord"
            )
    if not sum(prod(array.shape) for array in arrays.values()):
        raise PayloadError("the model's ArrayRecord holds no values; layers of floating point are expected")
    return {name: array.numpy() for name, array in arrays.items()}


def update(arrays: ArrayRecord, start: Mapping[str, NDArray[np.floating]], who: str, is_update: bool = False) -> Row:
    """Return the row of what a client sends: `arrays - start`, or `arrays` themselves where they are updates already.

    Args:
        arrays: from the client.
        start: the layers that it began from; they give names, shapes and order.
        who: the client's name in errors.
        is_update: whether the start has been subtracted.

    Raises:
        PayloadError: other layers, shapes or types than those of the start, or an update that is not finite in float32.
    """
    if set(arrays) != set(start):
        missing, more = sorted(set(start) - set(arrays)), sorted(set(arrays) - set(start))
        raise PayloadError(f"{who} returned other layers than it was given: {missing} are missing, {more} are new")
    pieces = []
    for name, old in start.items():
        if not arrays[name].dtype.startswith("float"):
            raise PayloadError(f"{who}: layer {name!r} has dtype {arrays[name].dtype}; floating point is expected")
        new = arrays[name].numpy()
        if new.shape != old.shape:
            raise PayloadError(f"{who}: layer {name!r} has shape {new.shape}; that of the model, {old.shape}, is expected")
        with np.errstate(over="ignore", invalid="ignore"):
            piece = (new if is_update else np.subtract(new, old, dtype=np.result_type(new, old))).astype(np.float32)
        if not np.isfinite(piece).all():
            raise PayloadError(f"{who}: the update of layer {name!r} holds values that are not finite in float32 (NaN or infinity)")
        pieces.append(piece.ravel())
    return np.concatenate(pieces)


def as_layers(row: NDArray[np.floating], like: Mapping[str, NDArray[np.floating]]) -> dict[str, NDArray[np.floating]]:
    """Return a row as layers of the names and shapes of `like`, in the row's own precision."""
    ends = np.cumsum([layer.size for layer in like.values()])[:-1]
    return {name: piece.reshape(layer.shape) for (name, layer), piece in zip(like.items(), np.split(row, ends))}


def as_record(layers: Mapping[str, NDArray[np.floating]]) -> ArrayRecord:
    """Return layers as Flower carries them."""
    return ArrayRecord({name: Array(np.asarray(layer)) for name, layer in layers.items()})
