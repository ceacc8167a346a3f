"""qnu's own engine as a machine."""

from __future__ import annotations

from typing import Literal

from numpy.typing import ArrayLike

from ...errors import QnuError
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..circuits.build import circuit_and_encounters
from ..simulate.engine import EngineSimulation
from ..simulate.simulation import Simulation
from .simulator import SimulatorMachine


class QnuMachine(SimulatorMachine):
    """qnu's own engine (:mod:`qnu.engine`): encounters as kernels on :math:`2^N` amplitudes.

    Args:
        precision: ``"double"`` or ``"single"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    Examples:
        >>> QnuMachine(precision="single").memory_need(20) // 2**20     # MiB
        8
    """

    provider: Literal["qnu"] = "qnu"

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector."""
        return self.amplitude_bytes << qubits

    def check_schedule(self, schedule: EncounterSchedule) -> None:
        """Refuse resets: a state vector follows one random history through them.

        Raises:
            QnuError: fresh partners.
        """
        if schedule.fresh is not None:
            raise QnuError(
                "hardware",
                f"{self.name}, with fresh partners in the schedule",
                "'aer_density_matrix', which averages over resets",
            )

    def simulation(
        self,
        gas: NeutrinoGas,
        schedule: EncounterSchedule,
        times: ArrayLike | SampleTimes | None,
        shots: int,
        swap: bool,
    ) -> Simulation:
        """The schedule's circuit on qnu's own engine."""
        del shots
        self.check_schedule(schedule)
        qc, _ = circuit_and_encounters(gas, schedule, times, None, swap)
        return EngineSimulation(qc, self.precision)
