"""Qiskit's primitives on qnu's engine: expectation values and readouts of encounter circuits."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from qiskit.circuit import QuantumCircuit
from qiskit.primitives import (
    BaseEstimatorV2,
    BaseSamplerV2,
    BitArray,
    DataBin,
    PrimitiveJob,
    PrimitiveResult,
    PubResult,
    SamplerPubResult,
)
from qiskit.primitives.containers.estimator_pub import EstimatorPub
from qiskit.primitives.containers.sampler_pub import SamplerPub

from ...common.checks import choice, integer, number
from ...engine.statevector import sampling
from ..circuits.errors import CircuitError, circuit_errors
from .observables import RequestedObservables
from .program import Program

Seed = np.random.Generator | int | None
_DTYPES = ("complex128", "complex64")


class _EnginePrimitive:
    """A primitive on qnu's engine: its seed, and the type of its amplitudes."""

    def __init__(self, seed: Seed, dtype: str) -> None:
        if not (seed is None or isinstance(seed, np.random.Generator)):
            seed = integer("seed", seed)
        self._seed = seed
        self._dtype = np.dtype(choice("dtype", dtype, _DTYPES))

    @property
    def seed(self) -> Seed:
        """Of the random numbers."""
        return self._seed

    def _run_pub(self, pub: Any, program: Program, rng: np.random.Generator) -> PubResult:
        raise NotImplementedError

    def _run_pubs(self, pubs: list[Any]) -> PrimitiveJob:
        """All pubs in order, once every circuit is known to fit."""
        programs = [Program(pub.circuit) for pub in pubs]
        for program in programs:
            program.require(self._dtype)
        rng = np.random.default_rng(self._seed)
        results = [
            self._run_pub(pub, program, rng) for pub, program in zip(pubs, programs, strict=True)
        ]
        result = PrimitiveResult(results, metadata={"version": 2})
        job = PrimitiveJob(lambda: result)
        job._submit()
        return job


class QnuEstimator(_EnginePrimitive, BaseEstimatorV2):  # type: ignore[misc]  # Qiskit has no type hints
    r""":math:`\langle O\rangle = \langle\psi|O|\psi\rangle`: an ``EstimatorV2`` on qnu's engine.

    Takes circuits of EncounterGates and of every gate with a matrix or a definition, barriers,
    delays and measurements at the end; parameters and observables broadcast as in Qiskit. Gates
    of more than two qubits are decomposed by their definition, so a compiled circuit can be
    checked here. Resets, control flow and gates after a measurement of their qubit are refused. A
    circuit is read once for all parameter values. Swaps and most one-qubit gates cost nothing, and
    qubits without two-qubit gates are not part of the state vector. A measured qubit is averaged
    over its outcomes: its X and Y are 0.

    Values are exact for precision 0; with a precision > 0 a normal random number of that standard
    deviation is added and reported as ``stds``, as a device would.

    Args:
        default_precision: standard deviation where neither ``run`` nor a pub gives one.
        seed: of the noise; with a whole number every ``run`` repeats itself, and its first pub
            has the noise of :class:`qiskit.primitives.StatevectorEstimator`.
        dtype: of the amplitudes: ``"complex128"``, or ``"complex64"`` for half the memory and
            errors of about 1e-6. (Qiskit's word precision means the statistical one.)

    Raises:
        QnuError: an argument out of its range; from ``run``: an instruction that the engine does
            not take (named), a state that does not fit into memory. It is a ``QiskitError`` too.

    References:
        Qiskit's V2 primitives (2405.08810).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [np.pi / 3], [0.0], 0.0, neutrinos=2)
        >>> pub = (qnu.quantum.circuit(gas, schedule), ["IZ", "ZI", "ZZ"])
        >>> QnuEstimator().run([pub]).result()[0].data.evs.round(12)
        array([-0.5,  0.5, -1. ])
    """

    def __init__(
        self, *, default_precision: float = 0.0, seed: Seed = None, dtype: str = "complex128"
    ) -> None:
        with circuit_errors():
            super().__init__(seed, dtype)
            self._default_precision = number("default_precision", default_precision, low=0.0)

    @property
    def default_precision(self) -> float:
        """Standard deviation where neither ``run`` nor a pub gives one."""
        return self._default_precision

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> PrimitiveJob:
        """Expectation values of pubs ``(circuit, observables, parameter values, precision)``.

        Runs on all cores before it returns: the job is done.
        """
        with circuit_errors():
            if precision is None:
                precision = self._default_precision
            precision = number("precision", precision, low=0.0)
            return self._run_pubs(_coerced(EstimatorPub, pubs, precision))

    def _run_pub(self, pub: EstimatorPub, program: Program, rng: np.random.Generator) -> PubResult:
        bound = pub.parameter_values.as_array(pub.circuit.parameters)
        rows = bound.reshape(pub.parameter_values.size, bound.shape[-1])
        which = np.arange(len(rows)).reshape(bound.shape[:-1])
        which, observables = np.broadcast_arrays(which, pub.observables.sparse_observables_array())
        requested = RequestedObservables(observables.ravel(), which.ravel(), program)
        evs = np.empty(observables.size)
        for row in np.unique(which):
            for point, state, spinors in program.evolve(rows[row], self._dtype):
                where, values = requested.values(row, state, spinors, point.wire)
                evs[where] = values
            del state  # the next row has one of its own
        evs = evs.reshape(pub.shape)
        if pub.precision:
            evs = np.asarray(rng.normal(evs, pub.precision))
        stds = np.full(pub.shape, float(pub.precision))
        return PubResult(
            DataBin(evs=evs, stds=stds, shape=pub.shape),
            metadata={
                "target_precision": pub.precision,
                "circuit_metadata": pub.circuit.metadata,
            },
        )


class QnuSampler(_EnginePrimitive, BaseSamplerV2):  # type: ignore[misc]  # Qiskit has no type hints
    r""":math:`P(b) = |\langle b|\psi\rangle|^2`: a ``SamplerV2`` on qnu's engine.

    Takes the circuits that :class:`QnuEstimator` takes, with measurements at the end of a qubit
    into any bits of any registers. Bits that nothing is measured into are 0.

    Args:
        default_shots: where neither ``run`` nor a pub gives a number.
        seed: of the draws; with a whole number every ``run`` repeats itself. Parameter values and
            pubs of one run are drawn independently of each other.
        dtype: of the amplitudes: ``"complex128"`` or ``"complex64"``.

    Raises:
        QnuError: an argument out of its range; from ``run``: an instruction that the engine does
            not take (named), a state that does not fit into memory. It is a ``QiskitError`` too.

    References:
        Qiskit's V2 primitives (2405.08810).

    Examples:
        >>> from qiskit import QuantumCircuit
        >>> qc = QuantumCircuit(2)
        >>> _ = qc.x(0), qc.swap(0, 1), qc.measure_all()
        >>> QnuSampler().run([qc], shots=5).result()[0].data.meas.get_counts()
        {'10': 5}
    """

    def __init__(
        self, *, default_shots: int = 1024, seed: Seed = None, dtype: str = "complex128"
    ) -> None:
        with circuit_errors():
            super().__init__(seed, dtype)
            self._default_shots = integer("default_shots", default_shots, low=1)

    @property
    def default_shots(self) -> int:
        """Shots where neither ``run`` nor a pub gives a number."""
        return self._default_shots

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> PrimitiveJob:
        """Readouts of pubs ``(circuit, parameter values, shots)``, or of circuits.

        Runs on all cores before it returns: the job is done.
        """
        with circuit_errors():
            shots = self._default_shots if shots is None else integer("shots", shots, low=1)
            coerced = _coerced(SamplerPub, pubs, shots)
        if any(not pub.circuit.cregs for pub in coerced):
            warnings.warn(
                "A circuit has no classical registers, so its result is empty"
                " (measure_all() adds one)",
                UserWarning,
                stacklevel=2,
            )
        with circuit_errors():
            return self._run_pubs(coerced)

    def _run_pub(
        self, pub: SamplerPub, program: Program, rng: np.random.Generator
    ) -> SamplerPubResult:
        values = pub.parameter_values.as_array(pub.circuit.parameters)
        registers = _registers(pub.circuit, program.measured)
        arrays = {
            name: np.zeros((*pub.shape, pub.shots, -(-len(wires) // 8)), np.uint8)
            for name, wires in registers.items()
        }
        for index in np.ndindex(*pub.shape):
            for _, state, spinors in program.evolve(values[index], self._dtype):
                drawn = sampling.draw(state, pub.shots, rng)
                outside = _outside(program, spinors, pub.shots, rng)
                for name, wires in registers.items():
                    arrays[name][index] = _packed(wires, drawn, outside, program)
            del state  # the next row has one of its own
        data = {name: BitArray(arrays[name], len(wires)) for name, wires in registers.items()}
        return SamplerPubResult(
            DataBin(**data, shape=pub.shape),
            metadata={"shots": pub.shots, "circuit_metadata": pub.circuit.metadata},
        )


def _coerced(kind: Any, pubs: Iterable[Any], default: float) -> list[Any]:
    """Pubs as Qiskit reads them; errors in one line."""
    allowed = {EstimatorPub: "observables, parameter values, precision"}.get(
        kind, "parameter values, shots"
    )
    try:
        given = list(pubs)
    except TypeError:
        raise CircuitError(
            "pubs", pubs, "a list of circuits, or of tuples that begin with one"
        ) from None
    result = []
    for k, pub in enumerate(given):
        try:
            coerced = kind.coerce(pub, default)
            if not isinstance(coerced.circuit, QuantumCircuit):
                raise TypeError("the first entry is not a QuantumCircuit")
            coerced.parameter_values.as_array(coerced.circuit.parameters)
        except Exception as error:  # Qiskit raises many kinds
            reason = " ".join(str(error).strip("'\"").split())
            raise CircuitError(
                f"pubs[{k}]",
                reason=f"not a tuple (circuit, {allowed}) whose parts fit each other: {reason}",
            ) from None
        result.append(coerced)
    return result


def _registers(qc: QuantumCircuit, measured: dict[int, int]) -> dict[str, list[int]]:
    """Per register the wire that each of its bits reads, -1 for none."""
    place = {bit: k for k, bit in enumerate(qc.clbits)}
    return {creg.name: [measured.get(place[bit], -1) for bit in creg] for creg in qc.cregs}


def _outside(
    program: Program, spinors: NDArray[Any], shots: int, rng: np.random.Generator
) -> dict[int, NDArray[np.uint8]]:
    """Readouts of measured wires outside of the state vector."""
    result = {}
    for wire in sorted(set(program.measured.values())):
        if program.bit[wire] < 0:
            down = abs(spinors[wire, 1]) ** 2
            result[wire] = (rng.random(shots) < down).astype(np.uint8)
    return result


def _packed(
    wires: list[int],
    drawn: NDArray[np.int64],
    outside: dict[int, NDArray[np.uint8]],
    program: Program,
) -> NDArray[np.uint8]:
    """``(shots, bytes)`` big-endian, as :class:`BitArray` has them: bit 0 of a register is last."""
    pad = -len(wires) % 8
    bits = np.zeros((len(drawn), len(wires) + pad), np.uint8)
    for k, wire in enumerate(wires):
        column = bits[:, len(wires) + pad - 1 - k]
        if wire in outside:
            column[:] = outside[wire]
        elif wire >= 0:
            column[:] = (drawn >> program.bit[wire]) & 1
    return np.packbits(bits, axis=-1)
