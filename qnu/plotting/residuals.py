r"""Residuals: a method minus the exact reference, in standard errors where shots were taken."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from ..averages import Estimate, error_source, estimate, mean_over_seeds
from ..common.checks import Floats
from ..common.spelling import did_you_mean
from ..errors import QnuError
from ..reference import common_times, reference_label
from ..trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Residuals:
    """What the panel of residuals shows.

    Args:
        curves: times and values of every method; values are ``(samples, groups)``.
        in_sigma: whether they are in units of the standard error of the shots.
        reference: label of the exact method.
        left_out: labels of methods that are not in it, with the reason.
    """

    curves: dict[str, tuple[Floats, Estimate]]
    in_sigma: bool
    reference: str
    left_out: dict[str, str]


def checked_reference(trajectories: Mapping[str, Trajectory], given: str | None) -> str | None:
    """The label of the method that others are compared with; None where there is none.

    Raises:
        QnuError: a label of nothing.
    """
    if given is None:
        return reference_label(trajectories)
    if given not in trajectories:
        hint = did_you_mean(str(given), list(map(str, trajectories)))
        raise QnuError("reference", given, f"a label from {list(trajectories)}{hint}")
    return given


def has_shots(trajectory: Trajectory) -> bool:
    """Whether its numbers are estimates from shots, and right otherwise."""
    return error_source(trajectory) == "shots"


def residuals(trajectories: Mapping[str, Trajectory], reference: str, quantity: str) -> Residuals:
    r""":math:`(Q_g - Q_g^\mathrm{ref})/\sigma_g` of methods with shots; without any, of all
    methods :math:`Q_g - Q_g^\mathrm{ref}`.

    Args:
        trajectories: by label.
        reference: label of the exact method.
        quantity: as in :func:`qnu.averages.estimate`.

    Returns:
        at the sample times that a method has in common with the reference; of ensembles of the
        same seeds the mean of the differences seed by seed.
    """
    exact = trajectories[reference]
    others = {label: run for label, run in trajectories.items() if label != reference}
    in_sigma = any(map(has_shots, others.values()))
    curves, left_out = {}, {}
    for label, run in others.items():
        if in_sigma and not has_shots(run):
            left_out[label] = "no shots"
            continue
        pairs = common_times(run, exact)
        if not pairs:
            left_out[label] = "no sample time in common"
            continue
        if run.group_names != exact.group_names:
            left_out[label] = "other groups"
            continue
        rows = np.array(pairs)
        curves[label] = (run.times[rows[:, 0]], _one(run, exact, rows, quantity, in_sigma))
    return Residuals(curves, in_sigma, reference, left_out)


def _one(
    run: Trajectory, exact: Trajectory, rows: Floats, quantity: str, in_sigma: bool
) -> Estimate:
    mine, theirs = estimate(run, quantity), estimate(exact, quantity)
    one, two = mine.histories[:, rows[:, 0]], theirs.histories[:, rows[:, 1]]
    alike = run.seeds is not None and exact.seeds is not None
    paired = exact.seeds is None or (alike and np.array_equal(run.seeds, exact.seeds))  # type: ignore[arg-type]  # None was left out
    if not paired:
        one, two = one.mean(axis=0, keepdims=True), two.mean(axis=0, keepdims=True)
    difference = one - two
    mean, error = mean_over_seeds(difference)
    if not in_sigma:
        return Estimate(mean, error, None, difference)
    assert mine.shot_error is not None
    sigma = mine.shot_error[rows[:, 0]]
    if not paired:
        parts = [(mine.standard_error, rows[:, 0]), (theirs.standard_error, rows[:, 1])]
        squares = [e[k] ** 2 for e, k in parts if e is not None]
        sigma = np.sqrt(np.sum(squares, axis=0)) if squares else sigma
    known = sigma > 0
    scaled = np.where(known, mean / np.where(known, sigma, 1.0), np.nan)
    return Estimate(scaled, None, None, scaled[None])
