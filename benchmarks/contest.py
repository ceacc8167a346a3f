"""Which form of the circuit is fastest for an engine, at this N: tried, not guessed.

What wins in cache may lose out of it, so forms are compared again at every N, as long as one run
of them is short enough; those far behind are dropped on the way.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from .engines import Engine
from .workers import EngineError, Worker

#: From this N on, a form this many times as slow as the best is not tried at larger N. Below it,
#: a form that is far ahead in the caches may fall behind in memory.
_DROP_FROM, _BEHIND = 22, 2.5


@dataclass
class Contest:
    """The forms of one engine, and how they did so far.

    Args:
        engine: whose forms.
        budget: seconds; a form that is expected to take longer is not tried.
    """

    engine: Engine
    budget: float
    best: str = ""
    rows: list[dict[str, Any]] = field(default_factory=list)
    _seconds: dict[str, float] | None = None  # of the forms still in, at the last N they ran
    _work: float = 0.0

    def hold(self, worker: Worker, count: int, encounters: int, say: Callable[[str], None]) -> str:
        """The form to take at this N."""
        self.best = self.best or self.engine.form
        work = encounters * 2.0**count
        if self._seconds is None:
            names = worker.ask(do="forms")["forms"]
            expected = dict.fromkeys(names, 0.0)
        else:
            expected = {f: t * work / self._work for f, t in self._seconds.items()}
        todo = [form for form, seconds in expected.items() if seconds <= self.budget]
        if len(todo) < 2:
            return self.best
        found = {}
        for form in todo:
            try:
                found[form] = self._try(worker, form, count)
            except EngineError as error:
                say(f"  {self.engine.key}, N = {count}, {form}: {error}")
        worker.ask(do="forget")
        if not found:
            return self.best
        shortest = min(found.values())
        self.best = min(found, key=found.__getitem__)
        far = _BEHIND * shortest if count >= _DROP_FROM else float("inf")
        self._seconds = {f: t for f, t in found.items() if t <= far}
        self._work = work
        self.rows += [
            {
                "engine": self.engine.name,
                "precision": self.engine.precision,
                "form": form,
                "count": count,
                "median_s": seconds,
            }
            for form, seconds in found.items()
        ]
        say(f"  {self.engine.key}, N = {count}: {self.best} is the fastest of {len(found)} forms")
        return self.best

    def _try(self, worker: Worker, form: str, count: int) -> float:
        worker.ask(do="prepare", count=count, form=form)
        timeout = 60 + 20 * self.budget
        worker.ask(timeout, do="run", form=form)  # may compile
        return statistics.median(worker.ask(3 * timeout, do="run", form=form, times=3)["seconds"])
