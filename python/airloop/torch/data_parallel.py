"""Over-the-air aggregation as the all-reduce of data-parallel training.

DDP looks at the annotations of a hook: here they are the types themselves, not their names.
"""

from collections import deque
from typing import Any

import torch
import torch.distributed as dist

from .. import Air, Report
from ..errors import MissingDependencyError
from .tensors import check, to_array, to_tensor

GradBucket = dist.GradBucket if dist.is_available() else Any


class AirCompState:
    """What `aircomp_hook` keeps on each rank: an air of the same experiment and seed, and the reports of its rounds.

    Args:
        config: the experiment of the air: path, TOML, dictionary; the same on all ranks.
        fidelity: "symbol" or "waveform".
        group: process group; the default one if nothing is said.
        history: how many reports are kept.

    Attributes:
        air: the air; each bucket is a round.
        reports: of the last buckets, oldest first.

    Raises:
        MissingDependencyError: this PyTorch was built without `torch.distributed`.
    """

    def __init__(self, config: Any, fidelity: str = "symbol", group: Any = None, history: int = 1024) -> None:
        if not dist.is_available():
            raise MissingDependencyError("aircomp_hook needs torch.distributed, and this PyTorch was built without it")
        self.air = Air(config, fidelity)
        self.group = group
        self.reports: deque[Report] = deque(maxlen=history)


def aircomp_hook(state: AirCompState, bucket: GradBucket) -> torch.futures.Future[torch.Tensor]:
    """Make the air the all-reduce of `DistributedDataParallel`: every rank is a device of the experiment.

    ```python
    model = DistributedDataParallel(net)
    model.register_comm_hook(AirCompState("experiment.toml"), aircomp_hook)
    ```

    The buckets of all ranks are gathered, and every rank runs the same round on the same K x N matrix, K ranks by N values, so
    that all get the same bytes: the experiment's `payload.function` of the rows, by default their mean. Buckets follow one
    another as rounds in the order in which DDP hands them out, and wait for each other.

    Args:
        state: of this rank.
        bucket: gradients of some parameters, flat, on the CPU.

    Returns:
        A future that is done, with the estimate in the bucket's type.

    Raises:
        PayloadError: gradients that are not on the CPU, of no real floating-point type, or not finite on any rank.
    """
    own = bucket.buffer()
    check(own, "the gradient")
    matrix = torch.empty((dist.get_world_size(state.group), own.numel()), dtype=torch.float32)
    dist.all_gather(list(matrix.unbind(0)), own.detach().to(torch.float32), group=state.group)
    estimate, report = state.air.aggregate(to_array(matrix))
    state.reports.append(report)
    done: torch.futures.Future[torch.Tensor] = torch.futures.Future()
    done.set_result(to_tensor(estimate).to(own.dtype))
    return done
