"""The Qiskit face: primitives against Qiskit's own, on circuits of every gate that they take."""

import io
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from qiskit import qasm3, qpy, transpile
from qiskit.circuit import (
    AnnotatedOperation,
    ClassicalRegister,
    ControlModifier,
    Gate,
    InverseModifier,
    Parameter,
    QuantumCircuit,
    QuantumRegister,
    library,
)
from qiskit.circuit.library import (
    GlobalPhaseGate,
    PauliEvolutionGate,
    RXXGate,
    RYYGate,
    RZZGate,
    SwapGate,
    UnitaryGate,
    XXPlusYYGate,
    get_standard_gate_name_mapping,
)
from qiskit.exceptions import QiskitError
from qiskit.primitives import (
    BaseEstimatorV2,
    BaseSamplerV2,
    StatevectorEstimator,
    StatevectorSampler,
)
from qiskit.quantum_info import (
    SparseObservable,
    SparsePauliOp,
    Statevector,
    random_clifford,
    random_pauli_list,
    random_unitary,
)
from qiskit.transpiler import CouplingMap
from scipy.stats import chisquare

import qnu
from qnu import QnuError
from qnu.common import memory
from qnu.errors import QnuWarning
from qnu.quantum import EncounterGate, QnuEstimator, QnuSampler
from qnu.quantum.circuits.openqasm import to_qasm3

ANGLE = st.floats(-7, 7)
A, B = Parameter("a"), Parameter("b")


def angle_of(rng, parameters):
    """A number, or one of the ways in which a circuit parameter may come."""
    number = rng.uniform(-4, 4)
    if not parameters or rng.random() < 0.4:
        return number
    p, q = rng.choice(parameters, 2)
    ways = (p, -p / 3, 2 * p + number, p - q / 2, p * q, (p + 1).sin(), (p * q).cos() * number)
    return ways[rng.integers(len(ways))]


def random_circuit(seed, qubits, depth, parameters=(), cregs=()):
    """Two-qubit gates of every kind, one-qubit gates of every kind, barriers and delays."""
    rng = np.random.default_rng(seed)
    qc = QuantumCircuit(QuantumRegister(qubits, "q"), *cregs)

    def angle():
        return angle_of(rng, parameters)

    for _ in range(depth):
        a, b = (int(k) for k in rng.permutation(qubits)[:2])
        field = rng.normal(size=(2, 3))
        times = [angle(), angle()]
        if rng.random() < 0.5:
            field[:, :2] = 0  # vacuum
        else:
            times[0] = rng.uniform(-2, 2) * times[1]  # else no definition
        two = (
            EncounterGate(times[0], *field, times[1], bool(rng.integers(2))),
            SwapGate(),
            RXXGate(angle()),
            RYYGate(angle()),
            RZZGate(angle()),
            XXPlusYYGate(angle(), angle()),
        )
        qc.append(two[rng.integers(len(two))], [a, b])
        way = rng.integers(9)
        if way == 0:
            qc.u(angle(), angle(), angle(), a)
        elif way == 1:
            qc.rz(angle(), a)
            qc.p(angle(), b)
        elif way == 2:
            qc.rx(angle(), a)
            qc.ry(angle(), b)
        elif way == 3:
            qc.h(a)
            qc.sx(b)
        elif way == 4:
            qc.r(angle(), angle(), a)
        elif way == 5:
            qc.append(UnitaryGate(random_unitary(2, seed=rng)), [a])
            qc.delay(100, b)
        elif way == 6:
            qc.sdg(a)
            qc.id(b)
            qc.barrier()
        elif way == 7:
            qc.rzz(angle(), a, b)  # on the same pair again, from the other side
            qc.rxx(angle(), b, a)
        qc.global_phase += 0.1
    return qc


def random_observables(seed, qubits, count=4):
    rng = np.random.default_rng(seed)
    return [
        SparsePauliOp(random_pauli_list(qubits, 5, seed=rng, phase=False), rng.normal(size=5))
        for _ in range(count)
    ]


def both(pub, **options):
    """What Qiskit and qnu say."""
    wanted = StatevectorEstimator(**options).run([pub]).result()[0]
    found = QnuEstimator(**options).run([pub]).result()[0]
    assert (
        found.data.evs.shape == found.data.stds.shape == wanted.data.evs.shape == found.data.shape
    )
    return wanted, found


def test_they_are_primitives() -> None:
    assert isinstance(QnuEstimator(), BaseEstimatorV2)
    assert isinstance(QnuSampler(), BaseSamplerV2)
    assert (QnuEstimator().default_precision, QnuSampler().default_shots) == (0.0, 1024)
    assert QnuEstimator(seed=3).seed == QnuSampler(seed=3).seed == 3


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), qubits=st.integers(2, 6), depth=st.integers(0, 25))
def test_random_circuits(seed, qubits, depth) -> None:
    wanted, found = both((random_circuit(seed, qubits, depth), random_observables(seed, qubits)))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-10)
    assert (found.data.stds == 0).all()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 2**32), qubits=st.integers(2, 5), values=st.tuples(ANGLE, ANGLE))
def test_random_circuits_with_parameters(seed, qubits, values) -> None:
    qc = random_circuit(seed, qubits, 12, (A, B))
    rows = [values[: qc.num_parameters], values[::-1][: qc.num_parameters]]
    wanted, found = both((qc, random_observables(seed, qubits, 2), rows))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-10)


def test_one_parameter_scales_a_schedule(odd_gas) -> None:
    """The circuit of a sweep over gamma: compiled once, like one circuit per gamma."""
    gamma = Parameter("gamma")
    schedule = qnu.schedules.tournament(odd_gas, 0.6, vacuum="between")
    qc = qnu.quantum.circuit(odd_gas, schedule, gamma=gamma, swap=True)
    values = [[0.1], [0.6], [-2.3]]
    requested = ["IIIZ", "IIXI", "YZIX"]
    found = QnuEstimator().run([(qc, [[o] for o in requested], values)]).result()[0].data.evs
    for k, value in enumerate(values):
        state = Statevector(qc.assign_parameters(value))
        wanted = [state.expectation_value(SparsePauliOp(o)).real for o in requested]
        np.testing.assert_allclose(found[:, k], wanted, atol=1e-12)


@pytest.mark.parametrize(
    "gate",
    [g for g in get_standard_gate_name_mapping().values() if isinstance(g, Gate)],
    ids=lambda g: g.name,
)
def test_every_gate_of_qiskit(gate) -> None:
    """Those of more than two qubits are decomposed."""
    rng = np.random.default_rng(5)
    qubits = max(gate.num_qubits, 2)
    place = list(range(gate.num_qubits))[::-1]
    qc = QuantumCircuit(qubits)
    for q in range(qubits):
        qc.u(*rng.uniform(1, 2, 3), q)
    qc.rxx(0.7, 0, 1)
    qc.append(gate, place)
    qc.append(XXPlusYYGate(1.1, 0.4), [0, 1])
    values = rng.uniform(-2, 2, (2, qc.num_parameters))
    requested = [["".join(p)] for p in itertools.product("IXYZ", repeat=qubits)]
    pub = (qc, requested, values)
    wanted, found = both(pub)
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-12)


def test_one_qubit_gates_of_every_make() -> None:
    inner = QuantumCircuit(1, name="mine")
    inner.h(0)
    inner.rz(A, 0)
    inner.rx(B, 0)
    qc = QuantumCircuit(2)
    qc.rxx(1.0, 0, 1)
    qc.append(inner.to_gate(), [1])
    qc.append(inner.assign_parameters([0.3, 0.8]).to_gate(), [0])
    qc.prepare_state([0.6, 0.8j], 1)
    qc.append(UnitaryGate(random_unitary(2, seed=1)), [0])
    qc.pauli("Y", [1])
    qc.append(GlobalPhaseGate(0.4), [])
    qc.rx(0.4, 0)
    requested = [["".join(p)] for p in itertools.product("IXYZ", repeat=2)]
    wanted, found = both((qc, requested, [[1, 2], [-0.3, 0.4]]))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-12)


@pytest.mark.parametrize("crossed", [False, True])
@pytest.mark.parametrize("swap", [False, True])
def test_encounters_know_first_from_second(crossed, swap) -> None:
    """A flipped order, sign or swap shows in every component."""
    place = [1, 0] if crossed else [0, 1]
    qc = QuantumCircuit(3)
    qc.ry(0.7, 0)
    qc.rx(1.1, 1)
    qc.u(0.3, 0.2, 0.1, 2)
    gate = EncounterGate(0.4, (0.2, 0.1, -0.9), (0.3, -0.6, 0.5), 0.8, swap)
    qc.append(gate, place)
    qc.append(EncounterGate(0.6, (0, 0, 0.4), (0, 0, 0.9), 1.3), [1, 2])
    state = Statevector(qc)
    requested = ["IIX", "IIY", "IIZ", "IXI", "IYI", "IZI", "XII", "XYZ"]
    found = QnuEstimator().run([(qc, requested)]).result()[0].data.evs
    wanted = [state.expectation_value(SparsePauliOp(o)).real for o in requested]
    np.testing.assert_allclose(found, wanted, atol=1e-13)
    assert len({round(abs(v), 6) for v in found}) == len(requested)


def refused():
    mid = QuantumCircuit(2, 2)
    mid.h(0)
    mid.measure(0, 0)
    mid.x(0)
    yield mid, "x after measure"
    moved = QuantumCircuit(2, 2)
    moved.measure(0, 0)
    moved.swap(0, 1)
    yield moved, "swap after measure"
    reset = QuantumCircuit(1)
    reset.reset(0)
    yield reset, "reset"
    branch = QuantumCircuit(2, 1)
    with branch.if_test((0, 1)):
        branch.x(1)
    yield branch, "if_else"
    box = QuantumCircuit(1)
    with box.box():
        box.h(0)
    yield box, "box"
    start = QuantumCircuit(1)
    start.initialize([0, 1])
    yield start, "initialize"
    hidden = QuantumCircuit(2, name="part")
    hidden.reset(0)
    whole = QuantumCircuit(2)
    whole.append(hidden.to_instruction(), [0, 1])
    yield whole, "part, with reset inside"
    inner = QuantumCircuit(2, 1, name="measured")
    inner.measure(0, 0)
    inner.x(0)
    outer = QuantumCircuit(2, 1)
    outer.append(inner.to_instruction(), [0, 1], [0])
    yield outer, "measured, with x after measure"
    opaque = QuantumCircuit(3)
    opaque.append(Gate("something", 3, []), [0, 1, 2])
    yield opaque, "something"
    saved = QuantumCircuit(1)
    saved.save_statevector()
    yield saved, "save_statevector"


@pytest.mark.parametrize("qubits", [1, 2])
def test_a_gate_without_a_meaning(qubits) -> None:
    qc = QuantumCircuit(2)
    qc.append(Gate("encounter", qubits, []), list(range(qubits)))
    with pytest.raises(
        QnuError, match="'encounter'; allowed: a gate with a matrix or a definition"
    ):
        QnuEstimator().run([(qc, "ZZ")])
    itself = Gate("loop", qubits, [])
    itself.definition = QuantumCircuit(qubits)
    itself.definition.append(itself, list(range(qubits)))
    qc = QuantumCircuit(2)
    qc.append(itself, list(range(qubits)))
    with pytest.raises(QnuError, match="'loop'; allowed: a gate that is not part of itself"):
        QnuEstimator().run([(qc, "ZZ")])


@pytest.mark.parametrize(("qc", "name"), list(refused()), ids=lambda x: x if type(x) is str else "")
def test_what_is_refused(qc, name) -> None:
    for call in (
        lambda: QnuEstimator().run([(qc, "Z" * qc.num_qubits)]),
        lambda: QnuSampler().run([qc.measure_all(inplace=False)]),
    ):
        with pytest.raises(
            QnuError, match=rf"^instruction: got '{name}.*allowed: EncounterGate"
        ) as e:
            call()
        assert "\n" not in str(e.value)


SHAPES = [((), ()), ((), (3,)), ((4,), ()), ((2, 1), (3,)), ((3,), (3,)), ((2, 3), (4, 1, 3))]


@pytest.mark.parametrize(("of_values", "of_observables"), SHAPES)
def test_broadcasting(of_values, of_observables) -> None:
    rng = np.random.default_rng(8)
    qc = random_circuit(8, 3, 8, (A, B))
    assert qc.num_parameters == 2
    values = rng.uniform(-2, 2, (*of_values, 2))
    some = random_observables(1, 3, 12)
    observables = np.empty(of_observables, object)
    for k, index in enumerate(np.ndindex(*of_observables)):
        observables[index] = some[k % 5]  # some come again
    wanted, found = both((qc, observables.tolist(), values))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-10)
    by_name = {"b": values[..., 1:], "a": values[..., :1]}
    again = QnuEstimator().run([(qc, observables.tolist(), by_name)]).result()[0].data.evs
    np.testing.assert_array_equal(again, found.data.evs)


def test_no_parameter_values_at_all() -> None:
    qc = random_circuit(8, 3, 8, (A, B))
    found = QnuEstimator().run([(qc, "ZZZ", np.empty((0, 2)))]).result()[0].data.evs
    assert found.shape == (0,)
    with pytest.raises(ValueError, match="parameter"):
        QnuEstimator().run([(qc, "ZZZ")])
    with pytest.raises(QnuError, match="parameter_values"):
        QnuEstimator().run([(qc, "ZZZ", [np.nan, 1.0])])


def test_precision_is_noise() -> None:
    qc = random_circuit(3, 3, 6, (A,))
    pub = (qc, [["ZZZ"], ["XIX"]], np.linspace(0, 1, 5)[:, None])
    wanted, found = both(pub, seed=11, default_precision=0.03)
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-12)
    assert (found.data.stds == 0.03).all()
    assert found.metadata == wanted.metadata
    assert found.metadata["target_precision"] == 0.03
    exact = QnuEstimator().run([pub], precision=0).result()[0].data
    pubs = [pub, (*pub, 0.5)] * 200
    result = QnuEstimator(seed=1).run(pubs, precision=0.1).result()
    assert result.metadata == {"version": 2}
    for start, precision in ((0, 0.1), (1, 0.5)):  # a pub's own precision comes first
        noise = np.array([r.data.evs - exact.evs for r in list(result)[start::2]])
        assert abs(noise.std() / precision - 1) < 0.06
        assert abs(noise.mean()) < 4 * precision / np.sqrt(noise.size)
        assert (result[start].data.stds == precision).all()
    again = QnuEstimator(seed=1).run(pubs[:3], precision=0.1).result()
    np.testing.assert_array_equal(again[2].data.evs, result[2].data.evs)
    moving = QnuEstimator(seed=np.random.default_rng(1))
    first, second = (moving.run([pub], precision=0.1).result()[0].data.evs for _ in range(2))
    assert (first != second).all()


def test_projectors() -> None:
    """Every letter that an observable may have, inside and outside of the state vector."""
    rng = np.random.default_rng(2)
    qc = QuantumCircuit(4)
    for q in range(4):
        qc.u(*rng.uniform(0, 3, 3), q)
    qc.append(EncounterGate(0.8, (0, 0, 0.3), (0, 0.4, 0), 1.0), [0, 2])  # 1, 3 meet no other
    state = Statevector(qc)
    words = ["".join(rng.choice(list("IXYZ01+-rl"), 4)) for _ in range(60)] + ["++++", "rl-0"]
    requested = [SparseObservable.from_label(word) for word in words]
    requested.append(0.3 * requested[0] - 1.7 * requested[1] + requested[2] + 0.2 * requested[-1])
    found = QnuEstimator().run([(qc, requested)]).result()[0].data.evs
    wanted = [
        state.expectation_value(SparsePauliOp.from_sparse_observable(o)).real for o in requested
    ]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_measured_qubits_have_lost_their_x_and_y() -> None:
    qc = random_circuit(5, 3, 6)
    rho = Statevector(qc)
    words = ["".join(w) for w in itertools.product("IXYZ", repeat=3)]
    requested = [*words, SparseObservable.from_label("I+I"), SparseObservable.from_label("ZlX")]
    wanted = np.array([rho.expectation_value(SparsePauliOp(w)).real for w in words])
    wanted[[w[1] in "XY" for w in words]] = 0.0
    half = rho.expectation_value(SparsePauliOp("ZIX")).real / 2
    measured = qc.copy()
    measured.add_register(ClassicalRegister(1))
    measured.measure(1, 0)
    found = QnuEstimator().run([(measured, requested)]).result()[0].data.evs
    np.testing.assert_allclose(found, [*wanted, 0.5, half], atol=1e-12)


def test_idle_qubits_cost_nothing() -> None:
    qc = QuantumCircuit(70, 70)
    qc.h(50)
    qc.x(69)
    qc.append(EncounterGate(0.7, swap=True), [69, 3])
    qc.swap(3, 60)  # now at 60 what was at 69
    requested = [
        SparsePauliOp.from_sparse_list([(p, q, 1.0)], 70)
        for p, q in (
            ("Z", [60]),
            ("Z", [69]),
            ("ZZ", [69, 60]),
            ("X", [50]),
            ("ZX", [8, 50]),
            ("Y", [8]),
        )
    ]
    found = QnuEstimator().run([(qc, requested)]).result()[0].data.evs
    z = -np.cos(2 * 0.7)
    np.testing.assert_allclose(found, [z, -z, -1, 1, 1, 0], atol=1e-12)
    qc.measure(range(70), range(70))
    bits = QnuSampler(seed=1).run([qc]).result()[0].data.c.to_bool_array(order="little")
    assert (bits[:, 60] != bits[:, 69]).all()
    assert 400 < bits[:, 50].sum() < 624
    assert not np.delete(bits, [50, 60, 69], axis=1).any()


def test_nothing_but_one_qubit_gates() -> None:
    qc = QuantumCircuit(3)
    qc.h(0)
    qc.t(0)
    qc.x(2)
    wanted, found = both((qc, ["IIX", "IIY", "ZZI", "III"]))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-14)


def test_single_precision() -> None:
    pub = (random_circuit(4, 5, 15), random_observables(4, 5))
    exact = QnuEstimator().run([pub]).result()[0].data.evs
    single = QnuEstimator(dtype="complex64").run([pub]).result()[0].data.evs
    assert 1e-12 < abs(single - exact).max() < 1e-5
    qc = pub[0].measure_all(inplace=False)
    assert QnuSampler(dtype="complex64").run([qc]).result()[0].data.meas.num_shots == 1024


def test_memory_is_asked_for_first(monkeypatch) -> None:
    qc = QuantumCircuit(60)
    for q in range(59):
        qc.rzz(0.1, q, q + 1)
    with pytest.raises(QnuError, match=r"qubits: got 60.*needs 1\.72e\+10 GiB"):
        QnuEstimator().run([(qc, "Z" * 60)])
    qc.measure_all()
    with pytest.raises(QnuError, match="qubits: got 60"):
        QnuSampler().run([qc])
    small = random_circuit(1, 4, 6)
    monkeypatch.setattr(memory, "available", lambda: 16 * 16 - 1)
    with pytest.raises(QnuError, match="qubits: got 4"):
        QnuEstimator().run([(small, "ZZZZ")])
    QnuEstimator(dtype="complex64").run([(small, "ZZZZ")])


def test_bad_arguments() -> None:
    for call, words in [
        (lambda: QnuEstimator(default_precision=-1), "default_precision"),
        (lambda: QnuEstimator(seed=-1), "seed"),
        (lambda: QnuSampler(default_shots=0), "default_shots"),
        (lambda: QnuSampler(dtype="float64"), "dtype"),
    ]:
        with pytest.raises(QnuError, match=words):
            call()
    with pytest.raises(ValueError, match="precision"):
        QnuEstimator().run([(QuantumCircuit(1), "Z")], precision=-1)
    with pytest.raises(QnuError, match="shots"):
        QnuSampler().run([QuantumCircuit(1, 1)], shots=1.5)


@pytest.mark.parametrize("seed", range(6))
def test_samples_follow_the_distribution(seed) -> None:
    qc = random_circuit(seed, 4, 10)
    wanted = Statevector(qc).probabilities() * 20_000
    qc.measure_all()
    found = QnuSampler(seed=seed).run([qc], shots=20_000).result()[0].data.meas
    counts = np.bincount([int(b, 2) for b in found.get_bitstrings()], minlength=16)
    many = wanted > 1
    assert counts[wanted < 1e-9].sum() == 0
    expected = wanted[many] * counts[many].sum() / wanted[many].sum()
    assert chisquare(counts[many], expected).pvalue > 1e-4


@pytest.mark.parametrize("seed", range(20))
def test_registers_are_filled_as_by_qiskit(seed) -> None:
    """Basis states, swapped around, and measured crosswise into several registers: bit by bit."""
    rng = np.random.default_rng(seed)
    qubits = 11
    registers = (ClassicalRegister(3, "one"), ClassicalRegister(9, "two"))
    qc = QuantumCircuit(QuantumRegister(4, "p"), QuantumRegister(7, "q"), *registers)
    for q in np.flatnonzero(rng.integers(2, size=qubits)):
        qc.x(int(q))
    for _ in range(8):
        a, b = (int(k) for k in rng.permutation(qubits)[:2])
        if rng.random() < 0.6:
            qc.swap(a, b)
        else:  # theta = pi/2 is a full swap
            qc.append(EncounterGate(np.pi / 2, (0, 0, 0.3), (0, 0, 0.3), 0.7), [a, b])
    clbits = rng.permutation(12)[: rng.integers(3, 12)]
    for clbit in clbits:
        qc.measure(int(rng.integers(qubits)), int(clbit))
    qc.barrier()
    qc.measure(2, int(clbits[0]))  # the last one counts
    wanted = StatevectorSampler().run([qc], shots=3).result()[0]
    found = QnuSampler().run([qc], shots=3).result()[0]
    assert set(found.data.keys()) == set(wanted.data.keys()) == {"one", "two"}
    for name in ("one", "two"):
        assert found.data[name].num_bits == wanted.data[name].num_bits
        np.testing.assert_array_equal(found.data[name].array, wanted.data[name].array)
    assert found.metadata == wanted.metadata


def test_samples_of_several_registers_belong_together() -> None:
    """A pair that is always opposite, read into two registers."""
    left, right, rest = (ClassicalRegister(1, name) for name in ("left", "right", "rest"))
    qc = QuantumCircuit(QuantumRegister(2), left, right, rest)
    qc.x(1)
    qc.append(EncounterGate(np.pi / 4), [0, 1])
    qc.measure(0, right)
    qc.measure(1, left)
    data = QnuSampler(seed=1).run([qc], shots=500).result()[0].data
    assert (data.left.array != data.right.array).all()
    assert not data.rest.array.any()
    assert 180 < data.left.array.sum() < 320


def test_sampler_broadcasting_shots_and_seeds() -> None:
    qc = QuantumCircuit(2)
    qc.rx(A, 0)
    qc.append(EncounterGate(B, (0, 0, 0.1), (0, 0, 0.4), B / 2), [0, 1])
    qc.measure_all()
    values = np.stack(np.broadcast_arrays(np.linspace(0, 3, 4)[:, None], [0.0, 0.5]), axis=-1)
    sampler = QnuSampler(seed=4)
    result = sampler.run([(qc, values), (qc, [0.3, 0.2], 77), (qc, values)], shots=3000).result()
    wanted = StatevectorSampler(seed=4).run([(qc, values), (qc, [0.3, 0.2], 77)], shots=30).result()
    assert result[0].data.shape == result[0].data.meas.shape == wanted[0].data.meas.shape == (4, 2)
    assert (result[0].data.meas.num_shots, result[1].data.meas.num_shots) == (3000, 77)
    assert result[1].metadata == wanted[1].metadata
    assert result.metadata == {"version": 2}
    for index in np.ndindex(4, 2):
        p = Statevector(
            qc.remove_final_measurements(inplace=False).assign_parameters(values[index])
        ).probabilities()
        counts = result[0].data.meas.get_int_counts(index)
        found = np.array([counts.get(k, 0) for k in range(4)]) / 3000
        assert (abs(found - p) < 5 * np.sqrt(p * (1 - p) / 3000) + 1e-9).all()
    np.testing.assert_array_equal(
        sampler.run([(qc, values)], shots=3000).result()[0].data.meas.array,
        result[0].data.meas.array,
    )
    assert (result[0].data.meas.array != result[2].data.meas.array).any()  # draws of its own
    same = result[0].data.meas.array
    assert (same[2, 0] != same[3, 0]).any()


def test_nothing_is_measured() -> None:
    qc = QuantumCircuit(2)
    qc.h(0)
    with pytest.warns(UserWarning, match="no classical registers"):
        result = QnuSampler().run([qc]).result()[0]
    assert len(result.data) == 0
    qc.add_register(ClassicalRegister(2, "c"))
    assert QnuSampler().run([qc], shots=4).result()[0].data.c.get_counts() == {"00": 4}


def test_the_primitives_and_run_agree(odd_gas) -> None:
    schedule = qnu.schedules.tournament(odd_gas, 0.6, matter=0.8)
    qc = qnu.quantum.circuit(odd_gas, schedule)
    requested = [["I" * (3 - k) + p + "I" * k for p in "XYZ"] for k in range(4)]
    found = QnuEstimator().run([(qc, requested)]).result()[0].data.evs
    for hardware in ("qnu", "aer_statevector"):
        wanted = qnu.quantum.run(odd_gas, schedule, hardware).at()
        np.testing.assert_allclose(found, wanted, atol=1e-10)


def composite(rng, parameters, way):
    """A gate of one to three qubits that is none of Qiskit's own, or is one with parameters."""

    def angle():
        return angle_of(rng, parameters)

    part = QuantumCircuit(2, name="swap")  # a name that means nothing
    part.rx(angle(), 1)
    part.cx(0, 1)
    part.append(EncounterGate(angle(), (0, 0, 0.4), (0, 0, -0.2), 0.3, True), [1, 0])
    part.cp(angle(), 1, 0)
    part.global_phase = 0.4
    whole = QuantumCircuit(3, name="id")
    whole.append(part.to_gate(), [2, 0])
    whole.rzz(angle(), 1, 2)
    number = rng.uniform(-2, 2)
    encounter = EncounterGate(number, *rng.normal(size=(2, 3)), 0.7, bool(rng.integers(2)))
    return (
        lambda: part.to_gate(),
        lambda: part.to_gate(label="mine").inverse(),
        lambda: whole.to_gate(),
        lambda: whole.to_instruction(),
        lambda: encounter.power(2),
        lambda: encounter.control(1, ctrl_state=int(rng.integers(2))),
        lambda: encounter.repeat(3),
        lambda: EncounterGate(angle(), (0, 0, 1), (0, 0, 2), 0.3).control(1, ctrl_state=0),
        lambda: library.HGate().control(2, ctrl_state=2, annotated=False),
        lambda: library.CXGate(ctrl_state=0),
        lambda: library.CRXGate(angle(), ctrl_state=0),
        lambda: library.CU3Gate(angle(), angle(), angle()),
        lambda: library.RXGate(angle()).control(1, annotated=False),
        lambda: library.XXMinusYYGate(angle(), angle()),
        lambda: library.RZXGate(angle()),
        lambda: library.ECRGate(),
        lambda: library.iSwapGate(),
        lambda: library.MSGate(3, angle()),
        lambda: library.DiagonalGate([1, 1j, -1, 1]),
        lambda: library.UCRYGate([0.3, number]),
        lambda: UnitaryGate(random_unitary(4, seed=rng)),
        lambda: UnitaryGate(random_unitary(8, seed=rng)),
        lambda: library.PermutationGate([2, 0, 1]),
        lambda: library.PauliGate("XYZ"),
        lambda: PauliEvolutionGate(SparsePauliOp(["XX", "ZI", "YZ"], [1, 0.3, number]), angle()),
        lambda: PauliEvolutionGate(SparsePauliOp(["ZZI", "IZZ", "ZIZ"], [1, 0.3, number]), angle()),
        lambda: AnnotatedOperation(library.SXGate(), [ControlModifier(1, 0), InverseModifier()]),
        lambda: AnnotatedOperation(encounter, [ControlModifier(1, 1)]),
        lambda: random_clifford(3, seed=rng),
        lambda: library.StatePreparation(random_unitary(4, seed=rng).data[0]).inverse(),
    )[way]()


WAYS = 30


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")  # Qiskit's own
@pytest.mark.parametrize("way", range(WAYS))
def test_gates_of_every_make(way) -> None:
    """By matrix, definition or synthesis, as Qiskit's StatevectorEstimator has them."""
    for seed, parameters in ((1, ()), (2, (A, B)), (3, (A, B))):
        rng = np.random.default_rng([seed, way])
        qc = random_circuit([seed, way], 3, 3, parameters)
        gate = composite(rng, parameters, way)
        qc.append(gate, [int(q) for q in rng.permutation(3)[: gate.num_qubits]])
        qc.compose(random_circuit([seed, way, 1], 3, 2, parameters), inplace=True)
        values = rng.uniform(-2, 2, (2, qc.num_parameters))
        wanted, found = both((qc, [[o] for o in random_observables(seed, 3)], values))
        np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-10)


@pytest.mark.filterwarnings("ignore::scipy.sparse.SparseEfficiencyWarning")  # Qiskit's own
@settings(max_examples=20, deadline=None, derandomize=True)
@given(seed=st.integers(0, 2**32), depth=st.integers(1, 12))
def test_random_circuits_of_every_gate(seed, depth) -> None:
    rng = np.random.default_rng(seed)
    qc = random_circuit(seed, 4, 3)
    for _ in range(depth):
        gate = composite(rng, (), int(rng.integers(WAYS)))
        qc.append(gate, [int(q) for q in rng.permutation(4)[: gate.num_qubits]])
    wanted, found = both((qc, random_observables(seed, 4)))
    np.testing.assert_allclose(found.data.evs, wanted.data.evs, atol=1e-10)
    qc.measure_all()
    p = Statevector(qc.remove_final_measurements(inplace=False)).probabilities()
    counts = QnuSampler(seed=1).run([qc], shots=4000).result()[0].data.meas.get_int_counts()
    drawn = np.array([counts.get(k, 0) for k in range(16)]) / 4000
    assert (abs(drawn - p) < 6 * np.sqrt(p * (1 - p) / 4000) + 1e-3).all()


def test_a_product_formula_is_named() -> None:
    """On more than two qubits a PauliEvolutionGate is what a device gets."""
    qc = QuantumCircuit(3)
    qc.h(range(3))
    qc.append(PauliEvolutionGate(SparsePauliOp(["XXI", "IZZ", "YIY"]), 0.7), range(3))
    with pytest.warns(QnuWarning, match="do not commute is taken by its definition"):
        found = QnuEstimator().run([(qc, ["XXI", "IYZ"])]).result()[0].data.evs
    state = Statevector(qc.decompose())
    wanted = [state.expectation_value(SparsePauliOp(o)).real for o in ("XXI", "IYZ")]
    np.testing.assert_allclose(found, wanted, atol=1e-12)


def test_circuits_of_encounters_come_back_from_qpy_and_openqasm(odd_gas) -> None:
    schedule = qnu.schedules.tournament(odd_gas, 0.6, matter=0.8)
    qc = qnu.quantum.circuit(odd_gas, schedule)
    requested = [["I" * (3 - k) + p + "I" * k for p in "XYZ"] for k in range(4)]
    wanted = QnuEstimator().run([(qc, requested)]).result()[0].data.evs
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    found = QnuEstimator().run([(loaded, requested)]).result()[0].data.evs
    np.testing.assert_allclose(found, wanted, atol=1e-13)
    text = to_qasm3(qc)
    found = QnuEstimator().run([(qasm3.loads(text), requested)]).result()[0].data.evs
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    found = QnuEstimator().run([(qasm3.loads(qasm3.dumps(qc)), requested)]).result()[0].data.evs
    np.testing.assert_allclose(found, wanted, atol=1e-12)
    gamma = Parameter("gamma")
    qc = qnu.quantum.circuit(odd_gas, schedule, gamma=gamma)
    file = io.BytesIO()
    qpy.dump(qc, file)
    file.seek(0)
    (loaded,) = qpy.load(file)
    found = QnuEstimator().run([(loaded, requested, [0.6])]).result()[0].data.evs
    np.testing.assert_allclose(found, wanted, atol=1e-12)


BASES = {
    "cz": ["cz", "rz", "sx", "x"],
    "ecr": ["ecr", "rz", "sx", "x"],
    "cx": ["cx", "u"],
    "rzz": ["rzz", "rx", "rz"],
    "iswap": ["iswap", "rz", "sx"],
}


@pytest.mark.parametrize("basis", BASES)
def test_compiled_circuits_on_a_larger_device(basis, odd_gas) -> None:
    """With a layout, swaps and 50 unused qubits; observables follow the layout."""
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    qc = qnu.quantum.circuit(odd_gas, schedule)
    requested = [SparsePauliOp(o) for o in ("IIIZ", "XIII", "IYYI", "ZIXZ")]
    wanted = [Statevector(qc).expectation_value(o).real for o in requested]
    isa = transpile(
        qc,
        basis_gates=BASES[basis],
        coupling_map=CouplingMap.from_line(54),
        initial_layout=[30, 33, 31, 32],
        optimization_level=1,
        seed_transpiler=1,
    )
    found = QnuEstimator().run([(isa, [o.apply_layout(isa.layout) for o in requested])])
    np.testing.assert_allclose(found.result()[0].data.evs, wanted, atol=1e-10)


def test_compiled_for_a_device_by_qnu(odd_gas) -> None:
    schedule = qnu.schedules.tournament(odd_gas, 0.6)
    isa = qnu.quantum.compile_for(odd_gas, schedule, "fake_torino")
    places = isa.metadata["neutrino_qubit"]
    requested = [
        [SparsePauliOp.from_sparse_list([(p, [q], 1.0)], isa.num_qubits) for p in "XYZ"]
        for q in places
    ]
    found = QnuEstimator().run([(isa, requested)]).result()[0].data.evs
    wanted = qnu.solvers.many_body(odd_gas, schedule).at()
    np.testing.assert_allclose(found, wanted, atol=1e-10)


def wrong_pubs():
    qc = QuantumCircuit(2)
    qc.rx(A, 0)
    done = qc.assign_parameters([0.3])
    yield (done, "Z"), "observables"
    yield (done, "ZZZ"), "observables"
    yield (done, "ZQ"), "observables"
    yield (done, 3), "observables"
    yield (done, SparsePauliOp("ZZ", 1j)), "observables"
    yield (qc, "ZZ"), "parameter"
    both_free = qc.copy()
    both_free.rx(B, 1)
    yield (both_free, "ZZ", [1.0, 2.0, 3.0]), "parameter"
    yield (qc, "ZZ", {"b": 1.0}), "parameter"
    yield (qc, "ZZ", ["x"]), "parameter"
    yield (qc, ["ZZ", "ZX"], [[1.0], [2.0], [3.0]]), "observables"
    yield (done, "ZZ", [], -0.1), "precision"
    yield (done, "ZZ", [], "x"), "precision"
    yield (done,), "observables"
    yield done, "observables"
    yield 3, "circuit"
    yield ("circuit", "ZZ"), "circuit"


@pytest.mark.parametrize(("pub", "word"), list(wrong_pubs()))
def test_wrong_pubs_of_the_estimator_are_one_line(pub, word) -> None:
    with pytest.raises(QnuError, match=rf"(?i)^pubs\[1\]: .*{word}") as caught:
        QnuEstimator().run([(QuantumCircuit(1), "Z"), pub])
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "pub", [3, "circuit", (), ("circuit",), "rows", "shots", "half", "names"], ids=str
)
def test_wrong_pubs_of_the_sampler_are_one_line(pub) -> None:
    qc = QuantumCircuit(1)
    qc.rx(A, 0)
    qc.measure_all()
    pubs = {"rows": (qc, ["x"]), "shots": (qc, [1.0], 0), "half": (qc, [1.0], 2.5),
            "names": (qc, {"b": 1.0})}  # fmt: skip
    with pytest.raises(QnuError, match=r"^pubs\[0\]: ") as caught:
        QnuSampler().run([pubs.get(pub, pub)])
    assert "\n" not in str(caught.value)


def test_pubs_that_are_no_list_are_one_line() -> None:
    for primitive in (QnuEstimator(), QnuSampler()):
        with pytest.raises(QnuError, match=r"^pubs: got 3"):
            primitive.run(3)
    with pytest.raises(QnuError, match="precision"):
        QnuEstimator().run([(QuantumCircuit(1), "Z")], precision=-1)
    with pytest.raises(QnuError, match="shots"):
        QnuSampler().run([QuantumCircuit(1)], shots=0)


def test_a_measurement_counts_where_its_bit_is_written_again() -> None:
    # the first qubit is in |+> until it is measured: then its X is 0, not 1
    qc = QuantumCircuit(2, 1)
    qc.h(0)
    qc.measure(0, 0)
    qc.measure(1, 0)
    values = QnuEstimator().run([(qc, ["IX", "IZ", "ZI"])]).result()[0].data.evs
    assert values.tolist() == [0.0, 0.0, 1.0]
    assert QnuSampler(seed=1).run([qc], shots=20).result()[0].data.c.get_counts() == {"0": 20}
    qc.h(0)
    for primitive, pub in ((QnuEstimator(), (qc, "IZ")), (QnuSampler(), (qc,))):
        with pytest.raises(QnuError, match="h after measure"):
            primitive.run([pub]).result()


@pytest.mark.parametrize(
    "refused",
    [
        lambda: QnuEstimator(default_precision=-1.0),
        lambda: QnuSampler(default_shots=0),
        lambda: QnuSampler(seed="seven"),
        lambda: QnuSampler().run([QuantumCircuit(1)], shots=0),
        lambda: QnuSampler().run(3),
        lambda: QnuEstimator().run([(QuantumCircuit(1), "ZZ")]),
        lambda: QnuEstimator().run([(reset_circuit(), "Z")]),
    ],
)
def test_errors_are_those_of_qiskit_too(refused) -> None:
    with pytest.raises(QiskitError) as caught:
        refused()
    error = caught.value
    assert isinstance(error, QnuError)
    assert str(error) == error.message
    assert "\n" not in str(error)
    moved = error.of("here").noted(" (there)")
    assert isinstance(moved, QiskitError)
    assert str(moved).startswith("here: ")
    assert str(moved).endswith(" (there)")
    assert (moved.value, moved.allowed, moved.reason) == (error.value, error.allowed, error.reason)
    assert str(pickle.loads(pickle.dumps(error))) == str(error)


def reset_circuit() -> QuantumCircuit:
    qc = QuantumCircuit(1)
    qc.reset(0)
    return qc
