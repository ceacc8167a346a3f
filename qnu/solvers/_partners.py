"""Averages over the partners of a neutrino: sums ``sum_j r_ij f(1 - v_i.v_j) P_j``.

Rows are neutrinos, or groups with moments of ``1 - v.v'`` from the velocity distribution.

With weights w_i, ``W = sum_i w_i``, ``r_ij`` is the number of encounters with j per t_int:

- "all": ``w_j / W``;
- "others": pairs i != j meet in proportion to ``w_i w_j``, so many that a neutrino has one
  encounter per t_int in the weighted mean over the gas: ``w_j / D``, ``D = W - sum_i w_i^2 / W``
  (N - 1 for equal weights of any size);
- "across": ``w_j / max(W_1, W_2)``, W_1 and W_2 the sums over the two beams.

In each of them ``w_i r_ij`` is symmetric: an encounter of i with j is one of j with i. That is why
``sum_i w_i P_i`` and the energy of the mean field are conserved. (``w_j / (W - w_i)``, one
encounter for everyone, is not reciprocal: the total would drift by O(1/N).)
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from ..common import memory
from ..common.checks import Floats, choice, integer
from ..errors import QnuError, Words
from ..gas import NeutrinoGas, check_gas

Angular = Callable[[Floats], Floats]

PARTNERS = ("others", "all", "across")
RESOLVE = ("group", "neutrino")
#: A spectrum of so many frequencies can be as many groups of miscidynamics, in seconds; else bins.
_FEW, _BINS = 20, 10
#: Members of a group are alike where they differ by no more than this.
ALIKE = 1e-9
#: ``D`` below which "others" has no meaning: one neutrino has nearly all of the weight, which
#: counts as 1 here, and the others would meet nobody but it, 1/D times per t_int.
_LONELY = 1e-3


@dataclass(frozen=True)
class Rows:
    """What evolves: one row per neutrino or per group."""

    gas: NeutrinoGas
    resolve: str
    partners: str
    polarization: Floats  # (rows, 3)
    omega: Floats  # (rows,)
    weight: Floats  # (rows,) w of each neutrino of the row, the largest 1
    count: Floats  # (rows,) neutrinos per row
    background: int | None  # the row that never changes, partner of all others
    encounters: Floats  # (rows, 1) mean number of encounters per t_int

    @property
    def acting(self) -> Floats:
        """``(rows,)``: as how many neutrinos each row acts, over the largest weight."""
        return self.weight * self.count

    @property
    def norm(self) -> float:
        """What the weights of the partners are divided by: W or D."""
        return _others_of(self.gas) if self.partners == "others" else _total_of(self.gas)


def _weights_of(gas: NeutrinoGas) -> Floats:
    """``(N,)``: the largest 1, since only ratios count."""
    return np.ones(len(gas)) if gas.weight is None else gas.weight / gas.weight.max()


def _total_of(gas: NeutrinoGas) -> float:
    """``W = sum_i w_i``."""
    return float(len(gas)) if gas.weight is None else float(_weights_of(gas).sum())


def _others_of(gas: NeutrinoGas) -> float:
    """``D = W - sum_i w_i^2 / W = (2 / W) sum_{i<j} w_i w_j``; a sum without cancellation."""
    if gas.weight is None:
        return float(len(gas) - 1)
    weight = _weights_of(gas)
    return float(2 * (weight[1:] @ np.cumsum(weight)[:-1]) / weight.sum())


@dataclass(frozen=True)
class Average:
    """``P -> sum_j w_ij f_ij P_j``, with the row sums of ``w_ij f_ij``."""

    apply: Callable[[Floats], Floats]
    sums: Floats  # (rows, 1)


def rows(
    gas: NeutrinoGas, resolve: str | None, partners: str, background: int | str | None = None
) -> Rows:
    """Validated rows of a gas; at group level the members of a group must start alike."""
    check_gas(gas)
    given = resolve is not None
    resolve = chosen(gas) if resolve is None else choice("resolve", resolve, RESOLVE)
    choice("partners", partners, PARTNERS)
    if partners == "across" and len(gas.members) != 2:
        raise QnuError("partners", partners, "'others' or 'all' unless there are two groups, beams")
    if partners == "others" and len(gas) < 2 and background is None:
        partners = "all"  # a single neutrino has no partner either way
    if partners == "others" and background is None and not _others_of(gas) > _LONELY:
        found = Words("'others' in a gas of which one neutrino is nearly all of the weight")
        raise QnuError("partners", found, "'all' (an infinite gas), or other weights")
    if resolve == "neutrino":
        vectors, omega, count = gas.polarization, gas.omega, np.ones(len(gas))
    else:
        vectors, omega = gas.group_means(), gas.group_means(gas.omega)
        count = gas.counts.astype(float)
        for what, values, means in (
            ("omega", gas.omega[:, None], omega[:, None]),
            ("polarization", gas.polarization, vectors),
        ):
            apart = abs(values - means[gas.group]).max()
            if apart > ALIKE:
                raise by_group(what, given)
    row = None if background is None else _background_row(gas, resolve, background)
    group = gas.group if resolve == "neutrino" else np.arange(len(gas.group_names))
    weights = gas.group_weights / gas.group_weights.max()
    each = np.ones((len(omega), 1))
    if partners == "across":
        beams = weights * gas.counts
        each = (beams[1 - group] / beams.max())[:, None]
    return Rows(gas, resolve, partners, vectors, omega, weights[group], count, row, each)


def chosen(gas: NeutrinoGas) -> str:
    """What ``resolve=None`` is: one row per neutrino where a group has a spectrum."""
    return "group" if group_with_spectrum(gas) is None else "neutrino"


def why_chosen(gas: NeutrinoGas, resolve: str | None = None) -> str | None:
    """Why there is one row per neutrino where nobody asked for it; None: it is not so."""
    name = group_with_spectrum(gas) if resolve is None else None
    if name is None:
        return None
    return f"group {name} has a spectrum, so one vector per neutrino (resolve = 'neutrino')"


def group_with_spectrum(gas: NeutrinoGas, tolerance: float = ALIKE) -> str | None:
    """The name of the first group whose members' frequencies differ by more than a tolerance."""
    for members, name in zip(gas.members, gas.group_names, strict=True):
        if np.ptp(gas.omega[members]) > tolerance:
            return str(name)
    return None


def binned(gas: NeutrinoGas) -> str:
    """What miscidynamics needs of a group with a spectrum, with a number of groups to take."""
    members = gas.members[gas.group_names.index(str(group_with_spectrum(gas)))]
    values = len(np.unique(gas.omega[members]))
    what = "one omega per group (one group for each energy"
    if values <= _FEW:
        return f"{what}: {values} here)"
    return f"{what}; of these {values} such as {_BINS} groups, each with the mean of its bin)"


def by_group(what: str, given: bool = True) -> QnuError:
    """Members of a group that differ, where one vector stands for all of them."""
    allowed = f"groups whose members have one {what}; or resolve = 'neutrino'"
    return QnuError("resolve", Words("'group'" if given else "'group' (the default)"), allowed)


def _background_row(gas: NeutrinoGas, resolve: str, background: int | str) -> int:
    if isinstance(background, str):
        if background not in gas.group_names:
            raise QnuError("background", background, f"a group of the gas: {gas.group_names}")
        group = gas.group_names.index(background)
        return group if resolve == "group" else int(gas.members[group][0])
    index = integer("background", background, high=len(gas) - 1)
    return index if resolve == "neutrino" else int(gas.group[index])


#: Exact for powers of 1 - v.v' below this one.
_AZIMUTHS = 32


def average(rows: Rows, function: Angular, isotropic: float, *, linear: bool = False) -> Average:
    """The average of ``function(1 - v.v')`` times P over partners.

    Args:
        rows: what evolves.
        function: f, vectorised, with f(0) = 0.
        isotropic: its mean over isotropic velocities, for groups.
        linear: f is the identity, so moments of v do instead of a matrix.
    """
    gas, n = rows.gas, len(rows.gas)
    if rows.resolve == "neutrino" and rows.background is None and rows.partners != "across":
        factor = 1.0 / rows.norm
        if gas.velocity is None:
            return _uniform(float(function(np.ones(1))[0]) * factor, rows.weight)
        if linear:
            return _moments(gas.velocity, factor, rows.weight)
    if rows.resolve == "neutrino":
        memory.require("neutrinos", n, 8 * n * n * 3)
    return _matrix(_rates(rows, function, isotropic))


def _uniform(factor: float, weight: Floats) -> Average:
    """``factor sum_{j != i} w_j P_j``."""

    def apply(vectors: Floats) -> Floats:
        acting = weight[:, None] * vectors
        result: Floats = factor * (acting.sum(axis=0) - acting)
        return result

    return Average(apply, (factor * (weight.sum() - weight))[:, None])


def _moments(velocity: Floats, factor: float, weight: Floats) -> Average:
    """``sum_j w_j (1 - v_i.v_j) P_j`` from the sums of ``w_j P_j`` and ``w_j v_j P_j``: N
    operations.
    """

    def apply(vectors: Floats) -> Floats:
        acting = weight[:, None] * vectors
        result: Floats = factor * (acting.sum(axis=0) - velocity @ (velocity.T @ acting))
        return result

    sums: Floats = factor * (weight.sum() - velocity @ (weight @ velocity))
    return Average(apply, sums[:, None])


def _matrix(matrix: Floats) -> Average:
    def apply(vectors: Floats) -> Floats:
        result: Floats = matrix @ vectors
        return result

    return Average(apply, matrix.sum(axis=1, keepdims=True))


def _rates(rows: Rows, function: Angular, isotropic: float) -> Floats:
    """``(rows, rows)``: ``r_ij`` times the mean of f."""
    gas, acting = rows.gas, rows.acting
    others = rows.partners == "others"
    index = np.arange(len(gas))
    if rows.resolve == "neutrino":
        if rows.background is not None:
            matrix = np.zeros((len(gas),) * 2)
            matrix[:, rows.background] = function(gas.one_minus_cos(index, rows.background))
        elif rows.partners == "across":
            beams = np.bincount(gas.group, acting)
            matrix = function(gas.one_minus_cos(index[:, None], index)) * acting / beams.max()
            matrix[gas.group[:, None] == gas.group] = 0.0
        else:
            matrix = function(gas.one_minus_cos(index[:, None], index)) * acting / rows.norm
            np.fill_diagonal(matrix, 0.0)
    elif rows.background is not None:
        matrix = np.zeros((len(rows.count),) * 2)
        matrix[:, rows.background] = between(gas, function, isotropic)[:, rows.background]
    elif rows.partners == "across":
        share = np.array([[0.0, acting[1]], [acting[0], 0.0]]) / acting.max()
        matrix = share * between(gas, function, isotropic)
    else:
        share = np.tile(acting, (len(acting), 1))
        if others:
            share -= np.diag(rows.weight)
        matrix = share / rows.norm * between(gas, function, isotropic, others)
    if rows.background is not None:
        matrix[rows.background] = 0.0
    return matrix


def between(gas: NeutrinoGas, function: Angular, isotropic: float, others: bool = True) -> Floats:
    """``(groups, groups)`` mean of f over pairs of neutrinos of two groups.

    Over a distribution of directions (:attr:`qnu.Group.angular`), as over isotropic velocities, it
    is that of an infinite gas, whatever was drawn.
    """
    groups = len(gas.members)
    if gas.velocities == "right-angle":
        return np.full((groups, groups), float(function(np.ones(1))[0]))
    drawn = gas.velocities == "isotropic"
    directed = gas.directed or (not drawn,) * groups
    angular = gas.angular or (None,) * groups
    known = [one or spread is not None for one, spread in zip(directed, angular, strict=True)]
    result = np.full((groups, groups), isotropic)
    for g, one in enumerate(gas.members):
        for h, two in enumerate(gas.members):
            if not (known[g] and known[h]):
                continue  # one of the two velocities is isotropic, and so is the angle
            if angular[g] is not None or angular[h] is not None:
                cosines = (_cosines(gas, g), _cosines(gas, h))
                result[g, h] = _axial_mean(function, *cosines)
                continue
            pairs = len(one) * (len(two) - (1 if g == h and others else 0))
            # f(0) = 0, so a neutrino with itself adds nothing to the sum
            total = sum(float(function(gas.one_minus_cos(i, two)).sum()) for i in one)
            result[g, h] = total / max(pairs, 1)
    return result


def _cosines(gas: NeutrinoGas, group: int) -> tuple[Floats, Floats]:
    """Cosines of a group to the z axis, and their weights, of sum 1."""
    spread = gas.angular[group]
    if spread is not None:
        return spread.nodes()
    assert gas.velocity is not None
    values, counts = np.unique(gas.velocity[gas.members[group], 2], return_counts=True)
    return np.clip(values, -1.0, 1.0), counts / counts.sum()


def _axial_mean(
    function: Angular, first: tuple[Floats, Floats], second: tuple[Floats, Floats]
) -> float:
    """The mean of f over both distributions, at all differences of azimuth."""
    (one, weight), (two, acting) = first, second
    turn = np.cos(2 * np.pi * (np.arange(_AZIMUTHS) + 0.5) / _AZIMUTHS)
    across, total = np.sqrt(1 - two**2), 0.0
    for c, w in zip(one, weight, strict=True):
        u = 1 - c * two[:, None] - np.sqrt(1 - c**2) * across[:, None] * turn
        total += w * float(acting @ function(np.maximum(u, 0.0)).mean(axis=1))
    return total
