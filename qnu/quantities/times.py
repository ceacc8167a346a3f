"""When something happens: the approach to equilibrium, the first minimum."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..common.checks import number
from . import reading
from .quantity import quantity

if TYPE_CHECKING:
    import xarray as xr


@quantity(r"time to equilibrium $\mu t_\mathrm{eq}$", scale="log")
def time_to_equilibrium(dataset: xr.Dataset, fraction: float = np.exp(-1.0)) -> xr.DataArray:
    r"""The first t at which :math:`\Delta L(t) < \Delta L(0)/e`, :math:`\Delta L = \max_g L_g -
    \min_g L_g` the spread of the group lengths.

    In equilibrium all groups have one length. Entanglement brings them together at a rate
    :math:`\propto\mu\gamma`, so the time goes as :math:`1/\gamma` where
    :math:`\mu\gamma\ll\omega`. Linear between samples: off by
    :math:`h^2/8t_\mathrm{eq}` for samples h apart and an exponential.

    Args:
        dataset: of a sweep of a gas of two groups or more whose lengths differ at the start.
        fraction: of the spread at the first sample, 1/e.

    Returns:
        ``(parameters, method, seed)``; NaN where the spread is 0 at the start or stays above.

    Raises:
        QnuError: a fraction outside 0 to 1.

    References:
        Johns (2306.14982).

    Examples:
        >>> import xarray as xr
        >>> lengths = [[[0.8, 0.4], [0.7, 0.5], [0.6, 0.5], [0.55, 0.5]]]
        >>> data = xr.Dataset(
        ...     {"length": (("seed", "time", "group"), lengths)}, coords={"time": [0.0, 1, 2, 3]}
        ... )
        >>> time_to_equilibrium(data, fraction=0.375).values.round(9)
        array([1.5])
    """
    fraction = number("fraction", fraction, above=0.0, high=1.0)
    lengths = reading.variable(dataset, "length").drop_vars("time", errors="ignore")
    apart = lengths.max("group", skipna=False) - lengths.min("group", skipna=False)
    level = fraction * reading.first_sample(apart)
    below = apart < level
    times = _times_of(dataset, apart)
    after = below.argmax("time")
    before = (after - 1).clip(min=0)
    t0, t1 = (reading.pick(times, k) for k in (before, after))
    d0, d1 = (reading.pick(apart, k) for k in (before, after))
    crossing: xr.DataArray = t0 + (d0 - level) / (d0 - d1) * (t1 - t0)
    return crossing.where(below.any("time") & (level > 0))


@quantity(r"first minimum at $\mu t$")
def first_minimum(dataset: xr.Dataset) -> xr.DataArray:
    r"""The t of the first minimum of the survival probability
    :math:`(1 + \bar{\mathbf P}_g(t)\cdot\bar{\mathbf P}_g(0)/|\bar{\mathbf P}_g(0)|)/2`.

    From a parabola through three samples: for samples h apart off by a part of order
    :math:`(h/t)^2`. Of a smooth curve, such as plane waves: the first dip of a noisy history is
    noise. Plane waves, N/2 in each of two opposite states and :math:`\omega = 0`, have it at
    :math:`\mu t\approx2.1\sqrt N`.

    Args:
        dataset: of a sweep whose first sample is at t = 0.

    Returns:
        ``(parameters, method, seed, group)``; NaN where there is no minimum inside, or no sample at
        t = 0.

    References:
        Roggero (PRD 104, 103016).

    Examples:
        >>> import numpy as np, xarray as xr
        >>> times = np.linspace(0, 4, 41)
        >>> vectors = np.stack([np.sin(times), 0 * times, np.cos(times)], axis=-1)[None, :, None]
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), vectors)},
        ...     coords={"time": times, "axis": ["x", "y", "z"]},
        ... )
        >>> first_minimum(data).round(4).item()
        3.1416
    """
    vectors = reading.variable(dataset, "polarization").drop_vars("time", errors="ignore")
    begin = reading.first_sample(vectors)
    survival = (1 + (vectors * begin).sum("axis", skipna=False) / reading.norm(begin)) / 2
    times = _times_of(dataset, survival)
    left, right = survival.shift(time=1), survival.shift(time=-1)
    lowest = (survival < left) & (survival <= right)
    middle = lowest.argmax("time").clip(min=1, max=max(survival.sizes["time"] - 2, 1))
    found = lowest.any("time") & (reading.first_sample(times) == 0)
    if survival.sizes["time"] < 3:
        empty: xr.DataArray = found.where(False)
        return empty
    (t0, s0), (t1, s1), (t2, s2) = (
        (reading.pick(times, middle + k), reading.pick(survival, middle + k)) for k in (-1, 0, 1)
    )
    down, up = (s1 - s0) / (t1 - t0), (s2 - s1) / (t2 - t1)
    bend = (up - down) / (t2 - t0)
    vertex: xr.DataArray = (t0 + t1) / 2 - down / (2 * bend)
    return vertex.where(found)


def _times_of(dataset: xr.Dataset, values: xr.DataArray) -> xr.DataArray:
    """Sample times in the shape of ``values``."""
    return reading.sample_times(dataset).drop_vars("time", errors="ignore").broadcast_like(values)
