"""The power in ``y = c x^s``, with its error from the histories."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..common.checks import Floats
from ..errors import QnuError, Words

#: Smaller errors of a slope are not printed.
_EXACT = 5e-5


@dataclass(frozen=True)
class PowerLaw:
    """A fitted power law ``y = factor x^slope``.

    Args:
        slope: s.
        error: its standard error.
        factor: c.
        points: how many points were fitted.
    """

    slope: float
    error: float
    factor: float
    points: int

    def __str__(self) -> str:
        if not np.isfinite(self.error) or self.error < _EXACT:
            return f"{self.slope:.3f}"
        digits = int(np.clip(1 - np.floor(np.log10(self.error)), 2, 4))
        return f"{self.slope:.{digits}f} ± {self.error:.{digits}f}"


def power_law(x: Floats, samples: Floats) -> PowerLaw:
    r""":math:`\ln\langle y\rangle = \ln c + s \ln x`, weighted least squares; the error of s by
    jackknife over the seeds.

    Weights are :math:`(\langle y\rangle/\sigma)^2`, sigma the standard error over seeds. The same
    seeds are used at every x, so points are correlated and the error of a fit to independent
    points would be wrong: the fit is repeated n times without one of the n seeds,
    :math:`\sigma_s^2 = \frac{n-1}{n}\sum_k (s_{(k)} - \bar s)^2`. It is statistical: that the curve
    is no power law is not in it. With one seed, or methods that do not depend on it, all weights
    are equal and the error is that of the scatter around the line (NaN for two points).

    Args:
        x: ``(points,)``, > 0.
        samples: ``(points, seeds)``; means over seeds > 0. Points with NaN are left out.

    Returns:
        slope, error, factor.

    Raises:
        QnuError: fewer than two points with positive x and mean.

    References:
        Efron and Stein, Ann. Stat. 9, 586 (1981).

    Examples:
        >>> fit = power_law(np.array([0.1, 0.2, 0.4]), np.array([[0.3], [0.6], [1.2]]))
        >>> round(fit.slope, 9), round(fit.factor, 9)
        (1.0, 3.0)
    """
    x, samples = np.asarray(x, float), np.asarray(samples, float)
    mean = samples.mean(axis=1)
    good = np.isfinite(mean) & (mean > 0) & (x > 0)
    if len(np.unique(x[good])) < 2:
        raise QnuError(
            "slope",
            Words(f"{int(good.sum())} points with positive x and mean"),
            "two or more, to fit a slope",
        )
    x, samples, mean = np.log(x[good]), samples[good], mean[good]
    seeds = samples.shape[1]
    error = samples.std(axis=1, ddof=1) / np.sqrt(seeds) if seeds > 1 else np.zeros(len(x))
    # rounding errors of equal values are no statistics
    statistical = bool((error > 1e-12 * mean).all())
    weight = (mean / error) ** 2 if statistical else np.ones(len(x))
    slope, shift = _line(x, np.log(mean), weight)
    if statistical:
        spread = _jackknife(x, samples, weight)
    else:
        rest = np.log(mean) - shift - slope * x
        across = np.sum((x - x.mean()) ** 2)
        spread = float(np.sqrt(np.sum(rest**2) / (len(x) - 2) / across)) if len(x) > 2 else np.nan
    return PowerLaw(slope, spread, float(np.exp(shift)), len(x))


def _line(x: Floats, y: Floats, weight: Floats) -> tuple[float, float]:
    w = weight / weight.sum()
    middle, height = w @ x, w @ y
    slope = float(w @ ((x - middle) * (y - height)) / (w @ (x - middle) ** 2))
    return slope, float(height - slope * middle)


def _jackknife(x: Floats, samples: Floats, weight: Floats) -> float:
    seeds = samples.shape[1]
    without = (samples.sum(axis=1, keepdims=True) - samples) / (seeds - 1)
    slopes = np.array([_line(x, np.log(y), weight)[0] for y in without.T if (y > 0).all()])
    if len(slopes) < seeds:
        return float("nan")
    return float(np.sqrt((seeds - 1) / seeds * np.sum((slopes - slopes.mean()) ** 2)))
