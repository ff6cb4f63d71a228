"""A real simulation: nodes in processes of their own, and the strategy alone is swapped."""

from __future__ import annotations

import json
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytestmark = pytest.mark.skipif(find_spec("ray") is None, reason="simulations need Ray: pip install 'flwr[simulation]'")


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """Weights and metrics by strategy."""
    program = Path(__file__).parent / "federation.py"
    said = subprocess.run([sys.executable, "-W", "ignore", str(program)], capture_output=True, text=True, timeout=300)
    assert said.returncode == 0, said.stderr[-2000:]
    return json.loads(said.stdout.splitlines()[-1])


def test_an_ideal_air_trains_the_weights_of_fedavg(found: dict[str, Any]) -> None:
    stock, ideal = found["stock"], found["ideal"]
    np.testing.assert_allclose(ideal["weights"], stock["weights"], rtol=0.0, atol=1e-6)
    assert np.linalg.norm(stock["weights"]) > 1.0
    assert len(stock["train"]) == len(ideal["train"]) == len(stock["evaluate"]) == len(ideal["evaluate"]) == 2
    for expected, metrics in zip(stock["train"], ideal["train"]):
        assert metrics["loss"] == pytest.approx(expected["loss"], rel=1e-4)
    for expected, metrics in zip(stock["evaluate"], ideal["evaluate"]):
        assert metrics["loss"] == pytest.approx(expected["loss"], rel=1e-4)


def test_a_noisy_air_says_what_rounds_took(found: dict[str, Any]) -> None:
    totals_s = [metrics["air.airtime_total_s"] for metrics in found["noisy"]["train"]]
    assert totals_s == pytest.approx(np.cumsum([metrics["air.airtime_s"] for metrics in found["noisy"]["train"]]))
    for metrics in found["noisy"]["train"]:
        assert metrics["air.devices"] == 4 and 0.0 < metrics["air.active_fraction"] <= 1.0
        assert metrics["air.nmse"] > 1e-4 and metrics["air.energy_j"] > 0.0 and metrics["air.energy_total_j"] > 0.0
    assert not np.allclose(found["noisy"]["weights"], found["stock"]["weights"], atol=1e-4)


def test_the_same_seed_trains_the_same_bytes(found: dict[str, Any]) -> None:
    assert found["again"]["weights"] == found["noisy"]["weights"]
    assert found["again"]["train"] == found["noisy"]["train"]
    assert found["other"]["weights"] != found["noisy"]["weights"]
