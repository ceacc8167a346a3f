"""The last sample of every method, and how far the methods are from each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from ..common.checks import Floats
from ..common.times import same_time
from ..errors import QnuError
from ..solvers import METHODS
from ..trajectory import Trajectory


@dataclass(frozen=True, eq=False)
class Row:
    r"""One group as one method has it: a line of the table.

    Args:
        label: of the method.
        group: name of the group.
        time: of the sample.
        vector: ``(3,)`` mean polarization of the group.
        error: ``(3,)`` standard errors, where shots were taken.
        difference: :math:`|\mathbf P - \mathbf P_\mathrm{ref}|` to the reference method at the same
            time; None: no such sample, or no exact method to refer to.

    Examples:
        >>> Row("kinetic", "1", 2.0, np.array([0.6, 0.0, 0.8]), None, None).length
        1.0
    """

    label: str
    group: str
    time: float
    vector: Floats
    error: Floats | None
    difference: float | None

    @property
    def length(self) -> float:
        r""":math:`|\mathbf P|` of the group mean."""
        return float(np.linalg.norm(self.vector))

    @property
    def length_error(self) -> float | None:
        """Its standard error, to first order."""
        if self.error is None:
            return None
        if self.length == 0:
            return float(self.error.max())
        return float(np.linalg.norm(self.vector * self.error) / self.length)


#: Simulations of a circuit that leave nothing out; a matrix product state may be cut.
_WHOLE_STATES = ("statevector", "density_matrix")


def _rank(trajectory: Trajectory) -> int | None:
    """Exact results: the lowest number is the reference; None where a result is not exact."""
    if "hardware" in trajectory.attrs:
        whole = trajectory.attrs.get("simulated_as") in _WHOLE_STATES
        exact = whole and int(trajectory.attrs.get("shots", -1)) == 0
        return len(METHODS) if exact else None
    method = METHODS.get(trajectory.method)
    return None if method is None else method.reference


def reference_label(trajectories: Mapping[str, Trajectory]) -> str | None:
    """The method others are compared with: an exact one, never an approximation.

    ``many_body``, else ``light_cone``, else a circuit without shots on a simulator that holds the
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


def rows(trajectories: Mapping[str, Trajectory]) -> list[Row]:
    """The last sample of every method, group by group, and how far it is from the reference.

    Args:
        trajectories: of one gas, by label.

    Returns:
        a row per method and group, in that order.

    Raises:
        QnuError: no trajectory at all.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[1, 0, 0]], omega=[1.0])
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0])
        >>> schedule = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=1, final_time=1.0)
        >>> exact = qnu.solvers.many_body(gas, schedule)
        >>> table = rows({"exact": exact, "mean field": run})
        >>> [(row.label, row.difference is None) for row in table]
        [('exact', True), ('mean field', False)]
    """
    reference = reference_label(trajectories)
    table = []
    for label, trajectory in trajectories.items():
        means, errors = trajectory.group_mean(), trajectory.group_error()
        base = None
        if reference is not None and label != reference:
            other = trajectories[reference]
            common = dict(common_times(trajectory, other))
            last = common.get(len(trajectory.times) - 1)
            base = None if last is None else other.group_mean()[last]
        for g, group in enumerate(trajectory.group_names):
            table.append(
                Row(
                    label,
                    group,
                    float(trajectory.times[-1]),
                    means[-1, g],
                    None if errors is None else errors[-1, g],
                    None if base is None else float(np.linalg.norm(means[-1, g] - base[g])),
                )
            )
    return table


def _number(value: float) -> str:
    text = f"{value:.4f}"
    return text.removeprefix("-") if float(text) == 0 else text  # no "-0.0000"


#: Below a table with antineutrinos.
ISOSPIN = "antineutrinos: flavor isospin S = (-x, y, -z) of their own polarization"


def has_antineutrinos(trajectory: Trajectory) -> bool:
    """Whether any row of a Trajectory contains antineutrinos."""
    data = trajectory.dataset
    name = "antineutrino_share" if "antineutrino_share" in data else "antineutrino"
    return bool((data[name].values > 0).any())


#: In place of differences.
NO_REFERENCE = "no method here is exact, so none is a reference for the others"


def value_texts(row: Row) -> list[str]:
    """x, y, z, length and difference as text."""
    difference = "" if row.difference is None else _number(row.difference)
    return [*(_number(float(v)) for v in row.vector), _number(row.length), difference]


def error_texts(row: Row) -> list[str]:
    """Standard errors under x, y, z and length; nothing where there are none."""
    if row.error is None or row.length_error is None:
        return []
    return [f"± {_number(float(e))}" for e in (*row.error, row.length_error)]


def texts_with_errors(row: Row) -> list[str]:
    """The values, each followed by its standard error where there is one."""
    values, errors = value_texts(row), error_texts(row)
    return [f"{v} {e}" for v, e in zip(values, errors, strict=False)] + values[len(errors) :]


def heading(table: Sequence[Row]) -> str:
    """The title of a table of final group polarizations."""
    times = {f"{row.time:.6g}" for row in table}
    when = f"at mu t = {times.pop()}" if len(times) == 1 else "at the last sample of each method"
    return f"Group polarizations {when}"
