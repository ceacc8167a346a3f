r"""Gases and schedules of any size, one function per kind: what the benchmarks are made of.

Half of the neutrinos (one more where N is odd) start at :math:`\mathbf P = (0.6, 0, 0.8)` with
:math:`\omega = 0.5`, the others at :math:`(-0.6, 0, -0.8)` with :math:`\omega = 1`; velocities are
isotropic. In :func:`plane_wave` the two halves start in the two mass eigenstates.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ... import schedules
from ...common.checks import choice, integer, number, seed_sequence
from ...gas import Group, NeutrinoGas
from ...schedules import EncounterSchedule

__all__ = [
    "PROBLEMS",
    "native",
    "plane_wave",
    "problem",
    "random_pairs",
    "stochastic",
    "tournament",
    "tournament_line",
]

Problem = tuple[NeutrinoGas, EncounterSchedule]
Seed = int | np.random.SeedSequence | None


def tournament(
    circuit_size: int, gamma: float = 0.4, order: str = "circle", seed: Seed = 1
) -> Problem:
    r"""Every pair meets once, :math:`\theta_{ij} = \gamma\,(1 - \mathbf v_i\cdot\mathbf v_j)`.

    Args:
        circuit_size: N, the number of neutrinos and of qubits, at least 2.
        gamma: discreteness parameter.
        order: ``"circle"`` or ``"line"``, see :func:`qnu.schedules.tournament`.
        seed: of the velocities; None: drawn anew.

    Returns:
        the gas, and N (N - 1) / 2 encounters.

    Raises:
        QnuError: an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> gas, schedule = tournament(6)
        >>> len(gas), len(schedule), len(schedule.layers())
        (6, 15, 5)
    """
    gas = _gas(circuit_size, seed)[0]
    return gas, schedules.tournament(gas, gamma=gamma, order=order)


def tournament_line(circuit_size: int, gamma: float = 0.4, seed: Seed = 1) -> Problem:
    """:func:`tournament` in the odd-even order: neighbours on a line meet and swap places.

    Args:
        circuit_size: N, at least 2.
        gamma: discreteness parameter.
        seed: of the velocities; None: drawn anew.

    Returns:
        the gas, and N (N - 1) / 2 encounters. On a chain of qubits three two-qubit gates per
        encounter are enough.

    Raises:
        QnuError: an argument out of its range.

    References:
        Hall et al. (2102.12556).

    Examples:
        >>> gas, schedule = tournament_line(6)
        >>> len(schedule), len(schedule.layers())
        (15, 6)
    """
    return tournament(circuit_size, gamma, "line", seed)


def stochastic(
    circuit_size: int,
    gamma: float = 0.4,
    encounters_per_neutrino: float = 5.0,
    probability: float = 0.25,
    seed: Seed = 1,
) -> Problem:
    r"""Kicks of random disjoint pairs, with vacuum oscillation in between.

    Args:
        circuit_size: N, at least 2.
        gamma: discreteness parameter.
        encounters_per_neutrino: on average; the duration is :math:`\gamma` times it, in 1/mu.
        probability: that a neutrino meets another in a step.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the gas and the encounters; the same two may meet again.

    Raises:
        QnuError: an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> gas, schedule = stochastic(8)
        >>> len(gas), schedule.kind, schedule.final_time
        (8, 'stochastic', 2.0)
    """
    gas, drawn = _gas(circuit_size, seed)
    duration = number("gamma", gamma, above=0.0) * _per_neutrino(encounters_per_neutrino)
    return gas, schedules.stochastic(
        gas, gamma=gamma, probability=probability, duration=duration, seed=drawn
    )


def random_pairs(
    circuit_size: int, gamma: float = 0.4, encounters_per_neutrino: float = 5.0, seed: Seed = 1
) -> Problem:
    """Encounters back to back, each between two neutrinos drawn uniformly.

    Args:
        circuit_size: N, at least 2.
        gamma: discreteness parameter.
        encounters_per_neutrino: on average.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the gas, and N/2 times ``encounters_per_neutrino`` encounters, rounded.

    Raises:
        QnuError: an argument out of its range.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> len(random_pairs(8)[1])
        20
    """
    gas, drawn = _gas(circuit_size, seed)
    encounters = max(round(_per_neutrino(encounters_per_neutrino) * len(gas) / 2), 1)
    return gas, schedules.random_pairs(gas, gamma=gamma, encounters=encounters, seed=drawn)


def native(
    circuit_size: int,
    gamma: float = 0.4,
    encounters_per_neutrino: float = 5.0,
    coupling: Any = "heavy_hex",
    seed: Seed = 1,
) -> Problem:
    """Neutrinos on the sites of a device: neighbours meet and swap places.

    A compiler that finds the sites and uses the swaps needs three two-qubit gates per encounter
    and nothing else, so the least number of gates is known.

    Args:
        circuit_size: N, at least 2.
        gamma: discreteness parameter.
        encounters_per_neutrino: on average.
        coupling: ``"heavy_hex"``, ``"grid"``, ``"ring"``, ``"line"`` or pairs of sites, see
            :func:`qnu.schedules.native`.
        seed: of velocities and encounters; None: drawn anew.

    Returns:
        the gas and the encounters.

    Raises:
        QnuError: an argument out of its range.

    Examples:
        >>> gas, schedule = native(8)
        >>> len(gas), schedule.kind
        (8, 'native')
    """
    gas, drawn = _gas(circuit_size, seed)
    return gas, schedules.native(
        gas,
        gamma=gamma,
        coupling=coupling,
        encounters_per_neutrino=_per_neutrino(encounters_per_neutrino),
        seed=drawn,
    )


def plane_wave(
    circuit_size: int, duration: float = 2.0, steps: int = 2, order: int = 1, seed: Seed = 1
) -> Problem:
    r"""Trotter steps of :math:`H = \frac1N \sum_{i<j} (1 - \mathbf v_i\cdot\mathbf v_j)\,
    \mathrm{SWAP}_{ij} - \frac12 \sum_k \omega_k Z_k`, from mass eigenstates.

    The number of neutrinos in mass state 2 is conserved: shots that have another one show errors.

    Args:
        circuit_size: N, at least 2.
        duration: in 1/mu.
        steps: number of Trotter steps.
        order: 1 or 2, see :func:`qnu.schedules.plane_wave`.
        seed: of the velocities; None: drawn anew.

    Returns:
        the gas, and N (N - 1) / 2 kicks per step of order 1.

    Raises:
        QnuError: an argument out of its range.

    References:
        Hall et al. (2102.12556); Roggero (PRD 104, 103016).

    Examples:
        >>> gas, schedule = plane_wave(4)
        >>> len(schedule), gas.polarization[:, 2].tolist()
        (12, [1.0, 1.0, -1.0, -1.0])
    """
    gas = _gas(circuit_size, seed, across=0.0)[0]
    return gas, schedules.plane_wave(gas, duration=duration, steps=steps, order=order)


#: The kinds by name; each takes ``circuit_size`` first.
PROBLEMS: dict[str, Callable[..., Problem]] = {
    "tournament": tournament,
    "tournament_line": tournament_line,
    "stochastic": stochastic,
    "random_pairs": random_pairs,
    "native": native,
    "plane_wave": plane_wave,
}


def problem(kind: str, circuit_size: int, **parameters: Any) -> Problem:
    """A gas and a schedule of a kind, by its name.

    Args:
        kind: a key of ``PROBLEMS``.
        circuit_size: the number of neutrinos.
        **parameters: of the function of that name.

    Returns:
        gas and schedule.

    Raises:
        QnuError: an unknown kind, or what the function refuses.

    Examples:
        >>> len(problem("tournament", 8, gamma=0.2)[1])
        28
    """
    return PROBLEMS[choice("kind", kind, tuple(PROBLEMS))](circuit_size, **parameters)


def _gas(size: int, seed: Seed, across: float = 0.6) -> tuple[NeutrinoGas, np.random.SeedSequence]:
    """Two groups, and the seed of their encounters."""
    count = integer("circuit_size", size, low=2)
    root = seed_sequence(seed)
    velocities, encounters = np.random.SeedSequence(root.entropy, spawn_key=root.spawn_key).spawn(2)
    along = (1.0 - across**2) ** 0.5
    groups = [
        Group(count - count // 2, polarization=(across, 0.0, along), omega=0.5, name="1"),
        Group(count // 2, polarization=(-across, 0.0, -along), omega=1.0, name="2"),
    ]
    return NeutrinoGas.from_groups(groups, velocities="isotropic", seed=velocities), encounters


def _per_neutrino(encounters: float) -> float:
    return number("encounters_per_neutrino", encounters, above=0.0)
