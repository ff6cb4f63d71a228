"""Channels as arrays, for those who bring their own physical layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from . import _airloop
from .experiment import Config, Experiment


class Channel:
    """The realised channels of an experiment: those that an `airloop.Air` of the same experiment, seed and number of devices has.

    ```text
    h_l(tau, t) = sum_p a_lp(t) delta(tau - tau_p)      H_l(f, t) = sum_p a_lp(t) exp(-j 2 pi f tau_p)
    ```

    Links `l` of a device lie side by side, `(device * receive antennas + r) * device antennas + t`; `antennas` says how many there
    are at either end. Gains have unit mean power over draws; distances and path loss are the link budget's, not the channel's.

    Args:
        config: the experiment: path, TOML, dictionary, or `Experiment`; of it `seed`,
            `[channel]`, `[ofdm]` and the antennas of `[link]` matter; `[link]` and `[scheme]` may be absent.
        devices: number of devices.
        round: the round whose channels are meant, where channels do not move; those that move go on through all rounds.

    Raises:
        ConfigError: the experiment is wrong.
        UnsupportedError: the channel has no taps.
    """

    def __init__(self, config: Config, devices: int = 1, round: int = 0) -> None:
        self._channel = _airloop.Channel(Experiment(config)._experiment, devices, round)

    @property
    def delays_s(self) -> NDArray[np.float64]:
        """Delays of the paths, in seconds."""
        return self._channel.delays_s

    @property
    def powers(self) -> NDArray[np.float64]:
        """Mean powers of the paths; they sum to 1."""
        return self._channel.powers

    @property
    def frequencies_hz(self) -> NDArray[np.float64]:
        """Used subcarriers of the experiment's grid, in hertz from the carrier."""
        return self._channel.frequencies_hz

    @property
    def sample_rate_hz(self) -> float:
        """Sample rate of the experiment's waveform."""
        return self._channel.sample_rate_hz

    @property
    def symbol_s(self) -> float:
        """Mean duration of an OFDM symbol with its prefix, in seconds."""
        return self._channel.symbol_s

    @property
    def max_doppler_hz(self) -> float:
        """Largest Doppler shift, in hertz; 0 for channels that do not move."""
        return self._channel.max_doppler_hz

    @property
    def antennas(self) -> tuple[int, int]:
        """Antennas of the receiver, and of a device."""
        return self._channel.antennas

    def taps(self, start_s: float = 0.0, step_s: float = 0.0, count: int = 1) -> NDArray[np.complex64]:
        """Return the gains `a` of all paths at `count` instants, complex64 `[link, instant, path]`."""
        return self._channel.taps((start_s, step_s, count))

    def frequency_response(
        self,
        start_s: float = 0.0,
        step_s: float = 0.0,
        count: int = 1,
        frequencies_hz: Sequence[float] | NDArray[np.float64] | None = None,
    ) -> NDArray[np.complex64]:
        """Return the responses `H` at `count` instants, complex64 `[link, instant, frequency]`.

        Frequencies are relative to the carrier; those of `Channel.frequencies_hz` if none are given.
        """
        given = None if frequencies_hz is None else [float(f) for f in np.asarray(frequencies_hz, dtype=np.float64).ravel()]
        return self._channel.frequency_response((start_s, step_s, count), given)
