"""A run on a device in three steps that may be days and processes apart.

``prepare`` makes circuits and a recipe of how to read them, ``submit`` hands the circuits to the
machine, ``read`` makes a Trajectory of the results and the recipe. Circuits go through QPY and the
recipe through JSON unchanged; neither holds an account.
"""

from __future__ import annotations

import json
import time as clock
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xarray as xr
from numpy.typing import ArrayLike
from qiskit.circuit import ClassicalRegister, QuantumCircuit
from qiskit.transpiler import PassManager, Target
from qiskit.transpiler.passes import Optimize1qGatesDecomposition

from ... import observables as rooms
from ...common import memory
from ...common.checks import Floats, choice, integer
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.match import check_match
from ...trajectory import Trajectory, conservation, conserved_drift
from ..circuits.sizes import two_qubit_gates
from ..compile.samples import by_sample
from ..machines import DeviceMachine, Machine, load_machine
from ..machines.cut import used_qubits
from ..machines.device import Job
from ..machines.submission import BASES
from . import mitigation, statistics
from . import results as _results
from .statistics import Told

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
    device = _device(machine)
    check_match(gas, schedule)
    gas.require_pure("a circuit")
    device.check_shots(device.default_shots() if shots is None else integer("shots", shots))
    shots = device.default_shots() if shots is None else shots
    for name in observables:
        choice("observables", name, tuple(rooms.OF_ONE))
    device.check(len(gas))
    device.check_schedule(schedule)
    device.check_symmetry(gas, schedule)
    sample_times, _ = schedule.sample_times(times)
    target, used = device.target(), device.mitigation
    route, compiled = by_sample(gas, schedule, device, sample_times)
    ones = mitigation.conserved_ones(gas, schedule) if used.symmetry == "postselect" else None
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


def submit(
    machine: str | Path | Machine,
    circuits: Sequence[QuantumCircuit],
    recipe: Mapping[str, Any],
    seed: int = 0,
    told: Told = statistics.nobody,
) -> Job:
    """Hand the circuits of :func:`prepare` over to the machine.

    Args:
        machine: the one they were prepared for.
        circuits: from :func:`prepare`.
        recipe: from :func:`prepare`.
        seed: of shots and twirling, where the machine is simulated.
        told: called with the fraction done, where the machine is simulated.

    Returns:
        a job with ``job_id()`` (empty where it is simulated in this process) and ``result()``.

    Raises:
        QnuError: not a device, a library that is not installed, no account.

    References:
        Qiskit's primitives, version 2.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> circuits, recipe = prepare(gas, schedule, "fake_torino", shots=100)
        >>> read(submit("fake_torino", circuits, recipe).result(), recipe).polarization.shape
        (2, 2, 3)
    """
    return _device(machine).submit(circuits, dict(recipe), seed, told)


def read(
    results: Sequence[Any], recipe: Mapping[str, Any], job_ids: Sequence[str] = ()
) -> Trajectory:
    """From the results of a job to polarizations with standard errors.

    Args:
        results: one per circuit: of a SamplerV2 or EstimatorV2, or counts: bit strings (last bit
            neutrino 0, one digit per neutrino), hexadecimal strings or whole numbers, to numbers.
        recipe: from :func:`prepare`.
        job_ids: to be written down.

    Returns:
        polarization and ``polarization_error`` ``(time, N, 3)``, with the sampler also
        ``group_polarization_error``. Attributes: machine, physical qubits, gates, shots,
        mitigation and what it did (``retained``: fractions of the shots, ``damping``: factors
        found, ``total_z_pull``: the conserved total, in standard errors; with the estimator both
        take neutrinos as uncorrelated), calibration date.
        Where a primitive gives an infinite or missing error bar, its value is NaN with error inf,
        named in ``unreliable``; a mean over it is NaN as well.

    Raises:
        QnuError: a recipe of another format, results of other circuits, outcomes of another number
            of bits, no shot at all, no shot left.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.1])
        >>> schedule = qnu.schedules.tournament(gas, gamma=np.pi / 2)
        >>> end = [schedule.final_time]
        >>> _, recipe = prepare(gas, schedule, "fake_torino", times=end, shots=100)
        >>> coin = {"00": 25, "01": 25, "10": 25, "11": 25}
        >>> read([coin, coin, {"01": 98, "00": 2}], recipe).at().tolist()    # they traded places
        [[0.0, 0.0, -0.96], [0.0, 0.0, 1.0]]
    """
    if recipe.get("format") != FORMAT:
        raise QnuError("recipe", recipe.get("format"), f"format {FORMAT}")
    if len(results) != len(recipe["qubits"]):
        wanted = f"one for each of {len(recipe['qubits'])} circuits"
        raise QnuError("results", f"{len(results)} results", wanted)
    if recipe["primitive"] == "estimator":
        found = _results.estimated(results, recipe)
    else:
        found = _results.sampled(results, recipe)
    variables: dict[str, Any] = {
        "polarization": (("time", "neutrino", "axis"), found.mean),
        "polarization_error": (("time", "neutrino", "axis"), found.error),
    }
    if found.of_groups is not None:
        variables["group_polarization_error"] = (("time", "group_mean", "axis"), found.of_groups)
    variables |= statistics.of_one_with_errors(
        recipe["observables"], found.mean, found.error, found.cross
    )
    attributes = dict(found.attributes)
    if job_ids:
        attributes["job_ids"] = " ".join(job_ids)
    frame = xr.Dataset.from_dict(recipe["frame"])
    if recipe["conserved"] is not None:
        drift = conserved_drift(found.mean, np.ones(found.mean.shape[1]), **recipe["conserved"])
        if drift:
            del frame.attrs["drift"]
        attributes |= drift
    return Trajectory(frame.assign(variables).assign_attrs(attributes))


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
    if basis == "Y":
        turned.sdg(places)
    if basis != "Z":
        turned.h(places)
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


def _device(machine: str | Path | Machine) -> DeviceMachine:
    found = load_machine(machine)
    if not isinstance(found, DeviceMachine):
        raise QnuError("hardware", found.name, "a device, real or fake (not a simulator of states)")
    return found


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
