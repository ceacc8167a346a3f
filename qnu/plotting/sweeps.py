"""Sweeps: mean and error band of quantities against a parameter or time, one line per another."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ..common.checks import choice
from ..errors import QnuError, Words
from . import style, sweep_notes, sweep_panels, sweep_plan, sweep_quantity, sweep_theory
from .legend_stack import stack
from .sweep_quantity import one_of
from .sweep_values import Values, mean_and_error, values_of
from .sweep_words import symbol

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure

#: Panels side by side, at most.
_MOST_COLUMNS = 4
#: Lines in one panel, at most.
_MOST_LINES = 12
#: On logarithmic axes a mean below this share of the largest is a rounding error of zero.
_ROUNDING = 1e-13
#: Quantities below each other, at most.
_MOST_ROWS = 4
_MAIN, _EACH, _RESIDUAL = 2.15, 1.75, 0.85  # inches


def sweep(
    dataset: xr.Dataset | xr.DataArray,
    quantity: str | Sequence[str] | xr.DataArray | Callable[[xr.Dataset], xr.DataArray] = "entropy",
    *,
    x: str | None = None,
    line: str | None = None,
    residual: str | None = None,
    relative: bool = False,
    methods: Sequence[str] | None = None,
    groups: Sequence[str] | None = None,
    at: Mapping[str, Any] | None = None,
    theory: Mapping[str, Any] | None = None,
    slope: float | None = None,
    scale: str | None = None,
    options: Mapping[str, Any] | None = None,
    title: str | None = None,
) -> Figure:
    r""":math:`\langle q\rangle \pm s/\sqrt n` over n seeds, against a parameter or against time.

    One line per value of another parameter, in color and with a marker of its own; methods by line
    style as in :func:`compare`; bands: one standard error over seeds (none for methods that do not
    depend on the seed, error bars for circuits and for points without a neighbor). Groups are
    panels side by side, or colors where there is no ``line``. Points that failed, or where a seed
    has no value, are left out, and a note says so. Axes are logarithmic where the grid is, and for
    values > 0 over more than a decade and a half. A note says where pairs of neutrinos meet more
    than once on average, and rings mark these points of many-body methods, where others have none:
    they then keep correlations that an infinite gas does not have.

    With ``x="time"`` every sample is drawn, one color for each value of a swept parameter, with a
    few markers only, and no rings. A list of quantities is drawn in panels below each other.

    Args:
        dataset: of :func:`qnu.experiment.sweep` or a file of ``qnu sweep``; or a quantity of it.
        quantity: a name of :data:`qnu.quantities.QUANTITIES` or a recorded observable, at the last
            sample (another one: ``at={"time": 2.0}``; all: ``x="time"``); or a list of names; a
            DataArray with dimensions among the parameters, method, group and seed, or a function
            that makes one, with the attributes ``label`` and ``scale`` (``"log"``) of the axis.
        x: the parameter along the axis, or ``"time"``; default: the first parameter.
        line: another one; default: the second, where there are two.
        residual: label of a method: a lower panel shows the others minus this one, paired seed by
            seed, with the standard error of the difference.
        relative: in the lower panel the ratio of the means minus 1, with its error to first order.
        methods: labels, in the order of the legend; default: all.
        groups: names; default: all.
        at: a value (or ``"mean"``) for every other parameter: ``{"group.1.omega": 0.1}``.
        theory: name -> number, array over x, function of x or formula of keys, such as
            ``"4/3 * schedule.gamma"``, or a dictionary of these by group; of several quantities, a
            dictionary by quantity; thin lines, black where they hold for all lines of a panel.
        slope: of a reference triangle; logarithmic axes; the slopes of all lines are fitted
            (:func:`power_law`) and printed.
        scale: of the vertical axis: ``"log"`` or ``"linear"``.
        options: of the quantity, such as ``{"reference": "mean_field"}``.
        title: above the figure.

    Returns:
        a matplotlib Figure, one column wide, two where groups stand side by side.

    Raises:
        QnuError: an unknown name (with the nearest), a parameter that is neither x, nor line, nor
            in ``at``, no value to draw, more lines or panels than can be told apart, a lower panel
            or slopes of several quantities.

    References:
        Kost, Johns, Duan, OILE II (2508.14331), for figures of this kind.

    Examples:
        >>> import numpy as np, xarray as xr
        >>> entropy = xr.DataArray(
        ...     [[0.1, 0.2], [0.3, 0.5]],
        ...     coords={"schedule.gamma": [0.01, 0.1], "seed": [1, 2]},
        ...     attrs={"label": "entropy (bits)"},
        ... )
        >>> axes = sweep(entropy).axes[0]
        >>> axes.get_xlabel(), axes.lines[0].get_ydata().round(3).tolist()
        ('$\\gamma$', [0.15, 0.4])
    """
    several = isinstance(quantity, Sequence) and not isinstance(quantity, str)
    names: list[Any] = _several(quantity, residual, slope) if several else [quantity]
    rows = []
    for name in names:
        data, wanted = _as_dataset(dataset, name)
        values = values_of(
            data, wanted, x=x, line=line, at=at or {}, groups=groups, options=options or {}
        )
        other = sweep_quantity.reference_of(data, wanted, options or {})
        if other is not None:
            known = sweep_plan.styles(data, [str(label) for label in data["method"].values])
            values = replace(values, label=f"{values.label} from {known[other].name}")
        plan = _planned(data, values, methods, residual, slope, scale)
        own = _theory_of(name, names, theory or {}) if several else dict(theory or {})
        rows.append((plan, sweep_theory.curves(data, values, own)))
    lower = None if residual is None else _Lower(values, residual, relative)
    return _drawn(data, rows, lower, title)


@dataclass(frozen=True, eq=False)
class _Lower:
    """The panel of differences: all values, the method they refer to, whether ratios."""

    values: Values
    reference: str
    relative: bool

    def in_words(self, plan: sweep_plan.Plan) -> str:
        what = "ratio to {}, minus 1" if self.relative else "minus {}, paired by seed"
        return f"Lower panel: {what.format(plan.names.get(self.reference, self.reference))}"

    def draw(self, axes: Sequence[Any], plan: sweep_plan.Plan) -> None:
        difference = self.values.minus(self.reference, self.relative)
        shown = difference.of_methods(plan.values.methods)
        sweep_panels.residual(axes, plan, shown, self.reference, self.relative)


def _several(quantity: Any, residual: str | None, slope: float | None) -> list[str]:
    """Names of quantities, each of which has a panel."""
    names = list(quantity)
    right = all(isinstance(name, str) for name in names) and len(set(names)) == len(names)
    if not (right and 0 < len(names) <= _MOST_ROWS):
        raise QnuError("quantity", names, f"one name, or a list of up to {_MOST_ROWS} names")
    for field, value in (("residual", residual), ("slope", slope)):
        if value is not None and len(names) > 1:
            raise QnuError(field, value, f"one quantity with {field}, not {len(names)}")
    return names


def _theory_of(name: str, names: Sequence[str], theory: Mapping[str, Any]) -> dict[str, Any]:
    """The curves of one of several quantities."""
    found = {}
    for label, given in theory.items():
        if not isinstance(given, Mapping) or not set(given) <= set(names):
            allowed = f"a dictionary by quantity ({', '.join(names)})"
            raise QnuError(f"theory[{label!r}]", given, allowed)
        if name in given:
            found[label] = given[name]
    return found


def _drawn(data: Any, rows: Sequence[Any], lower: _Lower | None, title: str | None) -> Figure:
    """One row of panels per quantity, and differences below."""
    first = rows[0][0]
    notes: dict[str, None] = {}
    for plan, _ in rows:
        words = "" if lower is None else lower.in_words(plan)
        notes |= dict.fromkeys(sweep_notes.notes(data, plan, words))
    with style.paper():
        columns = len(first.columns)
        width = style.SINGLE_COLUMN if columns == 1 else style.DOUBLE_COLUMN
        figure = style.new_figure(width, 4.0, layout="constrained")
        ratios = [_MAIN if len(rows) == 1 else _EACH] * len(rows)
        ratios += [_RESIDUAL] * (lower is not None)
        axes = figure.subplots(
            len(ratios), columns, sharex=True, sharey="row", squeeze=False, height_ratios=ratios
        )
        for row, (plan, curves) in enumerate(rows):
            sweep_panels.main(axes[row], plan, curves, titles=row == 0, low=len(rows) > 1)
            repeated = sweep_notes.repeated(data, plan.values)
            if repeated is not None and not repeated.all():
                sweep_panels.ring_repeated(axes[row], plan, repeated)
        if lower is not None:
            lower.draw(axes[-1], first)
        values = first.values
        for ax in axes[-1]:
            unit = f" ({values.x_unit})" if values.x_unit else ""
            name = symbol(values.x_key, values.group_count, sweep_notes.time_word(data))
            ax.set_xlabel(name + unit, labelpad=2.0)
        most = max((plan for plan, _ in rows), key=lambda plan: len(plan.styles))
        theory = [curve for _, curves in rows for curve in curves]
        sections = sweep_panels.legend_sections(most, theory)
        _laid_out(figure, sections, list(notes), title, sum(ratios))
    return figure


def _as_dataset(dataset: Any, quantity: Any) -> tuple[Any, Any]:
    import xarray as xr

    if isinstance(dataset, xr.DataArray):
        named = dataset.rename(dataset.name or "value")
        return named.to_dataset(), named
    if not isinstance(dataset, xr.Dataset):
        kind = Words(f"a {type(dataset).__name__}")
        raise QnuError("dataset", kind, "an xarray.Dataset of a sweep, or a quantity of one")
    return dataset, quantity


def _planned(
    dataset: Any,
    values: Values,
    methods: Sequence[str] | None,
    residual: str | None,
    slope: float | None,
    scale: str | None,
) -> sweep_plan.Plan:
    if residual is not None:
        one_of("residual", residual, values.methods)
    if scale is not None:
        choice("scale", scale, ("log", "linear"))
    wanted = values.methods
    if methods is not None:
        given = [methods] if isinstance(methods, str) else list(methods)
        wanted = tuple(one_of("methods", label, values.methods) for label in given)
    mean, _ = mean_and_error(values.array, values.random)
    has = {m: mean[:, :, values.methods.index(m)] for m in wanted}
    drawn = [m for m in wanted if np.isfinite(has[m]).any()]
    if not drawn:
        label = " ".join(values.label.split())
        raise QnuError("quantity", Words(label), "one that has values for these methods and points")
    together = np.stack([has[m] for m in drawn])
    y_log, rounding = _is_log(values, together, scale, slope), 0.0
    if y_log:
        rounding = _ROUNDING * float(np.nanmax(together))
        drawn = [m for m in drawn if (has[m] > rounding).any()]
    shown = values.of_methods(drawn)
    if len(shown.lines) > _MOST_LINES:
        raise QnuError("line", shown.line_key, f"a parameter of at most {_MOST_LINES} values")
    by_panel = shown.line_key is not None
    columns = tuple(range(len(shown.groups))) if by_panel else (0,)
    if len(columns) > _MOST_COLUMNS:
        raise QnuError(
            "groups", list(shown.groups), f"at most {_MOST_COLUMNS} groups where lines differ"
        )
    mean, error = mean_and_error(shown.array, shown.random)
    styles = sweep_plan.styles(dataset, values.methods)
    return sweep_plan.Plan(
        values=shown,
        mean=np.where(abs(mean) < rounding, 0.0, mean),
        error=error,
        columns=columns,
        styles={label: styles[label] for label in shown.methods},
        names={label: own.name for label, own in styles.items()},
        fills=sweep_plan.fills(styles, lines=not shown.ticks),
        missing=[styles[m].name for m in wanted if not np.isfinite(has[m]).any()],
        below=[styles[m].name for m in wanted if np.isfinite(has[m]).any() and m not in drawn],
        x_log=shown.x_log or slope is not None,
        y_log=y_log,
        slope=slope,
        many_body=sweep_plan.many_body(dataset, shown.methods),
    )


def _is_log(values: Values, mean: Any, scale: str | None, slope: float | None) -> bool:
    known = mean[np.isfinite(mean)]
    positive = bool((known > 0).any())
    asked = scale or ("log" if slope is not None or values.scale == "log" else None)
    if asked:
        if asked == "log" and not positive:
            raise QnuError("scale", "log", "a quantity that is > 0 somewhere, or 'linear'")
        return asked == "log"
    return positive and bool((known > 0).all()) and float(known.max() / known.min()) > 30


def _laid_out(
    figure: Any, sections: Any, notes: Sequence[str], title: str | None, panels: float
) -> None:
    """Legends at the top, notes at the bottom, panels between them at their own height."""
    above = 0.0
    if title:
        heading = figure.text(0.5, 1.0, style.plain(title), ha="center", va="top", fontsize=11.0)
        above = heading.get_window_extent().height / figure.dpi + 0.1
    legends = stack(figure, sections)
    below = 0.0
    if notes:
        text = sweep_notes.wrapped(notes, figure.get_figwidth())
        note = figure.text(0.0, 0.0, text, fontsize=8.0, va="bottom", gid="notes", linespacing=1.15)
        below = note.get_window_extent().height / figure.dpi + 0.1
    height = above + legends.height + panels + 0.45 + below
    figure.set_size_inches(figure.get_figwidth(), height)
    if title:
        heading.set_y(1 - 0.05 / height)
    legends.place(figure, above)
    if notes:
        note.set_position((0.05 / figure.get_figwidth(), 0.05 / height))
    top = 1.0 - (above + legends.height) / height
    figure.get_layout_engine().set(
        rect=(0.0, below / height, 1.0, top - below / height), h_pad=0.03, w_pad=0.03, hspace=0.03
    )
    style.settle(figure)
