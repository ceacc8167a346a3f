"""What tests of a new solver, schedule or machine need: random objects and a dense reference.

The reference shares no formula with the rest of qnu: it writes down the Hamiltonian of every
encounter and of free streaming, exponentiates it, and multiplies dense density matrices.
"""

from __future__ import annotations

import inspect
import itertools
import time as clock
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from . import schedules
from .errors import QnuError
from .gas import NeutrinoGas
from .profiles import breakpoints
from .schedules import EncounterSchedule
from .trajectory import Trajectory

__all__ = [
    "MOST_NEUTRINOS", "Seed", "assert_trajectory_close", "dense_evolution",
    "random_gas", "random_schedule", "random_state", "schedule_generators",
]  # fmt: skip

#: What ``numpy.random.default_rng`` takes.
Seed = int | np.random.SeedSequence | np.random.Generator
Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]

#: Density matrices of more neutrinos take too long to be a reference.
MOST_NEUTRINOS = 8
_PAULI = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]]], complex)
_ONE = np.eye(2, dtype=complex)


def random_gas(
    neutrinos: int,
    *,
    seed: Seed,
    pure: bool = True,
    eigenstates: bool = False,
    velocities: str = "isotropic",
    antineutrinos: bool = False,
    groups: int | None = None,
    mixing_angle: float = 0.35,
) -> NeutrinoGas:
    r""":math:`|\mathbf P_k| = 1` (or less) in random directions, :math:`\omega_k` normally
    distributed.

    Args:
        neutrinos: N, how many there are.
        seed: a number or a random generator; the same seed gives the same gas.
        pure: False: mixed states, :math:`0.2 < |\mathbf P| < 0.9`.
        eigenstates: every P along +z or -z: mass eigenstates, at least one of each for N > 1.
        velocities: ``"isotropic"`` (drawn and marked as such: group-level equations use the moments
            1 and 4/3), ``"given"`` (drawn, moments computed) or ``"right-angle"``.
        antineutrinos: True: every second neutrino (or group) is marked as an antineutrino.
        groups: the number of groups, as equal as possible, whose members start alike (one P and one
            omega), as equations for groups need it; default: one group of different neutrinos.
        mixing_angle: theta_mix in radians, for matter.

    Raises:
        QnuError: fewer neutrinos than groups.

    Examples:
        >>> gas = random_gas(5, seed=1, groups=2)
        >>> gas.counts.tolist(), gas.is_pure(), gas == random_gas(5, seed=1, groups=2)
        ([3, 2], True, True)
    """
    rng = np.random.default_rng(seed)
    kinds = neutrinos if groups is None else groups
    if not 1 <= kinds <= neutrinos:
        raise QnuError("groups", groups, f"a number from 1 to {neutrinos}, the neutrinos")
    kind = np.sort(np.arange(neutrinos) % kinds)
    vectors = _directions(rng, kinds)
    if eigenstates:
        sign = rng.permutation(np.where(np.arange(kinds) % 2, 1.0, -1.0))
        vectors = sign[:, None] * [0.0, 0.0, 1.0]
    if not pure:
        vectors = vectors * rng.uniform(0.2, 0.9, kinds)[:, None]
    velocity = None if velocities == "right-angle" else _directions(rng, neutrinos)
    omega = rng.normal(size=kinds)
    group = None if groups is None else kind
    anti = (kind % 2 == 1) if antineutrinos else None
    given = (vectors[kind], omega[kind], velocity, group, anti, mixing_angle)
    return NeutrinoGas(*given, velocities=velocities)


def _directions(rng: np.random.Generator, count: int) -> Floats:
    vectors = rng.normal(size=(count, 3))
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def random_state(
    neutrinos: int, *, seed: Seed, dtype: DTypeLike = np.complex128
) -> NDArray[np.complexfloating]:
    r""":math:`|\psi\rangle` of N neutrinos with normally distributed amplitudes, normalised to 1.

    The first third is larger, so that no neutrino's polarization averages out as N grows.

    Args:
        neutrinos: N; neutrino 0 is the least significant bit of the index, as everywhere in qnu.
        seed: a number or a random generator; the same seed gives the same state.
        dtype: ``complex128`` or ``complex64``.

    Returns:
        ``(2^N,)``.

    Examples:
        >>> state = random_state(3, seed=1)
        >>> state.shape, round(float(abs(np.vdot(state, state))), 12)
        ((8,), 1.0)
    """
    rng = np.random.default_rng(seed)
    state: Complexes = rng.normal(size=2**neutrinos) + 1j * rng.normal(size=2**neutrinos)
    state[: 2**neutrinos // 3] *= 3
    return (state / np.linalg.norm(state)).astype(dtype)


def schedule_generators() -> dict[str, Callable[..., EncounterSchedule]]:
    """The functions that make the schedules of :data:`qnu.schedules.KINDS`, by kind.

    Examples:
        >>> sorted(schedule_generators())[:3]
        ['bipartite', 'constant_background', 'native']
    """
    kinds = {kind: table.generate for kind, table in schedules.KINDS.items()}
    return {kind: kinds[kind] for kind in sorted(kinds) if kind != "explicit"}


def random_schedule(
    gas: NeutrinoGas, kind: str = "custom", *, seed: Seed, **settings: Any
) -> EncounterSchedule:
    """A schedule of any kind for a gas, with sensible arguments where none are given.

    ``"custom"`` is a list of encounters in random order with gaps: some are kicks, some last and
    overlap with others; swap angles are normally distributed.

    Args:
        gas: N >= 2 neutrinos.
        kind: ``"custom"``, a name of :func:`schedule_generators`, or ``"any"``: one of those that
            every exact solver takes (without fresh partners), drawn at random.
        seed: a number or a random generator; a number is also the ``seed`` of the generator.
        settings: arguments of the generator (``gamma``, ``vacuum``, ``matter``, ...) instead of
            the ones chosen here. Of ``"custom"``: ``encounters`` (3 N), ``vacuum`` (``"inside"``:
            all encounters last; ``"between"``: all are kicks; default: some of each), and what
            :class:`~qnu.EncounterSchedule` takes, such as ``matter``.

    Raises:
        QnuError: an unknown kind; a generator that needs an argument which has no value here.

    Examples:
        >>> gas = random_gas(4, seed=1)
        >>> len(random_schedule(gas, "tournament", seed=1, vacuum="between"))
        6
        >>> schedule = random_schedule(gas, seed=1, matter=0.5)
        >>> bool((schedule.duration == 0).any()), bool((schedule.duration > 0).any())
        (True, True)
    """
    if kind == "any":
        kind = str(np.random.default_rng(seed).choice(_WITHOUT_FRESH))
    if kind == "custom":
        return _custom(gas, np.random.default_rng(seed), **settings)
    generators = schedule_generators()
    if kind not in generators:
        raise QnuError("kind", kind, f"one of {sorted([*generators, 'any', 'custom'])}")
    parameters = inspect.signature(generators[kind]).parameters
    if "seed" in parameters:
        settings["seed"] = seed
        if isinstance(seed, np.random.Generator):
            settings["seed"] = int(seed.integers(2**31))
    known = _arguments(gas)
    settings = schedules.KINDS[kind].example(settings)
    for name, parameter in list(parameters.items())[1:]:
        if parameter.default is parameter.empty and name not in settings:
            if name not in known:
                raise QnuError(name, reason=f"{kind} needs it, and random_schedule has no value")
            settings[name] = known[name]
    return generators[kind](gas, **settings)


_WITHOUT_FRESH = ("custom", "native", "plane_wave", "random_pairs", "stochastic", "tournament")


def _arguments(gas: NeutrinoGas) -> dict[str, Any]:
    """Values of the arguments that generators require, by name; times are in 1/mu."""
    count = len(gas)
    numbers = {"encounters": 2 * count, "encounters_per_neutrino": 4.0, "background": count - 1}
    values = {"gamma": 0.4, "probability": 0.5, "duration": 2.0, "steps": 4, "coupling": "line"}
    return {**values, **numbers}


def _custom(
    gas: NeutrinoGas,
    rng: np.random.Generator,
    encounters: int | None = None,
    vacuum: str | None = None,
    **settings: Any,
) -> EncounterSchedule:
    count = 3 * len(gas) if encounters is None else encounters
    pairs = np.array([rng.permutation(len(gas))[:2] for _ in range(count)]).reshape(count, 2)
    lasts = rng.random(count) < {"inside": 1.0, "between": 0.0, None: 0.6}[vacuum]
    length = np.where(lasts, rng.uniform(0.1, 1.0, count), 0.0)
    free_from, start = np.zeros(len(gas)), np.zeros(count)
    for k, pair in enumerate(pairs):
        earliest = max(start[k - 1] if k else 0.0, *free_from[pair])
        start[k] = earliest + rng.uniform(0.05, 0.4)
        free_from[pair] = start[k] + length[k]
    settings.setdefault("final_time", float(free_from.max()) + 0.5)
    angle = rng.normal(size=count)
    first, second = pairs.T
    return EncounterSchedule(first, second, angle, start, length, neutrinos=len(gas), **settings)


def dense_evolution(
    gas: NeutrinoGas, schedule: EncounterSchedule, times: ArrayLike | None = None
) -> Trajectory:
    r""":math:`\rho \to U\rho\,U^\dagger`, :math:`i\,dU/dt = H(t)\,U`, row by row of a schedule.

    In an encounter of length t, :math:`H = \frac\theta t\,\mathrm{SWAP}_{ij} + \tfrac12
    (\mathbf h_i\cdot\boldsymbol\sigma_i + \mathbf h_j\cdot\boldsymbol\sigma_j)`, in free streaming
    :math:`H = \tfrac12\mathbf h_k\cdot\boldsymbol\sigma_k`,
    with :math:`\mathbf h_k = \omega_k\mathbf B + \lambda_e(t)\,\mathbf L` and
    :math:`\mathrm{SWAP}_{ij} = (1 + \boldsymbol\sigma_i\cdot\boldsymbol\sigma_j)/2`. A kick is
    :math:`e^{-i\theta\,\mathrm{SWAP}_{ij}}`. The evolution starts anew for every sample and takes
    the part of an encounter that has passed; a neutrino that a fresh one replaces is traced out.

    Args:
        gas: N <= 8 neutrinos.
        schedule: who meets whom; fresh partners and matter of any kind allowed.
        times: sample times in 1/mu; default: initial and final state.

    Returns:
        polarization ``(time, N, 3)``; attribute ``drift_norm``.

    Raises:
        QnuError: more than 8 neutrinos, another number of them in the schedule, times outside it.

    References:
        Sigl and Raffelt (1993); Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> import qnu
        >>> gas = random_gas(3, seed=1)
        >>> schedule = random_schedule(gas, seed=2, matter=0.5)
        >>> times = schedule.equally_spaced(5)
        >>> assert_trajectory_close(
        ...     qnu.solvers.many_body(gas, schedule, times), dense_evolution(gas, schedule, times))
    """
    started = clock.perf_counter()
    if len(gas) > MOST_NEUTRINOS:
        raise QnuError("gas", f"{len(gas)} neutrinos", f"at most {MOST_NEUTRINOS}")
    if schedule.neutrinos != len(gas):
        raise QnuError("schedule", f"{schedule.neutrinos} neutrinos", f"{len(gas)}, as in the gas")
    sample_times = schedule.checked_times(times)
    states = [_density(gas, schedule, float(time)) for time in sample_times]
    spins = np.array([[_on(s, [k], len(gas)) for s in _PAULI] for k in range(len(gas))])
    vectors = np.einsum("tij,kaji->tka", states, spins, optimize=True).real
    drift = max(abs(np.trace(rho) - 1) for rho in states)
    return Trajectory.build(
        "dense_evolution",
        gas,
        sample_times,
        vectors,
        started=started,
        schedule=schedule,
        attributes={"drift_norm": float(drift)},
    )


def _density(gas: NeutrinoGas, schedule: EncounterSchedule, time: float) -> Complexes:
    """``(2^N, 2^N)``: the density matrix at one time. Each neutrino has a clock of its own."""
    count, streams, tolerance = len(gas), schedule.free_streaming, schedule.tolerance
    rho = np.ones((1, 1), complex)
    for vector in gas.polarization:
        rho = np.kron(rho, _one_density(vector))
    reached = np.zeros(count)

    def stream(k: int, until: float) -> None:
        nonlocal rho
        if streams and until > reached[k]:
            alone = _propagator(gas, schedule, [k], 0.0, reached[k], until)
            rho = _turned(rho, _on(alone, [k], count))
            reached[k] = until

    at_the_end = time >= schedule.final_time - tolerance
    for row in range(len(schedule)):
        i, j = int(schedule.first[row]), int(schedule.second[row])
        start, length = float(schedule.start[row]), float(schedule.duration[row])
        if start >= time - tolerance and not at_the_end:
            continue
        end, theta = start + length, float(schedule.swap_angle[row])
        if streams and end > time and length > 0:
            theta, end = theta * max(time - start, 0.0) / length, max(time, start)
        stream(i, start)
        if schedule.fresh is not None and schedule.fresh[row]:
            # Tr_j(rho) x rho_j(0); the sum over 1 and sigma is 2 Tr_j(rho) x 1
            traced = sum(_turned(rho, _on(s, [j], count)) for s in (_ONE, *_PAULI)) / 2
            rho = _on(_one_density(gas.polarization[j]), [j], count) @ traced
        else:
            stream(j, start)
        both = _propagator(gas, schedule, [i, j], theta, start, end)
        rho = _turned(rho, _on(both, [i, j], count))
        reached[[i, j]] = end
    for k in range(count):
        stream(k, time)
    return rho


def _propagator(
    gas: NeutrinoGas, rows: EncounterSchedule, members: list[int], theta: float, *span: float
) -> Complexes:
    """``i dU/dt = H(t) U`` of one neutrino, or of two in an encounter with its swap angle."""
    (begin, end), one, matter = span, len(members) == 1, rows.matter
    zz = np.kron(_PAULI[2], _PAULI[2])
    swap = (np.eye(4) + sum(np.kron(s, s) for s in _PAULI) + (rows.anisotropy - 1.0) * zz) / 2

    def hamiltonian(time: float) -> Complexes:
        value = float(matter(time)) if callable(matter) else matter
        twice = 2 * gas.mixing_angle
        fields = [(value * np.sin(twice), value * np.cos(twice) - gas.omega[k]) for k in members]
        acting = [(x * _PAULI[0] + z * _PAULI[2]) / 2 for x, z in fields]
        if one:
            return np.asarray(acting[0])
        local = np.kron(acting[0], _ONE) + np.kron(_ONE, acting[1])
        return np.asarray(local + theta / (end - begin) * swap)

    if end == begin:
        return np.asarray(_ONE if one else expm(-1j * theta * swap))
    if not callable(matter):
        return np.asarray(expm(-1j * (end - begin) * hamiltonian(begin)))
    result: Any = np.eye(size := 2 if one else 4, dtype=complex)
    for a, b in itertools.pairwise([begin, *breakpoints(matter, begin, end), end]):
        edge = 1e-12 * (b - a)  # a profile that jumps belongs to the side that is integrated

        def slope(t: float, u: Any, a: float = a + edge, b: float = b - edge) -> Any:
            return (-1j * hamiltonian(min(max(t, a), b)) @ u.reshape(size, size)).ravel()

        settings: Any = {"method": "DOP853", "rtol": 1e-12, "atol": 1e-14, "max_step": (b - a) / 8}
        result = solve_ivp(slope, (a, b), result.ravel(), **settings).y[:, -1].reshape(size, size)
    return np.asarray(result)


def _one_density(vector: Floats) -> Complexes:
    """``(1 + P.sigma)/2``."""
    return np.asarray((_ONE + np.einsum("k,kij->ij", vector, _PAULI)) / 2)


def _on(matrix: Complexes, members: list[int], count: int) -> Complexes:
    """``(2^N, 2^N)``: a matrix of some neutrinos, 1 on the others; neutrino 0 is on the left."""
    others = [k for k in range(count) if k not in members]
    whole: Any = np.kron(matrix, np.eye(2 ** len(others))).reshape([2] * 2 * count)
    place = np.argsort([*members, *others])
    return np.asarray(whole.transpose([*place, *(place + count)]).reshape(2**count, 2**count))


def _turned(rho: Complexes, unitary: Complexes) -> Complexes:
    return np.asarray(unitary @ rho @ unitary.conj().T)


def assert_trajectory_close(actual: Trajectory, expected: Trajectory, atol: float = 1e-10) -> None:
    r""":math:`|P - P_\mathrm{expected}| \le` ``atol`` in every component; the error says where not.

    Args:
        actual: a Trajectory.
        expected: another one, with the same rows (neutrinos or groups) and sample times.
        atol: the largest difference that is accepted.

    Raises:
        AssertionError: other rows, other sample times, or a difference above ``atol`` (NaN too).

    Examples:
        >>> import qnu
        >>> gas = random_gas(2, seed=1)
        >>> run = qnu.solvers.mean_field(gas, [0.0, 1.0], resolve="neutrino")
        >>> assert_trajectory_close(run, run, atol=0.0)
    """
    one, two = actual.polarization, expected.polarization
    if one.shape != two.shape:
        raise AssertionError(f"polarization of shape {one.shape}, expected {two.shape}")
    if not np.allclose(actual.times, expected.times, rtol=1e-9, atol=1e-9):
        raise AssertionError(f"sample times {actual.times}, expected {expected.times}")
    difference = abs(one - two)
    wrong = ~(difference <= atol)
    if wrong.any():
        at = np.where(np.isnan(difference), np.inf, difference)
        sample, row, axis = np.unravel_index(int(np.argmax(at)), at.shape)
        raise AssertionError(
            f"{actual.method}: {wrong.sum()} of {wrong.size} components differ from"
            f" {expected.method} by more than {atol:g}; most at t = {actual.times[sample]:.6g},"
            f" row {row}, axis {'xyz'[axis]}: {one[sample, row, axis]:.12g}, expected"
            f" {two[sample, row, axis]:.12g}"
        )
