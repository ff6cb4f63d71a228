"""Traces from Python: recorded as the command line does, columns, links of rounds, and what goes wrong."""

from __future__ import annotations

import subprocess
from pathlib import Path

import numpy as np
import pytest

import airloop

EXPERIMENT = Path(__file__).parents[3] / "experiments" / "traces" / "split-training.toml"


def test_a_recording_has_the_bytes_of_the_command_line(airloop_command, tmp_path):
    few = "trace.rounds=3"
    trace = airloop.Trace.record(airloop.Experiment.load(EXPERIMENT, set=[few]))
    for name in ["trace.csv", "trace.jsonl"]:
        exports = [f"{kind}={tmp_path / 'cli' / kind}" for kind in ["mahimahi", "rx-packet-trace", "round-link"]]
        flags = [part for export in exports for part in ("--export", export)]
        out = tmp_path / "cli" / name
        subprocess.run([airloop_command, "trace", EXPERIMENT, "--set", few, "--out", out, *flags], check=True, capture_output=True)
        trace.save(tmp_path / name)
        assert (tmp_path / name).read_bytes() == out.read_bytes()
        for kind in ["rx-packet-trace", "round-link"]:
            trace.export(kind, tmp_path / kind)
            assert (tmp_path / kind).read_bytes() == (tmp_path / "cli" / kind).read_bytes(), kind
    trace.export("mahimahi", tmp_path / "mahimahi")
    for file in (tmp_path / "cli" / "mahimahi").iterdir():
        assert (tmp_path / "mahimahi" / file.name).read_bytes() == file.read_bytes(), file.name


def test_columns_are_those_of_the_file(trace, saved, rows_of):
    rows = rows_of(saved)
    assert list(trace.columns) == list(rows[0]) and len(trace) == len(rows) == 40 * 2 * 2
    for name, column in trace.columns.items():
        cells = [row[name] for row in rows]
        if column.dtype.kind == "U":
            assert column.tolist() == cells, name
        else:
            np.testing.assert_array_equal(column, [float(cell or "nan") for cell in cells], name)
    kinds = {"rate_bps": "f8", "round": "u8", "device": "u4", "outage": "u1", "harq_tx": "f8", "rank": "f8", "schema": "u1"}
    assert {name: trace[name].dtype for name in kinds} == {name: np.dtype(kind) for name, kind in kinds.items()}
    assert trace.units["latency_s"] == "s" and trace.units["rate_bps"] == "bit/s" and trace.units["round"] == ""


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_files_read_back_the_same(trace, tmp_path, ending):
    path = tmp_path / f"trace.{ending}"
    trace.save(path)
    again = airloop.Trace.load(path)
    again.save(tmp_path / f"again.{ending}")
    assert (tmp_path / f"again.{ending}").read_bytes() == path.read_bytes()
    assert again["rate_bps"].tobytes() == trace["rate_bps"].tobytes()


def test_links_of_rounds_are_found(trace, saved, rows_of):
    rates = trace.rates_bps("ul")
    assert rates.shape == (40, 2) and trace.rounds.tolist() == list(range(40))
    assert not np.array_equal(rates, trace.rates_bps("dl"))
    for row in rows_of(saved):
        key = int(row["round"]), int(row["device"]), row["direction"], row["stage"]
        found = trace.row(*key)
        assert list(found) == list(row)
        assert {name: "" if cell is None else str(cell) for name, cell in found.items()} == row
        grid = rates if row["direction"] == "ul" else trace.rates_bps("dl", "grad")
        assert grid[key[0], key[1]] == float(row["rate_bps"])
    assert trace.row(40, 0, "ul", "act") is None and trace.row(0, 0, "ul", "model") is None
    assert np.nansum(trace.grid("harq_tx", "ul", "act")) == trace["harq_tx"][trace["direction"] == "ul"].sum()


def test_replay_goes_round_by_round(trace):
    rounds = list(trace.replay())
    assert [number for number, _ in rounds] == list(range(40))
    together = np.concatenate([rows["t_start_s"] for _, rows in rounds])
    np.testing.assert_array_equal(together, trace["t_start_s"])
    assert len(trace.round(7)) == 4 and set(trace.round(7)["round"]) == {7} and len(trace.round(99)) == 0


def test_a_stored_trace_is_replayed_as_it_is(trace, saved):
    replayed = airloop.Trace.record({"trace": {"detail": "trace", "replay": saved}})
    assert set(replayed["source"]) == {"replay"}
    for name in set(trace.units) - {"source"}:
        np.testing.assert_array_equal(replayed[name], trace[name], name)


def test_another_seed_is_another_trace(trace, trace_config):
    again = airloop.Trace.record(trace_config)
    other = airloop.Trace.record(airloop.Experiment.from_toml(trace_config).with_changes("seed=6"))
    assert again["rate_bps"].tobytes() == trace["rate_bps"].tobytes() != other["rate_bps"].tobytes()


def test_ctrl_c_ends_a_recording(trace_config, ctrl_c):
    endless = airloop.Experiment.from_toml(trace_config).with_changes("trace.rounds=1000000000")
    ctrl_c(0.3)
    with pytest.raises(KeyboardInterrupt):
        airloop.Trace.record(endless)


def test_what_is_wrong_is_said(trace, saved, tmp_path):
    text = saved.read_text()
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(text.replace(",ul,act,", ",ul,guess,", 1))
    empty = tmp_path / "empty.csv"
    empty.write_text(text.splitlines()[0] + "\n")
    twice = tmp_path / "twice.csv"
    twice.write_text(text + text.splitlines()[-1] + "\n")
    cases = [
        (lambda: airloop.Trace.load(wrong), r"wrong\.csv:2: stage is \"guess\"; one of act"),
        (lambda: airloop.Trace.load(tmp_path / "none.csv"), r"none\.csv: cannot read the trace"),
        (lambda: airloop.Trace.load(tmp_path / "trace.xls"), r"\.csv or \.jsonl"),
        (lambda: trace.save(tmp_path / "trace.xls"), r"\.csv or \.jsonl"),
        (lambda: trace.save(tmp_path / "no" / "trace.csv"), "cannot write the trace"),
        (lambda: trace["rate"], 'no column "rate"'),
        (lambda: trace.rates_bps("up"), 'direction "up" is not known; one of ul, dl'),
        (lambda: trace.rates_bps("ul", "model"), 'no row of the trace has direction "ul" and stage "model"'),
        (lambda: trace.grid("peer", "ul", "act"), "peer holds words"),
        (lambda: trace.export("ns3", tmp_path / "x"), 'format "ns3" is not known; one of mahimahi'),
        (lambda: airloop.Trace.record({"seed": 1}), r"trace.*is missing"),
        (lambda: airloop.Trace.load(empty).rounds, "no rows"),
        (lambda: airloop.Trace.load(twice).rounds, "two rows of device"),
    ]
    for call, words in cases:
        with pytest.raises(airloop.ConfigError, match=words):
            call()
    assert len(airloop.Trace.load(empty)) == 0 and len(airloop.Trace.load(twice)) == len(trace) + 1
