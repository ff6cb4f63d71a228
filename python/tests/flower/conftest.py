"""Which tests there are, and no telemetry."""

from __future__ import annotations

import os
from importlib.util import find_spec

os.environ["FLWR_TELEMETRY_ENABLED"] = "0"

# Without Flower only its absence is tested.
collect_ignore_glob = [] if find_spec("flwr") is not None else ["test_[!w]*.py"]
