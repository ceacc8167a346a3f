"""The quantity that a figure of a sweep shows, by its name."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..common.spelling import did_you_mean
from ..errors import QnuError, Words
from ..quantities import QUANTITIES, recorded

if TYPE_CHECKING:
    import xarray as xr

_AXES = ("x", "y", "z")


def one_of(field: str, value: Any, known: Sequence[Any]) -> Any:
    """The value, if it is known; else an error with the nearest."""
    if value in known:
        return value
    words = [str(word) for word in known]
    raise QnuError(field, value, f"one of {', '.join(words)}{did_you_mean(str(value), words)}")


def names(dataset: xr.Dataset) -> list[str]:
    """What can be drawn of a sweep: the quantities of :mod:`qnu.quantities`, and recorded ones."""
    recorded = [
        str(name)
        for name, variable in dataset.data_vars.items()
        if {"method", "time"} <= set(variable.dims)
        and "axis" not in variable.dims
        and not str(name).endswith(("_mean", "_standard_error", "_error"))
        and name != "sample_time"
    ]
    return list(dict.fromkeys([*QUANTITIES, *recorded]))


def reference_of(dataset: xr.Dataset, wanted: Any, options: Mapping[str, Any]) -> str | None:
    """The label of the method that a quantity subtracts; None where it has no reference.

    Args:
        dataset: of a sweep.
        wanted: the quantity, as in :func:`qnu.plotting.sweep`.
        options: of the quantity.
    """
    if not isinstance(wanted, str) or wanted not in QUANTITIES or "method" not in dataset.coords:
        return None
    if "reference" not in inspect.signature(QUANTITIES[wanted].function).parameters:
        return None
    given = options.get("reference")
    return str(dataset["method"].values[-1] if given is None else given)


def find(
    dataset: xr.Dataset,
    wanted: str | xr.DataArray | Callable[..., Any],
    x: str | None,
    at: dict[str, Any],
    options: Mapping[str, Any],
) -> Any:
    """A DataArray by its name; the time of the sample is taken out of ``at``."""
    if not isinstance(wanted, str):
        return wanted(dataset, **options) if callable(wanted) else wanted
    one_of("quantity", wanted, names(dataset))
    if x == "time":
        return _against_time(dataset, wanted, options)
    own = dict(options)
    if "time" in at:
        own["at"] = at.pop("time")
    if wanted not in QUANTITIES:
        own["name"] = wanted
        return recorded(dataset, **own).assign_attrs(label=wanted.replace("_", " "))
    known = list(inspect.signature(QUANTITIES[wanted].function).parameters)[1:]
    for option in own:
        if option not in known:
            field = "at['time']" if option == "at" else "options"
            takes = ", ".join(known) or "nothing"
            raise QnuError(field, option, f"what {wanted} takes: {takes}")
    return QUANTITIES[wanted](dataset, **own)


def _against_time(dataset: Any, wanted: str, options: Mapping[str, Any]) -> Any:
    """A quantity at every sample."""
    if "time" not in dataset.coords:
        got = Words("'time', which differs between the points or methods of this sweep")
        raise QnuError("x", got, "a sweep with one list of times, or a parameter")
    label = QUANTITIES[wanted].label if wanted in QUANTITIES else wanted.replace("_", " ")
    if wanted in dataset or wanted in _AXES:
        found = dataset["polarization"].sel(axis=wanted) if wanted in _AXES else dataset[wanted]
        return found.assign_attrs(label=label)
    takes = {n: inspect.signature(q.function).parameters for n, q in QUANTITIES.items()}
    if "at" not in takes[wanted]:
        known = [n for n in names(dataset) if n in dataset or "at" in takes.get(n, ())]
        raise QnuError("quantity", wanted, f"one that has a value at a time: {', '.join(known)}")
    import xarray as xr

    times = dataset["time"].values
    values = [QUANTITIES[wanted](dataset, at=float(time), **options) for time in times]
    found = xr.concat(values, dim="time").assign_coords(time=times)
    return found.assign_attrs(values[0].attrs)
