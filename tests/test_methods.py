"""What registers a method, a schedule or a machine, and what it refuses."""

from __future__ import annotations

from typing import Literal

import pytest

import qnu
from qnu import QnuError
from qnu.methods import METHODS, Method
from qnu.quantum.machines import QnuMachine
from qnu.quantum.machines.machine import PROVIDERS
from qnu.schedules import KINDS, ScheduleKind

SPEC = """
group = [{ count = 2, polarization = [0, 0, 1] }]
schedule = { kind = "tournament", gamma = 0.1 }
method = [{ kind = "late", strength = 2 }]
"""


def test_a_method_that_is_defined_late_is_known_to_the_next_file() -> None:
    qnu.experiment.parse(SPEC.replace('"late", strength = 2', '"independent"'))
    before = dict(METHODS)

    class Late(Method):
        """Defined after files were read."""

        kind: Literal["late"]
        strength: int = 1

        solve = staticmethod(qnu.solvers.independent)

    try:
        (method,) = qnu.experiment.parse(SPEC).methods
        assert method.options == {"strength": 2}
    finally:
        METHODS.clear()
        METHODS.update(before)
    with pytest.raises(
        QnuError, match="got 'late'; allowed: 'circuit', 'collective', 'independent'"
    ):
        qnu.experiment.parse(SPEC)


def test_two_of_one_name_are_an_error() -> None:
    with pytest.raises(QnuError, match="kind: got 'kinetic'; allowed: a name that is not"):

        class Again(Method):
            kind: Literal["kinetic"]

    with pytest.raises(QnuError, match="kind: got 'native'"):

        class Native(ScheduleKind):
            kind: Literal["native"]

    with pytest.raises(QnuError, match="provider: got 'qnu'"):

        class Qnu(QnuMachine):
            provider: Literal["qnu"] = "qnu"


def test_a_subclass_that_inherits_its_name_replaces_nothing() -> None:
    methods, kinds, providers = dict(METHODS), dict(KINDS), dict(PROVIDERS)

    class Method2(METHODS["many_body"]):
        pass

    class Kind2(KINDS["native"]):
        pass

    class Machine2(QnuMachine):
        pass

    assert (methods, kinds, providers) == (METHODS, KINDS, PROVIDERS)


def test_modules_of_0_1_are_imported_under_their_names() -> None:
    from qnu.quantum.calibration import device_graph, estimate
    from qnu.quantum.mitigation import conserved_ones, postselect
    from qnu.quantum.qasm import export
    from qnu.quantum.requests import FORMAT, prepare

    assert device_graph is qnu.quantum.device_graph
    assert estimate is qnu.quantum.estimate
    assert prepare is qnu.quantum.prepare
    assert FORMAT == 1
    assert conserved_ones.__module__ == "qnu.conservation"
    assert postselect.__module__ == "qnu.quantum.measure.mitigation"
    assert export is qnu.quantum.qasm.export
    with pytest.raises(ImportError, match="cannot import name 'nothing'"):
        from qnu.quantum.requests import nothing  # noqa: F401


def test_the_former_name_of_the_job_runner_warns() -> None:
    with pytest.warns(DeprecationWarning, match="now called JobRunner"):
        assert qnu.quantum.jobs.Office is qnu.quantum.jobs.JobRunner
