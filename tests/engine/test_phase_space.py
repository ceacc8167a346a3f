"""Classical spins in tiles against one sample at a time."""

from __future__ import annotations

import numpy as np
import pytest

from qnu.engine import phase_plane_waves, phase_space, stages, streaming
from qnu.engine._slow import phase_space as slow
from qnu.engine.phase_space import ABOUT_B, ANYHOW, LANES, NOT_AT_ALL
from qnu.flavor import fields, flavor_direction
from qnu.profiles import Table, breakpoints

KEY = np.uint64(12345)
FRAME = np.concatenate([np.eye(3).ravel(), [1.0]])


def random_tile(count: int, seed: int = 0) -> np.ndarray:
    """Vectors of length sqrt(3) in any direction."""
    rng = np.random.default_rng(seed)
    vectors = rng.normal(size=(count, 3, LANES))
    vectors *= np.sqrt(3) / np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors.reshape(count, -1)


def lane(tile: np.ndarray, k: int) -> np.ndarray:
    """``(N, 3)``: one sample."""
    return tile.reshape(len(tile), 3, LANES)[:, :, k].copy()


def make_stages(columns, omega, matter=0.0, mixing_angle=0.0, end=10.0, streaming_=True):
    """Stages of encounters from t = 0 on, and what is left to turn at the end."""
    compiled = tuple(streaming.compile_matter(matter, mixing_angle, end))
    corners = breakpoints(matter, 0.0, end)
    compiled = (*(np.array(part) for part in compiled[:3]), compiled[3])
    corners, omega = np.array(corners), np.array(omega, float)
    n = stages.count(columns, omega, compiled[3], corners)
    made = (np.empty(n, int), np.empty(n, int), np.empty(n), np.empty((n, 2, 9)), np.empty(n, int))
    pending, clock = np.tile([1.0, 0, 0, 0], (len(omega), 1)), np.zeros(len(omega))
    none = np.zeros(0, bool)
    stages.fill(columns, none, 0, omega, compiled, corners, streaming_, pending, clock, made)
    turns = np.empty((len(omega), 9))
    stages.turns_at(end, omega, compiled, streaming_, pending, clock, turns)
    return made, turns.reshape(-1, 3, 3)


def columns_of(first, second, angle, start, duration):
    return (
        np.array(first), np.array(second), np.array(angle, float), np.array(start, float),
        np.array(duration, float),
    )  # fmt: skip


@pytest.mark.parametrize("theta", [0.0, 1e-9, 0.1, -0.2, 0.4, 0.8, -1.6, 2.5, 40.0])
def test_a_kick_turns_both_about_their_sum_in_every_sample(theta: float) -> None:
    tile = random_tile(3)
    begin = tile.copy()
    made, _ = make_stages(columns_of([2], [0], [theta], [0.0], [0.0]), np.zeros(3))
    phase_space.apply(tile, made, NOT_AT_ALL, KEY, np.tile(FRAME, (3, 1)))
    for k in range(LANES):
        before = lane(begin, k)
        p2, p0 = slow.kick(before[2], before[0], theta)
        close = 2e-14 * max(1.0, abs(theta))
        assert lane(tile, k) == pytest.approx(np.array([p0, before[1], p2]), abs=close)


def test_opposite_spins_have_no_sum_and_stay() -> None:
    tile = random_tile(2)
    tile[1] = -tile[0]
    begin = tile.copy()
    made, _ = make_stages(columns_of([0, 0], [1, 1], [0.7, 9.0], [0.0, 0.0], [0.0]), np.zeros(2))
    phase_space.apply(tile, made, NOT_AT_ALL, KEY, np.tile(FRAME, (2, 1)))
    assert tile == pytest.approx(begin, abs=1e-14)


def test_thousands_of_kicks_keep_the_total_and_every_length() -> None:
    rng = np.random.default_rng(3)
    first = rng.integers(5, size=4000)
    second = (first + rng.integers(1, 5, size=4000)) % 5
    tile = random_tile(5)
    total = tile.sum(axis=0)
    angle = rng.normal(0.0, 0.8, 4000)
    made, _ = make_stages(columns_of(first, second, angle, np.zeros(4000), [0.0]), np.zeros(5))
    phase_space.apply(tile, made, NOT_AT_ALL, KEY, np.tile(FRAME, (5, 1)))
    assert tile.sum(axis=0) == pytest.approx(total, abs=1e-12)
    assert (tile.reshape(5, 3, -1) ** 2).sum(axis=1) == pytest.approx(np.full((5, LANES), 3), 1e-11)


MATTERS = {
    "none": 0.0,
    "constant": 1.3,
    "corners": Table([0.0, 0.7, 1.1, 1.6], [0.2, 2.5, -1.0, 0.6]),
    "function": lambda t: 0.5 + np.sin(2 * t),
}


@pytest.mark.parametrize("matter", MATTERS)
@pytest.mark.parametrize(
    ("theta", "omega"), [(0.4, (0.7, -0.5)), (-1.5, (2.0, 0.4)), (0.3, (0.8, 0.8))]
)
def test_vacuum_and_matter_inside_and_between_as_an_integrator_has_them(
    matter: str, theta: float, omega: tuple[float, float]
) -> None:
    profile, mixing, (start, length, end) = MATTERS[matter], 0.3, (0.4, 1.5, 2.5)
    made, turns = make_stages(
        columns_of([0], [1], [theta], [start], [length]), omega, profile, mixing, end
    )
    tile = random_tile(2)
    begin = tile.copy()
    how = ABOUT_B if matter == "none" else ANYHOW
    phase_space.apply(tile, made, how, KEY, np.tile(FRAME, (2, 1)))
    value = profile if callable(profile) else lambda t: profile + 0 * t

    def field(n: int, from_: float):
        return lambda s: fields(np.array(omega[n]), value(from_ + s), mixing)

    for k in (0, 40):
        p = lane(begin, k)
        one, two = slow.encounter(p[0], p[1], 0.0, start, field(0, 0.0), field(1, 0.0))
        one, two = slow.encounter(one, two, theta, length, field(0, start), field(1, start))
        last = start + length
        one, two = slow.encounter(one, two, 0.0, end - last, field(0, last), field(1, last))
        found = np.einsum("nab,nb->na", turns, lane(tile, k))
        # matter that changes turns a neutrino to 5e-10 in each of its steps
        close = 1e-9 if matter in ("none", "constant") else 2e-8
        assert found == pytest.approx(np.array([one, two]), abs=close)


def test_back_to_back_encounters_turn_nobody_in_between() -> None:
    made, turns = make_stages(
        columns_of([0], [1], [0.3], [5.0], [0.0]), [1.0, 2.0], end=9.0, streaming_=False
    )
    assert made[3] == pytest.approx(np.tile(np.eye(3).ravel(), (1, 2, 1)))
    assert turns == pytest.approx(np.tile(np.eye(3), (2, 1, 1)))


def test_the_start_has_the_first_two_moments_of_the_quantum_state() -> None:
    """<P> = P and <P_a P_b + P_b P_a>/2 = delta_ab, also of mixed states."""
    from qnu import NeutrinoGas
    from qnu.solvers._phase_samples import frames

    vectors = np.array([[0.0, 0.6, 0.8], [0.1, -0.2, 0.3], [0.0, 0.0, 0.0], [0.0, 0.0, -1.0]])
    found = frames(NeutrinoGas(vectors, omega=np.zeros(4)))
    tiles = []
    for k in range(800):
        tile = np.empty((4, phase_space.ROW))
        phase_space.draw(tile, np.random.SeedSequence(k).generate_state(1, np.uint64)[0], found)
        tiles.append(tile.reshape(4, 3, LANES))
    samples = np.concatenate(tiles, axis=-1)
    assert (samples**2).sum(axis=1) == pytest.approx(np.full(samples[:, 0].shape, 3.0))
    mean = samples.mean(axis=-1)
    assert mean[[0, 3]] == pytest.approx(vectors[[0, 3]], abs=1e-13)  # pairs on opposite sides
    assert mean == pytest.approx(vectors, abs=0.02)
    second = np.einsum("nas,nbs->nab", samples, samples) / samples.shape[-1]
    assert second == pytest.approx(np.tile(np.eye(3), (4, 1, 1)), abs=0.02)
    across = np.einsum("as,bs->ab", samples[0], samples[1]) / samples.shape[-1]
    assert across == pytest.approx(np.outer(vectors[0], vectors[1]), abs=0.02)
    # every corner as often as every other
    corner = np.einsum("a,as->s", found[0, 3:6], samples[0]), found[0, 6:9] @ samples[0]
    share = [((corner[0] > 0) == a) & ((corner[1] > 0) == b) for a in (0, 1) for b in (0, 1)]
    assert [part.mean() for part in share] == pytest.approx([0.25] * 4, abs=0.01)


@pytest.mark.parametrize("velocities", [False, True])
@pytest.mark.parametrize("changing", [False, True])
def test_plane_waves_as_an_integrator_has_them(velocities: bool, changing: bool) -> None:
    rng = np.random.default_rng(5)
    n, end, steps = 4, 3.0, 60
    omega, mixing = rng.normal(size=n), 0.4
    v = rng.normal(size=(n, 3))
    v /= np.linalg.norm(v, axis=1, keepdims=True)
    if not velocities:
        v = np.zeros((n, 0))
    mu = (lambda t: 1.0 + 0.5 * np.cos(t)) if changing else (lambda t: 1.3 + 0 * t)
    matter = (lambda t: 0.4 * t) if changing else (lambda t: 0.6 + 0 * t)
    edges = np.linspace(0, end, steps + 1)
    at = np.stack([edges[:-1], (edges[:-1] + edges[1:]) / 2, edges[1:]], axis=1)
    tile = random_tile(n, seed=6)
    begin = tile.copy()
    direction = np.array(flavor_direction(mixing))
    phase_plane_waves.steps(tile, omega, v, direction, np.diff(edges), mu(at), matter(at))
    weights = (np.ones((n, n)) - v @ v.T) / n
    for k in (3, 50):
        exact = slow.plane_waves(lane(begin, k), omega, weights, direction, mu, matter, end)
        assert lane(tile, k) == pytest.approx(exact, abs=2e-6)
    assert (tile.reshape(n, 3, -1) ** 2).sum(axis=1) == pytest.approx(np.full((n, LANES), 3), 1e-12)


def test_means_and_squares_are_those_of_pairs_of_samples() -> None:
    tile = random_tile(5)
    rng = np.random.default_rng(1)
    turns = np.stack([slow.rotation(rng.normal(size=3), 0.7 * n) for n in range(5)])
    group, live = np.array([0, 1, 0, 1, 1]), 20
    out, groups = np.empty((2, 5, 3)), np.empty((2, 2, 3))
    phase_space.moments(tile, turns.reshape(5, 9), ANYHOW, group, live, out, groups)
    turned = np.einsum("nab,nbk->nak", turns, tile.reshape(5, 3, LANES))
    pairs = ((turned[..., : LANES // 2] + turned[..., LANES // 2 :]) / 2)[..., :live]
    assert out[0] == pytest.approx(pairs.mean(axis=-1), abs=1e-14)
    assert out[1] == pytest.approx(live * pairs.var(axis=-1), abs=1e-13)
    for g in range(2):
        mean = pairs[group == g].mean(axis=0)
        assert groups[0, g] == pytest.approx(mean.mean(axis=-1), abs=1e-14)
        assert groups[1, g] == pytest.approx(live * mean.var(axis=-1), abs=1e-13)
