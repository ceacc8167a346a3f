"""Beams as big spins beside the obvious way: a sparse matrix of SciPy and ``expm_multiply``.

``python -m benchmarks.collective`` prints it.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import qnu

Vectors = list[tuple[float, float, float]]
#: Name -> polarizations of the beams, neutrinos of each and mu t at the end; both if it is quick.
CASES: dict[str, tuple[Vectors, tuple[int, float], tuple[int, float]]] = {
    "two beams along B": ([(0, 0, 1), (0, 0, -1)], (5000, 300.0), (100, 10.0)),
    "two tilted beams": ([(0.6, 0, 0.8), (-0.6, 0, -0.8)], (200, 60.0), (20, 5.0)),
    "three beams": ([(0.6, 0, 0.8), (-0.6, 0, -0.8), (0, 1, 0)], (60, 40.0), (5, 5.0)),
}
#: The twin of a case with so many neutrinos in a beam takes minutes: this much of the time is done.
_SHARE = 0.02


def gas_of(vectors: Vectors, count: int) -> qnu.NeutrinoGas:
    groups = [qnu.Group(count, p, omega=0.1 * g) for g, p in enumerate(vectors)]
    return qnu.NeutrinoGas.from_groups(groups, "right-angle")


def block(gas: qnu.NeutrinoGas, end: float) -> NDArray[np.float64]:
    """``(2, 3)`` at the end: two equal beams along +B and -B, by the neutrinos that are up."""
    from scipy import sparse
    from scipy.sparse.linalg import expm_multiply

    n, omega = int(gas.counts[0]), gas.group_means(gas.omega)
    up = np.arange(n + 1)  # in the first beam; the second has the others
    z = up - n / 2
    along = -z * z / n - omega[0] * z + omega[1] * z
    across = (up[:-1] + 1) * (n - up[:-1]) / (2 * n)
    h = sparse.csr_matrix(sparse.diags([across, along, across], [-1, 0, 1]))
    state = np.zeros(n + 1, complex)
    state[n] = 1.0
    mean = abs(expm_multiply(-1j * end * h, state)) ** 2 @ z * 2 / n
    return np.array([[0, 0, mean], [0, 0, -mean]])


def products(gas: qnu.NeutrinoGas, end: float) -> NDArray[np.float64]:
    """``(beams, 3)`` at the end: one sparse matrix on all products of the beams."""
    from scipy import sparse
    from scipy.sparse.linalg import expm_multiply
    from scipy.special import gammaln

    counts, total, state = gas.counts.tolist(), len(gas), np.ones(1, complex)
    for n, (x, y, z) in zip(counts, gas.group_means(), strict=True):
        k = np.arange(n + 1)
        powers = k * np.log((1 + z) / 2) / 2 + (n - k) * np.log((1 - z) / 2) / 2
        size = np.exp((gammaln(n + 1) - gammaln(k + 1) - gammaln(n - k + 1)) / 2 + powers)
        state = np.kron(state, size * np.exp(1j * np.arctan2(y, x) * (n - k)))
    spins = []
    for g, n in enumerate(counts):
        k = np.arange(n + 1)
        sizes = [int(np.prod(np.add(part, 1))) for part in (counts[:g], counts[g + 1 :])]
        left, right = (sparse.identity(size) for size in sizes)
        one = sparse.diags(np.sqrt((k[:-1] + 1) * (n - k[:-1])), -1), sparse.diags(k - n / 2)
        spins.append([sparse.csr_matrix(sparse.kron(sparse.kron(left, a), right)) for a in one])
    h = sum(-w * z for w, (_, z) in zip(gas.group_means(gas.omega), spins, strict=True))
    for g, (raised, z) in enumerate(spins):
        for other, other_z in spins[:g]:
            flips = raised @ other.T + raised.T @ other
            h = h + 2 / total * (z @ other_z + flips / 2)
    state = expm_multiply(-1j * end * sparse.csr_matrix(h), state)
    found = []
    for n, (raised, z) in zip(counts, spins, strict=True):
        transverse = np.vdot(state, raised @ state) * 2 / n
        found.append([transverse.real, transverse.imag, np.vdot(state, z @ state).real * 2 / n])
    return np.array(found)


def measure(
    rounds: int = 3, quick: bool = False, say: Callable[[str], None] = print
) -> list[dict[str, Any]]:
    """One row per case: seconds of qnu (median) and of the twin for a share of the time."""
    rows = []
    for name, (vectors, long, short) in CASES.items():
        count, end = short if quick else long
        gas, part = gas_of(vectors, count), end * (1.0 if quick else _SHARE)
        run = qnu.solvers.collective(gas, [part])  # compiled here
        seconds = []
        for _ in range(rounds):
            begin = time.perf_counter()
            whole = qnu.solvers.collective(gas, [end])
            seconds.append(time.perf_counter() - begin)
        begin = time.perf_counter()
        expected = (block if "along B" in name else products)(gas, part)
        scipy_s = time.perf_counter() - begin
        row = {
            "case": name,
            "beams": len(vectors),
            "count": count,
            "mu_t": end,
            "amplitudes": int(whole.attrs["amplitudes"]),
            "median_s": statistics.median(seconds),
            "all_s": seconds,
            "scipy_mu_t": part,
            "scipy_s": scipy_s,
            "disagreement": float(abs(run.polarization[0] - expected).max()),
        }
        rows.append(row)
        say(
            f"  {name} of {count} to mu t = {end:g}: {row['median_s']:.3g} s;"
            f" SciPy to {part:g}: {scipy_s:.3g} s (differ by {row['disagreement']:.1e})"
        )
    return rows


if __name__ == "__main__":
    measure()
