"""What to run on a device for a gas and a schedule, and a recipe of how to read it."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import ClassicalRegister, QuantumCircuit
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import Optimize1qGatesDecomposition

from ...common import memory
from ...common.checks import Floats, choice, integer
from ...conservation import conservation, conserved_ones
from ...gas import NeutrinoGas
from ...observables import OF_ONE
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ...trajectory import Trajectory
from ..circuits.bases import BASES, turn_to_basis
from ..circuits.sizes import two_qubit_gates
from ..compile.samples import by_sample
from ..machines import Machine, load_device
from ..machines.cut import used_qubits

#: Of the recipe; a recipe of another format is refused.
FORMAT = 1
REGISTER = "meas"

Recipe = dict[str, Any]


def prepare(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: str | Path | Machine,
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
) -> tuple[list[QuantumCircuit], Recipe]:
    """``prod_k U_k R_k |P_1> x ... x |P_N>`` on a device: what to run, and how to read it.

    The circuit of a sample inside encounters ends with the parts of them that have passed.
    With the sampler, one circuit per sample time and basis, in which bit k is neutrino k; three
    bases are the fewest settings that show every ``P_k``, and all neutrinos are read at once.
    Where a symmetry makes X and Y vanish and post-selection is on, Z alone. Calibration of the
    readout adds two circuits. With the estimator, one circuit without measurements per sample
    time.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        machine: a device: a name of the catalogue, the path of a config, or a Machine.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: what the config says.
        observables: ``entropy``, ``purity`` (per neutrino).

    Returns:
        circuits in the device's gates and of its size, and a recipe: a dictionary that JSON takes.

    Raises:
        QnuError: not a device, shots < 1 or > 10^8, mixed states, more qubits than the device
            takes or, where it is simulated, than fit into memory, a symmetry that the gas does
            not have, and what :func:`qnu.quantum.compile_for` refuses.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> circuits, recipe = prepare(gas, schedule, "fake_torino", times=[0.4], shots=100)
        >>> len(circuits), circuits[0].num_qubits, recipe["settings"]
        (3, 133, [[0, 0], [0, 1], [0, 2]])
    """
    started = clock.perf_counter()
    device = load_device(machine)
    check_match(gas, schedule)
    gas.require_pure("a circuit")
    device.check_shots(device.default_shots() if shots is None else integer("shots", shots))
    shots = device.default_shots() if shots is None else shots
    for name in observables:
        choice("observables", name, tuple(OF_ONE))
    device.check(len(gas))
    device.check_schedule(schedule)
    device.check_symmetry(gas, schedule)
    sample_times, _ = schedule.sample_times(times)
    target, used = device.target(), device.mitigation
    route, compiled = by_sample(gas, schedule, device, sample_times)
    ones = conserved_ones(gas, schedule) if used.symmetry == "postselect" else None
    axes = [2] if ones is not None else [0, 1, 2]
    circuits: list[QuantumCircuit] = []
    settings: list[list[int]] = []
    qubits: list[list[int]] = []
    gates: dict[str, int] = {}
    for sample, (_, places, part) in enumerate(compiled):
        gates = two_qubit_gates(part)
        if device.primitive == "estimator":
            part.metadata = {}
            circuits.append(part)
            settings.append([sample])
            qubits.append(list(places))
            continue
        for axis in axes:
            circuits.append(measured(part, BASES[axis], places, target))
            settings.append([sample, axis])
            qubits.append(list(places))
    calibration = None
    if used.readout == "calibrated":
        everywhere = sorted({place for places in qubits for place in places})
        calibration = {"circuits": [len(circuits), len(circuits) + 1], "qubits": everywhere}
        circuits += [_prepared(target, everywhere, one) for one in (False, True)]
        qubits += [everywhere, everywhere]
    sites = len(set(used_qubits(circuits)).union(*qubits))  # those that moves go through too
    memory.require("qubits that the circuits use", sites, device.memory_need(sites))
    attributes = {
        "hardware": device.name,
        "backend": device.device_name(),
        "primitive": device.primitive,
        "shots": shots,
        "mitigation": used.words(),
        "calibrated": device.calibrated(),
        "circuits": len(circuits),
        "physical_qubits": " ".join(map(str, qubits[len(settings) - 1])),
        "route": route,
        **gates,
    }
    recipe: Recipe = {
        "format": FORMAT,
        "frame": _frame(gas, schedule, sample_times, attributes, started),
        "primitive": device.primitive,
        "shots": shots,
        "mitigation": used.model_dump(mode="json"),
        "settings": settings,
        "qubits": qubits,
        "calibration": calibration,
        "ones": ones,
        "total": float(gas.polarization[:, 2].sum()),
        "members": [some.tolist() for some in gas.members],
        "observables": list(observables),
        "conserved": None if schedule.fresh is not None else conservation(gas, schedule.matter),
    }
    return circuits, recipe


def measured(
    circuit: QuantumCircuit, basis: str, places: Sequence[int], target: Target
) -> QuantumCircuit:
    """The circuit with all neutrinos turned into a basis and read, in the device's own gates.

    Args:
        circuit: compiled, without measurements.
        basis: ``"X"``, ``"Y"`` or ``"Z"``.
        places: the physical qubit of every neutrino; number k is read into bit k.
        target: the device.

    Returns:
        a new circuit.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> target = qnu.quantum.load_machine("fake_torino").target()
        >>> read_out = measured(QuantumCircuit(133), "Y", [7], target).count_ops()
        >>> read_out["sx"], read_out["measure"]
        (1, 1)
    """
    turned = circuit.copy()
    turn_to_basis(turned, basis, places)
    result: QuantumCircuit = PassManager([Optimize1qGatesDecomposition(target=target)]).run(turned)
    return _read_out(result, places)


def _read_out(circuit: QuantumCircuit, places: Sequence[int]) -> QuantumCircuit:
    """Every place into its bit."""
    bits = ClassicalRegister(len(places), REGISTER)
    circuit.add_register(bits)
    circuit.barrier(places)
    circuit.measure(places, bits)
    circuit.metadata = {}
    return circuit


def _prepared(target: Target, places: Sequence[int], one: bool) -> QuantumCircuit:
    """All |0> or all |1>, read: the calibration of the readout."""
    result = QuantumCircuit(target.num_qubits)
    if one:
        result.x(places)
    return measured(result, "Z", places, target)


def _frame(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: Floats,
    attributes: Mapping[str, Any],
    started: float,
) -> dict[str, Any]:
    """A Trajectory without its numbers, as JSON takes it."""
    empty = np.zeros((len(times), len(gas), 3))
    built = Trajectory.build(
        "circuit", gas, times, empty, started=started, schedule=schedule, attributes=attributes
    )
    text = json.dumps(built.dataset.drop_vars("polarization").to_dict())
    frame: dict[str, Any] = json.loads(text)
    return frame
