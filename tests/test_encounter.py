import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm

from qnu import QnuError
from qnu.encounter import (
    PAULI,
    SWAP,
    affine_map,
    after_encounter,
    density_matrix,
    polarization_of,
    rotation_unitary,
    unitary,
)
from qnu.gas import fields

angles = st.floats(-4, 4)
vectors = st.tuples(*[st.floats(-1.5, 1.5)] * 3)
inside = st.tuples(*[st.floats(-0.57, 0.57)] * 3)


def dense(theta, h1, h2, t):
    """U by the matrix exponential of the Hamiltonian as physics.md writes it."""
    one = np.eye(2)
    spin = sum(h1[k] * np.kron(PAULI[k], one) + h2[k] * np.kron(one, PAULI[k]) for k in range(3))
    return expm(-1j * (theta * SWAP + t / 2 * spin))


def test_reference_encounters(encounters) -> None:
    assert len(encounters) == 24
    for e in encounters:
        h = fields(e["omega"])
        after = after_encounter(*e["polarization"], e["swap_angle"], *h, e["duration"])
        assert np.array(after) == pytest.approx(np.array(e["after"]), abs=1e-12)


def test_reference_encounters_through_the_unitary(encounters) -> None:
    for e in encounters:
        gate = unitary(e["swap_angle"], *fields(e["omega"]), e["duration"])
        rho = gate @ np.kron(*density_matrix(e["polarization"])) @ gate.conj().T
        rho = rho.reshape(2, 2, 2, 2)
        first, second = np.einsum("ikjk->ij", rho), np.einsum("kikj->ij", rho)
        found = [polarization_of(first), polarization_of(second)]
        assert np.array(found) == pytest.approx(np.array(e["after"]), abs=1e-12)
        weights = np.linalg.eigvalsh(first).clip(1e-300)
        assert -(weights * np.log2(weights)).sum() == pytest.approx(
            e["entropy_first_bits"], abs=1e-10
        )


@given(angles, vectors, vectors, st.floats(-2, 2))
def test_unitary_is_the_matrix_exponential(theta, h1, h2, t) -> None:
    assert unitary(theta, h1, h2, t) == pytest.approx(dense(theta, h1, h2, t), abs=1e-12)


@given(angles, angles, angles, st.floats(0, 2))
def test_closed_form_in_vacuum(theta, w1, w2, t) -> None:
    # physics.md section 3, written out
    d, k = t * (w1 - w2) / 2, np.hypot(t * (w1 - w2) / 2, theta)
    sinc = np.sinc(k / np.pi)
    block = np.cos(k) * np.eye(2) - 1j * sinc * np.array([[-d, theta], [theta, d]])
    gate = unitary(theta, (0, 0, -w1), (0, 0, -w2), t)
    assert gate[1:3, 1:3] == pytest.approx(block, abs=1e-12)
    phase = t * (w1 + w2) / 2
    assert gate[0, 0] == pytest.approx(np.exp(-1j * theta + 1j * phase), abs=1e-12)
    assert gate[3, 3] == pytest.approx(np.exp(-1j * theta - 1j * phase), abs=1e-12)


@given(inside, inside, angles, vectors, vectors, st.floats(0, 2))
def test_reduced_map_is_the_partial_trace(p1, p2, theta, h1, h2, t) -> None:
    gate = dense(theta, h1, h2, t)
    rho = gate @ np.kron(density_matrix(p1), density_matrix(p2)) @ gate.conj().T
    rho = rho.reshape(2, 2, 2, 2)
    first, second = after_encounter(p1, p2, theta, h1, h2, t)
    assert first == pytest.approx(polarization_of(np.einsum("ikjk->ij", rho)), abs=1e-12)
    assert second == pytest.approx(polarization_of(np.einsum("kikj->ij", rho)), abs=1e-12)


@given(inside, inside, angles)
def test_total_polarization_is_conserved_without_vacuum(p1, p2, theta) -> None:
    first, second = after_encounter(p1, p2, theta)
    assert first + second == pytest.approx(np.add(p1, p2), abs=1e-14)
    assert max(np.linalg.norm(first), np.linalg.norm(second)) <= 1 + 1e-12


@given(inside, inside, angles, angles, angles, st.floats(0, 2))
def test_z_is_conserved_with_vacuum(p1, p2, theta, w1, w2, t) -> None:
    first, second = after_encounter(p1, p2, theta, (0, 0, -w1), (0, 0, -w2), t)
    assert first[2] + second[2] == pytest.approx(p1[2] + p2[2], abs=1e-13)


def test_common_matter_commutes_with_the_exchange() -> None:
    h, theta, t = np.array([0.3, -0.4, 0.7]), 0.8, 1.3
    local = np.kron(rotation_unitary(h, t), rotation_unitary(h, t))
    assert unitary(theta, h, h, t) == pytest.approx(unitary(theta) @ local, abs=1e-12)
    assert unitary(theta, h, h, t) == pytest.approx(local @ unitary(theta), abs=1e-12)


def test_full_swap_trades_places() -> None:
    p1, p2 = np.array([0.1, 0.2, 0.3]), np.array([-0.4, 0.5, 0.1])
    assert np.array(after_encounter(p1, p2, np.pi / 2)) == pytest.approx(np.array([p2, p1]))


def test_batches_are_the_same_as_one_by_one() -> None:
    rng = np.random.default_rng(0)
    theta, t = rng.normal(size=5), rng.uniform(size=5)
    h1, h2 = rng.normal(size=(2, 5, 3))
    many = unitary(theta, h1, h2, t)
    for k in range(5):
        assert many[k] == pytest.approx(unitary(theta[k], h1[k], h2[k], t[k]), abs=1e-13)


def test_constant_background_relaxes_as_physics_says() -> None:
    # section 5: P_par -> cos^2 P_par + sin^2 P_bg, transverse times cos^2 + i sin cos |P_bg|
    theta, size = 0.3, 0.7
    matrix, shift = affine_map((0, 0, size), theta)
    c, s = np.cos(theta), np.sin(theta)
    p = matrix @ (0.2, 0.1, 0.4) + shift
    assert p[2] == pytest.approx(c * c * 0.4 + s * s * size)
    assert p[0] + 1j * p[1] == pytest.approx((c * c + 1j * s * c * size) * (0.2 + 0.1j))


@pytest.mark.parametrize(
    "call",
    [
        lambda: unitary(float("nan")),
        lambda: unitary(0.1, (0, 1), (0, 0, 1), 1.0),
        lambda: unitary([0.1, 0.2], np.zeros((3, 3))),
        lambda: after_encounter((0, 1), (0, 0, 1), 0.1),
        lambda: density_matrix((0, 1)),
        lambda: polarization_of([1.0]),
    ],
)
def test_bad_shapes_are_one_line(call) -> None:
    with pytest.raises(QnuError) as caught:
        call()
    assert "allowed" in str(caught.value)
    assert "\n" not in str(caught.value)
