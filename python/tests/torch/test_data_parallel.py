"""The air as the all-reduce, over two processes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

RANKS = 2


@pytest.fixture(scope="module")
def ranks(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("ranks")
    script = Path(__file__).with_name("ranks.py")
    started = [subprocess.Popen([sys.executable, str(script), str(rank), str(RANKS), str(folder)]) for rank in range(RANKS)]
    try:
        assert [process.wait(timeout=120) for process in started] == [0] * RANKS
    finally:
        for process in started:
            process.kill()
    return [torch.load(folder / f"{rank}.pt") for rank in range(RANKS)]


def test_an_ideal_channel_averages_as_ddp_does(ranks: list[dict[str, Any]]) -> None:
    # Each step rounds what is sent to single precision, relative to the largest rms of a rank: 2^-24 sqrt(2) or so of the rms;
    # 1e-6 is eight of them, and leaves room for three steps of training apart.
    for rank in ranks:
        for plain, ideal in zip(rank["plain"][0], rank["ideal"][0], strict=True):
            assert 0 < float((ideal - plain).norm() / plain.norm()) < 1e-6


def test_all_ranks_get_the_same_bytes(ranks: list[dict[str, Any]]) -> None:
    for name in ("ideal", "noisy", "silent"):
        first, second = (rank[name] for rank in ranks)
        assert all(torch.equal(a, b) for a, b in zip(first[0], second[0], strict=True)) and first[1] == second[1]


def test_a_noisy_channel_shows_and_every_bucket_is_a_round(ranks: list[dict[str, Any]]) -> None:
    gradients, errors = ranks[0]["noisy"]
    assert float((gradients[0] - ranks[0]["plain"][0][0]).norm() / gradients[0].norm()) > 0.05
    assert len(errors) >= 5 and all(error > 1e-3 for error in errors)


def test_silence_is_averaged_too(ranks: list[dict[str, Any]]) -> None:
    for gradient in ranks[0]["silent"][0]:
        assert torch.equal(gradient, torch.zeros_like(gradient))
