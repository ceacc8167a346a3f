"""What a solver keeps so that a run can be interrupted and go on."""

from __future__ import annotations

import time as clock
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..checkpoint import Checkpoint, Saved
from ..engine import statevector
from ..errors import QnuError

#: How far the norm of a saved state may be from 1: rounding of long runs.
_DRIFT = {np.complex128: 1e-6, np.complex64: 1e-2}


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


def restore_amplitudes(saved: Saved, amplitudes: NDArray[Any]) -> None:
    """The state of a run that goes on; one whose norm is not 1 ends it."""
    saved.restore("state", amplitudes)
    norm = statevector.norm(amplitudes)
    if not abs(norm - 1) <= _DRIFT[amplitudes.dtype.type]:
        raise QnuError("checkpoint", f"a state of norm {norm:.6g}", "norm 1; start without it")


def restore_rows(saved: Saved, rows: NDArray[Any]) -> None:
    """Polarizations of a run that goes on; one that is longer than 1 ends it."""
    saved.restore("state", rows)
    longest = float(np.sqrt(np.einsum("na,na->n", rows[:, :3], rows[:, :3])).max())
    if not longest <= 1 + _DRIFT[np.complex128]:
        raise QnuError("checkpoint", f"|P| = {longest:.6g}", "|P| <= 1; start without it")
