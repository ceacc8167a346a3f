"""Submits compiled circuits to a device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from qiskit.circuit import QuantumCircuit

from ...common.progress import ProgressFunction, no_progress
from ..machines import Machine, load_device
from ..machines.device import Job


def submit(
    machine: str | Path | Machine,
    circuits: Sequence[QuantumCircuit],
    recipe: Mapping[str, Any],
    seed: int = 0,
    progress: ProgressFunction = no_progress,
) -> Job:
    """Submit the circuits of :func:`prepare` to the machine.

    Args:
        machine: the device that they were prepared for.
        circuits: from :func:`prepare`.
        recipe: from :func:`prepare`.
        seed: of shots and twirling on a simulated machine.
        progress: called with the fraction done on a simulated machine.

    Returns:
        a job with ``job_id()`` (empty for simulations in this process) and ``result()``.

    Raises:
        QnuError: not a device, a library that is not installed, no account.

    References:
        Qiskit's primitives, version 2.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> circuits, recipe = qnu.quantum.prepare(gas, schedule, "fake_torino", shots=100)
        >>> job = submit("fake_torino", circuits, recipe)
        >>> qnu.quantum.read(job.result(), recipe).polarization.shape
        (2, 2, 3)
    """
    job: Job = load_device(machine).submit(circuits, dict(recipe), seed, progress)
    return job
