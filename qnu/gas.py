"""The gas: polarization, vacuum frequency, velocity and group of every neutrino."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .angular import AngularDistribution
from .common import memory
from .common.checks import (
    Floats,
    Held,
    booleans,
    choice,
    finite,
    floats,
    frozen,
    generator,
    number,
    whole_numbers,
)
from .errors import QnuError, Words
from .flavor import FLAVORS, angle, fields, flavor_direction
from .group import (
    LENGTH_TOLERANCE,
    Group,
    check_angular,
    check_lengths,
    check_speeds,
    member_weights,
    numbered_groups,
    velocities_of,
)

__all__ = ["FLAVORS", "Group", "NeutrinoGas", "fields", "flavor_direction"]

#: Memory that a gas takes, with what is computed on the way.
BYTES_PER_NEUTRINO = 200


@runtime_checkable
class Sampled(Protocol):
    """Polarizations at sample times: a :class:`~qnu.Trajectory`, which is built of gases."""

    @property
    def times(self) -> Floats:
        """Sample times."""

    def at(self, time: float | None = None) -> Floats:
        """``(neutrinos, 3)`` at one of them."""


@dataclass(frozen=True, eq=False)
class NeutrinoGas:
    r"""N neutrinos, each with a polarization vector, as in
    :math:`\rho = (1 + \mathbf P\cdot\boldsymbol\sigma)/2`.

    Everything is kept in the representation that the equations use. For antineutrinos that is
    flavor isospin: :math:`\mathbf S` for P and :math:`-\omega` for omega; build such gases with
    :meth:`from_groups`, which converts. Arrays are read-only.

    Args:
        polarization: ``(N, 3)`` in the mass basis, :math:`|\mathbf P| \le 1`.
        omega: ``(N,)`` in units of mu; B = (0, 0, -1), so :math:`H = -(\omega/2)\,\sigma_z`.
        velocity: ``(N, 3)`` unit vectors, or None: right angles, every
            :math:`1 - \mathbf v\cdot\mathbf v' = 1`.
        group: ``(N,)`` labels; default: all in one group.
        antineutrino: ``(N,)`` booleans; default: none. True where isospin is stored.
        mixing_angle: theta_mix in radians.
        weight: ``(N,)`` numbers > 0, equal within a group, or None: all 1 (see
            :class:`Group`). Given as all 1 they become None.
        directed: in a gas with ``velocities="isotropic"``, for every group whether its neutrinos
            have one given direction; default: none of them.
        angular: for every group the :class:`qnu.AngularDistribution` of its velocities, or None
            where it has none; default: none of them. Group-level methods average over it.

    Raises:
        QnuError: shapes that differ, NaN, :math:`|\mathbf P| > 1`, velocities that are not unit
            vectors, weights (or directions of a directed group) that differ within a group.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Sigl and Raffelt (1993).

    Examples:
        >>> gas = NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.1, 0.2])
        >>> len(gas), gas.group_names
        (2, ('1',))
    """

    polarization: Held
    omega: Held
    velocity: Held = None
    group: Held = None
    antineutrino: Held = None
    mixing_angle: float = 0.0
    group_names: tuple[str, ...] = field(default=(), kw_only=True)
    #: "right-angle", "isotropic" (moments 1 and 4/3 at group level) or "given".
    velocities: str = field(default="", kw_only=True)
    weight: Held = field(default=None, kw_only=True)
    directed: tuple[bool, ...] = field(default=(), kw_only=True)
    angular: tuple[AngularDistribution | None, ...] = field(default=(), kw_only=True)

    def __post_init__(self) -> None:
        vectors = floats("polarization", self.polarization, (None, 3))
        count = len(vectors)
        if count == 0:
            raise QnuError("polarization", "no neutrino", "at least one")
        set_ = object.__setattr__
        set_(self, "polarization", frozen(check_lengths(vectors, "polarization")))
        set_(self, "omega", frozen(floats("omega", self.omega, (count,))))
        kind: Any = self.velocities
        if isinstance(kind, str) and not kind:
            kind = "right-angle" if self.velocity is None else "given"
        set_(self, "velocities", choice("velocities", kind, ("right-angle", "isotropic", "given")))
        if self.velocity is not None:
            velocity = floats("velocity", self.velocity, (count, 3))
            set_(self, "velocity", frozen(check_speeds(velocity)))
        elif kind != "right-angle":
            raise QnuError("velocities", kind, "'right-angle' where no velocity is given")
        set_(self, "mixing_angle", angle(self.mixing_angle))
        anti = np.zeros(count, bool)
        if self.antineutrino is not None:
            anti = booleans("antineutrino", self.antineutrino, count)
        set_(self, "antineutrino", frozen(anti))
        self._set_groups(count)
        if self.weight is not None:
            weight = member_weights(self.weight, self.group, self.group_names)
            set_(self, "weight", None if (weight == 1).all() else frozen(weight))
        self._set_directed()
        self._set_angular()

    def _set_groups(self, count: int) -> None:
        index, names = numbered_groups(self.group, self.group_names, count)
        object.__setattr__(self, "group", frozen(index))
        object.__setattr__(self, "group_names", names)

    def _set_directed(self) -> None:
        if isinstance(self.directed, tuple) and not self.directed:
            return
        directed = booleans("directed", self.directed, len(self.group_names))
        if self.velocities != "isotropic":
            raise QnuError("directed", self.directed, "nothing unless velocities are 'isotropic'")
        for name, members, one in zip(self.group_names, self.members, directed, strict=True):
            if one and self.velocity is not None and np.ptp(self.velocity[members], axis=0).any():
                found = Words(f"True for group {name!r}, whose members differ")
                raise QnuError("directed", found, "groups with one velocity")
        object.__setattr__(self, "directed", tuple(directed.tolist()) if directed.any() else ())

    def _set_angular(self) -> None:
        given, count = self.angular, len(self.group_names)
        if not isinstance(given, list | tuple) or len(given) not in (0, count):
            raise QnuError("angular", given, f"nothing, or one for each of {count} groups")
        kept = tuple(a if a is None else check_angular("angular", a) for a in given)
        if any(kept) and self.velocity is None:
            raise QnuError("angular", Words("distributions of directions"), "velocities as well")
        object.__setattr__(self, "angular", kept if any(kept) else ())

    @classmethod
    def from_groups(
        cls,
        groups: Sequence[Group],
        velocities: str | ArrayLike | Callable[[np.random.Generator], ArrayLike] = "isotropic",
        mixing_angle: float | None = None,
        seed: int | np.random.SeedSequence | None = None,
    ) -> NeutrinoGas:
        r"""A gas from groups of neutrinos that start alike.

        Args:
            groups: the groups, in the order in which their neutrinos are numbered.
            velocities: ``"isotropic"`` (drawn with ``seed``), ``"right-angle"`` (every
                :math:`1 - \mathbf v\cdot\mathbf v' = 1`), an array ``(N, 3)`` of unit vectors, or a
                sampler ``rng -> (N, 3)``. Where groups have a ``direction`` or ``angular``, only
                for the neutrinos of the others: ``"isotropic"``, or a sampler of so many vectors.
            mixing_angle: theta_mix in radians; needed by groups given by flavor.
            seed: for drawing velocities.

        Returns:
            the gas, antineutrinos converted to flavor isospin.

        Raises:
            QnuError: no group, two groups of one name, a flavor without mixing angle, more
                neutrinos than the memory holds, a ``direction`` beside right angles or an array.

        References:
            Kost, Johns, Duan, OILE I (PRD 109, 103037).

        Examples:
            >>> gas = NeutrinoGas.from_groups(
            ...     [Group(6, flavor="electron", omega=0.1), Group(4, flavor="x", omega=0.2)],
            ...     velocities="right-angle", mixing_angle=0.1)
            >>> gas.group_means()[:, 2].round(4)
            array([ 0.9801, -0.9801])
        """
        if not (isinstance(groups, list | tuple) and all(isinstance(g, Group) for g in groups)):
            raise QnuError("groups", groups, "a list of qnu.Group")
        if not groups:
            raise QnuError("groups", [], "at least one group")
        counts = [group.count for group in groups]
        memory.require("groups", f"{sum(counts)} neutrinos", BYTES_PER_NEUTRINO * sum(counts))
        stored = [group.stored(mixing_angle) for group in groups]
        names = [g.name if g.name is not None else str(k) for k, g in enumerate(groups, start=1)]
        if len(set(names)) != len(names):
            raise QnuError("group name", names, "names that differ")
        velocity, kind, directed = velocities_of(groups, velocities, generator(seed))
        return cls(
            np.repeat([p for p, _ in stored], counts, axis=0),
            np.concatenate([w for _, w in stored]),
            velocity,
            np.repeat(np.arange(len(groups)), counts),
            np.repeat([bool(g.antineutrino) for g in groups], counts),
            0.0 if mixing_angle is None else mixing_angle,
            group_names=tuple(names),
            velocities=kind,
            weight=np.repeat([group.weight for group in groups], counts),
            directed=directed,
            angular=tuple(group.angular for group in groups),
        )

    def __len__(self) -> int:
        return len(self.omega)

    def __repr__(self) -> str:
        each = zip(self.counts, self.group_names, self.group_weights, strict=True)
        groups = ", ".join(
            f"{n} in {name!r}" + (f" (weight {w:g})" if w != 1 else "") for n, name, w in each
        )
        return f"<NeutrinoGas of {len(self)}: {groups}; {self.about_velocities}>"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, NeutrinoGas) and self.fingerprint() == other.fingerprint()

    def __hash__(self) -> int:
        return hash(self.fingerprint())

    def fingerprint(self) -> str:
        """A hash of everything in the gas, for provenance and equality."""
        return self._digest

    @cached_property
    def _digest(self) -> str:  # nothing in a gas can change
        digest = hashlib.sha256()
        for part in (self.polarization, self.omega, self.velocity, self.group, self.antineutrino):
            digest.update(b"none" if part is None else part.tobytes())
        digest.update(repr((self.mixing_angle, self.group_names, self.velocities)).encode())
        if self.weight is not None:  # gases without weights keep the hash of earlier versions
            digest.update(b"weight" + self.weight.tobytes())
        if self.directed:
            digest.update(b"directed" + bytes(self.directed))
        if self.angular:
            digest.update(b"angular" + repr(self.angular).encode())
        return digest.hexdigest()

    @property
    def about_velocities(self) -> str:
        """How the velocities came about, in words, such as ``"isotropic velocities"``."""
        beams = [n for n, one in zip(self.group_names, self.directed, strict=False) if one]
        but = f", but one direction in {', '.join(map(repr, beams))}" if beams else ""
        if any(self.angular):
            own = [n for n, one in zip(self.group_names, self.angular, strict=True) if one]
            but += f", distributed about z in {', '.join(map(repr, own))}"
        return f"{self.velocities} velocities{but}"

    @property
    def drawn_velocities(self) -> bool:
        """Whether velocities are random: isotropic ones, or from an angular distribution."""
        return self.velocities == "isotropic" or bool(self.angular)

    @property
    def members(self) -> tuple[NDArray[np.int64], ...]:
        """Indices of the neutrinos of every group."""
        return tuple(np.flatnonzero(self.group == k) for k in range(len(self.group_names)))

    @property
    def counts(self) -> NDArray[np.int64]:
        """``(groups,)`` number of neutrinos in every group."""
        return np.bincount(self.group, minlength=len(self.group_names))

    @property
    def group_weights(self) -> Floats:
        """``(groups,)`` weight of the neutrinos of every group: 1 where none is given."""
        weights = np.ones(len(self.group_names))
        if self.weight is not None:
            weights[self.group] = self.weight
        return weights

    @property
    def shares(self) -> Floats:
        r"""``(groups,)`` shares :math:`f_i = w_i n_i/\sum_j w_j n_j` in means over the gas."""
        shares: Floats = self.counts / len(self)
        if self.weight is not None:
            shares = shares * (self.group_weights / self.weight.max())
            shares /= shares.sum()
        return shares

    def one_minus_cos(self, first: Any, second: Any) -> Floats:
        r""":math:`1 - \mathbf v\cdot\mathbf v'` of pairs, given by index arrays; 1 at right angles.

        Raises:
            QnuError: numbers that are not of neutrinos, shapes that do not fit together.
        """
        one, two = self._indices("first", first), self._indices("second", second)
        try:
            shape = np.broadcast_shapes(one.shape, two.shape)
        except ValueError:
            shapes = f"shapes {one.shape} and {two.shape}"
            raise QnuError("second", shapes, "shapes that broadcast together") from None
        if self.velocity is None:
            return np.ones(shape)
        cosine: Floats = np.einsum("...k,...k", self.velocity[one], self.velocity[two])
        return 1.0 - cosine

    def _indices(self, name: str, given: Any) -> NDArray[np.int64]:
        allowed = f"numbers of neutrinos, from 0 to {len(self) - 1}"
        return whole_numbers(name, given, None, high=len(self) - 1, allowed=allowed)

    def group_means(self, values: Floats | None = None) -> Floats:
        """``(groups, ...)`` means of ``(N, ...)`` values (default: the polarization).

        Raises:
            QnuError: values that are not finite numbers, one row per neutrino.
        """
        data = self.polarization
        if values is not None:
            data = finite("values", values)
            if data.shape[:1] != (len(self),):
                raise QnuError("values", f"shape {data.shape}", f"shape ({len(self)}, ...)")
        return np.stack([data[m].mean(axis=0) for m in self.members])

    def is_pure(self, tolerance: float = LENGTH_TOLERANCE) -> bool:
        r"""True where every :math:`|\mathbf P| = 1`."""
        tolerance = number("tolerance", tolerance, low=0.0)
        lengths = np.linalg.norm(self.polarization, axis=1)
        return bool((abs(lengths - 1) <= tolerance).all())

    def require_pure(self, where: str) -> None:
        """An error, which names the solvers for mixed states, where a state is mixed."""
        if self.is_pure():
            return
        worst = int(np.argmax(abs(np.linalg.norm(self.polarization, axis=1) - 1)))
        raise QnuError(
            f"polarization[{worst}]",
            [round(float(x), 6) for x in self.polarization[worst]],
            f"|P| = 1 in {where} (mixed states: use independent, kinetic or mean_field)",
        )

    def with_polarization(self, polarization: ArrayLike) -> NeutrinoGas:
        """The same neutrinos with other polarization vectors ``(N, 3)``."""
        return replace(self, polarization=polarization)

    def at(self, trajectory: Sampled, time: float | None = None) -> NeutrinoGas:
        """The gas with the polarizations of a Trajectory at its last (or the given) sample.

        This is the whole state of mean_field, kinetic and independent, which can continue from it.

        Args:
            trajectory: of this gas, with one row per neutrino (not per group).
            time: a sample time; default: the last one.

        Returns:
            the gas at that time.

        Raises:
            QnuError: another number of neutrinos, no such sample.

        Examples:
            >>> import qnu
            >>> gas = NeutrinoGas([[1, 0, 0]], omega=[1.0])
            >>> half = qnu.solvers.mean_field(gas, [0, 1.0], resolve="neutrino")
            >>> gas.at(half).polarization.round(3)
            array([[ 0.54 , -0.841,  0.   ]])
        """
        if not isinstance(trajectory, Sampled):
            raise QnuError("trajectory", trajectory, "a qnu.Trajectory")
        vectors = trajectory.at(time)
        if vectors.shape != self.polarization.shape:
            raise QnuError(
                "trajectory", f"{len(vectors)} rows", f"one row per neutrino ({len(self)})"
            )
        return self.with_polarization(vectors)


def check_gas(gas: Any) -> NeutrinoGas:
    """The gas; an error for anything else."""
    if not isinstance(gas, NeutrinoGas):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas")
    return gas
