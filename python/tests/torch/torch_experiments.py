"""Experiments that the tests of airloop.torch share."""

from __future__ import annotations

from typing import Any

GRID = {
    "numerology": "custom",
    "sample_rate_hz": 1.92e6,
    "fft_size": 64,
    "cyclic_prefix_samples": 16,
    "used_subcarriers": 48,
}


def experiment(model: str = "rayleigh", snr_db: float = 5.0, **tables: Any) -> dict[str, Any]:
    """A small grid under truncated inversion, or under what the tables say."""
    base: dict[str, Any] = {
        "seed": 3,
        "ofdm": GRID,
        "channel": {"model": model},
        "link": {"snr_db": snr_db},
        "scheme": {"kind": "truncated-inversion", "threshold": 0.0 if model == "awgn" else 0.05},
    }
    for name, table in tables.items():
        base[name] = {**base[name], **table} if name in ("channel", "link") else table
    return base
