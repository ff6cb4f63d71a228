"""Small experiments that the tests share."""

from __future__ import annotations

import copy
import os
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

_CONFIG: dict[str, Any] = {
    "seed": 3,
    "ofdm": {
        "numerology": "custom",
        "sample_rate_hz": 1.92e6,
        "fft_size": 64,
        "cyclic_prefix_samples": 16,
        "used_subcarriers": 48,
    },
    "channel": {"model": "rayleigh"},
    "link": {"snr_db": 15.0},
    "scheme": {"kind": "truncated-inversion", "threshold": 0.1},
}


@pytest.fixture
def config() -> dict[str, Any]:
    """A small grid over Rayleigh fading, by truncated inversion."""
    return copy.deepcopy(_CONFIG)


@pytest.fixture
def ideal(config: dict[str, Any]) -> dict[str, Any]:
    """The same without fading or noise to speak of."""
    config["channel"] = {"model": "awgn"}
    config["link"] = {"snr_db": 200.0}
    return config


@pytest.fixture
def ctrl_c() -> Iterator[Callable[[float], None]]:
    """Presses Ctrl-C after so many seconds; without a terminal, SIGINT may be ignored from the start."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    timers: list[threading.Timer] = []

    def press(after_s: float) -> None:
        timers.append(threading.Timer(after_s, lambda: os.kill(os.getpid(), signal.SIGINT)))
        timers[-1].start()

    try:
        yield press
    finally:
        for timer in timers:
            timer.join()
        signal.signal(signal.SIGINT, before)
