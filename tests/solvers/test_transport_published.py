"""Boxes of fast flavor conversion as others have published them, in a few seconds.

The set-up (angular distributions, alpha, cells, bins, perturbation) stands in
github.com/COSEnu/COSEnu, commit df9b307e (``lib/configs.yaml``, folder ``code_comparison_fv``, and
``lib/initialize.hpp``); with sigma = 0.5 for nubar_e, in ``src/initialize.hpp`` (079f8685).
What has to come out stands in the abstracts of arXiv 2108.09886 and 2211.09343. No table or figure
of 2205.06282 could be read, so no number of it is compared with. docs/concepts/published-boxes.md.
"""

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from qnu import solvers

_SCRIPT = Path(__file__).parents[2] / "benchmarks" / "published_box.py"
_SPEC = importlib.util.spec_from_file_location("published_box", _SCRIPT)
box = importlib.util.module_from_spec(_SPEC)
sys.modules["published_box"] = box
_SPEC.loader.exec_module(box)

#: Cells of 1/mu_e, as published, are 1.9/mu here, for which transport has a warning.
pytestmark = pytest.mark.filterwarnings("ignore:cells of:qnu.QnuWarning")

LENGTH, CELLS, BINS = 200.0, 200, 20


def converted(alpha: float, end: float, **more):
    """Survival per bin, mean over the last third; the run; lepton number per bin."""
    gas = box.beams(BINS, 0.5, alpha)
    initial = box.perturbed(gas, LENGTH, CELLS, 0.02, seed=1)
    times = np.linspace(0, end, 61)
    run = solvers.transport(
        gas,
        times,
        length=LENGTH,
        initial=initial,
        cells=CELLS,
        mu=1 + alpha,
        cfl=0.4,
        turn=1.0,
        **more,
    )
    alive = box.survival(run, gas)
    assert alive[0].min() > 0.99
    return alive[-20:].mean(axis=0), run, gas


def test_equal_numbers_depolarize_at_all_angles() -> None:
    # 2108.09886, abstract: "systems with initially equal number of nu_e and nubar_e can reach full
    # flavor depolarization for the entire ELN angular spectra"
    alive, run, gas = converted(1.0, 400.0)
    assert alive @ gas.weight == pytest.approx(0.5, abs=0.06)
    assert alive == pytest.approx(np.full(2 * BINS, 0.5), abs=0.15)
    assert alive[:BINS] == pytest.approx(alive[BINS:], abs=1e-6)  # without vacuum nubar goes as nu
    assert run.attrs["drift_total"] < 1e-9
    assert run.attrs["unresolved"] < 1e-3
    assert box.sides(gas)[1:] == pytest.approx((0.5, 0.5), abs=1e-3)


def test_unequal_numbers_depolarize_on_one_side_of_the_crossing() -> None:
    # 2108.09886: "flavor depolarization can only be reached in one side of the ELN spectra,
    # dictated by the net lepton number conservation"; 2211.09343: positive ELN: the negative side
    alive, run, gas = converted(0.9, 500.0)
    alive = alive[:BINS]
    number, plus, minus = box.sides(gas)
    assert number.sum() == pytest.approx(0.1 / 1.9, abs=1e-3)
    assert minus == 0.5
    small, large = -number * (number < 0), number * (number > 0)
    assert alive @ small / small.sum() == pytest.approx(0.5, abs=0.1)
    assert alive @ large / large.sum() == pytest.approx(plus, abs=0.02)
    # the other side keeps most, and the more the farther from the crossing
    far = alive[number > 0]
    assert far[: BINS // 2].min() > 0.9
    assert (np.diff(far) < 0.02).all()
    before = (2 * 1 - 1) * number.sum()
    assert (2 * alive - 1) @ number == pytest.approx(before, abs=2e-4)  # lepton number
    assert run.attrs["drift_total"] < 1e-9


def growth_rates(gas, mu: float, k: np.ndarray) -> np.ndarray:
    """The largest Im Omega of a dense matrix, for P along z (docs/concepts/published-boxes.md)."""
    c, w, z = gas.cosine, gas.weight, gas.polarization[:, 2]
    found = []
    for one in k:
        forward = 1 - np.outer(c, c)
        matrix = mu * z[:, None] * w * forward + np.diag(one * c - mu * forward @ (w * z))
        found.append(np.linalg.eigvals(matrix).imag.max())
    return np.array(found)


def test_the_code_comparison_setup_grows_as_its_dispersion_relation_says() -> None:
    gas = box.beams(40)  # sigma 0.6 and 0.53, alpha 0.9
    k = np.linspace(-0.6, 0.6, 121)
    rates = growth_rates(gas, 1.9, k)
    best = float(k[np.argmax(rates)])
    length = 2 * np.pi / abs(best)
    times = np.linspace(0, 240, 25)
    run = solvers.transport(
        gas, times, length=length, cells=64, mu=1.9, perturbation="wave", amplitude=1e-7,
        wave_number=int(np.sign(best)), cfl=0.4, turn=1.0,
    )  # fmt: skip
    across = run.polarization[..., 0] + 1j * run.polarization[..., 1]
    size = np.log(np.sqrt((abs(across) ** 2).mean(axis=(0, 2))))
    measured = np.polyfit(times[-8:], size[-8:], 1)[0]
    assert measured == pytest.approx(rates.max(), rel=0.02)
    # without a crossing nothing grows
    assert growth_rates(box.beams(40, 0.6), 1.9, k).max() < 1e-6


def by_fourier_waves(gas, initial: np.ndarray, length: float, mu: float, end: float, steps: int):
    """An independent code: derivatives of Fourier waves, everything else in one line of NumPy."""
    c, w = gas.cosine, gas.weight
    wave = 2j * np.pi * np.fft.fftfreq(len(initial), length / len(initial))

    def change(p):
        slope = np.fft.ifft(wave[:, None, None] * np.fft.fft(p, axis=0), axis=0).real
        field = mu * np.einsum("bd,zdk->zbk", (1 - np.outer(c, c)) * w, p)
        return np.cross(field, p) - c[None, :, None] * slope

    p, dt = initial.copy(), end / steps
    for _ in range(steps):
        one = change(p)
        two = change(p + dt / 2 * one)
        three = change(p + dt / 2 * two)
        p = p + dt / 6 * (one + 2 * two + 2 * three + change(p + dt * three))
    return p


def test_an_independent_code_gives_the_same_cells_before_chaos_sets_in() -> None:
    gas = box.beams(6, 0.5, 1.0)
    length, cells, end = 32.0, 64, 60.0
    wave = 0.05 * np.exp(2j * np.pi * (np.arange(cells) + 0.5) / cells)
    wave = wave + 0.02 * wave.conj() ** 2 / abs(wave)
    turned = np.stack([wave.real, wave.imag, np.sqrt(1 - abs(wave) ** 2)], axis=1)
    initial = turned[:, None] * gas.polarization[None, :, 2:]
    expected = by_fourier_waves(gas, initial, length, 2.0, end, 600)
    assert abs(expected[..., 2] - initial[..., 2]).max() > 0.5  # it has converted
    for scheme, error in (("upwind7", 1e-3), ("spectral", 1e-3)):
        run = solvers.transport(
            gas, [0.0, end], length=length, cells=cells, mu=2.0, initial=initial, cfl=0.2,
            turn=0.3, advection=scheme,
        )  # fmt: skip
        assert abs(run.polarization[:, -1] - expected).max() < error, scheme
