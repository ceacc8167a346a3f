"""Trapped ions, simulated here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any, Literal

from pydantic import Field
from qiskit.circuit import QuantumCircuit

from ...common.progress import ProgressFunction
from . import submission
from .all_to_all import AllToAllMachine, all_to_all
from .cut import TargetBackend
from .device import Job
from .machine import Machine
from .service import Service


class IonMachine(AllToAllMachine):
    """A trapped-ion machine simulated here: RZZ between any two ions, depolarizing noise.

    RZ is a change of phase in software and has no error. Ions that wait have none either: their
    coherence outlives these circuits by far.

    Args:
        backend_name: ``backend`` in the file: a name of your own.
        qubits: how many ions.
        one_qubit_error: average infidelity of RX and RY.
        two_qubit_error: average infidelity of RZZ.
        readout_error: chance that a measurement is read wrongly.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        Moses et al. (PRX 13, 041052), whose numbers ``trapped_ions.toml`` has.

    Examples:
        >>> IonMachine(backend="trap", qubits=4).target()["rzz"][(3, 0)].error
        0.0
    """

    provider: Literal["ions"] = "ions"
    one_qubit_error: float = Field(default=0.0, ge=0.0, le=0.5)
    two_qubit_error: float = Field(default=0.0, ge=0.0, le=0.75)
    readout_error: float = Field(default=0.0, ge=0.0, le=0.5)

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector of one noisy history."""
        return 16 << qubits

    def backend(self) -> Any:
        """A BackendV2 that knows gates and errors; it is simulated through its cut."""
        errors = (self.one_qubit_error, self.two_qubit_error, self.readout_error)
        return _trap(self.backend_name, self.qubits, *errors)

    def service(self, backend: str, local: Callable[[Machine], Service]) -> Service:
        """The one for machines that are simulated here."""
        return local(self)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """Simulated here, when the result is asked for."""
        return submission.LocalJob(self.backend(), circuits, recipe, seed, progress)


@cache
def _trap(name: str, qubits: int, one: float, two: float, readout: float) -> TargetBackend:
    return TargetBackend(name, all_to_all(qubits, one, two, readout))
