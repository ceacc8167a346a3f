"""The base class of devices: machines with native gates, couplers and noise."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Literal, Protocol

from numpy.typing import ArrayLike
from pydantic import ConfigDict, Field, model_validator
from qiskit.circuit import QuantumCircuit
from qiskit.transpiler import Target

from ... import conservation
from ...common.progress import ProgressFunction
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from .limits import Limits, limits_of, rep_delay_of
from .machine import MOST_SHOTS, Machine
from .options import CompileOptions, Execution, Mitigation


class Job(Protocol):
    """A submitted job: its id (empty where it has none) and its results."""

    def job_id(self) -> str:
        """The provider's name for it."""

    def result(self) -> Sequence[Any]:
        """One result per circuit, as :func:`qnu.quantum.read` takes them."""


class DeviceMachine(Machine):
    """A device, real or simulated: circuits are compiled to its gates and couplers first.

    Args:
        backend_name: ``backend`` in the file: the provider's name of the device.
        primitive: ``"sampler"``: counts in three bases, read by qnu; ``"estimator"``: expectation
            values with error bars from the provider's library.
        shots: per sample time and basis (sampler).
        precision: requested standard error of every polarization component (estimator).
        compile: the ``[compile]`` table.
        mitigation: the ``[mitigation]`` table.
        execution: the ``[execution]`` table.

    Raises:
        pydantic.ValidationError: a field out of its range, or options of the other primitive.

    References:
        Qiskit's primitives, version 2.

    Examples:
        >>> import qnu
        >>> qnu.quantum.load_machine("fake_torino").primitive
        'sampler'
    """

    model_config = ConfigDict(populate_by_name=True)

    backend_name: str = Field(alias="backend", min_length=1)
    primitive: Literal["sampler", "estimator"] = "sampler"
    shots: int = Field(default=4096, ge=1, le=MOST_SHOTS)
    precision: float = Field(default=0.02, gt=0.0, lt=1.0)
    compile: CompileOptions = CompileOptions()
    mitigation: Mitigation = Mitigation()
    execution: Execution = Execution()

    @model_validator(mode="after")
    def _fits(self) -> DeviceMachine:
        used, given = self.mitigation, self.model_fields_set
        twirled = used.twirling in ("gates", "all") or used.resilience == 2
        if self.compile.dynamical_decoupling != "none" and (
            used.dynamical_decoupling != "none" or twirled
        ):
            raise QnuError(
                "compile.dynamical_decoupling",
                self.compile.dynamical_decoupling,
                "'none' where the primitive decouples or twirls gates (it decouples after twirling:"
                " mitigation.dynamical_decoupling)",
            )
        if self.compile.gates in ("rzz", "xyz") and twirled:
            raise QnuError(
                "compile.gates",
                self.compile.gates,
                "'cz' where gates are twirled (only Clifford gates can be)",
            )
        if self.primitive == "sampler":
            if used.resilience or used.noise_factors or used.extrapolator:
                raise QnuError(
                    "mitigation.resilience", used.resilience, "0 with primitive = 'sampler'"
                )
            if "precision" in given:
                raise QnuError("precision", self.precision, "only with primitive = 'estimator'")
            if used.readout != "none" and used.symmetry == "postselect":
                raise QnuError(
                    "mitigation.readout",
                    used.readout,
                    "'none' with symmetry = 'postselect' (shots are selected as they were read);"
                    " or symmetry = 'rescale', which takes the corrected readout",
                )
            return self
        if "shots" in given:
            raise QnuError("shots", self.shots, "only with primitive = 'sampler' (give precision)")
        if used.readout != "none":
            raise QnuError(
                "mitigation.readout",
                used.readout,
                "'none' with primitive = 'estimator' (resilience = 1 corrects the readout)",
            )
        if used.symmetry == "postselect":
            raise QnuError(
                "mitigation.symmetry",
                "postselect",
                "'none' or 'rescale' with primitive = 'estimator' (it shows no shots)",
            )
        return self

    def default_shots(self) -> int:
        """Shots per circuit: those of the config, or as many as the precision takes."""
        return self.shots if self.primitive == "sampler" else math.ceil(self.precision**-2)

    def measured_axes(self, axes: Sequence[int]) -> Sequence[int]:
        """Which of these components (0, 1, 2: x, y, z) circuits measure themselves.

        All of them with the sampler; none with the estimator, which adds its own measurements.
        """
        return axes if self.primitive == "sampler" else ()

    def executions(self) -> int:
        """How often the device runs each circuit.

        Once with the sampler; with the estimator in three bases, and at every noise factor.
        """
        if self.primitive == "sampler":
            return 1
        used = self.mitigation
        return 3 * (len(used.noise_factors or (1, 3, 5)) if used.resilience == 2 else 1)

    def rep_delay(self) -> float | None:
        """Seconds between two shots; None where neither the config nor the backend says.

        Raises:
            QnuError: a delay that the device does not take.
        """
        return rep_delay_of(self.backend(), self.execution.rep_delay)

    def check_execution(self) -> None:
        """Refuse a delay between shots that the device does not take.

        Raises:
            QnuError: outside of its range, or a device whose delay is fixed.
        """
        if self.execution.rep_delay is not None:
            self.rep_delay()

    def limits(self) -> Limits:
        """The most circuits and shots that one job may have."""
        return limits_of(self.backend(), self.execution)

    def check_shots(self, shots: int) -> None:
        """Refuse exact runs: a device has shots.

        Raises:
            QnuError: no shots, more than 10^8.
        """
        super().check_shots(shots)
        if shots < 1:
            raise QnuError("shots", shots, f"a whole number >= 1 on {self.name!r} (a device)")

    def check_symmetry(self, gas: NeutrinoGas, schedule: EncounterSchedule) -> None:
        """Refuse a symmetry that the gas and the schedule do not have.

        Raises:
            QnuError: matter or fresh partners; post-selection where the start is not sharp.
        """
        symmetry = self.mitigation.symmetry
        if symmetry != "none" and not conservation.conserves_total_z(schedule):
            raise QnuError(
                "mitigation.symmetry",
                symmetry,
                "'none' with matter or fresh partners (then the"
                " total polarization along B is not conserved)",
            )
        if symmetry == "postselect" and conservation.conserved_ones(gas, schedule) is None:
            raise QnuError(
                "mitigation.symmetry",
                symmetry,
                "'rescale' or 'none' where neutrinos start in"
                " superpositions of mass states (P not along z)",
            )

    def check_run(
        self, gas: NeutrinoGas, schedule: EncounterSchedule, times: ArrayLike | SampleTimes | None
    ) -> None:
        """Refuse a schedule, or a symmetry that gas and schedule do not have."""
        super().check_run(gas, schedule, times)
        self.check_symmetry(gas, schedule)

    def backend(self) -> Any:
        """The Qiskit backend, a BackendV2.

        Raises:
            QnuError: no such device, no account, or a library that is not installed.
        """
        raise NotImplementedError

    def device(self) -> DeviceMachine:
        """This machine."""
        return self

    def device_name(self) -> str:
        """The provider's name of the device."""
        return str(self.backend().name)

    def target(self) -> Target:
        """Its gates, couplers and calibration."""
        target: Target = self.backend().target
        return target

    def calibrated(self) -> str | None:
        """When the device was calibrated, ISO 8601; None where it is not known."""
        return None

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """Submit circuits that are compiled for this device."""
        raise NotImplementedError
