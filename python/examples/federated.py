"""Accuracy against airtime and energy: 20 devices train one network over the air, in six ways, at three SNRs.

    python python/examples/federated.py            # all seeds; writes docs/results/federated*.csv
    python python/examples/federated.py --quick    # one seed, 10 dB, fewer rounds; writes nothing
    python python/examples/federated.py --tune     # how settings were chosen, on a seed that is not reported

It needs airloop and NumPy. What is compared, and what was found, is in docs/federated.md.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

# One thread of linear algebra, set before NumPy is loaded: sums in another order round otherwise, and training enlarges that.
os.environ.update(dict.fromkeys(("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS"), "1"))

import federated_table as table
from federated_schemes import CURVES, Curve, candidates
from federated_training import AIRTIME_S, ROUNDS, Settings, train

#: The seeds of the runs; the one that settings were chosen on is none of them.
SEEDS = range(1, 9)
TUNING_SEED = 0
RESULTS = Path(__file__).parents[2] / "docs" / "results"


def run(seeds: range, snrs_db: tuple[float, ...] | None = None, rounds: int = ROUNDS) -> table.Runs:
    """Train every curve at every SNR and seed, and print what came out."""
    runs: table.Runs = {}
    for curve in CURVES:
        for snr_db, settings in curve.settings.items():
            if snr_db is not None and snrs_db is not None and snr_db not in snrs_db:
                continue
            start = time.perf_counter()
            found = [train(curve.scheme, snr_db, settings, seed, rounds) for seed in seeds]
            runs[curve.label, curve.scheme, snr_db] = found
            _say(curve, snr_db, found, time.perf_counter() - start)
    return runs


def _say(curve: Curve, snr_db: float | None, found: list[list[table.Point]], wall_s: float) -> None:
    mean, low, high = table.interval([points[-1].accuracy for points in found])
    airtime_s, energy_j = (sum(cost(points[-1]) for points in found) / len(found) for cost in (table.airtime, table.energy))
    snr = "no noise" if snr_db is None else f"{snr_db:4.0f} dB"
    print(
        f"{curve.label:20} {snr:8}  {len(found[0]) - 1:3} rounds  {airtime_s:7.4f} s  {energy_j:8.5f} J  "
        f"accuracy {mean:.3f} [{low:.3f} to {high:.3f}]  ({wall_s:.1f} s)",
        flush=True,
    )


def score(curve: Curve, snr_db: float | None, settings: Settings) -> float:
    """Return the mean accuracy over airtimes in equal ratios, by which settings are chosen."""
    points = train(curve.scheme, snr_db, settings, TUNING_SEED)
    limits = table.grid(table.FIRST_AIRTIME_S, AIRTIME_S)
    return sum(table.reached(points, table.airtime, limit) for limit in limits) / len(limits)


def tune(names: list[str]) -> None:
    """Print the score of every candidate, best first, for each curve (or those named) and SNR."""
    for curve in CURVES:
        if names and curve.scheme not in names:
            continue
        for snr_db in curve.settings:
            scores = sorted(((score(curve, snr_db, s), str(s)) for s in candidates(curve)), reverse=True)
            for value, words in scores:
                print(f"{value:.4f}  {curve.scheme}  {snr_db}  {words}", flush=True)


def main() -> None:
    """Read the arguments and do what they say."""
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--quick", action="store_true", help="one seed, 10 dB, 30 rounds; writes nothing")
    arguments.add_argument("--tune", nargs="*", metavar="SCHEME", help="try settings of all or some schemes")
    chosen = arguments.parse_args()
    if chosen.tune is not None:
        return tune(chosen.tune)
    if chosen.quick:
        run(range(1, 2), (10.0,), 30)
        return None
    runs = run(SEEDS)
    table.write_curves(RESULTS / "federated.csv", runs, table.airtime, "airtime_s")
    table.write_curves(RESULTS / "federated-energy.csv", runs, table.energy, "energy_j")
    table.write_summary(RESULTS / "federated-summary.csv", runs)
    print(f"written: federated.csv, federated-energy.csv and federated-summary.csv in {RESULTS}")
    return None


if __name__ == "__main__":
    main()
