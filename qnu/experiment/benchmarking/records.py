"""A benchmark on disk: one JSON file, written after every circuit, from which a run goes on."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...common import writing
from ...errors import QnuError, Words
from ...version import __version__
from . import tables
from .scores import Score

FORMAT = 1
#: What must be the same for results to stand in one file.
SETTINGS = ("machine", "backend", "calibrated", "shots", "samples", "seed")
_NAMES = {field.name for field in dataclasses.fields(Score)}


@dataclass(frozen=True, eq=False)
class Benchmark:
    """The scores of a machine.

    Args:
        settings: ``machine``, ``backend``, ``qubits``, ``calibrated``, ``shots``, ``samples``,
            ``seed``.
        scores: one per circuit.

    Examples:
        >>> made = Benchmark({"machine": "mine"}, ())
        >>> json.loads(made.json())["machine"]
        'mine'
    """

    settings: dict[str, Any]
    scores: tuple[Score, ...]

    def json(self) -> str:
        """The text of a JSON file: the settings, and ``cases``, a list of scores."""
        cases = [dataclasses.asdict(score) for score in self.scores]
        content = {"format": FORMAT, "qnu": __version__, **self.settings, "cases": cases}
        return json.dumps(content, indent=1) + "\n"

    def text(self, width: int = 80) -> str:
        """The table and what follows from it, for a terminal."""
        return tables.text(self.settings, self.scores, width)

    def markdown(self) -> str:
        """The same as Markdown."""
        return tables.markdown(self.settings, self.scores)

    def write(self, path: str | Path) -> None:
        """Writes ``FILE.json`` or ``FILE.md``, whole or not at all.

        Raises:
            QnuError: another ending, a file that cannot be written.
        """
        check_ending(Path(path))
        text = self.json() if Path(path).suffix == ".json" else self.markdown()
        writing.write(path, text)


def check_ending(path: Path) -> None:
    """Refuse a file of unknown ending, or in no folder, before anything runs.

    Examples:
        >>> check_ending(Path("scores.txt"))
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: output: got 'scores.txt'; allowed: a file that ends in .json or .md
    """
    if path.suffix not in (".json", ".md"):
        raise QnuError("output", str(path), "a file that ends in .json or .md")
    if not path.parent.is_dir():
        raise QnuError("output", str(path), "a file in a folder that exists")


def load_benchmark(path: str | Path) -> Benchmark:
    """What :meth:`Benchmark.write` has written as JSON.

    Args:
        path: the file.

    Returns:
        settings and scores.

    Raises:
        QnuError: no such file, or a file of something else.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     Benchmark({"machine": "mine"}, (Score("native", "native 4", 4),)).write(
        ...         Path(folder) / "mine.json")
        ...     load_benchmark(Path(folder) / "mine.json").scores[0].name
        'native 4'
    """
    allowed = "a JSON file of `qnu bench-backend`"
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        if content.pop("format") != FORMAT:
            raise QnuError("file", str(path), f"{allowed} of format {FORMAT}")
        content.pop("qnu")
        given = content.pop("cases")
        scores = [Score(**{k: case[k] for k in case if k in _NAMES}) for case in given]
    except OSError as error:
        raise QnuError("file", str(path), f"{allowed} ({error.strerror})") from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, QnuError):
            raise
        raise QnuError("file", str(path), allowed) from None
    return Benchmark(content, tuple(scores))


def done_before(path: Path | None, settings: dict[str, Any]) -> dict[str, Score]:
    """Scores of an interrupted run in the same file, by name; none where there is no file.

    Raises:
        QnuError: a file of other settings, or of something else.
    """
    if path is None or not path.exists():
        return {}
    kept = load_benchmark(path)
    for key in SETTINGS:
        if kept.settings.get(key) != settings[key]:
            found = Words(f"{key} = {kept.settings.get(key)!r} in {path}")
            allowed = f"{settings[key]!r}, as in this run (--overwrite makes the file anew)"
            raise QnuError("output", found, allowed)
    return {score.name: score for score in kept.scores if score.failed is None}
