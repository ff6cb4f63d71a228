"""A given matrix as an over-the-air layer: precoders and combiners by singular values."""

from __future__ import annotations

import torch

from ..errors import ConfigError


def slots_needed(weight: torch.Tensor, channel: torch.Tensor) -> int:
    """Return the fewest channel uses that realise a matrix over a channel, `K = ceil(rank W / rank H)`, at least 1.

    Ranks count singular values above `max(rows, columns) eps` times the largest.

    Raises:
        ConfigError: the channel is zero, or one of them is no matrix.
    """
    return _slots(_thin(weight, "the weight")[1].numel(), _thin(channel, "the channel")[1].numel())


def svd_parameters(weight: torch.Tensor, channel: torch.Tensor, slots: int | None = None) -> tuple[torch.Tensor, torch.Tensor]:
    """Return precoders and combiners for which `sum_k C_k^H H P_k = W`.

    ```text
    W = U S V^H,  H = U_h S_h V_h^H;  slot k takes the next rank(H) singular triplets U_k, S_k, V_k of W:
    P_k = V_h D_k V_k^H,  C_k^H = U_k D_k U_h^H,  D_k = diag(sqrt(S_k / S_h))
    ```

    Source: Yang et al., over-the-air split machine learning (arXiv 2210.04742); the algebra is checked in the tests.

    Args:
        weight: W, complex, (d_out, d_in).
        channel: H, complex, (n_r, n_t).
        slots: K, if more are wanted than `slots_needed`; the others stay silent.

    Returns:
        P, (K, n_t, d_in), and C, (K, n_r, d_out), of the weight's dtype.

    Raises:
        ConfigError: too few slots, a channel that is zero, or arguments that are no matrices.
    """
    (u, s, vh), (uh, sh, vhh) = _thin(weight, "the weight"), _thin(channel.to(weight), "the channel")
    rank, needed = sh.numel(), _slots(s.numel(), sh.numel())
    slots = needed if slots is None else slots
    if slots < needed:
        raise ConfigError(
            f"slots = {slots} is too few: a weight of rank {s.numel()} over a channel of rank {rank} needs {needed}"
        )
    precoders = weight.new_zeros((slots, channel.shape[1], weight.shape[1]))
    combiners = weight.new_zeros((slots, channel.shape[0], weight.shape[0]))
    for k in range(needed):
        part = slice(k * rank, min((k + 1) * rank, s.numel()))
        root = (s[part] / sh[: s[part].numel()]).sqrt().to(weight.dtype)
        precoders[k] = vhh.mH[:, : root.numel()] * root @ vh[part]
        combiners[k] = uh[:, : root.numel()] * root @ u[:, part].mH
    return precoders, combiners


def _slots(weight_rank: int, channel_rank: int) -> int:
    if channel_rank == 0:
        raise ConfigError("the channel is zero: nothing can be computed over it")
    return max(1, -(-weight_rank // channel_rank))


def _thin(matrix: torch.Tensor, name: str) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Return the singular value decomposition without what is zero."""
    if matrix.dim() != 2 or not matrix.is_complex():
        raise ConfigError(f"{name} has shape {tuple(matrix.shape)} and dtype {matrix.dtype}; a complex matrix is expected")
    u, s, vh = torch.linalg.svd(matrix, full_matrices=False)
    rank = int((s > max(matrix.shape) * torch.finfo(s.dtype).eps * s[0]).sum())
    return u[:, :rank], s[:rank], vh[:rank]
