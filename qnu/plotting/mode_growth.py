"""Fourier modes of a box against time, and how fast each grows beside linear stability."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.layout_engine import ConstrainedLayoutEngine

from ..common.checks import Floats, finite, number
from ..errors import QnuError, Words
from ..modes import measured_growth, mode_power
from ..trajectory import Trajectory
from . import page, style, time_axis
from .boxes import edges, one_history

if TYPE_CHECKING:
    from matplotlib.figure import Figure


_HEIGHT = 2.9
#: Power is shown down to this part of the largest.
_DECADES = 1e-14


def mode_growth(
    trajectory: Trajectory,
    between: tuple[float, float],
    modes: Any = None,
    title: str | None = None,
    *,
    largest: float | None = None,
    width: str = "double",
) -> Figure:
    r"""The power of every Fourier mode k against time, and its growth rate against k.

    Left: :math:`\sum_b w_b|\tilde S_b(k)|^2` (:func:`qnu.modes.mode_power`), the window between
    lines. Right: dots, the rate that is measured in the window
    (:func:`qnu.modes.measured_growth`); line, what linear stability says.

    Args:
        trajectory: over a periodic box; of an ensemble its first history is drawn.
        between: (t1, t2), where modes are small and grow.
        modes: Im Omega(k): what :func:`qnu.solvers.linear_stability` returns, or (k, rate).
        title: above the figure.
        largest: k is shown from -largest to largest; default: all of ``modes``, else all.
        width: ``"double"`` or ``"single"`` (panels below each other).

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: as :func:`qnu.modes.measured_growth`; modes that are not two arrays of one length.

    Examples:
        >>> import qnu
        >>> beam, t = qnu.Beams([1.0], [1.0], [[0, 0, 1]]), np.array([0.0, 1.0, 2.0])
        >>> grows = 1e-3 * np.exp(0.5 * t)[:, None] * np.array([1.0, 0.0, 0.0])
        >>> run = qnu.Trajectory.of_beams(
        ...     "grows", beam, t, np.tile(grows[:, None], (2, 1, 1, 1)), started=0.0, cells=[0, 1])
        >>> [axes.get_ylabel() for axes in mode_growth(run, (0.0, 2.0)).axes[:2]]
        ['mode $k/\\mu$', '']
    """
    page.checked_width(width)
    run = one_history(trajectory)
    k, power = mode_power(run)
    _, rate = measured_growth(run, between)
    theory = None if modes is None else _of_modes(modes)
    if not (power > 0).any():
        raise QnuError("trajectory", Words("nothing transverse to L"), "a start with some")
    limit = _limit(k, theory, largest)
    narrow = width == "single"
    with style.paper(narrow=narrow):
        height = (2 if narrow else 1) * (_HEIGHT - 0.5 * narrow) + 0.25 * bool(title)
        height += 0.25 * (theory is not None) * (1 + narrow)
        engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.04)
        figure = style.new_figure(page.WIDTHS[width], height, layout=engine)
        shape = (2, 1) if narrow else (1, 2)
        left, right = figure.subplots(*shape, sharey=True).ravel()
        _draw_power(figure, left, run, k, power, between)
        kept = abs(k) <= limit
        own = {"marker": "o", "markersize": 3.2, "color": style.GROUP_COLORS[0]}
        right.plot(rate[kept], k[kept], linestyle="none", label="measured", gid="measured", **own)
        if theory is not None:
            order = np.argsort(theory[0])
            right.plot(
                theory[1][order],
                theory[0][order],
                color=style.GROUP_COLORS[1],
                linewidth=1.4,
                label=r"linear stability: $\mathrm{Im}\,\Omega$",
                gid="theory",
            )
        right.axvline(0.0, color="#808080", linewidth=0.6, zorder=0.5)
        right.set_xlabel(r"growth rate $/\mu$")
        left.set_ylabel(r"mode $k/\mu$")
        left.set_ylim(-limit, limit)
        if narrow:
            right.set_ylabel(r"mode $k/\mu$")
        page.keep_letters(right)
        if theory is not None:
            figure.legend(loc="outside lower right", ncols=1 if narrow else 2)
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def _draw_power(
    figure: Figure, ax: Any, run: Trajectory, k: Floats, power: Floats, between: Any
) -> None:
    high = float(power.max())
    low = max(float(power[power > 0].min()), _DECADES * high, 1e-290)
    mesh = ax.pcolormesh(
        edges(run.times),
        edges(k),
        np.maximum(power.T, low),
        norm=LogNorm(min(low, high / 10), high),
        cmap="cividis",
        rasterized=True,
    )
    for time in between:
        ax.axvline(float(time), color="white", linewidth=0.9, linestyle=(0.0, (4.0, 2.0)))
    if run.times[-1] > run.times[0]:
        ax.set_xlim(run.times[0], run.times[-1])
    ax.set_xlabel(time_axis.label_of([run]))
    page.keep_letters(ax)
    ax.tick_params(which="both", direction="out", top=False, right=False)
    bar = figure.colorbar(mesh, ax=ax, extend="min", pad=0.02)
    bar.set_label(r"power $\langle|\tilde S(k)|^2\rangle_b$")
    bar.ax.tick_params(which="both", direction="in")


def _of_modes(modes: Any) -> tuple[Floats, Floats]:
    """K and the growth rate, of LinearModes or of two arrays."""
    if hasattr(modes, "growth") and hasattr(modes, "k"):
        modes = (modes.k, modes.growth)
    try:
        first, second = modes
    except (TypeError, ValueError):
        raise QnuError("modes", modes, "LinearModes, or (k, rate)") from None
    k, rate = np.atleast_1d(finite("modes[0]", first)), np.atleast_1d(finite("modes[1]", second))
    if k.ndim != 1 or k.shape != rate.shape:
        raise QnuError("modes", Words(f"shapes {k.shape} and {rate.shape}"), "one shape (K,)")
    return k, rate


def _limit(k: Floats, theory: tuple[Floats, Floats] | None, largest: float | None) -> float:
    if largest is not None:
        return number("largest", largest, above=0.0)
    if theory is not None and (abs(theory[0]) > 0).any():
        return 1.05 * float(abs(theory[0]).max())
    return float(abs(k).max()) * 1.02
