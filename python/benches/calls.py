"""Times of calls from Python; `cargo bench --bench live` gives those of the same calls in Rust."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import airloop

CONFIG = {
    "ofdm": {"bandwidth_hz": 20e6, "subcarrier_spacing_hz": 30e3},
    "channel": {"model": "tdl-c", "delay_spread_s": 100e-9, "carrier_hz": 3.5e9},
    "link": {"snr_db": 10.0},
    "scheme": {"kind": "truncated-inversion", "threshold": 0.05},
}
PATIENCE_S = 1.5


def shortest(work: Callable[[], object]) -> float:
    """Return the shortest time of one call, in seconds, over many."""
    work()
    begin, best = time.perf_counter(), float("inf")
    while time.perf_counter() - begin < PATIENCE_S:
        now = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - now)
    return best


def values(*shape: int) -> np.ndarray:
    count = int(np.prod(shape))
    return ((np.arange(count) * 2_654_435_761 % 1_000_003) / 5e5 - 1).astype(np.float32).reshape(shape)


def main() -> None:
    for devices, length in [(20, 1_000_000), (20, 100_000), (20, 1000), (20, 16)]:
        air, rows = airloop.Air(CONFIG), values(devices, length)
        seconds = shortest(lambda air=air, rows=rows: air.aggregate(rows))
        print(f"air {devices} x {length}: {seconds * 1e6:.1f} us, {devices * length / seconds:.4g} device-values/s")
    link, activations = airloop.Link(CONFIG), values(32, 512, 768)
    for name, work in [("link 32 x 512 x 768", link.send), ("the same retraced", link.retrace)]:
        seconds = shortest(lambda work=work: work(activations))
        print(f"{name}: {seconds * 1e3:.1f} ms, {activations.size / seconds:.4g} values/s")


if __name__ == "__main__":
    main()
