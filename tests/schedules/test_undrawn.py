"""Schedules of more encounters than can be drawn: all but their rows is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

import qnu
from qnu import Group, NeutrinoGas, QnuError, plotting, quantum, schedules, solvers
from qnu.schedules.rows import Source

GAMMA = 6e-11


def gas(*, count: int = 4) -> NeutrinoGas:
    groups = [Group(count, (0, 0.6, 0.8), omega=0.1, name="1"), Group(1, (0, 0, -1), name="2")]
    return NeutrinoGas.from_groups(groups, seed=1)


#: What is too large, and about how many encounters there would be.
UNDRAWN: dict[str, tuple[Any, str, float]] = {
    "stochastic": (
        lambda g: schedules.stochastic(g, GAMMA, 0.1, 500.0, seed=1, mu=2.0, matter=0.1),
        r"8\.33e\+13|1\.67e\+14 steps",
        500 * 2 / GAMMA * 5 / 2,
    ),
    "random_pairs": (
        lambda g: schedules.random_pairs(g, GAMMA, 10**14, seed=1, mu=2.0, matter=0.1),
        "1e.14 encounters",
        1e14,
    ),
    "constant_background": (
        lambda g: schedules.constant_background(g, "2", GAMMA, 10**13, 0.5, mu=2.0, matter=0.1),
        "2e.13 steps",
        4e13,
    ),
    "plane_wave": (
        lambda g: schedules.plane_wave(g, 5.0, 10**13, mu=2.0, matter=0.1),
        "2e.14 encounters",
        2e14,
    ),
}


@pytest.mark.parametrize("kind", UNDRAWN)
def test_settings_are_known_and_rows_are_refused_in_one_line(kind: str) -> None:
    make, work, expected = UNDRAWN[kind]
    schedule = make(gas())
    assert (schedule.kind, schedule.neutrinos, schedule.mu, schedule.matter) == (kind, 5, 2.0, 0.1)
    assert schedule.expected == pytest.approx(expected, rel=1e-9)
    assert not schedule.counted
    assert f"about {expected:.3g} encounters (not drawn) of 5 neutrinos" in repr(schedule)
    reading = {
        "len": lambda: len(schedule),
        "rows": lambda: schedule.rows,
        "first": lambda: schedule.first,
        "duration": lambda: schedule.duration,
        "chunks": lambda: next(schedule.chunks()),
        "segments": lambda: next(schedule.segments(None)),
        "counts": lambda: schedule.counts([0.0]),
        "layers": schedule.layers,
        "blocks": lambda: next(schedule.source.block(0)),
        "sizes": schedule.source.sizes,
        "save": lambda: schedule.save("nowhere.npz"),
    }
    for name, read in reading.items():
        with pytest.raises(QnuError, match=rf"^schedule: got about .*{work}.*mean_field") as caught:
            read()
        assert "\n" not in str(caught.value), name


@pytest.mark.parametrize("kind", UNDRAWN)
def test_methods_that_go_through_the_encounters_refuse_it_before_they_begin(kind: str) -> None:
    few = NeutrinoGas(
        [[0, 0, 1]] * 5, omega=[0.0] * 5, group=[0, 0, 0, 0, 1], group_names=("1", "2")
    )
    schedule = UNDRAWN[kind][0](few)
    for solve in (
        solvers.many_body,
        solvers.independent,
        solvers.light_cone,
        solvers.final_state,
        quantum.run,
        quantum.circuit,
    ):
        with pytest.raises(QnuError, match=r"^schedule: got about .*not drawn") as caught:
            solve(few, schedule)
        assert "\n" not in str(caught.value)
    assert not plotting.can_draw_schedule(schedule)
    assert not plotting.can_draw_circuit(schedule)


def test_identity_does_not_need_rows() -> None:
    one, same = (schedules.stochastic(gas(), GAMMA, 0.1, 500.0, seed=1) for _ in range(2))
    other = schedules.stochastic(gas(), GAMMA, 0.1, 500.0, seed=2)
    drawn = schedules.stochastic(gas(), 0.1, 0.1, 500.0, seed=1)
    assert one == same
    assert hash(one) == hash(same)
    assert one.fingerprint() == same.fingerprint()
    assert one != other
    assert one.fingerprint() != other.fingerprint()
    assert one != drawn
    assert drawn != one


def test_the_fingerprint_of_a_schedule_that_can_be_drawn_is_what_it_was() -> None:
    """Results of earlier versions name it."""
    five = NeutrinoGas([[0, 0, 1]] * 5, omega=[0.0] * 5)
    found = {
        kind: schedule.fingerprint()[:12]
        for kind, schedule in {
            "stochastic": schedules.stochastic(five, 0.1, 0.2, 3.0, seed=1),
            "random_pairs": schedules.random_pairs(five, 0.1, 20, seed=1),
            "constant_background": schedules.constant_background(five, 4, 0.1, 20, 0.5, seed=1),
            "plane_wave": schedules.plane_wave(five, 3.0, 4),
            "tournament": schedules.tournament(five, 0.1, seed=1),
        }.items()
    }
    assert found == FINGERPRINTS


FINGERPRINTS = {
    "stochastic": "ff220c4ca60b",
    "random_pairs": "9211f4226c8b",
    "constant_background": "1a0d09628cf0",
    "plane_wave": "570610e3dc53",
    "tournament": "3942d2855a87",
}


def test_numbers_of_encounters_are_exact_as_soon_as_they_are_known() -> None:
    schedule = schedules.stochastic(gas(), 0.01, 0.3, 20.0, seed=1)
    assert not schedule.counted
    assert schedule.size == "about 5e+03 encounters (not drawn)"
    n = len(schedule)
    assert schedule.counted
    assert (schedule.expected, schedule.size) == (n, f"{n} encounters")
    assert n == pytest.approx(5000, abs=300)  # 4 standard deviations
    for certain in (
        schedules.random_pairs(gas(), 0.1, 40, seed=1),
        schedules.tournament(gas(), 0.1),
        schedules.constant_background(gas(), 4, 0.1, 10),
        schedules.plane_wave(gas(), 1.0, 4),
    ):
        assert certain.counted
        assert certain.expected == len(certain)


def test_equations_take_the_physical_gamma_from_a_schedule() -> None:
    """To first order in gamma mu t nothing but the mean field happens; miscidynamics goes on."""
    many = gas()
    for kind in ("stochastic", "random_pairs", "plane_wave", "constant_background"):
        schedule = UNDRAWN[kind][0](many)
        times = [0.0, min(5.0, schedule.final_time)]
        mean = solvers.mean_field(many, schedule, times).polarization[-1]
        assert abs(mean - many.group_means()).max() > 0.1
        if kind != "plane_wave":
            rate = solvers.kinetic(many, schedule, times).polarization[-1]
            assert rate == pytest.approx(mean, abs=1e-7)
    slow = NeutrinoGas.from_groups(
        [Group(6, (0.3, 0, 0.2), omega=0.1), Group(4, (0.2, 0, 0.1), 0.2)]
    )
    one, other = (
        solvers.miscidynamics(slow, schedules.stochastic(slow, g, 0.1, 1.0 / g)).group_length()[-1]
        for g in (GAMMA, 1e-6)
    )
    assert one == pytest.approx(other, abs=1e-6)  # one function of gamma mu t
    assert abs(one - solvers.mean_field(slow, [0.0]).group_length()[0]).max() > 0.01


def test_a_gas_of_a_million_has_a_mean_field_though_its_tournament_cannot_be_played() -> None:
    few, many = gas(count=99_999), gas(count=999_999)
    for make in (schedules.tournament, schedules.bipartite):
        assert make(few, 0.1).counted  # no row is made either
    schedule = schedules.tournament(many, 1e-5)
    assert schedule.size == "about 5e+11 encounters (not drawn)"
    with pytest.raises(QnuError, match=r"^schedule: got about 5e\+11 enc.*5e\+11 pairs"):
        solvers.independent(many, schedule)


# -- experiment files ------------------------------------------------------------------------------

FILE = """
[[group]]
count = 6
polarization = [0.3, 0, 0.2]
omega = 0.1
[[group]]
count = 1
polarization = [0.2, 0, 0.1]
omega = 0.2
name = "last"
[schedule]
gamma = 6e-11
{}
[output]
samples = 3
[[method]]
kind = "kinetic"
[[method]]
kind = "mean_field"
"""
FAR = {
    "stochastic": 'kind = "stochastic"\nprobability = 0.1\nduration = 20.0',
    "random_pairs": 'kind = "random_pairs"\nencounters = 100_000_000_000_000',
    "constant_background": 'kind = "constant_background"\nencounters = 10_000_000_000_000'
    '\nbackground = "last"\nprobability = 0.5',
}


@pytest.mark.parametrize("kind", FAR)
def test_a_file_of_methods_without_encounters_draws_none(
    kind: str, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = FILE.format(FAR[kind])
    experiment = qnu.experiment.parse(text)
    results = qnu.experiment.run(experiment, tmp_path / "out")
    assert results.notes == ()
    report = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert f"{kind}, about" in report
    assert "encounters (not drawn) to t =" in report
    assert "no method here is exact" in report.lower()
    assert not (tmp_path / "out" / "figures" / "schedule.png").exists()
    for method in ("many_body", "independent", "light_cone", "circuit"):
        with pytest.raises(QnuError, match=r"^schedule.*(at most 1e\+12|within an hour)"):
            qnu.experiment.parse(f'{text}[[method]]\nkind = "{method}"')


def test_not_even_a_few_encounters_are_drawn_where_no_method_needs_them(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qnu.schedules.stochastic import Steps

    def drawn(*_: Any) -> Any:
        raise AssertionError("encounters were drawn")

    monkeypatch.setattr(Steps, "block", drawn)
    monkeypatch.setattr(Steps, "sizes", drawn)
    near = FILE.format(FAR["stochastic"]).replace("6e-11", "0.1")
    qnu.experiment.run(qnu.experiment.parse(near), tmp_path / "out")
    assert not list((tmp_path / "out" / "figures").glob("schedule*"))
    monkeypatch.undo()
    loaded = qnu.experiment.parse(near)
    assert len(loaded.schedule) > 0  # but they can be had
    needed = qnu.experiment.run(
        qnu.experiment.parse(near + '[[method]]\nkind = "independent"'), tmp_path / "two"
    )
    assert f"{len(needed.experiment.schedule)} encounters to t" in (
        tmp_path / "two" / "report.md"
    ).read_text(encoding="utf-8")


def test_every_source_says_whether_it_can_be_drawn() -> None:
    assert Source.refusal is None
    schedule = schedules.random_pairs(gas(), GAMMA, 10**14)
    refusal = schedule.source.refusal
    assert refusal is not None
    assert refusal.field == "encounters"
    assert np.isfinite(schedule.final_time)


def test_a_sweep_reaches_the_physical_gamma(tmp_path) -> None:
    text = FILE.format(FAR["stochastic"])
    found = qnu.experiment.sweep(
        qnu.experiment.parse(text), {"schedule.gamma": [6e-11, 0.1]}, output=tmp_path / "sweep"
    )
    assert not found["failed"].any()
    expected = 20 * 7 / 2 / np.array([6e-11, 0.1])
    assert found["encounters"].values == pytest.approx(expected)
