"""Just inside a tolerance is taken, just outside is refused."""

from __future__ import annotations

import numpy as np
import pytest

import qnu
from qnu import QnuError, observables

Z = [0.0, 0.0, 1.0]


@pytest.mark.parametrize("sign", [1, -1])
def test_velocities_have_unit_length_to_a_millionth(sign: int) -> None:
    def gas(excess: float) -> qnu.NeutrinoGas:
        velocity = np.array([[1.0 + sign * excess, 0.0, 0.0], [0.0, 1.0, 0.0]])
        return qnu.NeutrinoGas([Z, Z], [0.1, 0.1], velocity)

    gas(0.9e-6)
    with pytest.raises(QnuError, match=r"velocity\[0\].*unit vector"):
        gas(1.1e-6)


@pytest.mark.parametrize("sign", [1, -1])
def test_survival_needs_pure_states_to_a_millionth(sign: int) -> None:
    observables.survival_probability([Z], [[0.0, 0.0, 1.0 + sign * 0.9e-6]])
    with pytest.raises(QnuError, match="pure states"):
        observables.survival_probability([Z], [[0.0, 0.0, 1.0 + sign * 1.1e-6]])


def test_encounters_may_overlap_by_rounding_only() -> None:
    def schedule(overlap: float) -> qnu.EncounterSchedule:
        start = [0.0, 2.0 - overlap]
        return qnu.EncounterSchedule([0, 0], [1, 2], [0.1, 0.1], start, 2.0, neutrinos=3)

    schedule(0.9e-9 * 2.0)  # a billionth of the longest duration
    with pytest.raises(QnuError, match=r"start\[1\].*one encounter at a time"):
        schedule(1.1e-9 * 2.0)


def test_a_short_encounter_in_a_long_schedule_may_overlap_by_rounding_of_the_times() -> None:
    def schedule(overlap: float) -> qnu.EncounterSchedule:
        return qnu.EncounterSchedule(
            [0, 0], [1, 2], 0.1 * np.ones(2), [100.0, 100.001 - overlap], 0.001, neutrinos=3,
            final_time=1000.0,
        )  # fmt: skip

    schedule(0.9e-7)  # 1e-10 of the final time
    with pytest.raises(QnuError, match=r"start\[1\].*one encounter at a time"):
        schedule(1.1e-7)
