"""The [execution] table and the numbers of randomizations: checked, and handed on exactly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError
from qiskit_ibm_runtime import Batch, Session
from qiskit_ibm_runtime.options_models.estimator import EstimatorOptions
from qiskit_ibm_runtime.options_models.sampler import SamplerOptions

import qnu
from qnu import QnuError
from qnu.quantum import Execution, FakeMachine, IBMMachine, IonMachine, Mitigation, load_machine
from qnu.quantum.machines import Limits, load_device, submission
from qnu.quantum.machines.limits import limits_of

GAS = qnu.NeutrinoGas([[0, 0, 1], [0.6, 0, 0.8]], omega=[0.1, 0.2])
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.4)
TWIRLED = Mitigation(twirling="all", num_randomizations=7)


def recipe(**fields: Any) -> dict[str, Any]:
    machine = FakeMachine(backend="FakeLagosV2", **fields)
    return qnu.quantum.prepare(GAS, SCHEDULE, machine, times=[0.4])[1]


def test_a_samplers_options_have_what_the_config_says() -> None:
    made = recipe(mitigation=TWIRLED, execution=Execution(max_execution_time=321, rep_delay=3.5e-4))
    options = SamplerOptions(**submission._options(made, None))
    assert options.max_execution_time == 321
    assert options.execution.rep_delay == 3.5e-4
    assert (options.twirling.num_randomizations, options.twirling.shots_per_randomization) == (
        7,
        "auto",
    )
    assert options.twirling.enable_gates
    untouched = SamplerOptions(**submission._options(recipe(), None))
    assert untouched == SamplerOptions()


def test_an_estimators_options_have_them_too() -> None:
    made = recipe(
        primitive="estimator",
        mitigation=Mitigation(resilience=1, shots_per_randomization=50),
        execution=Execution(max_execution_time=60, rep_delay=2e-4),
    )
    options = EstimatorOptions(**submission._options(made, None))
    assert (options.max_execution_time, options.execution.rep_delay) == (60, 2e-4)
    assert options.twirling.shots_per_randomization == 50
    assert options.twirling.num_randomizations == "auto"
    assert options.resilience_level == 1


def test_a_wrong_name_would_be_refused_by_the_library() -> None:
    made = submission._options(recipe(execution=Execution(rep_delay=2e-4)), None)
    with pytest.raises(ValidationError):
        SamplerOptions(**{**made, "execution": {"rep_delays": 2e-4}})
    with pytest.raises(ValidationError):
        SamplerOptions(**{**made, "max_execution_seconds": 3})


def test_recipes_of_earlier_versions_still_run() -> None:
    made = recipe()
    del made["execution"]
    for name in ("num_randomizations", "shots_per_randomization"):
        del made["mitigation"][name]
    assert SamplerOptions(**submission._options(made, None)) == SamplerOptions()


@pytest.mark.parametrize("kind", [Batch, Session])
def test_a_batch_or_session_is_what_the_primitive_runs_in(kind: Any) -> None:
    made = recipe(shots=20)
    circuits, _ = qnu.quantum.prepare(GAS, SCHEDULE, "FakeLagosV2", times=[0.4])
    device = load_device("FakeLagosV2").backend()
    with kind(backend=device) as opened:
        job = submission.remote(device, circuits, made, mode=opened)
    assert len(job.result()) == 3


def test_as_many_random_circuits_are_run_as_the_config_says() -> None:
    machine = FakeMachine(backend="FakeLagosV2", shots=70, mitigation=TWIRLED)
    run = qnu.quantum.run(GAS, SCHEDULE, machine, times=[0.4], seed=1)
    assert int(run.attrs["shots_executed"]) == 3 * 70
    other = FakeMachine(
        backend="FakeLagosV2",
        shots=70,
        mitigation=Mitigation(twirling="all", shots_per_randomization=40),
    )
    run = qnu.quantum.run(GAS, SCHEDULE, other, times=[0.4], seed=1)
    assert int(run.attrs["shots_executed"]) == 3 * 80  # two of 40


@pytest.mark.parametrize(
    ("table", "said"),
    [
        ("[execution]\nmode = 'batches'", "execution.mode: got 'batches'; .*did you mean 'batch'"),
        ("[execution]\nmax_execution_time = 0", "execution.max_execution_time: got 0"),
        ("[execution]\nmax_execution_time = 20000", r"got 20000; allowed: .*<= 10800"),
        ("[execution]\nmax_time = 60", "execution.max_time: got 60; allowed: only with mode"),
        ("[execution]\nrep_delay = -1.0", "execution.rep_delay: got -1"),
        ("[execution]\nrep_delay = 100", r"got 100; allowed: a number .* < 1.0, in seconds \("),
        ("[execution]\nmax_shot = 3", "execution.max_shot: got an unknown key.*'max_shots'"),
        ("[mitigation]\nnum_randomizations = 4", "only where something is twirled"),
        (
            "[mitigation]\ntwirling = 'all'\nnum_randomizations = 4\nshots_per_randomization = 2",
            "only one of num_randomizations and",
        ),
    ],
)
def test_a_bad_value_is_one_line_with_its_key(tmp_path: Path, table: str, said: str) -> None:
    file = tmp_path / "mine.toml"
    file.write_text(f"provider = 'ibm'\nbackend = 'ibm_torino'\n{table}\n", encoding="utf-8")
    with pytest.raises(QnuError, match=said) as caught:
        load_machine(file)
    assert "\n" not in str(caught.value)
    assert "mine.toml" in str(caught.value)


@pytest.mark.parametrize("delay", [0.0, 2.5e-4, 5e-4])
def test_a_delay_within_the_range_of_the_device_is_taken(delay: float) -> None:
    machine = FakeMachine(backend="FakeTorino", execution=Execution(rep_delay=delay))
    assert machine.rep_delay() == delay


@pytest.mark.parametrize(
    ("backend", "delay", "said"),
    [
        ("FakeTorino", 6e-4, r"execution.rep_delay: got 0.0006; allowed: 0 to 0.0005 seconds on"),
        ("FakeMiami", 2.5e-4, r"allowed: 0.001 to 0.004 seconds on fake_miami"),
        ("FakePrague", 1e-4, r"no rep_delay on fake_prague: its delay is fixed"),
    ],
)
def test_another_delay_is_refused_before_anything_is_compiled(
    backend: str, delay: float, said: str
) -> None:
    machine = FakeMachine(backend=backend, execution=Execution(rep_delay=delay))
    for start in (qnu.quantum.prepare, qnu.quantum.jobs.planned):
        with pytest.raises(QnuError, match=said):
            start(GAS, SCHEDULE, machine)


def test_ions_have_neither_delays_nor_sessions() -> None:
    for execution, said in (
        (Execution(mode="session"), "'job' on ions"),
        (Execution(rep_delay=1e-4), "only on devices of IBM"),
        (Execution(max_execution_time=9), "only on devices of IBM"),
    ):
        with pytest.raises(ValidationError, match=said):
            IonMachine(backend="trap", qubits=3, execution=execution)


def test_limits_are_the_configs_then_the_devices() -> None:
    backend = load_device("FakeMiami").backend()
    assert limits_of(backend, Execution()) == Limits(75, 100_000)
    own = Execution(max_circuits=9, max_shots=200_000)
    assert limits_of(backend, own, 10**7) == Limits(9, 200_000, 10**7)
    assert load_device("trapped_ions").limits() == Limits()


def test_ibm_takes_ten_million_executions_of_a_samplers_job(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    device = load_device("FakeTorino").backend()
    monkeypatch.setattr(IBMMachine, "backend", lambda self: device)
    assert IBMMachine(backend="ibm_torino").limits() == Limits(300, 100_000, 10_000_000)
    estimator = IBMMachine(backend="ibm_torino", primitive="estimator")
    assert estimator.limits().executions is None


def test_a_job_that_would_be_ended_early_is_named_before_it_is_sent() -> None:
    def draft(most: int | None, shots: int, **more: int) -> qnu.quantum.jobs.Draft:
        execution = Execution(max_execution_time=most, **more)
        machine = FakeMachine(backend="FakeLagosV2", execution=execution)
        return qnu.quantum.jobs.draft(GAS, SCHEDULE, machine, [0.4], shots=shots)

    assert draft(None, 20_000).warning == ""
    work = draft(10, 20_000)  # 3 circuits x 20000 shots x 250 us = 15 s
    assert 16 < work.longest_request < 20
    assert "s: more than max_execution_time = 10" in work.warning
    assert draft(30, 20_000).warning == ""
    split = draft(10, 20_000, max_circuits=1)
    assert len(split.intent.parts) == 3
    assert 6 < split.longest_request < 9
    assert split.warning == ""
