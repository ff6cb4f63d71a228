"""The digits: read, split, and dealt to devices by label."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

#: 1797 digits of 8 x 8 pixels, and their labels.
DIGITS = Path(__file__).parents[2] / "experiments" / "data" / "digits.csv"
#: Devices of the federation.
DEVICES = 20
#: Digits that no device trains on.
HELD_OUT = 360
#: Shards of one label, or two neighbouring ones, that a device has.
SHARDS_A_DEVICE = 2


@dataclass(frozen=True)
class Split:
    """Who has which digits.

    Attributes:
        pixels: of the devices, K x n x 64, from 0 to 1; devices with fewer digits are filled up with zeros.
        labels: of the devices, one-hot, K x n x 10.
        shares: what each digit counts in its device's loss, K x n x 1: one over the device's number of digits, 0 for filling.
        held_out_pixels: what accuracy is measured on, 360 x 64.
        held_out_labels: 360 numbers.
    """

    pixels: NDArray[np.float32]
    labels: NDArray[np.float32]
    shares: NDArray[np.float32]
    held_out_pixels: NDArray[np.float32]
    held_out_labels: NDArray[np.int64]


def digits() -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return pixels from 0 to 1, 1797 x 64, and labels."""
    table = np.loadtxt(DIGITS, delimiter=",", skiprows=1, dtype=np.int64)
    return (table[:, :-1] / 16.0).astype(np.float32), table[:, -1]


def split(seed: int) -> Split:
    """Hold digits out at random, and deal the others: sorted by label, cut into shards, two shards a device."""
    pixels, labels = digits()
    draws = np.random.default_rng([seed, 0])
    mixed = draws.permutation(len(labels))
    held_out, rest = mixed[-HELD_OUT:], mixed[:-HELD_OUT]
    by_label = rest[np.argsort(labels[rest], kind="stable")]
    shards = np.array_split(by_label, SHARDS_A_DEVICE * DEVICES)
    dealt = draws.permutation(len(shards)).reshape(DEVICES, SHARDS_A_DEVICE)
    own = [np.concatenate([shards[i] for i in hand]) for hand in dealt]
    longest = max(map(len, own))
    parts = np.zeros((DEVICES, longest, 64), np.float32), np.zeros((DEVICES, longest, 10), np.float32)
    shares = np.zeros((DEVICES, longest, 1), np.float32)
    for device, indices in enumerate(own):
        parts[0][device, : len(indices)] = pixels[indices]
        parts[1][device, np.arange(len(indices)), labels[indices]] = 1.0
        shares[device, : len(indices)] = 1.0 / len(indices)
    return Split(*parts, shares, pixels[held_out], labels[held_out])
