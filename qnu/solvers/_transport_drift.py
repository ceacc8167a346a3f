"""How far a transport run is from what is conserved, and whether its cells resolve it."""

from __future__ import annotations

import numpy as np

from .. import profiles
from ..beams import Beams
from ..common.checks import Floats
from ..flavor import flavor_direction
from ._transport_start import Inflow
from ._transport_steps import Rates


def drifts(
    samples: Floats, start: Floats, beams: Beams, rates: Rates, periodic: bool, inflow: Inflow
) -> dict[str, float]:
    r"""Largest changes of what should stay.

    Without collisions and entanglement :math:`|\mathbf P_b|` moves along with its beam: a change
    where it is uniform is due to cells and steps. In a periodic box the mean of
    :math:`\sum_b w_b\mathbf P_b` is conserved without damping and emission: along B without matter,
    along L in matter without vacuum, altogether without either.

    Args:
        samples: ``(cells, samples, B, 3)``.
        start: ``(cells, B, 3)``.
        beams, rates, periodic, inflow: of the run.
    """
    found: dict[str, float] = {}
    lossless = not (rates.damping.any() or rates.emission.any())
    if lossless and rates.gamma == 0.0:
        length = _uniform_lengths(start, None if periodic else inflow)
        if length is not None:
            found["drift_length"] = float(
                max(
                    abs(np.linalg.norm(samples[:, k], axis=-1) - length).max()
                    for k in range(samples.shape[1])
                )
            )
    if periodic and lossless:
        total = np.einsum("b,ntbd->td", beams.weight, samples) / len(samples)
        moved = abs(total - np.einsum("b,nbd->d", beams.weight, start) / len(start))
        vacuum, matter = bool(beams.omega.any()), not profiles.is_zero(rates.matter)
        if not matter:
            name = "drift_total_z" if vacuum else "drift_total"
            found[name] = float(moved[:, 2].max() if vacuum else moved.max())
        elif not vacuum:
            along = (total - total[0]) @ flavor_direction(beams.mixing_angle)
            found["drift_total_flavor"] = float(abs(along).max())
    return found


def _uniform_lengths(start: Floats, inflow: Inflow | None) -> Floats | None:
    """``(B,)`` where every cell, and what enters, has the same length; else None."""
    lengths = np.linalg.norm(start, axis=-1)
    enters = lengths[0]
    if inflow is not None:
        if inflow.function is not None:
            return None
        enters = np.linalg.norm(inflow.constant, axis=-1)
    same = np.ptp(lengths, axis=0).max() < 1e-12 and abs(enters - lengths[0]).max() < 1e-12
    return lengths[0] if same else None


def unresolved(state: Floats, beams: Beams, periodic: bool) -> float:
    r"""The share of :math:`\sum_b w_b|\mathbf P_b|^2` in waves shorter than three cells.

    Args:
        state: ``(cells, B, 3)``.
        beams: for their weights.
        periodic: else the ends of the box are faded out (Hann window).
    """
    cells = len(state)
    window = np.ones(cells) if periodic else np.sin(np.pi * (np.arange(cells) + 0.5) / cells) ** 2
    short = np.fft.rfftfreq(cells) > 1 / 3
    part, whole = 0.0, 0.0
    for b, weight in enumerate(beams.weight):  # a beam at a time: no copy of the whole state
        waves = abs(np.fft.rfft(window[:, None] * state[:, b], axis=0)) ** 2
        waves[1:] *= 2
        if cells % 2 == 0:
            waves[-1] /= 2
        part += float(weight * waves[short].sum())
        whole += float(weight * waves.sum())
    return part / whole if whole > 0 else 0.0
