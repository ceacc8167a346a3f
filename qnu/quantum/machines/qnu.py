"""qnu's own engine as a machine."""

from __future__ import annotations

from typing import Literal

from numpy.typing import ArrayLike

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ..circuits.build import check_samples, circuit
from ..simulate.engine import EngineSimulation
from ..simulate.simulation import Simulation
from .machine import Machine


class QnuMachine(Machine):
    """qnu's own engine: the circuit's encounters as kernels on 2^N amplitudes.

    Args:
        precision: ``"double"`` or ``"single"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qnu's own engine, :mod:`qnu.engine`.

    Examples:
        >>> QnuMachine(precision="single").memory_need(20) // 2**20     # MiB
        8
    """

    provider: Literal["qnu"] = "qnu"
    precision: Literal["double", "single"] = "double"

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector."""
        return (16 if self.precision == "double" else 8) << qubits

    def check_schedule(self, schedule: EncounterSchedule) -> None:
        """Refuse resets: a state vector would follow one random history.

        Raises:
            QnuError: fresh partners.
        """
        if schedule.fresh is not None:
            raise QnuError(
                "hardware",
                f"{self.name}, with fresh partners in the schedule",
                "'aer_density_matrix', which averages over resets",
            )

    def check_run(
        self, gas: NeutrinoGas, schedule: EncounterSchedule, times: ArrayLike | None
    ) -> None:
        """Refuse a schedule, or sample times that one circuit cannot have."""
        super().check_run(gas, schedule, times)
        check_samples(schedule, times)

    def simulation(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        times: ArrayLike | None,
        shots: int,
        swap: bool,
    ) -> Simulation:
        """The schedule's circuit on qnu's own engine."""
        del shots
        self.check_schedule(schedule)
        return EngineSimulation(circuit(gas, schedule, times, swap=swap), self.precision)
