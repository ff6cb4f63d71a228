"""Writes the reference vectors of the coding chain from two independent implementations.

    python3 -m venv venv
    venv/bin/pip install tensorflow-cpu==2.19.1 py3gpp==0.6.0 scipy==1.17.1 numpy==2.1.3 matplotlib h5py importlib_resources
    venv/bin/pip install --no-deps sionna-no-rt==1.2.2
    venv/bin/python make_vectors.py

Inputs are bits of a linear congruential generator:  x <- (1664525 x + 1013904223) mod 2^32,  bit = x >> 31,  x = seed at
first. Outputs are kept as the CRC-32 (zlib) of their bits, a byte a bit.

Where the implementations depart from the standard, the step is done here from their parts:

- py3gpp 0.6.0 nrLDPCEncode takes the set of lifting sizes from 10 Z instead of Z, which is wrong for base graph 2 whenever
  fewer than 10 columns are filled (TS 38.212 5.2.2 and table 5.3.2-1). Its encoder is called with the right set.
- py3gpp nrRateMatchLDPC knows neither limited buffers, nor several layers, nor 1024-QAM. Its selection and interleaving
  of one block are called with the buffer, the begin and the share of each block of TS 38.212 5.4.2.1.
- py3gpp nrTBS rounds ties to even; TS 38.214 5.1.3.2 breaks them towards the next largest integer.
- sionna-no-rt 1.2.2 TBEncoder chooses the base graph by the size and rate of the code block instead of those of the
  transport block and the MCS (TS 38.212 7.2.2): only transport blocks where both choices agree are taken.
"""

import csv
import math
import random
import sys
import zlib
from pathlib import Path

import numpy as np
import py3gpp
from py3gpp.nrDLSCHInfo import getZarray

RATE_MATCH = sys.modules["py3gpp.nrRateMatchLDPC"]
ENCODE = sys.modules["py3gpp.nrLDPCEncode"]
TBS = sys.modules["py3gpp.nrTBS"]
HERE = Path(__file__).parent
FACTORS = {1: (0, 17, 33, 56), 2: (0, 13, 25, 43)}
MODULATIONS = {1: "pi/2-BPSK", 2: "QPSK", 4: "16QAM", 6: "64QAM", 8: "256QAM", 10: "1024QAM"}


def bits(seed, count):
    out, x = np.empty(count, dtype=np.uint8), seed
    for i in range(count):
        x = (1664525 * x + 1013904223) % 2**32
        out[i] = x >> 31
    return out


def checksum(values):
    return f"{zlib.crc32(np.asarray(values, dtype=np.uint8).tobytes()):08x}"


def encode_block(block, graph):
    """A code word without its first two columns, fillers as -1."""
    z = len(block) // (22 if graph == 1 else 10)
    index = next(i for i, sizes in enumerate(getZarray()) if z in sizes)
    word = ENCODE._encode_thangaraj(ENCODE._load_basegraph(index, graph), z, np.where(block < 0, 0, block))
    word = word.astype(int)
    word[: len(block)][block < 0] = -1
    return word[2 * z :], z


def chain(case):
    """py3gpp's parts, one after another."""
    tb = bits(case["seed"], case["bits"])
    info = py3gpp.nrDLSCHInfo(case["bits"], case["code_rate"])
    graph, blocks = info["BGN"], info["C"]
    segmented = py3gpp.nrCodeBlockSegmentLDPC(py3gpp.nrCRCEncode(tb, info["CRC"])[:, 0], graph)
    unit, order = case["modulation_order"] * case["layers"], case["modulation_order"]
    coded = []
    for r in range(blocks):
        word, z = encode_block(segmented[:, r], graph)
        size = len(word)
        if case["limited_buffer_bits"]:
            size = min(size, math.floor(case["limited_buffer_bits"] * 3 / (2 * blocks)))
        begin = FACTORS[graph][case["redundancy_version"]] * size // len(word) * z
        share = case["coded_bits"] // unit
        more = r > blocks - share % blocks - 1
        selected = unit * (-(-share // blocks) if more else share // blocks)
        coded.append(RATE_MATCH._rateMatch(word[:size], selected, begin, size, order))
    coded = np.concatenate(coded).astype(np.uint8)
    assert len(coded) == case["coded_bits"]
    initial = case["rnti"] * 2**15 + case["codeword"] * 2**14 + case["identity"]
    return coded ^ py3gpp.nrPRBS(initial, len(coded)).astype(np.uint8)


def sionna_chain(case):
    from sionna.phy.nr import TBEncoder

    encoder = TBEncoder(
        target_tb_size=case["bits"], num_coded_bits=case["coded_bits"], target_coderate=case["code_rate"],
        num_bits_per_symbol=case["modulation_order"], num_layers=case["layers"], n_rnti=case["rnti"],
        n_id=case["identity"], channel_type="PDSCH", codeword_index=case["codeword"])
    assert encoder.k_padding == 0
    info = py3gpp.nrDLSCHInfo(case["bits"], case["code_rate"])
    assert encoder.num_cbs == info["C"] and encoder.ldpc_encoder._bg == f"bg{info['BGN']}"
    return encoder(bits(case["seed"], case["bits"])[None, :].astype(np.float32)).numpy()[0].astype(np.uint8)


def block_size(modulation_order, layers, blocks, elements, rate, scaling=1):
    return py3gpp.nrTBS(MODULATIONS[modulation_order], layers, blocks, elements, rate, 0, scaling)


def write(name, note, columns, rows):
    with open(HERE / name, "w", newline="\n") as file:
        file.write(f"# {note} Made by make_vectors.py.\n")
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(rows)


def transport_blocks():
    """Cases of every base graph, filled columns, number of blocks, redundancy version, order and layers."""
    draw = random.Random(38212)
    # Sizes of TS 38.214 with rates that lead to each base graph; both ends of each range of filled columns.
    sizes = [(24, 0.3), (176, 0.5), (184, 0.12), (208, 0.6), (544, 0.4), (552, 0.66), (624, 0.33), (640, 0.5),
             (848, 0.45), (1928, 0.2), (3824, 0.6), (3824, 0.67), (3824, 0.68), (320, 0.75), (984, 0.9),
             (3840, 0.5), (6272, 0.25), (8424, 0.8), (9992, 0.6), (16896, 0.7), (19464, 0.93), (11784, 0.12), (25104, 0.55)]
    cases = []
    for number, (size, rate) in enumerate(sizes):
        for version in range(4):
            for order in draw.sample([1, 2, 4, 6, 8, 10], 2):
                layers = draw.randint(1, 4)
                effective = draw.choice([rate, rate * 0.8, 0.15, 0.9])
                blocks = py3gpp.nrDLSCHInfo(size, rate)["C"]
                points = max(blocks, round(size / effective / order / layers))
                cases.append({
                    "bits": size, "code_rate": rate, "limited_buffer_bits": 0, "coded_bits": points * order * layers,
                    "modulation_order": order, "layers": layers, "redundancy_version": version,
                    "rnti": draw.randrange(65536), "codeword": draw.randrange(2), "identity": draw.randrange(1024),
                    "seed": draw.randrange(2**32)})
                if order in (2, 6, 10):
                    limit = draw.choice([size, size * 5 // 4, size * 2])
                    cases.append(cases[-1] | {"limited_buffer_bits": limit, "seed": draw.randrange(2**32)})
    return cases


def main():
    cases = transport_blocks()
    columns = ["source", *cases[0], "crc32"]
    rows = [["py3gpp", *case.values(), checksum(chain(case))] for case in cases]
    for case in cases:
        known = case["redundancy_version"] == 0 and not case["limited_buffer_bits"] and case["code_rate"] <= 948 / 1024
        try:
            value = known and checksum(sionna_chain(case))
        except (AssertionError, ValueError):
            continue
        if value:
            assert value == checksum(chain(case)), case
            rows.append(["sionna", *case.values(), value])
    print(len(rows), "transport blocks,", sum(row[0] == "sionna" for row in rows), "of them Sionna's")
    write("transport_blocks.csv", "Scrambled coded bits of transport blocks.", columns, rows)

    from sionna.phy.fec.ldpc import LDPC5GEncoder

    rows = []
    for number, (k, n, order) in enumerate([
            (12, 20, 1), (12, 60, 2), (50, 100, 4), (100, 110, 2), (192, 384, 6), (193, 576, 1), (292, 308, 4), (293, 600, 8),
            (293, 320, 10), (560, 1120, 1), (561, 1500, 6), (640, 3200, 2), (641, 2048, 4), (1024, 2048, 2), (2000, 2200, 8),
            (3824, 5712, 6), (3825, 5712, 1), (3840, 19200, 8), (3841, 8000, 10), (4224, 8448, 2), (6000, 6320, 4),
            (8448, 25344, 6), (8448, 8894, 2)]):
        word = LDPC5GEncoder(k, n, num_bits_per_symbol=order)(bits(7 + number, k)[None, :].astype(np.float32)).numpy()[0]
        rows.append([k, n, order, 7 + number, checksum(word)])
    write("block_codes.csv", "Words of sionna.phy.fec.ldpc.LDPC5GEncoder(k, n, num_bits_per_symbol).",
          ["k", "n", "modulation_order", "seed", "crc32"], rows)

    table = HERE.parent.parent / "src" / "data" / "ts38214_mcs.csv"
    schemes = list(csv.DictReader(line for line in open(table) if not line.startswith("#")))
    rows, ties = [], 0
    for scheme in schemes:
        order, rate = int(scheme["modulation_order"]), float(scheme["code_rate_x1024"]) / 1024
        values = []
        for layers in (1, 2, 3, 4):
            for elements in (12, 36, 60, 96, 108, 120, 132, 144, 156, 168):
                for blocks in range(1, 276):
                    scaling = (1, 1, 0.5, 0.25)[blocks % 4]
                    TBS.round = round
                    even = block_size(order, layers, blocks, elements, rate, scaling)
                    TBS.round = lambda x: math.floor(x + 0.5)
                    values.append(block_size(order, layers, blocks, elements, rate, scaling))
                    ties += values[-1] != even
        rows.append([scheme["table"], scheme["mcs"], f"{zlib.crc32(np.asarray(values, dtype='<u4').tobytes()):08x}"])
    print(len(values) * len(rows), "transport block sizes;", ties, "differ by the rounding of ties")
    write("transport_block_sizes.csv",
          "CRC-32 of sizes as little-endian 32-bit words: layers 1 to 4, elements 12 36 60 96 108 120 132 144 156 168, "
          "resource blocks 1 to 275, scaling 1, 1, 0.5, 0.25 of the blocks modulo 4, the last varying fastest.",
          ["table", "mcs", "crc32"], rows)


main()
