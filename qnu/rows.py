"""Rows of a Trajectory: what each counts in a mean, and its flavor."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import xarray as xr

from . import observables
from .common.checks import Floats
from .errors import QnuError, Words
from .schema import BEAM_WEIGHT, SEED

__all__ = ["flavor_probability", "group_error", "group_weights", "in_km", "initial", "shares"]


def group_weights(dataset: xr.Dataset, groups: Sequence[str]) -> Floats:
    r"""``(groups, rows)``: :math:`\bar{\mathbf P}_g = \sum_i W_{gi}\mathbf P_i`.

    Rows of neutrinos and groups count as many as they are; beams by their weight.

    Args:
        dataset: of a Trajectory.
        groups: names in order.
    """
    names = dataset["group"].values
    share = dataset[BEAM_WEIGHT if BEAM_WEIGHT in dataset.coords else "count"].values
    rows = np.array([np.where(names == name, share, 0) for name in groups], float)
    result: Floats = rows / rows.sum(axis=1, keepdims=True)
    return result


def group_error(dataset: xr.Dataset, groups: Sequence[str]) -> Floats | None:
    """``(..., groups, 3)`` standard errors of the means of groups, or None without shots.

    Args:
        dataset: of a Trajectory.
        groups: names in order.
    """
    if "group_polarization_error" in dataset:
        return np.asarray(dataset["group_polarization_error"].values)
    if "polarization_error" not in dataset:
        return None
    squares = dataset["polarization_error"].values ** 2
    weights = group_weights(dataset, groups) ** 2
    result: Floats = np.sqrt(np.einsum("gn,...tna->...tga", weights, squares))
    return result


def in_km(dataset: xr.Dataset, lengths: Floats) -> Floats:
    """Times or lengths in 1/mu as lengths in km.

    Args:
        dataset: of a Trajectory.
        lengths: in 1/mu.

    Raises:
        QnuError: the unit of mu is not recorded.
    """
    unit = dataset.attrs.get("mu_unit_per_km")
    if unit is None:
        allowed = "a result of a file with [units], or with_attributes(mu_unit_per_km=...)"
        raise QnuError("mu_unit_per_km", Words("nothing (not recorded)"), allowed)
    path: Floats = lengths / float(unit)
    return path


def initial(dataset: xr.Dataset) -> Floats:
    """``(rows, 3)``, or ``(cells, 1, rows, 3)``: the polarization at t = 0.

    Args:
        dataset: of a Trajectory.

    Raises:
        QnuError: a file of an earlier version that does not have it.
    """
    if "initial_polarization" in dataset:
        start = np.asarray(dataset["initial_polarization"].values)
        return start if start.ndim == 2 else start[..., None, :, :]
    first = dataset["time"].values[0]
    if first != 0 or SEED in dataset.dims or "polarization_error" in dataset:
        raise QnuError(
            "trajectory",
            "no initial_polarization (written by an earlier version)",
            "a run that is made again, or one with an exact sample at t = 0",
        )
    result: Floats = dataset["polarization"].values[..., 0, :, :]
    return result


def shares(dataset: xr.Dataset) -> Floats:
    """``(rows,)``, sum 1: what each row counts in the mean of the whole gas.

    Args:
        dataset: of a Trajectory.
    """
    if BEAM_WEIGHT in dataset.coords:
        share = np.asarray(dataset[BEAM_WEIGHT].values)
    else:
        share = np.asarray(dataset["count"].values)
    if "weight" in dataset.coords:
        share = share * dataset["weight"].values
    result: Floats = share / share.sum()
    return result


def flavor_probability(dataset: xr.Dataset, flavor: str) -> Floats:
    """``(..., rows)``: the probability of a flavor; see ``Trajectory.flavor_probability``.

    Args:
        dataset: of a Trajectory.
        flavor: ``"electron"`` or ``"x"``.

    Raises:
        QnuError: an unknown flavor; a row that is the mean of neutrinos and antineutrinos that do
            not start alike.
    """
    vectors = np.asarray(dataset["polarization"].values)
    angle = float(dataset.attrs["mixing_angle"])
    if "antineutrino_share" not in dataset:
        kind = dataset["antineutrino"].values
        return observables.flavor_probability(vectors, angle, kind, flavor)
    share = np.asarray(dataset["antineutrino_share"].values)
    if np.isnan(share).any():
        raise QnuError(
            "group",
            f"{dataset['group'].values[np.isnan(share)][0]!s}, with neutrinos and"
            " antineutrinos that do not start alike",
            "groups of one kind, or a method with one row per neutrino",
        )
    of_one, of_other = (
        observables.flavor_probability(vectors, angle, np.full(share.shape, anti), flavor)
        for anti in (False, True)
    )
    mean: Floats = (1 - share) * of_one + share * of_other
    return mean
