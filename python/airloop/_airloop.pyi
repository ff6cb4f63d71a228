from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__version__: str

class Report:
    """What one rung says of one experiment, or of one round; numbers that are not defined are `None`."""

    experiment_id: str
    fidelity: str
    scheme: str
    devices: int
    length: int
    trials: int
    snr_db: float
    bandwidth_hz: float
    warnings: list[tuple[str, str]]
    nmse: float | None
    mse_per_device: float | None
    nmse_accumulated: float | None
    vote_error_rate: float | None
    vote_error_rate_truth: float | None
    active_fraction: float | None
    correlation_measured: float | None
    snr_measured_db: float | None
    receive_snr_db: float | None
    power_used_mean: float | None
    power_peak_db: float | None
    papr_db: float | None
    payload_papr_db: float | None
    sync_detected_share: float | None
    timing_error_rms_s: float | None
    cfo_error_rms_hz: float | None
    elements: float | None
    airtime_s: float | None
    airtime_overhead_s: float | None
    airtime_values_per_s: float | None
    energy_per_value_rel: float | None
    energy_j: float | None
    epsilon_round: float | None
    epsilon_total: float | None
    epsilon_eavesdropper_round: float | None
    epsilon_eavesdropper_total: float | None
    def to_json(self) -> str: ...
    def to_dict(self) -> dict[str, Any]: ...

class Experiment:
    @staticmethod
    def of_file(path: str | Path) -> Experiment: ...
    @staticmethod
    def of_text(text: str) -> Experiment: ...
    @staticmethod
    def of_dict(dict: dict[str, Any]) -> Experiment: ...
    def with_changes(self, changes: list[str]) -> Experiment: ...
    def run(self, fidelity: str) -> Report: ...
    def ladder(self) -> list[tuple[str, str, bool]]: ...

class Air:
    def __init__(self, experiment: Experiment, fidelity: str, interval_s: float | None = None) -> None: ...
    def aggregate(
        self,
        values: NDArray[np.float32],
        weights: NDArray[np.float64] | None,
        round: int | None,
        out: NDArray[np.float32],
    ) -> tuple[Report, int, float]: ...
    def wait(self, wait_s: float) -> None: ...
    next_round: int
    time_s: float

class Link:
    def __init__(self, experiment: Experiment, fidelity: str, interval_s: float | None = None) -> None: ...
    def send(
        self, values: NDArray[np.float32], place: tuple[int, int | None], out: NDArray[np.float32]
    ) -> tuple[Report, int, float]: ...
    def retrace(self, values: NDArray[np.float32], device: int, out: NDArray[np.float32]) -> None: ...
    def wait(self, wait_s: float, device: int = 0) -> None: ...
    def capacities_bps(self, devices: int) -> list[float]: ...

class Channel:
    delays_s: NDArray[np.float64]
    powers: NDArray[np.float64]
    frequencies_hz: NDArray[np.float64]
    sample_rate_hz: float
    symbol_s: float
    max_doppler_hz: float
    antennas: tuple[int, int]
    def __init__(self, experiment: Experiment, devices: int, round: int) -> None: ...
    def taps(self, instants: tuple[float, float, int]) -> NDArray[np.complex64]: ...
    def frequency_response(
        self, instants: tuple[float, float, int], frequencies_hz: list[float] | None
    ) -> NDArray[np.complex64]: ...

def sweep(
    experiment: Experiment, over: list[tuple[str, list[Any]]], fidelities: list[str], out: Path
) -> tuple[Path, int]: ...
def draw(table: Path, out: Path, figure: Path | None = None) -> list[str]: ...

class Trace:
    warnings: list[tuple[str, str]]
    @staticmethod
    def record(experiment: Experiment) -> Trace: ...
    @staticmethod
    def load(path: str | Path) -> Trace: ...
    @staticmethod
    def of_columns(
        path: str | Path, columns: list[tuple[str, tuple[str, NDArray[Any], NDArray[np.bool_] | None, list[str]]]]
    ) -> Trace: ...
    @staticmethod
    def schema() -> list[tuple[str, str]]: ...
    def save(self, path: str | Path) -> None: ...
    def export(self, format: str, path: str | Path) -> None: ...
    def column(self, name: str) -> tuple[str, NDArray[Any], NDArray[np.bool_] | None, list[str]]: ...
    def rounds(self) -> NDArray[np.uint64]: ...
    def round(self, number: int) -> Trace: ...
    def row(self, link: tuple[int, int, str, str]) -> list[tuple[str, Any]] | None: ...
    def grid(self, name: str, direction: str, stage: str) -> NDArray[np.float64]: ...
    def __len__(self) -> int: ...
