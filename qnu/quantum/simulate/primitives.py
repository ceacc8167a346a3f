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
from ...errors import QnuError
from .observables import Asked
from .program import Program

Seed = np.random.Generator | int | None
_DTYPES = ("complex128", "complex64")


class QnuEstimator(BaseEstimatorV2):  # type: ignore[misc]  # Qiskit has no type hints
    """``<O> = <psi| O |psi>`` of encounter circuits, an ``EstimatorV2`` on qnu's engine.

    Takes circuits of EncounterGates and of every gate with a matrix or a definition, barriers,
    delays and measurements at the end; parameters and observables broadcast as in Qiskit. Gates
    of more than two qubits are decomposed by their definition, so a compiled circuit can be
    checked here. Resets, control flow and gates after a measurement of their qubit are refused. A
    circuit is read once for all parameter values. Swaps and most one-qubit gates cost nothing, and
    qubits that meet no other stay out of the state vector. A measured qubit is what the average
    over outcomes leaves: its X and Y are 0.

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
            not take (named), a state that does not fit into memory.

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
        self._default_precision = number("default_precision", default_precision, low=0.0)
        self._seed = _checked_seed(seed)
        self._dtype = np.dtype(choice("dtype", dtype, _DTYPES))

    @property
    def default_precision(self) -> float:
        """Standard deviation where neither ``run`` nor a pub gives one."""
        return self._default_precision

    @property
    def seed(self) -> Seed:
        """Of the noise."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, precision: float | None = None) -> PrimitiveJob:
        """Expectation values of pubs ``(circuit, observables, parameter values, precision)``.

        The work is done here, on all cores; the job that comes back is at its end.
        """
        if precision is None:
            precision = self._default_precision
        precision = number("precision", precision, low=0.0)
        coerced = _coerced(EstimatorPub, pubs, precision)
        programs = [_program(pub.circuit, self._dtype) for pub in coerced]
        rng = np.random.default_rng(self._seed)
        results = [
            self._run_pub(pub, program, rng) for pub, program in zip(coerced, programs, strict=True)
        ]
        return _done(PrimitiveResult(results, metadata={"version": 2}))

    def _run_pub(self, pub: EstimatorPub, program: Program, rng: np.random.Generator) -> PubResult:
        values = pub.parameter_values.as_array(pub.circuit.parameters)
        rows = values.reshape(pub.parameter_values.size, values.shape[-1])
        which = np.arange(len(rows)).reshape(values.shape[:-1])
        which, observables = np.broadcast_arrays(which, pub.observables.sparse_observables_array())
        asked = Asked(observables.ravel(), which.ravel(), program)
        evs = np.empty(observables.size)
        for row in np.unique(which):
            for mark, state, spinors in program.evolve(rows[row], self._dtype):
                where, found = asked.values(row, state, spinors, mark.wire)
                evs[where] = found
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


class QnuSampler(BaseSamplerV2):  # type: ignore[misc]  # Qiskit has no type hints
    """``P(b) = |<b|psi>|^2``: readouts of encounter circuits, a ``SamplerV2`` on qnu's engine.

    Takes the circuits that :class:`QnuEstimator` takes, with measurements at the end of a qubit
    into any bits of any registers. Bits that nothing is measured into are 0.

    Args:
        default_shots: where neither ``run`` nor a pub says how many.
        seed: of the draws; with a whole number every ``run`` repeats itself. Parameter values and
            pubs of one run are drawn independently of each other.
        dtype: of the amplitudes: ``"complex128"`` or ``"complex64"``.

    Raises:
        QnuError: an argument out of its range; from ``run``: an instruction that the engine does
            not take (named), a state that does not fit into memory.

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
        self._default_shots = integer("default_shots", default_shots, low=1)
        self._seed = _checked_seed(seed)
        self._dtype = np.dtype(choice("dtype", dtype, _DTYPES))

    @property
    def default_shots(self) -> int:
        """Shots where neither ``run`` nor a pub says how many."""
        return self._default_shots

    @property
    def seed(self) -> Seed:
        """Of the draws."""
        return self._seed

    def run(self, pubs: Iterable[Any], *, shots: int | None = None) -> PrimitiveJob:
        """Readouts of pubs ``(circuit, parameter values, shots)``, or of circuits.

        The work is done here, on all cores; the job that comes back is at its end.
        """
        shots = self._default_shots if shots is None else integer("shots", shots, low=1)
        coerced = _coerced(SamplerPub, pubs, shots)
        if any(not pub.circuit.cregs for pub in coerced):
            warnings.warn(
                "A circuit has no classical registers, so its result is empty"
                " (measure_all() adds one)",
                UserWarning,
                stacklevel=2,
            )
        programs = [_program(pub.circuit, self._dtype) for pub in coerced]
        rng = np.random.default_rng(self._seed)
        results = [
            self._run_pub(pub, program, rng) for pub, program in zip(coerced, programs, strict=True)
        ]
        return _done(PrimitiveResult(results, metadata={"version": 2}))

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
                alone = _alone(program, spinors, pub.shots, rng)
                for name, wires in registers.items():
                    arrays[name][index] = _packed(wires, drawn, alone, program)
            del state  # the next row has one of its own
        data = {name: BitArray(arrays[name], len(wires)) for name, wires in registers.items()}
        return SamplerPubResult(
            DataBin(**data, shape=pub.shape),
            metadata={"shots": pub.shots, "circuit_metadata": pub.circuit.metadata},
        )


def _coerced(kind: Any, pubs: Iterable[Any], default: float) -> list[Any]:
    """Pubs as Qiskit reads them; what it refuses, in one line."""
    allowed = {EstimatorPub: "observables, parameter values, precision"}.get(
        kind, "parameter values, shots"
    )
    try:
        given = list(pubs)
    except TypeError:
        raise QnuError(
            "pubs", pubs, "a list of circuits, or of tuples that begin with one"
        ) from None
    found = []
    for k, pub in enumerate(given):
        try:
            coerced = kind.coerce(pub, default)
            if not isinstance(coerced.circuit, QuantumCircuit):
                raise TypeError("the first entry is not a QuantumCircuit")
            coerced.parameter_values.as_array(coerced.circuit.parameters)
        except Exception as error:  # Qiskit raises many kinds
            reason = " ".join(str(error).strip("'\"").split())
            raise QnuError(
                f"pubs[{k}]",
                reason=f"not a tuple (circuit, {allowed}) whose parts fit each other: {reason}",
            ) from None
        found.append(coerced)
    return found


def _program(qc: QuantumCircuit, dtype: Any) -> Program:
    program = Program(qc)
    program.require(dtype)
    return program


def _checked_seed(seed: Any) -> Seed:
    if seed is None or isinstance(seed, np.random.Generator):
        return seed
    return integer("seed", seed)


def _done(result: PrimitiveResult) -> PrimitiveJob:
    job = PrimitiveJob(lambda: result)
    job._submit()
    return job


def _registers(qc: QuantumCircuit, measured: dict[int, int]) -> dict[str, list[int]]:
    """Per register the wire that each of its bits reads, -1 for none."""
    place = {bit: k for k, bit in enumerate(qc.clbits)}
    return {creg.name: [measured.get(place[bit], -1) for bit in creg] for creg in qc.cregs}


def _alone(
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
    alone: dict[int, NDArray[np.uint8]],
    program: Program,
) -> NDArray[np.uint8]:
    """``(shots, bytes)`` big-endian, as :class:`BitArray` has them: bit 0 of a register is last."""
    pad = -len(wires) % 8
    bits = np.zeros((len(drawn), len(wires) + pad), np.uint8)
    for k, wire in enumerate(wires):
        column = bits[:, len(wires) + pad - 1 - k]
        if wire in alone:
            column[:] = alone[wire]
        elif wire >= 0:
            column[:] = (drawn >> program.bit[wire]) & 1
    return np.packbits(bits, axis=-1)
