"""Beams: a gas on a quadrature of directions about the z axis."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .angular import AngularDistribution
from .common import memory
from .common.checks import (
    Floats,
    Held,
    booleans,
    floats,
    frozen,
    integer,
    name_text,
    number_or_floats,
    whole_numbers,
)
from .errors import QnuError, Words
from .flavor import angle, flavor_direction
from .gas import NeutrinoGas, check_gas
from .group import LARGEST_WEIGHT, LONGEST_NAME, SMALLEST_WEIGHT, WEIGHT, check_lengths

#: Memory that a beam takes, with what is computed on the way.
BYTES_PER_BEAM = 300
#: Cosines that differ by less than this are one angle.
_SAME_COSINE = 1e-12


@dataclass(frozen=True, eq=False)
class Beams:
    r"""B beams, each with a cosine, a weight and a polarization; axially symmetric about z.

    Beam b stands for the neutrinos of one species with :math:`v_z = c_b` and any azimuth. Two of
    them meet with

    .. math::
        \langle 1 - \mathbf v\cdot\mathbf v'\rangle = 1 - c_b c_{b'}, \qquad
        \langle (1 - \mathbf v\cdot\mathbf v')^2\rangle
        = (1 - c_b c_{b'})^2 + \tfrac12 (1 - c_b^2)(1 - c_{b'}^2).

    As in :class:`qnu.NeutrinoGas`, antineutrinos are stored as flavor isospin:
    :math:`\mathbf S` for P and :math:`-\omega` for omega. Arrays are read-only.

    Args:
        cosine: :math:`c_b`, ``(B,)`` in [-1, 1].
        weight: :math:`w_b > 0`, ``(B,)``; divided here by their sum over all beams.
        polarization: ``(B, 3)`` in the mass basis, :math:`|\mathbf P| \le 1`.
        omega: a number or ``(B,)``, in units of mu.
        group: ``(B,)`` number of the species of every beam, from 0; default: all 0.
        group_names: a name for every species; default: its number from 1.
        antineutrino: ``(B,)`` booleans; default: none.
        mixing_angle: theta_mix in radians.

    Raises:
        QnuError: shapes that differ, NaN, cosines outside of [-1, 1], weights that are not
            positive, :math:`|\mathbf P| > 1`.

    References:
        Sigl and Raffelt (1993); Kost, Johns, Duan, OILE I (PRD 109, 103037).

    Examples:
        >>> two = Beams([1.0, -1.0], [2.0, 2.0], [[0, 0, 1], [0, 0, -1]])
        >>> len(two), two.weight
        (2, array([0.5, 0.5]))
    """

    cosine: Held
    weight: Held
    polarization: Held
    omega: Held = 0.0
    group: Held = field(default=None, kw_only=True)
    group_names: tuple[str, ...] = field(default=(), kw_only=True)
    antineutrino: Held = field(default=None, kw_only=True)
    mixing_angle: float = field(default=0.0, kw_only=True)

    def __post_init__(self) -> None:
        cosine = floats("cosine", self.cosine, (None,))
        count = len(cosine)
        if count == 0:
            raise QnuError("cosine", "no beam", "at least one")
        if (abs(cosine) > 1).any():
            worst = int(np.argmax(abs(cosine)))
            raise QnuError(f"cosine[{worst}]", float(cosine[worst]), "a number in [-1, 1]")
        weight = floats("weight", self.weight, (count,))
        bad = ~((weight >= SMALLEST_WEIGHT) & (weight <= LARGEST_WEIGHT))
        if bad.any():
            worst = int(np.argmax(bad))
            raise QnuError(f"weight[{worst}]", float(weight[worst]), WEIGHT)
        weight = weight / weight.max()
        vectors = floats("polarization", self.polarization, (count, 3))
        omega = np.array(np.broadcast_to(number_or_floats("omega", self.omega, count), (count,)))
        anti = np.zeros(count, bool)
        if self.antineutrino is not None:
            anti = booleans("antineutrino", self.antineutrino, count)
        held = {
            "cosine": cosine,
            "weight": weight / weight.sum(),
            "polarization": check_lengths(vectors, "polarization"),
            "omega": omega.astype(float),
            "antineutrino": anti,
        }
        for name, array in held.items():  # -0.0 is 0.0, for equality
            object.__setattr__(self, name, frozen(array if array.dtype == bool else array + 0.0))
        object.__setattr__(self, "mixing_angle", angle(self.mixing_angle))
        self._set_groups(count)

    def _set_groups(self, count: int) -> None:
        names: Any = self.group_names
        if not isinstance(names, list | tuple):
            raise QnuError("group_names", names, "a list of names, one per group")
        names = tuple(name_text("group_names", name, LONGEST_NAME) for name in names)
        if len(set(names)) != len(names):
            raise QnuError("group_names", names, "names that differ")
        index: Any = np.zeros(count, np.int64)
        if self.group is not None:
            top = len(names) - 1 if names else count - 1
            allowed = f"numbers from 0 to {top}, of shape ({count},)"
            index = whole_numbers("group", self.group, (count,), high=top, allowed=allowed)
        groups = len(names) or int(index.max()) + 1
        empty = np.bincount(index, minlength=groups) == 0
        if empty.any():
            found = Words(f"no beam of group {int(np.argmax(empty))}")
            raise QnuError("group", found, "at least one beam in every group")
        object.__setattr__(self, "group", frozen(np.array(index, dtype=np.int64)))
        names = names or tuple(str(k + 1) for k in range(groups))
        object.__setattr__(self, "group_names", names)

    @classmethod
    def of(cls, gas: NeutrinoGas | Beams, beams: int = 32) -> Beams:
        r"""The gas on a quadrature of directions.

        A group with an angular distribution (``angular`` of :class:`qnu.Group`), or with isotropic
        velocities, becomes ``beams`` beams of weights :math:`f_g w_b`, :math:`f_g` its share; a
        group with a direction becomes one beam with :math:`c = v_z`; of a gas with given velocities
        every neutrino becomes a beam. Azimuths are averaged.

        Args:
            gas: its groups start alike where they become a quadrature; beams are returned as
                they are.
            beams: nodes for each of these groups.

        Raises:
            QnuError: right angles (no directions), a group on a quadrature whose members differ.

        Examples:
            >>> import qnu
            >>> gas = qnu.NeutrinoGas.from_groups(
            ...     [qnu.Group(6, (0, 0, 1)), qnu.Group(4, (0, 0, -1), direction=(0, 0.6, 0.8))])
            >>> Beams.of(gas, beams=3).cosine.round(3)
            array([-0.775,  0.   ,  0.775,  0.8  ])
        """
        if isinstance(gas, Beams):
            return gas
        check_gas(gas)
        beams = integer("beams", beams, low=1, high=4096)
        if gas.velocities == "right-angle":
            found = Words("velocities at right angles")
            raise QnuError("gas", found, "a gas with directions: isotropic, given, or `angular`")
        memory.require("beams", f"{len(gas)} neutrinos", BYTES_PER_BEAM * len(gas))
        parts = [_of_group(gas, g, beams) for g in range(len(gas.group_names))]
        cosine, weight, rows = (np.concatenate(part) for part in zip(*parts, strict=True))
        return beams_of_rows(gas, rows, np.clip(cosine, -1.0, 1.0), weight)

    def __len__(self) -> int:
        return len(self.cosine)

    def __repr__(self) -> str:
        counts = np.bincount(self.group, minlength=len(self.group_names))
        groups = ", ".join(
            f"{n} of {name!r}" for n, name in zip(counts, self.group_names, strict=True)
        )
        return f"<Beams: {groups}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Beams) and self.fingerprint() == other.fingerprint()

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def fingerprint(self) -> str:
        """A hash of everything in the beams, for provenance and equality."""
        return self._digest

    @cached_property
    def _digest(self) -> str:
        digest = hashlib.sha256(b"beams")
        for part in (self.cosine, self.weight, self.polarization, self.omega, self.group):
            digest.update(part.tobytes())
        digest.update(self.antineutrino.tobytes())
        digest.update(repr((self.mixing_angle, self.group_names)).encode())
        return digest.hexdigest()

    def with_polarization(self, polarization: ArrayLike) -> Beams:
        """The same beams with other polarization vectors ``(B, 3)``."""
        return replace(self, polarization=polarization)

    def lepton_number(self) -> tuple[Floats, Floats]:
        r"""The distinct cosines, growing, and at each of them :math:`\sum_b w_b\,\mathbf
        P_b\cdot\mathbf L`.

        P as stored, so antineutrinos count with the opposite sign: the lepton number of electron
        less that of x neutrinos. Without a mixing angle it is :math:`\sum_b w_b z_b`.

        Returns:
            cosines ``(K,)`` and sums ``(K,)``.
        """
        order = np.argsort(self.cosine, kind="stable")
        cosine = self.cosine[order]
        first = np.concatenate([[True], np.diff(cosine) > _SAME_COSINE])
        along = self.polarization @ flavor_direction(self.mixing_angle)
        sums = np.add.reduceat((self.weight * along)[order], np.flatnonzero(first))
        return cosine[first], sums

    def moments(self) -> Floats:
        r"""``(2, 3)``: :math:`\sum_b w_b\mathbf P_b` and :math:`\sum_b w_b c_b\mathbf P_b`.

        The mean field on beam b is :math:`\mu` times the first less :math:`c_b` times the second.
        """
        result: Floats = np.stack([self.weight, self.weight * self.cosine]) @ self.polarization
        return result

    def gas(self, azimuths: int = 4) -> NeutrinoGas:
        """A gas with ``azimuths`` neutrinos per beam, at equally spaced azimuths.

        Means over its pairs are those over all azimuths exactly (of 1 - v.v' and of its square), so
        :func:`qnu.solvers.mean_field` and :func:`qnu.solvers.kinetic` with ``partners="all"``
        solve the equations of the beams. Every beam is a group with its weight.

        Args:
            azimuths: neutrinos per beam, >= 3.

        Returns:
            a gas of ``azimuths * len(beams)`` neutrinos, groups named "species number".
        """
        azimuths = integer("azimuths", azimuths, low=3)
        count = azimuths * len(self)
        memory.require("azimuths", f"{count} neutrinos", BYTES_PER_BEAM * count)
        turn = 2 * np.pi * np.arange(azimuths) / azimuths
        sine = np.sqrt(1 - self.cosine**2)[:, None]
        up = np.broadcast_to(self.cosine[:, None], (len(self), azimuths))
        velocity = np.stack([sine * np.cos(turn), sine * np.sin(turn), up], axis=-1)
        number = np.zeros(len(self), np.int64)
        for g in range(len(self.group_names)):
            members = np.flatnonzero(self.group == g)
            number[members] = np.arange(1, len(members) + 1)
        each = zip(self.group, number, strict=True)
        return NeutrinoGas(
            np.repeat(self.polarization, azimuths, axis=0),
            np.repeat(self.omega, azimuths),
            velocity.reshape(-1, 3),
            np.repeat(np.arange(len(self)), azimuths),
            np.repeat(self.antineutrino, azimuths),
            self.mixing_angle,
            group_names=_distinct([f"{self.group_names[g]} {n}" for g, n in each]),
            weight=np.repeat(self.weight, azimuths),
        )


def beams_of_rows(gas: NeutrinoGas, rows: Any, cosine: Floats, weight: Floats) -> Beams:
    """One beam for each of the neutrinos ``rows``, which has its state and species."""
    return Beams(
        cosine,
        weight,
        gas.polarization[rows],
        gas.omega[rows],
        group=gas.group[rows],
        group_names=gas.group_names,
        antineutrino=gas.antineutrino[rows],
        mixing_angle=gas.mixing_angle,
    )


def _of_group(gas: NeutrinoGas, g: int, beams: int) -> tuple[Floats, Floats, Any]:
    """Cosines, weights and, for each, a neutrino of the group that has its state."""
    members = gas.members[g]
    share = float(gas.shares[g])
    angular = gas.angular[g] if gas.angular else None
    if angular is None and gas.velocities == "isotropic":
        directed = bool(gas.directed) and gas.directed[g]
        angular = None if directed else AngularDistribution.isotropic()
        if directed:
            angular = AngularDistribution.one(float(np.clip(gas.velocity[members[0], 2], -1, 1)))
    if angular is None:
        return gas.velocity[members, 2], np.full(len(members), share / len(members)), members
    for name, values in (("polarization", gas.polarization), ("omega", gas.omega)):
        if np.ptp(values[members], axis=0).any():
            found = Words(f"group {gas.group_names[g]!r}, whose members differ in {name}")
            raise QnuError("gas", found, "groups that start alike (a group for each value)")
    cosine, weight = angular.quadrature(beams)
    return cosine, share * weight, np.full(len(cosine), members[0])


def _distinct(names: list[str]) -> tuple[str, ...]:
    """The names; numbered where two are the same, or one is longer than a name may be."""
    if len(set(names)) == len(names) and max(map(len, names)) <= LONGEST_NAME:
        return tuple(names)
    return tuple(str(k) for k in range(1, len(names) + 1))


def check_beams(gas: Any, beams: int = 32) -> Beams:
    """Beams, or those of a gas; an error for anything else."""
    if not isinstance(gas, Beams | NeutrinoGas):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas or qnu.Beams")
    return Beams.of(gas, beams)
