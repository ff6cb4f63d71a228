"""One round of an over-the-air layer: forward over the channel, backward over the reciprocal one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch.autograd.function import once_differentiable

from .radio import BACKWARD, FORWARD, Radio


@dataclass(frozen=True)
class Air:
    """What one round meets: number, channel there (n_r, n_t) and back (n_t, n_r), noise and power."""

    round: int
    there: torch.Tensor
    back: torch.Tensor
    radio: Radio

    def limit(self, sent: torch.Tensor) -> torch.Tensor:
        """Return the amplitude factor of the forward pass, `min(1, sqrt(P_max / max_k mean_b |P_k x_b|^2))`."""
        if self.radio.max_power is None:
            return torch.ones((), dtype=sent.real.dtype, device=sent.device)
        return (self.radio.max_power / strongest(sent)).sqrt().clamp(max=1.0)

    def fill(self, sent: torch.Tensor) -> torch.Tensor:
        """Return the amplitude factor of the backward pass, which always has its full power; 1 for no gradient at all."""
        power = strongest(sent)
        return torch.where(power > 0, (self.radio.backward_power / power).sqrt(), torch.ones_like(power))


def strongest(sent: torch.Tensor) -> torch.Tensor:
    """Return the mean power over the batch of the strongest slot, of what antennas send: (K, batch, antennas)."""
    return sent.abs().square().sum(-1).mean(-1).max()


class OverTheAir(torch.autograd.Function):
    """`y = sum_k C_k^H (H P_k x + n_k / alpha)`, and gradients that no end needs channel knowledge for.

    ```text
    r_k = H P_k x + n_k / alpha                     alpha: power limit of the sender, undone by the receiver
    b_k = H_back conj(C_k delta) + m_k / beta       what the sender's antennas hear of the receiver's gradient delta
    dL/dP_k = conj(b_k) x^H,   dL/dC_k = r_k delta^H,   dL/dx = conj(sum_k P_k^T b_k)
    ```

    All are `dL/d(Re) + j dL/d(Im)`, as PyTorch has them. Sums go over the batch. The dependence of alpha on P and x is left
    out: it acts on the noise alone, which the sender does not know.
    """

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, precoders: torch.Tensor, combiners: torch.Tensor, air: Air) -> torch.Tensor:
        """Send (batch, d_in) over K slots; return (batch, d_out)."""
        sent = torch.einsum("kti,bi->kbt", precoders, x)
        heard = sent @ air.there.mT
        if air.radio.noise_power > 0:
            noise = air.radio.noise(heard, air.radio.noise_power, (air.round, FORWARD))
            heard = heard + noise / air.limit(sent)
        ctx.air = air
        ctx.save_for_backward(x, precoders, combiners, heard)
        return torch.einsum("kro,kbr->bo", combiners.conj(), heard)

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, delta: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, None]:
        """Send the gradient over the reciprocal channel."""
        x, precoders, combiners, heard = ctx.saved_tensors
        air: Air = ctx.air
        sent = torch.einsum("kro,bo->kbr", combiners, delta).conj()
        back = sent @ air.back.mT
        if air.radio.backward_noise_power > 0:
            noise = air.radio.noise(back, air.radio.backward_noise_power, (air.round, BACKWARD))
            back = back + noise / air.fill(sent)
        grad_x = torch.einsum("kti,kbt->bi", precoders, back).conj()
        grad_precoders = torch.einsum("kbt,bi->kti", back, x).conj()
        grad_combiners = torch.einsum("kbr,bo->kro", heard, delta.conj())
        # Optimisers view gradients as real, which lazily conjugated ones refuse.
        return grad_x.resolve_conj(), grad_precoders.resolve_conj(), grad_combiners, None
