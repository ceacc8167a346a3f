"""Trapped ions, simulated in this process."""

from __future__ import annotations

from functools import cache
from typing import Any, Literal

from pydantic import Field

from .all_to_all import AllToAllMachine, all_to_all
from .cut import TargetBackend
from .simulated import SimulatedDevice


class IonMachine(AllToAllMachine, SimulatedDevice):
    """A simulated trapped-ion machine: RZZ between any two ions, depolarizing noise.

    RZ is a change of phase in software and has no error. Idle ions have none either: their
    coherence time is much longer than these circuits.

    Args:
        backend_name: ``backend`` in the file: a name of your own.
        qubits: how many ions.
        one_qubit_error: average infidelity of RX and RY.
        two_qubit_error: average infidelity of RZZ.
        readout_error: probability that a measurement is wrong.

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

    def backend(self) -> Any:
        """A BackendV2 with gates and errors only; ``cut`` makes the simulator."""
        errors = (self.one_qubit_error, self.two_qubit_error, self.readout_error)
        return _trap(self.backend_name, self.qubits, *errors)


@cache
def _trap(name: str, qubits: int, one: float, two: float, readout: float) -> TargetBackend:
    return TargetBackend(name, all_to_all(qubits, one, two, readout))
