"""How well a machine did: polarizations that it measured against exact ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from ...common.checks import Floats

#: Above 1 by so many of its standard deviations, an rms in sigmas is more than shot noise. Those
#: are of independent values: neutrinos of one shot are correlated, and it varies by up to 1.3 more.
_BEYOND = 5.0
#: An rms without shots that is no error.
_ROUNDING = 1e-6


@dataclass(frozen=True, eq=False)
class Score:
    r"""One circuit on one machine.

    With m measured, e exact and s the standard error of the shots, over neutrinos, axes and
    samples:

    .. math::
        \mathrm{sigmas} = \sqrt{\langle (m - e)^2/s^2\rangle}, \quad
        \mathrm{rms} = \sqrt{\langle (m - e)^2\rangle}, \quad
        \mathrm{signal} = \frac{\sum m\,e/s^2}{\sum e^2/s^2}

    Sigmas of 1 are shot noise alone; with more shots they grow where the machine is not exact,
    and rms stays. The signal is the fraction of the exact polarizations that is left, 1 without
    noise. Where every error destroyed all of them it would be the success probability
    (:func:`qnu.quantum.estimate`); an error spoils only some neutrinos, so it should be larger.

    Args:
        experiment: kind or experiment.
        name: with the size.
        neutrinos: N.
        encounters: up to the last sample.
        circuits: how many were run, one per sample and basis.
        shots: of each; 0: exact.
        two_qubit_gates: of the compiled circuit of the last sample.
        two_qubit_depth: layers of them.
        success: probability that nothing fails, by the calibration; None without one.
        sigmas: None without shots.
        rms: of measured - exact.
        shot_noise: rms of the standard errors; 0 without shots.
        signal: see above.
        signal_error: its standard error, neutrinos taken as uncorrelated: too small by a factor of
            1.2 for tournaments of four, 1.6 for their plane waves.
        in_sector: fraction of the shots in Z with the right number of neutrinos in mass state 2,
            where that is conserved and shots were seen; None elsewhere.
        in_sector_at_random: what it would be if all outcomes were equally likely.
        compile_s: seconds; None where nothing was compiled.
        run_s: seconds.
        reference: how the exact polarizations were found.
        times: ``[sample]``.
        exact: ``[sample][neutrino][axis]``.
        measured: the same.
        error: standard errors, the same; None without shots.
        failed: why it was not run; then numbers are 0 or None.

    Examples:
        >>> Score("native", "native 4", 4, rms=0.1).beyond_shots
        True
    """

    experiment: str
    name: str
    neutrinos: int
    encounters: int = 0
    circuits: int = 0
    shots: int = 0
    two_qubit_gates: int = 0
    two_qubit_depth: int = 0
    success: float | None = None
    sigmas: float | None = None
    rms: float | None = None
    shot_noise: float = 0.0
    signal: float | None = None
    signal_error: float | None = None
    in_sector: float | None = None
    in_sector_at_random: float | None = None
    compile_s: float | None = None
    run_s: float | None = None
    reference: str = ""
    times: list[float] = field(default_factory=list)
    exact: list[Any] = field(default_factory=list)
    measured: list[Any] = field(default_factory=list)
    error: list[Any] | None = None
    failed: str | None = None

    @property
    def beyond_shots(self) -> bool:
        """Whether the machine's own errors show above the shot noise."""
        if self.sigmas is None:
            return self.rms is not None and self.rms > _ROUNDING
        values = max(np.size(self.measured), 1)
        return self.sigmas > 1.0 + _BEYOND / math.sqrt(2 * values)

    @property
    def dominated(self) -> bool:
        """Whether the machine's own errors are larger than the shot noise."""
        return self.beyond_shots and (self.sigmas is None or self.sigmas**2 > 2.0)

    @property
    def success_by_selection(self) -> float | None:
        r"""The success probability that post-selection measures, :math:`(r - r_0)/(1 - r_0)`.

        r of the shots are in the right sector, and :math:`r_0` of them would be at random: so much
        is a circuit that either succeeds or gives random outcomes.
        """
        if self.in_sector is None or self.in_sector_at_random in (None, 1.0):
            return None
        random = float(self.in_sector_at_random or 0.0)
        return (self.in_sector - random) / (1.0 - random)


def compared(exact: Floats, measured: Floats, error: Floats | None) -> Mapping[str, Any]:
    """``sigmas``, ``rms``, ``shot_noise``, ``signal`` and ``signal_error``, see :class:`Score`.

    Args:
        exact: ``(samples, N, 3)``.
        measured: the same; values that are not finite are left out.
        error: the same; None: without shots.

    Returns:
        the fields of a :class:`Score`; None where nothing determines one.

    Examples:
        >>> found = compared(np.array([1.0, -1.0]), np.array([0.8, -0.8]), np.array([0.1, 0.1]))
        >>> round(found["sigmas"], 6), round(found["rms"], 6), round(found["signal"], 6)
        (2.0, 0.2, 0.8)
    """
    known = np.isfinite(measured)
    if error is not None:
        known &= np.isfinite(error) & (error > 0)
    if not known.any():
        return {"sigmas": None, "rms": None, "signal": None, "signal_error": None}
    e, m = exact[known], measured[known]
    s = np.ones_like(e) if error is None else error[known]
    size = float(np.sum((e / s) ** 2))
    signal = float(np.sum(m * e / s**2) / size) if size > 0 else None
    return {
        "sigmas": None if error is None else _rms((m - e) / s),
        "rms": _rms(m - e),
        "shot_noise": 0.0 if error is None else _rms(s),
        "signal": signal,
        "signal_error": None if error is None or signal is None else size**-0.5,
    }


def at_random(neutrinos: int, ones: int) -> float:
    """``C(N, k) / 2^N``: the probability of k ones where all outcomes are equally likely.

    Examples:
        >>> at_random(4, 2)
        0.375
    """
    return float(math.comb(neutrinos, ones) / 2**neutrinos)


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values**2)))
