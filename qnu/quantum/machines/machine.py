"""What every machine says about itself."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

from ...common import memory
from ...errors import QnuError
from ...schedules import EncounterSchedule

#: Most shots of a circuit, as in experiment files.
MOST_SHOTS = 100_000_000


class Machine(BaseModel):
    """What every hardware config says; each provider is a class of its own.

    Args:
        name: the file's name, or words of your own.
        description: one line for people.
        shots: default number of shots per sample time and basis; 0: exact expectation values.
        max_qubits: most qubits it takes; None: what fits into memory.

    Raises:
        pydantic.ValidationError: a field out of its range (:func:`load_machine` turns it into one
            line).

    References:
        qnu's own convention.

    Examples:
        >>> Machine(provider="none", max_qubits=3).memory_need(3)
        0
    """

    # what is given for an unknown key may be a secret
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, hide_input_in_errors=True)

    provider: str
    name: str = "custom"
    description: str = ""
    shots: int = Field(default=0, ge=0, le=MOST_SHOTS)
    max_qubits: int | None = Field(default=None, ge=1)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state of so many qubits; 0 where that cannot be told."""
        return 0

    def default_shots(self) -> int:
        """Shots where a run does not say; 0: exact."""
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
            QnuError: fresh partners on a machine that knows no reset.
        """

    def check(self, qubits: int) -> None:
        """Refuse what does not fit, before anything is allocated.

        Raises:
            QnuError: more qubits than the backend takes or the memory holds.
        """
        need = self.memory_need(qubits)
        if self.max_qubits is not None and qubits > self.max_qubits:
            text = f" (needs {need / memory.GIB:.3g} GiB)" if need else ""
            raise QnuError(
                "neutrinos", qubits, f"at most {self.max_qubits} qubits on {self.name!r}{text}"
            )
        memory.require("neutrinos", qubits, need)
