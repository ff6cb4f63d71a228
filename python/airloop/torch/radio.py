"""What stands between the two ends of an over-the-air layer: noise, power, and how reciprocal the way back is."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import numpy as np
import torch

from ..errors import ConfigError

#: Streams of random numbers within a round.
FORWARD, BACKWARD, ANTENNAS = 0, 1, 2
_STREAMS = 3


@dataclass(frozen=True)
class Reciprocity:
    """How the way back differs from the transpose of the way there.

    ```text
    H_back = exp(j phase_rad) E_t H^T E_r,    E = diag(10^(antenna_gain_db u/20) exp(j antenna_phase_rad v)),  u, v ~ N(0, 1)
    ```

    Antennas keep their errors: they are drawn once a layer.

    Args:
        phase_rad: phase that all antennas have in common.
        antenna_phase_rad: standard deviation of the phases of single antennas, at both ends.
        antenna_gain_db: standard deviation of their gains, in dB.
    """

    phase_rad: float = 0.0
    antenna_phase_rad: float = 0.0
    antenna_gain_db: float = 0.0

    def __post_init__(self) -> None:
        if not math.isfinite(self.phase_rad):
            raise ConfigError(f"phase_rad = {self.phase_rad} is out of range: a finite number is expected")
        _require_not_negative(self, "antenna_phase_rad", "antenna_gain_db")

    def responses(self, antennas: int, rng: np.random.Generator) -> torch.Tensor:
        """Draw the errors of so many antennas: complex128, shape (antennas,)."""
        gains, phases = (torch.from_numpy(rng.standard_normal(antennas)) for _ in range(2))
        return torch.polar(10 ** (self.antenna_gain_db * gains / 20), self.antenna_phase_rad * phases)


@dataclass(frozen=True)
class Radio:
    """Noise and power in both directions.

    Args:
        noise_power: sigma^2 = E|n|^2 at each receive antenna and slot of the forward pass.
        max_power: P_max, most of the mean over the batch of |P_k x|^2 in any slot; without it nothing is limited.
        backward_noise_power: the same noise at each antenna of the sender, which hears the gradients.
        backward_power: mean over the batch of the power of the strongest slot of the backward pass.
        turnaround: from the forward to the backward pass, in rounds, of channels that move.
        reciprocity: errors of the way back.
        seed: of noise and antennas; round i has noise of its own, whatever came before.
    """

    noise_power: float = 0.0
    max_power: float | None = None
    backward_noise_power: float = 0.0
    backward_power: float = 1.0
    turnaround: float = 0.0
    reciprocity: Reciprocity = field(default_factory=Reciprocity)
    seed: int = 1

    def __post_init__(self) -> None:
        _require_not_negative(self, "noise_power", "backward_noise_power", "turnaround", "seed")
        if not isinstance(self.seed, int):
            raise ConfigError(f"seed = {self.seed!r} is no whole number")
        for name in ("max_power", "backward_power"):
            value = getattr(self, name)
            if value is not None and not (value > 0 and math.isfinite(value)):
                raise ConfigError(f"{name} = {value} is out of range: a positive number is expected")

    def rng(self, round_: int, stream: int) -> np.random.Generator:
        """Return the random numbers of a stream of a round (Philox, by counter: no stream depends on another)."""
        return np.random.Generator(np.random.Philox(key=[self.seed, _STREAMS * round_ + stream]))

    def noise(self, like: torch.Tensor, power: float, place: tuple[int, int]) -> torch.Tensor:
        """Draw circular complex Gaussian noise of a tensor's shape and type, E|n|^2 = power, for a round and stream."""
        drawn = self.rng(*place).standard_normal((*like.shape, 2))
        parts = torch.from_numpy(drawn).mul_(math.sqrt(power / 2))
        return torch.view_as_complex(parts).to(device=like.device, dtype=like.dtype)


def _require_not_negative(owner: object, *names: str) -> None:
    for name in names:
        value = getattr(owner, name)
        if not (value >= 0 and math.isfinite(value)):
            raise ConfigError(f"{name} = {value} is out of range: 0 or more is expected")
