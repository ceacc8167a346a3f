"""Tournaments: every pair meets exactly once. The literal "once in a lifetime"."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..checks import choice, generator, number
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..profiles import Profile
from ._clock import checked_mu, step_lengths, swap_angles, times_of_phase
from .schedule import EncounterSchedule


def circle_rounds(count: int) -> list[NDArray[np.int64]]:
    """Rounds ``(pairs, 2)`` of the circle method: the first player stays, the others rotate."""
    players = list(range(count)) + ([-1] if count % 2 else [])
    size = len(players)
    rounds = []
    for _ in range(size - 1):
        pairs = [(players[i], players[size - 1 - i]) for i in range(size // 2)]
        rounds.append(np.array([p for p in pairs if -1 not in p], dtype=np.int64).reshape(-1, 2))
        players = [players[0], players[-1], *players[1:-1]]
    return rounds


def line_rounds(count: int) -> list[NDArray[np.int64]]:
    """Rounds of the odd-even network: neighbours on a line meet and trade places, N rounds."""
    places = np.arange(count)
    rounds = []
    for r in range(count):
        left = np.arange(r % 2, count - 1, 2)
        rounds.append(np.stack([places[left], places[left + 1]], axis=1))
        places[left], places[left + 1] = places[left + 1], places[left].copy()
    return rounds


def tournament(
    gas: NeutrinoGas,
    gamma: float,
    mu: Profile = 1.0,
    order: str = "circle",
    *,
    vacuum: str = "inside",
    matter: Profile = 0.0,
    seed: int | np.random.SeedSequence | None = None,
) -> EncounterSchedule:
    """Every pair meets exactly once, ``theta_ij = gamma (1 - v_i.v_j)``, one round per t_int.

    Each round lasts ``t_int = gamma / mu(t)``, with vacuum (and matter) acting inside the
    encounters; whoever rests oscillates freely.

    Everybody meets one group as a block where neutrinos are numbered group by group, and then the
    circle does not approach the mean field of random meetings as N grows: ``seed`` draws the places
    at random.

    Args:
        gas: N >= 2 neutrinos.
        gamma: discreteness parameter, > 0.
        mu: coupling, a number or a callable of time.
        order: ``"circle"``: N-1 rounds of N/2 disjoint pairs (odd N: N rounds, one rests in each);
            ``"line"``: the odd-even network, N rounds between neighbours on a line who trade
            places after they met (order and swaps that a chain of qubits likes).
        vacuum: ``"inside"`` the encounters, or ``"between"``: kicks in the middle of each round.
        matter: lambda_e, a number or a callable of time.
        seed: of a random order of places; default: places in the order of the gas.

    Returns:
        N (N-1) / 2 encounters, probability 1.

    Raises:
        QnuError: fewer than two neutrinos, gamma <= 0, an unknown order.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Hall et al. (2102.12556) for the line.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4)
        >>> schedule = qnu.schedules.tournament(gas, gamma=0.1)
        >>> schedule.first.tolist(), schedule.second.tolist()
        ([0, 1, 0, 3, 0, 2], [3, 2, 2, 1, 1, 3])
    """
    count = _at_least_two(gas)
    make = {"circle": circle_rounds, "line": line_rounds}
    rounds = make[choice("order", order, ("circle", "line"))](count)
    if seed is not None:
        places = generator(seed).permutation(count)
        rounds = [places[pairs] for pairs in rounds]
    return _from_rounds(gas, rounds, gamma, mu, vacuum, matter, "tournament")


def bipartite(
    gas: NeutrinoGas,
    gamma: float,
    mu: Profile = 1.0,
    *,
    vacuum: str = "inside",
    matter: Profile = 0.0,
) -> EncounterSchedule:
    """Two beams: every member of group 1 meets every member of group 2 exactly once.

    ``theta_ij = gamma (1 - v_i.v_j)``, ``max(n_1, n_2)`` rounds of ``t_int = gamma / mu(t)``; beam
    i feels the mean field ``mu n_other / max(n_1, n_2) <(1 - c) P_other>``.

    Args:
        gas: a gas of exactly two groups, the beams.
        gamma: discreteness parameter, > 0.
        mu: coupling, a number or a callable of time.
        vacuum: ``"inside"`` the encounters, or ``"between"``: kicks in the middle of each round.
        matter: lambda_e, a number or a callable of time.

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
    if len(gas.members) != 2:
        raise QnuError("gas", f"{len(gas.members)} groups", "exactly two groups, the two beams")
    small, large = sorted(gas.members, key=len)
    # spread over the larger beam, so that its members meet somebody at even intervals
    places = np.arange(len(small)) * len(large) // len(small)
    rounds = []
    for r in range(len(large)):
        pairs = np.stack([small, large[(places + r) % len(large)]], axis=1)
        rounds.append(np.sort(pairs, axis=1))
    return _from_rounds(gas, rounds, gamma, mu, vacuum, matter, "bipartite")


def _at_least_two(gas: NeutrinoGas) -> int:
    if not isinstance(gas, NeutrinoGas):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas")
    if len(gas) < 2:
        raise QnuError("gas", f"{len(gas)} neutrino", "at least two")
    return len(gas)


def _from_rounds(
    gas: NeutrinoGas,
    rounds: list[NDArray[np.int64]],
    gamma: float,
    mu: Profile,
    vacuum: str,
    matter: Profile,
    kind: str,
) -> EncounterSchedule:
    gamma = number("gamma", gamma, above=0.0)
    mu = checked_mu(mu)
    inside = choice("vacuum", vacuum, ("inside", "between")) == "inside"
    bounds = times_of_phase(mu, gamma * np.arange(len(rounds) + 1))
    middles = times_of_phase(mu, gamma * (np.arange(len(rounds)) + 0.5))
    sizes = [len(pairs) for pairs in rounds]
    pairs = np.concatenate(rounds).astype(np.int32)
    return EncounterSchedule(
        pairs[:, 0],
        pairs[:, 1],
        swap_angles(gas, pairs[:, 0], pairs[:, 1], gamma),
        np.repeat(bounds[:-1] if inside else middles, sizes),
        step_lengths(mu, gamma, bounds, sizes) if inside else 0.0,
        neutrinos=len(gas),
        final_time=float(bounds[-1]),
        gamma=gamma,
        mu=mu,
        probability=1.0,
        matter=matter,
        kind=kind,
    )
