"""Files that an experiment file names: read once, kept with their content.

A result folder keeps a copy of each in ``inputs/``, so that it can be moved and run again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import QnuError
from .checks import user_path

#: The file of a result folder that says what is in ``inputs/``.
LIST = "inputs.json"
#: The experiment file of a result folder: only this one takes what is kept beside it.
SPEC = "spec.toml"


class InputFiles:
    """What an experiment file may read: paths relative to its folder, or absolute ones.

    Args:
        base: the folder of the experiment file; None: the current one.
        kept: contents that are known already, by the path as it is written in the file: these
            files are not looked for.

    Examples:
        >>> InputFiles(kept={"encounters.csv": b"first,second"}).read("file", "encounters.csv")
        b'first,second'
    """

    def __init__(self, base: Path | None = None, kept: Mapping[str, bytes] | None = None) -> None:
        self._base = base
        self._contents = dict(kept or {})
        self._used: dict[str, None] = {}

    @classmethod
    def of(cls, source: Path) -> InputFiles:
        """Of the experiment file at a path; in a result folder, from the copies that it keeps."""
        return cls(source.parent, kept_in(source.parent) if source.name == SPEC else None)

    def read(self, field: str, path: Any) -> bytes:
        """The content of a file.

        Args:
            field: where the path stands, for the message.
            path: as it is written in the experiment file.

        Raises:
            QnuError: no text, no such file, or one that cannot be read.
        """
        if not isinstance(path, str) or not path.strip():
            raise QnuError(field, path, "the path of a file")
        if path not in self._contents:
            place = user_path(field, path)
            place = place if self._base is None else self._base / place
            try:
                self._contents[path] = place.read_bytes()
            except OSError as error:
                allowed = f"a file that can be read, here {place} ({error.strerror})"
                raise QnuError(field, path, allowed) from None
        self._used[path] = None
        return self._contents[path]

    @property
    def used(self) -> dict[str, bytes]:
        """What was read, by the path as it is written in the experiment file."""
        return {path: self._contents[path] for path in self._used}


def keep(contents: Mapping[str, bytes], folder: Path) -> None:
    """Writes copies of what was read, and a list of them; nothing where nothing was read.

    Args:
        contents: :attr:`InputFiles.used`.
        folder: an existing result folder; copies that are there already are replaced.
    """
    if not contents:
        (folder / LIST).unlink(missing_ok=True)
        return
    (folder / "inputs").mkdir(exist_ok=True)
    listed: list[dict[str, str]] = []
    taken: set[str] = set()
    for path, content in contents.items():
        name = Path(path.replace("\\", "/")).name or "file"
        number = 1
        while name.lower() in taken:  # two folders may have files of one name
            number += 1
            name = f"{number}-{Path(path.replace(chr(92), '/')).name}"
        taken.add(name.lower())
        (folder / "inputs" / name).write_bytes(content)
        digest = hashlib.sha256(content).hexdigest()
        listed.append({"path": path, "file": f"inputs/{name}", "sha256": digest})
    text = json.dumps(listed, indent=2) + "\n"
    (folder / LIST).write_text(text, encoding="utf-8")


def kept_in(folder: Path) -> dict[str, bytes]:
    """What :func:`keep` wrote, by the path as it is written in the experiment file.

    Raises:
        QnuError: a list that is damaged, a copy that is missing or was changed.
    """
    place = folder / LIST
    if not place.is_file():
        return {}
    try:
        entries = _entries(place)
    except (OSError, ValueError, TypeError, KeyError):
        raise QnuError("inputs", str(place), "the list that `qnu run` wrote") from None
    found: dict[str, bytes] = {}
    for path, file, digest in entries:
        try:
            content = (folder / file).read_bytes()
        except OSError as error:
            allowed = f"the copy of {path} ({error.strerror})"
            raise QnuError("inputs", str(folder / file), allowed) from None
        if hashlib.sha256(content).hexdigest() != digest:
            allowed = f"the copy of {path} as `qnu run` wrote it (it was changed)"
            raise QnuError("inputs", str(folder / file), allowed)
        found[path] = content
    return found


def written(folder: Path) -> set[str]:
    """The files that :func:`keep` wrote, relative to the folder; none where that is not known."""
    with contextlib.suppress(OSError, ValueError, TypeError, KeyError):
        return {LIST, *(file for _, file, _ in _entries(folder / LIST))}
    return set()


def _entries(place: Path) -> list[tuple[str, str, str]]:
    """Path, copy and hash of every file in a list; copies are nowhere but in ``inputs/``."""
    listed = json.loads(place.read_text(encoding="utf-8"))
    entries = [(str(e["path"]), str(e["file"]), str(e["sha256"])) for e in listed]
    for _, file, _ in entries:
        folder, _, name = file.partition("/")
        if folder != "inputs" or Path(name.replace("\\", "/")).name != name or name == "..":
            raise ValueError(file)  # what replaces the folder would delete it
    return entries
