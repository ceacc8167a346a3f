"""Methods laid over each other against time: lengths, z components, entropies, flavors and more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..averages import box_means, rows_of
from ..common.checks import Floats
from ..errors import QnuError
from . import curves, ends, legends, page, profile_panels, residuals, style, time_axis
from . import histories as ensembles
from .panels import Asked, Panel, chosen

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from ..schedules import EncounterSchedule
    from ..trajectory import Trajectory

#: Grey of the bands of one and two standard errors.
_BANDS = ((2.0, "0.93"), (1.0, "0.84"))


def compare(
    trajectories: Mapping[str, Trajectory] | Any,
    title: str | None = None,
    *,
    individuals: str | Sequence[str] = (),
    histories: str | Sequence[str] = (),
    panels: Sequence[str] | None = None,
    schedule: EncounterSchedule | None = None,
    reference: str | None = None,
    second_axis: str = "path",
    width: str = "double",
) -> Figure:
    r""":math:`|\mathbf P_g(t)|`, :math:`P_{g,z}(t)`, :math:`\langle S_i(t)\rangle_g` and more of
    several methods, overlaid.

    P_g is the mean polarization of group g, S_i the von Neumann entropy of one neutrino in bits,
    averaged over its group. Color: the group; line style: the method (see
    :mod:`qnu.plotting`); error bars: one standard error, where shots were taken. Of an ensemble
    the line is the mean over seeds, of lengths and entropies of single histories, and the band is
    one standard error of it, :math:`s/\sqrt n` for n seeds; the spread s of single histories is
    another number. Of a result over space it is the mean over cells.
    Where the curves of groups lie on each other, their line has dashes of their
    colors in turn, and markers are rings around each other. Notes below the panels say what is not
    shown, and why: miscidynamics has no entropy, as its P is a mean over neutrinos that differ.

    ==============  ================================================================================
    panel           what it shows
    ==============  ================================================================================
    ``"length"``    :math:`|\mathbf P_g|`
    ``"z"``         :math:`P_{g,z}`
    ``"entropy"``   :math:`\langle S_i\rangle_g` in bits
    ``"flavor"``    :math:`\langle P_i(\nu_e)\rangle_g`, of antineutrinos :math:`P(\bar\nu_e)`
    ``"residual"``  :math:`(P_{g,z} - P_{g,z}^\mathrm{ref})/\sigma` of methods with shots; where
                    none has, :math:`P_{g,z} - P_{g,z}^\mathrm{ref}`; of :math:`P(\nu_e)` where
                    the panel ``"flavor"`` is above it and ``"z"`` is not
    ``"mu"``        :math:`\mu(t)`
    ``"matter"``    :math:`\lambda_e(t) = \sqrt2\,G_F n_e`
    ==============  ================================================================================

    Args:
        trajectories: label -> Trajectory, in the order of the legend; or what
            :func:`qnu.experiment.run` and :func:`qnu.experiment.load_results` return.
        title: above the figure.
        individuals: labels of which every neutrino is drawn too, as a thin line; of an ensemble
            those of its first history.
        histories: labels of ensembles of which every history is drawn too, as a thin line per
            group.
        panels: names from the table, from top to bottom; default: length, z and entropy (z alone
            where no state is mixed), residual where there are shots and an exact method, and mu and
            matter where a schedule is given in which they change.
        schedule: what knows mu(t) and matter(t); default: of the results, where these have one.
        reference: label of the method that residuals refer to; default: one that is exact.
        second_axis: unit of a second axis of time at the top, where all results know mu in physical
            units: ``"km"``, ``"m"``, ``"cm"`` of path, ``"path"`` for the one that suits, ``"s"``,
            ``"ms"``, ``"us"``; "" for none.
        width: ``"double"``, for the page of a journal, or ``"single"``, for one of its columns.

    Returns:
        a matplotlib Figure, 7 or 3.4 inches wide.

    Raises:
        QnuError: no trajectory, an unknown panel or none that shows anything, ``individuals`` that
            name no trajectory or one that has only groups, ``histories`` that name no ensemble,
            a ``reference`` that names nothing.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> [axes.get_ylabel() for axes in compare({"mean field": run}, panels=["z"]).axes]
        ['group $z$ component']
    """
    if not isinstance(trajectories, Mapping) and hasattr(trajectories, "trajectories"):
        schedule = trajectories.experiment.schedule if schedule is None else schedule
        trajectories = trajectories.trajectories
    colors = style.all_groups(trajectories)
    trajectories = box_means(trajectories)
    thin = _checked_individuals(trajectories, individuals)
    single = ensembles.checked_histories(trajectories, histories)
    page.checked_width(width)
    time_axis.checked_unit(second_axis)
    methods = style.styles(trajectories)
    exact = residuals.checked_reference(trajectories, reference)
    asked = Asked(trajectories, methods, schedule, exact)
    drawn, missing = chosen(asked, panels)
    with style.paper(narrow=width == "single"):
        keys = ensembles.thin_keys(trajectories, methods, thin, single)
        groups = legends.group_handles(
            colors,
            legends.group_texts(trajectories),
            vectors=any(p.name in ("z", "residual") for p in drawn),
        )
        parts = (groups, [*legends.method_handles(methods), *keys])
        inches = page.stretched(width, [panel.inches for panel in drawn], parts)
        figure, axes = page.panels(width, inches)
        _limit_times(axes[-1], asked)
        for panel, ax, height in zip(drawn, axes, inches, strict=True):
            if panel.profile is not None:
                profile_panels.draw(ax, panel.name, panel.profile, trajectories, asked.span)
                continue
            _draw_thin(ax, asked, panel, colors, thin, single)
            _draw_panel(ax, asked, panel, colors, height)
        page.letters(axes)
        axes[-1].set_xlabel(time_axis.label_of(trajectories.values()))
        top = time_axis.second_axis(axes[0], trajectories.values(), second_axis)
        notes = ensembles.seeds_in_words(trajectories, _thin_bands(drawn, methods, inches))
        notes += [note for panel in drawn for note in panel.notes] + missing
        notes += time_axis.gamma_note(trajectories.values()) if top else []
        figure.align_ylabels(axes)
        page.arrange(figure, width, inches, parts, notes, title, 0.9 if top else 0.5)
    return figure


def _thin_bands(
    drawn: Sequence[Panel], methods: Mapping[str, style.MethodStyle], inches: Sequence[float]
) -> bool:
    """Whether every band is thinner than its line."""
    found = []
    for panel, height in zip(drawn, inches, strict=True):
        for label, (_, values) in panel.curves.items():
            if values.standard_error is not None and methods[label].line:
                low, high = _range(panel)
                points = 2 * 72 * height * float(np.nanmax(values.standard_error)) / (high - low)
                found.append(points < methods[label].width)
    return bool(found) and all(found)


def _limit_times(ax: Any, asked: Asked) -> None:
    start, end = asked.span
    if end > start:
        ax.set_xlim(start - 0.015 * (end - start), end + 0.015 * (end - start))


def _checked_individuals(
    trajectories: Mapping[str, Trajectory], individuals: str | Sequence[str]
) -> list[str]:
    labels = ensembles.checked_labels("individuals", trajectories, individuals)
    for label in labels:
        if trajectories[label].attrs.get("resolve") == "group":
            raise QnuError("individuals", label, "trajectories with one row per neutrino")
    return labels


def _draw_thin(
    ax: Any,
    asked: Asked,
    panel: Panel,
    colors: Mapping[str, str],
    thin: Sequence[str],
    single: Sequence[str],
) -> None:
    """Every neutrino, every history."""
    for label, (times, values) in panel.curves.items():
        trajectory = asked.trajectories[label]
        if label in thin and panel.name != "residual":
            _draw_individuals(ax, trajectory, panel.name, colors)
        if label in single:
            for g, name in enumerate(trajectory.group_names):
                rows = values.histories[:, :, g]
                ensembles.thin_lines(ax, times, rows, colors[name], f"histories:{name}")


def _draw_individuals(
    ax: Any, trajectory: Trajectory, panel: str, colors: Mapping[str, str]
) -> None:
    seeds = trajectory.seeds
    one = trajectory if seeds is None else trajectory.history(int(seeds[0]))
    rows = rows_of(one, panel)
    names = trajectory.dataset["group"].values
    for name in trajectory.group_names:
        ensembles.thin_lines(
            ax, one.times, rows[:, names == name].T, colors[name], f"individuals:{name}"
        )


def _draw_panel(
    ax: Any, asked: Asked, panel: Panel, colors: Mapping[str, str], inches: float
) -> None:
    """Curves of the groups, limits of the axis, names at the ends."""
    groups = {label: asked.trajectories[label].group_names for label in panel.curves}
    low, high = _range(panel)
    curves.draw(ax, panel.curves, groups, colors, asked.methods, high - low)
    ax.set_ylabel(panel.label)
    if panel.name == "residual":
        _finish_residual(ax, panel)
        return
    _finish(ax, panel.name)
    # of the exact method, or of the first of those that end last
    last_time = max(float(times[-1]) for times, _ in panel.curves.values())
    ending = [k for k, (times, _) in panel.curves.items() if times[-1] == last_time]
    label = asked.reference if asked.reference in ending else ending[0]
    times, values = panel.curves[label]
    last = {
        n: (float(times[-1]), float(v)) for n, v in zip(groups[label], values.mean[-1], strict=True)
    }
    ends.names(ax, last, colors, inches)


def _range(panel: Panel) -> tuple[float, float]:
    """About the limits that the panel will have."""
    everything = np.concatenate([values.mean.ravel() for _, values in panel.curves.values()])
    known: Floats = everything[np.isfinite(everything)]
    low, high = (float(known.min()), float(known.max())) if len(known) else (0.0, 1.0)
    if panel.name in ("length", "entropy", "flavor"):
        return 0.0, max(high, 0.05)
    return low, max(high, low + 0.05)


def _finish(ax: Any, panel: str) -> None:
    ax.autoscale_view(scalex=False)
    low, high = ax.get_ylim()
    if panel == "z":
        ax.axhline(0.0, color="0.6", linewidth=0.5, zorder=0.5)
        # at least a range of 0.05, so that rounding errors do not fill the panel
        middle, half = (low + high) / 2, max((high - low) / 2, 0.025)
        ax.set_ylim(middle - half, middle + half)
    else:
        # estimates from shots may be longer than 1: their markers and bars stay inside
        top = max(min(max(high, 0.05), 1.05), float(ax.dataLim.y1) + 0.03)
        top = top if ax.dataLim.y1 > 1.0 else min(top, 1.05)
        ax.set_ylim(-0.03 * max(high, 0.05), max(top, 1.05 * float(ax.dataLim.y1)))


def _finish_residual(ax: Any, panel: Panel) -> None:
    ax.axhline(0.0, color="0.6", linewidth=0.5, zorder=0.5)
    ax.autoscale_view(scalex=False)
    if not panel.in_sigma:
        ax.margins(y=0.1)
        return
    reach = max(3.2, 1.1 * max(map(abs, ax.get_ylim())))
    ax.set_ylim(-reach, reach)
    for sigmas, grey in _BANDS:
        ax.axhspan(-sigmas, sigmas, color=grey, linewidth=0.0, zorder=0.1, gid=f"sigma:{sigmas:g}")
