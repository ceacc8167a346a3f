"""Correlations of all pairs from few settings, and the collision term with its errors."""

import itertools
import json

import numpy as np
import pytest

import qnu
from qnu import solvers
from qnu.observables import collision_term, pair_correlations, plane_wave_couplings
from qnu.quantum import Mitigation, load_machine
from qnu.quantum.measure.mitigation import Calibration
from qnu.quantum.measure.pairs import Setting, collision_from_shots, moments, pair_settings

NAME = "collision_term"
SIGMA = {
    "X": np.array([[0, 1], [1, 0]]),
    "Y": np.array([[0, -1j], [1j, 0]]),
    "Z": np.array([[1, 0], [0, -1]]),
}
#: Rows are the bras of the outcomes +1 and -1.
TURN = {letter: np.linalg.eigh(s)[1][:, ::-1].conj().T for letter, s in SIGMA.items()}


@pytest.mark.parametrize("count", [2, 3, 4, 9, 10, 28])
def test_every_two_different_bases_of_every_pair_are_measured(count: int) -> None:
    settings = pair_settings(count)
    digits = next(d for d in range(1, 9) if 3**d >= count)
    assert len(settings) == 6 * digits
    for i, j in itertools.combinations(range(count), 2):
        seen = {(word[i], word[j]) for word in settings}
        assert seen >= set(itertools.permutations("XYZ", 2))
    for k in range(count):
        assert [sum(word[k] == x for word in settings) for x in "XYZ"] == [2 * digits] * 3
    with pytest.raises(qnu.QnuError, match="neutrinos"):
        pair_settings(1)


def random_state(count: int, seed: int):
    rng = np.random.default_rng(seed)
    psi = rng.normal(size=2**count) + 1j * rng.normal(size=2**count)
    return psi / np.linalg.norm(psi)


class Machine:
    """Shots of a state vector (bit k is neutrino k) in any setting, with errors of the readout."""

    def __init__(self, psi, flips=None) -> None:
        self.count = len(psi).bit_length() - 1
        bits = np.arange(len(psi))[:, None] >> np.arange(self.count) & 1
        self.outcomes = 1.0 - 2.0 * bits
        self.words = pair_settings(self.count)
        self.probabilities = [self._probabilities(psi, word, flips) for word in self.words]

    def _probabilities(self, psi, word, flips):
        tensor = psi.reshape((2,) * self.count)
        for k, letter in enumerate(word):
            tensor = self._applied(TURN[letter], tensor, k)
        found = abs(tensor) ** 2
        for k, (zero, one) in enumerate(flips or ()):
            found = self._applied(np.array([[1 - zero, one], [zero, 1 - one]]), found, k)
        return found.ravel()

    def _applied(self, matrix, tensor, k):
        axis = self.count - 1 - k
        return np.moveaxis(np.tensordot(matrix, tensor, axes=(1, axis)), 0, axis)

    def settings(self, shots: int, rng) -> list[Setting]:
        counted = [rng.multinomial(shots, p).astype(float) for p in self.probabilities]
        return [Setting(w, self.outcomes, n) for w, n in zip(self.words, counted, strict=True)]

    def certain(self) -> list[Setting]:
        """As if there were 10^9 shots without scatter."""
        both = zip(self.words, self.probabilities, strict=True)
        return [Setting(word, self.outcomes, 1e9 * p) for word, p in both]


def couplings_of(count: int):
    values = np.random.default_rng(9).uniform(0.5, 1.5, (count, count))
    return np.triu(values, 1) + np.triu(values, 1).T


def test_moments_are_those_of_the_state() -> None:
    psi = random_state(4, seed=1)
    found = moments(Machine(psi).certain())
    dense = np.einsum("...a,...b->...ab", psi, psi.conj()).reshape((2,) * 8)
    for i, j in itertools.combinations(range(4), 2):
        rest = [k for k in range(4) if k not in (i, j)]
        axes = [3 - i, 3 - j, *(3 - k for k in rest)]
        rho = dense.transpose([*axes, *(4 + a for a in axes)]).reshape(4, 4, 4, 4)
        rho = np.einsum("aibi->ab", rho)
        wanted = pair_correlations(rho)
        off = ~np.eye(3, dtype=bool)
        np.testing.assert_allclose(found.correlation[i, j][off], wanted[off], atol=1e-12)
        np.testing.assert_allclose(found.correlation[j, i][off], wanted.T[off], atol=1e-12)
    value, error = collision_from_shots(Machine(psi).certain(), couplings_of(4))
    np.testing.assert_allclose(value, collision_term(psi, couplings_of(4)), atol=1e-9)
    assert (error < 1e-3).all()


def test_errors_of_the_collision_term_hold_and_it_has_no_bias() -> None:
    psi, couplings = random_state(4, seed=3), couplings_of(4)
    machine, rng = Machine(psi), np.random.default_rng(5)
    for shots, allowed in ((15, 0.05), (150, 0.03)):
        found = [collision_from_shots(machine.settings(shots, rng), couplings) for _ in range(500)]
        values, errors = (np.array(part) for part in zip(*found, strict=True))
        away = values - collision_term(psi, couplings)
        inside = (abs(away) < errors).mean()
        assert inside == pytest.approx(0.683, abs=allowed)
        pull = away.mean(axis=0) / (values.std(axis=0) / np.sqrt(500))
        assert np.sqrt((pull**2).mean()) < 1.6
        ratio = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0)
        assert (abs(ratio - 1) < 0.12).all()


def test_errors_are_those_of_all_terms_of_one_shot_together() -> None:
    """One up, two along x: means are large, and products and means of one shot move together."""
    psi = np.kron(np.ones(4) / 2, [1, 0]).astype(complex)  # neutrino 0 is bit 0
    couplings = np.ones((3, 3)) - np.eye(3)
    machine, rng = Machine(psi), np.random.default_rng(6)
    found = [collision_from_shots(machine.settings(200, rng), couplings) for _ in range(800)]
    values, errors = (np.array(part) for part in zip(*found, strict=True))
    ratio = np.sqrt((errors**2).mean(axis=0)) / values.std(axis=0)
    assert (abs(ratio - 1) < 0.1).all()  # without the terms of the means: 1.2


def test_two_shots_of_a_setting_have_no_bias() -> None:
    psi = np.array([0, 1, 1j, 0]) / np.sqrt(2)  # <xy> - <yx> = 2: along z
    couplings = np.ones((2, 2)) - np.eye(2)
    wanted = collision_term(psi, couplings)
    assert abs(wanted[0, 2]) == pytest.approx(2.0)
    machine, rng = Machine(psi), np.random.default_rng(7)
    found = [collision_from_shots(machine.settings(2, rng), couplings)[0] for _ in range(1500)]
    error = np.std(found, axis=0) / np.sqrt(1500)
    assert (abs(np.mean(found, axis=0) - wanted) < 4 * error).all()
    assert error[0, 2] < 0.02  # without the factor it would be off by 0.25


def test_errors_of_the_readout_are_corrected_and_their_calibration_counts() -> None:
    psi, couplings = random_state(3, seed=8), couplings_of(3)
    flips = [(0.02, 0.1), (0.05, 0.03), (0.0, 0.2)]
    zero, one = np.array(flips).T
    noisy = Machine(psi, flips)
    wanted = collision_term(psi, couplings)
    plain, _ = collision_from_shots(noisy.certain(), couplings)
    assert abs(plain - wanted).max() > 0.02
    exact = Calibration(zero, one, np.zeros(3), np.zeros(3))
    value, error = collision_from_shots(noisy.certain(), couplings, exact)
    np.testing.assert_allclose(value, wanted, atol=1e-9)
    # the calibration moves, the shots do not: the scatter is that of the calibration alone
    rng, spread = np.random.default_rng(2), np.array([0.01, 0.02, 0.005])
    moved = [
        collision_from_shots(
            noisy.certain(),
            couplings,
            exact._replace(zero=zero + spread * rng.normal(size=3)),
        )[0]
        for _ in range(300)
    ]
    known = exact._replace(zero_error=spread)
    _, error = collision_from_shots(noisy.certain(), couplings, known)
    np.testing.assert_allclose(error, np.std(moved, axis=0), rtol=0.25)


def test_settings_that_miss_something_are_an_error() -> None:
    psi = random_state(2, seed=1)
    with pytest.raises(qnu.QnuError, match="neutrino 0 not in Z"):
        moments(Machine(psi).certain()[:4])
    few = [s for s in Machine(psi).certain() if s.bases != "XY"]
    with pytest.raises(qnu.QnuError, match="0 and 1 not in X and Y"):
        collision_from_shots(few, couplings_of(2))


# -- through qnu.quantum.run -----------------------------------------------------------------------


def waves(count: int = 4, mu=1.3):
    rng = np.random.default_rng(count)
    both = rng.normal(size=(2, count, 3))
    vectors, velocity = both / np.linalg.norm(both, axis=-1)[..., None]
    gas = qnu.NeutrinoGas(vectors, rng.normal(size=count), velocity=velocity)
    return gas, qnu.schedules.plane_wave(gas, duration=3.0, steps=6, mu=mu)


@pytest.mark.parametrize("hardware", ["qnu", "aer_statevector"])
@pytest.mark.parametrize("swap", [False, True])
def test_circuits_measure_what_the_solver_computes(hardware: str, swap: bool) -> None:
    gas, schedule = waves(mu=qnu.profiles.Exponential(1.3, 4.0))
    times = [0.0, 1.5, 3.0]
    wanted = solvers.many_body(gas, schedule, times, observables=[NAME], trotter_error=False)
    exact = qnu.quantum.run(gas, schedule, hardware, times, 0, [NAME], swap=swap)
    np.testing.assert_allclose(exact[NAME].values, wanted[NAME].values, atol=1e-12)
    assert np.abs(wanted[NAME].values).max() > 0.1
    names = ["entropy", NAME]
    run = qnu.quantum.run(gas, schedule, hardware, times, 2000, names, seed=4, swap=swap)
    assert run.attrs["settings"] == 12
    pull = (run[NAME].values - wanted[NAME].values) / run[f"{NAME}_error"].values
    assert 0.6 < np.sqrt((pull**2).mean()) < 1.4
    pull = (run.polarization - wanted.polarization) / run["polarization_error"].values
    assert 0.6 < np.sqrt((pull**2).mean()) < 1.4
    assert run["polarization_error"].values.max() < 1.1 / np.sqrt(4 * 2000)  # 4 settings each
    assert run["group_polarization_error"].shape == (3, 1, 3)
    assert {"entropy", "entropy_error"} <= set(run.dataset.data_vars)


def test_a_device_measures_it_and_old_recipes_stay_as_they_were() -> None:
    gas, schedule = waves(3)
    device = load_machine("fake_torino").model_copy(
        update={"mitigation": Mitigation(readout="calibrated")}
    )
    circuits, recipe = qnu.quantum.prepare(gas, schedule, device, [0.0], 3000, [NAME])
    assert len(circuits) == 8  # 6 settings, 2 for the readout
    assert recipe["format"] == 2
    recipe = json.loads(json.dumps(recipe))
    job = qnu.quantum.submit(device, circuits, recipe, seed=3)
    run = qnu.quantum.read(job.result(), recipe)
    pull = run[NAME].values / run[f"{NAME}_error"].values  # a product state: 0
    assert np.sqrt((pull**2).mean()) < 1.6
    assert (abs(run.polarization[0] - gas.polarization) < 5 * run["polarization_error"][0]).all()
    _, plain = qnu.quantum.prepare(gas, schedule, device, [0.0], 100)
    assert plain["format"] == 1
    assert "bases" not in plain


@pytest.mark.parametrize(
    ("update", "message"),
    [
        ({"primitive": "estimator"}, "primitive = 'sampler'"),
        ({"mitigation": Mitigation(symmetry="rescale")}, "mitigation.symmetry = 'none'"),
    ],
)
def test_what_a_device_cannot_do_is_said_in_one_line(update: dict, message: str) -> None:
    gas, schedule = waves(3)
    device = load_machine("fake_torino").model_copy(update=update)
    with pytest.raises(qnu.QnuError, match=message):
        qnu.quantum.prepare(gas, schedule, device, [0.0], 100, [NAME])


def test_couplings_of_the_recipe_follow_mu() -> None:
    gas, schedule = waves(3, mu=qnu.profiles.Exponential(1.3, 4.0))
    _, recipe = qnu.quantum.prepare(gas, schedule, "fake_torino", [0.0, 3.0], 100, [NAME])
    wanted = [plane_wave_couplings(gas, 1.3 * np.exp(-t / 4)) for t in (0.0, 3.0)]
    np.testing.assert_allclose(recipe["couplings"], wanted, rtol=1e-12)
