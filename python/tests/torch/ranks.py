"""One rank of data-parallel training: `ranks.py RANK RANKS FOLDER`; leaves the gradients it has seen in FOLDER/RANK.pt."""

from __future__ import annotations

import sys
from pathlib import Path

import torch
import torch.distributed as dist
from torch import nn
from torch.nn.parallel import DistributedDataParallel
from torch_experiments import experiment

from airloop.torch import AirCompState, aircomp_hook

AIRS = {
    "plain": None,
    "ideal": experiment("awgn", snr_db=150.0),
    "noisy": experiment("tdl-a", snr_db=10.0, channel={"delay_spread_s": 100e-9, "speed_m_s": 3.0}),
}


def gradients(air: dict[str, object] | None, rank: int, factor: float = 1.0) -> tuple[list[torch.Tensor], list[float | None]]:
    """Train three steps; return the gradients of each and the normalised errors of all buckets."""
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(30, 800), nn.ReLU(), nn.Linear(800, 400), nn.ReLU(), nn.Linear(400, 3))
    model = DistributedDataParallel(net, bucket_cap_mb=0.05)  # The first bucket holds 1 MB, the second the rest.
    state = AirCompState(air) if air is not None else None
    if state is not None:
        model.register_comm_hook(state, aircomp_hook)
    optimiser = torch.optim.SGD(net.parameters(), lr=0.1)
    generator, seen = torch.Generator().manual_seed(rank), []
    for _ in range(3):
        optimiser.zero_grad()
        loss = factor * model(torch.randn(20, 30, generator=generator)).square().mean()
        loss.backward()
        seen.append(torch.cat([p.grad.reshape(-1) for p in net.parameters()]))
        optimiser.step()
    return seen, [report.nmse for report in state.reports] if state is not None else []


def main() -> None:
    """Run one rank."""
    rank, ranks, folder = int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder / 'store'}", rank=rank, world_size=ranks)
    results = {name: gradients(air, rank) for name, air in AIRS.items()}
    results["silent"] = gradients(AIRS["noisy"], rank, factor=0.0)
    dist.barrier()
    dist.destroy_process_group()
    torch.save(results, folder / f"{rank}.pt")


if __name__ == "__main__":
    main()
