"""Experiments: what Python prints is what the command line prints."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest

import airloop

EXPERIMENTS = Path(__file__).parents[2] / "experiments"


@pytest.fixture(scope="session")
def airloop_command() -> str:
    """The command-line program, named by AIRLOOP or found on the path."""
    found = os.environ.get("AIRLOOP") or shutil.which("airloop")
    if not found:
        pytest.skip("the airloop command is not built; AIRLOOP names it")
    return found


def stdout(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


@pytest.mark.parametrize("fidelity", ["theory", "symbol", "waveform"])
def test_a_run_gives_the_bytes_of_the_command_line(airloop_command, fidelity):
    file, few = EXPERIMENTS / "quickstart.toml", "stop={trials=20}"
    expected = stdout(airloop_command, "run", str(file), "--fidelity", fidelity, "--json", "--set", few)
    report = airloop.Experiment.load(file, set=[few]).run(fidelity)
    assert report.to_json() + "\n" == expected


def test_a_ladder_gives_the_lines_of_the_command_line(airloop_command):
    file = EXPERIMENTS / "quickstart.toml"
    lines = stdout(airloop_command, "ladder", str(file)).splitlines()
    ladders = airloop.Experiment.load(file).ladder()
    assert all(ladder.holds for ladder in ladders) and ladders
    found = [line for ladder in ladders for line in str(ladder).splitlines()]
    assert found == [line for line in lines if line.startswith(("  law", "  effect"))]


def test_a_dictionary_is_the_file_that_it_would_be(config):
    config["payload"] = {"source": "gaussian", "devices": 4, "length": 200}
    config["stop"] = {"trials": 3}
    text = """
        seed = 3
        payload = { source = "gaussian", devices = 4, length = 200 }
        stop = { trials = 3 }
        channel = { model = "rayleigh" }
        link = { snr_db = 15.0 }
        scheme = { kind = "truncated-inversion", threshold = 0.1 }
        [ofdm]
        numerology = "custom"
        sample_rate_hz = 1.92e6
        fft_size = 64
        cyclic_prefix_samples = 16
        used_subcarriers = 48
    """
    config["link"]["snr_db"] = np.float64(15.0)
    config["payload"]["devices"] = np.int64(4)
    of_dict = airloop.Experiment.from_dict(config).run("symbol")
    assert of_dict.to_json() == airloop.Experiment(text).run("symbol").to_json()
    assert of_dict.to_dict()["metrics"]["nmse"]["mean"] == of_dict.nmse
    assert "nmse" in dir(of_dict) and repr(of_dict).startswith("Report(truncated-inversion, symbol, nmse=")
    with pytest.raises(AttributeError, match="no nmes"):
        getattr(of_dict, "nmes")  # noqa: B009


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"link": {"snr": 10}}, "link.snr"),
        ({"link": {"snr_db": "loud"}}, "link.snr_db"),
        ({"link": {"snr_db": {1, 2}}}, "a set is no value"),
        ({"seed": 2**70}, "too large"),
        ({3: 4}, "keys are strings"),
        ({"channel": None}, "channel"),
    ],
)
def test_wrong_tables_are_named(config, change, words):
    config["payload"] = {"source": "gaussian", "devices": 4, "length": 200}
    with pytest.raises(airloop.ConfigError, match=words):
        airloop.Experiment.from_dict(config | change).run("symbol")


def test_wrong_files_and_things_are_named(tmp_path):
    with pytest.raises(airloop.ConfigError, match="missing.toml"):
        airloop.Experiment.load(tmp_path / "missing.toml")
    with pytest.raises(airloop.ConfigError, match="a float is no experiment"):
        airloop.Air(3.0)
    with pytest.raises(ValueError, match="<text>:1:7: not valid TOML"):
        airloop.Experiment("link =\n")
