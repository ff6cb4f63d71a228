"""Means over seeds, with 95 % intervals of Student's t, as tables that `airloop plot` draws."""

from __future__ import annotations

import csv
import math
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from federated_data import DEVICES
from federated_network import PARAMETERS
from federated_training import AIRTIME_S, Point

#: 97.5 % quantiles of Student's t by degrees of freedom, 1 to 15 (any table of the distribution).
_T975 = (12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131)
#: Where the curves begin: after about one analog round.
FIRST_AIRTIME_S, FIRST_ENERGY_J = 1.25e-3, 1e-4
#: The accuracy whose cost is asked for.
TARGET = 0.90

Estimate = tuple[float, float, float]
Value = Callable[[Point], float]


def interval(values: Sequence[float]) -> Estimate:
    """Return the mean and the ends of its interval (the mean three times over where there is one value)."""
    mean = float(np.mean(values))
    if len(values) < 2:
        return mean, mean, mean
    half = _T975[len(values) - 2] * float(np.std(values, ddof=1)) / math.sqrt(len(values))
    return mean, mean - half, mean + half


def grid(first: float, last: float, points: int = 40) -> list[float]:
    """Return values in equal ratios; the last is exact."""
    return [*(float(first * (last / first) ** (i / (points - 1))) for i in range(points - 1)), last]


def reached(run: Sequence[Point], cost: Value, limit: float) -> float:
    """Return the accuracy of the last model whose cost is within a limit."""
    return [point.accuracy for point in run if cost(point) <= limit * (1.0 + 1e-9)][-1]


def first_cost(run: Sequence[Point], cost: Value, target: float = TARGET) -> float | None:
    """Return what it cost until the accuracy first reached a target; `None` where it never did."""
    return next((cost(point) for point in run if point.accuracy >= target), None)


def airtime(point: Point) -> float:
    """Return the airtime of all rounds, in seconds."""
    return point.airtime_s


def energy(point: Point) -> float:
    """Return the energy of all devices in all rounds, in joules."""
    return point.energy_j


Runs = dict[tuple[str, str, "float | None"], list[list[Point]]]


def write_curves(path: Path, runs: Runs, cost: Value, column: str) -> None:
    """Write accuracy against airtime or energy: one row a curve, SNR and point of the grid."""
    first, last = (FIRST_AIRTIME_S, AIRTIME_S) if cost is airtime else (FIRST_ENERGY_J, _most_energy(runs))
    head = "schema curve fidelity scheme snr_db devices length trials stop_reason".split()
    head += [column, "accuracy", "accuracy_low", "accuracy_high", "accuracy_count"]
    rows = []
    for (label, scheme, snr_db), seeds in runs.items():
        # The reference knows no SNR: it is drawn beside every other.
        for shown_db in sorted({key[2] for key in runs} - {None}) if snr_db is None else [snr_db]:
            start = [1, label, "symbol", scheme, shown_db, DEVICES, PARAMETERS, len(seeds), "trials"]
            for limit in grid(first, last):
                accuracy = interval([reached(run, cost, limit) for run in seeds])
                rows.append([*start, f"{limit:.5g}", *(f"{value:.5f}" for value in accuracy), len(seeds)])
    _write(path, head, rows)


def write_summary(path: Path, runs: Runs) -> None:
    """Write one row a curve and SNR: rounds, the last accuracy, how far it is below the ideal channel's, and what the target cost."""
    head = "curve scheme snr_db seeds rounds round_airtime_s round_energy_j".split()
    for name in ("accuracy", "accuracy_below_ideal", "accuracy_below_ideal_same_rounds", "airtime_to_target_s", "energy_to_target_j"):
        head += [name, f"{name}_low", f"{name}_high"]
    head += ["accuracy_target", "seeds_that_reached_target"]
    rows = []
    ideal = next((seeds for (_, scheme, _), seeds in runs.items() if scheme == "ideal"), None)
    for (label, scheme, snr_db), seeds in runs.items():
        rounds = float(np.mean([len(run) - 1 for run in seeds]))
        row = [label, scheme, "" if snr_db is None else snr_db, len(seeds), f"{rounds:.1f}"]
        row += [f"{np.mean([cost(run[-1]) / max(len(run) - 1, 1) for run in seeds]):.4g}" for cost in (airtime, energy)]
        row += [f"{value:.4f}" for value in interval([run[-1].accuracy for run in seeds])]
        # Of the same seeds: the same digits held out, the same digits at each device, the same first weights.
        below = [best[-1].accuracy - run[-1].accuracy for best, run in zip(ideal or seeds, seeds)]
        same = [best[len(run) - 1].accuracy - run[-1].accuracy for best, run in zip(ideal or seeds, seeds)]
        row += [f"{value + 0.0:.4f}" for estimate in (below, same) for value in interval(estimate)]
        times = [first_cost(run, airtime) for run in seeds]
        for cost in (airtime, energy):
            found = [first_cost(run, cost) for run in seeds]
            row += [f"{value:.4g}" for value in interval(found)] if None not in found else ["", "", ""]
        rows.append([*row, TARGET, sum(time is not None for time in times)])
    _write(path, head, rows)


def _most_energy(runs: Runs) -> float:
    return max(run[-1].energy_j for seeds in runs.values() for run in seeds)


def _write(path: Path, head: list[str], rows: list[list[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, lineterminator="\n").writerows([head, *rows])
