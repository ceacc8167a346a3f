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


class Dense:
    """The state as an array with one axis per neutrino; matter by brute-force integration."""

    def __init__(self, gas, schedule):
        self.gas, self.schedule = gas, schedule
        self.matter = schedule.matter if callable(schedule.matter) else lambda _: schedule.matter
        self.psi = np.ones(())
        for x, y, z in gas.polarization:
            spinor = np.array([np.sqrt((1 + z) / 2), 0], complex)
            spinor[1] = (x + 1j * y) / (2 * spinor[0]) if z > -1 else 1
            self.psi = np.multiply.outer(self.psi, spinor)
        self.clock = np.zeros(len(gas))
        self.reached = {}  # up to when every encounter has been

    def one(self, matrix, i):
        self.psi = np.moveaxis(np.tensordot(matrix, self.psi, (1, i)), 0, i)

    def stream(self, i, stop):
        if stop <= self.clock[i] or not self.schedule.free_streaming:
            return

        def slope(t, u):
            h = field(self.gas, i, self.matter(t))
            return (-0.5j * along(h) @ u.reshape(2, 2)).ravel()

        span = (self.clock[i], stop)
        u = solve_ivp(slope, span, ONE.astype(complex).ravel(), rtol=1e-11, atol=1e-13)
        self.one(u.y[:, -1].reshape(2, 2), i)
        self.clock[i] = stop

    def meet(self, k, until=np.inf):
        """Encounter k from where it is to ``until``; the whole of it where nobody streams."""
        s = self.schedule
        i, j = int(s.first[k]), int(s.second[k])
        begin, end = self.reached.get(k, s.start[k]), s.start[k] + s.duration[k]
        if s.free_streaming:
            end = min(end, max(until, begin))
        if k not in self.reached:
            self.stream(i, s.start[k])
            self.stream(j, s.start[k])
        u = self.inside(k, begin, end).reshape(2, 2, 2, 2)
        self.psi = np.moveaxis(np.tensordot(u, self.psi, ((2, 3), (i, j))), (0, 1), (i, j))
        self.clock[[i, j]] = self.reached[k] = end

    def inside(self, k, begin, end):
        """The unitary of encounter k between two times; matter by brute-force integration."""
        s = self.schedule
        i, j = int(s.first[k]), int(s.second[k])

        def fields(t):
            return field(self.gas, i, self.matter(t)), field(self.gas, j, self.matter(t))

        share = (end - begin) / s.duration[k] if s.duration[k] else 1.0
        if not callable(s.matter):
            return encounter_matrix(share * s.swap_angle[k], *fields(begin), end - begin)

        def slope(t, u):
            h1, h2 = fields(t)
            local = (np.kron(along(h1), ONE) + np.kron(ONE, along(h2))) / 2
            rate = s.swap_angle[k] / s.duration[k] * SWAP + local
            return (-1j * rate @ u.reshape(4, 4)).ravel()

        if not s.duration[k]:
            return encounter_matrix(s.swap_angle[k], (0, 0, 0), (0, 0, 0), 0.0)
        start = np.eye(4, dtype=complex).ravel()
        return solve_ivp(slope, (begin, end), start, rtol=1e-11, atol=1e-13).y[:, -1]

    def little_endian(self):
        return self.psi.transpose(*range(self.psi.ndim)[::-1]).ravel()

    def polarization(self):
        n = self.psi.ndim
        flat = [np.moveaxis(self.psi, i, 0).reshape(2, -1) for i in range(n)]
        return np.array([[np.vdot(f, s @ f).real for s in PAULI] for f in flat])

    def run(self, times):
        """Polarizations at every time, (time, N, 3)."""
        s = self.schedule
        samples, done = [], 0
        for t in times:
            last = abs(t - s.final_time) < 1e-9
            for k, reached in list(self.reached.items()):
                if s.free_streaming and reached < s.start[k] + s.duration[k] - 1e-9:
                    self.meet(k, t)
            while done < len(s) and (s.start[done] < t - 1e-9 or last):
                self.meet(done, t)
                done += 1
            for i in range(len(self.gas)):
                self.stream(i, t)
            samples.append(self.polarization())
        return np.array(samples)


@pytest.fixture
def dense():
    return Dense


@pytest.fixture
def slow_encounter():
    return encounter_matrix


def read(name):
    path = Path(__file__).parents[1] / "reference" / f"{name}.json"
    return json.loads(path.read_text())


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
