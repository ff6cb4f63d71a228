#!/usr/bin/env python3
"""Writes the sample tables of these tests; the numbers are made up, only their shape is realistic."""
import csv
import math
import random

HEAD = ("schema experiment_id curve fidelity theory_kind scheme snr_db bandwidth_hz devices length trials "
        "stop_reason").split()
TAIL = [f"{m}{s}" for m in ("nmse", "mse_per_device") for s in ("", "_low", "_high", "_median", "_q90", "_count")]
TAIL += ("active_fraction correlation_measured snr_measured_db receive_snr_db power_used_mean power_peak_db papr_db "
         "elements airtime_s airtime_values_per_s energy_per_value_rel energy_j warnings").split()


VOTES = [f"{m}{s}" for m in ("vote_error_rate", "vote_error_rate_truth")
         for s in ("", "_low", "_high", "_median", "_q90", "_count")]


def write(name, rows, axes=(), errors=()):
    with open(name, "w", newline="") as out:
        head = HEAD + list(axes) + TAIL[:12] + list(errors) + TAIL[12:]
        table = csv.DictWriter(out, head, restval="", lineterminator="\n")
        table.writeheader()
        table.writerows(rows)


def row(rng, curve, fidelity, scheme, snr, band, nmse, airtime, mean_exists=True, **more):
    simulated = fidelity != "theory"
    trials = {"symbol": 400, "waveform": 40}.get(fidelity, "")
    wide = {"symbol": 0.05, "waveform": 0.16}.get(fidelity, 0.0)
    value = nmse * math.exp(rng.gauss(0, wide / 2)) if simulated else nmse
    low, high = value * (1 - wide), value * (1 + wide)
    cells = dict(schema=1, experiment_id="5a1e", curve=curve,
                 fidelity=fidelity, theory_kind="" if simulated else "ensemble", scheme=scheme, snr_db=snr,
                 bandwidth_hz=band, devices=10, length=4096, trials=trials, stop_reason="trials" if simulated else "",
                 airtime_s=f"{airtime:.6g}", airtime_values_per_s=f"{4096 / airtime:.6g}", elements=2048,
                 active_fraction=0.9, warnings="" if mean_exists else "mean-does-not-exist")
    for metric, factor in (("nmse", 1.0), ("mse_per_device", 0.25)):
        if mean_exists:
            cells[metric] = f"{value * factor:.6g}"
            cells[metric + "_low"] = f"{low * factor:.6g}"
            cells[metric + "_high"] = f"{high * factor:.6g}"
        if simulated:
            cells[metric + "_median"] = f"{value * factor * 0.8:.6g}"
            cells[metric + "_q90"] = f"{value * factor * 2.1:.6g}"
            cells[metric + "_count"] = trials
    cells.update(more)
    return cells


SNRS = (-10, -5, 0, 5, 10, 15, 20)
FIDELITIES = ("theory", "symbol", "waveform")


def analog(snr, band):
    return 1 / (1 + 10 ** (snr / 10)) + 1.1e-3 * (1 + 0.5 * (band > 1e7))


def digital(snr, band):
    bits = 0.55 * math.log2(1 + 10 ** ((snr + 6) / 10)) * (band / 5e6) ** 0.12
    return max(4 ** -bits, 1.2e-3)


def two_curves(bands):
    rng = random.Random(7)
    rows = []
    for curve, scheme, error in (("analog, truncated inversion", "analog-aligned", analog),
                                 ("digital, orthogonal", "digital-orthogonal", digital)):
        for snr in SNRS:
            for band in bands:
                for fidelity in FIDELITIES:
                    air = 6e-4 * 5e6 / band if scheme.startswith("analog") else \
                        0.02 * 5e6 / band * (0.4 + 8 / (8 + snr + 11))
                    bump = 1.12 if fidelity == "waveform" else 1.0
                    rows.append(row(rng, curve, fidelity, scheme, snr, band, bump * error(snr, band), air))
    return rows


def one_null_mean():
    rng = random.Random(8)
    rows = []
    for curve, keep in (("truncated inversion", True), ("full inversion", False), ("threshold 0.5 % & more_x", True)):
        for snr in SNRS:
            for fidelity in FIDELITIES:
                if not keep and fidelity == "theory":
                    continue
                error = {"truncated inversion": 1.0, "full inversion": 2.4}.get(curve, 1.6) * analog(snr, 5e6)
                rows.append(row(rng, curve, fidelity, "analog-aligned", snr, 5000000, error, 6e-4, keep))
    return rows


def thresholds():
    rng = random.Random(9)
    rows = []
    for threshold in (0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1):
        for devices in (5, 20, 80):
            for fidelity in ("theory", "symbol"):
                error = 0.02 / threshold ** 0.5 + threshold ** 2 / devices ** 0.3
                rows.append(row(rng, "", fidelity, "analog-aligned", 10, 5000000, error, 6e-4,
                                devices=devices, **{"scheme.threshold": threshold}))
    return rows


def zeros():
    rng = random.Random(10)
    rows = []
    for snr in SNRS:
        rows.append(row(rng, "", "symbol", "analog-aligned", snr, 5000000, max(0.0, 0.1 - 0.01 * snr), 6e-4))
    rows[-1].update(nmse="-0.1")
    return rows


def votes():
    rng = random.Random(11)
    rows = []
    for curve, gain in (("1 copy", 1.0), ("4 copies", 4.0)):
        for snr in SNRS:
            for fidelity in FIDELITIES:
                wrong = 0.5 / (1 + 0.3 * gain * 10 ** (snr / 10))
                cells = row(rng, curve, fidelity, "fsk-majority", snr, 5000000, wrong, 6e-4 * gain)
                for error in [c for c in TAIL[:12] if cells.get(c) not in (None, "")]:
                    value = cells.pop(error)
                    if error.startswith("nmse"):
                        cells[error.replace("nmse", "vote_error_rate")] = value
                rows.append(cells)
    return rows


write("two_curves.csv", two_curves((5_000_000, 20_000_000)))
write("one_band.csv", two_curves((5_000_000,)))
write("null_mean.csv", one_null_mean())
write("thresholds.csv", thresholds(), ["scheme.threshold"])
write("zeros.csv", zeros())
write("votes.csv", votes(), errors=VOTES)
