"""Writes pilot_positions.csv and pilot_sequences.csv from two packages that are none of ours.

pip install py3gpp; pip install --no-deps sionna

Positions come from the table in sionna's PUSCH configuration (single-symbol pilots, mapping type A), read without importing the
package; sequences from py3gpp's generator of pseudo-random bits and its initial value.
"""

import ast
import csv
import importlib.util
import pathlib
import types

from py3gpp.nrPDSCHDMRS import PDSCHDMRScinit
from py3gpp.nrPRBS import nrPRBS

HERE = pathlib.Path(__file__).parent


def table():
    """Returns sionna's function from (length, first symbol, additional) to the symbols of pilots."""
    folder = pathlib.Path(importlib.util.find_spec("sionna").origin).parent
    tree = ast.parse((folder / "phy/nr/pusch_config.py").read_text())
    (found,) = [n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "l_bar"]
    found.decorator_list, found.returns = [], None
    space = {}
    exec(compile(ast.Module([found], []), "l_bar", "exec"), space)

    def positions(length, first, additional):
        pilots = types.SimpleNamespace(length=1, additional_position=additional)
        return space["l_bar"](types.SimpleNamespace(l_0=first, l_d=length, mapping_type="A", dmrs=pilots))

    return positions


positions = table()
with open(HERE / "pilot_positions.csv", "w", newline="") as file:
    file.write("# TS 38.211 table 6.4.1.1.3-3, mapping type A, first pilot symbol 2, as sionna has it; see generate.py.\n")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["symbols", "additional", "positions"])
    for length in range(4, 15):
        for additional in range(4):
            rows.writerow([length, additional, " ".join(map(str, positions(length, 2, additional)))])

with open(HERE / "pilot_sequences.csv", "w", newline="") as file:
    file.write("# Bits of the pilots' pseudo-random sequence, TS 38.211 clause 7.4.1.1.1, as py3gpp has them; see generate.py.\n")
    rows = csv.writer(file, lineterminator="\n")
    rows.writerow(["slot", "symbol", "identity", "second", "bits"])
    for slot, symbol, identity, second in [(0, 2, 0, 0), (1, 2, 1, 1), (7, 11, 500, 0), (19, 2, 1007, 1), (159, 11, 65535, 1)]:
        initial = PDSCHDMRScinit(14, slot, symbol, identity, second) % 2**31
        bits = "".join(str(int(bit)) for bit in nrPRBS(initial, 600))
        rows.writerow([slot, symbol, identity, second, bits])
