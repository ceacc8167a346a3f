import pytest

import qnu
from qnu import QnuError, catalogue, memory
from qnu.quantum import AerMachine, QnuMachine, load_machine, run


@pytest.fixture
def small():
    gas = qnu.NeutrinoGas([[0, 0, 1], [1, 0, 0]], [0.1, 0.2])
    return gas, qnu.schedules.tournament(gas, 0.3)


def test_every_config_of_the_catalogue_loads():
    names = catalogue.hardware_names()
    assert {"aer_statevector", "aer_mps", "aer_density_matrix", "qnu"} <= set(names)
    for name in ("aer_statevector", "aer_mps", "aer_density_matrix", "qnu"):
        machine = load_machine(name)
        assert machine.name == name
        assert machine.description
        assert machine.shots == 0
        if isinstance(machine, AerMachine):
            machine.backend()
    assert isinstance(load_machine("qnu"), QnuMachine)


def test_own_file(tmp_path, small):
    file = tmp_path / "mine.toml"
    file.write_text(
        'provider = "aer"\nmethod = "matrix_product_state"\nshots = 7\n'
        "[options]\nmatrix_product_state_max_bond_dimension = 4\n"
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
        ('provider = "aer"', "method in"),
        ('provider = "qnu"\nmethod = "statevector"', "'method'.*precision"),
        ('provider = "qnu"\nprecision = "half"', "'half'"),
        ('provider = "aer"\nmethod = "statevectr"', "'statevectr'.*statevector"),
        ('provider = "aer"\nmethod = "statevector"\nshotz = 3', "'shotz'.*did you mean 'shots'"),
        ('provider = "aer"\nmethod = "statevector"\nshots = -3', "-3"),
        ('provider = "aer"\nmethod = "statevector"\nshots = "3"', "'3'"),
        ('provider = "aer"\nmethod = "statevector"\nmax_qubits = 0', "max_qubits"),
    ],
)
def test_bad_files(tmp_path, text, words):
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(QnuError, match=words) as caught:
        load_machine(str(file))
    assert "\n" not in str(caught.value)


def test_unknown_hardware(small):
    with pytest.raises(QnuError, match=r"'abacus'.*aer_statevector"):
        run(*small, hardware="abacus")
    with pytest.raises(QnuError, match="hardware"):
        load_machine(3)


def test_bad_options(small):
    for options in ({"no_such_option": 1}, {"method": "statevector"}):
        with pytest.raises(QnuError, match="options"):
            run(*small, hardware=AerMachine(method="statevector", options=options))


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
