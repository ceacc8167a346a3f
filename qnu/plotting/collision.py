r"""The collision term along and across P against time: of ensembles and of exact states."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from ..common.checks import Floats
from ..errors import QnuError, Words
from ..observables import along_and_across
from ..solvers import CollisionTerm
from ..trajectory import Trajectory
from . import page, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAME = "collision_term"
_PARTS = (r"along $\mathbf{P}$:  $C_\parallel/\mu$", r"across $\mathbf{P}$:  $C_\perp/\mu$")
#: Of one row of panels, and what legends and labels need, in inches.
_INCHES, _REST = 1.75, 1.05
#: Groups beyond the first have open markers, then others: told apart in grey too.
_MARKERS = ("o", "s", "D", "^", "v")


@dataclass(frozen=True, eq=False)
class _Curves:
    """One column: ``(samples, groups, 2)`` along and across, with errors where there are any."""

    times: Floats
    names: tuple[str, ...]
    values: Floats
    error: Floats | None
    expected: Floats | None


def collision_terms(
    terms: Mapping[str, CollisionTerm | Trajectory],
    title: str | None = None,
    *,
    width: str = "double",
) -> Figure:
    r""":math:`\mathbf C_g\cdot\mathbf n` and :math:`\mathbf C_g\cdot\mathbf m` against time: along
    P, and across it towards the mean of the gas.

    One column for each. Of encounters (:func:`qnu.solvers.ensemble_collision_term`) markers with
    standard errors, and the line :math:`\mu\gamma\kappa\,(\bar{\mathbf P} - \mathbf P)`: a
    constant times the difference of polarizations, at every time. Of plane waves, a Trajectory with
    the observable ``collision_term``, the mean over each group: it starts at 0 where nothing is
    entangled, and oscillates (dots with error bars where it was measured with shots).

    Args:
        terms: label -> CollisionTerm or Trajectory.
        title: above the figure.
        width: ``"double"``, columns beside each other, or ``"single"``, one column of a journal.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: nothing to draw, a Trajectory without the observable or of an ensemble.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.0, 0.0], group=[0, 1])
        >>> waves = qnu.schedules.plane_wave(gas, duration=3.0, steps=30)
        >>> run = qnu.solvers.many_body(
        ...     gas, waves, waves.equally_spaced(31), observables=["collision_term"])
        >>> figure = collision_terms({"plane waves": run})
        >>> [axes.get_title() for axes in figure.axes]
        ['plane waves', '']
    """
    page.checked_width(width)
    if not isinstance(terms, Mapping) or not terms:
        raise QnuError("terms", terms, "a dictionary of at least one CollisionTerm or Trajectory")
    columns = {label: _curves_of(label, term) for label, term in terms.items()}
    names = list(dict.fromkeys(name for curves in columns.values() for name in curves.names))
    colors = style.group_colors(names)
    narrow = width == "single"
    with style.paper(narrow=narrow):
        figure, panels = _empty(len(columns), narrow, bool(title))
        for k, (label, curves) in enumerate(columns.items()):
            for part in range(2):
                ax = panels[part, k]
                ax.axhline(0.0, color="#808080", linewidth=0.6, zorder=0.5)
                _draw(ax, curves, part, colors)
                ax.set_xlim(0.0, curves.times[-1] + curves.times[0])
                page.keep_letters(ax)
                if k == 0 or narrow:
                    ax.set_ylabel(_PARTS[part])
            panels[0, k].set_title(style.plain(label), fontsize=9.0 if narrow else 10.5)
            panels[1, k].set_xlabel(r"time $\mu t$")
            panels[0, k].tick_params(labelbottom=False)
        for part in range(2):
            _same_scale(panels[part])
        where = "outside lower center"
        figure.legend(handles=_keys(columns, colors), loc=where, ncols=2 if narrow else 4)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _empty(count: int, narrow: bool, title: bool) -> tuple[Figure, Any]:
    """The figure, and its panels as ``[part, column]``."""
    stacked = count if narrow else 1
    height = 2 * stacked * (_INCHES - 0.3 * narrow) + _REST * (1 + 0.35 * narrow) + 0.25 * title
    engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.04)
    figure = style.new_figure(page.WIDTHS["single" if narrow else "double"], height, layout=engine)
    rows, columns = (2 * count, 1) if narrow else (2, count)
    axes = figure.subplots(rows, columns, squeeze=False)
    return figure, axes.reshape(count, 2).T if narrow else axes


def _same_scale(axes: Any) -> None:
    """One scale for all columns where their sizes are alike, so that they can be compared."""
    ends = [ax.get_ylim() for ax in axes]
    sizes = [max(abs(low), abs(high)) for low, high in ends]
    if max(sizes) > 4 * min(sizes):
        return
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    for ax in axes:
        ax.set_ylim(low, high)


def _curves_of(label: str, term: Any) -> _Curves:
    if isinstance(term, CollisionTerm):
        values, error = term.components()
        known = None if np.isnan(error).all() else error[..., :2]
        expected = term.expected_components()
        line = None if expected is None else expected[..., :2]
        return _Curves(term.times, term.names, values[..., :2], known, line)
    if not isinstance(term, Trajectory):
        raise QnuError(f"terms[{label!r}]", term, "a CollisionTerm or a Trajectory")
    if term.seeds is not None:
        raise QnuError(f"terms[{label!r}]", Words("an ensemble"), "one history")
    if _NAME not in term:
        raise QnuError(f"terms[{label!r}]", Words(f"no {_NAME!r}"), f"observables = [{_NAME!r}]")
    vectors, means = term[_NAME].values, term.group_weights()
    whole = term.polarization.mean(axis=1, keepdims=True)
    groups = np.einsum("gn,tna->tga", means, term.polarization)
    values = np.einsum("gn,tna->tga", means, vectors)
    bar = np.broadcast_to(whole, groups.shape)
    spread: Floats | None = None
    if f"{_NAME}_error" in term:
        each = np.einsum("gn,tna->tga", means**2, term[f"{_NAME}_error"].values ** 2)
        axes = [np.broadcast_to(e, groups.shape) for e in np.eye(3)]
        basis = np.stack([along_and_across(e, groups, bar) for e in axes], axis=-1)
        spread = np.sqrt(np.einsum("...ka,...a->...k", basis**2, each))[..., :2]
    shown = along_and_across(values, groups, bar)[..., :2]
    return _Curves(term.times, tuple(term.group_names), shown, spread, None)


def _draw(ax: Any, curves: _Curves, part: int, colors: Mapping[str, str]) -> None:
    for g, name in enumerate(curves.names):
        number, values = list(colors).index(name), curves.values[:, g, part]
        own: dict[str, Any] = {"color": colors[name], "gid": name}
        marked = curves.error is not None or curves.expected is not None
        if not marked:
            ax.plot(curves.times, values, linewidth=1.5, linestyle=_lines(number), **own)
            continue
        if curves.expected is not None:
            line = curves.expected[:, g, part]
            known = {**own, "gid": f"line:{name}"}
            ax.plot(curves.times, line, linewidth=1.1, linestyle=_lines(number), **known)
        ax.errorbar(
            curves.times,
            values,
            None if curves.error is None else curves.error[:, g, part],
            fmt=_MARKERS[number % len(_MARKERS)],
            markersize=3.4,
            markerfacecolor=colors[name] if number == 0 else "white",
            markeredgewidth=0.8,
            elinewidth=0.8,
            zorder=3.0,
            **own,
        )


def _lines(number: int) -> Any:
    """Solid for the first group, dashes for others: told apart in grey too."""
    return ("-", (0.0, (5.0, 1.6)), (0.0, (1.2, 1.2)), (0.0, (6.0, 1.5, 1.2, 1.5)))[number % 4]


def _keys(columns: Mapping[str, _Curves], colors: Mapping[str, str]) -> list[Any]:
    keys = []
    grey = "#404040"
    for k, (name, color) in enumerate(colors.items()):
        label = f"group {style.group_name(name)}"
        keys.append(Line2D([], [], color=color, linewidth=1.5, linestyle=_lines(k), label=label))
    if any(curves.expected is not None for curves in columns.values()):
        text = r"lines: $\mu\gamma\kappa\,(\bar{\mathbf{P}} - \mathbf{P})$"
        keys.append(Line2D([], [], color=grey, linewidth=1.1, label=text))
    if any(curves.error is not None for curves in columns.values()):
        text = "markers: measured, 1 standard error"
        keys.append(
            Line2D([], [], color=grey, marker="o", linestyle="none", markersize=3.4, label=text)
        )
    return keys
