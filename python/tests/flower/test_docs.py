"""The page on Flower runs as it is printed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

import airloop.flower

PAGE = Path(__file__).parents[3] / "docs" / "python-flower.md"


@pytest.mark.skipif(find_spec("ray") is None, reason="simulations need Ray: pip install 'flwr[simulation]'")
def test_the_page_runs(tmp_path: Path) -> None:
    blocks = re.findall(r"^```python\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    program = tmp_path / "page.py"
    program.write_text("\n".join(blocks), encoding="utf-8")
    quiet = {**os.environ, "FLWR_TELEMETRY_ENABLED": "0", "RAY_USAGE_STATS_ENABLED": "0"}
    said = subprocess.run([sys.executable, "-W", "ignore", str(program)], capture_output=True, text=True, timeout=300, env=quiet)
    assert said.returncode == 0, said.stderr[-2000:]
    rounds = re.findall(r"^round (\d): NMSE (0\.\d{4}), (\d\.\d\de-\d\d) s, (\d\.\d\de-\d\d) J$", said.stdout, re.MULTILINE)
    assert [number for number, *_ in rounds] == ["1", "2", "3"], said.stdout
    assert float(rounds[2][2]) == pytest.approx(3 * float(rounds[0][2]), rel=0.02)
    distance = re.search(r"^distance (\d\.\d{3})$", said.stdout, re.MULTILINE)
    # Without training the distance would be that of the start, |truth| = 4.16.
    assert distance is not None and float(distance[1]) < 1.0, said.stdout


def test_every_public_name_says_what_it_is_and_stands_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in airloop.flower.__all__:
        assert getattr(airloop.flower, name).__doc__
        assert f"## {name}" in text, name
