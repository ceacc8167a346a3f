"""The fewest gates of any route, by a complete search: for a few neutrinos, to judge the others.

Costs are those of :class:`qnu.quantum.routing.Route`: encounters 3 with or without a swap, a SWAP
of two neutrinos 3, a move to an empty site 2, nothing before the first encounter of a neutrino.
Only what exceeds 3 per encounter is searched for.

A state is how many encounters every neutrino has had, and where those are that have had one. A
neutrino that had none is nowhere: its site counts as empty, so it may be traced back from the site
of its first encounter through all moves to an initial site, which no other one has.
"""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from qnu.quantum.compile.routing.device import DeviceGraph
from qnu.quantum.compile.routing.route import MOVE, Route

#: Encounters that every neutrino has had, and its site; NOWHERE before the first.
State = tuple[tuple[int, ...], tuple[int, ...]]
Step = tuple[int, int, int, int]
NOWHERE = -1
#: Two-qubit gates of a move to an empty site and of a SWAP.
TO_EMPTY, SWAP = 2, 3


@dataclass(frozen=True)
class Optimum:
    """What a search found.

    Args:
        least: no route has fewer gates beyond three per encounter.
        complete: False where the search was stopped before: there may be no route with so few.
        route: one with exactly so many, if it was found.
        states: how many were looked at.
    """

    least: int
    complete: bool
    route: Route | None
    states: int


@dataclass(frozen=True, eq=False)
class Problem:
    """A device and the encounters of every neutrino, in order."""

    device: DeviceGraph
    pairs: tuple[tuple[int, int], ...]
    queues: tuple[tuple[int, ...], ...]
    leave: bool

    @classmethod
    def of(cls, device: DeviceGraph, pairs: Sequence[tuple[int, int]], leave: bool) -> Problem:
        count = max(itertools.chain.from_iterable(pairs), default=-1) + 1
        queues: list[list[int]] = [[] for _ in range(count)]
        for k, pair in enumerate(pairs):
            for neutrino in pair:
                queues[neutrino].append(k)
        return cls(device, tuple(pairs), tuple(map(tuple, queues)), leave)

    def start(self) -> State:
        count = len(self.queues)
        return (0,) * count, (NOWHERE,) * count

    def done(self, state: State) -> bool:
        return all(h == len(q) for h, q in zip(state[0], self.queues, strict=True))

    def at_least(self, state: State) -> int:
        """No way from here costs less.

        Two neutrinos at distance d with p encounters with others before their own need d - 1 - p
        moves, since an encounter brings them closer by one coupler at most, and so does a move.
        """
        heads, sites = state
        most = 0
        on = [k for k, site in enumerate(sites) if site != NOWHERE]
        for a, b in itertools.combinations(on, 2):
            before = self.before(a, b, heads[a], heads[b])
            most = max(most, self.distance[sites[a]][sites[b]] - 1 - before)
        return TO_EMPTY * most

    @cached_property
    def distance(self) -> list[list[int]]:
        found: list[list[int]] = self.device.distance.tolist()
        return found

    @cached_property
    def couplers(self) -> list[list[int]]:
        found: list[list[int]] = self.device.edges.tolist()
        return found

    @cached_property
    def _before(self) -> dict[tuple[int, int, int, int], int]:
        return {}

    def before(self, a: int, b: int, head_a: int, head_b: int) -> int:
        """Encounters with others before the next one of a and b; very many if they have none."""
        key = (a, b, head_a, head_b)
        if key not in self._before:
            left, right = self.queues[a][head_a:], self.queues[b][head_b:]
            both = [e for e in left if e in right]
            count = left.index(both[0]) + right.index(both[0]) if both else self.device.sites
            self._before[key] = count
        return self._before[key]

    def steps(self, state: State) -> Iterator[tuple[int, Step, State]]:
        """All that may come next: gates beyond three per encounter, the step, the state after."""
        heads, sites = state
        full = {site: k for k, site in enumerate(sites) if site != NOWHERE}
        for encounter in self._ready(heads):
            a, b = self.pairs[encounter]
            counted = tuple(h + (k in (a, b)) for k, h in enumerate(heads))
            for here, there in self._couplers(sites[a], sites[b], full):
                for swapped in (0, 1):
                    after = list(sites)
                    after[a], after[b] = (there, here) if swapped else (here, there)
                    for k in (a, b):
                        if self.leave and counted[k] == len(self.queues[k]):
                            after[k] = NOWHERE
                    yield 0, (encounter, here, there, swapped), (counted, tuple(after))
        for here, there in self.couplers:
            one, two = full.get(here), full.get(there)
            if one is None and two is None:
                continue
            after = list(sites)
            if one is not None:
                after[one] = there
            if two is not None:
                after[two] = here
            cost = TO_EMPTY if one is None or two is None else SWAP
            yield cost, (MOVE, here, there, 0), (heads, tuple(after))

    def _ready(self, heads: tuple[int, ...]) -> Iterator[int]:
        """Encounters that are the next of both neutrinos."""
        for k, head in enumerate(heads):
            if head < len(self.queues[k]):
                encounter = self.queues[k][head]
                a, b = self.pairs[encounter]
                other = b if a == k else a
                if k == a and self.queues[other][heads[other]] == encounter:
                    yield encounter

    def _couplers(self, a: int, b: int, full: dict[int, int]) -> Iterator[tuple[int, int]]:
        """Where two neutrinos can meet now, on sites a and b or on any empty ones."""
        near = self.device.neighbors
        if a == b == NOWHERE:
            for pair in self.couplers:
                if pair[0] not in full and pair[1] not in full:
                    yield pair[0], pair[1]
                    yield pair[1], pair[0]
        elif a == NOWHERE:
            yield from ((site, b) for site in near[b] if site not in full)
        elif b == NOWHERE:
            yield from ((a, site) for site in near[a] if site not in full)
        elif b in near[a]:
            yield a, b


def optimum(
    device: DeviceGraph,
    pairs: Sequence[tuple[int, int]],
    *,
    below: int | None = None,
    most_states: int = 1_000_000,
    first: Sequence[tuple[int, int]] | None = None,
    leave: bool = False,
) -> Optimum:
    """The fewest gates beyond three per encounter of any route from any initial sites: A*.

    Args:
        device: its couplers.
        pairs: the encounters in order; those on different neutrinos may change places.
        below: only routes with fewer gates beyond three per encounter are of interest (one with so
            many is known). Where there is none, ``least`` is this number.
        most_states: after so many the search is stopped: a lower bound is left.
        first: sites (of the first and the second neutrino) of the very first encounter, whichever
            it is; default: all couplers. On a lattice one of every kind of coupler is enough.
        leave: after its last encounter a neutrino is nowhere, as before its first one: what these
            encounters cost at least as a part of a longer schedule.

    Examples:
        >>> line = DeviceGraph.of(4, [(0, 1), (1, 2), (2, 3)])
        >>> found = optimum(line, [(0, 1), (2, 3), (0, 2), (1, 3), (0, 3), (1, 2)])
        >>> found.least, found.route.two_qubit_gates()
        (6, 24)
    """
    problem = Problem.of(device, pairs, leave)
    start = problem.start()
    cost = {start: 0}
    came: dict[State, tuple[State, Step]] = {}
    number = itertools.count()
    queue = [(0, 0, next(number), start)]
    seen: dict[State, int] = {}
    while queue:
        bound, _, _, state = heapq.heappop(queue)
        now = cost[state]
        if seen.get(state, now + 1) <= now:
            continue
        seen[state] = now
        if problem.done(state):
            return Optimum(now, True, None if leave else _route(problem, came, state), len(seen))
        if len(seen) >= most_states:
            return Optimum(bound, False, None, len(seen))
        for extra, step, after in problem.steps(state):
            if state == start and first is not None and step[1:3] not in first:
                continue
            total = now + extra
            if total >= cost.get(after, total + 1):
                continue
            ahead = total + problem.at_least(after)
            if below is None or ahead < below:
                cost[after], came[after] = total, (state, step)
                # of equal bounds the one with more encounters comes first
                heapq.heappush(queue, (ahead, -sum(after[0]), next(number), after))
    if below is None:
        raise ValueError("the pairs cannot be brought together on this device")
    return Optimum(below, True, None, len(seen))


def _route(problem: Problem, came: dict[State, tuple[State, Step]], state: State) -> Route:
    """The steps to a state, from initial sites that are traced back from first encounters."""
    states, steps = [state], []
    while state in came:
        state, step = came[state]
        states.append(state)
        steps.append(step)
    steps.reverse()
    states.reverse()
    sites = [NOWHERE] * len(problem.queues)
    for k in range(len(sites)):
        first = next((r for r, s in enumerate(states) if s[1][k] != NOWHERE), None)
        if first is None:
            continue
        encounter, here, there, _ = steps[first - 1]
        at = here if problem.pairs[encounter][0] == k else there
        for move, one, two, swapped in reversed(steps[: first - 1]):
            if (move == MOVE or swapped) and at in (one, two):
                at = two if at == one else one
        sites[k] = at
    free = iter(sorted(set(range(problem.device.sites)) - set(sites)))
    return Route.of([next(free) if at == NOWHERE else at for at in sites], steps)
