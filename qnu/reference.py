"""Which of several results is exact, so that the others are compared with it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from .common.times import same_time
from .errors import QnuError
from .trajectory import Trajectory

__all__ = ["common_times", "reference_label"]

#: Simulations of a circuit that leave nothing out; a matrix product state may be cut.
_WHOLE_STATES = ("statevector", "density_matrix")
#: The rank of a circuit that is exact: after every method that is.
_AFTER_METHODS = 1000


def _rank(trajectory: Trajectory) -> int | None:
    """Exact results: the lowest number is the reference; None where a result is not exact."""
    if "hardware" in trajectory.attrs:
        whole = trajectory.attrs.get("simulated_as") in _WHOLE_STATES
        exact = whole and int(trajectory.attrs.get("shots", -1)) == 0
        return _AFTER_METHODS if exact else None
    from .solvers import METHODS  # a file may be read in a process that ran no solver

    method = METHODS.get(trajectory.method)
    return None if method is None else method.reference_of(trajectory)


def reference_label(trajectories: Mapping[str, Trajectory]) -> str | None:
    """The method others are compared with: an exact one, never an approximation.

    ``collective`` of plane waves (it has no Trotter error), else ``many_body``, else
    ``light_cone``, else a circuit without shots on a simulator that holds the
    whole state.

    Args:
        trajectories: by label.

    Returns:
        a label, or None where no method is exact.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> results = {"a": qnu.solvers.independent(gas, schedule)}
        >>> reference_label(results) is None
        True
        >>> reference_label(results | {"b": qnu.solvers.many_body(gas, schedule)})
        'b'
    """
    if not trajectories:
        raise QnuError("trajectories", {}, "at least one")
    ranks = {label: _rank(trajectory) for label, trajectory in trajectories.items()}
    exact = {label: rank for label, rank in ranks.items() if rank is not None}
    return min(exact, key=exact.__getitem__, default=None)


def common_times(one: Trajectory, two: Trajectory) -> list[tuple[int, int]]:
    """Sample numbers of the same times in both."""
    nearest = np.abs(two.times[None, :] - one.times[:, None]).argmin(axis=1)
    same = np.abs(two.times[nearest] - one.times) <= same_time(one.times[-1])
    return [(int(k), int(nearest[k])) for k in np.flatnonzero(same)]
