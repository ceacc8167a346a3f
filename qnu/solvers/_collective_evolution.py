r"""``i d psi/dt = H(t) psi`` of big spins: Chebyshev polynomials, and Magnus steps where H changes.

.. math::
    H = \frac{2\mu}{N} \sum_{g<h} u_{gh}\,\mathbf J_g\cdot\mathbf J_h - \sum_g \omega_g J_g^z
        + \lambda_e\,\mathbf L\cdot\sum_g \mathbf J_g
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .. import piecewise
from ..common.checks import Floats, frozen
from ..errors import QnuError
from ..profiles import Profile
from ._collective_basis import Basis, Beams
from ._common import coupling_at, value_at

#: Terms times states of one call of a loop, about a second: then progress is told.
_AT_ONCE = 3e8
#: Largest phase of one polynomial: more terms than the phase has cost less than 4 % then.
_LARGEST_PHASE = 4000.0
_SMALLEST_PHASE = 20.0
#: Sum of the weights of the terms that are left out.
_CUT = 1e-16
#: Error of the state that Magnus steps may add up to, and what rounding adds to one, per term.
_ERROR = 1e-11
_ROUNDING = 2e-15
#: The first step, as a fraction of the whole time, and by how much a step grows at most.
_FIRST, _MOST_GROWTH = 1e-3, 5.0
#: Of the commutator-free step of fourth order: nodes, and the weights of its two exponents.
_NODES = np.array([0.5 - np.sqrt(3) / 6, 0.5 + np.sqrt(3) / 6])
_WEIGHTS = np.array([[0.5 + np.sqrt(3) / 3, 0.5 - np.sqrt(3) / 3],
                     [0.5 - np.sqrt(3) / 3, 0.5 + np.sqrt(3) / 3]])  # fmt: skip


@dataclass(frozen=True, eq=False)
class Hamiltonian:
    """The parts of H over a basis, by diagonals: ``mu exchange + lambda_e matter + vacuum``.

    Args:
        vacuum, exchange, matter: ``(states,)`` parts of the diagonal.
        upper: ``(diagonals, states)``.
        offsets: ``(diagonals,)``, all > 0.
        of_matter: ``(diagonals,)``: multiplied by lambda_e, not by mu.
        possible: ``(states,)``: False where a basis of totals has room that nothing fills.
        edges: ``(blocks, 2)``: first and last state + 1 of every block that H does not leave.
    """

    vacuum: Floats
    exchange: Floats
    matter: Floats
    upper: Floats
    offsets: NDArray[np.int64]
    of_matter: NDArray[np.bool_]
    possible: NDArray[np.bool_]
    edges: NDArray[np.int64]

    @classmethod
    def of(cls, beams: Beams, basis: Basis, matter: bool, anisotropy: float = 1.0) -> Hamiltonian:
        """Of beams in the order of the basis."""
        count, rises, total = beams.count, basis.rises, int(beams.count.sum())
        ups = basis.ups()
        possible = basis.possible(ups[-1])
        ups[-1] = np.where(possible, ups[-1], 0)
        along = [k - n / 2 for k, n in zip(ups, count, strict=True)]
        twice = 2 * beams.mixing_angle
        vacuum = -sum(w * z for w, z in zip(beams.omega, along, strict=True))
        exchange, rows, offsets, of_matter = np.zeros(basis.states), [], [], []

        def element(g: int) -> Floats:
            """``<k + 1| J_+ |k>``."""
            result: Floats = np.sqrt((ups[g] + 1.0) * (count[g] - ups[g]))
            return result

        def keep(row: Floats, offset: int, by_matter: bool) -> None:
            row[~possible] = 0.0
            if row.any():
                rows.append(row)
                offsets.append(offset)
                of_matter.append(by_matter)

        for g in range(len(count)):
            if anisotropy != 1.0:  # pairs within the beam
                exchange += (anisotropy - 1.0) * beams.coupling[g, g] / total * along[g] ** 2
            for h in range(g):
                strength = 2 * beams.coupling[g, h] / total
                if strength == 0:
                    continue
                exchange += anisotropy * strength * along[g] * along[h]
                more, less = (g, h) if rises[g] > rises[h] else (h, g)
                lowered = np.sqrt(ups[less] * (count[less] - ups[less] + 1.0))
                offset = int(rises[more] - rises[less])
                keep(strength / 2 * element(more) * lowered, offset, False)
            if matter and np.sin(twice) != 0:
                keep(np.sin(twice) / 2 * element(g), int(rises[g]), True)
        return cls(
            np.asarray(vacuum) * possible,
            exchange * possible,
            np.cos(twice) * sum(along) * possible if matter else np.zeros(1),
            np.array(rows).reshape(-1, basis.states),
            np.array(offsets, np.int64),
            np.array(of_matter, np.bool_),
            possible,
            basis.edges(possible),
        )

    def at(self, mu: float, matter: float) -> tuple[Floats, Floats]:
        """Its diagonal, and what every other diagonal is multiplied by."""
        diagonal: Floats = mu * self.exchange + matter * self.matter + self.vacuum
        return diagonal, np.where(self.of_matter, matter, mu)

    def bounds(self, diagonal: Floats, scale: Floats) -> tuple[float, float]:
        """Between which all eigenvalues are (Gershgorin's circles)."""
        radius = np.zeros(diagonal.size)
        for row, offset, strength in zip(self.upper, self.offsets, abs(scale), strict=True):
            part = strength * abs(row[:-offset])
            radius[:-offset] += part
            radius[offset:] += part
        low, high = diagonal - radius, diagonal + radius
        return float(low[self.possible].min()), float(high[self.possible].max())

    def energy(self, state: Floats, mu: float, matter: float) -> float:
        """``<H>``."""
        diagonal, scale = self.at(mu, matter)
        result = float(np.einsum("i,ki,ki", diagonal, state, state))
        for row, offset, strength in zip(self.upper, self.offsets, scale, strict=True):
            one, two = state[:, :-offset], state[:, offset:]
            result += 2 * strength * float(np.einsum("i,ki,ki", row[:-offset], one, two))
        return result


@lru_cache(maxsize=64)
def weights(phase: float) -> Floats:
    r"""``w_k`` in :math:`e^{-i\,\mathrm{phase}\,x} = \sum_k (-i)^{k\bmod2} w_k T_k(x)`."""
    from ..engine.collective import bessel

    terms = int(phase + 12 * np.cbrt(phase) + 30)
    k = np.arange(terms)
    found = bessel(phase, terms) * np.where(k == 0, 1.0, 2.0) * np.where(k // 2 % 2, -1.0, 1.0)
    rest = np.cumsum(abs(found[::-1]))[::-1]
    return frozen(found[: max(int(np.searchsorted(-rest, -_CUT)), 1)])


class Evolution:
    """A state that goes on in time.

    Args:
        hamiltonian: of the basis of the state.
        state: ``(2, states)`` at t = 0.
        mu, matter: numbers or callables of time.
        end: the last time.
        tell: called with the time that is reached.
    """

    def __init__(
        self,
        hamiltonian: Hamiltonian,
        state: Floats,
        mu: Profile,
        matter: Profile,
        end: float,
        tell: Callable[[float], None],
    ) -> None:
        self.hamiltonian, self.state = hamiltonian, state
        self.mu, self.matter, self.end, self.tell = mu, matter, end, tell
        self.time, self.error = 0.0, 0.0
        self.changes = callable(mu) or callable(matter)
        self._work = np.empty_like(state), np.empty_like(state), np.empty_like(state)
        self._kept: tuple[tuple[float, float], tuple[Floats, Floats, float, float]] | None = None
        self._step = end * _FIRST
        self._stops = piecewise.stops(0.0, end, {"mu": mu, "matter": matter}) if end > 0 else None

    def energy(self) -> float:
        """``<H>`` of a constant H; 0 where it changes."""
        if self.changes:
            return 0.0
        return self.hamiltonian.energy(self.state, float(self.mu), float(self.matter))  # type: ignore[arg-type]  # numbers

    def advance(self, until: float) -> None:
        """From the time that is reached to another."""
        if until <= self.time:
            return
        assert self._stops is not None
        if not self.changes:
            mu, matter = coupling_at(self.mu, 0.0), value_at(self.matter, 0.0, "matter")
            self._exponential(mu, matter, until - self.time, self.time)
            self.time = until
            return
        at = self._stops.at
        for edge in [*at[(at > self.time) & (at < until)].tolist(), until]:
            while self.time < edge:
                self._go_on(edge)

    def _go_on(self, edge: float) -> None:
        """One step, at most to the next corner, with its error: that of one step against two."""
        assert self._stops is not None
        left, planned = edge - self.time, self._step
        step = min(left, planned, self._stops.largest_step(self.time))
        if left - step < 1e-9 * step:
            step = left
        before = self.state.copy()
        error, growth = 0.0, _MOST_GROWTH
        if not self._flat_step(step):
            self._magnus(self.time, step)
            coarse, self.state = self.state, before.copy()
            terms = self._magnus(self.time, step / 2)
            terms += self._magnus(self.time + step / 2, step / 2)
            error = float(np.linalg.norm(self.state - coarse)) / 15
            tolerance = max(_ERROR * step / self.end, _ROUNDING * terms)
            growth = min(0.8 * (tolerance / max(error, 1e-300)) ** 0.2, _MOST_GROWTH)
            if error > tolerance:
                self.state, self._step = before, step * max(growth, 0.2)
                if self.time + self._step <= self.time:
                    allowed = f"times before t = {self.time:g}, where steps become too short"
                    raise QnuError("times", edge, allowed)
                return
        self.error += error
        self.time = edge if step == left else self.time + step
        # a step that only was short because something ends here does not shorten the next
        self._step = step * growth if step >= planned else max(planned, step * growth)
        self.tell(self.time)

    def _flat_step(self, step: float) -> bool:
        """Takes the step at once where H does not change in it."""
        times = self.time + step * np.array([0.03, 0.2, 0.5, 0.8, 0.97])
        mu = {coupling_at(self.mu, float(t)) for t in times}
        matter = {value_at(self.matter, float(t), "matter") for t in times}
        if len(mu) > 1 or len(matter) > 1:
            return False
        self._exponential(mu.pop(), matter.pop(), step, None)
        return True

    def _magnus(self, time: float, step: float) -> int:
        """Two exponents; how many terms they take."""
        nodes = time + step * _NODES
        mu = np.array([coupling_at(self.mu, float(t)) for t in nodes])
        matter = np.array([value_at(self.matter, float(t), "matter") for t in nodes])
        return sum(
            self._exponential(float(share @ mu), float(share @ matter), step / 2, None)
            for share in _WEIGHTS
        )

    def _exponential(self, mu: float, matter: float, time: float, begin: float | None) -> int:
        """``psi -> exp(-i H time) psi``, in parts; with a beginning the time of each is told.

        Returns:
            how many terms it takes.
        """
        from ..engine.collective import chebyshev

        h = self.hamiltonian
        if self._kept is None or self._kept[0] != (mu, matter):
            diagonal, scale = h.at(mu, matter)
            low, high = h.bounds(diagonal, scale)
            center, radius = (low + high) / 2, max((high - low) / 2 * (1 + 1e-12), 1e-300)
            diagonal = np.where(h.possible, (diagonal - center) / radius, 0.0)
            self._kept = (mu, matter), (diagonal, scale / radius, center, radius)
        diagonal, scale, center, radius = self._kept[1]
        most = float(np.clip(_AT_ONCE / diagonal.size, _SMALLEST_PHASE, _LARGEST_PHASE))
        parts = max(int(np.ceil(radius * time / most)), 1)
        weight = weights(radius * time / parts)
        turn = np.exp(-1j * center * time / parts)
        for part in range(parts):
            given = diagonal, h.upper, h.offsets, scale, weight
            re, im = chebyshev(*given, self.state, self._work, h.edges)
            self.state[0] = turn.real * re - turn.imag * im
            self.state[1] = turn.real * im + turn.imag * re
            if begin is not None:
                self.tell(begin + (part + 1) / parts * time)
        return len(weight) * parts
