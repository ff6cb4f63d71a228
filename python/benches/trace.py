"""Times of traces from Python; `cargo bench --bench trace` gives those of reading and writing in Rust."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import airloop

#: Rows of 400 rounds, over and over again, as later rounds.
CONFIG = """
trace = { rounds = 400 }
ofdm = { numerology = "custom", sample_rate_hz = 1.92e6, fft_size = 64, cyclic_prefix_samples = 16, used_subcarriers = 48 }
channel = { model = "rayleigh" }
payload = { source = "gaussian", devices = 10, length = 1 }
link = { snr_db = 20.0 }
mcs = { index = 5 }
uplink = { bytes = 100 }
downlink = { bytes = 100 }
"""
COPIES = 25


def seconds(work: Callable[[], object]) -> float:
    """Return the shortest time of three calls, in seconds."""
    times = []
    for _ in range(3):
        begin = time.perf_counter()
        work()
        times.append(time.perf_counter() - begin)
    return min(times)


def enlarge(path: Path) -> None:
    """Write the rounds of a CSV over and over again, each time as later ones."""
    header, *rows = path.read_text().splitlines()
    cells = [row.split(",") for row in rows]
    rounds = 1 + max(int(row[3]) for row in cells)
    later = [[*row[:3], str(int(row[3]) + copy * rounds), *row[4:]] for copy in range(COPIES) for row in cells]
    path.write_text("\n".join([header, *(",".join(row) for row in later)]) + "\n")


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        files = {ending: Path(name) / f"trace.{ending}" for ending in ("csv", "jsonl", "parquet")}
        airloop.Trace.record(CONFIG).save(files["csv"])
        enlarge(files["csv"])
        trace = airloop.Trace.load(files["csv"])
        works: dict[str, Callable[[], object]] = {
            "load csv": lambda: airloop.Trace.load(files["csv"]),
            "save jsonl": lambda: trace.save(files["jsonl"]),
            "load jsonl": lambda: airloop.Trace.load(files["jsonl"]),
            "to_parquet": lambda: trace.to_parquet(files["parquet"]),
            "from_parquet": lambda: airloop.Trace.from_parquet(files["parquet"]),
            "to_pandas": trace.to_pandas,
            "one column": lambda: trace["rate_bps"],
            "rates_bps": lambda: trace.rates_bps("ul"),
        }
        for what, work in works.items():
            print(f"{what}: {len(trace) / seconds(work) / 1e6:.2f} M rows/s")


if __name__ == "__main__":
    main()
