"""airloop: the wireless channel and over-the-air computation, as calls on arrays.

`Air` adds the vectors of many devices, `Link` carries an array from one end to the other, `Experiment` runs a file at any
fidelity, `Trace` holds what links gave round by round. All work is done in Rust, without the interpreter's lock.
"""

from . import channels
from ._airloop import Report, __version__
from .air import Air
from .errors import AirloopError, ConfigError, MissingDependencyError, PayloadError, StateError, UnsupportedError
from .experiment import Experiment, Ladder
from .link import Link
from .sweep import Figure, Sweep
from .trace import Trace

__all__ = [
    "Air",
    "AirloopError",
    "ConfigError",
    "Experiment",
    "Figure",
    "Ladder",
    "Link",
    "MissingDependencyError",
    "PayloadError",
    "Report",
    "StateError",
    "Sweep",
    "Trace",
    "UnsupportedError",
    "__version__",
    "channels",
]
