"""What a figure of a sweep shows, as arrays: values by x, line, method, group and seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..averages import mean_over_seeds
from ..common.checks import Floats
from ..errors import QnuError, Words
from .sweep_quantity import find, one_of

if TYPE_CHECKING:
    import xarray as xr

#: Dimensions of a quantity that are no parameter of the sweep.
OWN = ("method", "group", "seed")
#: As a value of ``at``: the mean over all values of that parameter.
MEAN = "mean"


@dataclass(frozen=True, eq=False)
class Values:
    """One quantity of a sweep, ready to be drawn.

    Args:
        array: ``(x, line, method, group, seed)``; NaN where there is no value.
        label: of the axis.
        x: ``(x,)`` numbers; 0, 1, 2, ... where the values are texts.
        x_key: the parameter; ``x_unit``: its unit, where its values are texts with one;
            ``ticks``: its values, where they are other texts.
        lines: values of the parameter ``line_key``; one None where there is none.
        methods, groups: their names; one "" where the quantity has none.
        random: ``(method,)``, whether a result depends on the seed.
        scale: ``"log"``, ``"linear"`` or "" (not said) for the axis of the quantity.
        x_log: whether the grid of x is logarithmic.
        order: ``(x,)``, the places in the dataset: here x grows.
        at: what was selected.
        group_count: groups of the gas.
        per_history: False where numbers per seed are pseudo-values of a jackknife.
    """

    array: Floats
    label: str
    x: Floats
    x_key: str
    x_unit: str
    ticks: tuple[str, ...]
    lines: tuple[Any, ...]
    line_key: str | None
    methods: tuple[str, ...]
    groups: tuple[str, ...]
    random: Floats
    scale: str
    x_log: bool
    order: Floats
    at: Mapping[str, Any]
    group_count: int
    per_history: bool

    @property
    def over_time(self) -> bool:
        """Whether x is the time: then a line is one point of the sweep, at all of its samples."""
        return self.x_key == "time"

    def points(self, where: Any) -> Any:
        """``(x, ...)`` booleans, one per point of the sweep: over time, any of its samples."""
        return np.any(where, axis=0, keepdims=True) if self.over_time else where

    def of_methods(self, labels: Sequence[str]) -> Values:
        """The same for some methods, in that order."""
        rows = [self.methods.index(label) for label in labels]
        return replace(
            self,
            array=self.array[:, :, rows],
            methods=tuple(labels),
            random=self.random[rows],
        )

    def minus(self, reference: str, relative: bool = False) -> Values:
        """``q - r`` of every seed, r another method; ``relative``: :func:`ratios`."""
        k = self.methods.index(reference)
        array = self.array - self.array[:, :, k : k + 1]
        if relative:
            array = ratios(self.array, self.array[:, :, k : k + 1])
        return replace(self, array=array, random=self.random | self.random[k])


def ratios(values: Floats, reference: Floats) -> Floats:
    r"""Numbers per seed whose mean is :math:`\langle q\rangle/\langle r\rangle - 1`.

    :math:`R - 1 + (q_s - R\,r_s)/\langle r\rangle`, R the ratio of the means: to first order in
    the fluctuations their standard error is that of R, the correlation of q and r included.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        below = reference.mean(axis=-1, keepdims=True)
        ratio = values.mean(axis=-1, keepdims=True) / below
        result: Floats = ratio - 1 + (values - ratio * reference) / below
    result[~np.isfinite(result)] = np.nan
    return result


def mean_and_error(array: Floats, random: Floats) -> tuple[Floats, Floats]:
    r""":math:`\langle q\rangle`, :math:`s/\sqrt n` over the n seeds, the last axis.

    Args:
        array: ``(x, line, method, group, seed)``. A point where one seed has no value has none:
            the mean over the others would be of other histories.
        random: ``(method,)``.

    Returns:
        both ``(x, line, method, group)``; errors are NaN for one seed and for methods that do not
        depend on the seed.

    Examples:
        >>> two_seeds = np.array([1.0, 3.0]).reshape(1, 1, 1, 1, 2)
        >>> mean, error = mean_and_error(two_seeds, np.array([True]))
        >>> mean.item(), error.item()
        (2.0, 1.0)
    """
    mean, error = mean_over_seeds(array, axis=-1)
    if error is None:
        return mean, np.full(mean.shape, np.nan)
    error[:, :, ~random.astype(bool)] = np.nan
    return mean, error


def values_of(
    dataset: xr.Dataset,
    wanted: str | xr.DataArray | Callable[..., Any],
    *,
    x: str | None,
    line: str | None,
    at: Mapping[str, Any],
    groups: Sequence[str] | None,
    options: Mapping[str, Any],
) -> Values:
    """One quantity as arrays; every parameter is x, line or selected in ``at``.

    Raises:
        QnuError: a name that does not exist (with the nearest), a parameter that is left over.
    """
    given, at = at, dict(at)
    found = _with_coordinates(dataset, find(dataset, wanted, x, at, options))
    parameters = [str(d) for d in found.dims if d not in OWN]
    found, left = _selected(found, at, parameters)
    x, line = _axes(found, x, line, left)
    x_dim, line_dim = _dimension(found, x), None if line is None else _dimension(found, line)
    rest = [p for p in left if p not in (x_dim, line_dim)]
    if rest:
        texts = ", ".join(f"{p!r}: {_some(found[p].values)}" for p in rest)
        raise QnuError(
            "at",
            Words(f"no value for {', '.join(map(repr, rest))}"),
            f"a value or 'mean' for every parameter that is neither x nor line ({texts})",
        )
    if groups is not None and "group" in found.dims:
        known = [str(g) for g in found["group"].values]
        found = found.sel(group=[one_of("groups", g, known) for g in groups])
    order = [x_dim, line_dim, *OWN[:2], "seed"]
    ready = found
    for k, dim in enumerate(order):
        if dim is None or dim not in ready.dims:
            order[k] = f"no {k}"
            ready = ready.expand_dims(order[k])
    coordinate = found[x]
    numbers, ticks = _numbers(coordinate.values)
    rising = np.argsort(numbers, kind="stable")
    methods = tuple(map(str, found["method"].values)) if "method" in found.dims else ("",)
    return Values(
        array=np.asarray(ready.transpose(*order).values, float)[rising],
        label=str(found.attrs.get("label", found.attrs.get("long_name", found.name or "value"))),
        x=numbers[rising],
        x_key=x,
        x_unit=str(coordinate.attrs.get("units", "")),
        ticks=ticks,
        lines=(None,) if line is None else tuple(found[line].values.tolist()),
        line_key=line,
        methods=methods,
        groups=tuple(map(str, found["group"].values)) if "group" in found.dims else ("",),
        random=_random(dataset, methods),
        scale=str(found.attrs.get("scale", "")),
        x_log=not ticks and is_logarithmic(numbers, str(coordinate.attrs.get("scale", ""))),
        order=rising,
        at=given,
        group_count=int(dataset.sizes.get("group", 1)),
        per_history=bool(found.attrs.get("per_history", True)),
    )


def _with_coordinates(dataset: xr.Dataset, found: xr.DataArray) -> xr.DataArray:
    """With those that are computed from parameters: x and line may be one of them."""
    return found.assign_coords(
        {
            name: coordinate
            for name, coordinate in dataset.coords.items()
            if name not in found.coords and set(coordinate.dims) <= set(found.dims)
        }
    )


def _selected(
    found: xr.DataArray, at: Mapping[str, Any], parameters: list[str]
) -> tuple[xr.DataArray, list[str]]:
    left = list(parameters)
    for key, value in at.items():
        one_of("at", key, parameters)
        left.remove(key)
        if value == MEAN:
            found = found.mean(key, skipna=False, keep_attrs=True)
            continue
        grid = found[key].values
        where = _nearest(grid, value)
        if where is None:
            raise QnuError(f"at[{key!r}]", value, f"'mean' or one of {_some(grid)}")
        found = found.isel({key: where})
    for key in [p for p in left if found.sizes[p] == 1]:
        found = found.isel({key: 0})
        left.remove(key)
    return found, left


def _nearest(grid: Floats, value: Any) -> int | None:
    if grid.dtype.kind in "iuf":
        try:
            gaps = np.abs(grid - float(value))
        except (TypeError, ValueError):
            return None
        k = int(np.argmin(gaps))
        return k if gaps[k] <= 1e-6 * max(abs(float(value)), abs(float(grid[k]))) else None
    texts = [str(v) for v in grid]
    return texts.index(str(value)) if str(value) in texts else None


def _axes(
    found: xr.DataArray, x: str | None, line: str | None, left: list[str]
) -> tuple[str, str | None]:
    """The keys of x and line: as given, or the first and the second parameter that are left."""
    offered = [
        str(name)
        for name, c in found.coords.items()
        if c.ndim == 1 and c.dims[0] in left and name not in OWN
    ]
    offered = list(dict.fromkeys([*left, *offered]))
    if not left:
        raise QnuError("x", x, "a parameter of two values or more (this sweep has none left)")
    if x is not None:
        one_of("x", x, offered)
    if line is not None:
        one_of("line", line, [o for o in offered if o != x])
    used = [_dimension(found, key) for key in (x, line) if key is not None]
    free = [p for p in left if p not in used]
    if x is None:
        if not free:
            raise QnuError("line", line, "another parameter than the only one, which is x")
        x = free.pop(0)
    if line is None and len(free) == 1:
        line = free[0]
    if line is not None and _dimension(found, line) == _dimension(found, x):
        raise QnuError("line", line, f"another parameter than x ({x!r})")
    return x, line


def _dimension(found: xr.DataArray, key: str) -> str:
    return str(found[key].dims[0]) if key in found.coords else key


def _numbers(values: Floats) -> tuple[Floats, tuple[str, ...]]:
    if values.dtype.kind in "iuf":
        return values.astype(float), ()
    return np.arange(len(values), dtype=float), tuple(str(v) for v in values)


def _random(dataset: Any, methods: tuple[str, ...]) -> Floats:
    if "random" not in dataset:
        return np.ones(len(methods), bool)
    known = dict(
        zip(map(str, dataset["method"].values), dataset["random"].values.tolist(), strict=True)
    )
    return np.array([bool(known.get(method, True)) for method in methods])


def is_logarithmic(values: Floats, scale: str) -> bool:
    """As the grid says; of a list without it: even steps in the logarithm over a decade."""
    if not (values > 0).all():
        return False
    if scale in ("log", "linear"):
        return scale == "log"
    if len(values) < 3 or values.max() < 10 * values.min():
        return False
    ordered = np.sort(values)
    steps, ratios_ = np.diff(ordered), np.diff(np.log(ordered))
    return bool(ratios_.std() / ratios_.mean() < steps.std() / steps.mean())


def _some(values: Floats) -> str:
    texts = [f"{v:g}" if isinstance(v, float) else str(v) for v in np.asarray(values).tolist()]
    return ", ".join(texts if len(texts) <= 8 else [*texts[:7], f"... {texts[-1]}"])


def points_of(dataset: Any, name: str, values: Values) -> Floats | None:
    """A variable of the points of a sweep, ``(x, line)``; the largest where ``at`` has means."""
    if name not in dataset:
        return None
    found = dataset[name].astype(float)
    for key, value in values.at.items():
        if key in found.dims:
            where = None if value == MEAN else _nearest(found[key].values, value)
            found = found.max(key) if where is None else found.isel({key: where})
    order = [
        None if key is None or key not in dataset.coords else str(dataset[key].dims[0])
        for key in (values.x_key, values.line_key)
    ]
    found = found.squeeze([d for d in found.dims if d not in order and found.sizes[d] == 1])
    if set(found.dims) - set(order):
        return None
    for k, dim in enumerate(order):
        if dim not in found.dims:
            dim_size = (len(values.x), len(values.lines))[k]
            order[k] = f"no {k}"
            found = found.expand_dims({f"no {k}": dim_size})
    return np.asarray(found.transpose(*order).values, float)[values.order]
