"""A schedule's circuit on qnu's own engine: one evolution, read at every sample."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit

from ...common.checks import Floats
from ...common.progress import ProgressFunction
from ...encounter import Complexes
from ...engine import statevector
from ...engine.statevector import gates, paulis, sampling
from ..circuits.bases import BASES, setting
from .outcomes import Outcomes, signs_of
from .program import Program


@dataclass(frozen=True, eq=False)
class EngineSimulation:
    """A schedule's circuit on qnu's own engine, in ``"double"`` or ``"single"`` precision."""

    qc: QuantumCircuit
    precision: str

    def attributes(self) -> dict[str, Any]:
        """What ran it."""
        return {"backend": "qnu", "simulated_as": "statevector", "precision": self.precision}

    def executed(self) -> QuantumCircuit:
        """The circuit that runs: every encounter is one gate."""
        return self.qc

    def snapshots(self) -> Iterator[tuple[int, Complexes]]:
        """``(sample, state)``: bit k is neutrino k, since swaps only exchange names of wires."""
        marks = self.qc.metadata["samples"]
        program = Program(self.qc, [mark["instruction"] for mark in marks])
        dtype = np.complex128 if self.precision == "double" else np.complex64
        for sample, (point, state, _) in enumerate(program.evolve(np.empty(0), dtype)):
            wires = [point.wire[qubit] for qubit in marks[sample]["neutrino_qubit"]]
            assert wires == list(range(self.qc.num_qubits))
            yield sample, state

    def exact(
        self, with_pairs: bool, progress: ProgressFunction
    ) -> tuple[Floats, NDArray[Any] | None, dict[str, float]]:
        """Bloch vectors ``(time, N, 3)``, pair states ``(time, N, N, 4, 4)``, drift of the norm."""
        times, count = len(self.qc.metadata["samples"]), self.qc.num_qubits
        vectors, norms = np.empty((times, count, 3)), np.empty(times)
        pairs = np.zeros((times, count, count, 4, 4), complex) if with_pairs else None
        for sample, state in self.snapshots():
            vectors[sample] = statevector.polarizations(state, count)
            norms[sample] = statevector.norm(state)
            if pairs is not None:
                pairs[sample] = statevector.pair_densities(state, count)
            progress((sample + 1) / times)
        return vectors, pairs, {"drift_norm": float(abs(norms - 1.0).max())}

    def counted(
        self,
        shots: int,
        seed: np.random.SeedSequence,
        progress: ProgressFunction,
        settings: Sequence[str] = BASES,
    ) -> Outcomes:
        """Draws in every setting at every sample; the state is rotated, and back, in place."""
        times, count = len(self.qc.metadata["samples"]), self.qc.num_qubits
        rng = np.random.default_rng(seed)
        for sample, state in self.snapshots():
            for place, letters in enumerate(settings):
                word = setting(letters, count)
                qubits = np.array([k for k in range(count) if word[k] != "Z"], np.int64)
                turns = [paulis.TURNS[word[k]] for k in qubits]
                matrices = np.array(turns).reshape(-1, 2, 2)
                gates.apply_local(state, qubits, matrices)
                drawn = sampling.draw(state, shots, rng)
                gates.apply_local(state, qubits, matrices.conj().swapaxes(-1, -2))
                indices, number = np.unique(drawn, return_counts=True)
                outcomes = signs_of(sampling.bits(indices, count))
                yield sample, place, outcomes, number.astype(float)
            progress((sample + 1) / times)
