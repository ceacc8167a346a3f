"""Transport in a periodic box: exact advection in Fourier space, Lawson's method of order 4."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common.jit import get_num_threads
from . import stages
from .tables import GHOSTS, NO_ADVECTION

Floats = NDArray[np.float64]

#: Beams that are shifted at a time: a fixed number, so that results do not depend on threads.
_TOGETHER = 4
#: Numbers that one thread moves by itself: threads do not pay for less.
_ALONE = 150_000


class SpectralSteps:
    """Runge-Kutta steps of order 4 in the frame that moves with each beam.

    A beam moves by ``P(z, t + h) = P(z - c h, t)`` exactly: every wave of it gets a phase
    ``exp(-i k c h)``. What remains is local and is integrated by the classical method, with the
    polarizations shifted to where each stage is (Lawson 1967). Nothing is damped; waves shorter
    than two cells are folded back.

    Args:
        polarization: ``(B, 3, cells + 2 GHOSTS)``, changed by :meth:`run`; ghosts are not used.
        length: of the box.
        beams, direction, gamma: as of :func:`qnu.engine.transport.stages._stage`.
    """

    def __init__(
        self,
        polarization: Floats,
        length: float,
        beams: tuple[Any, ...],
        direction: Floats,
        gamma: float,
    ) -> None:
        self.state = polarization
        self.cells = polarization.shape[2] - 2 * GHOSTS
        self.beams, self.direction, self.gamma = beams, direction, gamma
        wave_numbers = 2 * np.pi / length * np.arange(self.cells // 2 + 1)
        self._turn = -1j * np.multiply.outer(beams[0], wave_numbers)
        self._phase, self._step = np.exp(0 * self._turn), 0.0
        made = [np.zeros_like(polarization) for _ in range(5)]
        self._shifted, self._stage, self._next, self._rate, self._sum = made
        count = len(beams[0])
        self._rates = stages.for_size(self.cells, len(polarization))
        self._runs = [slice(a, min(a + _TOGETHER, count)) for a in range(0, count, _TOGETHER)]

    def run(self, lengths: Floats, mu: Floats, matter: Floats) -> None:
        """Steps of the given lengths; mu and matter ``(n, 3)`` at beginning, middle and end."""
        threads = get_num_threads() if self.state.size > _ALONE else 1
        with ThreadPoolExecutor(threads) as pool:
            each = map if threads == 1 else pool.map
            for h, m, lam in zip(lengths.tolist(), mu.tolist(), matter.tolist(), strict=True):
                if h != self._step:
                    self._phase, self._step = np.exp(self._turn * (h / 2)), h
                self._one(each, h, m, lam)

    def _one(self, spread: Any, h: float, mu: list[float], matter: list[float]) -> None:
        y, moved, k, total = self.state, self._shifted, self._rate, self._sum
        u, v = self._stage, self._next
        inner = np.s_[:, :, GHOSTS : GHOSTS + self.cells]
        grid = (0.0, NO_ADVECTION, np.zeros((2, 8)))

        def each(work: Callable[[slice], None]) -> None:
            list(spread(work, self._runs))

        def second(b: slice) -> None:
            moved[b][inner] = self._half_step(b, y[b])
            u[b][inner] = self._half_step(b, y[b] + h / 2 * k[b])

        def third(b: slice) -> None:
            total[b] = k[b]
            v[b] = moved[b] + h / 2 * k[b]

        def fourth(b: slice) -> None:
            total[b] += k[b]
            v[b][inner] = self._half_step(b, moved[b] + h * k[b])

        def end(b: slice) -> None:
            ahead = moved[b] + (u[b] - moved[b]) / 3 + h / 3 * total[b]
            y[b][inner] = self._half_step(b, ahead) + h / 6 * k[b][inner]

        for when, where, then in ((0, y, second), (1, u, third), (1, v, fourth), (2, v, end)):
            values = (mu[when], matter[when], self.gamma)
            rooms = (where, where, where, k)
            self._rates(*rooms, self.beams, grid, values, self.direction, stages.RATES, h)
            each(then)

    def _half_step(self, beams: slice, given: Floats) -> Floats:
        """Beams moved by half a step."""
        from scipy import fft

        waves = fft.rfft(given[:, :, GHOSTS : GHOSTS + self.cells], axis=2)
        waves *= self._phase[beams, None, :]
        result: Floats = fft.irfft(waves, n=self.cells, axis=2)
        return result
