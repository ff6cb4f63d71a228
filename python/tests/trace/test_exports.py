"""Exports, read by what knows their formats and nothing of airloop."""

from __future__ import annotations

import numpy as np
import pytest

#: Bytes of a delivery opportunity of Mahimahi.
PACKET_BYTES = 1500


def opportunities_ms(path) -> np.ndarray:
    """Return the milliseconds of a packet delivery trace, which `mm-link` takes if they never descend and the last is above 0."""
    lines = path.read_text().split("\n")
    assert lines[-1] == "" and all(line.isdecimal() for line in lines[:-1])
    times_ms = np.array([int(line) for line in lines[:-1]])
    assert (np.diff(times_ms) >= 0).all() and times_ms[-1] > 0
    return times_ms


def test_mahimahi_opportunities_have_the_rates_of_the_trace(trace, tmp_path):
    trace.export("mahimahi", tmp_path / "mm")
    assert {file.name for file in (tmp_path / "mm").iterdir()} == {f"device-{k}-{way}.trace" for k in (0, 1) for way in ("ul", "dl")}
    for device in (0, 1):
        for way in ("ul", "dl"):
            times_ms = opportunities_ms(tmp_path / "mm" / f"device-{device}-{way}.trace")
            rows = (trace["device"] == device) & (trace["direction"] == way)
            start_s, rate_bps = trace["t_start_s"][rows], trace["rate_bps"][rows]
            # A rate holds until the next row of the link, the last one as long as the one before it.
            hold_s = np.diff(start_s)
            hold_s = np.append(hold_s, hold_s[-1])
            carried_bytes = np.concatenate([[0], np.cumsum(rate_bps * hold_s / 8)])
            for at_s, at_bytes in zip(np.append(start_s, start_s[-1] + hold_s[-1]), carried_bytes):
                packets = (times_ms < at_s * 1e3).sum()
                # Opportunities stand at whole milliseconds, rounded up: those of the last one may be behind.
                late = rate_bps.max() * 1e-3 / 8 / PACKET_BYTES
                assert -1e-6 <= at_bytes / PACKET_BYTES - packets <= 1 + late + 1e-6, (device, way, at_s)
            mean_bps = len(times_ms) * PACKET_BYTES * 8 / hold_s.sum()
            assert mean_bps == pytest.approx((rate_bps * hold_s).sum() / hold_s.sum(), abs=PACKET_BYTES * 8 / hold_s.sum())


#: The columns that 5G-LENA writes.
LENA = "Time direction frame subF slot 1stSym nSymbol cellId bwpId rnti tbSize mcs rank rv SINR(dB) CQI corrupt TBler".split()


def test_pandas_reads_the_packet_trace_of_5g_lena(trace, tmp_path, package):
    pandas = package("pandas")
    trace.export("5g-lena", tmp_path / "RxPacketTrace.txt")
    trace.export("rx-packet-trace", tmp_path / "same.txt")
    assert (tmp_path / "same.txt").read_bytes() == (tmp_path / "RxPacketTrace.txt").read_bytes()
    packets = pandas.read_csv(tmp_path / "RxPacketTrace.txt", sep="\t")
    assert list(packets.columns) == LENA and len(packets) == len(trace)
    np.testing.assert_array_equal(packets["tbSize"], trace["bytes_offered"])
    np.testing.assert_array_equal(packets["direction"].str.lower(), trace["direction"])
    np.testing.assert_array_equal(packets["rnti"], trace["device"].astype(int) + 1)
    np.testing.assert_allclose(packets["Time"], trace["t_start_s"] + trace["latency_s"], rtol=1e-12)
    np.testing.assert_allclose(packets["SINR(dB)"], trace["sinr_eff_db"], rtol=1e-12)
    np.testing.assert_allclose(packets["TBler"], trace["tbler"], rtol=1e-12)
    np.testing.assert_array_equal(packets["corrupt"] == 1, trace["bytes_delivered"] < trace["bytes_offered"])
    assert set(packets["corrupt"]) == {0, 1}
    # Frames of 10 ms, subframes of 1 ms, and slots within them.
    slot_s = 1e-3 / (packets["slot"].max() + 1)
    begin_s = packets["frame"] * 1e-2 + packets["subF"] * 1e-3 + packets["slot"] * slot_s
    assert ((packets["Time"] - begin_s).between(-1e-9, slot_s + 1e-9)).all()


def test_round_link_has_the_rates_and_losses_of_both_directions(trace, tmp_path):
    trace.export("round-link", tmp_path / "round_link.csv")
    table = np.genfromtxt(tmp_path / "round_link.csv", delimiter=",", names=True)
    assert table.dtype.names == ("round", "device", "ul_bps", "dl_bps", "ul_loss", "dl_loss")
    for way, stage in [("ul", "act"), ("dl", "grad")]:
        np.testing.assert_allclose(table[f"{way}_bps"].reshape(40, 2), trace.rates_bps(way), rtol=1e-12)
        lost = 1 - trace.grid("bytes_delivered", way, stage) / trace.grid("bytes_offered", way, stage)
        np.testing.assert_allclose(table[f"{way}_loss"].reshape(40, 2), lost, atol=1e-12)
