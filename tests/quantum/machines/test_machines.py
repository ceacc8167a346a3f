import numpy as np
import pytest
from qiskit_aer import AerSimulator

import qnu
from qnu import QnuError, catalogue
from qnu.common import memory
from qnu.quantum import (
    AerMachine,
    DeviceMachine,
    FakeMachine,
    IBMMachine,
    IonMachine,
    IonQMachine,
    QnuMachine,
    load_machine,
    run,
)
from qnu.quantum.machines._aer_options import CHECKS

IBM = 'provider = "ibm"\nbackend = "least_busy"\n'
FAKE = 'provider = "fake"\nbackend = "FakeTorino"\n'


@pytest.fixture
def small():
    gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], [0.1, 0.2])
    return gas, qnu.schedules.tournament(gas, 0.3)


KINDS = {
    "aer_density_matrix": AerMachine,
    "aer_gpu": AerMachine,
    "aer_mps": AerMachine,
    "aer_statevector": AerMachine,
    "fake_fractional": FakeMachine,
    "fake_marrakesh": FakeMachine,
    "fake_nighthawk": FakeMachine,
    "fake_torino": FakeMachine,
    "ibm_heron": IBMMachine,
    "ibm_nighthawk": IBMMachine,
    "ionq_simulator": IonQMachine,
    "qnu": QnuMachine,
    "trapped_ions": IonMachine,
}


def test_every_config_of_the_catalogue_loads():
    assert set(catalogue.hardware_names()) == set(KINDS)
    documented = (catalogue.folder("hardware_configs") / "README.md").read_text(encoding="utf-8")
    for name, kind in KINDS.items():
        machine = load_machine(name)
        assert type(machine) is kind
        assert machine.name == name
        assert machine.description
        assert f"`{name}`" in documented
        for key in kind.model_fields:
            word = kind.model_fields[key].alias or key
            assert f"`{word}`" in documented or f"`[{word}]`" in documented or key == "name"
        if isinstance(machine, DeviceMachine):
            assert machine.default_shots() == machine.shots == 4096
        else:
            assert machine.shots == 0
        if kind is AerMachine and name != "aer_gpu":
            machine.backend()


@pytest.mark.parametrize(
    ("name", "qubits", "gate", "pairs"),
    [
        ("fake_torino", 133, "cz", 300),
        ("fake_marrakesh", 156, "cz", 352),
        ("fake_nighthawk", 120, "cz", 436),
        ("fake_fractional", 5, "rzz", 8),
        ("trapped_ions", 32, "rzz", 32 * 31),
        ("ionq_simulator", 29, "rzz", 29 * 28),
    ],
)
def test_targets(name, qubits, gate, pairs):
    target = load_machine(name).target()
    assert target.num_qubits == qubits
    assert len(target[gate]) == pairs


def test_ions_have_the_errors_that_the_file_says(tmp_path):
    file = tmp_path / "trap.toml"
    file.write_text(
        'provider = "ions"\nbackend = "mine"\nqubits = 3\none_qubit_error = 0.01\n'
        "two_qubit_error = 0.02\nreadout_error = 0.03\n",
        encoding="utf-8",
    )
    target = load_machine(file).target()
    assert target["rzz"][(2, 0)].error == 0.02
    assert target["rx"][(1,)].error == target["ry"][(1,)].error == 0.01
    assert target["rz"][(1,)].error == 0.0
    assert target["measure"][(1,)].error == 0.03
    with pytest.raises(QnuError, match="at most 3 qubits on 'trap'"):
        load_machine(file).check(4)


def test_a_gpu_that_is_not_there_is_one_line(small, monkeypatch):
    monkeypatch.setattr(AerSimulator, "available_devices", lambda self: ("CPU",))
    with pytest.raises(QnuError, match=r"'aer_gpu'.*'GPU'.*CPU \(for a GPU install") as caught:
        run(*small, hardware="aer_gpu")
    assert "\n" not in str(caught.value)
    monkeypatch.setattr(AerSimulator, "available_devices", lambda self: ("CPU", "GPU"))
    load_machine("aer_gpu").check(3)


def test_a_machine_as_a_table_is_the_machine_again():
    for name in KINDS:
        machine = load_machine(name)
        assert load_machine(machine) is machine
        table = machine.model_dump(mode="json", by_alias=True, exclude_unset=True)
        assert type(machine)(**table) == machine


def test_own_file(tmp_path, small):
    file = tmp_path / "mine.toml"
    file.write_text(
        'provider = "aer"\nmethod = "matrix_product_state"\nshots = 7\n'
        "[options]\nmatrix_product_state_max_bond_dimension = 4\n",
        encoding="utf-8",
    )
    machine = load_machine(file)
    assert machine.name == "mine"
    # 6 qubits with bonds 1 2 4 4 4 2 1: two amplitudes per pair of neighbouring bonds
    assert machine.memory_need(6) == 16 * 2 * (2 + 8 + 16 + 16 + 8 + 2)
    assert load_machine(machine) is machine
    assert run(*small, hardware=file, seed=1).attrs["shots"] == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("method = ", "TOML"),
        ('method = "statevector"', "provider"),
        ('provider = "abacus"', "'abacus'.*'aer'"),
        (
            'provider = "aer"',
            "^method: got nothing .*; allowed: 'statevector', 'matrix_product_state'",
        ),
        (
            'provider = "qnu"\nmethod = "statevector"',
            "^method: got an unknown key.*precision.*line 2",
        ),
        ('providr = "qnu"', "^providr: got an unknown key.*did you mean 'provider'.*line 1"),
        ('provider = "akr"', "'akr'.*did you mean 'aer'"),
        ('provider = "fake"\nbakend = "FakeTorino"', "^bakend: .*did you mean 'backend'.*line 2"),
        (FAKE + '[compile]\ngates = "rzzz"', "^compile.gates: .*did you mean 'rzz'.*line 4"),
        (FAKE + "[compile]\nlayout = 3", "^compile.layout: got 3.*'auto', .* or a list of whole"),
        (FAKE + "[compile]\navoid_error = 0.0", "^compile.avoid_error: got 0.0; .*a number > 0"),
        (FAKE + "compile = 3", "^compile: got 3; allowed: a table"),
        ('provider = "qnu"\nprecision = "half"', "'half'"),
        ('provider = "aer"\nmethod = "statevectr"', "'statevectr'.*statevector"),
        (
            'provider = "aer"\nmethod = "statevector"\nshotz = 3',
            "^shotz: got an unknown key.*did you mean 'shots'.*line 3 of bad.toml",
        ),
        ('provider = "aer"\nmethod = "statevector"\nshots = -3', "-3"),
        ('provider = "aer"\nmethod = "statevector"\nshots = "3"', "'3'"),
        ('provider = "aer"\nmethod = "statevector"\nmax_qubits = 0', "max_qubits"),
        ('provider = "fake"', "^backend: got nothing .*allowed: text that is not empty"),
        (
            FAKE + "shots = 0",
            "^shots: got 0; allowed: a whole number >= 1 and <= 100000000 .line 3",
        ),
        (FAKE + "precision = 0.02", "^precision: got 0.02.*only with primitive = 'estimator'"),
        (FAKE + 'primitive = "estimator"\nshots = 5', "^shots: got 5.*give precision"),
        (
            FAKE + 'primitive = "guesser"',
            "^primitive: got 'guesser'; allowed: 'sampler', 'estimator' .line 3",
        ),
        (FAKE + "[mitigation]\nresilience = 1", "mitigation.resilience.*1.*'sampler'"),
        (FAKE + '[mitigation]\nreadout = "trex"', "mitigation.readout.*'trex'.*calibrated"),
        (
            FAKE + '[mitigation]\ntwirl = "all"',
            "^mitigation.twirl: got an unknown key.*did you mean 'twirling'",
        ),
        (
            FAKE + '[compile]\nlayuot = "path"',
            "^compile.layuot: got an unknown key.*did you mean 'layout'.*line 4",
        ),
        (FAKE + '[compile]\ngates = "cy"', "compile.gates.*'cy'"),
        (
            FAKE + 'primitive = "estimator"\n[mitigation]\nreadout = "calibrated"',
            "readout.*resilience = 1",
        ),
        (
            FAKE + 'primitive = "estimator"\n[mitigation]\nsymmetry = "postselect"',
            "symmetry.*'rescale'",
        ),
        (
            FAKE + '[mitigation]\nreadout = "calibrated"\nsymmetry = "postselect"',
            "mitigation.readout.*'calibrated'.*'none' with symmetry = 'postselect'.*'rescale'",
        ),
        (
            FAKE + '[compile]\ndynamical_decoupling = "XX"\n[mitigation]\ntwirling = "gates"',
            "compile.dynamical_decoupling.*'XX'.*twirls",
        ),
        (IBM + 'token = "abc"', "^token: got an unknown key"),
        (IBM + 'instance = "abc"', "^instance: got an unknown key"),
        (IBM + 'channel = "abc"', "^channel: got an unknown key"),
        (IBM.replace("least_busy", "ibm_x") + 'family = "Heron"', "family.*'least_busy'"),
        (IBM + '[compile]\ngates = "rzz"', "compile.gates.*fractional = true"),
        (IBM + 'fractional = true\n[mitigation]\ntwirling = "all"', "twirling.*'measure'"),
        (FAKE + '[compile]\ngates = "rzz"\n[mitigation]\ntwirling = "gates"', "'rzz'.*'cz'"),
        ('provider = "ionq"\nbackend = "simulator"', "^qubits: got nothing"),
        (
            'provider = "ionq"\nbackend = "x"\nqubits = 9\n[mitigation]\ntwirling = "gates"',
            "mitigation.twirling.*'none' on ions",
        ),
        (
            'provider = "ions"\nbackend = "x"\nqubits = 9\nprimitive = "estimator"',
            "^primitive: got 'estimator'; allowed: 'sampler' ",
        ),
        (
            'provider = "ions"\nbackend = "x"\nqubits = 1',
            "^qubits: got 1; allowed: a whole number >= 2 and <= 1000",
        ),
    ],
)
def test_bad_files(tmp_path, text, words):
    file = tmp_path / "bad.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(QnuError, match=words) as caught:
        load_machine(str(file))
    assert "\n" not in str(caught.value)
    assert "bad.toml" in str(caught.value) or "TOML" in str(caught.value)


def test_unknown_hardware(small):
    with pytest.raises(QnuError, match=r"'abacus'.*aer_statevector"):
        run(*small, hardware="abacus")
    with pytest.raises(QnuError, match="hardware"):
        load_machine(3)


def test_bad_options(tmp_path):
    for text in ("no_such_option = 1", 'method = "statevector"', "shots = 3"):
        with pytest.raises(QnuError, match=r"^options.*: got .*line \d of mine\.toml"):
            options_of(text, tmp_path)
    with pytest.raises(QnuError, match="did you mean 'fusion_enable'"):
        options_of("fusion_enabel = true", tmp_path)
    with pytest.raises(ValueError, match="no_such_option"):
        AerMachine(method="statevector", options={"no_such_option": 1})


def test_memory_is_counted_before_it_is_taken(monkeypatch):
    gas = qnu.NeutrinoGas([[0, 0, 1]] * 60, [0.0] * 60)
    schedule = qnu.EncounterSchedule([0], [1], [0.3], [0.0], 0.0, neutrinos=60)
    with pytest.raises(QnuError, match=r"60.*1\.72e\+10 GiB.*available"):
        run(gas, schedule)
    with pytest.raises(QnuError, match=r"at most 15 qubits.*GiB"):
        run(gas, schedule, "aer_density_matrix")
    with pytest.raises(QnuError, match=r"60.*1\.72e\+10 GiB.*available"):
        run(gas, schedule, "qnu")
    assert AerMachine(method="statevector", precision="single").memory_need(10) == 8 * 1024
    assert QnuMachine(precision="single").memory_need(10) == 8 * 1024
    assert AerMachine(method="density_matrix").memory_need(5) == 16 * 1024
    monkeypatch.setattr(memory, "available", lambda: 2**20)
    AerMachine(method="statevector").check(16)
    with pytest.raises(QnuError, match=r"needs 0\.00195 GiB, 0\.000977 GiB"):
        AerMachine(method="statevector").check(17)


def test_most_qubits():
    machine = AerMachine(name="toy", method="statevector", max_qubits=3)
    machine.check(3)
    with pytest.raises(QnuError, match="at most 3 qubits on 'toy'"):
        machine.check(4)


def options_of(text, tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text(
        f'provider = "aer"\nmethod = "statevector"\n[options]\n{text}\n', encoding="utf-8"
    )
    return load_machine(file)


def test_every_option_of_aer_has_a_check():
    """Those that Aer lists itself, and no other but one that it documents only."""
    named = set(dict(AerSimulator().options.items()))
    assert set(CHECKS) - named == {"target_gpus"}
    assert named - set(CHECKS) == {"method", "precision", "shots", "noise_model", "seed_simulator"}


@pytest.mark.parametrize("name", sorted(CHECKS))
def test_options_of_a_wrong_type_are_refused_when_the_file_is_read(name, tmp_path):
    """Aer itself refuses them when a circuit runs; one of them ends the process."""
    default = dict(AerSimulator().options.items()).get(name)
    wrong = {"1.5", '"words"', "[]", "{ a = 1 }", "-2", "1e400", "true", "2147483648", "inf", "nan"}
    if name in ("max_memory_mb",):
        wrong -= {"2147483648"}
    if isinstance(default, bool) or name in ("memory", "accept_distributed_results"):
        wrong -= {"true"}
    for text in sorted(wrong):
        with pytest.raises(QnuError, match=rf"^options\.{name}: got .*of mine\.toml") as caught:
            options_of(f"{name} = {text}", tmp_path)
        assert "\n" not in str(caught.value)


def test_good_options_run(tmp_path, small):
    wanted = run(*small).at()
    for text in (
        "mps_omp_threads = 2", "max_memory_mb = -1", "zero_threshold = 0", "chop_threshold = 0",
        'device = "CPU"',
        "fusion_enable = false", "max_parallel_threads = 0", "statevector_parallel_threshold = 2",
    ):  # fmt: skip
        found = run(*small, hardware=options_of(text, tmp_path)).at()
        np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_values_that_may_be_secret_are_never_shown(tmp_path, small):
    secret = "s3cr3t-of-somebody"
    head = 'provider = "ibm"\nbackend = "ibm_torino"\n'
    texts = (
        f'{head}token = "{secret}"',
        f'{head}[mitigation]\ntoken = "{secret}"',
        f'{head}[compile]\ntoken = "{secret}"',
        f'{head}description = {{ token = "{secret}" }}',
        f'{head}shots = ["{secret}"]',
        f'provider = "aer"\nmethod = "statevector"\n[options]\ntoken = "{secret}"',
        f'provider = "aer"\nmethod = "statevector"\n[options]\nmemory = {{ token = "{secret}" }}',
    )
    for text in texts:
        file = tmp_path / "mine.toml"
        file.write_text(text, encoding="utf-8")
        with pytest.raises(QnuError, match=r"line \d of mine\.toml") as caught:
            load_machine(file)
        assert secret not in str(caught.value)
    for make in (
        lambda: IBMMachine(backend="ibm_torino", token=secret),
        lambda: IBMMachine(backend="ibm_torino", mitigation={"token": secret}),
        lambda: IBMMachine(backend="ibm_torino", compile={"token": secret}),
        lambda: AerMachine(method="statevector", options={"token": secret}),
    ):
        with pytest.raises(ValueError, match="token") as seen:
            make()
        assert secret not in str(seen.value)
