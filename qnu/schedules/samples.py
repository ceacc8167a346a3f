"""When a schedule may be sampled, and which encounters a sample includes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from ..common.checks import Floats, floats
from ..errors import QnuError

#: Times closer than this fraction of the final time count as equal.
TIME_TOLERANCE = 1e-10

Trotter = tuple[int, int] | None


def tolerance(final_time: float) -> float:
    """Times of a schedule closer than this are equal."""
    return TIME_TOLERANCE * max(final_time, 1e-300)


@dataclass(frozen=True, eq=False)
class SampleTimes:
    """Sample times of a schedule, checked once: what functions below the public ones hand on.

    Made by :meth:`qnu.EncounterSchedule.samples`, which returns it unchanged where it is given one.

    Attributes:
        times: ``(samples,)``, never decreasing.
        limits: ``(samples,)``: a sample includes the encounters that start before its limit.
    """

    times: Floats
    limits: Floats

    def __len__(self) -> int:
        return len(self.times)

    def up_to(self, sample: int) -> SampleTimes:
        """The samples up to one of them."""
        return SampleTimes(self.times[: sample + 1], self.limits[: sample + 1])

    def only(self, sample: int) -> SampleTimes:
        """One of the samples."""
        one = slice(sample, sample + 1)
        return SampleTimes(self.times[one], self.limits[one])


def checked_samples(times: ArrayLike | None, final_time: float, trotter: Trotter) -> SampleTimes:
    """Times that never decrease, within the schedule; without them its beginning and end.

    At the final time a sample includes every encounter, whatever rounding made of its start.
    """
    if times is None:
        return SampleTimes(np.array([0.0, final_time]), np.array([-np.inf, np.inf]))
    values = floats("times", times, (None,))
    if values.size == 0 or (np.diff(values) < 0).any():
        raise QnuError("times", values.tolist(), "at least one time, never decreasing")
    margin = tolerance(final_time)
    outside = (values < -margin) | (values > final_time + margin)
    if outside.any():
        k = int(np.argmax(outside))
        raise QnuError(f"times[{k}]", float(values[k]), f"0 to {final_time:g}, within the schedule")
    if trotter is not None and trotter[1] == 2:
        _check_whole_steps(values, final_time / trotter[0])
    last = values >= final_time - margin
    return SampleTimes(values, np.where(last, np.inf, values - margin))


def _check_whole_steps(values: Floats, step: float) -> None:
    """Within a step of a second-order Trotter product the state is only first order."""
    off = abs(values / step - np.round(values / step)) > 1e-6
    if off.any():
        k = int(np.argmax(off))
        raise QnuError(
            f"times[{k}]", float(values[k]), f"whole Trotter steps, multiples of {step:.6g}"
        )


def equally_spaced(samples: int, final_time: float, trotter: Trotter) -> Floats:
    """From 0 to the end; the nearest whole steps where only those can be sampled."""
    if trotter is None or trotter[1] != 2:
        return np.linspace(0.0, final_time, samples)
    whole = np.unique(np.round(np.linspace(0, trotter[0], samples)))
    return whole * (final_time / trotter[0])
