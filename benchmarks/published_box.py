"""The box that COSEnu's repository calls ``code_comparison``: what survives, angle by angle.

``NUMBA_NUM_THREADS=1 python benchmarks/published_box.py --length 600 --bins 40 --time 2000``

The set-up is that of github.com/COSEnu/COSEnu, commit df9b307e (``lib/configs.yaml``,
``lib/initialize.hpp``, ``lib/miscellaneous_funcs.hpp``, ``lib/nuosc.hpp``): nu_e and nubar_e with
densities exp(-(v - 1)^2/2 sigma^2) of sigma = 0.6 and 0.53, 0.9 nubar_e per nu_e, no vacuum, a
periodic box with cells of 1/mu_e, velocity bins of equal width, waves of amplitude 1e-7/|k| and
random phase as a perturbation. Full size (its defaults): length 10240, 200 bins, time 5000. Times
and lengths are in 1/mu_e, mu_e = sqrt(2) G_F n(nu_e); since the weights of :class:`qnu.Beams` sum
to 1, mu = 1 + alpha.
"""

from __future__ import annotations

import argparse
import math
import platform
import time
from typing import Any

import numpy as np

import qnu


def density(v: Any, sigma: float) -> Any:
    """Its integral over [-1, 1] is 1."""
    size = sigma * math.sqrt(math.pi / 2) * math.erf(math.sqrt(2) / sigma)
    return np.exp(-((v - 1) ** 2) / (2 * sigma**2)) / size


def beams(bins: int, sigma_bar: float = 0.53, alpha: float = 0.9, sigma: float = 0.6) -> Any:
    """nu_e, then nubar_e, in bins of equal width."""
    v = -1 + (np.arange(bins) + 0.5) * 2 / bins
    weight = np.concatenate([density(v, sigma), alpha * density(v, sigma_bar)])
    up = np.tile([0.0, 0.0, 1.0], (bins, 1))
    species = np.repeat([0, 1], bins)
    return qnu.Beams(np.tile(v, 2), weight, np.concatenate([up, -up]), group=species,
                     group_names=("nu_e", "nubar_e"), antineutrino=species == 1)  # fmt: skip


def perturbed(gas: Any, length: float, cells: int, amplitude: float, seed: int) -> Any:
    """``(cells, B, 3)``: all polarizations of a cell turned alike."""
    rng, z = np.random.default_rng(seed), (np.arange(cells) + 0.5) * length / cells
    k = np.arange(-(cells // 20), cells // 20)
    k = k[k != 0]
    phase = 2j * np.pi * np.outer(z, k) / length + 1j * rng.uniform(0, 2 * np.pi, len(k))
    wave = (amplitude / abs(k) * np.exp(phase)).sum(axis=1)
    turned = np.stack([wave.real, wave.imag, np.sqrt(1 - abs(wave) ** 2)], axis=1)
    return turned[:, None] * gas.polarization[None, :, 2:]


def survival(run: Any, gas: Any) -> Any:
    """``(times, B)`` survival probabilities of nu_e and nubar_e, mean over the box."""
    sign = np.where(gas.antineutrino, -1.0, 1.0)
    return (1 + sign * run.box_mean().polarization[..., 2]) / 2


def sides(gas: Any) -> tuple[Any, float, float]:
    """Lepton number per beam of nu_e, and what the box prescription says of its two signs.

    1/2 on the side of the smaller integral, 1 - I_small/(2 I_large) on the other (two flavors).
    """
    each = gas.weight * np.where(gas.antineutrino, -1.0, 1.0)
    bins = len(gas) // 2
    number = each[:bins] + each[bins:]
    plus, minus = number[number > 0].sum(), -number[number < 0].sum()
    other = 1 - min(plus, minus) / max(plus, minus) / 2
    return number, *((other, 0.5) if plus > minus else (0.5, other))


def main() -> None:
    """Runs one box and prints what survives."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add = parser.add_argument
    add("--length", type=float, default=10240.0)
    add("--cell", type=float, default=1.0)
    add("--bins", type=int, default=200)
    add("--time", type=float, default=5000.0)
    add("--alpha", type=float, default=0.9)
    add("--sigma-bar", type=float, default=0.53)
    add("--amplitude", type=float, default=1e-7)
    add("--advection", default="upwind7")
    add("--seed", type=int, default=1)
    given = parser.parse_args()
    cells = round(given.length / given.cell)
    gas = beams(given.bins, given.sigma_bar, given.alpha)
    initial = perturbed(gas, given.length, cells, given.amplitude, given.seed)
    times, started = np.linspace(0, given.time, 101), time.perf_counter()
    run = qnu.solvers.transport(gas, times, length=given.length, cells=cells, initial=initial,
                                mu=1 + given.alpha, cfl=0.4, turn=1.0,
                                advection=given.advection)  # fmt: skip
    spent, machine = time.perf_counter() - started, platform.processor() or platform.machine()
    print(f"{cells} cells, {len(gas)} beams, {run.attrs['steps']} steps: {spent:.0f} s, {machine}")
    alive = survival(run, gas)
    number, plus, minus = sides(gas)
    w = gas.weight.reshape(2, -1)
    for k in range(0, 101, 10):
        parts = zip(alive[k].reshape(2, -1), w, strict=True)
        both = [float(a @ one / one.sum()) for a, one in parts]
        print(f"t = {times[k]:7.1f}: nu_e {both[0]:.4f}, nubar_e {both[1]:.4f}")
    last = alive[-25:].mean(axis=0)[: given.bins]
    for name, where, says in (("> 0", number > 0, plus), ("< 0", number < 0, minus)):
        size = abs(number) * where
        mean, low, high = float(last @ size / size.sum()), last[where].min(), last[where].max()
        print(f"lepton number {name}: survival {mean:.3f}, from {low:.3f} to {high:.3f};"
              f" box prescription {says:.3f}")  # fmt: skip
    print(f"total lepton number moved by {run.attrs.get('drift_total', 0.0):.1e}, "
          f"|P| by {run.attrs.get('drift_length', 0.0):.1e}")  # fmt: skip


if __name__ == "__main__":
    main()
