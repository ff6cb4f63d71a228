"""The quick start runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import airloop


def test_the_quick_start_runs(capsys):
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    assert blocks
    for block in blocks:
        exec(compile(block, "README.md", "exec"), {"__name__": "readme"})
    printed = capsys.readouterr().out
    assert re.search(r"NMSE 0\.\d+ in \d+\.\d+ ms", printed) and "waveform" in printed


def test_every_public_name_says_what_it_is():
    assert all(getattr(airloop, name).__doc__ for name in airloop.__all__ if name != "__version__")
