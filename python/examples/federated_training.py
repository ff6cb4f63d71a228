"""One training over the air: rounds until airtime or rounds run out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import federated_network as network
import numpy as np
from federated_data import split

import airloop

#: The experiments, one a scheme.
EXPERIMENTS = Path(__file__).parents[2] / "experiments" / "federated"
#: Most rounds of a training.
ROUNDS = 100
#: Most airtime of a training.
AIRTIME_S = 4.0


@dataclass(frozen=True)
class Settings:
    """What a scheme's devices and server do between rounds of the air.

    Attributes:
        local_steps: gradient steps of a device in a round.
        local_rate: their size.
        server_step: factor on the estimate; of votes, which are +1 or -1, the size of the step itself.
        abstain_below: votes below this, in units of the device's rms, are not cast (schemes that vote).
    """

    local_steps: int
    local_rate: float
    server_step: float = 1.0
    abstain_below: float | None = None


@dataclass(frozen=True)
class Point:
    """The model after a round: what all rounds until then took, and its accuracy on held-out digits."""

    airtime_s: float
    energy_j: float
    accuracy: float


def air(scheme: str, snr_db: float | None, settings: Settings, seed: int) -> airloop.Air:
    """Return the air of a scheme's experiment at an SNR (the file's own for `None`)."""
    changes = [f"seed={seed}"]
    if snr_db is not None:
        changes.append(f"link.snr_db={snr_db}")
    if settings.abstain_below is not None:
        changes.append(f"payload.abstain_below={settings.abstain_below}")
    return airloop.Air(airloop.Experiment.load(EXPERIMENTS / f"{scheme}.toml", changes))


def train(scheme: str, snr_db: float | None, settings: Settings, seed: int, rounds: int = ROUNDS) -> list[Point]:
    """Train until no further round fits; the first point is the model before any round.

    The seed decides which digits are held out, who has which of the others, the first weights, and the channels and noise of
    every round.
    """
    data, row, medium = split(seed), network.initial(seed), air(scheme, snr_db, settings, seed)
    points = [Point(0.0, 0.0, network.accuracy(row, data))]
    for _ in range(rounds):
        rows = network.updates(row, data, settings.local_steps, settings.local_rate)
        if not np.isfinite(rows).all():
            break  # a step so large that training diverged: the model stays as it is
        estimate, report = medium.aggregate(rows)
        airtime_s, energy_j = points[-1].airtime_s + report.airtime_s, points[-1].energy_j + report.energy_j
        if airtime_s > AIRTIME_S:
            break
        row = row + np.float32(settings.server_step) * estimate
        points.append(Point(airtime_s, energy_j, network.accuracy(row, data)))
    return points
