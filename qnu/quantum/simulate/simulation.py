"""The interface of simulators that hold the state."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from ...common.checks import Floats
from ...common.progress import ProgressFunction
from ..circuits.bases import BASES
from .outcomes import Outcomes


class Simulation(Protocol):
    """The circuit of a schedule on a simulator that holds the state itself."""

    @property
    def qc(self) -> QuantumCircuit:
        """The circuit, with its sample marks in ``metadata``."""

    def attributes(self) -> dict[str, Any]:
        """Of the Trajectory: ``backend``, ``simulated_as``, ``precision``."""

    def executed(self) -> QuantumCircuit:
        """The circuit up to the last sample, as the simulator is given it."""

    def exact(
        self, with_pairs: bool, progress: ProgressFunction
    ) -> tuple[Floats, NDArray[Any] | None, dict[str, float]]:
        """Bloch vectors ``(time, N, 3)``, pair states ``(time, N, N, 4, 4)``, drift of the norm."""

    def counted(
        self,
        shots: int,
        seed: np.random.SeedSequence,
        progress: ProgressFunction,
        settings: Sequence[str] = BASES,
    ) -> Outcomes:
        """Outcomes of all qubits in every setting at every sample.

        A setting is one basis for all neutrinos, or a letter for each.
        """
