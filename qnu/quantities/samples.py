"""Values at one sample time: components, lengths, entropies, flavor."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from . import reading
from .quantity import quantity

if TYPE_CHECKING:
    import xarray as xr


@quantity(r"$x$ of the group mean")
def x(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\bar P_{g,x}`, first component of the mean polarization of a group, mass basis.

    Args:
        dataset: of a sweep.
        at: a sample time in units of 1/mu; None: the last of every point and method.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), [[[[1, 0, 0]], [[0, 1, 0]]]])},
        ...     coords={"time": [0.0, 2.0], "axis": ["x", "y", "z"]},
        ... )
        >>> x(data).values, x(data, at=0.0).values
        (array([[0]]), array([[1]]))
    """
    return _component(dataset, "x", at)


@quantity(r"$y$ of the group mean")
def y(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\bar P_{g,y}`, second component of the mean polarization of a group, mass basis.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> vectors = [[[[0.1, 0.2, 0.3]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), vectors)},
        ...     coords={"time": [0.0], "axis": ["x", "y", "z"]},
        ... )
        >>> y(data).item()
        0.2
    """
    return _component(dataset, "y", at)


@quantity(r"$z$ of the group mean")
def z(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\bar P_{g,z}`, third component of the mean polarization of a group, mass basis.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> vectors = [[[[0.1, 0.2, 0.3]]]]
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), vectors)},
        ...     coords={"time": [0.0], "axis": ["x", "y", "z"]},
        ... )
        >>> z(data).item()
        0.3
    """
    return _component(dataset, "z", at)


def _component(dataset: xr.Dataset, axis: str, at: float | None) -> xr.DataArray:
    vectors = reading.variable(dataset, "polarization").sel(axis=axis, drop=True)
    return reading.sampled(dataset, vectors, at)


@quantity(r"group length $|\bar{\mathbf{P}}_g|$")
def length(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`|\bar{\mathbf P}_g|`, length of the mean polarization of a group.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``. Its mean over seeds is the mean of lengths, not the
        length of the mean.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"length": (("seed", "time", "group"), [[[1.0], [0.5]]])},
        ...     coords={"time": [0.0, 9.0]},
        ... )
        >>> length(data).item()
        0.5
    """
    return recorded(dataset, "length", at)


@quantity(r"mean $|\mathbf{P}_i|$ of the group")
def neutrino_length(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\langle|\mathbf P_i|\rangle_g`, mean length of the neutrinos of a group.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"neutrino_length": (("seed", "time", "group"), [[[1.0], [0.5]]])},
        ...     coords={"time": [0.0, 9.0]},
        ... )
        >>> neutrino_length(data, at=0.0).item()
        1.0
    """
    return recorded(dataset, "neutrino_length", at)


@quantity("entropy of one neutrino (bits)")
def entropy(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\langle S_i\rangle_g`, mean entropy of one neutrino over a group, in bits.

    :math:`S = -\sum_\pm \lambda_\pm\log_2\lambda_\pm`, :math:`\lambda_\pm = (1\pm|\mathbf P_i|)/2`.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"entropy": (("seed", "time", "group"), [[[0.0], [0.7]]])},
        ...     coords={"time": [0.0, 9.0]},
        ... )
        >>> entropy(data).item()
        0.7
    """
    return recorded(dataset, "entropy", at)


@quantity("entropy per neutrino (bits)")
def entropy_per_neutrino(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`\frac1N\sum_i S_i`, mean entropy of one neutrino over the whole gas, in bits.

    Groups count by their number of neutrinos, which the file or the sweep says.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed)``.

    Raises:
        QnuError: a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"entropy": (("seed", "time", "group"), [[[0.8, 0.4]]])},
        ...     coords={"time": [5.0], "group": ["1", "2"]},
        ...     attrs={"spec": "[[group]]" + chr(10) + "count = 3" + chr(10) + "[[group]]"
        ...            + chr(10) + "count = 1"},
        ... )
        >>> round(entropy_per_neutrino(data).item(), 12)
        0.7
    """
    return reading.mean_over_gas(dataset, recorded(dataset, "entropy", at))


@quantity(r"flavor probability $\langle P_{\nu_e}\rangle$")
def flavor_probability(dataset: xr.Dataset, at: float | None = None) -> xr.DataArray:
    r""":math:`(1 + \bar{\mathbf P}_g\cdot\mathbf L)/2`, probability of the electron flavor.

    :math:`\mathbf L = (\sin2\theta_\mathrm{mix}, 0, \cos2\theta_\mathrm{mix})`; for a group of
    antineutrinos :math:`(1 - \bar{\mathbf S}_g\cdot\mathbf L)/2`, see ``qnu.flavor``.

    Args:
        dataset: of a sweep.
        at: as in :func:`x`.

    Returns:
        ``(parameters, method, seed, group)``.

    Raises:
        QnuError: a time without a sample; a file without ``mixing_angle``.

    References:
        Sigl and Raffelt (1993).

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"polarization": (("seed", "time", "group", "axis"), [[[[0.0, 0.0, 0.5]]]])},
        ...     coords={"time": [5.0], "group": ["1"], "axis": ["x", "y", "z"]},
        ...     attrs={"spec": "mixing_angle = 0.0"},
        ... )
        >>> flavor_probability(data).item()
        0.75
    """
    angle = reading.numeric_field(dataset, "mixing_angle")
    along = np.sin(2 * angle) * x(dataset, at) + np.cos(2 * angle) * z(dataset, at)
    probability: xr.DataArray = (1 + _sign_of_isospin(dataset) * along) / 2
    return probability.transpose(*along.dims)


def _sign_of_isospin(dataset: xr.Dataset) -> xr.DataArray:
    """``(group,)``, and over parameters where the sweep varies it: -1 of antineutrinos, else 1."""
    import xarray as xr

    signs = []
    for name in dataset["group"].values.tolist():
        found = reading.field(dataset, f"group.{name}.antineutrino", False)
        anti = xr.DataArray(found).reset_coords(drop=True).astype(float)
        signs.append((1 - 2 * anti).expand_dims(group=[name]))
    return xr.concat(xr.broadcast(*signs, exclude=["group"]), "group")


def recorded(dataset: xr.Dataset, name: str, at: float | None = None) -> xr.DataArray:
    """Any variable that the sweep recorded over time, at one sample: such as an observable.

    Args:
        dataset: of a sweep.
        name: of the variable.
        at: as in :func:`x`.

    Returns:
        the variable without ``time``.

    Raises:
        QnuError: no such variable, a time without a sample.

    Examples:
        >>> import xarray as xr
        >>> data = xr.Dataset(
        ...     {"pair_concurrence": (("seed", "time"), [[0.0, 0.2]])}, coords={"time": [0.0, 9.0]}
        ... )
        >>> recorded(data, "pair_concurrence").item()
        0.2
        >>> recorded(data, "concurrence")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: quantity: got 'concurrence'; allowed: what this sweep has: ...
    """
    return reading.sampled(dataset, reading.variable(dataset, name), at)
