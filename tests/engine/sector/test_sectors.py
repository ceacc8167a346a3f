"""Weight sectors against the full vector, in which they are an embedded part."""

import itertools
import math

import numpy as np
import pytest

from qnu import QnuError
from qnu.engine import statevector
from qnu.engine._slow import sectors as slow
from qnu.engine.sector import Sector, tiles, weight_of
from qnu.engine.sector import state as sectors
from qnu.engine.statevector import exchange

BOTH = (np.complex64, np.complex128)
#: Rounding of amplitudes after some dozens of gates.
CLOSE = {np.complex64: 3e-6, np.complex128: 1e-13}


@pytest.fixture(params=[16, 11])
def size(request, monkeypatch):
    """Sectors that are one tile, and the same ones in many."""
    monkeypatch.setattr(tiles, "_SIZE", request.param)


def random_amplitudes(sector, dtype, seed=0):
    rng = np.random.default_rng(seed)
    state = rng.normal(size=(sector.dimension, 2)) @ [1, 1j]
    return (state / np.linalg.norm(state)).astype(dtype)


def random_blocks(number, seed=0):
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(number, 2, 2, 2)) @ [1, 1j])[0]


def tournament(count, seed=0):
    """Every pair once, in a random order and either way round."""
    rng = np.random.default_rng(seed)
    pairs = np.array(list(itertools.combinations(range(count), 2)))
    return rng.permuted(rng.permutation(pairs), axis=1).T


@pytest.mark.parametrize("count", range(1, 15))
def test_ranks_number_the_configurations(count) -> None:
    for weight in range(count + 1):
        sector = Sector(count, weight)
        all_of_them = slow.configurations(count, weight)
        assert sector.dimension == len(all_of_them) == math.comb(count, weight)
        assert np.array_equal(sector.unrank(np.arange(sector.dimension)), all_of_them)
        assert np.array_equal(sector.rank(all_of_them), np.arange(sector.dimension))


@pytest.mark.parametrize(("count", "weight"), [(34, 17), (34, 1), (62, 31), (62, 62), (50, 3)])
def test_ranks_of_large_sectors(count, weight) -> None:
    sector = Sector(count, weight)
    assert sector.dimension == math.comb(count, weight)
    ranks = np.random.default_rng(0).integers(0, sector.dimension, 200)
    ranks[:2] = 0, sector.dimension - 1
    found = sector.unrank(ranks)
    assert found[:2].tolist() == [2**weight - 1, (2**weight - 1) << (count - weight)]
    assert np.array_equal(sector.rank(found), ranks)
    # the definition, in whole numbers without limit
    for pattern, rank in zip(found.tolist(), ranks.tolist(), strict=True):
        ones = [bit for bit in range(count) if pattern >> bit & 1]
        assert sum(math.comb(c, j + 1) for j, c in enumerate(ones)) == rank


def test_errors_name_field_value_and_what_is_allowed() -> None:
    sector = Sector(4, 2)
    with pytest.raises(QnuError, match=r"weight: got 5; allowed: a whole number >= 0 and <= 4"):
        Sector(4, 5)
    with pytest.raises(QnuError, match="count: got 63"):
        Sector(63, 3)
    with pytest.raises(QnuError, match="configurations: got '0b111'; allowed: patterns of 4 bits"):
        sector.rank([3, 7])
    for pattern in (-1, 0b110000):
        with pytest.raises(QnuError, match="configurations"):
            sector.rank(pattern)
    with pytest.raises(QnuError, match="ranks: got 6; allowed: whole numbers from 0 to 5"):
        sector.unrank([0, 6])
    with pytest.raises(QnuError, match="bits"):
        sector.basis_state([0, 1, 1])
    with pytest.raises(QnuError, match="bits"):
        sector.basis_state([0, 1, 1, 2])
    with pytest.raises(QnuError, match="memory"):
        Sector(60, 30).basis_state([0, 1] * 30)
    state = sector.basis_state([0, 1, 1, 0])
    for subset in ([0, 4], [1, 1], [-1]):
        with pytest.raises(QnuError, match="subset"):
            sectors.bipartition_entropy(state, subset, sector)
    with pytest.raises(QnuError, match="shots: got -1"):
        sectors.draw(state, -1, np.random.default_rng(0), sector)
    with pytest.raises(QnuError, match=r"state: got 0\.0"):
        sectors.draw(0 * state, 1, np.random.default_rng(0), sector)


def test_weight_of_mass_eigenstates_only() -> None:
    z = np.array([[0, 0, 1.0], [0, 0, -1], [0, -0.0, -1]])
    assert weight_of(z) == 2
    for other in ([1e-12, 0, -1], [0, 1e-300, 1], [0, 0, 0.5], [0, 0, 1 - 1e-15]):
        assert weight_of(np.vstack([z, other])) is None


@pytest.mark.parametrize("dtype", BOTH)
def test_basis_states(dtype) -> None:
    sector = Sector(5, 2)
    state = sector.basis_state([1, 0, 0, 1, 0], dtype)
    assert state.dtype == dtype
    assert sector.memory(dtype) == state.nbytes
    full = slow.embed(state, 5, 2)
    assert np.flatnonzero(full).tolist() == [0b01001]
    spins = statevector.spinors(np.array([[0, 0, 1 - 2 * b] for b in (1, 0, 0, 1, 0)]))
    assert np.array_equal(full, statevector.product_state(spins, dtype))


@pytest.mark.parametrize("dtype", BOTH)
@pytest.mark.parametrize("count", [2, 3, 7, 8, 9, 10, 13])
def test_a_gate_on_every_pair_of_positions(count, dtype, size) -> None:
    sector = Sector(count, count // 2)
    start = random_amplitudes(sector, dtype)
    block = random_blocks(1)
    for i, j in itertools.permutations(range(count), 2):
        state = start.copy()
        sectors.apply_blocks(state, [i], [j], block, sector)
        full = slow.apply_blocks(slow.embed(start, count, sector.weight), [i], [j], block)
        assert np.abs(state - slow.restrict(full, count, sector.weight)).max() < CLOSE[dtype]
        assert np.linalg.norm(full) == pytest.approx(1, abs=CLOSE[dtype])
        # what a wrong order of the labels, or of the bits, would give is far from it
        wrong = start.copy()
        sectors.apply_blocks(wrong, [j], [i], block, sector)
        assert np.abs(wrong - state).max() > 1e-3


@pytest.mark.parametrize("dtype", BOTH)
@pytest.mark.parametrize(("count", "weights"), [(6, range(7)), (9, range(10)), (14, (1, 7, 12))])
def test_many_gates_in_every_sector(count, weights, dtype, size) -> None:
    first, second = tournament(count)
    blocks = random_blocks(len(first))
    for weight in weights:
        sector = Sector(count, weight)
        start = random_amplitudes(sector, dtype, weight)
        state = start.copy()
        sectors.apply_blocks(state, first, second, blocks, sector)
        full = slow.embed(start, count, weight).astype(complex)
        found = slow.restrict(slow.apply_blocks(full, first, second, blocks), count, weight)
        assert np.abs(state - found).max() < CLOSE[dtype]


def test_threads_and_calls_do_not_change_a_bit(monkeypatch, size) -> None:
    sector = Sector(14, 6)
    first, second = tournament(14)
    blocks = random_blocks(len(first))
    serial = random_amplitudes(sector, np.complex128)
    shared, halves = serial.copy(), serial.copy()
    sectors.apply_blocks(serial, first, second, blocks, sector)
    monkeypatch.setattr(sectors, "_THREADS_FROM", 1)
    sectors.apply_blocks(shared, first, second, blocks, sector)
    assert np.array_equal(shared, serial)
    for part in (slice(0, 40), slice(40, None)):
        sectors.apply_blocks(halves, first[part], second[part], blocks[part], sector)
    assert halves == pytest.approx(serial, abs=1e-14)


def vacuum_blocks(count, first, second, seed=0):
    rng = np.random.default_rng(seed)
    angle, duration = rng.uniform(0, 2, len(first)), rng.uniform(0, 1, len(first))
    start, omega = np.arange(len(first)) * 1.0, rng.normal(size=count)
    clocks, pending = np.zeros(count), np.zeros(count)
    return exchange.blocks(first, second, angle, start, duration, omega, clocks, pending, True)


@pytest.mark.parametrize(
    ("count", "weight", "dtype", "close"),
    [
        (4, 2, np.complex128, 1e-13),
        (8, 4, np.complex128, 1e-13),
        (11, 3, np.complex128, 1e-13),
        (14, 7, np.complex128, 1e-13),
        (14, 12, np.complex128, 1e-13),
        (18, 9, np.complex64, 1e-6),
    ],
)
def test_a_tournament_against_the_full_vector(count, weight, dtype, close) -> None:
    first, second = tournament(count, 1)
    blocks = vacuum_blocks(count, first, second)
    bits = np.random.default_rng(2).permutation([1] * weight + [0] * (count - weight))
    sector = Sector(count, weight)
    state = sector.basis_state(bits, dtype)
    spins = statevector.spinors(np.stack([0 * bits, 0 * bits, 1 - 2 * bits], axis=1))
    full = statevector.product_state(spins, dtype)
    statevector.apply_blocks(full, first, second, blocks)
    sectors.apply_blocks(state, first, second, blocks, sector)
    inside = full[sector.unrank(np.arange(sector.dimension))]
    assert np.abs(state - inside).max() < close
    assert statevector.norm(state) == pytest.approx(1, abs=30 * close)
    assert sectors.polarizations(state, sector) == pytest.approx(
        statevector.polarizations(full, count), abs=30 * close
    )


def test_steps_can_be_taken_up_again(monkeypatch) -> None:
    monkeypatch.setattr(sectors, "_IN_ONE_STEP", 1)
    monkeypatch.setattr(tiles, "_SIZE", 9)
    sector = Sector(13, 6)
    first, second = tournament(13, 1)
    blocks = random_blocks(len(first))
    whole, state = (
        random_amplitudes(sector, np.complex128),
        random_amplitudes(sector, np.complex128),
    )
    sectors.apply_blocks(whole, first, second, blocks, sector)
    told = []
    for step in sectors.steps(state, first, second, blocks, sector):
        told.append(step)
        if step.whole and step.passes == 3:
            break
    assert [s.gates for s in told] == sorted(s.gates for s in told)
    assert not told[0].whole
    *_, last = sectors.steps(state, first, second, blocks, sector, skip=3)
    assert last.gates == len(first)
    assert np.array_equal(state, whole)


def test_single_precision_keeps_the_norm_of_a_long_run() -> None:
    sector = Sector(12, 5)
    state = random_amplitudes(sector, np.complex64)
    rng = np.random.default_rng(3)
    first = rng.integers(0, 12, 3000)
    second = (first + rng.integers(1, 12, 3000)) % 12
    sectors.apply_blocks(state, first, second, random_blocks(3000), sector)
    assert statevector.norm(state) == pytest.approx(1, abs=1e-4)


@pytest.mark.parametrize("dtype", BOTH)
@pytest.mark.parametrize(
    ("count", "weight"),
    [(1, 1), (2, 1), (5, 0), (5, 5), (7, 3), (9, 4), (13, 6), (13, 11), (17, 8)],
)
def test_read_out_of_polarizations_and_pairs(count, weight, dtype, size) -> None:
    sector = Sector(count, weight)
    state = 0.5 * random_amplitudes(sector, dtype)  # of any norm
    full = slow.embed(state, count, weight).astype(complex)
    close = 1e-13  # sums are in double precision, whatever the amplitudes are in
    assert statevector.norm(state) == pytest.approx(np.vdot(full, full).real, abs=close)
    assert sectors.polarizations(state, sector) == pytest.approx(
        statevector.polarizations(full, count), abs=close
    )
    found = sectors.pair_densities(state, sector)
    assert found == pytest.approx(statevector.pair_densities(full, count), abs=close)
    for i, j in list(itertools.combinations(range(count), 2))[:20]:
        assert found[i, j] == pytest.approx(slow.density(full, [i, j]), abs=close)


def test_sets_of_bits_hold_every_pair(monkeypatch) -> None:
    monkeypatch.setattr(tiles, "_SIZE", 12)
    for count in (17, 18, 23):
        sector = Sector(count, 3)
        size = tiles.size_of(sector)
        seen = np.zeros((count, count), bool)
        for members in sectors._covering(sector, size):
            assert len(members) == size
            assert np.array_equal(members[: sector.base], np.arange(sector.base))
            assert (np.diff(members) > 0).all()
            seen[np.ix_(members, members)] = True
        assert seen.all()
        state = random_amplitudes(sector, np.complex128)
        full = slow.embed(state, count, 3)
        assert sectors.pair_densities(state, sector)[0, count - 1] == pytest.approx(
            slow.density(full, [0, count - 1]), abs=1e-13
        )


def test_draws() -> None:
    sector = Sector(16, 8)
    state = random_amplitudes(sector, np.complex64)
    state[: sector.dimension // 2] = 0  # never drawn
    found = sectors.draw(state, 20_000, np.random.default_rng(4), sector)
    again = sectors.draw(3 * state, 500, np.random.default_rng(4), sector)
    assert np.array_equal(found[:500], again)
    ranks = sector.rank(found)
    assert ranks.min() >= sector.dimension // 2
    # the one cumulative sum over everything
    sums = np.cumsum(np.abs(state.astype(complex)) ** 2)
    numbers = np.random.default_rng(4).random(20_000)
    assert np.array_equal(ranks, np.searchsorted(sums, numbers * sums[-1], side="right"))
    ones = (found[:, None] >> np.arange(16) & 1).mean(axis=0)
    p1 = (1 - sectors.polarizations(state, sector)[:, 2] / statevector.norm(state)) / 2
    assert ones == pytest.approx(p1, abs=5 * 0.5 / np.sqrt(20_000))
    one = sector.basis_state([1] * 8 + [0] * 8)
    assert sectors.draw(one, 3, np.random.default_rng(0), sector).tolist() == [255] * 3
    assert sectors.draw(one, 0, np.random.default_rng(0), sector).shape == (0,)


@pytest.mark.parametrize("dtype", BOTH)
@pytest.mark.parametrize(("count", "weight"), [(2, 1), (7, 3), (12, 6), (12, 10)])
def test_entropy_of_some_neutrinos(count, weight, dtype) -> None:
    sector = Sector(count, weight)
    state = random_amplitudes(sector, dtype)
    full = slow.embed(state, count, weight).astype(complex)
    full /= np.linalg.norm(full)
    rng = np.random.default_rng(5)
    for size in range(count + 1):
        kept = rng.permutation(count)[:size]
        found = sectors.bipartition_entropy(state, kept, sector)
        expected = slow.entropy(full, kept) if 0 < size < count else 0
        assert found == pytest.approx(expected, abs=1e-12)
    assert sectors.bipartition_entropy(2 * state, [0], sector) == pytest.approx(
        slow.entropy(full, [0]), abs=1e-12
    )


def test_entropy_of_a_basis_state_and_of_a_singlet() -> None:
    sector = Sector(10, 5)
    state = sector.basis_state([1, 0] * 5)
    assert sectors.bipartition_entropy(state, [0, 3, 4], sector) == 0
    # half an exchange of neutrinos 0 and 1: one bit between them, none with the others
    block = np.array([[[1, -1j], [-1j, 1]]]) / np.sqrt(2)
    sectors.apply_blocks(state, [0], [1], block, sector)
    assert sectors.bipartition_entropy(state, [0], sector) == pytest.approx(1, abs=1e-14)
    assert sectors.bipartition_entropy(state, [0, 1], sector) == pytest.approx(0, abs=1e-14)


def test_wide_and_thin_sectors() -> None:
    # many bits, few ones: several tables of offsets, and no full vector to compare with
    sector = Sector(40, 2)
    first, second = tournament(40, 6)
    blocks = random_blocks(len(first), 6)
    state = sector.basis_state([1, 1] + [0] * 38)
    sectors.apply_blocks(state, first, second, blocks, sector)
    # amplitudes of two ones as a matrix, element by element
    patterns = sector.unrank(np.arange(sector.dimension))
    slowly = dict.fromkeys(patterns.tolist(), 0j)
    slowly[0b11] = 1 + 0j
    for i, j, block in zip(first.tolist(), second.tolist(), blocks, strict=True):
        for pattern in patterns.tolist():
            if pattern >> i & 1 == 0 and pattern >> j & 1:  # |01>
                other = pattern ^ (1 << i) ^ (1 << j)
                pair = block @ [slowly[pattern], slowly[other]]
                slowly[pattern], slowly[other] = pair
    assert state == pytest.approx(np.array([slowly[p] for p in patterns.tolist()]), abs=1e-13)
