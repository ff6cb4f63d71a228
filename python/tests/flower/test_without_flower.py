"""What is said where Flower is not installed."""

from __future__ import annotations

import subprocess
import sys

#: An import of flwr fails as it does where nothing is installed, in a fresh interpreter.
PROGRAM = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name == "flwr" or name.startswith("flwr."):
            raise ModuleNotFoundError("No module named 'flwr'", name="flwr")
sys.meta_path.insert(0, Nothing())
import airloop
assert "flwr" not in sys.modules and "airloop.flower" not in sys.modules
try:
    import airloop.flower
except airloop.MissingDependencyError as error:
    assert isinstance(error, ImportError)
    print(error)
"""


def test_the_import_says_what_to_install() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert "airloop.flower needs Flower" in said and "pip install" in said and "No module named 'flwr'" in said
