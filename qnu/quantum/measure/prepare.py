"""Circuits of a gas and a schedule for a device, and a recipe that says how to read the results."""

from __future__ import annotations

import json
import time as clock
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import ClassicalRegister, QuantumCircuit
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import Optimize1qGatesDecomposition

from ... import profiles
from ...common import memory
from ...common.checks import Floats, choice, integer
from ...common.progress import ProgressFunction
from ...conservation import conservation, conserved_ones
from ...errors import QnuError, Words
from ...gas import NeutrinoGas
from ...observables import OF_COUPLINGS, OF_ONE, plane_wave_couplings, require_plane_waves
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ...trajectory import Trajectory
from ..circuits.bases import BASES, turn_to_basis
from ..circuits.sizes import two_qubit_gates
from ..compile.routing.step_counter import part_of_progress
from ..compile.samples import by_sample
from ..machines import DeviceMachine, Machine, load_device
from ..machines.cut import used_qubits
from .pairs import pair_settings

#: Format of the recipe; others are refused.
FORMAT = 1
#: Where every neutrino has a basis of its own, so that earlier versions do not misread it.
WITH_BASES = 2
REGISTER = "meas"
#: The part of the work that the route is, for progress; the circuits of the samples are the rest.
_ROUTE = 0.8

Recipe = dict[str, Any]


def prepare(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    machine: str | Path | Machine,
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
) -> tuple[list[QuantumCircuit], Recipe]:
    r""":math:`\prod_k U_k R_k\,|P_1\rangle\otimes\ldots\otimes|P_N\rangle` on a device: circuits
    and recipe.

    The circuit of a sample time inside encounters ends with the parts of them that have passed.
    With the sampler there is one circuit per sample time and basis, in which bit k is neutrino k;
    three bases are the fewest settings that determine every :math:`\mathbf P_k`, and all neutrinos
    are read at once. Where a symmetry makes X and Y vanish and post-selection is on, only Z is
    measured. Calibration of the readout adds two circuits. With the estimator there is one circuit
    without measurements per sample time.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        machine: a device: a name of the catalogue, the path of a config, or a Machine.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: that of the config.
        observables: ``entropy``, ``purity`` (per neutrino); of plane waves ``collision_term``, with
            the sampler: then there is a circuit per sample time and setting of
            :func:`qnu.quantum.pair_settings` in place of the three bases.

    Returns:
        circuits in the device's gates and of its size, and the recipe, a JSON-serializable
        dictionary.

    Raises:
        QnuError: not a device, shots < 1 or > 10^8, mixed states, more qubits than the device
            takes or, where it is simulated, than fit into memory, a symmetry that the gas does
            not have, a collision term of other schedules, with the estimator or with a
            symmetry, and what :func:`qnu.quantum.compile_for` refuses.

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
    shots = checked_shots(gas, schedule, device, shots, observables)
    return prepare_checked(gas, schedule, device, times, shots, observables, started)


def checked_shots(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    device: DeviceMachine,
    shots: int | None,
    observables: Sequence[str],
) -> int:
    """The shots of :func:`prepare`, with every check that needs neither times nor a circuit."""
    check_match(gas, schedule, anisotropic=True)
    shots = device.default_shots() if shots is None else integer("shots", shots)
    device.check_shots(shots)
    for name in observables:
        choice("observables", name, (*OF_ONE, *OF_COUPLINGS))
    check_pairs(observables, schedule, device)
    device.check(len(gas))
    device.check_execution()
    return shots


def prepare_checked(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    device: DeviceMachine,
    times: ArrayLike | None,
    shots: int,
    observables: Sequence[str],
    started: float,
) -> tuple[list[QuantumCircuit], Recipe]:
    """:func:`prepare` once gas, shots and observables are checked by themselves.

    Args:
        gas: of the schedule, no larger than the device.
        schedule: who meets whom.
        device: what the circuits are for.
        times: sample times in 1/mu; None: initial and final state.
        shots: per circuit.
        observables: names of :data:`qnu.observables.OF_ONE` and ``collision_term``.
        started: when the work began, of :func:`time.perf_counter`.
    """
    gas.require_pure("a circuit")
    sample_times = schedule.samples(times)
    device.check_run(gas, schedule, sample_times)
    check_pairs(observables, schedule, device)
    ones = conserved_ones(gas, schedule) if device.mitigation.symmetry == "postselect" else None
    # a symmetry that fixes the number of 1 makes X and Y vanish
    axes = device.measured_axes([2] if ones is not None else [0, 1, 2])
    bases: Sequence[str] = BASES
    if set(observables) & set(OF_COUPLINGS):
        bases = pair_settings(len(gas))
        axes = range(len(bases))
    with part_of_progress(0.0, _ROUTE):
        samples = by_sample(gas, schedule, device, sample_times)
    with part_of_progress(_ROUTE, 1.0) as report:
        plan = _plan(samples, len(sample_times), axes, bases, device, report)
    sites = len(set(used_qubits(plan.circuits)).union(*plan.qubits))  # routes pass through some
    memory.require("qubits that the circuits use", sites, device.memory_need(sites))
    attributes = {
        "hardware": device.name,
        "backend": device.device_name(),
        "primitive": device.primitive,
        "shots": shots,
        "mitigation": device.mitigation.words(),
        "calibrated": device.calibrated(),
        "circuits": len(plan.circuits),
        "physical_qubits": " ".join(map(str, plan.qubits[len(plan.settings) - 1])),
        **samples.attributes(),
        **plan.gates,
    }
    recipe: Recipe = {
        "format": FORMAT,
        "frame": _frame(gas, schedule, sample_times.times, attributes, started),
        "primitive": device.primitive,
        "shots": shots,
        "mitigation": device.mitigation.model_dump(mode="json"),
        "execution": device.execution.model_dump(mode="json"),
        "settings": plan.settings,
        "qubits": plan.qubits,
        "calibration": plan.calibration,
        "ones": ones,
        "total": float(gas.polarization[:, 2].sum()),
        "members": [members.tolist() for members in gas.members],
        "observables": list(observables),
        "conserved": _conserved(gas, schedule),
    }
    if bases is not BASES:
        mu = profiles.evaluate(schedule.mu, sample_times.times, "mu")
        recipe["format"] = WITH_BASES
        recipe["bases"] = list(bases)
        recipe["couplings"] = plane_wave_couplings(gas, mu).tolist()
    return plan.circuits, recipe


def _conserved(gas: NeutrinoGas, schedule: EncounterSchedule) -> dict[str, Any] | None:
    """What :func:`conserved_drift` takes; None where neutrinos are replaced by fresh ones."""
    if schedule.fresh is not None:
        return None
    return conservation(gas, schedule.matter, schedule.anisotropy)


def check_pairs(
    observables: Sequence[str], schedule: EncounterSchedule, device: DeviceMachine
) -> None:
    """An error where the collision term cannot be measured as the machine's config says."""
    require_plane_waves(observables, schedule)
    if not set(observables) & set(OF_COUPLINGS):
        return
    for name, value, allowed in (
        ("primitive", device.primitive, "sampler"),
        ("mitigation.symmetry", device.mitigation.symmetry, "none"),
    ):
        if value != allowed:
            found = Words(f"'collision_term' with {name} = {value!r}")
            raise QnuError("observables", found, f"it with {name} = {allowed!r}")


@dataclass(eq=False)
class _Plan:
    """The circuits of a run, in the order in which they are submitted.

    ``settings[k]`` is ``[sample, axis]`` of circuit k (``[sample]`` for expectation values) and
    ``qubits[k]`` the physical qubits that it reads; the circuits of ``calibration`` come last.
    """

    circuits: list[QuantumCircuit] = field(default_factory=list)
    settings: list[list[int]] = field(default_factory=list)
    qubits: list[list[int]] = field(default_factory=list)
    #: Number and depth of the two-qubit gates up to the last sample.
    gates: dict[str, int] = field(default_factory=dict)
    calibration: dict[str, list[int]] | None = None


def _plan(
    samples: Iterable[tuple[float, list[int], QuantumCircuit]],
    count: int,
    axes: Sequence[int],
    bases: Sequence[str],
    device: DeviceMachine,
    report: ProgressFunction,
) -> _Plan:
    """One circuit per sample and axis, and where the readout is calibrated two more."""
    target, plan = device.target(), _Plan()
    for sample, (_, places, part) in enumerate(samples):
        plan.gates = two_qubit_gates(part)
        for axis in axes:
            plan.circuits.append(measured(part, bases[axis], places, target))
            plan.settings.append([sample, axis])
        if not axes:
            part.metadata = {}
            plan.circuits.append(part)
            plan.settings.append([sample])
        plan.qubits += [list(places) for _ in range(max(len(axes), 1))]
        report((sample + 1) / count)
    if device.mitigation.readout == "calibrated":
        everywhere = sorted({place for places in plan.qubits for place in places})
        first = len(plan.circuits)
        plan.calibration = {"circuits": [first, first + 1], "qubits": everywhere}
        plan.circuits += [_prepared(target, everywhere, one) for one in (False, True)]
        plan.qubits += [everywhere, everywhere]
    return plan


def measured(
    circuit: QuantumCircuit, basis: str, places: Sequence[int], target: Target
) -> QuantumCircuit:
    """The circuit with all neutrinos measured in one setting, in the device's own gates.

    Args:
        circuit: compiled, without measurements.
        basis: ``"X"``, ``"Y"`` or ``"Z"``, or a letter for every neutrino.
        places: the physical qubit of every neutrino; neutrino k is read into bit k.
        target: the device.

    Returns:
        a new circuit.

    Examples:
        >>> import qnu
        >>> target = qnu.quantum.load_machine("fake_torino").target()
        >>> counts = measured(QuantumCircuit(133), "Y", [7], target).count_ops()
        >>> counts["sx"], counts["measure"]
        (1, 1)
    """
    turned = circuit.copy()
    turn_to_basis(turned, basis, places)
    result: QuantumCircuit = PassManager([Optimize1qGatesDecomposition(target=target)]).run(turned)
    return _read_out(result, places)


def _read_out(circuit: QuantumCircuit, places: Sequence[int]) -> QuantumCircuit:
    """Measures ``places[k]`` into bit k."""
    bits = ClassicalRegister(len(places), REGISTER)
    circuit.add_register(bits)
    circuit.barrier(places)
    circuit.measure(places, bits)
    circuit.metadata = {}
    return circuit


def _prepared(target: Target, places: Sequence[int], one: bool) -> QuantumCircuit:
    """All qubits in |0> or all in |1>, measured: the calibration of the readout."""
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
    """A Trajectory without its values, as a JSON-serializable dictionary."""
    empty = np.zeros((len(times), len(gas), 3))
    built = Trajectory.build(
        "circuit", gas, times, empty, started=started, schedule=schedule, attributes=attributes
    )
    text = json.dumps(built.dataset.drop_vars("polarization").to_dict())
    frame: dict[str, Any] = json.loads(text)
    return frame
