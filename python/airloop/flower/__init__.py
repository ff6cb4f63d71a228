"""Over-the-air aggregation for Flower: the clients of a round send their updates at once, and the air adds them.

`OverTheAir` wraps a strategy of `flwr.serverapp.strategy` and takes its averaging over the air of an experiment; `UpdateMod` does
the device's part in a `ClientApp` that stays as it is.

Raises:
    MissingDependencyError: on import, where Flower, with its API of messages (`flwr.serverapp`), is not installed.
"""

from ..errors import MissingDependencyError

try:
    import flwr.app
    import flwr.serverapp.strategy  # noqa: F401
except ImportError as error:
    raise MissingDependencyError(
        f"airloop.flower needs Flower, 1.41 or later, which cannot be imported ({error}): pip install 'flwr>=1.41', or, "
        "for simulations, pip install 'flwr[simulation]>=1.41'"
    ) from error

from .strategy import OverTheAir
from .update_mod import UpdateMod

__all__ = ["OverTheAir", "UpdateMod"]
