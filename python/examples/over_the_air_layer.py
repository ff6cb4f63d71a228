"""A network whose layers the channel computes: trained end to end over a reciprocal fading channel that nobody knows.

    python python/examples/over_the_air_layer.py            # all sweeps and seeds; writes docs/results/over-the-air-layer.csv
    python python/examples/over_the_air_layer.py --quick    # one seed, two points a sweep, 100 rounds; writes nothing

It needs airloop and PyTorch. What is compared, and what was found, is in docs/over-the-air-layer.md.
"""

from __future__ import annotations

import argparse
import csv
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from federated_data import HELD_OUT, digits
from federated_table import interval
from torch import Tensor, nn

from airloop.channels import Channel
from airloop.torch import OverTheAirLinear, Radio, Reciprocity

RESULTS = Path(__file__).parents[2] / "docs" / "results"
SEEDS = range(1, 9)
ROUNDS, BATCH, HIDDEN, ANTENNAS = 400, 64, 32, 8
#: Adam's step sizes that are tried, with air at the first setting and without air, on seeds that are in no result.
STEPS, STEP_SEEDS = (0.001, 0.003, 0.01, 0.03), range(101, 104)
#: From one round to the next.
ROUND_S = 1e-3
CARRIER_HZ, LIGHT_M_S = 3.5e9, 299_792_458.0


@dataclass(frozen=True)
class Setting:
    """What the air does to a network."""

    snr_db: float = 20.0
    doppler_hz: float = 0.0
    turnaround_s: float = 0.5e-3
    phase_rad: float = 0.0
    antenna_phase_rad: float = 0.0


PHASES_RAD = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5)
#: What is swept, around which setting. Between two rounds a channel of 1 Hz hardly moves; between two ways it may.
SWEEPS: dict[str, tuple[Setting, tuple[float, ...]]] = {
    "snr_db": (Setting(), (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0, 30.0)),
    "doppler_hz": (Setting(), (0.0, 0.3, 1.0, 3.0, 10.0, 30.0, 100.0)),
    "turnaround_s": (Setting(doppler_hz=1.0), (0.5e-3, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35)),
    "phase_rad": (Setting(), PHASES_RAD),
    "antenna_phase_rad": (Setting(), PHASES_RAD),
}


class Rectified(nn.Module):
    """Rectify real and imaginary parts, each by itself."""

    def forward(self, x: Tensor) -> Tensor:
        """Return max(Re x, 0) + j max(Im x, 0)."""
        return torch.view_as_complex(torch.relu(torch.view_as_real(x)))


class Linear(nn.Module):
    """The same layer without air: a complex matrix."""

    def __init__(self, d_in: int, d_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.randn((d_out, d_in), dtype=torch.complex64) / d_in**0.5)

    def forward(self, x: Tensor) -> Tensor:
        """Return W x."""
        return x @ self.weight.T


def fading(setting: Setting, seed: int) -> Callable[[float], Tensor]:
    """Return H of a time in rounds, (8, 8): independent Rayleigh fading with Jakes' spectrum, unit mean power."""
    channel = Channel(
        {
            "seed": seed,
            "channel": {"model": "rayleigh", "carrier_hz": CARRIER_HZ, "speed_m_s": setting.doppler_hz * LIGHT_M_S / CARRIER_HZ},
            "link": {"snr_db": 0.0, "receive_antennas": ANTENNAS, "device_antennas": ANTENNAS},
            "scheme": {"kind": "uniform-forcing"},
        }
    )
    return lambda rounds: torch.from_numpy(channel.taps(rounds * ROUND_S).reshape(ANTENNAS, ANTENNAS))


def network(setting: Setting | None, seed: int) -> nn.Sequential:
    """Return 32 complex values - 32 - 10, with layers over the air or, without a setting, beside it."""
    torch.manual_seed(seed)
    if setting is None:
        return nn.Sequential(Linear(32, HIDDEN), Rectified(), Linear(HIDDEN, 10))
    noise = 10 ** (-setting.snr_db / 10)
    reciprocity = Reciprocity(phase_rad=setting.phase_rad, antenna_phase_rad=setting.antenna_phase_rad)
    radio = Radio(
        noise_power=noise, max_power=1.0, backward_noise_power=noise, backward_power=1.0,
        turnaround=setting.turnaround_s / ROUND_S, reciprocity=reciprocity,
    )  # fmt: skip
    layers = [
        OverTheAirLinear(d_in, d_out, fading(setting, 10 * seed + layer), radio=replace(radio, seed=10 * seed + layer))
        for layer, (d_in, d_out) in enumerate([(32, HIDDEN), (HIDDEN, 10)])
    ]
    return nn.Sequential(layers[0], Rectified(), layers[1])


def train(setting: Setting | None, seed: int, step: float, rounds: int = ROUNDS) -> float:
    """Train a network, and return its accuracy on held-out digits, over the channel of the round after the last."""
    pixels, labels = (torch.from_numpy(part) for part in digits())
    features = torch.view_as_complex((pixels - 0.5).reshape(-1, 32, 2) * math.sqrt(2))
    order = torch.from_numpy(np.random.default_rng([seed, 1]).permutation(len(labels)))
    held_out, rest = order[:HELD_OUT], order[HELD_OUT:]
    batches, model = np.random.default_rng([seed, 2]), network(setting, seed)
    optimiser = torch.optim.Adam(model.parameters(), lr=step)
    for _ in range(rounds):
        chosen = rest[torch.from_numpy(batches.integers(len(rest), size=BATCH))]
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(features[chosen]).real, labels[chosen]).backward()
        optimiser.step()
    with torch.no_grad():
        return float((model(features[held_out]).real.argmax(dim=1) == labels[held_out]).double().mean())


def best_step(setting: Setting | None, rounds: int) -> float:
    """Return the step size with the highest mean accuracy on `STEP_SEEDS`."""
    means = {step: float(np.mean([train(setting, seed, step, rounds) for seed in STEP_SEEDS])) for step in STEPS}
    found = max(means, key=lambda step: means[step])
    tried = ", ".join(f"{step}: {mean:.3f}" for step, mean in means.items())
    print(f"step size {found} {'without air' if setting is None else 'over the air'} ({tried})", flush=True)
    return found


def row(sweep: str, setting: Setting, layer: str, accuracies: list[float]) -> dict[str, object]:
    """Return a row of the table."""
    mean, low, high = interval(accuracies)
    return {
        "sweep": sweep, "layer": layer, **vars(setting), "seeds": len(accuracies),
        "accuracy": mean, "accuracy_low": low, "accuracy_high": high,
    }  # fmt: skip


def main() -> None:
    """Read the arguments, train, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="one seed, two points a sweep, 100 rounds; writes nothing")
    quick = arguments.parse_args().quick
    torch.set_num_threads(1)
    seeds, rounds = (range(1, 2), 100) if quick else (SEEDS, ROUNDS)
    slots = [layer.slots for layer in network(Setting(), 1) if isinstance(layer, OverTheAirLinear)]
    step, step_without = best_step(Setting(), rounds), best_step(None, rounds)
    without = [train(None, seed, step_without, rounds) for seed in seeds]
    print(f"without air: accuracy {np.mean(without):.3f}; over the air {slots[0]} and {slots[1]} channel uses a sample and way")
    rows = []
    for sweep, (around, values) in SWEEPS.items():
        for value in values[:: len(values) - 1] if quick else values:
            start = time.perf_counter()
            setting = replace(around, **{sweep: value})
            found = row(sweep, setting, "over the air", [train(setting, seed, step, rounds) for seed in seeds])
            rows += [found, row(sweep, setting, "without air", without)]
            print(
                f"{sweep:18} {value:8.4f}  accuracy {found['accuracy']:.3f} "
                f"[{found['accuracy_low']:.3f} to {found['accuracy_high']:.3f}]  ({time.perf_counter() - start:.1f} s)",
                flush=True,
            )
    if not quick:
        path = RESULTS / "over-the-air-layer.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            out.writeheader()
            out.writerows({key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()} for row in rows)
        print(f"written: {path}")


if __name__ == "__main__":
    main()
