r"""What a result over space is made of: transverse parts, Fourier modes, and how fast they grow.

"Transverse" is across the flavor axis :math:`\mathbf L = (\sin 2\theta, 0, \cos 2\theta)`, theta
the mixing angle: the coherence of nu_e and nu_x.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .common.checks import Floats, number
from .errors import QnuError, Words
from .flavor import flavor_direction
from .trajectory import Trajectory

__all__ = ["lepton_number", "measured_growth", "mode_power", "transverse", "transverse_rms"]

Complexes = NDArray[np.complex128]
#: Cells whose spacing differs by more than this part of it are not of one size.
_EVEN = 1e-6


def transverse(vectors: Floats, mixing_angle: float = 0.0) -> Complexes:
    r""":math:`S = \mathbf P\cdot\mathbf e_1 + i\,\mathbf P\cdot\mathbf y`, with
    :math:`\mathbf e_1 = \mathbf y\times\mathbf L`; without a mixing angle :math:`P_x + iP_y`.

    Args:
        vectors: ``(..., 3)``.
        mixing_angle: theta_mix in radians.

    Returns:
        ``(...)``, complex.

    Examples:
        >>> complex(transverse(np.array([0.3, 0.4, 0.5])))
        (0.3+0.4j)
    """
    axis = flavor_direction(mixing_angle)
    across = vectors[..., 0] * axis[2] - vectors[..., 2] * axis[0]
    result: Complexes = across + 1j * vectors[..., 1]
    return result


def transverse_rms(run: Trajectory) -> Floats:
    r"""``([seeds,] samples, groups)``: :math:`\sqrt{\langle|S_g(z)|^2\rangle_z}` over cells.

    Without space it is :math:`|S_g|`.

    Args:
        run: any result.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0.6, 0.0, 0.8]], omega=[0.0])
        >>> transverse_rms(qnu.solvers.mean_field(gas, [0.0]))
        array([[0.6]])
    """
    size = abs(transverse(run.group_mean(), float(run.attrs["mixing_angle"])))
    if run.cells is None:
        return size
    result: Floats = np.sqrt((size**2).mean(axis=-3))
    return result


def mode_power(run: Trajectory) -> tuple[Floats, Floats]:
    r""":math:`\sum_b w_b\,|\tilde S_b(k)|^2`,
    :math:`\tilde S_b(k) = \frac1n\sum_z S_b(z)\,e^{-ikz}`.

    Args:
        run: of one history over a periodic box, with cells of one size.

    Returns:
        k ``(n,)`` in mu, increasing, and the power ``(samples, n)``; the sum over k is the mean
        over cells of :math:`\sum_b w_b|S_b|^2`.

    Raises:
        QnuError: no space, an ensemble, cells that are not of one size.

    Examples:
        >>> import qnu
        >>> beam = qnu.Beams([1.0], [1.0], [[0, 0, 1]])
        >>> z = np.arange(8) + 0.5
        >>> wave = np.stack([0.1 * np.cos(np.pi * z / 4), 0.1 * np.sin(np.pi * z / 4), 0 * z], -1)
        >>> run = qnu.Trajectory.of_beams(
        ...     "wave", beam, [0.0], wave[:, None, None], started=0.0, cells=z)
        >>> k, power = mode_power(run)
        >>> float(k[power[0].argmax()] * 4 / np.pi), float(power[0].max().round(4))
        (1.0, 0.01)
    """
    step, count = _spacing(run)
    parts = transverse(run.polarization, float(run.attrs["mixing_angle"]))
    modes = np.fft.fft(parts, axis=0) / count
    weight = np.asarray(run.dataset["beam_weight"].values)
    power = np.einsum("ktb,b->tk", abs(modes) ** 2, weight)
    k = 2 * np.pi * np.fft.fftfreq(count, step)
    return np.fft.fftshift(k), np.fft.fftshift(power, axes=1)


def _spacing(run: Trajectory) -> tuple[float, int]:
    cells = run.cells
    if cells is None or "beam_weight" not in run.dataset.coords:
        raise QnuError("trajectory", Words("a result without space"), "one over cells of a box")
    if run.seeds is not None:
        raise QnuError("trajectory", Words("an ensemble"), "one history: run.history(seed)")
    if len(cells) < 2:
        raise QnuError("trajectory", Words("one cell"), "two or more")
    steps = np.diff(cells)
    if np.ptp(steps) > _EVEN * steps.mean():
        raise QnuError("trajectory", Words("cells of different sizes"), "cells of one size")
    return float(steps.mean()), len(cells)


def measured_growth(run: Trajectory, between: tuple[float, float]) -> tuple[Floats, Floats]:
    r"""The rate r in :math:`|\tilde S(k)| \propto e^{rt}` of every mode, by least squares.

    It is half the slope of :math:`\ln\sum_b w_b|\tilde S_b(k)|^2`, of the samples from t1 to t2:
    while modes are small that is :math:`\mathrm{Im}\,\Omega(k)` of
    :func:`qnu.solvers.linear_stability`, once the mode that grows fastest is larger than the
    others of the same k.

    Args:
        run: of one history over a periodic box.
        between: (t1, t2), with two samples or more from one to the other.

    Returns:
        k ``(n,)`` in mu and the rate ``(n,)``; NaN where a mode has no power.

    Raises:
        QnuError: as :func:`mode_power`; a window with less than two samples.

    Examples:
        >>> import qnu
        >>> beam, t = qnu.Beams([1.0], [1.0], [[0, 0, 1]]), np.array([0.0, 1.0, 2.0])
        >>> grows = 1e-3 * np.exp(0.5 * t)[:, None] * np.array([1.0, 0.0, 0.0])
        >>> run = qnu.Trajectory.of_beams(
        ...     "grows", beam, t, np.tile(grows[:, None], (2, 1, 1, 1)), started=0.0, cells=[0, 1])
        >>> measured_growth(run, (0.0, 2.0))[1].round(6)
        array([nan, 0.5])
    """
    try:
        first, last = between
    except (TypeError, ValueError):
        raise QnuError("between", between, "(t1, t2)") from None
    first, last = number("between[0]", first), number("between[1]", last)
    k, power = mode_power(run)
    inside = (run.times >= first) & (run.times <= last)
    times = run.times[inside]
    if len(times) < 2 or times[0] == times[-1]:
        found = Words(f"{len(times)} samples from {first:g} to {last:g}")
        raise QnuError("between", found, "a window with two samples or more")
    known = (power[inside] > 0).all(axis=0)
    logs = np.log(np.where(known, power[inside], 1.0)) / 2
    centered = times - times.mean()
    rate = centered @ (logs - logs.mean(axis=0)) / (centered @ centered)
    return k, np.where(known, rate, np.nan)


def lepton_number(run: Trajectory) -> Floats:
    r"""``(beams,)``: :math:`w_b\,\mathbf P_b\cdot\mathbf L` at the start, the mean over cells.

    Antineutrinos, stored as S = -P, count negative: of all beams of one cosine the sum is the
    electron lepton number less that of x.

    Args:
        run: of one history, whose rows are beams.

    Raises:
        QnuError: rows that are not beams.
    """
    data = run.dataset
    if "beam_weight" not in data.coords:
        raise QnuError("trajectory", Words("rows that are not beams"), "a result of beams")
    start = np.asarray(data["initial_polarization"].values)
    start = start.reshape(-1, *start.shape[-2:]).mean(axis=0)
    axis = flavor_direction(float(run.attrs["mixing_angle"]))
    result: Floats = np.asarray(data["beam_weight"].values) * (start @ axis)
    return result
