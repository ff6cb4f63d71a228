"""Sweeps, their tables and figures."""

from __future__ import annotations

import os
import subprocess

import pytest

import airloop

EXPERIMENT = """
seed = 5
[payload]
source = "gaussian"
devices = 4
length = 500
[channel]
model = "rayleigh"
[link]
snr_db = 10.0
[scheme]
kind = "truncated-inversion"
threshold = 0.1
[stop]
trials = 40
[sweep]
fidelity = ["theory", "symbol"]
over = { "link.snr_db" = [0, 10, 20] }
"""


@pytest.fixture(scope="module")
def sweep():
    return airloop.Experiment.from_toml(EXPERIMENT).sweep()


@pytest.mark.skipif("AIRLOOP" not in os.environ, reason="AIRLOOP names no command line to compare with")
def test_the_table_is_that_of_the_command_line(sweep, tmp_path):
    (tmp_path / "experiment.toml").write_text(EXPERIMENT)
    command = [os.environ["AIRLOOP"], "sweep", "experiment.toml", "--out", "results"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    assert sweep.csv == (tmp_path / "results" / "table.csv").read_text()


def test_rows_have_numbers(sweep):
    by = {(row["fidelity"], row["snr_db"]): row for row in sweep.rows}
    assert set(by) == {(fidelity, snr_db) for fidelity in ("theory", "symbol") for snr_db in (0, 10, 20)}
    for snr_db in (0, 10, 20):
        theory, symbol = by["theory", snr_db], by["symbol", snr_db]
        assert symbol["nmse_low"] * 0.9 < theory["nmse"] < symbol["nmse_high"] * 1.1
    assert by["theory", 20]["vote_error_rate"] is None


def test_axes_and_rungs_can_be_given(tmp_path):
    experiment = airloop.Experiment.from_toml(EXPERIMENT)
    found = experiment.sweep({"link.snr_db": [5.0], "scheme.threshold": [0.05, 0.2]}, fidelity="theory", out=tmp_path / "results")
    assert [row["snr_db"] for row in found.rows] == [5, 5] and found.table.parent == tmp_path / "results"
    again = experiment.sweep({"link.snr_db": [5.0], "scheme.threshold": [0.05, 0.2]}, fidelity="theory", out=tmp_path / "results")
    assert again.csv == found.csv
    with pytest.raises(airloop.ConfigError, match="another experiment"):
        airloop.Experiment.from_toml(EXPERIMENT.replace("seed = 5", "seed = 6")).sweep(fidelity="theory", out=tmp_path / "results")


def test_pandas_reads_the_table(sweep):
    pandas = pytest.importorskip("pandas")
    frame = sweep.to_pandas()
    assert isinstance(frame, pandas.DataFrame) and len(frame) == 6 and frame["snr_db"].max() == 20


def test_polars_reads_the_table(sweep):
    polars = pytest.importorskip("polars")
    frame = sweep.to_polars()
    assert isinstance(frame, polars.DataFrame) and frame.height == 6 and frame["snr_db"].max() == 20


def test_notebooks_are_shown_figures(sweep, tmp_path):
    assert sweep._repr_svg_().lstrip().startswith(("<svg", "<?xml"))
    figure = sweep.figure("snr_db", "nmse", series="fidelity", y_scale="db", title="An error")
    assert "An error" in figure._repr_svg_()
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert figure.save(tmp_path / "figure.tex").exists()
    only = sweep.figure("snr_db", "nmse", filter={"fidelity": ["theory"]})._repr_svg_()
    assert "symbol" not in only


def test_what_is_wrong_is_said(sweep, tmp_path):
    with pytest.raises(airloop.ConfigError, match="snr"):
        airloop.Experiment.from_toml(EXPERIMENT).sweep({"link.snr": [1]})
    with pytest.raises(airloop.ConfigError, match="nmsee"):
        sweep.figure("snr_db", "nmsee").save(tmp_path / "figure.svg")
    with pytest.raises(airloop.ConfigError, match="colour"):
        sweep.figure("snr_db", "nmse", colour="red").save(tmp_path / "figure.svg")
    with pytest.raises(airloop.ConfigError, match="x and y are expected"):
        sweep.figure("snr_db")
    with pytest.raises(airloop.ConfigError, match="gif"):
        sweep.figure().save(tmp_path / "figure.gif")
