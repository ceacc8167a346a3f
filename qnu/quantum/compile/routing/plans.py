"""What a planned route is, and how it is chosen."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .device import BAD, DeviceGraph
from .route import Route

RouteSteps = NDArray[np.int32]
#: Initial sites, and for every encounter whether its neutrinos are swapped.
Wiring = tuple[Sequence[int], Sequence[bool]]


@dataclass(frozen=True, eq=False)
class RoutePlan:
    """A route, cut into the sections of its circuit.

    Args:
        route: the whole of it, sections one after the other.
        sections: the steps of every section.
        method: ``"all-to-all"``, ``"wiring"``, ``"perfect"`` (three two-qubit gates per encounter
            and no other) or ``"search"``.
        runner_up: the second best plan, where several were compared.

    Examples:
        >>> route = Route.of([0, 1], [(0, 0, 1, 0)])
        >>> device = DeviceGraph.of(2, [(0, 1)], 0.5)
        >>> RoutePlan(route, (route.steps,), "perfect").bad_couplers(device)
        [(0, 1)]
    """

    route: Route
    sections: tuple[RouteSteps, ...]
    method: str
    runner_up: RoutePlan | None = None

    def bad_couplers(self, device: DeviceGraph, threshold: float = BAD) -> list[tuple[int, int]]:
        """Couplers that the route uses although their error is ``threshold`` or more."""
        used = {(min(a, b), max(a, b)) for a, b in self.route.steps[:, 1:3].tolist()}
        return sorted(pair for pair in used if device.error[device.coupler[pair]] >= threshold)


@dataclass(frozen=True)
class RoutingOptions:
    """How to choose a route.

    Args:
        layout: ``"auto"``, ``"path"``, ``"ring"``, or ``"search"``.
        qubits_initially_zero: all qubits start in |0>; neutrinos are prepared right before their
            first encounter, and their sites count as empty until then.
        avoid_error: couplers with at least this error are used only where there is no other way.
        effort: of the search.
        seed: of the search.

    Examples:
        >>> RoutingOptions(effort=2).layout
        'auto'
    """

    layout: str = "auto"
    qubits_initially_zero: bool = False
    avoid_error: float = BAD
    effort: int = 8
    seed: int = 0
