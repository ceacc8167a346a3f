"""Beams as big spins, against 2^N amplitudes, published numbers and the limit of many neutrinos."""

from __future__ import annotations

from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from scipy import sparse
from scipy.integrate import solve_ivp
from scipy.sparse.linalg import expm_multiply
from scipy.special import dawsn

import qnu
from qnu import Group, NeutrinoGas, QnuError
from qnu.profiles import Function, Table
from qnu.solvers import collective

Array = np.ndarray

# -- all 2^N amplitudes, from the definition of H --------------------------------------------------

PAULI = [np.array(m, complex) for m in ([[0, 1], [1, 0]], [[0, -1j], [1j, 0]], [[1, 0], [0, -1]])]


def spin(axis: int, k: int, count: int) -> Any:
    """sigma of one neutrino; neutrino 0 is the leftmost factor."""
    one = sparse.identity(2**k), PAULI[axis], sparse.identity(2 ** (count - 1 - k))
    return sparse.csr_matrix(reduce(sparse.kron, one))


def parts(gas: NeutrinoGas) -> tuple[Any, Any, Any]:
    """``H = mu exchange + lambda_e matter + vacuum``."""
    count = len(gas)
    sigma = [[spin(a, k, count) for a in range(3)] for k in range(count)]
    exchange = sparse.csr_matrix((2**count,) * 2, dtype=complex)
    for i in range(count):
        for j in range(i):
            u = float(gas.one_minus_cos(i, j))
            dot = sum(x @ y for x, y in zip(sigma[i], sigma[j], strict=True))
            exchange = exchange + u / count * (sparse.identity(2**count) + dot) / 2
    twice = 2 * gas.mixing_angle
    matter = sum((np.sin(twice) * s[0] + np.cos(twice) * s[2]) / 2 for s in sigma)
    vacuum = sum(-w / 2 * s[2] for w, s in zip(gas.omega, sigma, strict=True))
    return exchange, matter, vacuum


def product(gas: NeutrinoGas) -> Array:
    kets = []
    for x, y, z in gas.polarization:
        values, vectors = np.linalg.eigh(x * PAULI[0] + y * PAULI[1] + z * PAULI[2])
        kets.append(vectors[:, np.argmax(values)])
    return reduce(np.kron, kets)


def brute_force(gas: NeutrinoGas, times: Any, mu: Any = 1.0, matter: Any = 0.0) -> Array:
    """``(times, 2^N)``; where mu or matter change, with corners at whole times."""
    exchange, by_matter, vacuum = parts(gas)
    state = product(gas)
    if not callable(mu) and not callable(matter):
        h = sparse.csc_matrix(mu * exchange + matter * by_matter + vacuum)
        return np.array([expm_multiply(-1j * t * h, state) for t in times])
    value = [f if callable(f) else (lambda t, f=f: f) for f in (mu, matter)]

    def slope(t: float, y: Array, low: float, high: float) -> Array:
        t = min(max(t, low), high)
        return -1j * (value[0](t) * (exchange @ y) + value[1](t) * (by_matter @ y) + vacuum @ y)

    found = []
    for a, b in pairwise([0.0, *times]):
        edges = [a, *[t for t in np.arange(0, 20, 0.25) if a < t < b], b]
        for low, high in pairwise(edges):
            if high > low:
                inside = low + 1e-13, high - 1e-13
                run = solve_ivp(slope, (low, high), state, "DOP853", rtol=1e-12, atol=1e-14,
                                args=inside)  # fmt: skip
                state = run.y[:, -1]
        found.append(state)
    return np.array(found)


def vectors_of(gas: NeutrinoGas, states: Array) -> Array:
    """``(times, groups, 3)`` of the first neutrino of every group."""
    first = [int(m[0]) for m in gas.members]
    return np.array(
        [
            [[np.vdot(s, spin(a, k, len(gas)) @ s).real for a in range(3)] for k in first]
            for s in states
        ]
    )


def entropy_of(state: Array, members: Array, count: int) -> float:
    """Of some neutrinos, from Schmidt coefficients."""
    others = [k for k in range(count) if k not in members]
    tensor = state.reshape((2,) * count).transpose([*members, *others])
    p = np.linalg.svd(tensor.reshape(2 ** len(members), -1), compute_uv=False) ** 2
    p = p[p > 0]
    return float(-(p * np.log2(p)).sum())


def beams(*sizes: int, seed: int = 1, along_b: bool = False, right: bool = False) -> NeutrinoGas:
    """Beams that differ in everything: direction, flavor, frequency, size."""
    rng = np.random.default_rng(seed)
    draw = rng.normal(size=(2, len(sizes), 3))
    start, ways = draw / np.linalg.norm(draw, axis=-1, keepdims=True)
    if along_b:
        start = np.array([[0, 0, (-1.0) ** g] for g in range(len(sizes))])
    omega = rng.normal(size=len(sizes))
    groups = [Group(n, p, omega=w) for n, p, w in zip(sizes, start, omega, strict=True)]
    ways = "right-angle" if right else np.repeat(ways, sizes, axis=0)
    return NeutrinoGas.from_groups(groups, ways, mixing_angle=0.3)


RAMP = Table([0.0, 0.5, 1.25, 1.5, 9.0], [1.5, 0.2, 2.0, 0.0, 0.0])
WAVE = Function(lambda t: 0.4 + np.sin(3 * t), [])
JUMP = Function(lambda t: np.where(np.asarray(t) < 0.75, 0.2, 1.7), [0.75])


def wave_of_mu(t):
    """A coupling is not negative, as WAVE is."""
    return 1.4 + np.sin(3 * t)


@pytest.mark.parametrize(
    ("gas", "mu", "matter"),
    [
        (beams(7, 5), 1.0, 0.0),
        (beams(5, 7, right=True), 0.7, 0.9),
        (beams(4, 2, 3), 1.3, 0.0),
        (beams(3, 2, 3), 1.0, -0.8),
        (beams(2, 1, 2, 3, along_b=True), 2.0, 0.0),
        (beams(6), 1.0, 0.5),
        (beams(1, 1, 1, 1), 1.0, 0.0),
        (beams(3, 4), RAMP, 0.0),
        (beams(2, 3, 2), 0.8, WAVE),
        (beams(4, 2), wave_of_mu, JUMP),
        (beams(3, 3, along_b=True), RAMP, RAMP),
    ],
)
def test_beams_are_what_all_amplitudes_are(gas, mu, matter) -> None:
    times = [0.0, 0.3, 1.0, 2.75]
    run = collective(gas, times, mu, matter, observables=["entropy", "beam_entropy"])
    states = brute_force(gas, times, mu, matter)
    assert run.polarization == pytest.approx(vectors_of(gas, states), abs=1e-10)
    for k, state in enumerate(states):
        expected = [entropy_of(state, m, len(gas)) for m in gas.members]
        assert run["beam_entropy"][k].values == pytest.approx(expected, abs=2e-9)
        single = [entropy_of(state, m[:1], len(gas)) for m in gas.members]
        assert run["entropy"][k].values == pytest.approx(single, abs=2e-9)
    assert abs(np.diff(run.polarization, axis=0)).max() > 0.1


# -- numbers ---------------------------------------------------------------------------------------


def opposite(count: int, delta: float = 0.0) -> NeutrinoGas:
    """N/2 in either mass state, omega different by 2 delta."""
    half = count // 2
    groups = [Group(half, (0, 0, -1), omega=delta), Group(half, (0, 0, 1), omega=-delta)]
    return NeutrinoGas.from_groups(groups, "right-angle")


def first_minimum(count: int, delta: float, end: float) -> tuple[float, float]:
    """Time and survival probability, from a parabola through three samples."""
    run = collective(opposite(count, delta), np.linspace(0, end, 801))
    t, s = run.times, run.survival_probability()[:, 0]
    assert run.survival_probability()[:, 1] == pytest.approx(s, abs=1e-11)
    k = int(np.flatnonzero((s[1:-1] < s[:-2]) & (s[1:-1] <= s[2:]))[0]) + 1
    a, b, c = np.polyfit(t[k - 1 : k + 2] - t[k], s[k - 1 : k + 2], 2)
    return float(t[k] - b / (2 * a)), float(c - b**2 / (4 * a))


@pytest.mark.parametrize(("count", "time"), [(4, 4 * np.pi / 3), (8, 5.938), (16, 8.438)])
def test_the_first_minimum_of_few_plane_waves_is_the_published_one(count, time) -> None:
    """Published: Roggero, PRD 104, 103016: 4.20, 5.94 and 8.40."""
    assert first_minimum(count, 0.0, 12.0)[0] == pytest.approx(time, abs=6e-4)


@pytest.mark.parametrize(
    ("delta", "time", "depth"),
    [
        (-0.5, 1.891, 0.999), (0.0, 8.438, 0.357), (0.05, 7.059, None), (0.125, 5.963, 0.316),
        (0.25, 5.080, 0.413), (0.5, 4.302, 0.608), (1.0, 2.752, 0.977),
    ],
)  # fmt: skip
def test_beams_that_differ_in_omega_have_the_minima_of_an_independent_program(
    delta, time, depth
) -> None:
    assert first_minimum(16, delta, 10.0)[0] == pytest.approx(time, abs=1e-3)
    if depth is not None:
        assert first_minimum(512, delta, 60.0 if delta == 0 else 15.0)[1] == pytest.approx(
            depth, abs=6e-4
        )


def test_many_neutrinos_follow_dawsons_function() -> None:
    """z = 1 - 2 y F(y), y = mu t/sqrt(2N), but for O(1/N)."""
    for count in (400, 4000):
        y = np.linspace(0.0, 3.0, 13)
        run = collective(opposite(count), y * np.sqrt(2 * count))
        expected = 1 - 2 * y * dawsn(y)
        assert run.polarization[:, 1, 2] == pytest.approx(expected, abs=3.0 / count)
        assert run.polarization[:, 0, 2] == pytest.approx(-expected, abs=3.0 / count)


def test_it_is_the_hamiltonian_of_the_trotter_steps_of_many_body() -> None:
    gas = beams(2, 1, 2)
    apart = []
    for steps in (20, 40):
        schedule = qnu.schedules.plane_wave(gas, 2.0, steps, matter=0.6, mu=1.5)
        one = collective(gas, schedule)
        many = qnu.solvers.many_body(gas, schedule, trotter_error=False)
        apart.append(abs(one.polarization - many.group_mean()).max())
    assert 1e-5 < apart[0] < 1e-2
    assert apart[0] / apart[1] == pytest.approx(4.0, rel=0.05)


def test_a_beam_of_opposite_neutrinos_in_mean_field_never_moves_but_here_it_does() -> None:
    gas = opposite(100)
    assert qnu.solvers.mean_field(gas, [20.0], partners="all").polarization[0, 1, 2] == 1.0
    run = collective(gas, [20.0], observables=["beam_entropy", "entropy"])
    assert run.polarization[0, 1, 2] < 0
    # of two beams that are pure together both have the same entropy
    one, two = run["beam_entropy"].values[0]
    assert one == pytest.approx(two, abs=1e-10)
    assert 2.0 < one < np.log2(51)
    assert run["entropy"].values[0] == pytest.approx(run.entropy()[0])


def test_tails_that_are_left_out_and_conserved_totals_are_recorded() -> None:
    gas = beams(300, 200, right=True, seed=4)
    run = collective(gas, [0.0, 3.0])
    assert 0 < run.attrs["left_out"] < 1e-32
    assert run.attrs["amplitudes"] < 301 * 201 * 2
    for name in ("drift_norm", "drift_total_z", "drift_energy"):
        assert run.attrs[name] < 1e-12, name
    means = qnu.solvers.mean_field(gas, [0.0, 3.0], partners="all").polarization
    assert abs(run.polarization - means).max() < 0.05  # but for 1/N
    no_vacuum = NeutrinoGas(gas.polarization, 0 * gas.omega, group=gas.group)
    assert collective(no_vacuum, [0.0, 3.0]).attrs["drift_total"] < 1e-12


def test_samples_that_repeat_and_many_samples_cost_no_accuracy() -> None:
    gas = opposite(60, 0.2)
    dense = collective(gas, np.linspace(0, 9, 901))
    few = collective(gas, [4.5, 4.5, 9.0])
    expected = dense.polarization[[450, 450, 900]]
    assert few.polarization == pytest.approx(expected, abs=1e-12)


def test_matter_along_b_keeps_the_blocks() -> None:
    gas = opposite(40, 0.1)
    assert gas.mixing_angle == 0
    run = collective(gas, [5.0], matter=0.7)
    assert run.attrs["amplitudes"] == 21
    assert run.polarization == pytest.approx(collective(gas, [5.0]).polarization, abs=1e-12)


# -- what it takes ---------------------------------------------------------------------------------


def test_what_is_no_beam_is_one_clear_line() -> None:
    up = np.array([[0, 0, 1.0]] * 4)
    group = [0, 0, 1, 1]
    isotropic = NeutrinoGas.from_groups([Group(2, (0, 0, 1)), Group(2, (0, 0, -1))], seed=1)
    mixed = NeutrinoGas(0.5 * up, [0.0] * 4, group=group)
    unlike = NeutrinoGas([*up[:3], [1, 0, 0]], [0.0] * 4, group=group)
    spectrum = NeutrinoGas(up, [0.0, 0.1, 0.2, 0.2], group=group)
    weighted = NeutrinoGas(up, [0.0] * 4, group=group, weight=[1, 1, 0.5, 0.5])
    for gas, field, words in [
        (isotropic, "gas", "velocities that differ in group '1'"),
        (mixed, "polarization[0]", "collective"),
        (unlike, "gas", "polarizations that differ in group '1'"),
        (spectrum, "gas", "frequencies omega that differ in group '0'"),
        (weighted, "gas", "weight = 0.5 in group '1'"),
    ]:
        with pytest.raises(QnuError) as caught:
            collective(gas, [0.0, 1.0])
        assert (caught.value.field, "\n" in str(caught.value)) == (field, False)
        assert words in str(caught.value)


def test_more_amplitudes_than_the_memory_holds_are_refused_before_they_are_made() -> None:
    gas = beams(*[200] * 6)
    with pytest.raises(QnuError, match=r"got beams of 200, .* amplitudes; .*GiB") as caught:
        collective(gas, [0.0, 1.0])
    assert caught.value.field == "gas"


@pytest.mark.parametrize("given", [{"mu": 1e30}, {"matter": 1e30}])
def test_a_run_of_years_is_refused(given) -> None:
    with pytest.raises(QnuError, match="would take days") as caught:
        collective(beams(4, 3), [0.0, 1.0], **given)
    assert caught.value.field == "times"


def test_other_schedules_need_a_mu_and_unknown_observables_are_refused() -> None:
    gas = opposite(8)
    tournament = qnu.schedules.tournament(gas, 0.1)
    with pytest.raises(QnuError, match=r"a tournament schedule; allowed: plane_wave .* mu = "):
        collective(gas, tournament)
    run = collective(gas, tournament, mu=1.0)
    same = collective(gas, [0.0, tournament.final_time])
    assert run.polarization.tobytes() == same.polarization.tobytes()
    with pytest.raises(QnuError, match="beam_entropy"):
        collective(gas, [0.0], observables=["half_chain_entropy"])


FILE = """
name = "beams"
[[group]]
count = 30
polarization = [0.0, 0.0, 1.0]
[[group]]
count = 20
polarization = [0.0, 0.0, -1.0]
[gas]
velocities = "right-angle"
[schedule]
kind = "plane_wave"
duration = 12.0
steps = 24
[output]
samples = 5
[[method]]
kind = "collective"
observables = ["beam_entropy", "entropy"]
[[method]]
kind = "mean_field"
"""


def test_an_experiment_file_runs_it_as_the_exact_reference(tmp_path) -> None:
    experiment = qnu.experiment.parse(FILE)
    runs = qnu.experiment.simulate(experiment)
    run = runs["collective"]
    assert run["beam_entropy"].shape == (5, 2)
    assert run.polarization[-1, 0, 2] < 0.9
    assert qnu.reference.reference_label(runs) == "collective"
    shown = {(c.observable, c.part) for c in qnu.averages.requested_curves(run)}
    assert shown == {(name, g) for name in ("entropy", "beam_entropy") for g in ("1", "2")}
    assert qnu.averages.has_entropy(run)
    changed = FILE.replace('"plane_wave"', '"stochastic"')
    changed = changed.replace("steps = 24", "gamma = 0.1\nprobability = 1.0")
    with pytest.raises(QnuError, match="a stochastic schedule"):
        qnu.experiment.parse(changed, 1)
    with pytest.raises(QnuError, match="velocities that differ in group '1'"):
        qnu.experiment.parse(FILE.replace("right-angle", "isotropic"), 1)


def test_two_beams_with_directions_in_a_file_are_those_of_a_list_of_velocities() -> None:
    """1 - v.v' = 1.8 between them, as mu 1.8 at right angles."""
    by_hand = FILE.replace('"right-angle"', f"{[[0, 0, 1]] * 30 + [[0, 0.6, -0.8]] * 20}")
    given = FILE.replace('[gas]\nvelocities = "right-angle"\n', "")
    given = given.replace("1.0]\n[[group]]", "1.0]\ndirection = [0, 0, 1]\n[[group]]")
    given = given.replace("-1.0]\n", "-1.0]\ndirection = [0, 0.6, -0.8]\n")
    assert given.count("direction") == 2
    one, two, three = (
        qnu.experiment.simulate(qnu.experiment.parse(text))["collective"].polarization
        for text in (given, by_hand, FILE.replace("steps = 24", "steps = 24\nmu = 1.8"))
    )
    assert one.tobytes() == two.tobytes()
    assert one == pytest.approx(three, abs=1e-10)
    assert one[-1, 0, 2] < 0.9
