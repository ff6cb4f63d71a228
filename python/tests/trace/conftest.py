"""A small trace that the tests share, and the command line."""

from __future__ import annotations

import csv
import importlib
import os
import shutil
from pathlib import Path
from typing import Any

import pytest

import airloop

#: Two devices over Rayleigh fading, both directions; a round in which nothing of a device arrives is among them.
CONFIG = """
seed = 5
trace = { rounds = 40, round_interval_s = 0.05 }
ofdm = { numerology = "custom", sample_rate_hz = 1.92e6, fft_size = 64, cyclic_prefix_samples = 16, used_subcarriers = 48 }
channel = { model = "rayleigh" }
payload = { source = "gaussian", devices = 2, length = 1 }
link = { snr_db = 9.0, transmit_power_w = 0.2 }
mcs = { index = 7 }
harq = { transmissions = 2 }
uplink = { bytes = 2000 }
downlink = { bytes = 1000, snr_db = 20.0 }
"""


@pytest.fixture(scope="session")
def trace_config() -> str:
    """The experiment of the trace."""
    return CONFIG


@pytest.fixture(scope="session")
def trace() -> airloop.Trace:
    """A recorded trace."""
    return airloop.Trace.record(CONFIG)


@pytest.fixture
def saved(trace: airloop.Trace, tmp_path: Path) -> Path:
    """The same as a CSV file."""
    path = tmp_path / "trace.csv"
    trace.save(path)
    return path


@pytest.fixture(scope="session")
def airloop_command() -> str:
    """The command-line program, named by AIRLOOP or found on the path."""
    found = os.environ.get("AIRLOOP") or shutil.which("airloop")
    if not found:
        pytest.skip("the airloop command is not built; AIRLOOP names it")
    return found


@pytest.fixture(scope="session")
def package() -> Any:
    """What imports an optional package; the test is skipped where that cannot be."""

    def import_or_skip(name: str) -> Any:
        try:
            return importlib.import_module(name)
        except ImportError as error:
            pytest.skip(f"{name} cannot be imported: {error}")

    return import_or_skip


@pytest.fixture(scope="session")
def rows_of() -> Any:
    """What reads a CSV by its header, with Python's own csv and float: nothing of airloop."""

    def read(path: Path) -> list[dict[str, str]]:
        with open(path, newline="", encoding="utf-8") as file:
            return list(csv.DictReader(file))

    return read
