"""How many two-qubit gates the encounters of a schedule need at least, before any route."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...common.checks import Floats
from ...encounter import SWAP, Complexes
from ...engine import inside
from ...engine.streaming import free_unitaries
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule, parts
from ...schedules.samples import SampleTimes

#: Two-qubit gates of an encounter, whatever its angle.
GENERIC = 3
#: A gate this close to one without entanglement, or to a SWAP, may be compiled to nothing. The
#: compiler itself is stricter.
_TOLERANCE = 1e-9
#: The same of a matrix of any gates.
_CLOSE = 1e-7
#: Encounters in a row of one pair that are multiplied; where there are more, they count as nothing.
_MOST_PRODUCTS = 50_000

#: Columns: the magic basis, in which a product of one-qubit gates is a real rotation.
MAGIC = np.array([[1, 0, 0, 1j], [0, 1j, 1, 0], [0, 1j, -1, 0], [1, 0, 0, -1j]]) / np.sqrt(2)


class LeastGates(NamedTuple):
    """Of the encounters up to the last sample."""

    encounters: int
    gates: int
    depth: int


class _Columns(NamedTuple):
    """Encounters, each up to the last sample."""

    first: NDArray[Any]
    second: NDArray[Any]
    swap_angle: Floats
    start: Floats
    duration: Floats

    def some(self, rows: Any) -> _Columns:
        return _Columns(*(column[rows] for column in self))


class _Blocks(NamedTuple):
    """Encounters of one pair in a row: what becomes one 4x4 matrix.

    ``rows[k]`` are the encounters of block k and ``lines[k]`` its two qubits, each called by the
    neutrino that began there. ``unknown``: blocks in which an encounter without a gate of one of
    the two with a third neutrino was left out.
    """

    rows: list[list[int]]
    lines: list[tuple[int, int]]
    unknown: set[int]


def least_gates(
    gas: NeutrinoGas, schedule: EncounterSchedule, samples: SampleTimes, family: str
) -> LeastGates:
    """The least that any route needs: what the encounters themselves take.

    Args:
        gas: N neutrinos.
        schedule: the encounters.
        samples: the circuit ends at the last one.
        family: see :func:`qnu.quantum.compile.family.family`.

    Returns:
        numbers that no circuit of :func:`qnu.quantum.compile_for` goes below.

    References:
        Vidal, Dawson (PRA 69, 010301) for the three; Makhlin (quant-ph/0002045) for the test.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 3, omega=[0.0] * 3)
        >>> schedule = qnu.schedules.EncounterSchedule(
        ...     [0, 0, 1], [1, 1, 2], [0.2, 0.3, np.pi / 2], [0.0, 0.0, 0.0], 0.0, neutrinos=3)
        >>> least_gates(gas, schedule, schedule.samples(None), "cz")
        LeastGates(encounters=3, gates=3, depth=3)
    """
    columns, fresh = _up_to_the_end(schedule, samples)
    lasting = np.flatnonzero((columns.duration > 0) | (schedule.anisotropy != 1.0))
    least = np.where(abs(np.sin(2 * columns.swap_angle)) < _TOLERANCE, 0, GENERIC)
    exchanged = abs(np.cos(columns.swap_angle)) < _TOLERANCE
    if len(lasting):
        matrices = _matrices(gas, schedule, columns.some(lasting))
        least[lasting] = _least_of(matrices, family, schedule.anisotropy)
        exchanged[lasting] = [
            not least[k] and _is_swap(matrix) for k, matrix in zip(lasting, matrices, strict=True)
        ]
    blocks = _blocks(columns, least, exchanged, fresh, len(gas))
    gates = _of_blocks(gas, schedule, columns, blocks, least, family)
    depth = [0] * len(gas)
    for (a, b), number in zip(blocks.lines, gates, strict=True):
        # without a gate neither waits for the other, and they may have been exchanged
        before = max(depth[a], depth[b]) if number else min(depth[a], depth[b])
        depth[a] = depth[b] = before + number
    return LeastGates(len(least), sum(gates), max(depth, default=0))


def _up_to_the_end(
    schedule: EncounterSchedule, samples: SampleTimes
) -> tuple[_Columns, NDArray[np.bool_]]:
    """What has begun by the last sample, and the part of it that has passed by then."""
    n = int(schedule.counts(samples)[-1]) if len(samples) else 0
    angle, start, duration = (
        np.array(column[:n]) for column in (schedule.swap_angle, schedule.start, schedule.duration)
    )
    if schedule.free_streaming and n:
        end = float(samples.times[-1])
        open_ = parts.under_way(start, duration, end, schedule.tolerance)
        share = parts.share_done(start[open_], duration[open_], end)
        angle[open_] *= share
        duration[open_] *= share
    fresh = np.zeros(n, bool) if schedule.fresh is None else schedule.fresh[:n]
    columns = _Columns(schedule.first[:n], schedule.second[:n], angle, start, duration)
    return columns, fresh


def _matrices(gas: NeutrinoGas, schedule: EncounterSchedule, some: _Columns) -> Complexes:
    omega = gas.omega[some.first], gas.omega[some.second]
    lasting = inside.Lasting(*omega, some.swap_angle, some.start, some.duration)
    result: Complexes = inside.gates(
        lasting, schedule.matter, gas.mixing_angle, schedule.anisotropy
    )
    return result


def _least_of(matrices: Complexes, family: str, anisotropy: float) -> NDArray[np.int64]:
    """Two-qubit gates of ``(n, 4, 4)`` matrices, or of each times SWAP, whichever is less.

    ``m = B^T B`` with B the matrix in the magic basis: a multiple of 1 for products of one-qubit
    gates and for these times SWAP. Of RZZ gates, fewer than three are enough only where tr m is
    real or imaginary, in units of the root of the determinant. With an anisotropy a CX, CZ or ECR
    may be enough twice (XX + YY alone) or once.
    """
    if anisotropy != 1.0 and family == "cz":
        one, two = (controlled_gates(m) for m in (matrices, SWAP @ matrices))
        result: NDArray[np.int64] = np.minimum(one, two)
        return result
    inner = MAGIC.conj().T @ matrices @ MAGIC
    m = inner.swapaxes(-1, -2) @ inner
    quarter = np.trace(m, axis1=-2, axis2=-1) / 4
    rest = abs(m - quarter[:, None, None] * np.eye(4)).max(axis=(-2, -1), initial=0.0)
    least = np.full(len(m), GENERIC)
    if family == "rzz":
        turned = quarter / np.sqrt(np.linalg.det(inner))
        least[np.minimum(abs(turned.real), abs(turned.imag)) < _TOLERANCE] = 1
    least[rest < _TOLERANCE] = 0
    return least


def controlled_gates(matrices: Complexes) -> NDArray[np.int64]:
    r"""``(n,)`` fewest CX (CZ, ECR) that ``(n, 4, 4)`` unitary matrices need with one-qubit gates.

    With :math:`\gamma = m^T m`, m the matrix of determinant 1 in the magic basis: none where
    :math:`\gamma = \pm 1`, one where :math:`\mathrm{tr}\,\gamma = 0` and :math:`\gamma^2 = -1`, two
    where :math:`\mathrm{tr}\,\gamma` is real, else three.

    References:
        Shende, Bullock, Markov (quant-ph/0308045), proposition III.1 to III.3.

    Examples:
        >>> cx = np.eye(4)[[0, 3, 2, 1]]
        >>> controlled_gates(np.array([np.eye(4), cx, SWAP @ cx, SWAP])).tolist()
        [0, 1, 2, 3]
    """
    inner = MAGIC.conj().T @ matrices @ MAGIC
    gamma = inner.swapaxes(-1, -2) @ inner
    gamma = gamma / np.sqrt(np.linalg.det(inner).astype(complex))[:, None, None]
    quarter = np.trace(gamma, axis1=-2, axis2=-1) / 4
    one = np.eye(4)
    least = np.full(len(gamma), 3)
    least[abs(quarter.imag) < _CLOSE] = 2
    squared = abs(gamma @ gamma + one).max(axis=(-2, -1), initial=0.0)
    least[(abs(quarter) < _CLOSE) & (squared < _CLOSE)] = 1
    rest = abs(gamma - quarter[:, None, None] * one).max(axis=(-2, -1), initial=0.0)
    least[(rest < _CLOSE) & (abs(quarter.imag) < _CLOSE)] = 0  # of a SWAP it is i
    return least


def _is_swap(matrix: Complexes) -> bool:
    """Of a gate that is a product of one-qubit gates, or that times SWAP: whether it is the second.

    The four Schmidt coefficients are 2, 0, 0, 0 or 1, 1, 1, 1.
    """
    schmidt = matrix.reshape(2, 2, 2, 2).transpose(0, 2, 1, 3).reshape(4, 4)
    return bool(np.linalg.norm(schmidt, 2) < 1.5)


def _blocks(
    columns: _Columns,
    least: NDArray[np.int64],
    exchanged: NDArray[np.bool_],
    fresh: NDArray[np.bool_],
    neutrinos: int,
) -> _Blocks:
    """What can become one matrix.

    An encounter without a gate separates nothing; one that is a SWAP exchanges its neutrinos. A
    fresh partner begins a new block: its qubit is reset.
    """
    line, last = list(range(neutrinos)), [-1] * neutrinos
    rows: list[list[int]] = []
    lines: list[tuple[int, int]] = []
    left_out, unknown = [False] * neutrinos, set()
    listed = zip(
        columns.first.tolist(),
        columns.second.tolist(),
        least.tolist(),
        exchanged.tolist(),
        fresh.tolist(),
        strict=True,
    )
    for k, (i, j, number, swapped, new) in enumerate(listed):
        a, b = line[i], line[j]
        if new:
            last[b] = -1
        if last[a] >= 0 and last[a] == last[b]:
            rows[last[a]].append(k)
            if left_out[a] or left_out[b]:
                unknown.add(last[a])
        elif not number:
            left_out[a] = left_out[b] = True
            if swapped:
                line[i], line[j] = b, a
        else:
            last[a] = last[b] = len(rows)
            left_out[a] = left_out[b] = False
            rows.append([k])
            lines.append((a, b))
    return _Blocks(rows, lines, unknown)


def _of_blocks(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    columns: _Columns,
    blocks: _Blocks,
    least: NDArray[np.int64],
    family: str,
) -> list[int]:
    """Two-qubit gates of every block.

    Encounters in a row are multiplied. Where the product is not known they count as nothing: the
    bound is then lower than it could be.
    """
    result = [int(least[rows[0]]) if len(rows) == 1 else 0 for rows in blocks.rows]
    several = [k for k, rows in enumerate(blocks.rows) if len(rows) > 1 and k not in blocks.unknown]
    count = sum(len(blocks.rows[k]) for k in several)
    if not several or count > _MOST_PRODUCTS:
        return result
    products = np.array(_products(gas, schedule, columns, [blocks.rows[k] for k in several]))
    for k, number in zip(
        several, _least_of(products, family, schedule.anisotropy).tolist(), strict=True
    ):
        result[k] = number
    return result


def _products(
    gas: NeutrinoGas, schedule: EncounterSchedule, columns: _Columns, blocks: list[list[int]]
) -> list[Complexes]:
    """The matrices of encounters in a row, with free streaming in between."""
    every = np.concatenate(blocks)
    some = columns.some(every)
    gates = _matrices(gas, schedule, some)
    until = np.append(some.start[1:], 0.0)  # of the last of a block: not used
    end = np.minimum(some.start + some.duration, until)
    between = [
        free_unitaries(gas.omega[who], end, until, schedule.matter, gas.mixing_angle)
        for who in (some.first, some.second)
    ]
    result, k = [], 0
    for rows in blocks:
        product = np.eye(4, dtype=complex)
        for number in range(len(rows)):
            gate, pair = gates[k], (some.first[k], some.second[k])
            if schedule.free_streaming and number < len(rows) - 1:
                gate = np.kron(between[0][k], between[1][k]) @ gate
            if pair[0] != some.first[k - number]:
                gate = SWAP @ gate @ SWAP
            product = gate @ product
            k += 1
        result.append(product)
    return result
