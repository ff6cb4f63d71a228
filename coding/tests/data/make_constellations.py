#!/usr/bin/env python3
"""Writes what the tests of constellations and rates compare with.

constellations.csv  points by two other implementations of TS 38.211 clause 5.1: py3gpp 0.6.0 (nrSymbolModulate, up to
                    256-QAM) and Sionna 2.2.0 (the functions pam_gray and qam of sionna/phy/mapping.py, QPSK to 1024-QAM);
                    both are PyPI packages, and only points are kept of them
information.csv     information and dispersion by SciPy's adaptive quadrature, level by level, from the definitions

Run in a folder with the two wheels unpacked (pip download --no-deps, unzip) and with numpy and scipy installed.
"""
import ast
import csv
import types

import numpy as np
from scipy.integrate import quad

ORDERS = {"pi/2-bpsk": 1, "bpsk": 1, "qpsk": 2, "16-qam": 4, "64-qam": 6, "256-qam": 8, "1024-qam": 10}


def py3gpp_points():
    source = open("py3gpp/nrSymbolModulate.py").read()
    scope = {}
    exec(source, scope)
    for name, order in ORDERS.items():
        if name == "1024-qam":
            continue
        labels = [f"{label:0{order}b}" for label in range(2**order)]
        # Two symbols of each label, so that pi/2-BPSK shows even and odd symbols.
        bits = [int(bit) for label in labels for bit in label * 2]
        points = scope["nrSymbolModulate"](np.array(bits), name.replace("-qam", "qam"))
        for place, point in enumerate(points):
            yield "py3gpp 0.6.0", name, place % 2, labels[place // 2], point


def sionna_points():
    tree = ast.parse(open("sionna/phy/mapping.py").read())
    keep = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name in ("pam_gray", "qam")]
    for node in keep:
        node.returns = None
        for argument in node.args.args:
            argument.annotation = None
    scope = {"np": np, "config": types.SimpleNamespace(np_dtype=np.float64, np_cdtype=np.complex128),
             "check_instance": lambda *_, **__: None}
    exec(compile(ast.Module(keep, []), "mapping", "exec"), scope)
    for name, order in ORDERS.items():
        if order > 1:
            for label, point in enumerate(scope["qam"](order)):
                yield "sionna 2.2.0", name, 0, f"{label:0{order}b}", point


def information(points, labels, snr):
    """Means and variances of the information densities of real points with unit mean square times 1/dimensions."""
    count, bits = len(points), len(labels[0])
    at = np.array(points) * np.sqrt(2 * snr)
    ones = np.array([[label[p] == "1" for label in labels] for p in range(bits)])

    def densities(own, noise):
        exponents = -0.5 * (at[own] + noise - at) ** 2
        terms = np.exp(exponents - exponents.max())
        symbolwise = np.log2(count) + np.log2(np.exp(-0.5 * noise**2 - exponents.max()) / terms.sum())
        with np.errstate(divide="ignore"):
            bitwise = sum(1 + np.log2(terms[ones[p] == ones[p][own]].sum() / terms.sum()) for p in range(bits))
        return symbolwise, bitwise

    def mean(function):
        total = 0.0
        for own in range(count):
            edges = sorted({-10.0, 10.0, *[e for e in (at[:-1] + at[1:]) / 2 - at[own] if -10 < e < 10]})
            weighted = lambda x: function(*densities(own, x)) * np.exp(-x * x / 2) / np.sqrt(2 * np.pi)
            for a, b in zip(edges, edges[1:]):
                total += quad(weighted, a, b, epsabs=1e-12, epsrel=1e-10, limit=200)[0]
        return total / count

    symbolwise, bitwise = mean(lambda s, b: s), mean(lambda s, b: b)
    return (symbolwise, mean(lambda s, b: (s - symbolwise) ** 2), bitwise, mean(lambda s, b: (b - bitwise) ** 2))


def main():
    with open("constellations.csv", "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["source", "modulation", "odd", "label", "re", "im"])
        for source, name, odd, label, point in (*py3gpp_points(), *sionna_points()):
            table.writerow([source, name, odd, label, f"{point.real:.9f}", f"{point.imag:.9f}"])
    with open("information.csv", "w", newline="") as out:
        table = csv.writer(out, lineterminator="\n")
        table.writerow(["modulation", "snr_db", "symbolwise_bits", "symbolwise_dispersion", "bitwise_bits",
                        "bitwise_dispersion"])
        scope = {}
        exec(open("py3gpp/nrSymbolModulate.py").read(), scope)
        sionna = list(sionna_points())
        for name, order, snrs in [("bpsk", 1, (-20, -5, 0, 5, 10)), ("qpsk", 2, (-10, 3, 12)),
                                  ("16-qam", 4, (-10, 0, 8, 14, 20)), ("64-qam", 6, (-5, 6, 14, 20, 26)),
                                  ("256-qam", 8, (0, 12, 22, 30)), ("1024-qam", 10, (3, 18, 32))]:
            if order == 1:
                levels, dimensions = {"0": 1.0, "1": -1.0}, 1
            else:
                # The real part of the points whose bits of odd position are 0.
                levels = {label[0::2]: point.real for _, modulation, _, label, point in sionna
                          if modulation == name and "1" not in label[1::2]}
                dimensions = 2
            labels = sorted(levels, key=levels.get)
            points = [levels[label] for label in labels]
            for snr_db in snrs:
                values = information(points, labels, 10 ** (snr_db / 10))
                table.writerow([name, snr_db, *[f"{dimensions * value:.10f}" for value in values]])


main()
