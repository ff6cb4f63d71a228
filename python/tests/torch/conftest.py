"""Links that the tests of airloop.torch share."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import pytest
from torch_experiments import experiment

_torch = find_spec("torch")
# Without PyTorch only its absence is tested; this very folder is no PyTorch, though it is found by its name.
collect_ignore_glob = [] if _torch is not None and _torch.origin is not None else ["test_[!w]*.py"]


@pytest.fixture
def fading() -> dict[str, Any]:
    """A wideband channel that moves fast enough to differ between two transmissions, under phase-only precoding."""
    return experiment("tdl-a", channel={"delay_spread_s": 500e-9, "speed_m_s": 30.0}, scheme={"kind": "phase-only"})


@pytest.fixture
def digital() -> dict[str, Any]:
    """Eight bits a value over ideal codes."""
    return experiment("awgn", scheme={"kind": "digital", "bits": 8})
