"""The one circuit that every engine runs: a tournament of N neutrinos, with vacuum each round.

Kicks ``exp(-i theta SWAP)``, ``theta = 0.1 (1 - v.v')`` with isotropic velocities; between two
rounds every neutrino turns by its own angle about z; the start is a product state, tilted by 0.2
from the mass axis (60 % up, 40 % down). It is written down twice: as qnu's gas and schedule, and
as plain gates for the others, which do not go through qnu's code. That both give the same
polarizations is checked at every N.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

import qnu

GAMMA = 0.1
TILT = 0.2
SEED = 1
SWAP = np.eye(4)[[0, 2, 1, 3]]


@dataclass(frozen=True)
class Problem:
    """The circuit for ``count`` neutrinos; neutrino k is qubit k."""

    count: int

    @cached_property
    def gas(self) -> qnu.NeutrinoGas:
        tilted = np.array([np.sin(TILT), 0.0, np.cos(TILT)])
        up = self.count - 2 * self.count // 5
        polarization = np.where(np.arange(self.count)[:, None] < up, tilted, -tilted)
        rng = np.random.default_rng(SEED)
        velocity = rng.normal(size=(self.count, 3))
        velocity /= np.linalg.norm(velocity, axis=1, keepdims=True)
        return qnu.NeutrinoGas(polarization, rng.uniform(0.5, 1.5, self.count), velocity)

    @cached_property
    def schedule(self) -> qnu.EncounterSchedule:
        return qnu.schedules.tournament(self.gas, GAMMA, vacuum="between")

    @cached_property
    def nothing(self) -> qnu.EncounterSchedule:
        """The same gas for the same time without encounters: start, read-out, bookkeeping."""
        none = np.zeros(0)
        return qnu.EncounterSchedule(
            none, none, none, none, 0.0, neutrinos=self.count, final_time=self.schedule.final_time
        )

    @property
    def encounters(self) -> int:
        return len(self.schedule)

    @property
    def tilts(self) -> NDArray[np.float64]:
        """``RY(tilt_k)|0>`` is the start of neutrino k."""
        x, _, z = self.gas.polarization.T
        return np.arctan2(x, z)

    @property
    def spinors(self) -> NDArray[np.complex128]:
        half = self.tilts / 2
        return np.stack([np.cos(half), np.sin(half)], axis=1).astype(complex)

    def rounds(self) -> Iterator[tuple[NDArray[np.float64], list[tuple[int, int, float]]]]:
        """``(RZ angles of all, [(first, second, theta), ...])``; the last has no pairs."""
        s, before = self.schedule, 0.0
        for start in np.unique(s.start):
            now = s.start == start
            pairs = zip(s.first[now], s.second[now], s.swap_angle[now], strict=True)
            # vacuum is exp(+i omega t sigma_z / 2)
            yield (
                -self.gas.omega * (start - before),
                [(int(i), int(j), float(t)) for i, j, t in pairs],
            )
            before = start
        yield -self.gas.omega * (s.final_time - before), []

    def frame_steps(self) -> Iterator[tuple[str, int, int, float]]:
        """``("rz", k, k, angle)`` and ``("kick", i, j, theta)``, half as many RZ as ``rounds``.

        A kick commutes with equal RZ on both of its neutrinos: only the difference of what they
        have to turn is applied before it, the common part waits. For engines that run RZ as a
        gate of its own.
        """
        pending = np.zeros(self.count)
        for angles, pairs in self.rounds():
            pending += angles
            for i, j, theta in pairs:
                yield "rz", i, i, float(pending[i] - pending[j])
                yield "kick", i, j, theta
                pending[i] = pending[j]
        for k, angle in enumerate(pending):
            yield "rz", k, k, float(angle)

    def unitaries(self) -> list[tuple[int, int, NDArray[np.complex128]]]:
        """``(first, second, 4x4 in the order first x second)``: one gate per encounter.

        The vacuum of both neutrinos since their last encounter is multiplied in, and what follows
        a neutrino's last encounter too: nothing but these gates is left.
        """
        gates: list[tuple[int, int, NDArray[np.complex128]]] = []
        pending = np.zeros(self.count)
        last: dict[int, int] = {}
        for angles, pairs in self.rounds():
            pending += angles
            for i, j, theta in pairs:
                vacuum = np.kron(_turn(pending[i]), _turn(pending[j]))
                gates.append((i, j, kick(theta) * vacuum))
                pending[[i, j]] = 0.0
                last[i] = last[j] = len(gates) - 1
        for k, g in last.items():
            i, j, gate = gates[g]
            turn, rest = _turn(pending[k]), np.ones(2)
            after = np.kron(turn, rest) if k == i else np.kron(rest, turn)
            gates[g] = (i, j, after[:, None] * gate)
        return gates


def kick(theta: float) -> NDArray[np.complex128]:
    """``exp(-i theta SWAP)``."""
    return np.cos(theta) * np.eye(4) - 1j * np.sin(theta) * SWAP


def _turn(angle: float) -> NDArray[np.complex128]:
    """The diagonal of ``RZ(angle)``."""
    return np.exp([-0.5j * angle, 0.5j * angle])


def read_out(state: NDArray[np.complexfloating], count: int) -> NDArray[np.float64]:
    """``(N, 3)`` polarizations of a little-endian state vector, with qnu's own kernel.

    Engines whose own expectation values are slower than this get it too, so that nobody is
    beaten on the read-out alone.
    """
    from qnu.engine import statevector

    return statevector.polarizations(state, count)


def start_vector(problem: Problem, dtype: type) -> NDArray[np.complexfloating]:
    """The product state as a vector, for engines that can be given one."""
    from qnu.engine import statevector

    return statevector.product_state(problem.spinors, dtype)
