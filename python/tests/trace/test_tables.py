"""Traces as tables of pyarrow, pandas and polars: the columns, units and values of the CSV."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

import airloop


def cells(row: dict[str, str], kinds: dict[str, type]) -> dict[str, object]:
    """Return a CSV's row as Python's values; `None` where a cell is empty."""
    return {name: kinds[name](cell) if cell else None for name, cell in row.items()}


def test_parquet_holds_what_the_csv_does(trace, saved, rows_of, tmp_path, package):
    parquet = package("pyarrow.parquet")
    path = tmp_path / "trace.parquet"
    trace.to_parquet(path)
    table, rows = parquet.read_table(path), rows_of(saved)
    assert table.column_names == list(rows[0])
    kinds = {field.name: str if "string" in str(field.type) else float for field in table.schema}
    found = [{name: kinds[name](cell) if cell is not None else None for name, cell in row.items()} for row in table.to_pylist()]
    assert found == [cells(row, kinds) for row in rows]
    assert table["calib_id"].null_count == len(rows) and table["harq_tx"].null_count == 0
    units = {field.name: (field.metadata or {}).get(b"unit", b"").decode() for field in table.schema}
    assert units == trace.units and units["t_start_s"] == "s" and units["snr_db"] == "dB" and units["bytes_offered"] == "byte"
    assert str(table.schema.field("rank").type) == "uint8" and str(table.schema.field("rate_bps").type) == "double"


def test_parquet_reads_back_as_the_same_trace(trace, saved, tmp_path, package):
    package("pyarrow")
    trace.to_parquet(tmp_path / "trace.parquet")
    airloop.Trace.from_parquet(tmp_path / "trace.parquet").save(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == saved.read_bytes()


def test_parquet_of_pandas_and_polars_is_read(trace, saved, tmp_path, package):
    """Other programs make real numbers of columns with gaps, and plain strings or 64-bit codes of words."""
    package("pyarrow")
    pandas = package("pandas")
    path = tmp_path / "other.parquet"
    frame = pandas.read_csv(saved, float_precision="round_trip", dtype={"run_id": str, "peer": str})
    frame.to_parquet(path)
    airloop.Trace.from_parquet(path).save(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == saved.read_bytes()
    trace.to_pandas().to_parquet(path)
    airloop.Trace.from_parquet(path).save(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == saved.read_bytes()


def test_pandas_has_the_values_of_its_own_reading(trace, saved, package):
    pandas = package("pandas")
    ours, theirs = trace.to_pandas(), pandas.read_csv(saved, float_precision="round_trip", dtype={"run_id": str, "peer": str})
    assert list(ours.columns) == list(theirs.columns)
    for name in ours.columns:
        if isinstance(ours[name].dtype, pandas.CategoricalDtype):
            assert (
                ours[name].astype(object).where(ours[name].notna(), None).tolist()
                == theirs[name].astype(object).where(theirs[name].notna(), None).tolist()
            ), name
        else:
            np.testing.assert_array_equal(ours[name].to_numpy(), theirs[name].to_numpy(), name)
    mean = ours.groupby(["direction", "device"], observed=True)["rate_bps"].mean()
    assert mean["ul", 1] == pytest.approx(trace.rates_bps("ul")[:, 1].mean(), rel=1e-12)


def test_polars_has_the_values_of_its_own_reading(trace, saved, tmp_path, package):
    package("pyarrow")
    polars = package("polars")
    ours, theirs = trace.to_polars(), polars.read_csv(saved, schema_overrides={"run_id": polars.String, "peer": polars.String})
    assert ours.columns == theirs.columns
    for name in ours.columns:
        kind = polars.String if theirs[name].dtype == polars.String else polars.Float64
        assert ours[name].cast(kind).to_list() == theirs[name].cast(kind).to_list(), name
    ours.write_parquet(tmp_path / "polars.parquet")
    airloop.Trace.from_parquet(tmp_path / "polars.parquet").save(tmp_path / "again.csv")
    assert (tmp_path / "again.csv").read_bytes() == saved.read_bytes()


def test_wrong_parquet_is_refused_by_row_and_column(trace, tmp_path, package):
    pa = package("pyarrow")
    from pyarrow import parquet

    table, path = trace.to_arrow(), tmp_path / "wrong.parquet"

    def refused(wrong, words):
        parquet.write_table(wrong, path)
        with pytest.raises(airloop.ConfigError, match=words):
            airloop.Trace.from_parquet(path)

    def with_column(name, values):
        return table.set_column(table.column_names.index(name), name, pa.array(values))

    rates = trace["rate_bps"].tolist()
    refused(table.drop_columns(["outage"]), r"wrong\.parquet: there is no column \"outage\"")
    refused(table.append_column("speed", pa.array(rates)), r"a column \"speed\"")
    refused(with_column("rate_bps", [*rates[:-1], None]), r"wrong\.parquet:160: rate_bps is empty")
    refused(with_column("rate_bps", [float("inf"), *rates[1:]]), r"wrong\.parquet:1: rate_bps is inf")
    refused(with_column("device", [-1] * len(rates)), r"wrong\.parquet:1: device is -1")
    refused(with_column("stage", ["guess"] * len(rates)), r"wrong\.parquet:1: stage is \"guess\"; one of act")
    refused(with_column("rate_bps", [[1.0]] * len(rates)), r"rate_bps holds list")
    path.write_bytes(b"PAR?")
    for place in [path, tmp_path / "none.parquet"]:
        with pytest.raises(airloop.ConfigError, match="cannot read the trace"):
            airloop.Trace.from_parquet(place)


#: Imports of optional packages fail as they do where nothing is installed, in a fresh interpreter.
PROGRAM = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in ("pyarrow", "pandas", "polars"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Nothing())
import airloop
trace = airloop.Trace.load(sys.argv[1])
assert len(trace.columns) == 35
calls = [trace.to_pandas, trace.to_polars, trace.to_arrow]
calls += [lambda: trace.to_parquet("t.parquet"), lambda: airloop.Trace.from_parquet("t.parquet")]
for call in calls:
    try:
        call()
    except airloop.MissingDependencyError as error:
        print(error)
"""


def test_what_to_install_is_said(saved):
    said = subprocess.run([sys.executable, "-c", PROGRAM, saved], capture_output=True, text=True, check=True).stdout.splitlines()
    starts = ["to_pandas needs pandas", "to_polars needs polars", "to_arrow needs pyarrow", "to_parquet needs pyarrow"]
    expected = [f"Trace.{start}" for start in [*starts, "from_parquet needs pyarrow"]]
    assert [line.split(",")[0] for line in said] == expected and all("pip install p" in line for line in said)
