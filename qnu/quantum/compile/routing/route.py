"""A route: the initial site of every neutrino, and encounters and moves on couplers in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ....common.deprecation import renamed_keyword
from ....errors import QnuError
from .device import DeviceGraph, Indices

#: ``Route.steps[:, 0]`` of a step that is no encounter: the contents of two sites are swapped.
MOVE = -1


@dataclass(frozen=True, eq=False)
class Route:
    r"""Steps that bring every pair together on a coupler, in an order that the schedule allows.

    A row of ``steps`` is ``(encounter, site_1, site_2, swapped)``. For an encounter, ``site_1`` is
    the site of its first neutrino, and ``swapped`` is 1 where the two leave on each other's site,
    which costs nothing. With ``encounter = MOVE`` the contents of the two sites are swapped: 3
    two-qubit gates for two neutrinos, 2 for a neutrino and an empty site (which is
    :math:`|0\rangle`). A neutrino is prepared right before its first encounter; until then its site
    is empty.

    Args:
        sites: ``(N,)`` the initial site of neutrino k.
        steps: ``(S, 4)`` int32.
        final: ``(N,)`` the final site of neutrino k.

    References:
        Hall et al. (2102.12556) for swaps that are free.

    Examples:
        >>> route = Route.of([0, 1, 2], [(0, 0, 1, 1), (1, 1, 2, 0)])
        >>> route.final.tolist(), route.two_qubit_gates()
        ([1, 0, 2], 6)
    """

    sites: Indices
    steps: NDArray[np.int32]
    final: Indices

    @classmethod
    def of(cls, sites: ArrayLike, steps: ArrayLike) -> Route:
        """A route from initial sites and steps, which give the final sites."""
        begin = np.array(sites, dtype=np.int64)
        rows = np.asarray(steps, dtype=np.int32).reshape(-1, 4)
        on: dict[int, int] = {site: k for k, site in enumerate(begin.tolist())}
        for encounter, a, b, swapped in rows.tolist():
            if encounter == MOVE or swapped:
                on_a, on_b = on.pop(a, None), on.pop(b, None)
                if on_a is not None:
                    on[b] = on_a
                if on_b is not None:
                    on[a] = on_b
        final = begin.copy()
        for site, k in on.items():
            final[k] = site
        return cls(begin, rows, final)

    @renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
    def occupied(self, qubits_initially_zero: bool = True) -> NDArray[np.bool_]:
        """``(S, 2)``: whether site_1 and site_2 hold a prepared neutrino at every step.

        Args:
            qubits_initially_zero: a neutrino is prepared right before its first encounter, and
                until then its site is empty; False: all are prepared at the beginning.
        """
        full: set[int] = set() if qubits_initially_zero else set(self.sites.tolist())
        result = np.ones((len(self.steps), 2), bool)
        for row, (encounter, a, b, _) in enumerate(self.steps.tolist()):
            if encounter != MOVE:
                full |= {a, b}
                continue
            result[row] = a in full, b in full
            if (a in full) != (b in full):
                full ^= {a, b}
        return result

    @renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
    def costs(self, qubits_initially_zero: bool = True) -> Indices:
        """``(S,)`` two-qubit gates of every step: 3, 2 for a move to an empty site, or none."""
        both = self.occupied(qubits_initially_zero).sum(axis=1)
        cost: Indices = np.where(both > 0, both + 1, 0)
        return cost

    @renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
    def two_qubit_gates(self, qubits_initially_zero: bool = True) -> int:
        """Two-qubit gates of all steps."""
        return int(self.costs(qubits_initially_zero).sum())

    @renamed_keyword("asleep", "qubits_initially_zero", until="0.4")
    def two_qubit_depth(self, qubits_initially_zero: bool = True) -> int:
        """Two-qubit gates on the longest chain of steps that share sites."""
        depth: dict[int, int] = {}
        costs = self.costs(qubits_initially_zero).tolist()
        for (_, a, b, _), cost in zip(self.steps.tolist(), costs, strict=True):
            if cost:
                depth[a] = depth[b] = max(depth.get(a, 0), depth.get(b, 0)) + cost
        return max(depth.values(), default=0)

    def check(self, device: DeviceGraph, pairs: ArrayLike) -> None:
        """Every encounter happens once, on a coupler, after all earlier ones of its neutrinos.

        Args:
            device: its couplers.
            pairs: ``(n, 2)`` first and second neutrino of every encounter, in the order of time.

        Raises:
            QnuError: what is wrong with the first bad step.
        """
        encounters = np.asarray(pairs, dtype=np.int64).reshape(-1, 2)
        where = self.sites.tolist()
        if len(set(where)) != len(where) or not set(where) <= set(range(device.sites)):
            raise QnuError("route.sites", where, f"different sites below {device.sites}")
        queues: list[list[int]] = [[] for _ in where]
        for k, (i, j) in enumerate(encounters.tolist()):
            queues[i].append(k)
            queues[j].append(k)
        heads = [0] * len(where)
        on = {site: k for k, site in enumerate(where)}
        for row, (encounter, a, b, swapped) in enumerate(self.steps.tolist()):
            if (a, b) not in device.coupler:
                raise QnuError(f"route.steps[{row}]", (a, b), "two sites with a coupler")
            here, there = on.get(a), on.get(b)
            if encounter == MOVE:
                if here is None and there is None:
                    raise QnuError(f"route.steps[{row}]", (a, b), "a neutrino on one of the sites")
            else:
                expected = encounters[encounter].tolist() if encounter < len(encounters) else None
                if [here, there] != expected:
                    raise QnuError(f"route.steps[{row}]", (here, there), f"the pair {expected}")
                for k in expected:
                    if heads[k] >= len(queues[k]) or queues[k][heads[k]] != encounter:
                        raise QnuError(f"route.steps[{row}]", encounter, "encounters in order")
                    heads[k] += 1
                if not swapped:
                    continue
            on.pop(a, None), on.pop(b, None)
            if here is not None:
                on[b] = here
            if there is not None:
                on[a] = there
        left = [k for k, queue in enumerate(queues) if heads[k] < len(queue)]
        if left:
            raise QnuError("route", f"neutrinos {left} with encounters left", "all encounters")
        if {k: s for s, k in on.items()} != dict(enumerate(self.final.tolist())):
            raise QnuError("route.final", self.final.tolist(), "where the steps lead")
