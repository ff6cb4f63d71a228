"""What the air did in a round, as metrics of Flower."""

from __future__ import annotations

from .. import Report

#: Numbers of a report that are metrics, where they are defined.
_OF_REPORT = ("nmse", "vote_error_rate", "active_fraction", "airtime_s", "energy_j")


class Totals:
    """Airtime and energy of all rounds so far."""

    def __init__(self) -> None:
        self._airtime_s = 0.0
        self._energy_j = 0.0

    def metrics(self, report: Report, devices: int) -> dict[str, float | int]:
        """Add a round, and return its metrics by name; numbers that are not defined are left out.

        Args:
            report: of the round.
            devices: clients that answered.
        """
        found = {f"air.{name}": getattr(report, name) for name in _OF_REPORT}
        self._airtime_s += report.airtime_s or 0.0
        found["air.airtime_total_s"] = self._airtime_s
        if report.energy_j is not None:
            self._energy_j += report.energy_j
            found["air.energy_total_j"] = self._energy_j
        found["air.devices"] = devices
        return {name: value for name, value in found.items() if value is not None}
