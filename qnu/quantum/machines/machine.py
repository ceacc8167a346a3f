"""The base class of machines: keys of every hardware config, and the questions that a run has."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from numpy.typing import ArrayLike
from pydantic import BaseModel, ConfigDict, Field

from ...common import memory
from ...common.registry import register
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..simulate.simulation import Simulation
from .service import Service

#: Most shots of a circuit, as in experiment files.
MOST_SHOTS = 100_000_000


#: One class per value of ``provider``: to be defined is to be registered.
PROVIDERS: dict[str, type[Machine]] = {}


class Machine(BaseModel):
    """The keys of every hardware config; each provider is a subclass.

    Args:
        name: the file's name, or any other name.
        description: one line for people.
        shots: default number of shots per sample time and basis; 0: exact expectation values.
        max_qubits: largest number of qubits; None: what fits into memory.

    Raises:
        pydantic.ValidationError: a field out of its range (:func:`qnu.quantum.load_machine`
            turns it into one line).

    Examples:
        >>> Machine(provider="none", max_qubits=3).memory_need(3)
        0
    """

    # the value of an unknown key may be a secret: it is not shown
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    provider: str
    name: str = "custom"
    description: str = ""
    shots: int = Field(default=0, ge=0, le=MOST_SHOTS)
    max_qubits: int | None = Field(default=None, ge=1)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        register(cls, "provider", PROVIDERS)

    def device(self) -> Any:
        """This machine as a :class:`.DeviceMachine`, for which circuits are compiled.

        Raises:
            QnuError: a simulator that holds the state.
        """
        allowed = "a device, real or fake (not a simulator of states)"
        raise QnuError("hardware", self.name, allowed)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state of ``qubits`` qubits; 0 where it is not known."""
        return 0

    def default_shots(self) -> int:
        """Shots of a run that gives no number; 0: exact."""
        return self.shots

    def check_shots(self, shots: int) -> None:
        """Refuse a number of shots that this machine cannot do.

        Raises:
            QnuError: exact runs on a device, more than 10^8.
        """
        if shots > MOST_SHOTS:
            raise QnuError("shots", shots, f"at most {MOST_SHOTS} per circuit")

    def check_schedule(self, schedule: EncounterSchedule) -> None:
        """Refuse a schedule that this machine cannot run.

        Raises:
            QnuError: fresh partners on a machine without reset.
        """

    def check_run(
        self, gas: NeutrinoGas, schedule: EncounterSchedule, times: ArrayLike | SampleTimes | None
    ) -> None:
        """Refuse a gas, a schedule or sample times that this machine cannot take together.

        Raises:
            QnuError: fresh partners on a machine without reset, a sample inside an encounter of a
                partner that is reset, a requested symmetry that does not hold.
        """
        self.check_schedule(schedule)

    def simulation(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        times: ArrayLike | SampleTimes | None,
        shots: int,
        swap: bool,
    ) -> Simulation | None:
        """The schedule's circuit on a simulator that holds the state.

        Args:
            gas: N neutrinos in pure states.
            schedule: who meets whom.
            times: sample times in 1/mu; None: initial and final state.
            shots: per sample time and basis; 0: exact.
            swap: partners exchange places after every encounter.

        Returns:
            the simulation; None: circuits are compiled for a device, submitted and read.

        Raises:
            QnuError: what the machine or the circuit refuses.
        """
        return None

    def service(self, backend: str, local: Callable[[Machine], Service]) -> Service:
        """The service that runs the jobs of this machine.

        Args:
            backend: the provider's name of the device.
            local: makes the service of simulated machines.

        Raises:
            QnuError: a machine that takes no jobs.
        """
        raise QnuError(
            "hardware",
            self.name,
            "an IBM device, a fake device or simulated ions (`qnu run` takes the others)",
        )

    def check(self, qubits: int) -> None:
        """Refuse too many qubits before anything is allocated.

        Raises:
            QnuError: more than the backend takes or the memory holds.
        """
        need = self.memory_need(qubits)
        if self.max_qubits is not None and qubits > self.max_qubits:
            text = f" (needs {need / memory.GIB:.3g} GiB)" if need >= memory.GIB else ""
            raise QnuError(
                "neutrinos", qubits, f"at most {self.max_qubits} qubits on {self.name!r}{text}"
            )
        memory.require("neutrinos", qubits, need)
