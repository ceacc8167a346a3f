"""The schema of a Trajectory's dataset: dimensions, types and ranges."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import xarray as xr

from .errors import QnuError

AXES = ("x", "y", "z")
_DIMENSIONS = {
    "polarization": ("time", "neutrino", "axis"),
    "polarization_error": ("time", "neutrino", "axis"),
    "time": ("time",),
    "axis": ("axis",),
    "group": ("neutrino",),
    "omega": ("neutrino",),
    "antineutrino": ("neutrino",),
    "count": ("neutrino",),
    "weight": ("neutrino",),
    "cosine": ("neutrino",),
    "beam_weight": ("neutrino",),
}
#: What an ensemble has for every history, with this dimension first.
SEED = "seed"
_PER_SEED = {"polarization", "polarization_error"}
#: What a method with space has for every cell, with this dimension first (after ``seed``).
CELL = "cell"
#: Where rows are beams: the weight of each, sum 1 over all.
BEAM_WEIGHT = "beam_weight"
_OPTIONAL = {"polarization_error", "weight", "cosine", BEAM_WEIGHT}
_NUMBERS, _INTEGERS, _TEXT = "fiu", "iu", "UOT"
_KINDS = {
    "polarization": "f",
    "polarization_error": "f",
    "time": _NUMBERS,
    "omega": _NUMBERS,
    "antineutrino": "b",
    "count": _INTEGERS,
    "weight": "f",
    "cosine": "f",
    "beam_weight": "f",
    "group": _TEXT,
    "axis": _TEXT,
}
#: How much longer than 1 a polarization may be: rounding of long runs, in each precision.
_ROUNDING = {"single": 0.05}
_ROUNDING_DOUBLE = 1e-3
#: The same with space: finite differences overshoot where cells do not resolve the waves.
_CELLS = 0.5
#: Estimates from shots: extrapolation to zero noise makes a component at most about 2, and then
#: come statistical errors; both get some margin.
_ESTIMATE, _ERRORS = 3.0, 100.0


def check(dataset: xr.Dataset, *, lengths: bool = True) -> None:
    """Refuse a dataset that no method of qnu can have written.

    Args:
        dataset: to become a Trajectory.
        lengths: True: no polarization is longer than 1 (of beams 1.5: a coarse grid overshoots).
            Where shots were taken an estimate may be longer: each component is then at most 3 plus
            100 of its errors.

    Raises:
        QnuError: the first deviation from the schema.

    Examples:
        >>> check(xr.Dataset())
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: trajectory: got "no ['antineutrino', 'axis', 'count', 'group', ...
    """
    missing = set(_DIMENSIONS) - _OPTIONAL - set(map(str, dataset.variables))
    if missing:
        raise QnuError("trajectory", f"no {sorted(missing)}", "the schema of qnu.Trajectory")
    ensemble = SEED in dataset.dims
    if ensemble:
        _check_seeds(dataset)
    if CELL in dataset.dims:
        _check_cells(dataset)
    for name, dimensions in _DIMENSIONS.items():
        if name not in dataset.variables:
            continue
        variable = dataset.variables[name]
        if name in _PER_SEED:
            dimensions = (*(d for d in (SEED, CELL) if d in dataset.dims), *dimensions)
        if variable.dims != dimensions:
            raise QnuError(f"trajectory.{name}", variable.dims, f"dimensions {dimensions}")
        if variable.dtype.kind not in _KINDS[name]:
            allowed = {"f": "floats", "b": "booleans", _TEXT: "text"}
            raise QnuError(
                f"trajectory.{name}", variable.dtype, allowed.get(_KINDS[name], "numbers")
            )
    _check_coordinates(dataset)
    _check_beams(dataset)
    _check_polarization(dataset, lengths)


def _check_seeds(dataset: xr.Dataset) -> None:
    seeds = dataset.variables.get(SEED)
    values = np.empty(0) if seeds is None else seeds.values
    if values.dtype.kind not in _INTEGERS or len(set(values.tolist())) != dataset.sizes[SEED]:
        raise QnuError("trajectory.seed", _short(values), "whole numbers that differ")


def _check_cells(dataset: xr.Dataset) -> None:
    cells = dataset.variables.get(CELL)
    values = np.empty(0) if cells is None else cells.values
    known = values.ndim == 1 and values.size > 0 and values.dtype.kind in _NUMBERS
    if not known or not np.isfinite(values).all() or (np.diff(values) <= 0).any():
        raise QnuError("trajectory.cell", _short(values), "finite positions that increase")


def _check_beams(dataset: xr.Dataset) -> None:
    if "cosine" in dataset.variables:
        cosine = dataset.variables["cosine"].values
        if not (abs(cosine) <= 1 + 1e-12).all():  # of a rounded unit vector; NaN is refused
            raise QnuError("trajectory.cosine", _short(cosine), "numbers from -1 to 1")
    if BEAM_WEIGHT in dataset.variables:
        weight = dataset.variables[BEAM_WEIGHT].values
        if not (np.isfinite(weight) & (weight > 0)).all() or abs(weight.sum() - 1) > 1e-6:
            raise QnuError(
                "trajectory.beam_weight", _short(weight), "finite numbers > 0 with the sum 1"
            )


def _check_coordinates(dataset: xr.Dataset) -> None:
    axes = dataset.variables["axis"].values.tolist()
    if axes != list(AXES):
        raise QnuError("trajectory.axis", axes, "x, y, z")
    time = dataset.variables["time"].values
    if not time.size or not np.isfinite(time).all() or (np.diff(time) < 0).any():
        raise QnuError("trajectory.time", _short(time), "finite times that never decrease")
    omega, count = dataset.variables["omega"].values, dataset.variables["count"].values
    if not omega.size or not np.isfinite(omega).all():
        raise QnuError("trajectory.omega", _short(omega), "finite numbers, one per row")
    if (count < 1).any():
        raise QnuError("trajectory.count", _short(count), "whole numbers >= 1")
    if "weight" in dataset.variables:
        weight = dataset.variables["weight"].values
        if not (np.isfinite(weight) & (weight > 0)).all():
            raise QnuError("trajectory.weight", _short(weight), "finite numbers > 0")
    groups = dataset.variables["group"].values.tolist()
    if not all(isinstance(name, str) for name in groups):
        raise QnuError("trajectory.group", _short(groups), "text")
    angle = dataset.attrs.get("mixing_angle", 0.0)
    if not isinstance(angle, int | float | np.number) or not np.isfinite(angle):
        raise QnuError("trajectory.mixing_angle", angle, "a finite number")
    if "group_names" in dataset.attrs:
        names = _names(dataset.attrs["group_names"])
        unknown = set(groups) - set(names)
        if unknown or set(names) - set(groups):
            raise QnuError("trajectory.group_names", _short(names), "the names of the groups")


def _names(text: Any) -> list[str]:
    try:
        names = json.loads(text)
    except (TypeError, ValueError, RecursionError):
        names = None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        raise QnuError("trajectory.group_names", text, "a list of names, as JSON")
    return names


def _check_polarization(dataset: xr.Dataset, lengths: bool) -> None:
    values = dataset.variables["polarization"].values
    finite = np.isfinite(values)
    if "polarization_error" in dataset.variables:
        error = dataset.variables["polarization_error"].values
        known = np.isfinite(error)  # a mitigation that failed gives NaN, with an infinite error
        if (error < 0).any():
            raise QnuError("trajectory.polarization_error", _short(error), "numbers >= 0")
        bad = known & ~(finite & (abs(values) <= _ESTIMATE + _ERRORS * np.where(known, error, 0)))
        allowed = f"components up to {_ESTIMATE:g} + {_ERRORS:g} errors"
    else:
        limit = np.inf
        if lengths:
            precision = str(dataset.attrs.get("precision", "double"))
            limit = 1 + _ROUNDING.get(precision, _ROUNDING_DOUBLE)
            if "cosine" in dataset.variables:
                limit = 1 + _CELLS
        with np.errstate(over="ignore"):  # 1e200 squared is too long as well
            squares = np.einsum("...a,...a->...", values, values)
        bad = ~(finite.all(axis=-1) & (squares <= limit**2))
        allowed = "finite vectors with |P| <= 1"
    if bad.any():
        place = tuple(np.argwhere(bad)[0][: values.ndim - 1].tolist())
        name = ", ".join(map(str, place))
        raise QnuError(f"trajectory.polarization[{name}]", values[place].tolist(), allowed)


def _short(values: Any) -> Any:
    return values[:4].tolist() if isinstance(values, np.ndarray) else values[:4]
