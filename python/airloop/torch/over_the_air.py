"""A linear layer that the channel itself computes."""

from __future__ import annotations

import cmath
from collections.abc import Callable

import torch
from torch import nn

from ..errors import ConfigError, PayloadError
from .construction import svd_parameters
from .radio import ANTENNAS, Radio
from .reciprocal import Air, OverTheAir

#: A fixed channel, complex (n_r, n_t), or what returns that of a time, counted in rounds.
Channel = torch.Tensor | Callable[[float], torch.Tensor]


class OverTheAirLinear(nn.Module):
    """`y = W x` as channel uses between two arrays of antennas, `W = sum_k C_k^H H P_k`; both ends learn, none knows H.

    ```text
    forward:   slot k sends P_k x; the receiver hears r_k = H P_k x + n_k and adds up C_k^H r_k
    backward:  the receiver sends conj(C_k delta) over the reciprocal channel; what is heard gives gradients (`OverTheAir`)
    noise:     E|y - W x|^2 = sigma^2 / alpha^2 sum_k |C_k|_F^2
    power:     mean over the batch of |P_k x|^2 <= P_max in every slot: one alpha scales all, and the receiver undoes it
    ```

    Both scalings (alpha forward, one that fills the power backward) are told to the other end without error. A forward pass is
    a round; its backward pass meets the channel `radio.turnaround` rounds later. Airtime: K channel uses for each x.

    Source: Yang et al., over-the-air split machine learning (arXiv 2210.04742).

    Args:
        d_in: complex values of x; a real network's pairs are `torch.view_as_complex`.
        d_out: complex values of y.
        channel: H, complex (n_r, n_t), or a function of time in rounds that returns it.
        slots: K; by default enough for any W over a channel of full rank, `ceil(min(d_in, d_out) / min(n_r, n_t))`.
        radio: noise, power and reciprocity.
        dtype: complex64 or complex128.

    Attributes:
        precoders: P, parameter, (K, n_t, d_in), begun with variance 1/(n_t d_in).
        combiners: C, parameter, (K, n_r, d_out), begun with variance 1/(K n_r): where x and H
            have values of unit power, so do |P_k x| and y.
        round: number of the next round; set it back to draw the same noise again.

    Raises:
        ConfigError: sizes, slots or the channel are wrong.
        PayloadError: on forward: x is not of `dtype` or does not end in d_in values.
    """

    def __init__(
        self,
        d_in: int,
        d_out: int,
        channel: Channel,
        slots: int | None = None,
        radio: Radio | None = None,
        dtype: torch.dtype = torch.complex64,
    ) -> None:
        super().__init__()
        if min(d_in, d_out) < 1 or not dtype.is_complex:
            raise ConfigError(f"d_in = {d_in}, d_out = {d_out}, dtype = {dtype}: sizes of 1 or more, complex dtype expected")
        self.d_in, self.d_out, self.radio, self.round = d_in, d_out, radio or Radio(), 0
        self._channel = channel if callable(channel) else None
        self.register_buffer("_fixed", None if callable(channel) else _matrix(channel).to(dtype))
        receive, transmit = self.channel(0.0).shape
        self.slots = -(-min(d_in, d_out) // min(receive, transmit)) if slots is None else slots
        if self.slots < 1:
            raise ConfigError(f"slots = {slots} is out of range: 1 or more is expected")
        self.precoders = nn.Parameter(torch.randn((self.slots, transmit, d_in), dtype=dtype) / (transmit * d_in) ** 0.5)
        self.combiners = nn.Parameter(torch.randn((self.slots, receive, d_out), dtype=dtype) / (self.slots * receive) ** 0.5)
        rng = self.radio.rng(0, ANTENNAS)
        for name, antennas in (("_sender_error", transmit), ("_receiver_error", receive)):
            self.register_buffer(name, self.radio.reciprocity.responses(antennas, rng).to(dtype))

    @classmethod
    def from_weight(
        cls, weight: torch.Tensor, channel: Channel, slots: int | None = None, radio: Radio | None = None
    ) -> OverTheAirLinear:
        """Make the layer that realises a complex (d_out, d_in) matrix over the channel of round 0: see `svd_parameters`."""
        first = _matrix(channel(0.0) if callable(channel) else channel)
        precoders, combiners = svd_parameters(weight, first, slots)
        d_out, d_in = weight.shape
        layer = cls(d_in, d_out, channel, precoders.shape[0], radio, weight.dtype)
        with torch.no_grad():
            layer.precoders.copy_(precoders)
            layer.combiners.copy_(combiners)
        return layer

    def channel(self, time: float) -> torch.Tensor:
        """Return the channel at a time in rounds, (n_r, n_t)."""
        return self._fixed if self._channel is None else _matrix(self._channel(time))

    def realised(self, time: float = 0.0) -> torch.Tensor:
        """Return W at a time in rounds, (d_out, d_in)."""
        there = self.channel(time).to(self.precoders)
        return torch.einsum("kro,rt,kti->oi", self.combiners.conj(), there, self.precoders)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Send (..., d_in); return (..., d_out)."""
        if x.dtype != self.precoders.dtype or x.shape[-1:] != (self.d_in,):
            raise PayloadError(
                f"x has shape {tuple(x.shape)} and dtype {x.dtype}; (..., {self.d_in}) and {self.precoders.dtype} are expected "
                "(torch.view_as_complex makes pairs of real values complex)"
            )
        y = OverTheAir.apply(x.reshape(-1, self.d_in), self.precoders, self.combiners, self._air())
        self.round += 1
        return y.reshape(*x.shape[:-1], self.d_out)

    def _air(self) -> Air:
        there = self.channel(float(self.round)).to(self.precoders)
        later = self.channel(self.round + self.radio.turnaround).to(self.precoders)
        expected = (self.combiners.shape[1], self.precoders.shape[1])
        if tuple(there.shape) != expected or later.shape != there.shape:
            raise ConfigError(f"the channel of round {self.round} has shape {tuple(there.shape)}; {expected} is expected")
        phase = cmath.rect(1.0, self.radio.reciprocity.phase_rad)
        back = phase * self._sender_error[:, None] * later.mT * self._receiver_error
        return Air(self.round, there, back, self.radio)

    def extra_repr(self) -> str:
        """Return what `print` shows."""
        return f"d_in={self.d_in}, d_out={self.d_out}, slots={self.slots}"


def _matrix(channel: torch.Tensor) -> torch.Tensor:
    if not isinstance(channel, torch.Tensor) or channel.dim() != 2 or not channel.is_complex() or channel.numel() == 0:
        found = tuple(channel.shape) if isinstance(channel, torch.Tensor) else type(channel).__name__
        raise ConfigError(f"the channel is {found}; a complex tensor (receive antennas, transmit antennas) is expected")
    return channel
