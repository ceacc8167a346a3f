"""A slow, obvious twin of the circuits, and the reference data."""

import json
from pathlib import Path

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import qnu

X = np.array([[0, 1], [1, 0]], complex)
Y = np.array([[0, -1j], [1j, 0]])
Z = np.diag([1.0, -1.0]).astype(complex)
PAULI = (X, Y, Z)
SWAP = np.eye(4)[[0, 2, 1, 3]]
ONE = np.eye(2)


def along(h):
    return sum(c * s for c, s in zip(h, PAULI, strict=True))


def encounter_matrix(theta, h1, h2, time):
    """exp(-i [theta SWAP + (t/2)(h1.s1 + h2.s2)]), order (first) x (second)."""
    local = np.kron(along(h1), ONE) + np.kron(ONE, along(h2))
    return expm(-1j * (theta * SWAP + time / 2 * local))


def field(gas, i, matter):
    two = 2 * gas.mixing_angle
    return np.array([matter * np.sin(two), 0, matter * np.cos(two) - gas.omega[i]])


def amplitudes(gas, schedule):
    """``(2^N,)``, little-endian: the state after a schedule, with its global phase.

    One axis per neutrino; matter that changes by brute-force integration. Polarizations, also
    inside encounters, are those of ``qnu.testing.dense_evolution``.
    """
    matter = schedule.matter if callable(schedule.matter) else lambda _: schedule.matter
    psi = np.ones(())
    for x, y, z in gas.polarization:
        spinor = np.array([np.sqrt((1 + z) / 2), 0], complex)
        spinor[1] = (x + 1j * y) / (2 * spinor[0]) if z > -1 else 1
        psi = np.multiply.outer(psi, spinor)
    clock = np.zeros(len(gas))

    def stream(psi, i, stop):
        def slope(t, u):
            h = field(gas, i, matter(t))
            return (-0.5j * along(h) @ u.reshape(2, 2)).ravel()

        span = (clock[i], stop)
        u = solve_ivp(slope, span, ONE.astype(complex).ravel(), rtol=1e-11, atol=1e-13)
        return np.moveaxis(np.tensordot(u.y[:, -1].reshape(2, 2), psi, (1, i)), 0, i)

    for k in range(len(schedule)):
        i, j = int(schedule.first[k]), int(schedule.second[k])
        begin, length, theta = schedule.start[k], schedule.duration[k], schedule.swap_angle[k]
        for n in (i, j):
            psi = stream(psi, n, begin)
        u = _inside(gas, (i, j), theta, begin, length, matter).reshape(2, 2, 2, 2)
        psi = np.moveaxis(np.tensordot(u, psi, ((2, 3), (i, j))), (0, 1), (i, j))
        clock[[i, j]] = begin + length
    for i in range(len(gas)):
        psi = stream(psi, i, schedule.final_time)
    return psi.transpose(*range(psi.ndim)[::-1]).ravel()


def _inside(gas, pair, theta, begin, length, matter):
    """The unitary of one encounter."""
    if not length:
        return encounter_matrix(theta, (0, 0, 0), (0, 0, 0), 0.0)

    def slope(t, u):
        h1, h2 = (field(gas, n, matter(t)) for n in pair)
        local = (np.kron(along(h1), ONE) + np.kron(ONE, along(h2))) / 2
        return (-1j * (theta / length * SWAP + local) @ u.reshape(4, 4)).ravel()

    start = np.eye(4, dtype=complex).ravel()
    return solve_ivp(slope, (begin, begin + length), start, rtol=1e-11, atol=1e-13).y[:, -1]


@pytest.fixture
def dense_state():
    return amplitudes


@pytest.fixture
def slow_encounter():
    return encounter_matrix


def read(name):
    path = Path(__file__).parents[1] / "reference" / f"{name}.json"
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture
def encounters():
    return read("encounters")


@pytest.fixture
def tournament_8():
    data = read("tournament_8")
    gas = qnu.NeutrinoGas(
        data["many_body"][0], data["omega"], data["velocity"], group=[0] * 5 + [1] * 3
    )
    schedule = qnu.EncounterSchedule(
        data["first"],
        data["second"],
        data["swap_angle"],
        data["start"],
        data["duration"],
        neutrinos=8,
        gamma=data["gamma"],
    )
    times = np.arange(8) * data["duration"]
    return gas, schedule, times, np.array(data["many_body"])


@pytest.fixture
def free_streaming_5():
    data = read("free_streaming_5")
    gas = qnu.NeutrinoGas(data["polarization"], data["omega"])
    schedule = qnu.EncounterSchedule(
        data["first"],
        data["second"],
        data["swap_angle"],
        data["start"],
        0.0,
        neutrinos=5,
        final_time=data["final_time"],
    )
    return gas, schedule, data


@pytest.fixture
def odd_gas():
    """Four pure neutrinos without any symmetry between them."""
    rng = np.random.default_rng(5)
    vectors = rng.normal(size=(4, 3))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    velocity = rng.normal(size=(4, 3))
    velocity /= np.linalg.norm(velocity, axis=1, keepdims=True)
    return qnu.NeutrinoGas(vectors, [0.9, -0.4, 1.7, 0.3], velocity, mixing_angle=0.35)
