"""What a solver saves so that an interrupted run can continue."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checkpoint import Checkpoint, Saved
from ..engine import statevector
from ..errors import QnuError

#: How far the norm of a saved state may be from 1: rounding of long runs.
_DRIFT = {np.complex128: 1e-6, np.complex64: 1e-2}


@dataclass(eq=False)
class SolverCheckpoint:
    """The checkpoint of one call of a solver: what is saved, and the point to continue from.

    Args:
        checkpoint: the file.
        key: the hash of everything that decides the result.
        arrays: filled by the solver while it runs; not the state. Where the file holds this
            calculation they are filled from it.
        started: ``time.perf_counter()`` at the beginning; earlier by what was saved, so that the
            wall time is that of all parts.
    """

    checkpoint: Checkpoint
    key: str
    arrays: Mapping[str, NDArray[Any]]
    started: float
    saved: Saved | None = field(init=False)

    def __post_init__(self) -> None:
        self.saved = self.checkpoint.saved(self.key)
        if self.saved is not None:
            self.started -= self.saved.position["seconds"]
            for name, array in self.arrays.items():
                if array.size:
                    self.saved.restore(name, array)

    @property
    def stage(self) -> int:
        """The stage of the calculation to continue with."""
        return 0 if self.saved is None else int(self.saved.position["stage"])

    def saved_in(self, stage: int) -> Saved | None:
        """The point to continue from, if it lies in this stage."""
        return self.saved if self.stage == stage else None

    def save(self, state: NDArray[Any], **position: Any) -> None:
        """Save the state and its position if the interval between two checkpoints has passed."""
        if self.checkpoint.due():
            position["seconds"] = clock.perf_counter() - self.started
            arrays = {"state": state, **{k: a for k, a in self.arrays.items() if a.size}}
            self.checkpoint.save(self.key, position, arrays)


def restore_amplitudes(saved: Saved, amplitudes: NDArray[Any]) -> None:
    """Restore the state of an interrupted run; a norm other than 1 is an error."""
    saved.restore("state", amplitudes)
    norm = statevector.norm(amplitudes)
    if not abs(norm - 1) <= _DRIFT[amplitudes.dtype.type]:
        raise QnuError("checkpoint", f"a state of norm {norm:.6g}", "norm 1; start without it")


def restore_rows(saved: Saved, rows: NDArray[Any]) -> None:
    """Restore the polarizations of an interrupted run; ``|P| > 1`` is an error."""
    saved.restore("state", rows)
    longest = float(np.sqrt(np.einsum("na,na->n", rows[:, :3], rows[:, :3])).max())
    if not longest <= 1 + _DRIFT[np.complex128]:
        raise QnuError("checkpoint", f"|P| = {longest:.6g}", "|P| <= 1; start without it")
