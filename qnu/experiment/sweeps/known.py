"""Which histories of a sweep are in its records, and which are missing."""

from __future__ import annotations

from .plan import Plan
from .records import Records, Sheet
from .work import Outcome, Piece

#: One share of a sweep: its number, from 1, and how many there are.
Part = tuple[int, int]


class Known:
    """What records have, and what is missing."""

    def __init__(self, made: Plan, records: Records, retry_failed: bool) -> None:
        self._plan, self._first = made, made.frame.seeds[0]
        self._numbers = made.frame.numbers()
        self._seeds: dict[str, set[int]] = {}
        self._fixed: set[str] = set()
        self._failures: dict[str, dict[tuple[int, str], str]] = {}
        for sheet in records.sheets():
            self._add(sheet)
        self._drop_made_good()
        if retry_failed:
            self._failures = {}
        self.kept = sum(map(len, self._seeds.values()))

    def _add(self, sheet: Sheet) -> None:
        wanted = set(sheet.seeds) & set(self._plan.frame.seeds)
        failed: dict[str, set[int]] = {}
        fixed = set(sheet.points if sheet.fixed and sheet.seeds[0] == self._first else ())
        for k, failure in sheet.failures:
            name = sheet.points[k]
            failed.setdefault(name, set()).add(failure.seed)
            if failure.method not in sheet.random:
                fixed.discard(name)
            if name in self._numbers and failure.seed in wanted:
                texts = self._failures.setdefault(name, {})
                texts[failure.seed, failure.method] = failure.text
        for name in sheet.points:
            if name in self._numbers:
                self._seeds.setdefault(name, set()).update(wanted - failed.get(name, set()))
        self._fixed |= fixed & self._numbers.keys()

    def _drop_made_good(self) -> None:
        """Failures that a later success has made good."""
        for name, texts in list(self._failures.items()):
            good = self._seeds.get(name, set())
            left = {key: text for key, text in texts.items() if key[0] not in good}
            if left:
                self._failures[name] = left
            else:
                del self._failures[name]

    def missing(self, part: tuple[int, int] | None) -> list[Piece]:
        """Pieces to compute, in the order of the grid; of a part, its share."""
        frame = self._plan.frame
        pieces = []
        seeds = list(frame.seeds) if frame.random else [frame.seeds[0]]
        for name, numbers in self._numbers.items():
            number = numbers[0]
            good = self._seeds.get(name, set())
            failed = {seed for seed, _ in self._failures.get(name, {})}
            left = [
                seed
                for k, seed in enumerate(seeds)
                if seed not in good and seed not in failed and self._mine(number, k, part)
            ]
            fixed = name not in self._fixed and not failed and self._mine(number, 0, part)
            if fixed and seeds[0] not in left:
                left = [seeds[0], *left]
            if left:
                pieces.append(Piece(name, self._plan.changes(number), tuple(left), fixed))
        return pieces

    def _mine(self, number: int, history: int, part: tuple[int, int] | None) -> bool:
        """Points are dealt out to the parts in turn, and histories where points are few."""
        if part is None:
            return True
        which, parts = part
        frame = self._plan.frame
        if len(frame.hashes) >= parts:
            return number % parts == which - 1
        return (number * len(frame.seeds) + history) % parts == which - 1

    def take(self, outcome: Outcome) -> None:
        """Note the failures in a record that came now."""
        for name, failure in outcome.failures:
            texts = self._failures.setdefault(name, {})
            texts[failure.seed, failure.method] = failure.text

    def failed_points(self) -> dict[int, str]:
        """The first failure of every point that has one."""
        found: dict[int, str] = {}
        for name, texts in self._failures.items():
            (seed, method), text = next(iter(texts.items()))
            del method
            for number in self._numbers[name]:
                found[number] = f"{text} (seed {seed})"
        return dict(sorted(found.items()))
