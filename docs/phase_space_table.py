"""Where phase space fails: the tables of docs/concepts/phase-space.md.

``python docs/phase_space_table.py`` prints them (a minute on one core): the largest error
of the z of a group, over time, beside its standard error, and that of the independent model.
"""

from __future__ import annotations

import time
from collections.abc import Iterable

import numpy as np

import qnu

SAMPLES, SEED = 20_000, 1
TILT = 0.4  # radians from B


def two_beams(count: int, delta: float, times: np.ndarray) -> np.ndarray:
    """Exact z of beam A in plane waves: two big spins of count/2, A up, B down, one J^z block.

    ``H = delta (J_A^z - J_B^z) + (2 mu/N) J_A.J_B`` with mu = 1, omega_B = -omega_A = delta: mean
    field is unstable for 0 < delta < mu.
    """
    j = count / 4
    m = j - np.arange(count // 2 + 1)  # of A; B has -m
    ladder = j * (j + 1) - m[:-1] * (m[:-1] - 1)
    matrix = np.diag(-2 / count * m * m + 2 * delta * m)
    matrix += np.diag(ladder / count, 1) + np.diag(ladder / count, -1)
    energy, states = np.linalg.eigh(matrix)
    amplitudes = np.exp(-1j * np.outer(times, energy)) * states[0] @ states.T
    result: np.ndarray = abs(amplitudes) ** 2 @ m / j
    return result


def plane_waves(count: int, delta: float) -> tuple[float, float, float, float]:
    """The largest error of z of beam A, and its error bar.

    Up to the first minimum of the exact z, to mu t = 3 sqrt N, and to 6 sqrt N.
    """
    gas = qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(count // 2, (0, 0, 1), omega=-delta, name="A"),
            qnu.Group(count // 2, (0, 0, -1), omega=delta, name="B"),
        ],
        "right-angle",
    )
    times = np.linspace(0.0, 6 * np.sqrt(count), 121)
    schedule = qnu.schedules.plane_wave(gas, times[-1], 120, 1)
    run = qnu.solvers.phase_space(gas, schedule, times, samples=SAMPLES, seed=SEED)
    error = run.group_error()
    assert error is not None
    exact = two_beams(count, delta, times)
    off = abs(run.group_mean()[:, 0, 2] - exact)
    first = int(np.argmax(np.diff(exact) > 0)) + 1
    before = [float(off[:end].max()) for end in (first, 61, 121)]
    return before[0], before[1], before[2], float(error[:, 0, 2].max())


def tournament(count: int, gamma: float, seed: int, tilted: bool) -> tuple[float, float, float]:
    """The largest error of z of phase space and of independent, and the error bar.

    Two opposite tilted groups: of the mean of a group; random starts: of a neutrino.
    """
    if tilted:
        p = np.array([np.sin(TILT), 0.0, np.cos(TILT)])
        half = count // 2
        groups = [qnu.Group(half, p, omega=0.1), qnu.Group(count - half, -p, omega=0.2)]
        gas = qnu.NeutrinoGas.from_groups(groups, "right-angle")
    else:
        gas = qnu.testing.random_gas(count, seed=seed)
    schedule = qnu.schedules.tournament(gas, gamma, seed=seed)
    times = schedule.equally_spaced(21)
    exact = qnu.solvers.many_body(gas, schedule, times)
    run = qnu.solvers.phase_space(gas, schedule, times, samples=SAMPLES, seed=SEED)
    alone = qnu.solvers.independent(gas, schedule, times)
    error = run.group_error() if tilted else run["polarization_error"].values
    assert error is not None

    def off(other: qnu.Trajectory) -> float:
        if tilted:
            return float(abs(other.group_mean() - exact.group_mean())[..., 2].max())
        return float(abs(other.polarization - exact.polarization)[..., 2].max())

    return off(run), off(alone), float(error[..., 2].max())


def row(words: str, numbers: Iterable[float]) -> None:
    print(f"| {words} | {' | '.join(f'{x:.3f}' for x in numbers)} |", flush=True)


def main() -> None:
    started = time.perf_counter()
    print("| delta | N | to the minimum | to $3\\sqrt N$ | to $6\\sqrt N$ | error bar |")
    print("| --- | --- | --- | --- | --- | --- |")
    for delta in (0.0, -0.25, 0.25):
        for count in (8, 16, 64):
            row(f"{delta:g} | {count}", plane_waves(count, delta))
    print("\n| tournament | gamma | phase space | independent | error bar |")
    print("| --- | --- | --- | --- | --- |")
    for count, tilted in ((8, True), (12, True), (16, True), (8, False)):
        name = f"{count}, {'tilted groups' if tilted else 'random starts'}"
        for gamma in (0.05, 0.1, 0.2, 0.4):
            runs = np.array([tournament(count, gamma, seed, tilted) for seed in range(4)])
            row(f"{name} | {gamma:g}", runs.max(axis=0))
    print(f"\n{time.perf_counter() - started:.0f} s")


if __name__ == "__main__":
    main()
