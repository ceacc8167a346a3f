"""Groups of neutrinos that start alike, in the representation of the user."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .angular import AngularDistribution
from .common.checks import (
    Floats,
    array_of,
    boolean,
    choice,
    finite,
    floats,
    frozen,
    integer,
    name_text,
    number,
    number_or_floats,
    whole_numbers,
)
from .errors import QnuError, Words
from .flavor import FLAVORS, flavor_direction

#: Lengths of polarization vectors may exceed 1 by this much (numbers typed with few digits, such
#: as (0.199, 0, 0.980)); they are shortened to 1. Within it of 1, a state counts as pure.
LENGTH_TOLERANCE = 1e-6

#: A length that differs from 1 by less than this is probably that of a pure state, rounded.
PROBABLY_ROUNDED = 0.01

#: Weights are positive; only their ratios count, and products of two must not overflow.
SMALLEST_WEIGHT, LARGEST_WEIGHT = 1e-100, 1e100
WEIGHT = f"a number > 0 (from {SMALLEST_WEIGHT:g} to {LARGEST_WEIGHT:g})"

#: Lengths of velocities differ from 1 by less than this.
SPEED_TOLERANCE = 1e-6
UNIT_VECTOR = "a unit vector (light speed)"

#: What the velocities of the neutrinos of a gas are: an array, or a sampler of them.
Velocities = str | ArrayLike | Callable[[np.random.Generator], ArrayLike]

#: Names of groups go into tables, figures and files.
LONGEST_NAME = 200


@dataclass(frozen=True)
class Group:
    r"""``count`` neutrinos that start alike: one polarization, one frequency or spectrum.

    An antineutrino is given by its flavor, or by the Bloch vector
    ``(x, y, z)`` of its density matrix over the antineutrino mass states, with a positive omega for
    normal ordering. The gas stores it as flavor isospin, :math:`\mathbf S = (-x, y, -z)` with
    :math:`-\omega`.

    Args:
        count: how many, >= 1.
        polarization: ``(3,)`` with :math:`|\mathbf P| \le 1`; give this or ``flavor``.
        omega: :math:`\Delta m^2/2E` in units of mu: a number, or an array ``(count,)`` (an energy
            spectrum).
        name: for tables and figures; default: its number in the gas, from 1.
        flavor: ``"electron"`` or ``"x"``; needs the ``mixing_angle`` of the gas.
        antineutrino: True for antineutrinos.
        weight: w > 0. In every mean over partners the group acts as ``count * w`` neutrinos would:
            its share of the gas is :math:`f_i = w_i n_i/\sum_j w_j n_j`. Only ratios count. Of
            :func:`~qnu.solvers.mean_field`, :func:`~qnu.solvers.kinetic` and
            :func:`~qnu.solvers.miscidynamics`; methods that follow encounters take ``count`` only.
        direction: ``(3,)`` unit vector: the group is a beam, and all of its neutrinos have this
            velocity. Default: as ``velocities`` of the gas say.
        angular: a :class:`qnu.AngularDistribution` from which the velocities of the group are
            drawn; not beside ``direction``.

    Raises:
        QnuError: a field out of its range, both or neither of polarization and flavor, a direction
            that is no unit vector, or one beside ``angular``.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037); Sigl and Raffelt (1993) for antineutrinos.

    Examples:
        >>> Group(60, polarization=(0, 0, 1), omega=0.1, name="1").count
        60
        >>> Group(50, flavor="electron", antineutrino=True, weight=0.76).weight  # as 38 would
        0.76
        >>> Group(50, (0, 0, 1), direction=(0, 0.6, 0.8)).direction
        array([0. , 0.6, 0.8])
    """

    count: int
    polarization: ArrayLike | None = None
    omega: ArrayLike = 0.0
    name: str | None = None
    flavor: str | None = None
    antineutrino: bool = False
    weight: float = 1.0
    direction: ArrayLike | None = field(default=None, kw_only=True)
    angular: AngularDistribution | None = field(default=None, kw_only=True)

    def __post_init__(self) -> None:
        count = integer("count", self.count, low=1)
        object.__setattr__(self, "count", count)
        if (self.polarization is None) == (self.flavor is None):
            both = "both polarization and flavor"
            what = both if self.flavor is not None else "neither polarization nor flavor"
            raise QnuError("polarization", Words(what), "one of the two")
        if self.polarization is not None:
            vector = floats("polarization", self.polarization, (3,))
            vector = check_lengths(vector[None], "polarization")[0]
            object.__setattr__(self, "polarization", frozen(vector))
        else:
            choice("flavor", self.flavor, FLAVORS)
        object.__setattr__(self, "omega", number_or_floats("omega", self.omega, count))
        boolean("antineutrino", self.antineutrino)
        object.__setattr__(self, "weight", checked_weight(self.weight))
        if self.direction is not None:
            object.__setattr__(self, "direction", frozen(checked_direction(self.direction)))
        if self.angular is not None:
            check_angular("angular", self.angular)
            if self.direction is not None:
                raise QnuError("angular", Words("both angular and direction"), "one of the two")
        if self.name is not None:
            name_text("name", self.name, LONGEST_NAME)

    def stored(self, mixing_angle: float | None) -> tuple[Floats, Floats]:
        r"""Polarization ``(3,)`` and omega ``(count,)`` as stored (S, :math:`-\omega`)."""
        if self.flavor is not None:
            if mixing_angle is None:
                raise QnuError("mixing_angle", None, "an angle in radians (a flavor needs one)")
            vector = flavor_direction(mixing_angle) * (1 if self.flavor == "electron" else -1)
        else:
            vector = np.array(self.polarization)
        omega = np.broadcast_to(np.asarray(self.omega, dtype=float), (self.count,))
        if self.antineutrino:
            return vector * [-1, 1, -1] + 0.0, -omega
        return vector, omega


def checked_weight(weight: Any) -> float:
    """A weight as a float; an error where it is no number > 0."""
    try:
        return number("weight", weight, low=SMALLEST_WEIGHT, high=LARGEST_WEIGHT)
    except QnuError:
        raise QnuError("weight", weight, WEIGHT) from None


def check_angular(field: str, given: Any) -> AngularDistribution:
    """The distribution; an error for anything else."""
    if not isinstance(given, AngularDistribution):
        allowed = "a qnu.AngularDistribution, such as AngularDistribution.gaussian(0.6)"
        raise QnuError(field, given, allowed)
    return given


def check_speeds(velocity: Floats) -> Floats:
    """The velocities; an error where one is no unit vector."""
    with np.errstate(over="ignore"):
        speeds = np.linalg.norm(velocity, axis=1)
    if (abs(speeds - 1) > SPEED_TOLERANCE).any():
        worst = int(np.argmax(abs(speeds - 1)))
        value = [round(float(x), 6) for x in velocity[worst]]
        raise QnuError(f"velocity[{worst}]", value, UNIT_VECTOR)
    return velocity


def checked_direction(given: Any) -> Floats:
    """A unit vector ``(3,)``, of exactly that length; an error where the length differs from 1."""
    vector = floats("direction", given, (3,))
    with np.errstate(over="ignore"):
        length = np.linalg.norm(vector)
    if not abs(length - 1) <= SPEED_TOLERANCE:
        error = QnuError("direction", [round(float(x), 6) for x in vector], UNIT_VECTOR)
        near = length > 0 and np.isfinite(length)
        raise error.noted(f", here of length {length:.7g}: divide by it" if near else "")
    result: Floats = vector / length
    return result


def velocities_of(
    groups: Sequence[Group], velocities: Velocities, rng: np.random.Generator
) -> tuple[Floats | None, str, tuple[bool, ...]]:
    """Velocities of the neutrinos of groups; not drawn for groups with a direction.

    Those without a direction or a distribution of their own are drawn first.

    Returns:
        ``(N, 3)`` or None; "right-angle", "isotropic" or "given"; and, where some are isotropic and
        some are not, for which groups a direction is given (else nothing).
    """
    directed = [group.direction is not None for group in groups]
    own = [group.direction is not None or group.angular is not None for group in groups]
    total = sum(group.count for group in groups)
    free = sum(group.count for group, given in zip(groups, own, strict=True) if not given)
    if isinstance(velocities, str):
        kind = choice("velocities", velocities, ("isotropic", "right-angle"))
        if kind == "right-angle":
            _no_direction(groups, "velocities = 'right-angle'")
            return None, kind, ()
        vectors = _unit_sphere(rng, free)
    elif callable(velocities):
        kind = "given"
        vectors = np.empty((0, 3))
        if free:
            vectors = floats("velocities", _sampled(velocities, rng), (free, 3))
    else:
        kind = "given"
        _no_direction(groups, "an array of velocities")
        vectors = floats("velocities", velocities, (total, 3))
    if not any(own):
        return vectors, kind, ()
    counts = [group.count for group in groups]
    result = np.empty((total, 3))
    result[~np.repeat(own, counts)] = vectors
    for group, end in zip(groups, np.cumsum(counts), strict=True):
        if group.direction is not None:
            result[end - group.count : end] = group.direction
        elif group.angular is not None:
            result[end - group.count : end] = group.angular.draw(rng, group.count)
    if all(own):
        return result, "given", ()
    return result, kind, tuple(directed) if kind == "isotropic" and any(directed) else ()


def _no_direction(groups: Sequence[Group], beside: str) -> None:
    for k, group in enumerate(groups):
        allowed = "one of the two ('isotropic', or a sampler, acts on the other groups only)"
        if group.direction is not None:
            found = Words(f"{np.asarray(group.direction).tolist()} beside {beside}")
            raise QnuError(f"groups[{k}].direction", found, allowed)
        if group.angular is not None:
            found = Words(f"{group.angular} beside {beside}")
            raise QnuError(f"groups[{k}].angular", found, allowed)


def _unit_sphere(rng: np.random.Generator, count: int) -> Floats:
    cosine = rng.uniform(-1, 1, count)
    azimuth = rng.uniform(0, 2 * np.pi, count)
    sine = np.sqrt(1 - cosine**2)
    return np.stack([sine * np.cos(azimuth), sine * np.sin(azimuth), cosine], axis=1)


def _sampled(sampler: Callable[[np.random.Generator], ArrayLike], rng: np.random.Generator) -> Any:
    try:
        return sampler(rng)
    except TypeError as error:
        allowed = f"a function of a random generator ({error})"
        raise QnuError("velocities", sampler, allowed) from error


def member_weights(given: Any, group: Any, names: Sequence[str]) -> Floats:
    """``(N,)`` weights of neutrinos; members of a group have one."""
    weight = floats("weight", given, (len(group),))
    bad = ~((weight >= SMALLEST_WEIGHT) & (weight <= LARGEST_WEIGHT))
    if bad.any():
        worst = int(np.argmax(bad))
        raise QnuError(f"weight[{worst}]", float(weight[worst]), WEIGHT)
    of_group = np.ones(len(names))
    of_group[group] = weight
    differ = weight != of_group[group]
    if differ.any():
        name = names[int(group[int(np.argmax(differ))])]
        found = Words(f"weights that differ in group {name!r}")
        raise QnuError("weight", found, "one weight per group (a group for each weight)")
    return weight


def numbered_groups(
    group: Any, names: Any, count: int
) -> tuple[NDArray[np.int64], tuple[str, ...]]:
    """``(count,)`` numbers of groups, and their names: from numbers and names, or from labels."""
    if not isinstance(names, list | tuple):
        raise QnuError("group_names", names, "a list of names, one per group")
    index: Any = np.zeros(count, np.int64)
    if names:
        names = tuple(name_text("group_names", name, LONGEST_NAME) for name in names)
        if len(set(names)) != len(names):
            raise QnuError("group_names", names, "names that differ")
        if group is not None:
            top = len(names) - 1
            allowed = f"numbers from 0 to {top}, of shape ({count},)"
            index = whole_numbers("group", group, (count,), high=top, allowed=allowed)
    elif group is None:
        names = ("1",)
    else:
        labels = array_of("group", group, f"labels of shape ({count},)")
        if labels.shape != (count,):
            raise QnuError("group", f"shape {labels.shape}", f"labels of shape ({count},)")
        if labels.dtype.kind not in "biuUS":
            labels = finite("group", labels, allowed="labels: texts or numbers")
            if (labels == np.floor(labels)).all() and (abs(labels) < 2**53).all():
                labels = labels.astype(np.int64)  # a column of floats: "1", not "1.0"
        values, first, index = np.unique(labels, return_index=True, return_inverse=True)
        order = np.argsort(first)  # groups in the order in which they first appear
        index = np.argsort(order)[index]
        names = tuple(name_text("group", str(name), LONGEST_NAME) for name in values[order])
    return np.array(index, dtype=np.int64), tuple(names)


def check_lengths(vectors: Floats, name: str) -> Floats:
    """The vectors, those longer than 1 by rounding shortened to 1."""
    with np.errstate(over="ignore"):  # an infinite length is too long as well
        lengths = np.linalg.norm(vectors, axis=-1)
    if (lengths > 1 + LENGTH_TOLERANCE).any():
        worst = int(np.argmax(lengths))
        where = name if len(vectors) == 1 else f"{name}[{worst}]"
        value = [round(float(x), 6) for x in vectors[worst]]
        length = lengths[worst]
        near = (
            " (divide it by its length, or give more digits)"
            if length < 1 + PROBABLY_ROUNDED
            else ""
        )
        error = QnuError(where, value, "a vector with |P| <= 1")
        raise error.noted(f", here {length:.7g}{near}")
    result: Floats = vectors / np.maximum(lengths, 1.0)[:, None]
    return result
