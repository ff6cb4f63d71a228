"""Recomputes the errors of a dumped trial from the payload alone, with numpy and nothing of airloop.

    airloop run EXPERIMENT.toml --set stop.trials=1 --json --dump DIR > report.json
    python3 tests/independent/recompute_nmse.py DIR/trial-0.npz [report.json] [--inversion THRESHOLD]

target    = unit * (sum over devices of payload)[sending_position] + offset
nmse      = |estimate - target|^2 / |target|^2
mse_per_device = |estimate - target|^2 / unit^2 / (N sum_k device_power)

With --inversion, for truncated inversion in a single pass over channels that stand still within a symbol, the received
grid is recomputed too: each device sends sqrt(rho) / h where |h|^2 >= THRESHOLD, so the grid is the sum of x over those
devices times sqrt(rho), plus noise; rho is fitted, and what is left must have the noise power.
"""

import argparse
import json
import sys

import numpy as np


def check(name, found, expected, relative):
    """Prints both values and returns whether they agree."""
    good = abs(found - expected) <= relative * max(abs(expected), 1e-300)
    print(f"{'ok  ' if good else 'BAD '} {name:<32} recomputed {found:.9g}   stated {expected:.9g}")
    return good


def errors(data, report):
    """Recomputes target and errors."""
    payload = data["payload"].astype(np.float64)
    devices, length = payload.shape
    unit, offset = float(data["unit"][0]), float(data["offset"][0])
    target, estimate = data["target"], data["estimate"]
    ours = (unit * payload.sum(axis=0) + offset)[data["sending_position"]]
    spread = np.sqrt(np.mean(target**2))
    worst = np.max(np.abs(ours - target)) / spread
    good = worst < 1e-5
    print(f"{'ok  ' if good else 'BAD '} {'target from payload':<32} largest difference {worst:.2e} of its rms")
    error = np.sum((estimate - target) ** 2)
    nmse = error / np.sum(target**2)
    mse = error / unit**2 / (length * np.sum(data["device_power"]))
    good &= check("nmse against the dump", nmse, float(data["nmse"][0]), 1e-5)
    good &= check("mse_per_device against the dump", mse, float(data["mse_per_device"][0]), 1e-5)
    if report is not None:
        metrics = report["metrics"]
        good &= check("nmse against the report", nmse, metrics["nmse"]["mean"], 1e-5)
        good &= check("mse_per_device against the report", mse, metrics["mse_per_device"]["mean"], 1e-5)
    return good


def inversion(data, threshold):
    """Recomputes the received grid of truncated inversion: what it leaves over must be the noise."""
    payload = data["payload"].astype(np.float64)
    devices, length = payload.shape
    if length % 2:
        payload = np.pad(payload, ((0, 0), (0, 1)))
    symbols = (payload[:, 0::2] + 1j * payload[:, 1::2]) / np.sqrt(2)
    count = symbols.shape[1]
    received = data["received"].reshape(-1)[:count].astype(np.complex128)
    gains = data["gains"].reshape(devices, -1)[:, :count].astype(np.complex128)
    sent = np.where(np.abs(gains) ** 2 >= threshold, symbols, 0)
    total = sent.sum(axis=0)
    amplitude = np.vdot(total, received) / np.vdot(total, total)
    left = np.mean(np.abs(received - amplitude * total) ** 2)
    noise = float(data["noise_power"][0])
    # The mean of n exponential values strays by 1 / sqrt(n) of itself.
    good = abs(left / noise - 1) < 5 / np.sqrt(count) and abs(amplitude.imag) < 5 * np.sqrt(noise / np.vdot(total, total).real)
    print(f"{'ok  ' if good else 'BAD '} {'received grid':<32} left over {left:.4g}, noise {noise:.4g}, {count} elements")
    return good


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dump")
    parser.add_argument("report", nargs="?")
    parser.add_argument("--inversion", type=float, metavar="THRESHOLD")
    args = parser.parse_args()
    data = np.load(args.dump)
    report = None
    if args.report:
        with open(args.report, encoding="utf-8") as file:
            report = json.load(file)
    good = errors(data, report)
    if args.inversion is not None:
        good &= inversion(data, args.inversion)
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
