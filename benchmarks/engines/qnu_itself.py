"""qnu: the public call ``qnu.solvers.many_body``, with everything it does, Trajectory included."""

from __future__ import annotations

import qnu

from ..circuit import Problem
from . import Run


def many_body(problem: Problem, precision: str) -> Run:
    gas, schedule = problem.gas, problem.schedule
    end = [schedule.final_time]  # as the others: nothing is read out of the initial state
    return lambda: qnu.solvers.many_body(gas, schedule, end, precision).polarization[-1]


def no_encounters(problem: Problem, precision: str) -> Run:
    """Everything but the gates: what is left is the time of the gates."""
    gas, schedule = problem.gas, problem.nothing
    end = [schedule.final_time]
    return lambda: qnu.solvers.many_body(gas, schedule, end, precision).polarization[-1]


FORMS = {"many_body": many_body}
#: Not another way to run the circuit: for the time per gate.
EXTRA = {"no encounters": no_encounters}
