"""Channels inside PyTorch: layers, splits and reductions that go over the air of an experiment.

`ChannelLayer` puts a link between two layers, `SplitModel` cuts a model there, `OverTheAirLinear` is a linear layer that the
channel itself computes, and `aircomp_hook` makes over-the-air aggregation the all-reduce of `DistributedDataParallel`.

Raises:
    MissingDependencyError: on import, where PyTorch is not installed.
"""

from ..errors import MissingDependencyError

try:
    import torch.nn  # noqa: F401
except ImportError as error:
    raise MissingDependencyError(
        f"airloop.torch needs PyTorch, which cannot be imported ({error}): pip install torch, or, "
        "without CUDA, apt install python3-torch"
    ) from error

from .blocks import BlockModel, link_after
from .channel_layer import ChannelLayer
from .construction import slots_needed, svd_parameters
from .data_parallel import AirCompState, aircomp_hook
from .over_the_air import OverTheAirLinear
from .radio import Radio, Reciprocity
from .split import SplitModel

__all__ = [
    "AirCompState",
    "BlockModel",
    "ChannelLayer",
    "OverTheAirLinear",
    "Radio",
    "Reciprocity",
    "SplitModel",
    "aircomp_hook",
    "link_after",
    "slots_needed",
    "svd_parameters",
]
