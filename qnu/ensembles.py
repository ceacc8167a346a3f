"""Histories of one method as one dataset: the dimension ``seed``, and back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import xarray as xr

from .errors import QnuError, Words
from .schema import CELL, SEED

#: Marks variables over ``seed`` that are attributes of single histories.
_ATTRIBUTE = "attribute_of_history"
#: Variables that every history has alike: of the gas before anything is drawn.
_SHARED = ("initial_polarization", "antineutrino_share")


def stack(datasets: Sequence[xr.Dataset], seeds: Sequence[int]) -> xr.Dataset:
    """``(time, ...)`` of every history as ``(seed, time, ...)``.

    What all histories have alike stays as it is. Of attributes that differ, drifts become the
    largest, the wall time the sum; each history's own are kept as variables over ``seed``.

    Args:
        datasets: of one method, gases with the same groups, the same sample times.
        seeds: one whole number each.

    Returns:
        the dataset of the ensemble.

    Raises:
        QnuError: histories that do not belong together.

    Examples:
        >>> one = xr.Dataset({"a": (("time",), [1.0, 2.0])}, coords={"time": [0.0, 1.0]})
        >>> stack([one, one], [3, 4])["a"].dims
        ('seed', 'time')
    """
    if len(datasets) != len(seeds) or not datasets:
        found = Words(f"{len(seeds)} seeds for {len(datasets)} histories")
        raise QnuError("seeds", found, "one for each history, of which there is at least one")
    first = datasets[0]
    _check_alike(datasets)
    variables: dict[str, Any] = {}
    for name in map(str, first.data_vars):
        variable = first[name].variable
        if name in _SHARED and all(d[name].equals(first[name]) for d in datasets):
            variables[name] = variable
            continue
        values = np.stack([dataset[name].values for dataset in datasets])
        variables[name] = ((SEED, *variable.dims), values, variable.attrs)
    attributes, own = _attributes([dataset.attrs for dataset in datasets])
    for name, values in own.items():
        variables[name] = ((SEED,), values, {_ATTRIBUTE: 1})
    coords: dict[str, Any] = {str(name): first[name].variable for name in first.coords}
    coords[SEED] = (SEED, np.array(seeds, np.int64))
    return xr.Dataset(variables, coords=coords, attrs=attributes)


def history(dataset: xr.Dataset, number: int) -> xr.Dataset:
    """One history of an ensemble, by its number from 0; the inverse of :func:`stack`.

    Examples:
        >>> one = xr.Dataset({"a": (("time",), [1.0, 2.0])}, attrs={"seed": 3})
        >>> two = xr.Dataset({"a": (("time",), [1.0, 3.0])}, attrs={"seed": 4})
        >>> second = history(stack([one, two], [3, 4]), 1)
        >>> second["a"].values, second.attrs
        (array([1., 3.]), {'seed': 4})
    """
    part = dataset.isel({SEED: number})
    attributes = {**dataset.attrs, SEED: int(part[SEED])}
    part = part.drop_vars(SEED)
    for name in map(str, dataset.data_vars):
        if _ATTRIBUTE in dataset[name].attrs:
            attributes[name] = part[name].item()
            part = part.drop_vars(name)
    part.attrs = attributes
    return part


def _check_alike(datasets: Sequence[xr.Dataset]) -> None:
    first = datasets[0]
    if SEED in first.dims:
        raise QnuError("histories", Words("an ensemble"), "single histories")
    for k, other in enumerate(datasets):
        if set(other.variables) != set(first.variables):
            found = sorted(map(str, set(other.variables) ^ set(first.variables)))
            raise QnuError(f"histories[{k}]", found, "the same variables as histories[0]")
        # a perturbation of a start over space may be drawn: that one differs
        shared = (n for n in _SHARED if n in first and CELL not in first[n].dims)
        for name in (*first.coords, *shared):
            if not np.array_equal(other[name].values, first[name].values):
                allowed = f"the same {name} as histories[0]"
                raise QnuError(f"histories[{k}]", Words(f"another {name}"), allowed)


def _attributes(given: Sequence[dict[str, Any]]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Attributes of the ensemble, and those that differ, history by history."""
    whole: dict[str, Any] = {}
    own: dict[str, Any] = {}
    for name, value in given[0].items():
        if name == SEED:  # the coordinate says it
            continue
        values = [attrs.get(name) for attrs in given]
        if all(other == value for other in values):
            whole[name] = value
            continue
        if any(other is None for other in values):
            continue
        column: Any = np.array(values)
        own[name] = column
        if name == "wall_time_s":
            whole[name] = float(column.sum())
        elif name.startswith("drift_"):
            whole[name] = float(column.max())
    return whole, own
