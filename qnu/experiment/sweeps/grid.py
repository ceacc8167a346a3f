"""The grid of a sweep: keys with their values, and what every point sets."""

from __future__ import annotations

import itertools
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...errors import QnuError, Words
from . import values
from .expressions import FUNCTIONS, Expression
from .keys import NOT_SWEPT, Keys, Place
from .values import Values

#: Points of a sweep, at most.
MOST_POINTS = values.MOST_VALUES
#: A name that is no key of any file.
_OWN_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")


@dataclass(frozen=True, eq=False)
class Grid:
    """The outer product of the values of some keys, in the order given.

    Args:
        axes: the swept keys with their values: the dimensions.
        fixed: keys with one value each, which have no dimension.
        computed: keys that are computed from others, in an order in which that is possible.
        places: of every key, in the tables of the file; names of the user's own have none.
        constants: what keys that are not swept have in the file, as far as expressions use them.
    """

    axes: Mapping[str, Values]
    fixed: Mapping[str, Any]
    computed: Mapping[str, Expression]
    places: Mapping[str, Place]
    constants: Mapping[str, Any]

    @property
    def shape(self) -> tuple[int, ...]:
        """The number of values of every dimension."""
        return tuple(len(axis.items) for axis in self.axes.values())

    def __len__(self) -> int:
        return math.prod(self.shape)

    def values_at(self, point: int) -> dict[str, Any]:
        """Every key that a point sets, with its value.

        Raises:
            QnuError: an expression without a value there.
        """
        index = np.unravel_index(point, self.shape) if self.axes else ()
        found = {
            key: axis.items[int(k)] for (key, axis), k in zip(self.axes.items(), index, strict=True)
        }
        found.update(self.fixed)
        for key, expression in self.computed.items():
            found[key] = expression.value(key, {**self.constants, **found})
        return found

    def changes(self, values_of: Mapping[str, Any]) -> dict[Place, Any]:
        """The same by place in the tables; names of the user's own change nothing themselves."""
        found = {key: value for key, value in values_of.items() if key in self.places}
        return {self.places[key]: value for key, value in found.items()}

    def dimensions_of(self, key: str) -> tuple[str, ...]:
        """The swept keys that a computed key depends on, in the order of the grid."""
        needed, pending = set(), [key]
        while pending:
            for other in self.computed[pending.pop()].keys:
                if other in self.computed:
                    pending.append(other)
                elif other in self.axes:
                    needed.add(other)
        return tuple(axis for axis in self.axes if axis in needed)

    def first_to_check(self, most: int) -> list[int]:
        """Corners, then points that meet every value of every key, then the rest: ``most``."""
        found: dict[int, None] = {}
        for point in itertools.chain(
            _corners(self.shape), self._crosses(self.shape), range(len(self))
        ):
            found[point] = None
            if len(found) >= most:
                break
        return list(found)

    @staticmethod
    def _crosses(shape: tuple[int, ...]) -> Iterator[int]:
        if not shape:
            yield 0
        for axis, length in enumerate(shape):
            for k in range(length):
                index = [0] * len(shape)
                index[axis] = k
                yield int(np.ravel_multi_index(index, shape))


def _corners(shape: tuple[int, ...]) -> Iterator[int]:
    for bits in range(2 ** min(len(shape), 8)):
        index = [(n - 1) * (bits >> axis & 1) for axis, n in enumerate(shape)]
        yield int(np.ravel_multi_index(index, shape)) if shape else 0


def make(given: Mapping[str, Any], keys: Keys) -> Grid:
    """The grid of keys with what the user gave for them.

    A name without a dot that is no key of the file may stand in expressions: it is a dimension of
    the user's own, such as a number of meetings that several keys are computed from.

    Args:
        given: lists, ranges, expressions or single values by key, as :func:`.values.read` takes.
        keys: of the experiment file.

    Returns:
        the grid; of no keys it has one point.

    Raises:
        QnuError: an unknown key, a value that cannot be read, expressions that need each other,
            too many points.

    Examples:
        >>> import qnu, tomllib
        >>> experiment = qnu.experiment.load("two_groups_60_40")
        >>> keys = Keys(tomllib.loads(experiment.text), experiment.spec)
        >>> grid = make({"schedule.gamma": "0.01,0.1", "schedule.duration": "5/schedule.gamma"},
        ...             keys)
        >>> len(grid), grid.values_at(1)
        (2, {'schedule.gamma': 0.1, 'schedule.duration': 50.0})
    """
    own = _own_names(given, keys)
    places = {key: keys.place(key) for key in given if key not in own}
    _check_apart(places)
    axes: dict[str, Values] = {}
    fixed: dict[str, Any] = {}
    expressions: dict[str, Expression] = {}
    for key, text in given.items():
        read = values.read(key, text, [*keys.names, *own])
        if isinstance(read, Expression):
            expressions[key] = read
        elif read.one:
            fixed[key] = read.items[0]
        else:
            axes[key] = read
    count = math.prod(len(axis.items) for axis in axes.values())
    if count > MOST_POINTS:
        sizes = " x ".join(str(len(axis.items)) for axis in axes.values())
        raise QnuError("sweep", Words(f"{sizes} = {count} points"), f"at most {MOST_POINTS} points")
    used = {name for e in expressions.values() for name in e.keys if name not in given}
    constants = {name: keys.value(name) for name in sorted(used)}
    return Grid(axes, fixed, _in_order(expressions), places, constants)


def _own_names(given: Mapping[str, Any], keys: Keys) -> list[str]:
    """Names of the user's own: they stand in an expression of another key."""
    tops = {name.partition(".")[0] for name in (*keys.names, *NOT_SWEPT)}
    free = [key for key in given if _OWN_NAME.fullmatch(key) and key not in tops | FUNCTIONS.keys()]
    texts = {key: text for key, text in given.items() if isinstance(text, str)}
    return [
        name
        for name in free
        if any(re.search(rf"(?<![\w.]){name}(?![\w.(])", texts[k]) for k in texts if k != name)
    ]


def _check_apart(places: Mapping[str, Place]) -> None:
    """No key inside another one, such as ``schedule.mu`` and ``schedule.mu.start``."""
    for one, place in places.items():
        for other, longer in places.items():
            if one != other and longer[: len(place)] == place:
                raise QnuError("sweep", Words(f"{one} and {other}"), "one of the two")


def _in_order(given: Mapping[str, Expression]) -> dict[str, Expression]:
    left, order = dict(given), {}
    while left:
        ready = [k for k, e in left.items() if not any(name in left for name in e.keys)]
        if not ready:
            key, expression = next(iter(left.items()))
            raise QnuError(key, expression.text, "an expression that does not need itself")
        for key in ready:
            order[key] = left.pop(key)
    return order
