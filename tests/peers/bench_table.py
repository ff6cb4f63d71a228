"""Prints our rates beside those of peers, from our bench's own table and the peers' lines.

    bench_table.py OUR_TABLE PEERS_LINES
"""

import json
import re
import sys

# What peers call a work, our bench's row for it, and what is done.
WORKS = {
    "rounded": (r"24 paths on \d+ whole samples, 100 Hz", "TDL-C 300 ns, 30.72 MS/s, f_D 100 Hz, delays rounded"),
    "fractional": (r"fractional, \d+ taps, 100 Hz", "the same, fractional delays"),
    "flat": (r"flat Rayleigh, 100 Hz", "flat Rayleigh, f_D 100 Hz, applied"),
    "noise": (r"complex Gaussian noise", "complex Gaussian noise"),
    "ofdm": (r"OFDM 1024/72, both ways", "OFDM 1024/72, modulate and demodulate"),
}


def shown(value):
    """Three digits, without an exponent."""
    return f"{float(f'{value:.3g}'):g}"


def our_rates(text):
    rates = {}
    for work, (row, _) in WORKS.items():
        found = re.search(rf"^{row}\s+([\d.]+)\s+M samples/s", text, re.MULTILINE)
        if found is None:
            sys.exit(f"bench_table.py: no row of our bench is like {row!r}")
        rates[work] = 1e6 * float(found.group(1))
    return rates


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        ours = our_rates(file.read())
    with open(sys.argv[2], encoding="utf-8") as file:
        peers = [json.loads(line) for line in file]
    print(f"\n{'work':<54} {'program':<56} {'MS/s':>9} {'CPU ns/sample':>13} {'airloop over it':>15}")
    for work, (_, text) in WORKS.items():
        rows = [("airloop", ours[work])]
        rows += [(f"{peer['peer']}, {peer['how']}", peer["rate"]) for peer in peers if peer["work"] == work]
        for program, rate in rows:
            figures = [shown(value) for value in (rate / 1e6, 1e9 / rate, ours[work] / rate)]
            print(f"{text:<54} {program:<56} {figures[0]:>9} {figures[1]:>13} {figures[2]:>15}")
            text = ""


if __name__ == "__main__":
    main()
