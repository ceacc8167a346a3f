r"""Results over space: :math:`|\mathbf P_\perp|(z, t)` as a map, and how it grows with time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.colors import LogNorm
from matplotlib.layout_engine import ConstrainedLayoutEngine
from matplotlib.lines import Line2D

from ..averages import mean_over_seeds
from ..common.checks import Floats, number, words
from ..errors import QnuError, Words
from ..modes import transverse, transverse_rms
from ..trajectory import Trajectory
from . import legends, page, style, time_axis

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: Of one panel of a map, and of the one of growth, in inches.
_MAP, _GROWTH = 1.75, 2.6
#: The map ends so many times below its largest value, at the latest.
_DECADES = 1e-8
#: Growth is laid over where the values are between these parts of their range (of the logarithm).
_LINEAR = (0.15, 0.7)
#: Metres, centimetres: what a path is shown in, and how many are in one km.
_PATHS = (("km", 1.0), ("m", 1e3), ("cm", 1e5))


def space_time(
    trajectories: Mapping[str, Trajectory] | Trajectory,
    title: str | None = None,
    *,
    groups: Sequence[str] | None = None,
    floor: float | None = None,
    width: str = "double",
) -> Figure:
    r""":math:`|\mathbf P_{g\perp}|(z, t)` of every species, as a map with a logarithmic color bar.

    :math:`\mathbf P_g` is the mean over the beams of a species in a cell, and "transverse" is
    across the flavor axis L (:func:`qnu.modes.transverse`). One row of panels for each method, a
    column for each species, all with one color scale.

    Args:
        trajectories: label -> Trajectory over cells, or one; others are left out. Of an ensemble
            its first history is drawn.
        title: above the figure.
        groups: names of species; default: all.
        floor: the color scale begins there, and what is smaller has its lowest color; default: the
            smallest hundredth of the values, but not below 1e-8 of the largest.
        width: ``"double"`` or ``"single"``, one column of a journal.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: no result over cells, an unknown species, a floor that is not positive.

    Examples:
        >>> import qnu
        >>> beam, z = qnu.Beams([1.0], [1.0], [[0, 0, 1]]), np.arange(4) + 0.5
        >>> vectors = np.zeros((4, 3, 1, 3)) + [1e-3, 0, 0.5]
        >>> run = qnu.Trajectory.of_beams(
        ...     "transport", beam, [0.0, 1.0, 2.0], vectors, started=0.0, cells=z)
        >>> space_time(run).axes[0].get_ylabel()
        'position $\\mu z$'
    """
    page.checked_width(width)
    runs = with_cells(trajectories)
    names = species(runs, groups)
    labels = {label: own.name for label, own in style.styles(runs).items()}
    maps = {label: _sizes(run, names) for label, run in runs.items()}
    low, high = _ends(list(maps.values()), floor)
    narrow = width == "single"
    with style.paper(narrow=narrow):
        rows, columns = len(runs) * (len(names) if narrow else 1), 1 if narrow else len(names)
        height = rows * (_MAP - 0.35 * narrow) + 0.75 + 0.25 * bool(title)
        engine = ConstrainedLayoutEngine(h_pad=0.03, w_pad=0.03)
        figure = style.new_figure(page.WIDTHS[width], height, layout=engine)
        axes = figure.subplots(rows, columns, squeeze=False, sharex=True)
        panels = axes.reshape(len(runs), len(names))
        for k, (label, run) in enumerate(runs.items()):
            for g, name in enumerate(names):
                ax = panels[k, g]
                mesh = _map(ax, run, maps[label][..., g], (low, high))
                text = f"{labels[label]}: " if len(runs) > 1 else ""
                ax.set_title(text + style.group_name(name), fontsize=9.0 if narrow else 10.5)
                if g == 0 or narrow:
                    ax.set_ylabel(_scale(run)[1])
        for ax in axes[-1]:
            ax.set_xlabel(_scale(next(iter(runs.values())))[2])
        bar = figure.colorbar(mesh, ax=axes.ravel().tolist(), extend="min", pad=0.015)
        bar.set_label(r"$|\mathbf{P}_\perp|$")
        bar.ax.tick_params(which="both", direction="in")
        if title:
            figure.suptitle(style.plain(title), fontsize=11.5)
        style.settle(figure)
    return figure


def transverse_growth(
    trajectories: Mapping[str, Trajectory] | Trajectory,
    title: str | None = None,
    *,
    rates: Mapping[str, Any] | float | None = None,
    groups: Sequence[str] | None = None,
    width: str = "double",
) -> Figure:
    r""":math:`\langle|S_g(z)|^2\rangle_z^{1/2}` against time, S the transverse part, on a log
    scale.

    Color: the species; line style: the method. Of a result without space it is :math:`|S_g|`. Of an
    ensemble the geometric mean over seeds.

    Args:
        trajectories: label -> Trajectory, or one.
        title: above the figure.
        rates: growth rates in mu that are laid over as thin lines :math:`\propto e^{rt}`, name ->
            number, or one; also what :func:`qnu.solvers.linear_stability` returns, of which the
            largest ``growth`` is taken.
        groups: names of species; default: all.
        width: ``"double"`` or ``"single"``.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: nothing that is transverse, an unknown species, a rate that is no number.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0.6, 0, 0.8]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> transverse_growth(run).axes[0].get_yscale()
        'log'
    """
    page.checked_width(width)
    runs = labelled(trajectories)
    names = species(runs, groups)
    known = _rates(rates)
    curves = {label: _curves(run, names) for label, run in runs.items()}
    if not any((values > 0).any() for values in curves.values()):
        raise QnuError("trajectories", Words("nothing transverse to L"), "a start with some")
    colors = style.all_groups(runs)
    methods = style.styles(runs)
    with style.paper(narrow=width == "single"):
        texts = legends.group_texts(runs)
        handles = legends.group_handles(
            {name: colors[name] for name in names}, texts, vectors=False
        )
        lines = legends.method_handles(methods)
        keys = [_key(name, rate, k) for k, (name, rate) in enumerate(known.items())]
        parts = (handles, [*lines, *keys])
        inches = page.stretched(width, [_GROWTH], parts)
        figure, (ax,) = page.panels(width, inches)
        for label, run in runs.items():
            for g, name in enumerate(names):
                values = np.where(curves[label][:, g] > 0, curves[label][:, g], np.nan)
                options = methods[label].line_options(colors[name])
                ax.plot(run.times, values, gid=f"{label}:{name}", **options)
        ax.set_yscale("log")
        ends = ax.get_ylim()
        for k, (name, rate) in enumerate(known.items()):
            _lay_over(ax, runs, curves, rate, k, name)
        ax.set_ylim(*ends)
        ax.set_ylabel(r"$\langle|\mathbf{P}_{g\perp}|^2\rangle_z^{1/2}$")
        ax.set_xlabel(time_axis.label_of(runs.values()))
        page.arrange(figure, width, inches, parts, _notes(runs), title)
    return figure


def with_cells(trajectories: Mapping[str, Trajectory] | Trajectory) -> dict[str, Trajectory]:
    """The results over space, of ensembles their first history, by label.

    Raises:
        QnuError: there is none.
    """
    runs = {label: run for label, run in labelled(trajectories).items() if run.cells is not None}
    if not runs:
        raise QnuError("trajectories", Words("no result over cells"), "a result of transport")
    return {label: one_history(run) for label, run in runs.items()}


def one_history(run: Trajectory) -> Trajectory:
    """The first history of an ensemble; a single one as it is."""
    return run if run.seeds is None else run.history(int(run.seeds[0]))


def labelled(trajectories: Any) -> dict[str, Trajectory]:
    """Results by label, also of one, and of what `qnu.experiment.run` returns."""
    if isinstance(trajectories, Trajectory):
        trajectories = {trajectories.method: trajectories}
    if not isinstance(trajectories, Mapping) and hasattr(trajectories, "trajectories"):
        trajectories = trajectories.trajectories
    style.all_groups(trajectories)
    return dict(trajectories)


def species(runs: Mapping[str, Trajectory], groups: Sequence[str] | None) -> list[str]:
    """Names of the species that all results have, or those that are asked for."""
    first, *others = runs.values()
    known = [n for n in first.group_names if all(n in run.group_names for run in others)]
    if not known:
        raise QnuError("trajectories", Words("results without a common species"), "at least one")
    if groups is None:
        return known
    groups = [groups] if isinstance(groups, str) else list(groups)
    words("groups", groups, tuple(known))
    if not groups:
        raise QnuError("groups", groups, f"at least one of {', '.join(known)}")
    return groups


def _sizes(run: Trajectory, names: Sequence[str]) -> Floats:
    """``(cells, samples, groups)``."""
    size = abs(transverse(run.group_mean(), float(run.attrs["mixing_angle"])))
    return size[..., [run.group_names.index(name) for name in names]]


def _ends(maps: Sequence[Floats], floor: float | None) -> tuple[float, float]:
    """The ends of the color scale."""
    values = np.concatenate([sizes.ravel() for sizes in maps])
    values = values[values > 0]
    if not values.size:
        raise QnuError("trajectories", Words("nothing transverse to L"), "a start with some")
    high = float(values.max())
    if floor is None:
        floor = max(float(np.quantile(values, 0.01)), _DECADES * high)
        return min(floor, high / 10), high
    floor = number("floor", floor, above=0.0)
    if floor >= high:
        raise QnuError("floor", floor, f"a number below the largest value, {high:.3g}")
    return floor, high


def _scale(run: Trajectory) -> tuple[float, str, str]:
    """A factor for positions and times, and what the two are then called."""
    if "mu_unit_per_km" in run.attrs:
        km = 1 / float(run.attrs["mu_unit_per_km"])
        longest = km * float(run.times[-1])
        unit, factor = next(((u, f) for u, f in _PATHS if longest * f >= 1), _PATHS[-1])
        return km * factor, f"position $z$ ({unit})", f"time $ct$ ({unit})"
    label = time_axis.label_of([run])
    return 1.0, label.replace("time", "position").replace("t$", "z$", 1), label


def _map(ax: Any, run: Trajectory, sizes: Floats, ends: tuple[float, float]) -> Any:
    assert run.cells is not None
    factor = _scale(run)[0]
    mesh = ax.pcolormesh(
        factor * edges(run.times),
        factor * edges(run.cells),
        np.maximum(sizes, ends[0]),  # 0 has a color too
        norm=LogNorm(*ends),
        cmap="cividis",
        rasterized=True,
    )
    if run.times[-1] > run.times[0]:
        ax.set_xlim(factor * run.times[0], factor * run.times[-1])
    page.keep_letters(ax)
    ax.tick_params(which="both", direction="out", top=False, right=False)
    return mesh


def edges(centers: Floats) -> Floats:
    """Where one cell of a map ends and the next begins."""
    if len(centers) == 1:
        return np.array([centers[0] - 0.5, centers[0] + 0.5])
    middles = (centers[1:] + centers[:-1]) / 2
    first, last = 2 * centers[0] - middles[0], 2 * centers[-1] - middles[-1]
    return np.concatenate([[first], middles, [last]])


def _curves(run: Trajectory, names: Sequence[str]) -> Floats:
    """``(samples, groups)``: the rms over cells, of an ensemble its geometric mean over seeds."""
    sizes = transverse_rms(run)[..., [run.group_names.index(name) for name in names]]
    if run.seeds is None:
        return sizes
    with np.errstate(divide="ignore"):  # where one of them is 0 the mean is 0
        result: Floats = np.exp(mean_over_seeds(np.log(sizes))[0])
    return result


def _rates(given: Any) -> dict[str, float]:
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        given = {"linear stability": given}
    found = {}
    for name, rate in given.items():
        value = np.max(rate.growth) if hasattr(rate, "growth") else rate
        found[str(name)] = number(f"rates[{name!r}]", value)
    return found


_DASHES = ((0.0, (4.0, 2.0)), (0.0, (1.0, 1.5)), (0.0, (6.0, 1.5, 1.0, 1.5)))


def _key(name: str, rate: float, k: int) -> Line2D:
    text = style.plain(name) + "\n" + rf"$e^{{rt}}$, $r = {rate:.3g}\,\mu$"
    return Line2D([], [], color="#808080", linewidth=1.0, linestyle=_DASHES[k % 3], label=text)


def _lay_over(
    ax: Any,
    runs: Mapping[str, Trajectory],
    curves: Mapping[str, Floats],
    rate: float,
    k: int,
    name: str,
) -> None:
    """``A exp(rate t)``, A from the first curve that grows, while it is far from both its ends."""
    for label, run in runs.items():
        values = curves[label].max(axis=1)
        good = values > 0
        if good.sum() < 2:
            continue
        times, logs = run.times[good], np.log(values[good])
        low, high = logs.min(), logs.max()
        rising = np.arange(len(logs)) <= logs.argmax()
        part = (logs - low) / max(high - low, 1e-300)
        inside = rising & (part >= _LINEAR[0]) & (part <= _LINEAR[1])
        if not inside.any():
            inside = np.arange(len(logs)) == 0
        height = float(np.median(logs[inside] - rate * times[inside]))
        low_t, high_t = times[inside][0], times[inside][-1]
        room = (ax.get_ylim()[1] / np.exp(height)) if rate > 0 else np.inf
        end = min(float(run.times[-1]), np.log(room) / rate) if rate > 0 else float(run.times[-1])
        line = np.array([min(float(run.times[0]), low_t), max(end, high_t)])
        ax.plot(
            line,
            np.exp(height + rate * line),
            color="#808080",
            linewidth=1.0,
            linestyle=_DASHES[k % 3],
            zorder=2.0,
            gid=f"rate:{name}",
        )
        return


def _notes(runs: Mapping[str, Trajectory]) -> list[str]:
    counts = {len(run.seeds) for run in runs.values() if run.seeds is not None}
    return [f"Geometric means over {max(counts)} seeds."] if counts else []
