"""What is said where PyTorch is not installed."""

from __future__ import annotations

import subprocess
import sys

#: An import of torch fails as it does where nothing is installed, in a fresh interpreter.
PROGRAM = """
import sys
class Nothing:
    def find_spec(self, name, path=None, target=None):
        if name == "torch" or name.startswith("torch."):
            raise ModuleNotFoundError("No module named 'torch'", name="torch")
sys.meta_path.insert(0, Nothing())
import airloop
assert "torch" not in sys.modules and "airloop.torch" not in sys.modules
try:
    import airloop.torch
except airloop.MissingDependencyError as error:
    assert isinstance(error, ImportError)
    print(error)
"""


def test_the_import_says_what_to_install() -> None:
    said = subprocess.run([sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=True).stdout
    assert "airloop.torch needs PyTorch" in said and "pip install torch" in said and "No module named 'torch'" in said
