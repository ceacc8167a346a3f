"""Averages over the partners of a neutrino: sums ``sum_j w_ij f(1 - v_i.v_j) P_j``.

Rows are neutrinos, or groups with moments of ``1 - v.v'`` from the velocity distribution.
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
#: Members of a group are alike where they differ by no more than this.
ALIKE = 1e-9


@dataclass(frozen=True)
class Rows:
    """What evolves: one row per neutrino or per group."""

    gas: NeutrinoGas
    resolve: str
    partners: str
    polarization: Floats  # (rows, 3)
    omega: Floats  # (rows,)
    count: Floats  # (rows,) neutrinos per row
    background: int | None  # the row that never changes, partner of all others
    encounters: Floats  # (rows, 1) mean number of encounters per t_int


@dataclass(frozen=True)
class Average:
    """``P -> sum_j w_ij f_ij P_j``, with the row sums of ``w_ij f_ij``."""

    apply: Callable[[Floats], Floats]
    sums: Floats  # (rows, 1)


def rows(
    gas: NeutrinoGas, resolve: str, partners: str, background: int | str | None = None
) -> Rows:
    """Validated rows of a gas; at group level the members of a group must start alike."""
    check_gas(gas)
    choice("resolve", resolve, ("group", "neutrino"))
    choice("partners", partners, PARTNERS)
    if partners == "across" and len(gas.members) != 2:
        raise QnuError("partners", partners, "'others' or 'all' unless there are two groups, beams")
    if partners == "others" and len(gas) < 2 and background is None:
        partners = "all"  # a single neutrino has no partner either way
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
                raise by_group(what)
    row = None if background is None else _background_row(gas, resolve, background)
    each = np.ones((len(omega), 1))
    if partners == "across":
        group = gas.group if resolve == "neutrino" else np.arange(2)
        each = (gas.counts[1 - group] / gas.counts.max())[:, None]
    return Rows(gas, resolve, partners, vectors, omega, count, row, each)


def group_with_spectrum(gas: NeutrinoGas, tolerance: float = ALIKE) -> str | None:
    """The name of the first group whose members' frequencies differ by more than a tolerance."""
    for members, name in zip(gas.members, gas.group_names, strict=True):
        if np.ptp(gas.omega[members]) > tolerance:
            return str(name)
    return None


def by_group(what: str) -> QnuError:
    """Members of a group that differ, where one vector stands for all of them."""
    allowed = f"groups whose members have one {what}; or resolve = 'neutrino'"
    return QnuError("resolve", Words("'group' (the default)"), allowed)


def _background_row(gas: NeutrinoGas, resolve: str, background: int | str) -> int:
    if isinstance(background, str):
        if background not in gas.group_names:
            raise QnuError("background", background, f"a group of the gas: {gas.group_names}")
        group = gas.group_names.index(background)
        return group if resolve == "group" else int(gas.members[group][0])
    index = integer("background", background, high=len(gas) - 1)
    return index if resolve == "neutrino" else int(gas.group[index])


def average(rows: Rows, function: Angular, isotropic: float, *, linear: bool = False) -> Average:
    """The average of ``function(1 - v.v')`` times P over partners.

    Args:
        rows: what evolves.
        function: f, vectorised, with f(0) = 0.
        isotropic: its mean over isotropic velocities, for groups.
        linear: f is the identity, so moments of v do instead of a matrix.
    """
    gas, n = rows.gas, len(rows.gas)
    others = rows.partners == "others"
    if rows.resolve == "neutrino" and rows.background is None and rows.partners != "across":
        weight = 1.0 / (n - 1 if others else n)
        if gas.velocity is None:
            return _uniform(float(function(np.ones(1))[0]) * weight, n)
        if linear:
            return _moments(gas.velocity, weight)
    if rows.resolve == "neutrino":
        memory.require("neutrinos", n, 8 * n * n * 3)
    return _matrix(_weights(rows, function, isotropic))


def _uniform(weight: float, n: int) -> Average:
    def apply(vectors: Floats) -> Floats:
        result: Floats = weight * (vectors.sum(axis=0) - vectors)
        return result

    return Average(apply, np.full((n, 1), weight * (n - 1)))


def _moments(velocity: Floats, weight: float) -> Average:
    """``sum_j (1 - v_i.v_j) P_j`` from ``sum_j P_j`` and ``sum_j v_j P_j``: N operations."""

    def apply(vectors: Floats) -> Floats:
        result: Floats = weight * (vectors.sum(axis=0) - velocity @ (velocity.T @ vectors))
        return result

    n = len(velocity)
    sums: Floats = weight * (n - velocity @ velocity.sum(axis=0))
    return Average(apply, sums[:, None])


def _matrix(matrix: Floats) -> Average:
    def apply(vectors: Floats) -> Floats:
        result: Floats = matrix @ vectors
        return result

    return Average(apply, matrix.sum(axis=1, keepdims=True))


def _weights(rows: Rows, function: Angular, isotropic: float) -> Floats:
    gas, n = rows.gas, len(rows.gas)
    others = rows.partners == "others"
    index = np.arange(n)
    if rows.resolve == "neutrino":
        if rows.background is not None:
            matrix = np.zeros((n, n))
            matrix[:, rows.background] = function(gas.one_minus_cos(index, rows.background))
        elif rows.partners == "across":
            matrix = function(gas.one_minus_cos(index[:, None], index)) / gas.counts.max()
            matrix[gas.group[:, None] == gas.group] = 0.0
        else:
            matrix = function(gas.one_minus_cos(index[:, None], index)) / (n - 1 if others else n)
            np.fill_diagonal(matrix, 0.0)
    elif rows.background is not None:
        matrix = np.zeros((len(rows.count),) * 2)
        matrix[:, rows.background] = between(gas, function, isotropic)[:, rows.background]
    elif rows.partners == "across":
        share = np.array([[0.0, rows.count[1]], [rows.count[0], 0.0]]) / rows.count.max()
        matrix = share * between(gas, function, isotropic)
    else:
        share = np.tile(rows.count, (len(rows.count), 1))
        share = (share - np.eye(len(rows.count))) / (n - 1) if others else share / n
        matrix = share * between(gas, function, isotropic, others)
    if rows.background is not None:
        matrix[rows.background] = 0.0
    return matrix


def between(gas: NeutrinoGas, function: Angular, isotropic: float, others: bool = True) -> Floats:
    """``(groups, groups)`` mean of f over pairs of neutrinos of two groups."""
    groups = len(gas.members)
    if gas.velocities == "right-angle":
        return np.full((groups, groups), float(function(np.ones(1))[0]))
    if gas.velocities == "isotropic":
        return np.full((groups, groups), isotropic)
    result = np.zeros((groups, groups))
    for g, one in enumerate(gas.members):
        for h, two in enumerate(gas.members):
            pairs = len(one) * (len(two) - (1 if g == h and others else 0))
            # f(0) = 0, so a neutrino with itself adds nothing to the sum
            total = sum(float(function(gas.one_minus_cos(i, two)).sum()) for i in one)
            result[g, h] = total / max(pairs, 1)
    return result
