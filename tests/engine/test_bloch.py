"""The kernels of the independent model against slow, obvious twins."""

import itertools

import numpy as np
import pytest

from qnu.encounter import after_encounter, density_matrix, polarization_of
from qnu.engine import bloch, free_unitaries, streaming
from qnu.gas import fields
from qnu.profiles import Exponential
from qnu.schedules.rows import encounters

N = 7


def drawn(seed: int, n: int, angles: float, lasting: float | None, fresh: str):
    """Encounters in order of time; ``lasting`` None: kicks and others mixed."""
    rng = np.random.default_rng(seed)
    first = rng.integers(0, N, n, dtype=np.int32)
    second = ((first + rng.integers(1, N, n)) % N).astype(np.int32)
    duration = rng.uniform(0, 0.4, n) * (rng.random(n) < 0.7) if lasting is None else lasting
    run = encounters(
        first, second, angles * rng.normal(size=n), np.sort(rng.uniform(0, 30, n)), duration
    )
    if fresh == "some":
        run = run._replace(fresh=rng.random(n) < 0.3)
    elif fresh == "all":
        run = run._replace(fresh=np.ones(n, bool))
    return rng.normal(size=(N, 3)) / 3, rng.normal(size=N), run


def slow(p, omega, run, streaming_, matter=0.0, end=30.0):
    """Density matrices and 4x4 unitaries, one neutrino and one encounter at a time."""
    initial, p, clock = p, p.copy(), np.zeros(N)

    def stream(k, time):
        if streaming_ and time > clock[k]:
            gate = free_unitaries([omega[k]], [clock[k]], [time], matter, 0.2)[0]
            p[k] = polarization_of(gate @ density_matrix(p[k]) @ gate.conj().T)

    for k, (i, j) in enumerate(zip(run.first, run.second, strict=True)):
        t, length = run.start[k], run.duration[k]
        if run.fresh is not None and run.fresh[k]:
            p[j], clock[j] = initial[j], t
        stream(i, t)
        stream(j, t)
        value = matter(t + length / 2) if callable(matter) else matter
        h1, h2 = fields(omega[[i, j]], value, 0.2)
        p[i], p[j] = after_encounter(p[i], p[j], run.swap_angle[k], h1, h2, length)
        clock[i] = clock[j] = t + length
    for k in range(N):
        stream(k, end)
    return p


def fast(p, omega, run, streaming_, pieces=(), end=30.0):
    """The compiled loop on the run in pieces."""
    rows = bloch.rows_of(p, omega)
    bounds = [0, *pieces, len(run.first)]
    for a, b in itertools.pairwise(bounds):
        part = run.part(a, b)
        duration = part.duration[:1] if part.duration.strides == (0,) else part.duration
        fresh = np.zeros(0, bool) if part.fresh is None else part.fresh
        bloch.evolve_in_vacuum(rows, *part[:4], duration, fresh, p, streaming_)
    out = np.empty((N, 3))
    bloch.sample(rows, end, streaming_, *streaming.compile_matter(0.0, 0.2, end), out)
    return out


@pytest.mark.parametrize("fresh", ["none", "some", "all"])
@pytest.mark.parametrize("lasting", [0.0, 0.3, None])
@pytest.mark.parametrize(("angles", "streaming_"), [(0.01, True), (0.01, False), (1.0, True)])
def test_encounters_in_vacuum(angles, lasting, fresh, streaming_) -> None:
    p, omega, run = drawn(1, 90, angles, lasting, fresh)
    found = fast(p, omega, run, streaming_)
    assert found == pytest.approx(slow(p, omega, run, streaming_), abs=1e-12)


@pytest.mark.parametrize("lasting", [0.0, None])
def test_where_runs_end_changes_no_bit(lasting) -> None:
    # angles of all sizes: batches of small ones take another branch than those with a large one
    p, omega, run = drawn(2, 500, 0.1, lasting, "some")
    whole = fast(p, omega, run, True)
    rng = np.random.default_rng(0)
    for pieces in ([1], [31, 33, 64], range(1, 500), np.unique(rng.integers(1, 500, 40))):
        assert fast(p, omega, run, True, pieces).tobytes() == whole.tobytes()


def test_rows_lie_on_cache_lines() -> None:
    p = np.random.default_rng(3).normal(size=(5, 3))
    rows = bloch.rows_of(p, np.arange(5.0))
    assert rows.ctypes.data % 64 == 0
    assert rows.strides == (64, 8)
    assert rows[:, :3].tolist() == p.tolist()
    assert rows[:, bloch.OMEGA].tolist() == list(range(5))
    assert not rows[:, bloch.CLOCK].any()


@pytest.mark.parametrize("matter", [0.7, Exponential(1.5, 8.0)])
@pytest.mark.parametrize("fresh", ["none", "some"])
def test_kicks_in_matter(matter, fresh) -> None:
    p, omega, run = drawn(4, 60, 0.3, 0.0, fresh)
    rows = bloch.rows_of(p, omega)
    compiled = streaming.compile_matter(matter, 0.2, 30.0)
    new = np.zeros(0, bool) if run.fresh is None else run.fresh
    gates = np.zeros((1, 4, 4), complex)
    bloch.evolve_in_matter(rows, *run[:5], new, p, True, *compiled, gates)
    out = np.empty((N, 3))
    bloch.sample(rows, 30.0, True, *compiled, out)
    assert out == pytest.approx(slow(p, omega, run, True, matter), abs=1e-9)
