"""What quantities read from the dataset of a sweep: keys of the file, samples, methods, weights."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common import toml
from ..common.checks import number
from ..common.spelling import did_you_mean
from ..errors import QnuError, Words

if TYPE_CHECKING:
    import xarray as xr


def field(dataset: xr.Dataset, key: str, default: Any = None) -> Any:
    """What a key of the experiment file is in this sweep.

    Args:
        dataset: of a sweep.
        key: dotted; groups by name, methods by label.
        default: where neither the sweep nor the file says it.

    Returns:
        a DataArray over the parameters where the sweep varies it; else the value.
    """
    if key in dataset.coords:
        return dataset.coords[key]
    given = json.loads(dataset.attrs.get("sweep") or "{}")
    if isinstance(given, dict) and isinstance(given.get(key), int | float):
        return given[key]  # set for the whole sweep
    return _in_file(toml.loads(dataset.attrs.get("spec") or ""), key.split("."), default)


def _in_file(data: Any, path: list[str], default: Any) -> Any:
    if path[0] in ("group", "method") and len(path) > 2:
        names = ("name",) if path[0] == "group" else ("label", "kind")
        for position, table in enumerate(data.get(path[0], ()), start=1):
            own = next((table[name] for name in names if name in table), str(position))
            middle = ".".join(path[1:-1])  # a name may have a dot
            if own == middle:
                return table.get(path[-1], default)
        return default
    for part in path:
        data = data.get(part) if isinstance(data, dict) else None
    return default if data is None else data


def numeric_field(dataset: xr.Dataset, key: str, default: float | None = None) -> Any:
    """A key whose value is a number, or numbers over the parameters.

    Raises:
        QnuError: no number there: text, a function of time, nothing.
    """
    found = field(dataset, key, default)
    if hasattr(found, "dims"):
        if found.dtype.kind not in "iuf":
            raise QnuError(key, Words("texts in this sweep"), "numbers, for this quantity")
        return found
    if found is None:
        raise QnuError(key, Words("nothing in this sweep"), "a number, for this quantity")
    return number(key, found)


def sample_times(dataset: xr.Dataset) -> xr.DataArray:
    r"""Times :math:`\mu t` of samples: ``(time,)``, or of every point and method, padded."""
    return dataset["sample_time"] if "sample_time" in dataset else dataset["time"]


def first_sample(values: xr.DataArray) -> xr.DataArray:
    """The values at the first sample of every method."""
    return values.isel(time=0, drop=True)


def pick(values: xr.DataArray, index: xr.DataArray) -> xr.DataArray:
    """The values at the numbers of samples in ``index``, row by row."""
    return values.drop_vars("time", errors="ignore").isel(
        time=index.drop_vars("time", errors="ignore")
    )


def index_at(dataset: xr.Dataset, at: float | None) -> xr.DataArray:
    """Which sample is the last one, or the one at a time, of every row.

    Raises:
        QnuError: a time at which some row has no sample.
    """
    times = sample_times(dataset).drop_vars("time", errors="ignore")
    if at is None:
        last: xr.DataArray = (times.notnull().sum("time") - 1).clip(min=0)
        return last
    at = number("at", at, low=0.0)
    gap = abs(times - at).fillna(np.inf)
    missing = (gap.min("time") > 1e-9 * max(at, 1.0)) & times.notnull().any("time")
    if bool(missing.any()):
        nearest = float(times.values.flat[int(np.nanargmin(abs(times.values - at)))])
        raise QnuError("at", at, f"a sample time of every method and point (near {nearest:.6g})")
    found: xr.DataArray = gap.argmin("time")
    return found


def sampled(dataset: xr.Dataset, values: xr.DataArray, at: float | None = None) -> xr.DataArray:
    """Without the dimension ``time``: the last sample of every row, or the one at a time."""
    return pick(values, index_at(dataset, at))


def variable(dataset: xr.Dataset, name: str) -> xr.DataArray:
    """A variable of the dataset.

    Raises:
        QnuError: it has none of that name.
    """
    if name not in dataset.data_vars:
        known = [str(known) for known in dataset.data_vars]
        hint = did_you_mean(name, known) if isinstance(name, str) else ""
        raise QnuError("quantity", name, f"what this sweep has: {', '.join(known)}{hint}")
    return dataset[name]


def mean_over_gas(dataset: xr.Dataset, values: xr.DataArray) -> xr.DataArray:
    r""":math:`\sum_g N_g v_g / \sum_g N_g`, with the numbers of neutrinos of every point."""
    total: Any = 0
    weighted: Any = 0
    for name in dataset["group"].values.tolist():
        count = numeric_field(dataset, f"group.{name}.count")
        weighted = weighted + count * values.sel(group=name, drop=True)
        total = total + count
    mean: xr.DataArray = weighted / total
    return mean


def against(dataset: xr.Dataset, values: xr.DataArray, reference: str | None) -> xr.DataArray:
    """Values of all other methods less those of one.

    Args:
        dataset: of a sweep.
        values: with the dimension ``method``.
        reference: its label; None: the last method of the file.

    Raises:
        QnuError: a label that does not exist, or no other method.
    """
    labels = [str(label) for label in dataset["method"].values]
    if len(labels) < 2:
        raise QnuError("reference", reference, f"a sweep of two methods (this one has {labels})")
    reference = labels[-1] if reference is None else reference
    if reference not in labels:
        hint = did_you_mean(str(reference), labels)
        raise QnuError("reference", reference, f"one of {', '.join(labels)}{hint}")
    others = [label for label in labels if label != reference]
    # a dictionary: `method=` is an argument of sel itself
    difference: xr.DataArray = values.sel({"method": others}) - values.sel(
        {"method": reference}, drop=True
    )
    return difference


def norm(vectors: xr.DataArray) -> xr.DataArray:
    """Length over the dimension ``axis``; NaN where a component is."""
    length: xr.DataArray = (vectors**2).sum("axis", skipna=False) ** 0.5
    return length
