"""Everything about a job before it is one: circuits, shots, time on the device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ...common.checks import integer, user_path
from ...common.versions import installed_versions
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ..machines import Machine, load_device, load_machine
from ..measure import prepare
from .estimate import DeviceTime, device_time
from .flow import connect
from .results import pack_circuits
from .store import Intent

#: Bytes of a name or a label: file systems take 255 for both, the job's id and what is between.
_LONGEST = 100


@dataclass(frozen=True, eq=False)
class Draft:
    """Work that is compiled but recorded nowhere.

    Args:
        intent: what would be recorded and sent.
        time: how long the device would be held.
        costs: whether that time is paid for, or rationed.

    Raises:
        QnuError: never.

    References:
        qnu's own convention.

    Examples:
        >>> Draft.__dataclass_fields__["costs"].type
        'bool'
    """

    intent: Intent
    time: DeviceTime = field(repr=False)
    costs: bool

    @property
    def two_qubit_gates(self) -> int:
        """Of the last sample time's circuits."""
        return int(self._told("two_qubit_gates"))

    @property
    def two_qubit_depth(self) -> int:
        """Of the last sample time's circuits."""
        return int(self._told("two_qubit_depth"))

    def _told(self, name: str) -> Any:
        return self.intent.recipe["frame"]["attrs"].get(name, 0)


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
) -> Draft:
    """Circuits for a device, and what they will cost; nothing is written or sent.

    Args:
        gas: N neutrinos in pure states.
        schedule: who meets whom.
        hardware: an IBM device, a fake one, or simulated ions.
        times: sample times in 1/mu; default: initial and final state.
        shots: per circuit; default: what the config says.
        observables: ``entropy``, ``purity``.
        seed: of shots and twirling where the device is simulated; drawn where none is given.
        name: names the Trajectory's file, with ``label``.
        label: of the method.
        folder: where the Trajectory will be written.
        spec: the text of the experiment file, to be kept with the job.
        attributes: to be recorded in the Trajectory.

    Returns:
        the draft, for :func:`qnu.quantum.jobs.send`.

    Raises:
        QnuError: a machine that takes no jobs, a name or label that is no part of a file's name,
            and what :func:`qnu.quantum.requests.prepare`
            refuses.

    References:
        qnu's own convention.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.4)
        >>> made = draft(gas, schedule, "fake_torino", times=[0.4], shots=1000)
        >>> made.time.circuits, made.two_qubit_gates, round(made.time.seconds, 1)
        (3, 3, 2.8)
    """
    for field_, value in (("name", name), ("label", label)):
        _check_file_name(field_, value)
    machine = load_machine(hardware)
    drawn = int(np.random.SeedSequence().generate_state(1)[0])
    seed = drawn if seed is None else integer("seed", seed, high=2**63 - 1)
    connect(machine, "")
    device = load_device(machine)
    circuits, recipe = prepare(gas, schedule, device, times, shots, observables)
    backend = str(recipe["frame"]["attrs"]["backend"])
    runs = device_time(
        circuits,
        int(recipe["shots"]),
        device.target(),
        getattr(device.backend(), "default_rep_delay", None),
        settings=_settings(recipe),
    )
    extra = dict(attributes or {})
    intent = Intent(
        name=name,
        label=label,
        hardware=machine.name,
        backend=backend,
        neutrinos=len(gas),
        circuits=len(circuits),
        shots=int(recipe["shots"]),
        seed=seed,
        seconds=runs.seconds,
        folder=str(user_path("folder", folder).absolute()),
        spec=spec,
        spec_hash=str(extra.get("spec_hash", "")),
        machine=machine.model_dump(mode="json", by_alias=True, exclude_unset=True)
        | {"provider": machine.provider},
        recipe=recipe,
        attributes={"shots_seed": seed, **extra},
        versions=_versions(),
        programs=pack_circuits(circuits),
    )
    return Draft(intent, runs, connect(machine, backend).costs)


def _check_file_name(field_: str, value: Any) -> None:
    """Both become part of the file's name, which has to stay in its folder."""
    if (
        not isinstance(value, str)
        or not value.strip()
        or value.startswith(".")
        or not value.isprintable()
        or any(letter in value for letter in "/\\:")
        or len(value.encode()) > _LONGEST
    ):
        allowed = f"part of a file's name: no / \\ :, no dot in front, at most {_LONGEST} bytes"
        raise QnuError(field_, value, allowed)


def _settings(recipe: Mapping[str, Any]) -> int:
    """How often the device runs each circuit: an estimator reads three bases, at every noise."""
    if recipe["primitive"] == "sampler":
        return 1
    used = recipe["mitigation"]
    noises = len(used["noise_factors"] or (1, 3, 5)) if used["resilience"] == 2 else 1
    return 3 * noises


def _versions() -> dict[str, str]:
    found = dict(installed_versions())
    with suppress(PackageNotFoundError):
        found["qiskit-ibm-runtime"] = version("qiskit-ibm-runtime")
    return found
