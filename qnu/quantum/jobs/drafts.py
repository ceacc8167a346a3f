"""A job before it is recorded: its circuits, shots and time on the device."""

from __future__ import annotations

import math
import time as clock
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as package_version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike
from qiskit.circuit import QuantumCircuit

from ...common.checks import integer
from ...common.progress import Progress, with_bar
from ...common.versions import installed_versions
from ...errors import QnuError, Words
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..compile.bounds import LowerBound, lower_bound
from ..compile.compilation import check_size
from ..compile.isa import check_isa
from ..compile.routing.step_counter import reporting_to
from ..machines import DeviceMachine, Machine, load_device, load_machine
from ..machines.ibm import stand_in
from ..machines.parts import Request, recipe_of, requests_of
from ..measure.prepare import Recipe, checked_shots, prepare_checked
from .estimate import DeviceTime, device_time
from .local import connect
from .origin import Origin
from .records import Intent, Part
from .results import pack_circuits

#: A job has at most so many: the search for a route of more takes an hour.
MAX_ENCOUNTERS = 50_000
#: And runs without an error with at least this probability: no number of shots shows less.
LEAST_SUCCESS = 1e-12


@dataclass(frozen=True, eq=False)
class Draft:
    """A compiled job that is not recorded yet.

    Args:
        intent: what would be recorded and sent.
        time: how long the device would be held.
        costs: whether that time is paid for or rationed.
        instructions: of all circuits; each of them is in the device's target.
        note: that another device stands in, for lack of an account; such a draft is not sent.

    Examples:
        >>> Draft.__dataclass_fields__["costs"].type
        'bool'
    """

    intent: Intent
    time: DeviceTime = field(repr=False)
    costs: bool
    instructions: int = 0
    note: str = ""

    @property
    def two_qubit_gates(self) -> int:
        """Of the last sample time's circuits."""
        return int(self._attribute("two_qubit_gates"))

    @property
    def two_qubit_depth(self) -> int:
        """Of the last sample time's circuits."""
        return int(self._attribute("two_qubit_depth"))

    @property
    def sample_routes(self) -> str:
        """Where the routes of the circuits before the last sample are from."""
        return str(self._attribute("sample_routes") or "")

    @property
    def longest_request(self) -> float:
        """Estimated seconds on the device of the longest job that is sent."""
        return max([part.seconds for part in self.intent.parts] or [self.intent.seconds])

    @property
    def warning(self) -> str:
        """That the machine would end a job before it is done; empty where it would not."""
        most = self.intent.recipe["execution"]["max_execution_time"]
        if most is None or self.longest_request <= most:
            return ""
        seconds = f"A job takes about {self.longest_request:.3g} s"
        return f"{seconds}: more than max_execution_time = {most}, where IBM ends it."

    def _attribute(self, name: str) -> Any:
        return self.intent.recipe["frame"]["attrs"].get(name, 0)


@dataclass(frozen=True, eq=False)
class PlannedJob:
    """A checked job of which nothing is compiled yet, from :func:`planned`.

    Args:
        gas: N neutrinos.
        schedule: who meets whom.
        machine: the machine as it was requested.
        device: what the circuits are for.
        times: sample times.
        shots: per circuit.
        observables: of single neutrinos.
        seed: of shots and twirling on a simulated device.
        bound: the least that the circuit up to the last sample costs.
        origin: names of its file, the folder, the experiment.
        note: that ``device`` stands in for the machine, for lack of an account.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> job = planned(gas, schedule, "fake_torino", times=[0.4], shots=1000)
        >>> job.bound.two_qubit_gates, job.compile().two_qubit_gates
        (3, 3)
    """

    gas: NeutrinoGas
    schedule: EncounterSchedule
    machine: Machine
    device: DeviceMachine
    times: SampleTimes
    shots: int
    observables: tuple[str, ...]
    seed: int
    bound: LowerBound
    origin: Origin = field(repr=False)
    note: str = ""

    @property
    def label(self) -> str:
        """The label of the method."""
        return self.origin.label

    def compile(self, progress: Progress = None) -> Draft:
        """Compiles the circuits and estimates their time; nothing is written or sent.

        Args:
            progress: called with the fraction done of the search for a route and of the circuits.
        """
        started = clock.perf_counter()
        with reporting_to(progress if callable(progress) else None):
            circuits, recipe = prepare_checked(
                self.gas,
                self.schedule,
                self.device,
                self.times.times,
                self.shots,
                self.observables,
                started,
            )
        target = self.device.target()
        instructions = sum(check_isa(qc, target) for qc in circuits)
        settings = self.device.executions()
        requests = requests_of(len(circuits), self.shots, self.device.limits(), settings)
        time = device_time(
            circuits, self.shots, target, self.device.rep_delay(), settings, len(requests)
        )
        intent = _intent(
            self.device, circuits, recipe, self.seed, time.seconds, self.origin, requests
        )
        costs = connect(self.machine, intent.backend).costs
        return Draft(intent, time, costs, instructions, self.note)


def planned(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    hardware: str | Path | Machine,
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
    seed: int | None = None,
    *,
    name: str = "run",
    label: str = "circuit",
    folder: str | Path = ".",
    spec: str = "",
    attributes: Mapping[str, Any] | None = None,
    dry_run: bool = False,
) -> PlannedJob:
    """Checks a job and bounds its cost, in a moment; nothing is compiled.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        hardware: an IBM device, a fake one, or simulated ions.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: that of the config.
        observables: ``entropy``, ``purity``.
        seed: of shots and twirling on a simulated device; drawn where none is given.
        name: names the Trajectory's file, with ``label``.
        label: label of the method.
        folder: where the Trajectory will be written.
        spec: text of the experiment file, stored with the job.
        attributes: further attributes of the Trajectory.
        dry_run: it will not be sent: without an account the newest snapshot of the device, or of
            its family, stands in for it, and ``note`` says so.

    Returns:
        the job, with the least that it costs as ``bound``; ``compile()`` makes the draft.

    Raises:
        QnuError: what :func:`draft` refuses before it compiles: also a circuit that would run
            without an error with a probability below 1e-12, or of more than 50,000 encounters.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.random_pairs(gas, gamma=0.4, encounters=60_000)
        >>> planned(gas, schedule, "fake_torino")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: schedule: got 60000 encounters; allowed: at most 50000 for a job
    """
    origin = Origin.checked(name, label, folder, spec, attributes)
    machine = load_machine(hardware)
    drawn = int(np.random.SeedSequence().generate_state(1)[0])
    seed = drawn if seed is None else integer("seed", seed, high=2**63 - 1)
    connect(machine, "")  # refuses a machine that takes no jobs
    device, note = load_device(machine), ""
    if dry_run:
        replaced, note = stand_in(machine)
        device = load_device(replaced)
    shots = checked_shots(gas, schedule, device, shots, observables)
    gas.require_pure("a circuit")
    check_size(schedule)
    samples = schedule.samples(times)
    encounters = int(schedule.counts(samples)[-1])
    if encounters > MAX_ENCOUNTERS:
        allowed = f"at most {MAX_ENCOUNTERS} for a job"
        raise QnuError("schedule", Words(f"{encounters} encounters"), allowed)
    device.check_run(gas, schedule, samples)
    bound = lower_bound(gas, schedule, device, samples.times)
    if bound.success_probability < LEAST_SUCCESS:
        raise _hopeless(bound)
    return PlannedJob(
        gas,
        schedule,
        machine,
        device,
        samples,
        shots,
        tuple(observables),
        seed,
        bound,
        origin,
        note,
    )


def _hopeless(bound: LowerBound) -> QnuError:
    got = f"{bound.encounters} encounters, {bound.two_qubit_gates} two-qubit gates at least"
    power = math.floor(math.log10(bound.success_probability or 5e-324)) + 1
    allowed = f"what runs without an error with a probability > {LEAST_SUCCESS:g}, not < 1e{power}"
    return QnuError("schedule", Words(got), allowed)


@with_bar
def draft(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    hardware: str | Path | Machine,
    times: ArrayLike | None = None,
    shots: int | None = None,
    observables: Sequence[str] = (),
    seed: int | None = None,
    *,
    name: str = "run",
    label: str = "circuit",
    folder: str | Path = ".",
    spec: str = "",
    attributes: Mapping[str, Any] | None = None,
    dry_run: bool = False,
    progress: Progress = None,
) -> Draft:
    """Compiles circuits for a device and estimates their time; nothing is written or sent.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        hardware: an IBM device, a fake one, or simulated ions.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: that of the config.
        observables: ``entropy``, ``purity``.
        seed: of shots and twirling on a simulated device; drawn where none is given.
        name: names the Trajectory's file, with ``label``.
        label: label of the method.
        folder: where the Trajectory will be written.
        spec: text of the experiment file, stored with the job.
        attributes: further attributes of the Trajectory.
        dry_run: as in :func:`qnu.quantum.jobs.planned`.
        progress: called with the fraction done; True: a bar.

    Returns:
        the draft, for :func:`qnu.quantum.jobs.send`.

    Raises:
        QnuError: a machine that takes no jobs, a name or label that cannot be part of a file's
            name, a circuit that cannot work (:func:`qnu.quantum.jobs.planned`), and what
            :func:`qnu.quantum.prepare` refuses.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> made = draft(gas, schedule, "fake_torino", times=[0.4], shots=1000)
        >>> made.time.circuits, made.two_qubit_gates, round(made.time.seconds, 1)
        (3, 3, 2.8)
    """
    job = planned(
        gas,
        schedule,
        hardware,
        times,
        shots,
        observables,
        seed,
        name=name,
        label=label,
        folder=folder,
        spec=spec,
        attributes=attributes,
        dry_run=dry_run,
    )
    return job.compile(progress)


def _intent(
    device: DeviceMachine,
    circuits: Sequence[QuantumCircuit],
    recipe: Recipe,
    seed: int,
    seconds: float,
    origin: Origin,
    requests: Sequence[Request],
) -> Intent:
    parts: tuple[Part, ...] = ()
    if len(requests) > 1:
        recipe["requests"] = [[one.first, one.count, one.shots] for one in requests]
        parts = tuple(_parts(circuits, recipe, seed, seconds, requests))
    config = device.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return Intent(
        name=origin.name,
        label=origin.label,
        hardware=device.name,
        backend=str(recipe["frame"]["attrs"]["backend"]),
        neutrinos=sum(map(len, recipe["members"])),
        circuits=len(circuits),
        shots=int(recipe["shots"]),
        seed=seed,
        seconds=seconds,
        folder=origin.folder,
        spec=origin.spec,
        spec_hash=str(origin.attributes.get("spec_hash", "")),
        machine=config | {"provider": device.provider},
        recipe=recipe,
        attributes={"shots_seed": seed, **origin.attributes},
        versions=_versions(),
        programs=pack_circuits([] if parts else circuits),
        parts=parts,
    )


def _parts(
    circuits: Sequence[QuantumCircuit],
    recipe: Recipe,
    seed: int,
    seconds: float,
    requests: Sequence[Request],
) -> Iterator[Part]:
    """Each with a seed of its own: with the same one their shots would be the same."""
    seeds = np.random.SeedSequence(seed).spawn(len(requests))
    executions = sum(one.count * one.shots for one in requests)
    for one, own in zip(requests, seeds, strict=True):
        yield Part(
            circuits=one.count,
            shots=one.shots,
            seed=int(own.generate_state(1)[0]),
            seconds=seconds * one.count * one.shots / executions,
            recipe=recipe_of(recipe, one),
            programs=pack_circuits([circuits[k] for k in one.circuits]),
        )


def _versions() -> dict[str, str]:
    versions = dict(installed_versions())
    with suppress(PackageNotFoundError):
        versions["qiskit-ibm-runtime"] = package_version("qiskit-ibm-runtime")
    return versions
