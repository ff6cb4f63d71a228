"""The schemes that are compared, with the settings that `--tune` chose at each SNR, and what it tried."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from federated_training import Settings

#: Signal-to-noise ratios of the links.
SNRS_DB = (0.0, 10.0, 20.0)


@dataclass(frozen=True)
class Curve:
    """One scheme: its experiment file, the name of its curve, and its settings by SNR (`None`: it has no noise)."""

    scheme: str
    label: str
    settings: dict[float | None, Settings]

    @property
    def votes(self) -> bool:
        """Whether devices send signs, so that the server sets the size of the step."""
        return self.scheme.endswith("majority")


CURVES: tuple[Curve, ...] = (
    Curve("ideal", "ideal channel", {None: Settings(20, 0.5)}),
    Curve("truncated-inversion", "truncated inversion", {snr: Settings(20, 0.5) for snr in SNRS_DB}),
    Curve("optimal-power", "optimal power", {snr: Settings(20, 0.5) for snr in SNRS_DB}),
    Curve(
        "one-bit-majority", "one-bit majority", {snr: Settings(20, 0.5, 0.04, abstain) for snr, abstain in zip(SNRS_DB, (2.0, 3.0, 2.0))}
    ),
    Curve("fsk-majority", "FSK majority", {snr: Settings(20, 0.5, 0.04, abstain) for snr, abstain in zip(SNRS_DB, (1.0, 2.0, 2.0))}),
    Curve("digital", "digital, 8 bits", {snr: Settings(20, 0.5) for snr in SNRS_DB}),
)

#: What is tried: gradient steps of a device in a round and their size where estimates are averages; the server's step and
#: abstentions where they are votes, from 20 steps of a device.
LOCAL_STEPS = (1, 5, 20)
LOCAL_RATES = (0.125, 0.25, 0.5, 1.0, 2.0)
SERVER_STEPS = (0.02, 0.04, 0.08)
ABSTENTIONS = (0.5, 1.0, 2.0, 3.0)


def candidates(curve: Curve) -> list[Settings]:
    """Return all that is tried of a curve at each of its SNRs."""
    if curve.votes:
        return [Settings(20, 0.5, step, abstain) for step, abstain in product(SERVER_STEPS, ABSTENTIONS)]
    return [Settings(steps, rate) for steps, rate in product(LOCAL_STEPS, LOCAL_RATES)]
