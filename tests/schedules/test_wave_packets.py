"""Wave packets in a box: their passages, slices of their overlaps, and what follows from them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import norm

from qnu import EncounterSchedule, NeutrinoGas, QnuError, experiment, schedules, solvers, testing
from qnu.common import memory
from qnu.engine._slow import packets as slow
from qnu.premises import premises
from qnu.profiles import Exponential
from qnu.schedules import packet_statistics, wave_packets
from qnu.schedules._packet_rows import Slices

AXES = np.array([[1, 0, 0], [0, 1, 0], [0, 0, 1], [-1, 0, 0], [0, -1, 0], [0, 0, -1]], float)


def isotropic(count: int, seed: int = 1) -> NeutrinoGas:
    return testing.random_gas(count, seed=seed)


def along_axes(count: int) -> NeutrinoGas:
    return replace(isotropic(count), velocity=AXES[np.arange(count) % 6])


def brute(schedule: EncounterSchedule) -> np.ndarray:
    """Rows ``(first, second, angle, time)`` from all pairs and all images."""
    p = schedule.source.packets
    shape = (p.position, p.velocity, p.across, p.along, p.sides)
    first, second, theta, time, rms, _ = slow.passages(*shape, p.cutoff, p.length, p.end).T
    a, b = -time / rms, (p.end - time) / rms
    part = np.where(a > 0, norm.sf(a) - norm.sf(b), norm.cdf(b) - norm.cdf(a))
    mean = time + rms * (norm.pdf(a) - norm.pdf(b)) / part
    cut = (abs(a) <= p.length) | (abs(b) <= p.length)
    found = np.stack(
        [first, second, np.where(cut, theta * part, theta), np.where(cut, mean, time)], axis=1
    )
    return found[np.lexsort((second, first, found[:, 3]))]


def rows(schedule: EncounterSchedule) -> np.ndarray:
    return np.stack([schedule.first, schedule.second, schedule.swap_angle, schedule.start], axis=1)


@pytest.mark.parametrize(
    ("count", "settings"),
    [
        (50, {"box": 1.0, "width": 0.02}),
        (50, {"box": [1.0, 0.7, 1.3], "width": 0.03, "ratio": 3.0}),
        (6, {"box": 1.0, "width": 0.6}),
        (20, {"box": 1.0, "width": np.geomspace(0.01, 0.1, 20), "ratio": np.linspace(0.2, 3, 20)}),
    ],
)
def test_passages_are_those_of_all_pairs_and_all_images(count, settings) -> None:
    schedule = wave_packets(isotropic(count), 2.0, seed=1, **settings)
    expected = brute(schedule)
    assert len(expected) == len(schedule) > 100
    assert (rows(schedule)[:, :2] == expected[:, :2]).all()
    assert rows(schedule)[:, 2] == pytest.approx(expected[:, 2], rel=1e-10)
    assert rows(schedule)[:, 3] == pytest.approx(expected[:, 3], abs=1e-11)


def test_beams_along_axes_are_those_of_all_pairs_and_images_too() -> None:
    """Head on, at right angles, and parallel ones, which exchange nothing."""
    schedule = wave_packets(along_axes(18), 3.0, box=1.0, width=0.04, ratio=0.5, seed=2)
    expected = brute(schedule)
    assert rows(schedule) == pytest.approx(expected, abs=1e-10)
    same = (schedule.first - schedule.second) % 6 == 0
    assert not same.any()


def test_one_passage_is_the_integral_of_the_overlap() -> None:
    gas = isotropic(2, seed=3)
    p = wave_packets(gas, 4.0, box=2.0, width=[0.3, 0.2], ratio=[2.0, 0.7], cutoff=6.0, seed=5)
    packets = p.source.packets
    s = slow.covariances(packets.velocity, packets.across, packets.along)
    times = np.linspace(0.0, 4.0, 4001)
    d = packets.position[0] - packets.position[1]
    u = packets.velocity[0] - packets.velocity[1]
    rates = [slow.overlap_rate(d + t * u, *s, packets.sides)[0] for t in times]
    c = packets.velocity[0] @ packets.velocity[1]
    total = 2.0**3 / 2 * (1 - c) * np.trapezoid(rates, times)
    assert p.swap_angle.sum() == pytest.approx(total, rel=1e-6)


def test_parts_at_the_end_and_at_the_beginning_add_up() -> None:
    gas, given = isotropic(12), {"box": 1.0, "width": 0.05, "seed": 3, "cutoff": 5.0}
    whole = wave_packets(gas, 2.0, **given)
    early = wave_packets(gas, 0.7, **given)
    moved = whole.source.packets.position + 0.7 * whole.source.packets.velocity
    late = wave_packets(gas, 1.3, positions=moved, **{**given, "seed": None})
    parts = pair_angles(early) + pair_angles(late)
    assert parts == pytest.approx(pair_angles(whole), abs=1e-9)
    assert len(early) + len(late) > len(whole)


def pair_angles(schedule: EncounterSchedule) -> np.ndarray:
    found = np.zeros((schedule.neutrinos, schedule.neutrinos))
    i, j = schedule.first, schedule.second
    np.add.at(found, (np.minimum(i, j), np.maximum(i, j)), schedule.swap_angle)
    return found


def test_two_packets_meet_again_after_a_turn_of_the_box() -> None:
    gas = replace(isotropic(2), velocity=np.array([[1.0, 0, 0], [-1.0, 0, 0]]))
    given = {"positions": [[0.1, 0.5, 0.5], [0.5, 0.52, 0.5]], "box": 1.0, "width": 0.01}
    schedule = wave_packets(gas, 2.0, **given)
    assert schedule.start == pytest.approx([0.2, 0.7, 1.2, 1.7])
    theta = np.sqrt(1.0) * np.exp(-(0.02**2) / (4 * 0.01**2)) / (4 * np.pi * 0.01**2) / 2
    assert schedule.swap_angle == pytest.approx(theta)  # sqrt(2) G_F = V/N = 1/2
    assert packet_statistics(schedule).pairs_again == 1.0


@pytest.mark.parametrize("settings", [{"box": 1.0}, {"gamma": 0.05}])
def test_two_of_three_sizes_give_the_third(settings) -> None:
    schedule = wave_packets(isotropic(10), 1.0, width=0.03, seed=1, **settings)
    packets = schedule.source.packets
    volume = np.prod(packets.sides)
    assert schedule.gamma == pytest.approx(volume / (8 * np.pi * 10 * 0.03**2))
    other = wave_packets(isotropic(10), 1.0, box=packets.sides, gamma=schedule.gamma, seed=1)
    assert other.source.packets.across == pytest.approx(0.03)
    assert other.packet_ratio == 1.0


def test_unlike_packets_have_no_gamma() -> None:
    schedule = wave_packets(isotropic(3), 1.0, box=1.0, width=[0.1, 0.1, 0.2], seed=1)
    assert schedule.gamma is None
    assert schedule.packet_ratio is None
    alike = wave_packets(isotropic(3), 1.0, box=1.0, width=0.1, ratio=2.0, seed=1)
    assert alike.packet_ratio == pytest.approx(2.0)


# -- rates ----------------------------------------------------------------------------------------


def rates(gas: NeutrinoGas, ratio: float, passages: float = 2.5e5) -> tuple[Any, Any, Any]:
    """Sums of theta and theta^2 per pair and time, times N, by class of direction; and c."""
    count = len(gas)
    given: dict[str, Any] = {"box": count ** (1 / 3), "width": 0.1, "ratio": ratio, "seed": 4}
    given["cutoff"] = 3.0
    per_time = wave_packets(gas, 1.0, **given).source.packets.passages_per_phase
    schedule = wave_packets(gas, passages / per_time, **given)
    i, j, theta = schedule.first, schedule.second, schedule.swap_angle
    c = np.sum(gas.velocity[i] * gas.velocity[j], axis=1)
    scale = count / schedule.final_time
    lost = 1 - np.exp(-4.5)  # of the mean field, at a cutoff of 3; of the entanglement 1e-4
    return theta * scale / lost, theta**2 * scale / schedule.gamma, c


@pytest.mark.parametrize(
    ("ratio", "kappa"),
    [(0.3, 0.965), (1.0, 0.8), (4.0, 0.408)],  # 0.5 and 2: tests/solvers/test_packet_rates.py
)
def test_isotropic_packets_have_the_rates_of_their_shape(ratio, kappa) -> None:
    gas = isotropic(2000)
    field, entanglement, _ = rates(gas, ratio)
    pairs = 2000 * 1999 / 2
    total = gas.velocity.sum(axis=0)
    mean = 1 - (total @ total - 2000) / (2000 * 1999)  # of the 1 - c of all pairs
    assert field.sum() / pairs == pytest.approx(mean, rel=0.01)
    assert entanglement.sum() / pairs == pytest.approx(kappa, rel=0.01)


@pytest.mark.parametrize("ratio", [0.5, 3.0])
def test_beams_along_axes_have_the_rates_of_each_angle(ratio) -> None:
    turn, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(3, 3)))
    gas = replace(isotropic(1200), velocity=along_axes(1200).velocity @ turn)
    field, entanglement, c = rates(gas, ratio)
    for cosine, pairs in [(0.0, 12 * 200**2), (-1.0, 3 * 200**2)]:
        some = abs(c - cosine) < 1e-9
        expected = (1 - cosine) ** 1.5 / np.sqrt((1 - cosine) + ratio**2 * (1 + cosine))
        assert field[some].sum() / pairs == pytest.approx(1 - cosine, rel=0.01)
        assert entanglement[some].sum() / pairs == pytest.approx(expected, rel=0.02)


# -- slices ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", [2, 5, 6])
def test_a_box_full_of_every_packet_gives_plane_waves(count) -> None:
    gas = isotropic(count)
    full = wave_packets(gas, 3.0, box=1.0, width=3.0, slices=6, seed=1)
    waves = schedules.plane_wave(gas, 3.0, 6)
    for name in ("first", "second", "start", "duration"):
        assert getattr(full, name).tolist() == getattr(waves, name).tolist()
    assert full.swap_angle == pytest.approx(waves.swap_angle, abs=1e-15)


@pytest.mark.parametrize("mu", [1.0, Exponential(1.0, 0.7)])
def test_waves_and_images_give_the_same_overlaps(mu) -> None:
    given: dict[str, Any] = {"box": [1.0, 1.2, 0.9], "width": 0.22, "ratio": 1.3, "mu": mu}
    images = wave_packets(isotropic(5), 1.0, slices=5, seed=2, cutoff=8.0, **given)
    source = images.source
    assert isinstance(source, Slices)
    waves = Slices(source.packets, source._times, "", source._phases, 5, 1.0, series=True)
    (found,) = waves.block(0)
    assert found.first.tolist() == images.first.tolist()
    assert found.second.tolist() == images.second.tolist()
    assert found.swap_angle == pytest.approx(images.swap_angle, abs=1e-13)


def test_slices_of_a_passage_add_up_to_its_kick() -> None:
    given: dict[str, Any] = {"box": 1.0, "width": 0.06, "seed": 2}
    kicks = wave_packets(isotropic(6), 3.0, **given)
    sliced = wave_packets(isotropic(6), 3.0, slices=30, **given)
    assert pair_angles(sliced) == pytest.approx(pair_angles(kicks), abs=1e-8)


def test_many_body_goes_through_slices_as_dense_matrices_do() -> None:
    gas = testing.random_gas(4, seed=3)
    schedule = wave_packets(gas, 2.0, box=1.0, width=0.15, seed=2, slices=8, matter=0.3)
    times = schedule.equally_spaced(3)
    run = solvers.many_body(gas, schedule, times, trotter_error=False)
    testing.assert_trajectory_close(run, testing.dense_evolution(gas, schedule, times))


def test_the_estimated_error_of_slices_is_the_error() -> None:
    """The error of order 2 is 4/3 of the difference from half the step."""
    gas = testing.random_gas(5, seed=3)
    given: dict[str, Any] = {"box": 1.0, "width": 0.15, "seed": 2}
    schedule = wave_packets(gas, 4.0, slices=40, **given)
    times = schedule.equally_spaced(5)
    run = solvers.many_body(gas, schedule, times)
    fine = wave_packets(gas, 4.0, slices=1280, **given)
    exact = solvers.many_body(gas, fine, times, trotter_error=False)
    error = np.linalg.norm(run.polarization - exact.polarization, axis=-1)
    estimate = 4 / 3 * run["trotter_error"].values
    assert estimate[1:] == pytest.approx(error[1:], rel=0.15)
    assert error.max() > 1e-4


def test_slices_from_a_file_have_no_estimate_but_run(tmp_path) -> None:
    gas = testing.random_gas(3, seed=3)
    schedule = wave_packets(gas, 1.0, box=1.0, width=0.15, seed=2, slices=4)
    schedule.save(tmp_path / "s.npz")
    again = EncounterSchedule.load(tmp_path / "s.npz")
    assert again == schedule
    assert "trotter_error" not in solvers.many_body(gas, again)


def test_slices_block_by_block_are_the_whole() -> None:
    source = wave_packets(isotropic(6), 2.0, box=1.0, width=0.05, seed=1, slices=12).source
    (whole,) = source.block(0)
    source._blocks, source.blocks = [(0, 5), (5, 6), (6, 12)], 3
    parts = [next(iter(source.block(b))) for b in range(3)]
    for k in range(5):
        assert np.concatenate([part[k] for part in parts]) == pytest.approx(whole[k], abs=1e-15)


# -- one gate per passage -------------------------------------------------------------------------


def test_gates_with_vacuum_inside_have_the_rms_of_the_overlap() -> None:
    gas = replace(isotropic(2), velocity=np.array([[1.0, 0, 0], [0.0, 1.0, 0]]))
    given = {"positions": [[0.1, 0.5, 0.5], [0.5, 0.1, 0.5]], "box": 1.0, "width": 0.01}
    schedule = wave_packets(gas, 0.8, vacuum="inside", **given)
    assert schedule.start + schedule.duration / 2 == pytest.approx([0.4])
    assert schedule.duration == pytest.approx(2 * np.sqrt(3) * 0.01)  # sigma = sqrt(2) s / |u|
    whole = wave_packets(gas, 0.8, **given)
    assert schedule.swap_angle == pytest.approx(whole.swap_angle)
    half = wave_packets(gas, 0.4, vacuum="inside", **given)
    assert half.swap_angle == pytest.approx(whole.swap_angle / 2)


def test_gates_that_overlap_are_one_error_that_names_slices() -> None:
    with pytest.raises(QnuError, match="slices") as caught:
        wave_packets(isotropic(20), 2.0, box=1.0, width=0.1, seed=1, vacuum="inside")
    assert caught.value.field == "vacuum"
    assert "\n" not in str(caught.value)


# -- coupling that changes ------------------------------------------------------------------------


def test_where_mu_changes_packets_move_by_its_integral() -> None:
    mu = Exponential(2.0, 3.0)
    end = 2.0
    path = 3.0 * (1 - np.exp(-end / 3.0))  # of mu / mu(0)
    one = wave_packets(isotropic(8), end, box=1.0, width=0.02, seed=1, mu=mu)
    two = wave_packets(isotropic(8), path, box=1.0, width=0.02, seed=1, mu=2.0)
    assert one.gamma == two.gamma == pytest.approx(2.0 / (8 * np.pi * 8 * 0.02**2))
    assert one.swap_angle == pytest.approx(two.swap_angle)
    assert 3.0 * (1 - np.exp(-one.start / 3.0)) == pytest.approx(two.start)


# -- statistics -----------------------------------------------------------------------------------


def test_the_disturbed_share_is_the_integral_over_time() -> None:
    gas = isotropic(8)
    velocity = gas.velocity.copy()
    velocity[1] = velocity[0]  # one is on the other at all times, or never
    gas = replace(gas, velocity=velocity)
    given: dict[str, Any] = {"box": 1.0, "width": 0.07, "ratio": 1.7, "seed": 1, "cutoff": 7.0}
    schedule = wave_packets(gas, 1.0, **given)
    p, steps = schedule.source.packets, 150
    s = slow.covariances(p.velocity, p.across, p.along)
    total = disturbed = 0.0
    for t in (np.arange(steps) + 0.5) / steps:
        rate, on = np.zeros((8, 8)), np.zeros((8, 8), bool)
        place = p.position + t * p.velocity
        for i, j in zip(*np.triu_indices(8, 1), strict=True):
            density, q = slow.overlap_rate(place[i] - place[j], s[i], s[j], p.sides)
            rate[i, j] = (1 - p.velocity[i] @ p.velocity[j]) * density / 8 / steps
            on[i, j] = on[j, i] = q <= 4
        for i, j in zip(*np.triu_indices(8, 1), strict=True):
            others = on[i] | on[j]
            others[[i, j]] = False
            total += rate[i, j]
            disturbed += rate[i, j] * others.any()
    found = packet_statistics(schedule)
    assert found.total_angle == pytest.approx(total, rel=1e-3)
    assert found.total_angle == pytest.approx(schedule.swap_angle.sum())
    assert found.disturbed == pytest.approx(disturbed / total, abs=0.01)


def test_statistics_say_what_packets_of_a_gas_do() -> None:
    gas = along_axes(300)
    schedule = wave_packets(gas, 30.0, box=300 ** (1 / 3), width=0.05, seed=1, cutoff=3.0)
    found = packet_statistics(schedule)
    assert found.passages == len(schedule)
    assert found.size == pytest.approx(0.05)
    assert found.lost_mean_field == pytest.approx(np.exp(-4.5))
    assert found.lost_entanglement == pytest.approx(np.exp(-9.0))
    # theta^2 over theta (1 - c): per pair 4 x 1/sqrt(2) + 2 over 4 x 1 + 4
    expected = schedule.gamma * (4 / np.sqrt(2) + 2) / 8 / (1 - np.exp(-4.5))
    assert found.mean_gamma == pytest.approx(expected, rel=0.03)
    # within 2 rms sizes of the relative position, sqrt(2) 0.05, at density 1
    others = 299 / 300 * 4 / 3 * np.pi * (2 * np.sqrt(2) * 0.05) ** 3
    assert found.others_on_one == pytest.approx(others, rel=1e-6)
    assert 0 < found.disturbed < 0.1
    assert found.covered == 1.0


def test_statistics_need_the_packets(tmp_path) -> None:
    gas = isotropic(4)
    with pytest.raises(QnuError, match="plane_wave"):
        packet_statistics(schedules.plane_wave(gas, 1.0, 2))
    wave_packets(gas, 1.0, box=1.0, width=0.1, seed=1).save(tmp_path / "s.npz")
    with pytest.raises(QnuError, match="from a file"):
        packet_statistics(EncounterSchedule.load(tmp_path / "s.npz"))


# -- errors ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({}, "gamma"),
        ({"box": 1.0}, "gamma"),
        ({"box": 1.0, "width": 0.1, "gamma": 0.1}, "gamma"),
        ({"width": [0.1, 0.2, 0.1, 0.1], "gamma": 0.1}, "gamma"),
        ({"box": 1.0, "width": 0.1, "slices": 2, "vacuum": "inside"}, "vacuum"),
        ({"box": 1.0, "width": [0.1, 0.2]}, "width"),
        ({"box": 1e-300, "width": 0.1}, "box"),
        ({"box": 1e300, "gamma": 0.1}, "box"),
        ({"width": 1e300, "gamma": 0.1}, "width"),
        ({"width": 1e-300, "gamma": 0.1}, "width"),
        ({"width": 1.0, "gamma": 1e-300}, "gamma"),
        ({"box": 1.0, "gamma": 1e-300}, "gamma"),
        ({"box": 1.0, "width": 0.1, "ratio": 1e300}, "ratio"),
        ({"box": 1.0, "width": 0.1, "mu": 1e-300}, "width"),
    ],
)
def test_sizes_that_do_not_go_together_are_one_line(settings, field) -> None:
    with pytest.raises(QnuError) as caught:
        wave_packets(isotropic(4), 1.0, **settings)
    assert caught.value.field == field
    assert "\n" not in str(caught.value)


def test_a_physical_gamma_is_an_error_where_encounters_are_asked_for() -> None:
    gas = isotropic(100)
    schedule = wave_packets(gas, 10.0, width=1e-9, gamma=1e-11, seed=1)
    with pytest.raises(QnuError, match="not drawn"):
        len(schedule)
    solvers.mean_field(gas, schedule)


def test_slices_of_more_pairs_than_the_memory_holds_are_refused_before_they_are_made(
    monkeypatch,
) -> None:
    gas = isotropic(200)
    monkeypatch.setattr(memory, "available", lambda: 1 << 20)
    schedule = wave_packets(gas, 1.0, box=1.0, width=0.5, slices=2, seed=1)
    with pytest.raises(QnuError, match="fits into memory"):
        len(schedule)
    solvers.mean_field(gas, schedule)


# -- experiment files, premises -------------------------------------------------------------------

FILE = """
[units]
density = "1e30 cm^-3"
packet_rms = "1e-11 cm"
[[group]]
count = 6
polarization = [0, 0, 1]
[schedule]
kind = "wave_packets"
duration = 2.0
SIZES
[[method]]
kind = "METHOD"
"""


def loaded(folder: Path, sizes: str, method: str = "independent") -> Any:
    path = folder / "e.toml"
    path.write_text(FILE.replace("SIZES", sizes).replace("METHOD", method), encoding="utf-8")
    return experiment.load(path)


def test_lengths_in_a_file_are_texts_with_units_or_numbers(tmp_path) -> None:
    one = loaded(tmp_path, 'box = ["1 m", "2 m", "0.5 m"]\nwidth = "2 cm"').schedule
    m = 0.642  # mu of this density in 1/m, about
    packets = one.source.packets
    assert packets.sides / packets.sides[0] == pytest.approx([1.0, 2.0, 0.5])
    assert packets.sides[0] == pytest.approx(m, rel=1e-3)
    assert packets.across == pytest.approx(0.02 * packets.sides[0])


def test_without_sizes_packets_and_their_density_are_those_of_the_units(tmp_path) -> None:
    """theta of Gaussian packets: gamma = sqrt(2) G_F / (8 pi s^2), s = 100 fm."""
    made = loaded(tmp_path, "", "mean_field").schedule
    assert made.gamma == pytest.approx(2.556e-12, rel=1e-3)
    packets = made.source.packets
    per_metre = 642.285  # 1/km
    side = packets.sides[0] / per_metre  # km
    assert 6 / (side * 1e5) ** 3 == pytest.approx(1e30, rel=1e-3)
    with pytest.raises(QnuError, match=r"give a larger `gamma` and a `width`") as caught:
        loaded(tmp_path, "")
    assert "\n" not in str(caught.value)


def test_the_premise_that_packets_meet_one_at_a_time_fails_for_large_ones() -> None:
    gas = isotropic(12)
    for width, slices, holds in [(0.005, None, True), (0.15, None, False), (0.15, 4, True)]:
        made = wave_packets(gas, 2.0, box=1.0, width=width, slices=slices, seed=1)
        (found,) = [p for p in premises(gas, made) if p.name == "one_at_a_time"]
        assert found.holds is holds
        assert found.numbers["disturbed"] == packet_statistics(made).disturbed


def test_a_cutoff_that_leaves_out_a_part_of_the_mean_field_is_a_premise_that_fails() -> None:
    gas = isotropic(12)
    for cutoff, lost in [(4.0, None), (2.0, np.exp(-2.0))]:
        made = wave_packets(gas, 2.0, box=1.0, width=0.005, cutoff=cutoff, seed=1)
        found = [p for p in premises(gas, made) if p.name == "cutoff"]
        assert [p.holds for p in found] == ([] if lost is None else [False])
        assert all(p.numbers["lost_mean_field"] == pytest.approx(lost) for p in found)


def test_kinetic_and_encounters_of_packets_agree_in_the_mean() -> None:
    """40 packets at gamma = 0.05, six starts: to the spread of such few."""
    group = [0.0, 0.0, 1.0], [0.6, 0.0, -0.8]
    gas = replace(isotropic(40), polarization=np.repeat(group, 20, axis=0), omega=np.full(40, 0.3))
    runs = []
    for seed in range(6):
        made = wave_packets(gas, 6.0, width=4e-5, gamma=0.05, seed=seed)
        runs.append(solvers.independent(gas, made).polarization[-1, :20].mean(axis=0))
    rate = solvers.kinetic(gas, made, resolve="neutrino").polarization[-1, :20].mean(axis=0)
    spread = np.std(runs, axis=0) / np.sqrt(6)
    assert (abs(np.mean(runs, axis=0) - rate) < 4 * spread + 0.01).all()


BEAMS = """
seed = 4
[[group]]
count = 20
polarization = [0, 0, 1]
direction = [0.6, 0.0, 0.8]
[[group]]
count = 20
polarization = [0, 0, -1]
direction = [0.0, -0.8, 0.6]
[schedule]
kind = "wave_packets"
box = 1.0
width = 0.03
duration = 1.0
[[method]]
kind = "independent"
"""


def test_packets_of_two_beams_in_a_file_meet_across_only() -> None:
    """One angle between the beams, and none within: passages with u = 1 - 0.48 alone."""
    made = experiment.parse(BEAMS)
    assert np.ptp(made.gas.velocity[:20], axis=0).tolist() == [0, 0, 0]
    schedule = made.schedule
    assert len(schedule) > 20
    assert (made.gas.group[schedule.first] != made.gas.group[schedule.second]).all()
    expected = brute(schedule)
    assert rows(schedule) == pytest.approx(expected, abs=1e-10)
    with pytest.raises(QnuError, match=r"^group\[0\].direction: got .*'right-angle'"):
        experiment.parse(BEAMS + '[gas]\nvelocities = "right-angle"')
