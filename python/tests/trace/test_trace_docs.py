"""The section on Python of the page on traces runs as it is printed."""

from __future__ import annotations

import os
import re
from pathlib import Path

import airloop

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs" / "trace.md"


def test_the_page_runs(capsys, monkeypatch, tmp_path, package):
    package("pandas")
    package("pyarrow")
    os.symlink(ROOT / "experiments", tmp_path / "experiments")
    monkeypatch.chdir(tmp_path)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    names = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)
    printed = capsys.readouterr().out
    assert re.search(r"^\(50, 4\) \d\.\d+ Mbit/s\n", printed) and "round 12, device 3: " in printed, printed


def test_every_public_name_says_what_it_is_and_stands_on_the_page():
    text = PAGE.read_text(encoding="utf-8")
    public = [name for name in vars(airloop.Trace) if not name.startswith("_")]
    assert len(public) > 10
    for name in public:
        assert name == "units" or getattr(airloop.Trace, name).__doc__, name
        assert name in text, name
