"""The network: 64 pixels, 128 rectified units, 10 digits; softmax and cross-entropy. Parameters are one row: W1, b1, W2, b2."""

from __future__ import annotations

import numpy as np
from federated_data import Split
from numpy.typing import NDArray

_SHAPES = (64, 128), (1, 128), (128, 10), (1, 10)
_ENDS = np.cumsum([rows * columns for rows, columns in _SHAPES])
#: Parameters of the network, N.
PARAMETERS = int(_ENDS[-1])

Row = NDArray[np.float32]


def initial(seed: int) -> Row:
    """Draw weights of variance 2 over the number of inputs; biases are 0."""
    draws = np.random.default_rng([seed, 1])
    w1, w2 = (draws.normal(0.0, np.sqrt(2.0 / shape[0]), shape) for shape in (_SHAPES[0], _SHAPES[2]))
    return np.concatenate([w1.ravel(), np.zeros(128), w2.ravel(), np.zeros(10)]).astype(np.float32)


def _parts(rows: Row) -> list[Row]:
    pieces = np.split(rows, _ENDS[:-1], axis=-1)
    return [piece.reshape(*rows.shape[:-1], *shape) for piece, shape in zip(pieces, _SHAPES)]


def updates(row: Row, split: Split, steps: int, rate: float) -> Row:
    """Return what each device's parameters move by, K x N, when it takes full-batch gradient steps from the same start."""
    rows = np.repeat(row[None], len(split.pixels), axis=0)
    gradients = np.empty_like(rows)
    out = _parts(gradients)  # views
    for _ in range(steps):
        w1, b1, w2, b2 = _parts(rows)
        hidden = np.maximum(split.pixels @ w1 + b1, 0.0)
        scores = hidden @ w2 + b2
        scores -= scores.max(axis=-1, keepdims=True)
        np.exp(scores, out=scores)
        slopes = (scores / scores.sum(axis=-1, keepdims=True) - split.labels) * split.shares
        back = (slopes @ w2.transpose(0, 2, 1)) * (hidden > 0.0)
        np.matmul(split.pixels.transpose(0, 2, 1), back, out=out[0])
        np.sum(back, axis=1, keepdims=True, out=out[1])
        np.matmul(hidden.transpose(0, 2, 1), slopes, out=out[2])
        np.sum(slopes, axis=1, keepdims=True, out=out[3])
        rows -= np.float32(rate) * gradients
    return rows - row


def accuracy(row: Row, split: Split) -> float:
    """Return the share of held-out digits that are recognised."""
    w1, b1, w2, b2 = _parts(row)
    scores = np.maximum(split.held_out_pixels @ w1 + b1, 0.0) @ w2 + b2
    return float(np.mean(scores.argmax(axis=1) == split.held_out_labels))
