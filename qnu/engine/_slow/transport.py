"""Transport as it is written: every beam with every other, cell by cell, in NumPy."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def kernel(cosine: Floats) -> Floats:
    """``(B, B)`` the mean of (1 - v.v')^2 over azimuths."""
    c, other = cosine[:, None], cosine[None, :]
    result: Floats = (1 - c * other) ** 2 + (1 - c**2) * (1 - other**2) / 2
    return result


def local_rates(
    p: Floats, beams: dict[str, Any], mu: float, matter: float, gamma: float, direction: Floats
) -> Floats:
    """``(cells, B, 3)`` dP/dt of ``p (cells, B, 3)`` without advection.

    Args:
        p: polarizations.
        beams: cosine, weight, omega, damping, emission ``(B,)``, equilibrium ``(B, 3)``.
        mu, matter, gamma: of physics.md 11.
        direction: L.
    """
    c, w = beams["cosine"], beams["weight"]
    coupling = (1 - np.multiply.outer(c, c)) * w
    field = mu * np.einsum("bj,njd->nbd", coupling, p) + matter * direction
    field[..., 2] -= beams["omega"]
    rate = np.cross(field, p)
    meets = kernel(c) * w
    rate += mu * gamma * np.einsum("bj,nbjd->nbd", meets, p[:, None, :, :] - p[:, :, None, :])
    along = (p @ direction)[..., None] * direction
    rate -= beams["damping"][:, None] * (p - along)
    rate += beams["emission"][:, None] * (beams["equilibrium"] - p)
    result: Floats = rate
    return result


def upwind7(p: Floats, cosine: Floats, spacing: float) -> Floats:
    """``-c d_z P`` in a periodic box by the seventh-order scheme, from its derivative formula."""
    # coefficients of the derivative in cell 0 from cells -4 ... 3 (a wind to the right)
    taps = np.array([3, -28, 126, -420, 105, 252, -42, 4]) / 420
    out = np.empty_like(p)
    for b, c in enumerate(cosine):
        sign = 1 if c >= 0 else -1
        derivative = sum(
            t * np.roll(p[:, b], -sign * k, axis=0) for k, t in zip(range(-4, 4), taps, strict=True)
        )
        out[:, b] = -abs(c) * derivative / spacing
    return out
