"""What a job is for: names of its file, the folder, the experiment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...common.checks import user_path
from ...errors import QnuError

#: Bytes of a name or a label: file systems allow 255 for both and the job's id.
_LONGEST = 100


@dataclass(frozen=True)
class Origin:
    """What a job is for.

    Args:
        name: names the Trajectory's file, with ``label``.
        label: of the method.
        folder: where the Trajectory will be written.
        spec: text of the experiment file.
        attributes: further attributes of the Trajectory.

    Examples:
        >>> Origin("two groups", "circuit", ".", "", {}).label
        'circuit'
    """

    name: str
    label: str
    folder: str
    spec: str
    attributes: Mapping[str, Any]

    @classmethod
    def checked(
        cls,
        name: str,
        label: str,
        folder: str | Path,
        spec: str,
        attributes: Mapping[str, Any] | None,
    ) -> Origin:
        """With names that can be part of a file's name."""
        _check_file_name("name", name)
        _check_file_name("label", label)
        absolute = str(user_path("folder", folder).absolute())
        return cls(name, label, absolute, spec, dict(attributes or {}))


def _check_file_name(field_: str, value: Any) -> None:
    """Refuse what cannot be part of a file's name, or would lead out of its folder."""
    if (
        not isinstance(value, str)
        or not value.strip()
        or value.startswith(".")
        or not value.isprintable()
        or any(letter in value for letter in "/\\:")
        or len(value.encode()) > _LONGEST
    ):
        allowed = f"part of a file's name: no / \\ :, no dot in front, at most {_LONGEST} bytes"
        raise QnuError(field_, value, allowed)
