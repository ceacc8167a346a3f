"""Theory curves and reference slopes in figures of sweeps."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common import toml
from ..common.checks import Floats
from ..errors import QnuError, Words
from . import formulas, style
from .power_law import power_law
from .sweep_plan import Plan
from .sweep_quantity import one_of
from .sweep_values import Values, points_of

_FINE = 200
#: More fitted slopes stand below the figure.
_MOST_IN_PANEL = 4
_DASHES: tuple[Any, ...] = ("-", (0, (7, 2)), (0, (7, 2, 1, 2)), (0, (2, 2)))


_THEORY = "a number, an array over x, a function of x or a formula of keys"
#: Name, number of the group (None: all) and dashes.
Kind = tuple[str, int | None, Any]


@dataclass(frozen=True, eq=False)
class Curve:
    """One theory curve.

    Args:
        x, y: numbers.
        line: the number of the value of ``line`` it belongs to; None: to all.
        name: in the legend.
        group: the number of the group it belongs to; None: to all.
        dashes: its line style.
    """

    x: Floats
    y: Floats
    line: int | None
    name: str
    group: int | None
    dashes: Any


def curves(dataset: Any, values: Values, theory: Mapping[str, Any]) -> list[Curve]:
    """From numbers, arrays, functions of x and formulas of keys; or a dictionary of these."""
    found: list[Curve] = []
    for k, (name, given) in enumerate(theory.items()):
        field = f"theory[{name!r}]"
        parts = given if isinstance(given, Mapping) else {"": given}
        for part, one in parts.items():
            group = values.groups.index(one_of(field, part, values.groups)) if part else None
            at = f"{field}[{part!r}]" if part else field
            kind = (style.plain(name), group, _DASHES[k % len(_DASHES)])
            if isinstance(one, str):
                found += _of_formula(dataset, values, at, one, kind)
            else:
                found.append(_of_numbers(values, at, one, kind))
    return found


def _of_numbers(values: Values, field: str, given: Any, kind: Kind) -> Curve:
    x = _fine(values) if callable(given) else values.x
    try:
        y = np.asarray(given(x) if callable(given) else given, float)
    except (TypeError, ValueError) as error:
        raise QnuError(field, Words(str(error)), _THEORY) from None
    if y.ndim > 1 or (y.ndim == 1 and len(y) != len(x)):
        got = Words(f"an array of shape {y.shape}")
        raise QnuError(field, got, f"a number or {len(x)} values, one per x")
    if not callable(given) and y.ndim == 1:
        y = y[values.order]
    return Curve(x, np.broadcast_to(y, x.shape), None, *kind)


def _fine(values: Values) -> Floats:
    if values.ticks:
        return values.x
    low, high = values.x.min(), values.x.max()
    return np.geomspace(low, high, _FINE) if values.x_log else np.linspace(low, high, _FINE)


def _of_formula(dataset: Any, values: Values, field: str, formula: str, kind: Kind) -> list[Curve]:
    known: dict[str, Any] = _numbers(dataset)
    of_points = {}
    for key in map(str, dataset.variables):
        if dataset[key].dtype.kind in "iufb":
            points = points_of(dataset, key, values)
            if points is not None:
                of_points[key] = points
    known |= of_points
    used = formulas.keys_of(formula, known)
    if used & of_points.keys() <= {values.x_key, "x"} and not values.ticks:
        x = _fine(values)
        y = formulas.evaluate(field, formula, known | {values.x_key: x, "x": x})
        return [Curve(x, np.broadcast_to(np.asarray(y, float), x.shape), None, *kind)]
    whole = formulas.evaluate(field, formula, known | {"x": values.x[:, None]})
    table = np.broadcast_to(np.asarray(whole, float), (len(values.x), len(values.lines)))
    same = all(np.allclose(table[:, 0], row, equal_nan=True) for row in table.T)
    if same:
        return [Curve(values.x, table[:, 0], None, *kind)]
    return [Curve(values.x, row, k, *kind) for k, row in enumerate(table.T)]


def _numbers(dataset: Any) -> dict[str, Any]:
    """Of keys that are not swept: from the file, and those that were set for the whole sweep."""
    try:
        tables = toml.loads(str(dataset.attrs.get("spec", "")))
        given = json.loads(dataset.attrs.get("sweep") or "{}")
    except ValueError:  # a dataset of other origin
        return {}
    return formulas.numbers_of_file(tables) | formulas.numbers_of_file(given)


def draw(ax: Any, theory: Sequence[Curve], plan: Plan, column: int) -> None:
    """Thin black lines above the bands, or in the color of the value they belong to."""
    by_line = plan.values.line_key is not None
    for curve in theory:
        if by_line and curve.group not in (None, column):
            continue
        owner = curve.line if by_line else curve.group
        y = np.where((curve.y > 0) | (not plan.y_log), curve.y, np.nan)
        ax.plot(
            curve.x,
            y,
            color="black" if owner is None else plan.series[owner][1],
            linewidth=0.9,
            linestyle=curve.dashes,
            zorder=5.0,
            gid=f"theory:{curve.name}" + ("" if owner is None else f":{plan.series[owner][0]}"),
        )


def fits(plan: Plan, column: int) -> list[str]:
    """The fitted slope of every curve of a panel, in words.

    Raises:
        QnuError: no curve of two positive points.
    """
    series, several = plan.series, len(plan.values.methods) > 1
    texts = []
    for s, (line, method, group) in plan.curves(column):
        try:
            fit = power_law(plan.values.x, plan.values.array[:, line, method, group])
        except QnuError:  # this curve has too few points; others may not
            continue
        label = plan.values.methods[method]
        named = [plan.styles[label].name] * several + [series[s][0]] * (len(series) > 1)
        texts.append(f"{', '.join(named)}{': ' if named else 'slope '}{fit}")
    if not texts:
        raise QnuError("slope", Words("no line of two positive points"), "lines to be fitted")
    return texts


def slopes_in_words(plan: Plan) -> list[str]:
    """The fitted slopes of panels that have no room for them."""
    if plan.slope is None:
        return []
    found = []
    for column in plan.columns:
        texts = fits(plan, column)
        if len(texts) > _MOST_IN_PANEL:
            of = f" of group {plan.values.groups[column]}" if len(plan.columns) > 1 else ""
            kept = [text.replace(" ", "\N{NO-BREAK SPACE}") for text in texts]
            found.append(f"Fitted slopes{of}: {'; '.join(kept)}.")
    return found


def slopes(ax: Any, plan: Plan, column: int) -> None:
    """A triangle of the slope above the curves, and the fitted slopes where there are few."""
    wanted = float(plan.slope or 0.0)
    texts = fits(plan, column)
    if len(texts) <= _MOST_IN_PANEL:
        ax.text(
            0.97 if wanted >= 0 else 0.03,
            0.04,
            "\n".join([*["fitted slopes"] * (len(texts) > 1), *texts]),
            transform=ax.transAxes,
            ha="right" if wanted >= 0 else "left",
            va="bottom",
            fontsize=8.0,
            linespacing=1.15,
            gid="slopes",
        )
    drawn = [plan.mean[:, line, m, g] for _, (line, m, g) in plan.curves(column)]
    x = plan.values.x
    for curve in ax.lines:
        if str(curve.get_gid()).startswith("theory:"):
            y = np.asarray(curve.get_ydata(), float)
            drawn.append(np.interp(x, curve.get_xdata(), np.where(np.isfinite(y), y, -np.inf)))
    _triangle(ax, x, np.fmax.reduce(drawn), wanted)


def _triangle(ax: Any, x: Floats, upper: Floats, slope: float) -> None:
    known = np.isfinite(upper) & (upper > 0) & (x > 0)
    logs, heights = np.log(x[known]), np.log(upper[known])
    ends = (0.22, 0.42) if slope >= 0 else (0.58, 0.78)
    a, b = (logs[0] + part * (logs[-1] - logs[0]) for part in ends)
    inside = np.array([a, *logs[(logs > a) & (logs < b)], b])
    above = np.max(np.interp(inside, logs, heights) - slope * (inside - a)) + np.log(1.7)
    x1, x2, y1 = np.exp(a), np.exp(b), np.exp(above)
    y2 = y1 * (x2 / x1) ** slope
    corner = (x1, y2) if slope >= 0 else (x2, y1)
    points = [(x1, y1), (x2, y2), corner, (x1, y1)]
    ax.plot(*zip(*points, strict=True), color="0.25", linewidth=0.7, zorder=4.0, gid="triangle")
    ax.annotate(
        f"{slope:g}".replace("-", "\N{MINUS SIGN}"),
        (corner[0], np.sqrt(y1 * y2)),
        xytext=(-3 if slope >= 0 else 3, 0),
        textcoords="offset points",
        ha="right" if slope >= 0 else "left",
        va="center",
        fontsize=9.0,
        gid="slope",
    )
    low, high = ax.get_ylim()
    ax.set_ylim(low, max(high, 1.6 * max(y1, y2)))
