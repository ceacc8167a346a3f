"""Curves of another schedule in a figure of a sweep, such as plane waves beside encounters."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common import toml
from ..common.checks import Floats
from ..common.input_files import InputFiles
from ..errors import QnuError
from ..plotting.sweep_values import values_of
from .loading import built
from .plot_table import is_run, through
from .read import validated
from .sweeps import point

if TYPE_CHECKING:
    import xarray as xr


def computed(
    dataset: xr.Dataset, theory: Mapping[str, Any], quantities: Sequence[str], x: str | None
) -> dict[str, Any]:
    """The curves of a ``[plot]`` table, those of other schedules as numbers.

    The gas, the sample times and the seeds are those of the file that was swept, with the values
    that the file itself has for swept keys; a mean over seeds where they matter.

    Args:
        dataset: of the sweep.
        theory: the key of that name.
        quantities: that are drawn.
        x: ``"time"``, where there is a curve of another schedule.

    Returns:
        the same, with arrays over time by quantity and group in place of schedules.

    Raises:
        QnuError: another x, a schedule or a method that no file may have, a quantity that is not
            recorded against time.
    """
    several = len(quantities) > 1
    found = {}
    for name, given in theory.items():
        found[name] = given
        if is_run(given):
            field = f"plot.theory.{name}"
            if x != "time":
                raise QnuError("plot.x", x, f"'time', for the curve of {name!r}, another schedule")
            curves = _run(dataset, field, given)
            by_quantity = {q: _curves(curves, dataset, field, q) for q in quantities}
            found[name] = by_quantity if several else by_quantity[quantities[0]]
    return found


def _run(dataset: xr.Dataset, field: str, given: Mapping[str, Any]) -> xr.Dataset:
    """All histories of one method through another schedule, as a sweep of one point."""
    import xarray as xr

    try:
        tables = through(toml.loads(str(dataset.attrs.get("spec", ""))), given)
        label = str(tables["method"][0].get("label", tables["method"][0]["kind"]))
        spec = validated(tables, files=InputFiles())
        seeds = dataset["seed"].values.tolist()
        random = built(spec.model_copy(update={"seed": seeds[0], "seeds": 1})).random
    except QnuError as error:
        raise error.of(f"{field}.{error.field}") from None
    block = point.run(spec, "", seeds if random else seeds[:1], fixed=True)
    if block.failures:
        raise QnuError(field, reason=block.failures[0].text)
    own = {name.rpartition("/")[2]: a for name, a in block.arrays.items() if "/" in name}
    groups = dataset["group"].values
    coords = {"method": [label], "seed": list(block.seeds) if random else seeds[:1]}
    coords |= {"time": own.pop("time"), "group": groups, "axis": dataset["axis"].values}
    data = {}
    for name, array in own.items():
        if array.ndim > 1:  # not the seconds that it took
            tail = ("group", "axis")[: array.ndim - 2]
            data[name] = (("method", "seed", "time", *tail), array[None])
    return xr.Dataset(data, coords, {**dataset.attrs, "sweep": "{}"})


def _curves(curves: xr.Dataset, dataset: xr.Dataset, field: str, quantity: str) -> Any:
    """``(time,)``, by group where the quantity is one of a group."""
    found = values_of(curves, quantity, x="time", line=None, at={}, groups=None, options={})
    times = dataset["time"].values if "time" in dataset.coords else np.zeros(0)
    if not (len(times) == len(found.x) and np.allclose(times, found.x, rtol=1e-9, atol=0)):
        raise QnuError(field, reason="its sample times are others than those of the sweep")
    mean: Floats = found.array[:, 0, 0].mean(axis=-1)
    if found.groups == ("",):
        return mean[:, 0]
    return {group: mean[:, k] for k, group in enumerate(found.groups)}
