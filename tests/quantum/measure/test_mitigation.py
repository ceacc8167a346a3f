"""What symmetries undo: checked on noise whose truth is known, and against mthree."""

import numpy as np
import pytest
from qiskit.quantum_info import Statevector

import qnu
from qnu import QnuError, conservation
from qnu.quantum import measure
from qnu.quantum.measure import mitigation, statistics
from qnu.quantum.measure.mitigation import Calibration
from qnu.quantum.measure.statistics import mean_and_error, of_one_with_errors

N = 6


def gas_of(z, x=0.0, omega=0.1):
    """Four neutrinos up, two down, tilted by x."""
    up = np.array([1, 1, 1, 1, -1, -1])
    vectors = np.stack([x * up, 0 * up, z * up], axis=1)
    return qnu.NeutrinoGas(vectors, [omega] * 4 + [2 * omega] * 2)


@pytest.fixture(scope="module")
def sharp():
    return gas_of(1.0)


@pytest.fixture(scope="module")
def schedule(sharp):
    return qnu.schedules.tournament(sharp, gamma=0.4, order="line")


def draw(probabilities, shots, seed):
    """Outcomes and numbers of a distribution over bit strings, bit k neutrino k."""
    number = np.random.default_rng(seed).multinomial(shots, probabilities)
    seen = np.flatnonzero(number)
    bits = (seen[:, None] >> np.arange(N)) & 1
    return 1.0 - 2.0 * bits, number[seen].astype(float)


def depolarized(probabilities, strength):
    """Every neutrino, with some probability, replaced by one that is up or down at random."""
    table = probabilities.reshape((2,) * N)
    for axis in range(N):
        table = (1 - strength) * table + strength * table.mean(axis=axis, keepdims=True)
    return table.ravel()


@pytest.fixture(scope="module")
def exact(sharp, schedule):
    """Probabilities in the Z basis at the end, and the polarizations."""
    probabilities = Statevector(qnu.quantum.circuit(sharp, schedule)).probabilities()
    bits = (np.arange(2**N)[:, None] >> np.arange(N)) & 1
    z = probabilities @ (1.0 - 2.0 * bits)
    np.testing.assert_allclose(z, qnu.solvers.many_body(sharp, schedule).at()[:, 2], atol=1e-12)
    return probabilities, z


def test_who_is_checked(sharp, schedule):
    assert conservation.conserved_ones(sharp, schedule) == 2
    assert conservation.conserved_ones(gas_of(0.8, 0.6), schedule) is None
    assert conservation.conserves_total_z(schedule)
    matter = qnu.schedules.tournament(sharp, gamma=0.4, matter=0.3)
    assert conservation.conserved_ones(sharp, matter) is None
    assert not conservation.conserves_total_z(matter)
    fresh = qnu.schedules.constant_background(sharp, 0, gamma=0.1, encounters=3)
    assert not conservation.conserves_total_z(fresh)


def test_postselection_of_counts_without_noise_changes_nothing(exact):
    outcomes, number = draw(exact[0], 5000, 1)
    left, kept, fraction = mitigation.postselect(outcomes, number, 2)
    assert fraction == 1.0
    np.testing.assert_array_equal(left, outcomes)
    np.testing.assert_array_equal(kept, number)


@pytest.mark.parametrize("strength", [0.02, 0.05, 0.1])
def test_postselection_undoes_depolarization(exact, strength):
    probabilities, z = exact
    outcomes, number = draw(depolarized(probabilities, strength), 10**7, 2)
    raw, _ = mean_and_error(outcomes, number)
    np.testing.assert_allclose(raw, (1 - strength) * z, atol=2e-3)  # what the noise does
    left, kept, fraction = mitigation.postselect(outcomes, number, 2)
    after, _ = mean_and_error(left, kept)
    # what is left needs two flips, in opposite directions: of second order in the strength
    worst, rest = abs(raw - z).max(), abs(after - z).max()
    assert rest < 2.2 * strength * worst + 1e-3
    assert rest < worst / 3
    assert fraction == pytest.approx((1 - strength / 2) ** N, abs=0.6 * strength**2 * N)


def test_postselection_keeps_the_right_number_of_ones(exact):
    outcomes, number = draw(exact[0], 1000, 3)
    with pytest.raises(QnuError, match="no shot of 1000 has 4 neutrinos"):
        mitigation.postselect(outcomes, number, 4)  # 4 are in mass state 1


def scatter_of_means(outcomes, number, error, members):
    """Standard errors of group means from their scatter, shot by shot.

    The own share of each neutrino is replaced by the square of ``error``.
    """
    shots, result = number.sum(), np.empty(len(members))
    for g, rows in enumerate(members):
        part = outcomes[:, rows]
        mean = number @ part / shots
        of_group = part.mean(axis=1)
        spread = number @ (of_group - mean.mean()) ** 2 / shots
        own = (1 - mean**2).sum() / len(rows) ** 2
        variance = (spread - own) / max(shots - 1, 1) + (error[rows] ** 2).sum() / len(rows) ** 2
        floor = (error[rows] ** 2).sum() / len(rows) ** 2 / (shots + 1)
        result[g] = np.sqrt(max(variance, floor))
    return result


def test_covariances_give_the_errors_of_groups(exact):
    outcomes, number = draw(exact[0], 3000, 4)
    _, error = mean_and_error(outcomes, number)
    members = (np.array([0, 1, 2, 3]), np.array([4, 5]), np.arange(6))
    spread = statistics.covariance(outcomes, number, error)
    np.testing.assert_allclose(
        statistics.group_errors(spread, members, 3000),
        scatter_of_means(outcomes, number, error, members),
        rtol=1e-3,
    )
    # the total is the same in every shot
    assert statistics.group_errors(spread, members, 3000)[2] < error.mean() / 20


def test_readout_against_mthree(exact):
    mthree = pytest.importorskip("mthree")
    rng = np.random.default_rng(5)
    zero, one = rng.uniform(0.0, 0.1, N), rng.uniform(0.05, 0.2, N)
    table = exact[0].reshape((2,) * N)
    for axis in range(N):  # axis 0 is the last neutrino
        k = N - 1 - axis
        matrix = np.array([[1 - zero[k], one[k]], [zero[k], 1 - one[k]]])
        table = np.moveaxis(np.tensordot(matrix, table, (1, axis)), 0, axis)
    outcomes, number = draw(table.ravel(), 20_000, 6)
    mean, error = mean_and_error(outcomes, number)
    nothing = np.zeros(N)
    fixed, spread = mitigation.correct_readout(
        mean, np.diag(error**2), Calibration(zero, one, nothing, nothing)
    )
    judge = mthree.M3Mitigation()
    judge.cals_from_matrices(
        [np.array([[1 - zero[k], one[k]], [zero[k], 1 - one[k]]]) for k in range(N)]
    )
    for k in range(N):
        counts = {"0": int(number @ (outcomes[:, k] > 0)), "1": int(number @ (outcomes[:, k] < 0))}
        wanted = judge.apply_correction(counts, [k]).expval("Z")
        assert fixed[k] == pytest.approx(wanted, abs=1e-6)
    pulls = (fixed - exact[1]) / np.sqrt(np.diag(spread))
    assert abs(pulls).max() < 4
    assert abs(mean - exact[1]).max() > 10 * abs(fixed - exact[1]).max() / 3


def test_readout_errors_are_carried_through():
    """The error bar is the scatter over many histories of counts and calibrations."""
    rng = np.random.default_rng(7)
    zero, one, z, shots = 0.03, 0.12, 0.4, 2000
    chance = (1 + z) / 2 * (1 - zero) + (1 - z) / 2 * one
    found, bars = [], []
    for _ in range(3000):
        m = 2 * rng.binomial(shots, chance) / shots - 1
        e0, e1 = rng.binomial(shots, zero) / shots, rng.binomial(shots, one) / shots
        given = Calibration(
            *(np.array([x]) for x in (e0, e1)),
            *(np.array([np.sqrt(x * (1 - x) / shots)]) for x in (e0, e1)),
        )
        fixed, spread = mitigation.correct_readout(
            np.array([m]), np.array([[(1 - m**2) / shots]]), given
        )
        found.append(fixed[0])
        bars.append(np.sqrt(spread[0, 0]))
    assert np.mean(found) == pytest.approx(z, abs=4 * np.std(found) / np.sqrt(3000))
    assert np.mean(bars) == pytest.approx(np.std(found), rel=0.05)


def test_a_readout_that_says_nothing():
    useless = Calibration(np.array([0.1, 0.5]), np.array([0.1, 0.5]), np.zeros(2), np.zeros(2))
    with pytest.raises(QnuError, match="neutrino 1 reads"):
        mitigation.correct_readout(np.zeros(2), np.eye(2), useless)


def test_rescaling_undoes_global_damping():
    """Value and error bar, over many histories: P_z correlated from neutrino to neutrino."""
    rng = np.random.default_rng(8)
    truth = np.array([[0.5, 0.1, 0.7], [-0.2, 0.3, 0.4], [0.1, -0.4, -0.3]])
    total, damping = truth[:, 2].sum(), 0.7
    root = 0.01 * np.array([[1.0, 0, 0], [-0.6, 0.8, 0], [0.2, 0.1, 1.0]])
    spread = np.stack([np.eye(3) * 1e-4, np.eye(3) * 4e-4, root @ root.T])
    noise = np.stack([np.linalg.cholesky(s) for s in spread])
    found, bars, factors, purities, purity_bars, covariances = [], [], [], [], [], []
    for _ in range(3000):
        mean = damping * truth + np.einsum("aij,ja->ia", noise, rng.normal(size=(3, 3)))
        fixed, wide, cross, factor = mitigation.rescale(mean, spread.copy(), total)
        error = np.sqrt(np.einsum("aii->ia", wide))
        found.append(fixed)
        bars.append(error)
        factors.append(factor)
        covariances.append(cross)
        observed = of_one_with_errors(["purity"], fixed, error, cross)
        purities.append(observed["purity"][1])
        purity_bars.append(observed["purity_error"][1])
        np.testing.assert_allclose(fixed[:, 2].sum(), total)
        assert wide[2].sum() == pytest.approx(0.0, abs=1e-12)  # its sum is known
    np.testing.assert_allclose(np.mean(found, axis=0), truth, atol=2e-3)
    np.testing.assert_allclose(np.mean(bars, axis=0), np.std(found, axis=0), rtol=0.06)
    assert np.mean(factors) == pytest.approx(damping, abs=1e-3)
    scatter = np.array([np.cov(np.array(found)[:, k].T) for k in range(3)])
    scatter[:, range(3), range(3)] = 0.0
    np.testing.assert_allclose(np.mean(covariances, axis=0), scatter, atol=1.5e-5)
    assert abs(scatter).max() > 1e-4
    # the factor is common to x, y, z: as if they were independent, bars are wrong by up to a third
    np.testing.assert_allclose(np.mean(purity_bars, axis=0), np.std(purities, axis=0), rtol=0.06)
    alone = of_one_with_errors(["purity"], truth, np.mean(bars, axis=0))["purity_error"][1]
    assert abs(alone / np.std(purities, axis=0) - 1).max() > 0.12


@pytest.mark.parametrize(
    ("seen", "total", "wanted"),
    [
        ([0.01], 0.0, False),  # nothing is conserved but 0
        ([0.5], 0.0, False),
        ([0.07], 0.5, False),  # not seen far enough above its error
        ([0.09], 0.5, True),
        ([-0.09], -0.5, True),
        ([-0.5], 0.5, False),  # the wrong sign
        ([0.84], 0.8, True),
        ([0.86], 0.8, False),  # larger than it can be: pulled, not damped
        ([0.5, 0.4, 0.3, 0.2, 0.1], 0.5, True),
        ([0.5, 0.4, 0.2, 0.1, 0.1], 0.5, False),  # the line through them ends at 0.04
        ([0.14, 0.09, 0.07, 0.1, 0.1], 0.5, True),  # one low sample among many
        ([0.5, 0.5, 0.55, 0.5, 0.5], 0.5, True),
        ([0.5, 0.52, 0.54, 0.56, 0.58], 0.5, False),
    ],
)
def test_when_rescaling_makes_sense(seen, total, wanted):
    error, times = np.full(len(seen), 0.01), 3.0 + 0.5 * np.arange(len(seen))
    assert mitigation.can_rescale(np.array(seen), error, times, total) is wanted


def scaled_run(recipe, damping, truth, shots, rng):
    """Counts of uncorrelated neutrinos whose polarizations are damped, as a run returns them."""
    results = []
    for _, axis in recipe["settings"]:
        down = rng.random((shots, N)) > (1 + damping * truth[:, axis]) / 2
        words, number = np.unique(down @ 2 ** np.arange(N), return_counts=True)
        results.append({f"{word:0{N}b}": int(n) for word, n in zip(words, number, strict=True)})
    return measure.read(results, recipe)


@pytest.mark.parametrize(("shots", "rescaled"), [(180, False), (1000, True)])
def test_one_answer_for_all_samples_of_a_run(shots, rescaled):
    """Totals of 5 and 12 standard errors: sample by sample, the first would be a mixture."""
    gas = gas_of(0.6, 0.8)
    gas = qnu.NeutrinoGas(gas.polarization, gas.omega, group=[0] * 4 + [1] * 2)
    times = np.arange(8.0)
    empty = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=N, final_time=7.0)
    machine = qnu.quantum.IonMachine(
        backend="trap", qubits=N, mitigation=qnu.quantum.Mitigation(symmetry="rescale")
    )
    _, recipe = measure.prepare(gas, empty, machine, times, shots, ["purity"])
    rng = np.random.default_rng(3)
    truth = gas.polarization * [0.6, 1.0, 1.0]  # as if entangled
    runs = [scaled_run(recipe, 0.7, truth, shots, rng) for _ in range(40)]
    words = [set(run.attrs["damping"].split()) for run in runs]
    assert all((seen == {"none"}) is not rescaled for seen in words)
    assert not any("none" in seen for seen in words if rescaled)
    found = np.concatenate([run.polarization for run in runs])
    bars = np.concatenate([run["polarization_error"].values for run in runs])
    wanted = truth if rescaled else 0.7 * truth
    assert abs(found.mean(axis=0) - wanted).max() < 0.02
    np.testing.assert_allclose(bars.mean(axis=0), found.std(axis=0), rtol=0.16)
    assert (bars.mean(axis=0) / found.std(axis=0))[:, 2].mean() == pytest.approx(1.0, abs=0.08)
    groups = np.concatenate([run.group_mean() for run in runs])
    stated = np.concatenate([run.group_error() for run in runs]).mean(axis=0)
    np.testing.assert_allclose(stated, groups.std(axis=0), rtol=0.16)
    purity = np.concatenate([run["purity"].values for run in runs]).std(axis=0)
    stated = np.concatenate([run["purity_error"].values for run in runs]).mean(axis=0)
    assert (stated / purity).mean() == pytest.approx(1.0, abs=0.06)


def test_errors_of_groups_count_the_shots_that_are_left():
    """Two neutrinos that are never up together: only few shots leave their mean in doubt."""
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], [0.1, 0.1], group=[0, 0])
    schedule = qnu.schedules.tournament(gas, gamma=0.4)
    machine = qnu.quantum.IonMachine(
        backend="trap", qubits=2, mitigation=qnu.quantum.Mitigation(symmetry="postselect")
    )
    _, recipe = measure.prepare(gas, schedule, machine, [schedule.final_time], shots=400)
    left = 300
    counts = {"01": left // 2, "10": left // 2, "00": 60, "11": 40}
    result = measure.read([counts], recipe)
    assert result.attrs["retained"] == "0.7500"
    # (1/(n+2) + 1/(n+2)) / 2^2 of uncorrelated neutrinos, of which 1/(n+1) is left
    wanted = np.sqrt(1 / (2 * (left + 2) * (left + 1)))
    assert result.group_error()[-1, 0, 2] == pytest.approx(wanted, rel=1e-9)


def test_a_symmetry_that_is_not_there_is_refused(sharp, schedule):
    tilted = gas_of(0.8, 0.6)
    select, scale = (
        qnu.quantum.FakeMachine(
            name="toy", backend="FakeTorino", mitigation=qnu.quantum.Mitigation(symmetry=how)
        )
        for how in ("postselect", "rescale")
    )
    select.check_symmetry(sharp, schedule)
    scale.check_symmetry(tilted, schedule)
    with pytest.raises(QnuError, match=r"'postselect'.*'rescale' or 'none'"):
        select.check_symmetry(tilted, schedule)
    matter = qnu.schedules.tournament(sharp, gamma=0.4, matter=0.3)
    for machine in (select, scale):
        with pytest.raises(QnuError, match="matter or fresh partners"):
            machine.check_symmetry(sharp, matter)
