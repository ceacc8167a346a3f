"""Tournaments: every pair meets exactly once, as in "once in a lifetime encounters"."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal, NamedTuple

import numpy as np

from ..common.checks import choice, seed_sequence
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import POSITIVE, Positive, key
from ..profiles import Profile
from ._checks import PER_ROW, at_least_two, checked_gamma, require_time
from ._rounds import Rounds
from ._undrawn import source_of
from .clock import Clock, checked_mu
from .kinds import ScheduleKind, pairs_of
from .rows import Indices, recipe
from .schedule import EncounterSchedule


def circle_round(count: int, number: int) -> Indices:
    """Pairs ``(n, 2)`` of a round of the circle method: player 0 stays, the others rotate."""
    size = count + count % 2  # odd: the partner of the player that does not exist rests
    left = np.arange(size // 2)
    places = np.stack([left, size - 1 - left], axis=1)
    players = np.where(places == 0, 0, 1 + (places - 1 - number) % (size - 1))
    return players[(players < count).all(axis=1)]


def line_round(count: int, number: int) -> Indices:
    """Pairs ``(n, 2)`` of a round of the odd-even network: neighbours meet and swap places.

    Every neutrino moves one place per round, to an end of the line, stays there for a round and
    moves back: around a circle of 2N sites, of which x and 2N - 1 - x are one place.
    """
    left = np.arange(number % 2, count - 1, 2)
    sites = np.stack([left, 2 * count - 2 - left], axis=1)
    begin = (sites - number) % (2 * count)
    return np.minimum(begin, 2 * count - 1 - begin)


def tournament(
    gas: NeutrinoGas,
    gamma: float,
    mu: Profile = 1.0,
    order: str = "circle",
    *,
    vacuum: str = "inside",
    matter: Profile = 0.0,
    seed: int | np.random.SeedSequence | None = None,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Every pair meets exactly once, in rounds of disjoint pairs.

    The swap angles are :math:`\theta_{ij} = \gamma\,(1 - \mathbf v_i\cdot\mathbf v_j)`. Each round
    lasts :math:`t_\mathrm{int} = \gamma/\mu(t)`, with vacuum (and matter) acting inside the
    encounters; a neutrino that rests oscillates freely.

    Where neutrinos are numbered group by group, every neutrino meets the members of a group one
    after the other, and the circle does not approach the mean field of random encounters as N
    grows: ``seed`` draws the places at random. Rounds are made on demand.

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        mu: coupling, a number or a callable of time.
        order: ``"circle"``: N-1 rounds of N/2 disjoint pairs (odd N: N rounds, one rests in each);
            ``"line"``: the odd-even network, N rounds between neighbours on a line, which swap
            places after each encounter (no other gates are needed on a chain of qubits).
        vacuum: ``"inside"`` the encounters, or ``"between"``: kicks in the middle of each round.
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        seed: of a random order of places; default: places in the order of the gas.
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        N (N-1) / 2 encounters, probability 1.

    Raises:
        QnuError: fewer than two neutrinos, gamma <= 0, an unknown order. More encounters than an
            hour makes are an error where they are asked for (``mean_field`` never does).

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Hall et al. (2102.12556) for the line.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.1)
        >>> schedule.first.tolist(), schedule.second.tolist()
        ([0, 1, 0, 3, 0, 2], [3, 2, 2, 1, 1, 3])
    """
    count = at_least_two(gas)
    make = {"circle": circle_round, "line": line_round}[choice("order", order, ("circle", "line"))]
    rounds = count if order == "line" or count % 2 else count - 1
    drawn = None if seed is None else seed_sequence(seed)
    places = np.arange(count)
    if drawn is not None:
        places = np.random.default_rng(drawn).permutation(count)
    sizes = [(count - r % 2) // 2 if order == "line" else count // 2 for r in range(rounds)]
    pairs = partial(_at_places, make, places)
    plan = _RoundPlan("tournament", pairs, sizes, {"seed": drawn, "order": order})
    return _schedule(gas, plan, gamma, mu, vacuum, matter, anisotropy)


def _at_places(make: Callable[[int, int], Indices], places: Indices, number: int) -> Indices:
    return places[make(len(places), number)]


def bipartite(
    gas: NeutrinoGas,
    gamma: float,
    mu: Profile = 1.0,
    *,
    vacuum: str = "inside",
    matter: Profile = 0.0,
    anisotropy: float = 1.0,
) -> EncounterSchedule:
    r"""Two beams: every member of group 1 meets every member of group 2 exactly once.

    :math:`\theta_{ij} = \gamma\,(1 - \mathbf v_i\cdot\mathbf v_j)`, in :math:`\max(n_1, n_2)`
    rounds of :math:`t_\mathrm{int} = \gamma/\mu(t)`; a beam feels the mean field
    :math:`\mu\,\frac{n_\mathrm{other}}{\max(n_1, n_2)}
    \langle(1 - c)\,\mathbf P_\mathrm{other}\rangle`, :math:`c = \mathbf v\cdot\mathbf v'`.

    Args:
        gas: a gas of exactly two groups, the beams.
        gamma: discreteness parameter, > 0; a warning where
            :math:`\gamma\,(1 - \mathbf v\cdot\mathbf v')` of a pair is beyond :math:`\pi/2`, where
            mixing turns back (:math:`e^{-i\theta\,\mathrm{SWAP}}` has the period :math:`\pi`).
        mu: coupling, a number or a callable of time.
        vacuum: ``"inside"`` the encounters, or ``"between"``: kicks in the middle of each round.
        matter: lambda_e, a number or a callable of time (short pulses of mu and matter:
            see :mod:`qnu.profiles`).
        anisotropy: :math:`J_z/J_\perp`, see :func:`qnu.encounter.unitary`; 1: SWAP.

    Returns:
        n_1 n_2 encounters, probability 1.

    Raises:
        QnuError: a gas that does not have two groups, gamma <= 0.

    References:
        Friedland and Lunardini (2003); Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 5, omega=[0.0] * 5, group=[0, 0, 1, 1, 1])
        >>> schedule = qnu.schedules.bipartite(gas, gamma=0.1)
        >>> len(schedule), len(schedule.layers())
        (6, 3)
    """
    at_least_two(gas)
    if len(gas.members) != 2:
        raise QnuError("gas", f"{len(gas.members)} groups", "exactly two groups, the two beams")
    small, large = sorted(gas.members, key=len)
    # spread over the larger beam, so that its members have encounters at even intervals
    places = np.arange(len(small)) * len(large) // len(small)
    pairs = partial(_across, small, large, places)
    sizes = [len(small)] * len(large)
    plan = _RoundPlan("bipartite", pairs, sizes, {"group": gas.group.tolist()})
    return _schedule(gas, plan, gamma, mu, vacuum, matter, anisotropy)


def _across(small: Indices, large: Indices, places: Indices, number: int) -> Indices:
    return np.sort(np.stack([small, large[(places + number) % len(large)]], axis=1), axis=1)


class _RoundPlan(NamedTuple):
    """Rounds of disjoint pairs, and what they follow from."""

    kind: str
    pairs: Callable[[int], Indices]
    sizes: list[int]
    settings: dict[str, Any]


def _schedule(
    gas: NeutrinoGas,
    plan: _RoundPlan,
    gamma: float,
    mu: Profile,
    vacuum: str,
    matter: Profile,
    anisotropy: float,
) -> EncounterSchedule:
    """One round of the plan per ``t_int = gamma / mu``."""
    gamma = checked_gamma(gas, gamma, stacklevel=4)
    mu = checked_mu(mu)
    inside = choice("vacuum", vacuum, ("inside", "between")) == "inside"
    kind, pairs, sizes, settings = plan
    clock = Clock(mu, gamma * len(sizes))
    digest = recipe(kind, gas, gamma=gamma, inside=inside, **settings)
    count, rows = len(gas), sum(sizes)
    source = source_of(
        lambda: Rounds(gas, gamma, pairs, sizes, clock, inside, digest),
        lambda: require_time("gas", f"{count} neutrinos", PER_ROW * rows, f"{rows:.3g} pairs"),
        rows,
        digest,
    )
    return EncounterSchedule.of(
        source,
        neutrinos=count,
        final_time=clock.time(gamma * len(sizes)),
        gamma=gamma,
        mu=mu,
        probability=1.0,
        matter=matter,
        anisotropy=anisotropy,
        kind=kind,
    )


VACUUM = "where vacuum oscillation acts: inside the encounters, or between them (kicks)"


class TournamentKind(ScheduleKind):
    """Every pair meets exactly once, in rounds (:func:`qnu.schedules.tournament`)."""

    kind: Literal["tournament"]
    gamma: Positive = key(POSITIVE)
    order: Literal["circle", "line"] = key("'circle' or 'line'", "circle")
    shuffle: bool = key(
        "true or false",
        False,
        "`true`: places drawn at random; `false`: in the order of the gas, so that all meet one"
        " group after the other",
    )
    vacuum: Literal["inside", "between"] = key("'inside' or 'between'", "inside", VACUUM)

    generate = staticmethod(tournament)

    def draws(self) -> bool:
        """Places are drawn where the file says so."""
        return self.shuffle

    def arguments(self) -> dict[str, Any]:
        """All keys but ``shuffle``, which is a seed or none."""
        return {name: value for name, value in super().arguments().items() if name != "shuffle"}

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """One for every pair."""
        return pairs_of(gas)


class BipartiteKind(ScheduleKind):
    """Two beams; every pair across meets once (:func:`qnu.schedules.bipartite`)."""

    kind: Literal["bipartite"]
    gamma: Positive = key(POSITIVE)
    vacuum: Literal["inside", "between"] = key("'inside' or 'between'", "inside", VACUUM)

    generate = staticmethod(bipartite)

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """At most one for every pair."""
        return pairs_of(gas)
