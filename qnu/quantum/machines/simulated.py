"""Devices that are simulated in this process, with their noise."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qiskit.circuit import QuantumCircuit

from ...common.progress import ProgressFunction
from . import submission
from .device import DeviceMachine, Job
from .machine import Machine
from .service import Service


class SimulatedDevice(DeviceMachine):
    """A device whose circuits run on Aer, cut to the qubits that they use."""

    def memory_need(self, qubits: int) -> int:
        """Bytes of the state vector of one noisy history."""
        return 16 << qubits

    def service(self, backend: str, local: Callable[[Machine], Service]) -> Service:
        """The local one."""
        return local(self)

    def submit(
        self,
        circuits: Sequence[QuantumCircuit],
        recipe: dict[str, Any],
        seed: int,
        progress: ProgressFunction,
    ) -> Job:
        """Simulated when the result is requested."""
        return submission.LocalJob(self.backend(), circuits, recipe, seed, progress)
