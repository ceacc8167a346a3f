"""How the directions of neutrinos are distributed over the angle to the z axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.polynomial import legendre as polynomials
from numpy.typing import ArrayLike

from .common import memory
from .common.checks import Floats, choice, finite, floats, frozen, generator, integer, number
from .errors import QnuError, Words

KINDS = ("isotropic", "gaussian", "legendre", "table", "one")

#: Narrower Gaussians are a single beam for every purpose, and would need thousands of nodes.
SMALLEST_WIDTH = 1e-3
#: Wider ones are flat to 1e-12, and the part of a Gaussian inside [-1, 1] loses its digits.
LARGEST_WIDTH = 1e6
#: A quadrature of a density may miss 1 by this much before its weights are normalised.
_RESOLVED = 0.05
#: A density may be negative by this much: coefficients and tables are typed with few digits.
_ROUNDED = 1e-9
#: Nodes of an interval for means over the distribution.
_NODES = 48
#: Up to this many nodes a dense matrix is diagonalised.
_DENSE_NODES = 256
#: Legendre coefficients up to this order.
_MOST_COEFFICIENTS = 101
#: Nodes of a quadrature, and neutrinos that are drawn at once, take this memory each.
_BYTES = 100


@dataclass(frozen=True)
class AngularDistribution:
    r"""A density g(c) of :math:`c = v_z`, :math:`\int_{-1}^1 g\,dc = 1`; the azimuth is uniform.

    Made by :meth:`isotropic`, :meth:`gaussian`, :meth:`legendre`, :meth:`table` or :meth:`one`,
    which say what the numbers mean.

    Args:
        kind: the name of one of these.
        numbers: its parameters: width and centre, coefficients, or the density of a table.
        cosines: of a table, or of one beam.

    Raises:
        QnuError: a density that is negative somewhere or zero everywhere, numbers out of range.

    References:
        Martin et al., equilibration of fast oscillations (2307.16793); Johns, Thermodynamics of
        oscillating neutrinos (2306.14982).

    Examples:
        >>> forward = AngularDistribution.gaussian(0.6)
        >>> cosine, weight = forward.quadrature(16)
        >>> round(float(weight @ cosine), 4)                        # the flux factor
        0.5227
    """

    kind: str
    numbers: tuple[float, ...] = ()
    cosines: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        choice("kind", self.kind, KINDS)
        for name in ("numbers", "cosines"):
            values = floats(name, getattr(self, name), (None,))
            object.__setattr__(self, name, tuple(values.tolist()))
        _CHECKS[self.kind](self)

    @classmethod
    def isotropic(cls) -> AngularDistribution:
        """All directions alike, g = 1/2."""
        return cls("isotropic")

    @classmethod
    def gaussian(cls, width: float, centre: float = 1.0) -> AngularDistribution:
        r""":math:`g \propto \exp[-(c - \mathrm{centre})^2/(2\,\mathrm{width}^2)]` on [-1, 1].

        Args:
            width: standard deviation of c, from 0.001 to 1e6.
            centre: the most frequent cosine, from -1 to 1.
        """
        width = number("width", width, low=SMALLEST_WIDTH, high=LARGEST_WIDTH)
        return cls("gaussian", (width, number("centre", centre, low=-1.0, high=1.0)))

    @classmethod
    def legendre(cls, coefficients: ArrayLike) -> AngularDistribution:
        r""":math:`g = \sum_l a_l\,\frac{2l + 1}{2}\,P_l(c)`, so :math:`a_l = \langle P_l\rangle`.

        Args:
            coefficients: :math:`a_0 = 1, a_1, \ldots`; :math:`a_1` is the flux factor.
        """
        return cls("legendre", tuple(floats("coefficients", coefficients, (None,)).tolist()))

    @classmethod
    def table(cls, cosine: ArrayLike, density: ArrayLike) -> AngularDistribution:
        """Linear between the points of a table and zero outside of it; normalised here.

        Args:
            cosine: growing numbers in [-1, 1], at least two.
            density: as many numbers >= 0, in any unit.
        """
        nodes = floats("cosine", cosine, (None,))
        values = floats("density", density, (len(nodes),))
        return cls("table", tuple(values.tolist()), tuple(nodes.tolist()))

    @classmethod
    def one(cls, cosine: float) -> AngularDistribution:
        """All directions at one angle to the z axis: a single beam, or a cone of it."""
        return cls("one", (), (number("cosine", cosine, low=-1.0, high=1.0),))

    def density(self, c: ArrayLike) -> Floats:
        """g(c), of the shape of c; 0 outside of [-1, 1].

        Raises:
            QnuError: cosines that are not finite; a single beam, which has no density.
        """
        given = finite("c", c)
        if self.kind == "one":
            raise QnuError("density", Words("that of a single beam"), "a distribution with a width")
        result: Floats = np.where(abs(given) <= 1, _DENSITIES[self.kind](self, given), 0.0)
        return np.maximum(result, 0.0)

    def quadrature(self, beams: int) -> tuple[Floats, Floats]:
        """Cosines and weights of beams: Gauss-Legendre nodes with weights times g, of sum 1.

        Args:
            beams: how many nodes; those at which g is 0 are left out. A single beam is one node.

        Returns:
            cosines ``(B,)``, growing, and weights ``(B,)`` > 0.

        Raises:
            QnuError: too few nodes for a narrow distribution.
        """
        beams = integer("beams", beams, low=1, high=4096)
        if self.kind == "one":
            return np.array(self.cosines), np.ones(1)
        nodes, weights = gauss_legendre(beams)
        weights = weights * self.density(nodes)
        total = float(weights.sum())
        if abs(total - 1) > _RESOLVED and beams > 1:
            found = Words(f"{beams}, on which the density sums to {total:.3g} instead of 1")
            raise QnuError("beams", found, "more of them, or a wider distribution")
        kept = weights > 0
        if not kept.any():
            raise QnuError("beams", Words(f"{beams}, at which the density is 0"), "more of them")
        return nodes[kept], weights[kept] / weights[kept].sum()

    def nodes(self) -> tuple[Floats, Floats]:
        """Cosines and weights of sum 1 for means over the distribution, also a narrow one.

        Gauss-Legendre nodes where the density is not 0, in every interval of a table: exact for
        polynomials, and to 1e-10 for a Gaussian.
        """
        if self.kind == "one":
            return self.quadrature(1)
        edges = np.array([-1.0, 1.0])
        if self.kind == "gaussian":
            width, centre = self.numbers
            edges = np.clip(centre + np.array([-9.0, 0.0, 9.0]) * width, -1.0, 1.0)
        elif self.kind == "table":
            edges = np.array(self.cosines)
        elif self.kind == "legendre" and len(self.numbers) > _NODES:
            edges = np.linspace(-1, 1, 5)
        edges = np.unique(edges)
        order = 8 if self.kind == "table" else _NODES
        at, weight = gauss_legendre(order)
        half = np.diff(edges)[:, None] / 2
        cosine = ((edges[1:] + edges[:-1])[:, None] / 2 + half * at).ravel()
        weight = (half * weight).ravel() * self.density(cosine)
        return cosine, weight / weight.sum()

    def draw(self, rng: np.random.Generator | int, count: int) -> Floats:
        """Random unit vectors ``(count, 3)`` with uniform azimuth.

        Args:
            rng: a random generator, or a seed.
            count: how many.
        """
        if not isinstance(rng, np.random.Generator):
            rng = generator(rng)
        count = integer("count", count)
        memory.require("count", f"{count} directions", _BYTES * count)
        cosine = self._inverse(rng.uniform(0, 1, count))
        azimuth = rng.uniform(0, 2 * np.pi, count)
        sine = np.sqrt(np.maximum(1 - cosine**2, 0.0))
        vectors = np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)
        result: Floats = vectors / np.linalg.norm(vectors, axis=1)[:, None]
        return result

    def _inverse(self, below: Floats) -> Floats:
        """The cosines with these fractions of the distribution below them: bisection."""
        if self.kind == "one":
            return np.full(len(below), self.cosines[0])
        if self.kind == "isotropic":
            return 2 * below - 1
        cumulative = _CUMULATIVES[self.kind]
        low, high = np.full(len(below), -1.0), np.ones(len(below))
        for _ in range(54):
            middle = (low + high) / 2
            left = cumulative(self, middle) > below
            low, high = np.where(left, low, middle), np.where(left, middle, high)
        return (low + high) / 2


@lru_cache(maxsize=16)
def gauss_legendre(count: int) -> tuple[Floats, Floats]:
    """Growing nodes in [-1, 1] and weights, exact for polynomials of degree ``2 count - 1``.

    ``numpy.polynomial.legendre.leggauss`` for few nodes; for many, where its dense matrix takes
    seconds and hundreds of MiB, the banded one of SciPy. Read-only: each is computed once.

    Args:
        count: how many.
    """
    if count <= _DENSE_NODES:
        nodes, weights = polynomials.leggauss(count)
    else:
        from scipy.special import roots_legendre

        nodes, weights = roots_legendre(count)
    return frozen(nodes), frozen(weights)


# -- each kind: what is allowed, g(c), and the part below c ----------------------------------------


def _check_isotropic(given: AngularDistribution) -> None:
    if given.numbers or given.cosines:
        raise QnuError("numbers", given.numbers or given.cosines, "none (isotropic)")


def _check_gaussian(given: AngularDistribution) -> None:
    if len(given.numbers) != 2 or given.cosines:
        raise QnuError("numbers", given.numbers, "width and centre (gaussian)")
    number("width", given.numbers[0], low=SMALLEST_WIDTH, high=LARGEST_WIDTH)
    number("centre", given.numbers[1], low=-1.0, high=1.0)


def _check_legendre(given: AngularDistribution) -> None:
    if not given.numbers or given.numbers[0] != 1 or given.cosines:
        raise QnuError("coefficients", list(given.numbers), "a_0 = 1, a_1, a_2, ...")
    if len(given.numbers) > _MOST_COEFFICIENTS:
        found = Words(f"{len(given.numbers)} numbers")
        raise QnuError("coefficients", found, f"at most {_MOST_COEFFICIENTS}")
    series = _legendre_series(given)
    tried = np.cos(np.linspace(0, np.pi, 10 * len(series) + 1001))
    values = polynomials.legval(tried, series)
    worst = int(np.argmin(values))
    if values[worst] < -_ROUNDED:
        found = Words(f"a density of {values[worst]:.3g} at c = {tried[worst]:.3g}")
        raise QnuError("coefficients", found, "a density >= 0 everywhere")


def _check_table(given: AngularDistribution) -> None:
    nodes, values = np.array(given.cosines), np.array(given.numbers)
    if len(nodes) < 2 or (np.diff(nodes) <= 0).any() or abs(nodes).max() > 1:
        raise QnuError("cosine", list(given.cosines), "at least two growing numbers in [-1, 1]")
    if len(values) != len(nodes):
        raise QnuError("density", Words(f"{len(values)} numbers"), f"{len(nodes)} numbers")
    if (values < 0).any() or not values.any():
        raise QnuError("density", list(given.numbers), "numbers >= 0, not all 0")
    with np.errstate(over="ignore"):
        area = float(np.sum(np.diff(nodes) * (values[1:] / 2 + values[:-1] / 2)))
    if not (1e-100 < area < 1e100):
        raise QnuError("density", list(given.numbers), "numbers with an integral of about 1")
    object.__setattr__(given, "numbers", tuple((values / area).tolist()))


def _check_one(given: AngularDistribution) -> None:
    if len(given.cosines) != 1 or given.numbers:
        raise QnuError("cosines", list(given.cosines), "one number (one)")
    number("cosine", given.cosines[0], low=-1.0, high=1.0)


def _legendre_series(given: AngularDistribution) -> Floats:
    order = np.arange(len(given.numbers))
    series: Floats = np.array(given.numbers) * (2 * order + 1) / 2
    return series


def _gaussian_density(given: AngularDistribution, c: Floats) -> Floats:
    from scipy.special import ndtr

    width, centre = given.numbers
    inside = ndtr((1 - centre) / width) - ndtr((-1 - centre) / width)
    peak = 1 / (np.sqrt(2 * np.pi) * width * inside)
    with np.errstate(under="ignore"):
        result: Floats = peak * np.exp(-(((c - centre) / width) ** 2) / 2)
    return result


def _gaussian_below(given: AngularDistribution, c: Floats) -> Floats:
    from scipy.special import ndtr

    width, centre = given.numbers
    first, last = ndtr((-1 - centre) / width), ndtr((1 - centre) / width)
    result: Floats = (ndtr((c - centre) / width) - first) / (last - first)
    return result


def _legendre_density(given: AngularDistribution, c: Floats) -> Floats:
    result: Floats = polynomials.legval(c, _legendre_series(given))
    return result


def _legendre_below(given: AngularDistribution, c: Floats) -> Floats:
    integral = polynomials.legint(_legendre_series(given), lbnd=-1)
    result: Floats = polynomials.legval(c, integral)
    return result


def _table_density(given: AngularDistribution, c: Floats) -> Floats:
    result: Floats = np.interp(c, given.cosines, given.numbers, left=0.0, right=0.0)
    return result


def _table_below(given: AngularDistribution, c: Floats) -> Floats:
    nodes, values = np.array(given.cosines), np.array(given.numbers)
    parts = np.diff(nodes) * (values[1:] + values[:-1]) / 2
    before = np.concatenate([[0.0], np.cumsum(parts)])
    c = np.clip(c, nodes[0], nodes[-1])
    k = np.clip(np.searchsorted(nodes, c, side="right") - 1, 0, len(nodes) - 2)
    result: Floats = before[k] + (c - nodes[k]) * (values[k] + np.interp(c, nodes, values)) / 2
    return result


_CHECKS: dict[str, Any] = {
    "isotropic": _check_isotropic,
    "gaussian": _check_gaussian,
    "legendre": _check_legendre,
    "table": _check_table,
    "one": _check_one,
}
_DENSITIES: dict[str, Any] = {
    "isotropic": lambda given, c: np.full(np.shape(c), 0.5),
    "gaussian": _gaussian_density,
    "legendre": _legendre_density,
    "table": _table_density,
}
_CUMULATIVES: dict[str, Any] = {
    "gaussian": _gaussian_below,
    "legendre": _legendre_below,
    "table": _table_below,
}
