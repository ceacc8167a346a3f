"""What a solver keeps so that a run can be interrupted and go on."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from ..checkpoint import Checkpoint, Saved


@dataclass(eq=False)
class Keeper:
    """What a solver keeps in a checkpoint: the arrays it fills, and where it is.

    Args:
        checkpoint: the file.
        key: the hash of everything that decides the result.
        arrays: filled by the solver while it runs; not the state.
        started: ``time.perf_counter()`` at the beginning; earlier by what was saved, so that the
            wall time is that of all parts.
    """

    checkpoint: Checkpoint
    key: str
    arrays: Mapping[str, NDArray[Any]]
    started: float

    def saved(self) -> Saved | None:
        """Where the run was; fills the solver's arrays."""
        found = self.checkpoint.saved(self.key)
        if found is not None:
            self.started -= found.position["seconds"]
            for name, array in self.arrays.items():
                if array.size:
                    found.restore(name, array)
        return found

    def save(self, state: NDArray[Any], **position: Any) -> None:
        """If it is time for it."""
        if self.checkpoint.due():
            position["seconds"] = clock.perf_counter() - self.started
            arrays = {"state": state, **{k: a for k, a in self.arrays.items() if a.size}}
            self.checkpoint.save(self.key, position, arrays)
