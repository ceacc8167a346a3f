"""What one job may have on a backend: circuits, shots, the delay between shots."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...errors import QnuError
from .options import Execution


@dataclass(frozen=True)
class Limits:
    """The most that one job may have; None: no limit is known.

    Args:
        circuits: in one job.
        shots: of one circuit in one job.
        executions: circuits times shots of one job.

    References:
        IBM Quantum documentation, "Job limits".

    Examples:
        >>> Limits(circuits=300, shots=100_000).circuits
        300
    """

    circuits: int | None = None
    shots: int | None = None
    executions: int | None = None


def limits_of(backend: Any, execution: Execution, executions: int | None = None) -> Limits:
    """The limits that a backend reports, or those of the config in their place.

    ``max_circuits`` of Qiskit, else ``max_experiments`` and ``max_shots`` of IBM's configuration.

    Args:
        backend: a BackendV2.
        execution: the ``[execution]`` table.
        executions: most circuits times shots.

    Examples:
        >>> import qnu
        >>> limits_of(qnu.quantum.load_machine("FakeMiami").backend(), Execution())
        Limits(circuits=75, shots=100000, executions=None)
        >>> limits_of(None, Execution(max_circuits=2)).circuits
        2
    """
    circuits = execution.max_circuits
    if circuits is None:
        circuits = _number(backend, "max_circuits") or _number(backend, "max_experiments")
    shots = execution.max_shots
    return Limits(circuits, _number(backend, "max_shots") if shots is None else shots, executions)


def rep_delay_of(backend: Any, requested: float | None) -> float | None:
    """Seconds between two shots: those that are requested, else those of the backend.

    Raises:
        QnuError: outside of what the backend takes, or a backend whose delay is fixed.

    Examples:
        >>> import qnu
        >>> rep_delay_of(qnu.quantum.load_machine("fake_torino").backend(), 1e-3)
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: execution.rep_delay: got 0.001; allowed: 0 to 0.0005 seconds on ...
    """
    if requested is None:
        delay = getattr(backend, "default_rep_delay", None)
        return None if delay is None else float(delay)
    name, field = getattr(backend, "name", "this machine"), "execution.rep_delay"
    if not getattr(backend, "dynamic_reprate_enabled", False):
        raise QnuError(field, requested, f"no rep_delay on {name}: its delay is fixed")
    least, most = (float(end) for end in backend.rep_delay_range)
    # IBM gives microseconds: 500 of them are 0.0005 seconds only to the last digit
    if not least * (1 - 1e-12) <= requested <= most * (1 + 1e-12):
        raise QnuError(field, requested, f"{least:g} to {most:g} seconds on {name}")
    return requested


def _number(backend: Any, name: str) -> int | None:
    value = getattr(backend, name, None)
    if value is None and hasattr(backend, "configuration"):
        value = getattr(backend.configuration(), name, None)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
