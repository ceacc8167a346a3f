"""What a schedule costs on a device at least, without any search."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike
from qiskit.providers import BackendV2
from qiskit.transpiler import Target

from ...common.checks import Floats
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ..machines import Machine
from ..machines.options import CompileOptions
from ._least_gates import least_gates
from .compilation import check_size
from .family import device_of, family
from .routing.device import WORST
from .target import property_of, resolve, two_qubit_names


@dataclass(frozen=True)
class LowerBound:
    """The least that a schedule costs on a device, see :func:`lower_bound`.

    Args:
        encounters: encounters up to the last sample.
        two_qubit_gates: no compiled circuit has fewer.
        two_qubit_depth: or fewer layers of them.
        duration: seconds; none is shorter. NaN where the device gives no durations.
        success_probability: none is more likely to run without an error.
        success_at_median: the same with the median errors of couplers and readouts in place of the
            best: what to expect of so few gates, and no bound.

    Examples:
        >>> LowerBound(6, 18, 9, 6e-7, 0.97, 0.9).two_qubit_gates
        18
    """

    encounters: int
    two_qubit_gates: int
    two_qubit_depth: int
    duration: float
    success_probability: float
    success_at_median: float


def lower_bound(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: str | Path | Machine | BackendV2 | Target,
    times: ArrayLike | None = None,
    *,
    options: CompileOptions | None = None,
) -> LowerBound:
    r"""What no circuit of :func:`qnu.quantum.compile_for` goes below, known without a search.

    .. math::
        G \ge 3\,n, \qquad
        p \le (1 - e_\mathrm{best})^{G} \prod_{k=1}^{N} (1 - r_k)

    with the n encounters up to the last sample, the error :math:`e_\mathrm{best}` of the best
    coupler and the N smallest readout errors :math:`r_k`. Encounters of one pair in a row are one
    gate of at most three two-qubit gates. An encounter whose angle is a multiple of
    :math:`\pi/2` needs none: it does nothing, or exchanges two neutrinos, and these can be renamed.
    (With vacuum inside, what counts is the whole gate.) Depth and duration follow the neutrino with
    the longest chain of encounters. Moves of neutrinos between couplers, one-qubit gates and pauses
    come on top.

    Args:
        gas: N neutrinos.
        schedule: the encounters.
        machine: a hardware config by name or path, a Machine, a Qiskit BackendV2 or a Target.
        times: sample times; the circuit ends at the last one. Default: the end of the schedule.
        options: ``gates`` is used; default: those of the config.

    Returns:
        the bound.

    Raises:
        QnuError: more neutrinos than the device has qubits, more than 200,000 encounters, gates
            requested that the device does not have.

    References:
        Vidal, Dawson (PRA 69, 010301): three CX are needed for a generic two-qubit gate.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.1, 0.2, 0.3, 0.4])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.5)
        >>> bound = lower_bound(gas, schedule, "fake_torino")
        >>> bound.two_qubit_gates, bound.two_qubit_depth
        (18, 9)
    """
    check_size(schedule)
    target, settings = resolve(machine, len(gas))
    chosen = settings if options is None else options
    check_match(gas, schedule, anisotropic=True)
    if target.num_qubits is not None and len(gas) > target.num_qubits:
        allowed = f"at most {target.num_qubits}, the qubits of the device"
        raise QnuError("neutrinos", len(gas), allowed)
    least = least_gates(gas, schedule, schedule.samples(times), family(target, chosen.gates))
    error, duration = _best_gate(target)
    readout = np.array(
        [min(property_of(target, "measure", (s,), "error"), WORST) for s in _sites(target, gas)]
    )
    median = 0.0
    if least.gates:
        median = float(np.median(device_of(target, chosen, len(gas)).error))
    best, typical = np.sort(readout)[: len(gas)], np.full(len(gas), np.median(readout))
    return LowerBound(
        least.encounters,
        least.gates,
        least.depth,
        least.depth * duration,
        _success(least.gates, error, best),
        _success(least.gates, median, typical),
    )


def _sites(target: Target, gas: NeutrinoGas) -> range:
    return range(len(gas) if target.num_qubits is None else target.num_qubits)


def _success(gates: int, error: float, readout: Floats) -> float:
    """The product over gates and readouts."""
    return math.exp(gates * math.log1p(-error) + float(np.log1p(-readout).sum()))


def _best_gate(target: Target) -> tuple[float, float]:
    """The smallest error and duration of a two-qubit gate; unknown errors count as 0.

    The duration is NaN where none is known.
    """
    errors, durations, known = [], [], False
    for name in two_qubit_names(target):
        for qubits, properties in (target[name] or {None: None}).items():
            if qubits is None or properties is None:
                errors.append(0.0)
                durations.append(0.0)
                continue
            errors.append(min(property_of(target, name, qubits, "error"), WORST))
            durations.append(property_of(target, name, qubits, "duration"))
            known = known or properties.duration is not None
    return min(errors, default=0.0), min(durations, default=0.0) if known else math.nan
