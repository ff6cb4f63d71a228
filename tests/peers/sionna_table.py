"""A link table of ours in Sionna SYS: what its abstraction of the physical layer says at our points is what we measured.

No statistics here: both sides hold the same numbers. Rates may differ by the single precision of Sionna's tables and its
interpolation in log10(BLER), which passes through the points.
"""

import json
import os
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
from sionna.sys import PHYAbstraction

from two_samples import Comparison, Mean

EXPERIMENT = Path(__file__).parent / "experiments" / "table.toml"
PEER = "Sionna"
DOWNLINK = 1
SNR_STEP_DB = 0.25
BLOCK_STEP = 128
TOLERANCE = 2e-5


def table(folder):
    """Writes the table, and returns its file and what it holds."""
    command = [os.environ.get("AIRLOOP", "airloop"), "link-table", EXPERIMENT, "--out", folder]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode != 0:
        sys.exit(f"airloop failed: {shlex.join(map(str, command))}")
    file = Path(folder) / "link-table.json"
    return file, json.loads(file.read_text(encoding="utf-8"))


def within(value):
    """A number that the other side may miss by its precision, as a mean with an error of that size."""
    mean = Mean.exact(float(value))
    mean.error = np.array([[(TOLERANCE * max(value, 1e-3)) ** 2]])
    return mean


def main():
    with tempfile.TemporaryDirectory() as folder:
        file, ours = table(folder)
        entries = ours["entries"]
        snrs = [entry["snr_db"] for entry in entries]
        sizes = sorted({entry["block_bits"] for entry in entries})
        peer = PHYAbstraction(
            load_bler_tables_from=str(file),
            snr_db_interp_min_max_delta=(min(snrs), max(snrs) + SNR_STEP_DB / 2, SNR_STEP_DB),
            cbs_interp_min_max_delta=(min(sizes), max(sizes) + 1, BLOCK_STEP),
        )

    def rate(entry, more_db=0.0):
        snr = np.float32(10 ** ((entry["snr_db"] + more_db) / 10))
        found = peer.get_bler(entry["mcs"], entry["mcs_table"], DOWNLINK, entry["block_bits"], snr)
        return float(np.asarray(found))

    comparison = Comparison(PEER, "a link table in its PHYAbstraction: rates at the measured points")
    for entry in entries:
        name = f"mcs {entry['mcs']}, {entry['block_bits']} bits, {entry['snr_db']} dB"
        comparison.same(name, within(entry["bler"]), Mean.exact(rate(entry)))
    for size in sizes:
        middle = min((e for e in entries if e["block_bits"] == size), key=lambda e: abs(e["bler"] - 0.5))
        name = f"{size} bits, a step of SNR too far"
        comparison.differ(name, within(middle["bler"]), Mean.exact(rate(middle, SNR_STEP_DB)))
    comparison.finish()


if __name__ == "__main__":
    main()
