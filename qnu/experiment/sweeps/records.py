"""Records of a sweep: what points gave, in files that are whole or not there.

A record holds any number of blocks (some histories of one point each). Blocks of one shape lie in
one sheet, array by array, so that 10^5 points are read in seconds. The name of a record is a hash
of the points, seeds and methods in it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...common import integrity, writing
from .point import Arrays, Block, Failure

_HEAD = b"qnu sweep record 1\n"
_SUFFIX = ".record"
_KINDS = {"f": "<f8", "i": "<i8", "u": "<i8", "b": "<i8"}


@dataclass(frozen=True, eq=False)
class Sheet:
    """Blocks with the same seeds and the same shapes of arrays.

    Args:
        points: hashes.
        seeds: of the histories of every point.
        fixed: whether methods that do not depend on the seed are in it.
        random: labels of methods that depend on it.
        arrays: by name, with the points first.
        failures: by the number of the point in ``points``.
    """

    points: tuple[str, ...]
    seeds: tuple[int, ...]
    fixed: bool
    random: tuple[str, ...]
    arrays: Arrays
    failures: tuple[tuple[int, Failure], ...]


def sheets_of(blocks: Sequence[Block]) -> list[Sheet]:
    """The blocks, put together where they are alike.

    Examples:
        >>> blocks = [Block(name, (1,), True, (), {"a": np.zeros(2)}) for name in ("x", "y")]
        >>> sheets_of(blocks)[0].arrays["a"].shape
        (2, 2)
    """
    alike: dict[Any, list[Block]] = {}
    for block in blocks:
        shapes = tuple((name, a.shape, a.dtype.kind) for name, a in block.arrays.items())
        alike.setdefault((block.seeds, block.fixed, block.random, shapes), []).append(block)
    return [
        Sheet(
            tuple(block.point for block in group),
            seeds,
            fixed,
            random,
            {name: np.stack([block.arrays[name] for block in group]) for name in group[0].arrays},
            tuple((k, failure) for k, block in enumerate(group) for failure in block.failures),
        )
        for (seeds, fixed, random, _), group in alike.items()
    ]


def pack(blocks: Sequence[Block]) -> tuple[str, bytes]:
    """The name and the content of a record."""
    sheets = sheets_of(blocks)
    header: list[dict[str, Any]] = []
    parts: list[bytes] = []
    for sheet in sheets:
        shapes = {}
        for name, array in sheet.arrays.items():
            kind = _KINDS[array.dtype.kind]
            shapes[name] = [list(array.shape), kind]
            parts.append(np.ascontiguousarray(array, kind).tobytes())
        failures = [[k, f.seed, f.method, f.text] for k, f in sheet.failures]
        header.append(
            {
                "points": sheet.points,
                "seeds": sheet.seeds,
                "fixed": sheet.fixed,
                "random": sheet.random,
                "arrays": shapes,
                "failures": failures,
            }
        )
    line = json.dumps(header, separators=(",", ":")).encode() + b"\n"
    content = integrity.closed(b"".join([_HEAD, line, *parts]))
    identity = [[sheet["points"], sheet["seeds"], sheet["fixed"]] for sheet in header]
    name = hashlib.sha256(json.dumps(identity).encode()).hexdigest()[:40]
    return name, content


def unpack(content: bytes) -> list[Sheet]:
    """The sheets of a record.

    Raises:
        ValueError: damaged, or something else.
    """
    try:
        inner = integrity.opened(content)
    except integrity.DamagedError:
        raise ValueError("its content does not match its SHA-256") from None
    if len(inner) == len(content) or not inner.startswith(_HEAD):
        raise ValueError("it is no record of this version of qnu")
    line, _, body = inner[len(_HEAD) :].partition(b"\n")
    sheets, at = [], 0
    for sheet in json.loads(line):
        arrays: dict[str, NDArray[Any]] = {}
        for name, (shape, kind) in sheet["arrays"].items():
            count = int(np.prod(shape, dtype=np.int64))
            arrays[name] = np.frombuffer(body, kind, count, at).reshape(shape)
            at += 8 * count
        failures = tuple((k, Failure(*rest)) for k, *rest in sheet["failures"])
        points, seeds = tuple(sheet["points"]), tuple(sheet["seeds"])
        random = tuple(sheet["random"])
        sheets.append(Sheet(points, seeds, sheet["fixed"], random, arrays, failures))
    return sheets


class Records:
    """The records of a sweep: in a folder, or in memory.

    Args:
        folder: where they are; None: in memory, until the process ends.
        say: takes a line on what is set aside.

    Examples:
        >>> records = Records(None)
        >>> records.add(*pack([Block("x", (1,), True, (), {"a": np.zeros(2)})]))
        >>> [sheet.points for sheet in records.sheets()]
        [('x',)]
    """

    def __init__(self, folder: Path | None, say: Callable[[str], None] = lambda line: None) -> None:
        self.folder, self._say = folder, say
        self._held: dict[str, bytes] = {}

    def add(self, name: str, content: bytes) -> None:
        """Keep a record; a file is whole or not there.

        Raises:
            QnuError: a place that cannot be written or has no room.
        """
        if self.folder is None:
            self._held[name] = content
        else:
            writing.write(self.folder / f"{name}{_SUFFIX}", content)

    def sheets(self) -> Iterator[Sheet]:
        """All that is there and whole; what is damaged is set aside, with a line."""
        if self.folder is None:
            for content in self._held.values():
                yield from unpack(content)
            return
        for path in sorted(self.folder.glob(f"*{_SUFFIX}")):
            try:
                with writing.regular(path) as file:
                    sheets = unpack(file.read())
            except FileNotFoundError:
                continue
            except (ValueError, KeyError, TypeError, OSError) as error:
                self._set_aside(path, error)
                continue
            yield from sheets

    def clear_leftovers(self) -> None:
        """Remove what killed processes left half written."""
        if self.folder is not None:
            for part in self.folder.glob(f".*{_SUFFIX}.partial"):
                writing.clear_leftover(part.with_name(part.name[1 : -len(".partial")]))

    def _set_aside(self, path: Path, error: Exception) -> None:
        place = path.with_suffix(".damaged")
        try:
            path.replace(place)
            done = f"kept as {place.name}"
        except OSError:
            done = "left out"
        self._say(f"records/{path.name}: {error}; {done}, its points are computed again")
