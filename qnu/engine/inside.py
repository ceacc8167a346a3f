"""Encounters in matter that changes while they last: products of encounters with constant fields.

In ``H = (theta/t) SWAP + (1/2) sum_a (omega_a B + lambda(s) L).sigma_a`` only lambda changes. Its
mean ``c_0`` and slope ``c_1`` (Legendre coefficients) over a time of length h give the first two
terms of the Magnus expansion, and these are again an encounter with constant fields,

    h_a = omega_a B + c_0 L - omega_a (h c_1 / 6) B x L,

since SWAP commutes with the matter term. An anisotropic coupling does not: then it is two
encounters of h/2 with ``lambda = c_0 -+ 2 c_1 / 3``, the same expansion without commutators. What
is left out is of the fifth order in h, and below the same bound.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.polynomial import legendre
from numpy.typing import NDArray

from .. import encounter
from ..common.checks import Floats
from ..common.jit import njit
from ..errors import QnuError
from ..flavor import fields
from ..profiles import Profile, Table, breakpoints, evaluate

#: Error of the unitary of one encounter, in any entry; the estimate is an upper bound.
TOLERANCE = 5e-10
#: Legendre coefficients that are fitted in a cell.
_ORDER = 7
#: Values of a callable that have to lie on the fit before an encounter is one factor.
_CHECKED = 32
_MOST_CELLS = 1 << 22
_AT_ONCE = 1 << 14

_NODES, _WEIGHTS = legendre.leggauss(_ORDER)
_DEGREES = np.arange(_ORDER)
#: From values on the nodes to coefficients, and from coefficients to values in between.
_FIT = (_WEIGHTS[:, None] * legendre.legvander(_NODES, _ORDER - 1)) * (2 * _DEGREES + 1) / 2
_BETWEEN = (np.arange(_CHECKED) + 0.5) * (2 / _CHECKED) - 1
_VALUES = legendre.legvander(_BETWEEN, _ORDER - 1).T


class Lasting(NamedTuple):
    """Encounters that last: ``(n,)`` columns.

    Attributes:
        omega_1: vacuum frequencies of the first partners.
        omega_2: of the second.
        swap_angle: theta.
        start: times.
        duration: >= 0.
    """

    omega_1: Floats
    omega_2: Floats
    swap_angle: Floats
    start: Floats
    duration: Floats


class Factors(NamedTuple):
    """``(m, ...)`` encounters with constant fields whose products are n encounters in matter."""

    encounter: NDArray[Any]  # which of the n, never decreasing
    swap_angle: Floats
    field_1: Floats
    field_2: Floats
    duration: Floats


class _Cells(NamedTuple):
    """Stretches of time inside encounters."""

    encounter: NDArray[Any]
    begin: Floats
    end: Floats

    def some(self, mask: Any) -> _Cells:
        return _Cells(*(column[mask] for column in self))


def factors(
    encounters: Lasting, matter: Profile, mixing_angle: float, anisotropy: float = 1.0
) -> Factors:
    """``U_k = prod U(factors of k)``, the first factor on the right, to 5e-10.

    One factor each where matter is a number; tables and :class:`~qnu.profiles.Function` are cut at
    their corners. A callable is sampled at 39 times between those inside every encounter, and
    finer where these show that it is not smooth: what is narrower has to be given with breakpoints.

    Args:
        encounters: n of them.
        matter: lambda_e, a number or a callable of time.
        mixing_angle: theta_mix in radians.
        anisotropy: of the coupling; with another one than 1 there are two factors for each in
            matter that changes.

    Returns:
        factors in order of encounter and time; those of one encounter share its swap angle and
        duration in the same proportion.

    Raises:
        QnuError: matter that is not finite somewhere, or that changes so fast that millions of
            factors do not resolve it.

    References:
        Magnus (1954); Blanes and Moan (2000); Blanes and Moan (2006) without commutators.

    Examples:
        >>> one, matter = np.ones(1), Table([0, 1, 9], [0, 1, 1])
        >>> some = factors(Lasting(0 * one, 0 * one, 0.3 * one, 0 * one, 2 * one), matter, 0.1)
        >>> some.duration, some.swap_angle
        (array([1., 1.]), array([0.15, 0.15]))
    """
    omega_1, omega_2, swap_angle, start, duration = encounters
    n = len(start)
    if not callable(matter):
        mean = np.full(n, float(matter))
        h1, h2 = (fields(omega, mean, mixing_angle) for omega in (omega_1, omega_2))
        return Factors(np.arange(n), swap_angle, h1, h2, duration)
    cells, coefficients = _resolved(encounters, matter, mixing_angle, anisotropy)
    if anisotropy != 1.0:
        cells, coefficients = _without_slopes(cells, coefficients)
    k, h = cells.encounter, cells.end - cells.begin
    lasting = duration[k] > 0
    share = np.where(lasting, h / np.where(lasting, duration[k], 1.0), 1.0)
    h1, h2 = (_fields(omega[k], coefficients, h, mixing_angle) for omega in (omega_1, omega_2))
    return Factors(k, share * swap_angle[k], h1, h2, h)


def gates(
    encounters: Lasting, matter: Profile, mixing_angle: float, anisotropy: float = 1.0
) -> NDArray[Any]:
    """``(n, 4, 4)``: the unitaries of encounters in matter, see :func:`factors`."""
    product = factors(encounters, matter, mixing_angle, anisotropy)
    n = len(encounters.start)
    if len(product.duration) == n:
        return encounter.unitary(*product[1:], anisotropy)
    result = np.tile(np.eye(4, dtype=complex), (n, 1, 1))
    for a in range(0, len(product.duration), _AT_ONCE):
        some = Factors(*(column[a : a + _AT_ONCE] for column in product))
        _multiply(some.encounter, encounter.unitary(*some[1:], anisotropy), result)
    return result


def _without_slopes(cells: _Cells, coefficients: Floats) -> tuple[_Cells, Floats]:
    """Halves of every cell in which matter is ``c_0 - 2 c_1 / 3``, then ``c_0 + 2 c_1 / 3``.

    Kicks stay whole.
    """
    into = np.where(cells.end > cells.begin, 2, 1)
    end = np.cumsum(into)
    fit = np.zeros((int(into.sum()), coefficients.shape[1]))
    slope = np.where(into == 2, 2 / 3 * coefficients[:, 1], 0.0)
    fit[end - into, 0], fit[end - 1, 0] = coefficients[:, 0] - slope, coefficients[:, 0] + slope
    return _divided(cells, into), fit


def _fields(omega: Floats, coefficients: Floats, h: Floats, mixing_angle: float) -> Floats:
    """``omega B + c_0 L - omega (h c_1 / 6) B x L``, where B x L = (L_y, -L_x, 0)."""
    result = fields(omega, coefficients[:, 0], mixing_angle)
    direction = fields(0.0, 1.0, mixing_angle)
    twist = omega * h * coefficients[:, 1] / 6
    result[:, 0] -= twist * direction[1]
    result[:, 1] += twist * direction[0]
    return result


def _resolved(
    encounters: Lasting, matter: Profile, mixing_angle: float, anisotropy: float
) -> tuple[_Cells, Floats]:
    """Cells in which matter is smooth enough for one factor each, and its ``(m, 7)`` fits."""
    omega_1, omega_2, swap_angle, start, duration = encounters
    cells = _cut_at_corners(start, duration, matter)
    strength = abs(swap_angle) * (
        1 + abs(anisotropy - 1.0) / 2
    )  # the norm of the coupling, times t
    across = np.hypot(*fields(0.0, 1.0, mixing_angle)[:2])
    vacuum = (abs(omega_1) + abs(omega_2)) / 2  # the norm of its part of H
    if anisotropy != 1.0:  # that of (a - 1) (theta / t) ZZ / 2, whose commutator is twice as large
        vacuum = vacuum + abs(anisotropy - 1.0) * abs(swap_angle) / np.where(
            duration > 0, duration, 1.0
        )
    done: list[tuple[_Cells, Floats]] = []
    first, total = not isinstance(matter, Table), 0
    while len(cells.begin) or not done:
        fit = _fitted(cells, matter)
        k, h = cells.encounter, cells.end - cells.begin
        share = h / np.where(duration[k] > 0, duration[k], 1.0)
        noise = _noise(fit, h, cells.end)
        error = _error(fit, noise, h, share * strength[k], vacuum[k], across)
        allowed = TOLERANCE * share
        # the error of n factors of equal length falls as n^-4
        into = np.ones(len(h), np.int64)
        large = (error > allowed) & (h > 1e-15 * abs(cells.end))
        number = np.ceil((error[large] / allowed[large]) ** 0.25)
        into[large] = np.clip(number, 2, _CHECKED)
        if first:
            rough = h * (_off_the_fit(cells, fit, matter) - noise) > allowed
            into[rough] = _CHECKED
        fine = into == 1
        done.append((cells.some(fine), fit[fine]))
        left, into = cells.some(~fine), into[~fine]
        total += int(into.sum())
        if total > _MOST_CELLS:
            raise QnuError(
                "matter", matter, "a profile that changes less often inside the encounters"
            )
        cells, first = _divided(left, into), False
    columns = zip(*(some for some, _ in done), strict=True)
    every = _Cells(*(np.concatenate(column) for column in columns))
    fits = np.concatenate([fit for _, fit in done])
    order = np.lexsort((every.begin, every.encounter))
    return every.some(order), fits[order]


def _cut_at_corners(start: Floats, duration: Floats, matter: Profile) -> _Cells:
    """Whole encounters, or what lies between the corners of matter inside them."""
    n, end = len(start), start + duration
    corners = breakpoints(matter, -np.inf, np.inf)
    if len(corners) == 0:
        return _Cells(np.arange(n), start, end)
    low = np.searchsorted(corners, start, side="right")
    inner = np.maximum(np.searchsorted(corners, end, side="left") - low, 0)
    k = np.repeat(np.arange(n), inner + 1)
    place = np.arange(len(k)) - np.repeat(np.cumsum(inner + 1) - inner - 1, inner + 1)
    last = len(corners) - 1  # where it is taken instead of a number beyond, it is not used
    corner = np.minimum(low[k] + place, last)
    begin = np.where(place == 0, start[k], corners[np.maximum(low[k] + place, 1) - 1])
    stop = np.where(place == inner[k], end[k], corners[corner])
    return _Cells(k, begin, stop)


def _divided(cells: _Cells, into: NDArray[Any]) -> _Cells:
    """Every cell in equal parts."""
    k = np.repeat(np.arange(len(into)), into)
    place = np.arange(len(k)) - np.repeat(np.cumsum(into) - into, into)
    h = (cells.end - cells.begin)[k] / into[k]
    begin = cells.begin[k] + place * h
    last = place == into[k] - 1
    end = np.where(last, cells.end[k], cells.begin[k] + (place + 1) * h)
    return _Cells(cells.encounter[k], begin, end)


def _fitted(cells: _Cells, matter: Profile) -> Floats:
    """``(m, 7)`` Legendre coefficients of matter in every cell."""
    return _sampled(cells, _NODES, matter) @ _FIT


def _sampled(cells: _Cells, at: Floats, matter: Profile) -> Floats:
    middle, half = (cells.begin + cells.end) / 2, (cells.end - cells.begin) / 2
    return evaluate(matter, middle[:, None] + half[:, None] * at, "matter")


def _off_the_fit(cells: _Cells, fit: Floats, matter: Profile) -> Floats:
    """How far matter is from its fit, at times in between."""
    result: Floats = abs(_sampled(cells, _BETWEEN, matter) - fit @ _VALUES).max(axis=1)
    return result


def _noise(fit: Floats, h: Floats, time: Floats) -> Floats:
    """What rounding leaves of every coefficient: that of matter, and of the time it is taken at."""
    steepest = 2 * abs(fit[:, 1:]).sum(axis=1) / np.where(h > 0, h, 1.0)
    result: Floats = 8 * np.finfo(float).eps * (abs(fit).sum(axis=1) + steepest * abs(time))
    return result


def _error(
    fit: Floats, noise: Floats, h: Floats, angle: Floats, vacuum: Floats, across: float
) -> Floats:
    """An upper bound of what one factor leaves out.

    With ``A = h (H without matter + c_0 M)``, M the matter term for lambda = 1, the next terms of
    the Magnus expansion are ``c_2 h [A, [A, M]]/60``, ``(c_1 h)^2 [[A, M], M]/60`` and
    ``c_1 h [A, [A, [A, M]]]/360``. And there is what the fit does not resolve.
    """
    slope = h * abs(fit[:, 1])
    curved = h * abs(fit[:, 2:]).sum(axis=1)
    unresolved = h * np.maximum(abs(fit[:, -2:]).sum(axis=1) - noise, 0.0)
    commutator = across * h * vacuum  # [A, M]
    spread = 2 * (angle + h * vacuum + h * abs(fit[:, 0]))  # of the eigenvalues of A
    terms = spread * curved / 60 + slope**2 / 30 + spread**2 * slope / 360
    result: Floats = unresolved + commutator * terms
    return result


@njit(nogil=True)
def _multiply(encounter_, unitaries, result):
    """Every factor onto the product of those before it."""
    old = np.empty(4, np.complex128)
    for p in range(encounter_.size):
        k = encounter_[p]
        for column in range(4):
            for row in range(4):
                old[row] = result[k, row, column]
            for row in range(4):
                total = 0.0j
                for inner in range(4):
                    total += unitaries[p, row, inner] * old[inner]
                result[k, row, column] = total
