"""Split learning over a radio link: activations up, gradients down, analog or in 8 bits, against SNR.

    python python/examples/split_training.py            # all schemes, SNRs and seeds; writes docs/results/split-training.csv
    python python/examples/split_training.py --quick    # one seed, 0 and 10 dB, 60 rounds; writes nothing

It needs airloop and PyTorch. What is compared, and what was found, is in docs/split-training.md.
"""

from __future__ import annotations

import argparse
import csv
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from federated_data import HELD_OUT, digits
from federated_table import interval
from torch import Tensor, nn

from airloop import Experiment
from airloop.torch import SplitModel

ROOT = Path(__file__).parents[2]
SCHEMES = ("analog", "digital")
SNRS_DB = (-10.0, -5.0, 0.0, 5.0, 10.0, 15.0, 20.0)
SEEDS = range(1, 9)
ROUNDS, BATCH, WIDTH, CUT = 300, 64, 32, 2
#: What a device and the server compute in a second, for the latency of a round.
DEVICE_FLOP_PER_S, SERVER_FLOP_PER_S = 1e9, 1e11


@dataclass(frozen=True)
class Run:
    """One training: accuracy of the weights alone and over the link, and means over rounds."""

    accuracy: float
    accuracy_over_link: float
    airtime_up_s: float = 0.0
    airtime_down_s: float = 0.0
    nmse_up: float = 0.0
    nmse_down: float = 0.0


def network(seed: int) -> nn.Sequential:
    """Return the network 64-32-32-10 with the first weights of a seed."""
    torch.manual_seed(seed)
    return nn.Sequential(
        nn.Linear(64, WIDTH), nn.ReLU(), nn.Linear(WIDTH, WIDTH), nn.ReLU(), nn.Linear(WIDTH, 10)
    )


def compute_s() -> float:
    """Return what both ends compute in a round, in seconds: a backward pass counts twice a forward pass, the device's first layer once."""
    device = 2 * 2 * BATCH * 64 * WIDTH
    server = 3 * 2 * BATCH * (WIDTH * WIDTH + WIDTH * 10)
    return device / DEVICE_FLOP_PER_S + server / SERVER_FLOP_PER_S


def link(scheme: str, snr_db: float, seed: int) -> Experiment:
    """Return the experiment of a link, with channels and noise of its own."""
    path = ROOT / "experiments" / "split" / f"activations-{scheme}.toml"
    return Experiment.load(path, set=[f"link.snr_db={snr_db}", f"seed={seed}"])


def accuracy(model: nn.Module, pixels: Tensor, labels: Tensor) -> float:
    """Return the share of right answers."""
    with torch.no_grad():
        return float((model(pixels).argmax(dim=1) == labels).double().mean())


def train(scheme: str | None, snr_db: float, seed: int, rounds: int = ROUNDS) -> Run:
    """Train one network; without a scheme it is not split."""
    pixels, labels = (torch.from_numpy(part) for part in digits())
    order = torch.from_numpy(np.random.default_rng([seed, 1]).permutation(len(labels)))
    held_out, rest = order[:HELD_OUT], order[HELD_OUT:]
    batches = np.random.default_rng([seed, 2])
    whole = network(seed)
    model: nn.Module = whole
    if scheme is not None:
        model = SplitModel(whole, CUT, link(scheme, snr_db, 2 * seed), link(scheme, snr_db, 2 * seed + 1))
    optimiser = torch.optim.Adam(whole.parameters(), lr=0.003)
    costs = []
    for _ in range(rounds):
        chosen = rest[torch.from_numpy(batches.integers(len(rest), size=BATCH))]
        optimiser.zero_grad()
        nn.functional.cross_entropy(model(pixels[chosen]), labels[chosen]).backward()
        optimiser.step()
        if scheme is not None:
            up, down = model.link.report, model.link.downlink_report
            costs.append((up.airtime_s, down.airtime_s, up.nmse, down.nmse))
    alone = accuracy(whole, pixels[held_out], labels[held_out])
    over = accuracy(model, pixels[held_out], labels[held_out])
    return Run(alone, over, *(float(cost) for cost in np.mean(costs, axis=0))) if costs else Run(alone, over)


def row(scheme: str, snr_db: float, runs: list[Run]) -> dict[str, object]:
    """Return a row of the table: means over seeds, intervals of the accuracies."""
    alone, over = (interval([getattr(run, name) for run in runs]) for name in ("accuracy", "accuracy_over_link"))
    means = {name: float(np.mean([getattr(run, name) for run in runs])) for name in Run.__annotations__ if "accuracy" not in name}
    latency_s = means["airtime_up_s"] + means["airtime_down_s"] + compute_s()
    return {
        "scheme": scheme, "snr_db": snr_db, "seeds": len(runs), "rounds": ROUNDS,
        "accuracy": alone[0], "accuracy_low": alone[1], "accuracy_high": alone[2],
        "accuracy_over_link": over[0], "accuracy_over_link_low": over[1], "accuracy_over_link_high": over[2],
        **means, "latency_s": latency_s,
    }  # fmt: skip


def main() -> None:
    """Read the arguments, train, print and write."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="one seed, 0 and 10 dB, 60 rounds; writes nothing")
    quick = arguments.parse_args().quick
    torch.set_num_threads(1)
    seeds, snrs_db, rounds = (range(1, 2), (0.0, 10.0), 60) if quick else (SEEDS, SNRS_DB, ROUNDS)
    unsplit = [train(None, 0.0, seed, rounds) for seed in seeds]
    rows = [row("unsplit", snr_db, unsplit) for snr_db in snrs_db]
    print(f"unsplit: accuracy {rows[0]['accuracy']:.3f}; {compute_s() * 1e3:.2f} ms of computing a round")
    for scheme in SCHEMES:
        for snr_db in snrs_db:
            start = time.perf_counter()
            found = row(scheme, snr_db, [train(scheme, snr_db, seed, rounds) for seed in seeds])
            rows.append(found)
            print(
                f"{scheme:8} {snr_db:5.0f} dB  accuracy {found['accuracy']:.3f} "
                f"[{found['accuracy_low']:.3f} to {found['accuracy_high']:.3f}], over the link {found['accuracy_over_link']:.3f}  "
                f"{found['latency_s'] * 1e3:6.2f} ms a round  ({time.perf_counter() - start:.1f} s)",
                flush=True,
            )
    if not quick:
        path = ROOT / "docs" / "results" / "split-training.csv"
        with path.open("w", newline="", encoding="utf-8") as file:
            out = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            out.writeheader()
            out.writerows({key: f"{value:.6g}" if isinstance(value, float) else value for key, value in row.items()} for row in rows)
        print(f"written: {path}")


if __name__ == "__main__":
    main()
