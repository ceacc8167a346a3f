"""A sweep over a name of the user's own, from which keys of the file are computed."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

import qnu
from qnu import QnuError
from qnu.experiment.sweeps import grid
from qnu.experiment.sweeps.keys import Keys


def made(given: dict[str, Any]) -> grid.Grid:
    experiment = qnu.experiment.load("two_groups_60_40")
    return grid.make(given, Keys(tomllib.loads(experiment.text), experiment.spec))


def test_a_name_of_ones_own_is_a_dimension_and_changes_only_what_is_computed_from_it() -> None:
    found = made(
        {
            "tau": [1.0, 2.0],
            "schedule.gamma": [0.01, 0.1, 0.2],
            "schedule.duration": "tau / schedule.gamma",
        }
    )
    assert found.shape == (2, 3)
    values = found.values_at(4)
    assert values == {"tau": 2.0, "schedule.gamma": 0.1, "schedule.duration": 20.0}
    assert found.changes(values) == {("schedule", "gamma"): 0.1, ("schedule", "duration"): 20.0}
    assert found.dimensions_of("schedule.duration") == ("tau", "schedule.gamma")


@pytest.mark.parametrize(
    "given",
    [
        {"tau": [1.0, 2.0]},  # nothing is computed from it
        {"tau": [1.0, 2.0], "schedule.gamma": "1 / tausend"},
        {"tau": "2 * tau"},
        {"method": [1, 2], "schedule.gamma": "method"},
        {"seeds": [1, 2], "schedule.gamma": "1 / seeds"},
        {"sqrt": [1, 2], "schedule.gamma": "sqrt(2)"},
        {"mixing_angel": [0.1, 0.2]},
    ],
)
def test_a_name_that_nothing_needs_or_that_is_taken_is_refused(given: dict[str, Any]) -> None:
    with pytest.raises(QnuError, match=r"^sweep: "):
        made(given)


def test_a_name_in_an_expression_must_be_a_number() -> None:
    found = made({"name1": ["a", "b"], "schedule.gamma": "2 * name1"})
    with pytest.raises(QnuError, match=r"keys that are numbers \(not name1\)"):
        found.values_at(0)
