"""``progress=True`` shows a bar where it takes long, and changes nothing else."""

import functools
import inspect

import numpy as np
import pytest

import qnu
from qnu import quantum, solvers
from qnu.common import progress
from tests.conftest import two_groups

SCHEDULED = (solvers.many_body, solvers.independent, solvers.final_state, quantum.run)
TIMED = (solvers.mean_field, solvers.kinetic, solvers.miscidynamics)


@pytest.mark.parametrize("solve", [*SCHEDULED, *TIMED], ids=lambda f: f.__name__)
def test_all_of_them_take_the_same(solve, monkeypatch, capfd) -> None:
    assert inspect.signature(solve).parameters["progress"].default is None
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    gas, name = two_groups(3, 3), solve.__name__
    schedule = qnu.schedules.tournament(gas, 0.1)
    if solve in SCHEDULED:
        arguments = (gas, schedule)
    else:
        arguments = (gas, np.linspace(0, 5, 3), *([] if solve is solvers.mean_field else [0.1]))
    if solve is solvers.miscidynamics:  # these opposite groups are far from an equilibrium
        solve = functools.partial(solve, force=True)
    solve(*arguments, progress=False)
    solve(*arguments)
    assert capfd.readouterr().err == ""
    solve(*arguments, progress=True)
    shown = capfd.readouterr().err
    assert name in shown
    assert "left" in shown
    seen: list[float] = []
    solve(*arguments, progress=seen.append)
    assert seen
    assert 0 <= seen[0] <= seen[-1] <= 1  # an integrator may take a step back


def test_what_is_short_shows_no_bar(capfd) -> None:
    gas = two_groups(2, 2)
    solvers.many_body(gas, qnu.schedules.tournament(gas, 0.1), progress=True)
    assert capfd.readouterr().err == ""
