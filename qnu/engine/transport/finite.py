"""Transport by finite differences: classical Runge-Kutta steps of all cells and beams."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from . import stages, tables

Floats = NDArray[np.float64]


class FiniteSteps:
    """Steps of the classical Runge-Kutta method of order 4, advection by upwind differences.

    Args:
        polarization: ``(B, 3, cells + 2 GHOSTS)``, changed by :meth:`run`.
        length: of the box.
        scheme: UPWIND7 or WENO7 of :mod:`qnu.engine.transport.tables`.
        periodic: whether the ends of the box are joined.
        beams, direction, gamma: as of :func:`qnu.engine.transport.stages._stage`.
    """

    def __init__(
        self,
        polarization: Floats,
        length: float,
        scheme: int,
        periodic: bool,
        beams: tuple[Any, ...],
        direction: Floats,
        gamma: float,
    ) -> None:
        self.state = polarization
        self.beams, self.direction, self.gamma = beams, direction, gamma
        cells = polarization.shape[2] - 2 * tables.GHOSTS
        self._grid = (cells / length, scheme, tables.upwind_taps())
        value, inner = tables.inflow_rule(scheme)
        self._ends = (value, inner, tables.outflow_rule(scheme))
        self._periodic = periodic
        self._total, self._a, self._b = (np.zeros_like(polarization) for _ in range(3))
        self._stage = stages.for_size(cells, len(polarization))

    def run(self, lengths: Floats, mu: Floats, matter: Floats, inflow: Floats) -> None:
        """Steps of the given lengths.

        Args:
            lengths: ``(n,)``.
            mu: ``(n, 3)`` at beginning, middle and end.
            matter: likewise.
            inflow: ``(1 or n, 1 or 3, B, 3)`` what enters then.
        """
        constant = inflow.shape[0] == 1
        for n, h in enumerate(lengths.tolist()):
            enters = inflow[0 if constant else n]
            for stage in range(4):
                when = (stage + 1) // 2
                values = (float(mu[n, when]), float(matter[n, when]), self.gamma)
                self._one(stage, h, values, enters[min(when, len(enters) - 1)])

    def _one(
        self, stage: int, h: float, values: tuple[float, float, float], enters: Floats
    ) -> None:
        u = (self.state, self._a, self._b, self._a)[stage]
        out = self._b if stage == 1 else self._a
        stages.fill_ghosts(u, self.beams[0], self._periodic, enters, *self._ends)
        rooms = (u, self.state, self._total, out)
        self._stage(*rooms, self.beams, self._grid, values, self.direction, stage, h)
