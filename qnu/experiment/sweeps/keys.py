"""Dotted keys of an experiment file: which there are, what they are set to, and how to set them.

``schedule.gamma``, ``mixing_angle``, ``group.NAME.omega`` (the group of that name; default names
are the numbers from 1), ``gas.velocities``, ``output.samples``, ``method.LABEL.probability``,
``method.LABEL.start.time``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from ...common.spelling import did_you_mean
from ...errors import QnuError, Words
from ..spec import Spec

#: They name things, say how many histories there are, or are no part of the physics.
NOT_SWEPT = ("name", "description", "seed", "seeds", "sweep", "plot", "group", "method")
_NOT_IN_TABLES = ("name", "label", "kind", "individuals")

Place = tuple[str | int, ...]


class Keys:
    """The keys of one experiment file.

    Args:
        data: its tables, as TOML gives them.
        spec: the same, checked.

    Examples:
        >>> import qnu, tomllib
        >>> experiment = qnu.experiment.load("two_groups_60_40")
        >>> keys = Keys(tomllib.loads(experiment.text), experiment.spec)
        >>> keys.place("group.2.omega"), keys.value("schedule.gamma")
        (('group', 1, 'omega'), 0.01)
    """

    def __init__(self, data: Mapping[str, Any], spec: Spec) -> None:
        self._data, self._spec = data, spec
        self._places: dict[str, Place] = {}
        for name in type(spec).model_fields:
            value = getattr(spec, name)
            if name in NOT_SWEPT:
                continue
            if isinstance(value, BaseModel):
                self._add(f"{name}.", (name,), value)
            else:
                self._places[name] = (name,)
        for k, group in enumerate(spec.group):
            self._add(f"group.{group.name or k + 1}.", ("group", k), group)
        for k, method in enumerate(spec.method):
            self._add(f"method.{method.label or method.kind}.", ("method", k), method)

    def _add(self, prefix: str, place: Place, table: BaseModel) -> None:
        for name in type(table).model_fields:
            if name in _NOT_IN_TABLES:
                continue
            value = getattr(table, name)
            self._places[prefix + name] = (*place, name)
            inner = type(value).model_fields if isinstance(value, BaseModel) else ()
            given = self._raw((*place, name))
            for key in inner or (given if isinstance(given, dict) else ()):
                self._places[f"{prefix}{name}.{key}"] = (*place, name, key)

    def _raw(self, place: Place) -> Any:
        """What the file says there; None where it says nothing."""
        at: Any = self._data
        for part in place:
            if isinstance(part, int):
                at = at[part] if isinstance(at, list) and part < len(at) else None
            else:
                at = at.get(part) if isinstance(at, dict) else None
        return at

    @property
    def names(self) -> list[str]:
        """All keys, as a user writes them."""
        return list(self._places)

    def place(self, key: str) -> Place:
        """Where in the tables a key is.

        Raises:
            QnuError: an unknown key, with the nearest one.
        """
        if key in self._places:
            return self._places[key]
        head, _, rest = key.partition(".")
        if key in ("seed", "seeds"):
            allowed = "another key: every point has the same seeds (--seed S, --seeds N)"
            raise QnuError("sweep", key, allowed)
        hint = did_you_mean(key, self._places)
        near = [name for name in self._places if name.startswith(f"{head}.")] if rest else []
        if head in ("group", "method"):
            owner = ".".join(key.split(".")[:-1])
            near = [name for name in near if name.startswith(f"{owner}.")] or near
        tops = dict.fromkeys(name.partition(".")[0] for name in self._places)
        listed = near if 0 < len(near) <= 20 else [f"{t}..." for t in tops]
        raise QnuError("sweep", Words(f"{key!r} (an unknown key)"), ", ".join(listed) + hint)

    def value(self, key: str) -> Any:
        """What the file says, or the default."""
        place = self.place(key)
        raw = self._raw(place)
        if raw is not None:
            return raw
        at: Any = self._spec
        for part in place:
            at = at[part] if isinstance(part, int) else getattr(at, part, None)
        return at


def with_values(data: Mapping[str, Any], changes: Mapping[Place, Any]) -> dict[str, Any]:
    """The tables with other values; what does not change is shared with ``data``.

    Args:
        data: tables of an experiment file.
        changes: new values by place.

    Examples:
        >>> with_values({"a": {"b": 1, "c": [2]}}, {("a", "b"): 3})
        {'a': {'b': 3, 'c': [2]}}
    """
    result = dict(data)
    for place, value in changes.items():
        at: Any = result
        for part in place[:-1]:
            if isinstance(part, int):
                inner: Any = at[part]
            else:
                inner = at.get(part)
                inner = {} if inner is None else inner
            at[part] = list(inner) if isinstance(inner, list) else dict(inner)
            at = at[part]
        at[place[-1]] = value
    return result
