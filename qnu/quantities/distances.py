"""How far one method is from another, and histories from each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from . import reading
from .quantity import quantity

if TYPE_CHECKING:
    import xarray as xr


@quantity(r"$|\langle\Delta\bar{\mathbf{P}}_g\rangle|$", scale="log", per_history=False)
def distance_of_means(
    dataset: xr.Dataset, reference: str | None = None, at: float | None = None
) -> xr.DataArray:
    r""":math:`D = |\langle\bar{\mathbf P}_g - \bar{\mathbf P}'_g\rangle|`: first the mean over
    histories, then the length.

    :math:`\bar{\mathbf P}_g` is the mean polarization of group g in a method,
    :math:`\bar{\mathbf P}'_g` that of the reference in the same history. For small gamma the
    distance of ``independent`` from ``mean_field`` is proportional to gamma.

    With n histories the scatter of a single one, :func:`spread`, adds about
    :math:`\sigma^2/(2nD)`; the jackknife removes that, :math:`n D - (n-1) D_{(k)}`,
    :math:`D_{(k)}` without history k, and gives the standard error. Where D is not above it, D is
    an upper limit.

    Args:
        dataset: of a sweep of two methods or more.
        reference: label of a method; None: the last of the file.
        at: a sample time in units of 1/mu; None: the last of every point and method.

    Returns:
        ``(parameters, method, seed, group)`` without the reference: along ``seed`` pseudo-values of
        the jackknife.

    Raises:
        QnuError: one method only, an unknown label, a time without a sample.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Efron and Stein, Ann. Stat. 9, 586 (1981).

    Examples:
        >>> import xarray as xr
        >>> ends = [[[[[0.3, 0.1, 0.0]]], [[[0.3, -0.1, 0.0]]]], [[[[0.0] * 3]], [[[0.0] * 3]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("method", "seed", "time", "group", "axis"), ends)},
        ...     coords={"time": [5.0], "method": ["independent", "mean_field"]},
        ... )
        >>> distance_of_means(data).mean("seed").values.round(3)     # of histories: 0.316
        array([[0.284]])
    """
    ends = reading.sampled(dataset, reading.variable(dataset, "polarization"), at)
    apart = reading.against(dataset, ends, reference)
    mean, histories = apart.mean("seed", skipna=False), apart.sizes["seed"]
    whole = reading.norm(mean)
    if histories < 2:
        return whole.broadcast_like(apart.isel(axis=0, drop=True)).transpose(*apart.dims[:-1])
    without = reading.norm((apart - histories * mean) / (histories - 1))
    return _pseudo_values(histories, whole, without)


@quantity(r"$\langle|\Delta\bar{\mathbf{P}}_g|\rangle$", scale="log")
def distance_of_histories(
    dataset: xr.Dataset, reference: str | None = None, at: float | None = None
) -> xr.DataArray:
    r""":math:`|\bar{\mathbf P}_g - \bar{\mathbf P}'_g|` in every history: first the length, then
    the mean over histories.

    It contains the scatter of single histories, which for stochastic schedules goes as
    :math:`\sqrt\gamma`, and the distance of the means, which goes as gamma: the slope of its
    power law lies between 1/2 (small gamma) and 1.

    Args:
        dataset: of a sweep of two methods or more.
        reference: label of a method; None: the last of the file.
        at: as in :func:`distance_of_means`.

    Returns:
        ``(parameters, method, seed, group)`` without the reference.

    Raises:
        QnuError: one method only, an unknown label, a time without a sample.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import xarray as xr
        >>> ends = [[[[[0.3, 0.4, 0.0]]]], [[[[0.0, 0.0, 0.0]]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("method", "seed", "time", "group", "axis"), ends)},
        ...     coords={"time": [5.0], "method": ["independent", "mean_field"]},
        ... )
        >>> distance_of_histories(data).item()
        0.5
    """
    ends = reading.sampled(dataset, reading.variable(dataset, "polarization"), at)
    return reading.norm(reading.against(dataset, ends, reference))


@quantity(r"$\langle|\Delta L_g|\rangle$", scale="log")
def distance_of_lengths(
    dataset: xr.Dataset, reference: str | None = None, at: float | None = None
) -> xr.DataArray:
    r""":math:`|L_g - L'_g|` in every history, :math:`L_g = |\bar{\mathbf P}_g|`.

    For methods that agree up to an azimuth, such as miscidynamics and the encounters it starts
    from.

    Args:
        dataset: of a sweep of two methods or more.
        reference: label of a method; None: the last of the file.
        at: as in :func:`distance_of_means`.

    Returns:
        ``(parameters, method, seed, group)`` without the reference.

    Raises:
        QnuError: one method only, an unknown label, a time without a sample.

    References:
        Johns (2306.14982).

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"length": (("method", "seed", "time", "group"), [[[[0.5]]], [[[0.7]]]])},
        ...     coords={"time": [5.0], "method": ["independent", "miscidynamics"]},
        ... )
        >>> round(distance_of_lengths(data).item(), 12)
        0.2
    """
    ends = reading.sampled(dataset, reading.variable(dataset, "length"), at)
    return abs(reading.against(dataset, ends, reference))


@quantity(r"$\langle|\Delta z_g|\rangle$", scale="log")
def distance_of_z(
    dataset: xr.Dataset, reference: str | None = None, at: float | None = None
) -> xr.DataArray:
    r""":math:`|z_g - z'_g|` in every history, the third components of group means.

    Args:
        dataset: of a sweep of two methods or more.
        reference: label of a method; None: the last of the file.
        at: as in :func:`distance_of_means`.

    Returns:
        ``(parameters, method, seed, group)`` without the reference.

    Raises:
        QnuError: one method only, an unknown label, a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> ends = [[[[[0.3, 0.4, 0.5]]]], [[[[0.0, 0.0, 0.8]]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("method", "seed", "time", "group", "axis"), ends)},
        ...     coords={"time": [5.0], "method": ["a", "b"], "axis": ["x", "y", "z"]},
        ... )
        >>> round(distance_of_z(data).item(), 12)
        0.3
    """
    vectors = reading.variable(dataset, "polarization").sel(axis="z", drop=True)
    return abs(reading.against(dataset, reading.sampled(dataset, vectors, at), reference))


@quantity(r"spread of histories $\sigma_{\bar{\mathbf{P}}_g}$", scale="log", per_history=False)
def spread(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\sigma_g = \big[\frac1{n-1}\sum_s|\bar{\mathbf P}_{g,s} -
    \langle\bar{\mathbf P}_g\rangle|^2\big]^{1/2}`: how far a single history is from the mean.

    Of a stochastic schedule it goes as :math:`\sqrt\gamma` for small gamma. It is no error of the
    mean, which is smaller by :math:`\sqrt n`.

    Args:
        dataset: of a sweep with three histories or more.
        at: as in :func:`distance_of_means`.

    Returns:
        ``(parameters, method, seed, group)``: along ``seed`` pseudo-values of the jackknife; NaN
        for fewer than three histories, 0 for a method that does not depend on the seed.

    Raises:
        QnuError: a time without a sample.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Efron and Stein, Ann. Stat. 9, 586 (1981).

    Examples:
        >>> import xarray as xr
        >>> ends = [[[[0.1, 0.0, 0.0]]], [[[0.0, 0.0, 0.0]]], [[[-0.1, 0.0, 0.0]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), ends)}, coords={"time": [5.0]}
        ... )
        >>> spread(data).mean("seed").values.round(4)
        array([0.1114])
    """
    ends = reading.sampled(dataset, reading.variable(dataset, "polarization"), at)
    squares = ((ends - ends.mean("seed", skipna=False)) ** 2).sum("axis", skipna=False)
    histories = ends.sizes["seed"]
    if histories < 3:
        return squares * float("nan")
    total = squares.sum("seed", skipna=False)
    rest = (total - squares * histories / (histories - 1)).transpose(*squares.dims)
    without = rest.clip(min=0) / (histories - 2)
    whole = (total / (histories - 1)) ** 0.5
    return _pseudo_values(histories, whole, without**0.5)


def _pseudo_values(histories: int, whole: xr.DataArray, without: xr.DataArray) -> xr.DataArray:
    """``n D - (n - 1) D_(k)``, in the order of dimensions of ``without``."""
    pseudo: xr.DataArray = histories * whole - (histories - 1) * without
    return pseudo.transpose(*without.dims)
