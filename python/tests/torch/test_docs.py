"""The page on PyTorch runs as it is printed."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import torch

import airloop.torch

PAGE = Path(__file__).parents[3] / "docs" / "python-torch.md"


def test_the_page_runs(capsys: pytest.CaptureFixture[str]) -> None:
    torch.manual_seed(1)
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    names = {"__name__": "page"}
    for block in blocks:
        exec(compile(block, PAGE.name, "exec"), names)
    printed = capsys.readouterr().out
    assert re.search(r"up \d\.\d+e-\d+ s, NMSE 0\.\d+\ndown \d\.\d+e-\d+ s, NMSE 0\.\d+\n5 torch.Size", printed), printed


def test_every_public_name_says_what_it_is_and_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in airloop.torch.__all__:
        assert getattr(airloop.torch, name).__doc__
        assert name in text or name in ("slots_needed", "svd_parameters"), name
