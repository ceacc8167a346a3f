"""Growth rates and frequencies of waves against their wave number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats
from ..errors import QnuError, Words
from ..solvers import LinearModes
from . import page, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7")
#: Solid, then dashes: told apart in grey too.
_LINES: tuple[Any, ...] = ("-", (0.0, (5.0, 1.6)), (0.0, (1.2, 1.2)), (0.0, (6.0, 1.5, 1.2, 1.5)))
_MARKERS = ("o", "s", "D", "^")


def growth(
    modes: LinearModes | Mapping[str, LinearModes],
    measured: Mapping[str, tuple[ArrayLike, ArrayLike]] | None = None,
    title: str | None = None,
    *,
    width: str = "single",
) -> Figure:
    r"""Largest :math:`\mathrm{Im}\,\Omega` (above) and :math:`\mathrm{Re}\,\Omega` (below) against
    k.

    Below, in color: the frequency of the mode that grows fastest, where one grows; grey: those of
    all modes (of the first ``modes`` only). A color that goes on where growth depends on the number
    of beams is an instability of the quadrature.

    Args:
        modes: of :func:`qnu.solvers.linear_stability`, or label -> such.
        measured: label -> (k, growth rate): points laid over, as of mean_field or transport.
        title: above the figure.
        width: ``"single"`` or ``"double"``, of a journal.

    Returns:
        a matplotlib Figure, 3.4 or 7 inches wide.

    Raises:
        QnuError: nothing to draw, points of different numbers.

    References:
        Martin et al., equilibration of fast oscillations (2307.16793).

    Examples:
        >>> import qnu
        >>> crossed = qnu.Beams([1, -1], [0.6, 0.4], [[0, 0, 1], [0, 0, -1]])
        >>> modes = qnu.solvers.linear_stability(crossed, [-2, -1.5, -1, -0.5, 0])
        >>> figure = growth(modes, measured={"transport": ([-1.0], [0.98])})
        >>> [axes.get_ylabel() for axes in figure.axes]
        ['growth $\\mathrm{Im}\\,\\Omega/\\mu$', '$\\mathrm{Re}\\,\\Omega/\\mu$']
    """
    page.checked_width(width)
    given = modes if isinstance(modes, Mapping) else {"": modes}
    if not given or not all(isinstance(one, LinearModes) for one in given.values()):
        raise QnuError("modes", modes, "LinearModes, or a dictionary of at least one of them")
    points = {label: _points(label, pair) for label, pair in (measured or {}).items()}
    narrow = width == "single"
    with style.paper(narrow=narrow):
        figure = style.new_figure(page.WIDTHS[width], 3.6, layout="constrained")
        above, below = figure.subplots(2, 1, sharex=True)
        for number, (label, one) in enumerate(given.items()):
            _draw(above, below, label, one, number)
        for number, (label, (k, rate)) in enumerate(points.items()):
            above.plot(
                k,
                rate,
                linestyle="none",
                marker=_MARKERS[number % len(_MARKERS)],
                markersize=4.0,
                markerfacecolor="white",
                color="#202020",
                label=style.plain(label),
            )
        above.set_ylim(bottom=0.0)
        above.set_ylabel(r"growth $\mathrm{Im}\,\Omega/\mu$")
        below.set_ylabel(r"$\mathrm{Re}\,\Omega/\mu$")
        below.set_xlabel(r"wave number $k/\mu$")
        if above.get_legend_handles_labels()[0]:
            above.legend(loc="best")
        if title:
            figure.suptitle(style.plain(title), fontsize=11.0)
        style.settle(figure)
    return figure


def _points(label: str, pair: Any) -> tuple[Floats, Floats]:
    if not isinstance(pair, tuple | list) or len(pair) != 2:
        raise QnuError(f"measured[{label!r}]", Words("no pair"), "(k, growth rate)")
    k = np.atleast_1d(floats(f"measured[{label!r}]", np.atleast_1d(pair[0]), (None,)))
    rate = floats(f"measured[{label!r}]", np.atleast_1d(pair[1]), (len(k),))
    return k, rate


def _draw(above: Any, below: Any, label: str, modes: LinearModes, number: int) -> None:
    order = np.argsort(modes.k, kind="stable")
    k, rate, frequency = modes.k[order], modes.growth[order], modes.frequency[order]
    color, line = _COLORS[number % len(_COLORS)], _LINES[number % len(_LINES)]
    named = style.plain(label) if label else None
    mu = modes.mu or 1.0
    above.plot(k / mu, rate / mu, color=color, linestyle=line, linewidth=1.5, label=named)
    if number == 0:
        every = np.repeat(k / mu, frequency.shape[1])
        below.plot(
            every, frequency.real.ravel() / mu, ".", color="#b0b0b0", markersize=1.5,
            markeredgewidth=0, rasterized=True,
        )  # fmt: skip
    grows = rate > 0  # dots: the fastest mode may change from one branch to another
    marks = {"marker": _MARKERS[number % len(_MARKERS)], "markersize": 2.6 - 0.8 * (number > 0)}
    below.plot(k[grows] / mu, frequency[grows, 0].real / mu, color=color, linestyle="", **marks)
