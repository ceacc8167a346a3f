"""Simulators that hold the state of the circuit: qnu's own engine and those of Qiskit Aer."""

from __future__ import annotations

from typing import Literal

from numpy.typing import ArrayLike

from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule
from ...schedules.samples import SampleTimes
from ..circuits.build import check_samples
from .machine import Machine


class SimulatorMachine(Machine):
    """A simulator that runs all samples in one circuit.

    Args:
        precision: of the amplitudes, ``"double"`` or ``"single"``.
    """

    precision: Literal["double", "single"] = "double"

    @property
    def amplitude_bytes(self) -> int:
        """Bytes of one complex number."""
        return 16 if self.precision == "double" else 8

    def check_run(
        self, gas: NeutrinoGas, schedule: EncounterSchedule, times: ArrayLike | SampleTimes | None
    ) -> None:
        """Refuse a schedule, or sample times that one circuit cannot have."""
        super().check_run(gas, schedule, times)
        check_samples(schedule, times)
