"""Figures of results over space: what is on the axes is what is computed by hand."""

import time

import numpy as np
import pytest
from matplotlib import pyplot

import qnu
from qnu import QnuError, modes, plotting
from qnu.beams import Beams

CELLS, SAMPLES, LENGTH = 8, 6, 4.0
COSINE = np.polynomial.legendre.leggauss(8)[0]


def beams(angle: float = 0.0) -> Beams:
    """nu_e and anti-nu_e on the same eight cosines; the antineutrinos outnumber at c > 0."""
    axis = np.array([np.sin(2 * angle), 0.0, np.cos(2 * angle)])
    even = np.polynomial.legendre.leggauss(8)[1]
    forward = even * (1.0 + COSINE)
    return Beams(
        np.tile(COSINE, 2),
        np.concatenate([even, 0.9 * forward]),
        np.concatenate([np.tile(axis, (8, 1)), np.tile(-axis, (8, 1))]),
        group=[0] * 8 + [1] * 8,
        group_names=("nu_e", "anti-nu_e"),
        antineutrino=[False] * 8 + [True] * 8,
        mixing_angle=angle,
    )


def growing(rate: float = 0.7, wave: int = 2, **more) -> qnu.Trajectory:
    """``S = a exp(rt) exp(ikz)`` for all beams, with a = 1e-3 and half of it for antineutrinos."""
    box, t = beams(), np.linspace(0.0, 5.0, SAMPLES)
    z = (np.arange(CELLS) + 0.5) * LENGTH / CELLS
    size = 1e-3 * np.where(box.antineutrino, 0.5, 1.0)
    phase = np.exp(2j * np.pi * wave * z / LENGTH)[:, None, None]
    across = phase * np.exp(rate * t)[:, None] * size
    along = box.polarization[:, 2] * np.sqrt(1 - abs(across) ** 2)
    vectors = np.stack([across.real, across.imag, along], axis=-1)
    return qnu.Trajectory.of_beams(
        "transport", box, t, vectors, started=time.perf_counter(), cells=z, **more
    )


def lines(axes, prefix: str = "") -> dict[str, tuple[np.ndarray, np.ndarray]]:
    return {
        line.get_gid(): line.get_data()
        for line in axes.lines
        if line.get_gid() and line.get_gid().startswith(prefix)
    }


def test_the_map_has_the_transverse_size_in_every_cell() -> None:
    run = growing()
    figure = plotting.space_time(run)
    first, second, bar = figure.axes
    mesh = first.collections[0]
    expected = 1e-3 * np.exp(0.7 * run.times)
    shown = np.asarray(mesh.get_array()).reshape(CELLS, SAMPLES)
    assert shown == pytest.approx(np.tile(expected, (CELLS, 1)))
    half = np.asarray(second.collections[0].get_array()).reshape(CELLS, SAMPLES)
    assert half == pytest.approx(np.tile(expected / 2, (CELLS, 1)))
    corners = np.asarray(mesh.get_coordinates())
    z, t = corners[:, 0, 1], corners[0, :, 0]
    assert z == pytest.approx(np.arange(CELLS + 1) * LENGTH / CELLS)
    assert t[1:-1] == pytest.approx([0.5, 1.5, 2.5, 3.5, 4.5])
    assert first.get_xlim() == (0.0, 5.0)
    assert first.get_xlabel() == r"time $\mu t$"
    assert first.get_ylabel() == r"position $\mu z$"
    assert (first.get_title(), second.get_title()) == (r"$\nu_e$", r"$\bar\nu_e$")
    assert mesh.norm.vmax == pytest.approx(expected[-1])
    assert bar.get_ylabel() == r"$|\mathbf{P}_\perp|$"
    assert not pyplot.get_fignums()


def test_a_map_in_physical_units_has_one_unit_for_both_axes() -> None:
    run = growing(attributes={"mu_unit_per_km": 2000.0})  # 1/mu is half a metre
    axes = plotting.space_time(run, width="single").axes[1]
    assert axes.get_xlabel() == "time $ct$ (m)"
    assert axes.get_ylabel() == "position $z$ (m)"
    assert axes.get_xlim() == pytest.approx((0.0, 2.5))
    assert axes.collections[0].get_coordinates()[-1, 0, 1] == pytest.approx(LENGTH / 2)


def test_the_color_scale_begins_at_the_floor() -> None:
    mesh = plotting.space_time(growing(), floor=2e-3).axes[0].collections[0]
    assert mesh.norm.vmin == 2e-3
    assert mesh.get_array().min() == 2e-3
    with pytest.raises(QnuError, match="floor"):
        plotting.space_time(growing(), floor=1.0)


def test_methods_are_rows_and_species_columns() -> None:
    runs = {"one": growing(), "two": growing(0.5)}
    figure = plotting.space_time(runs, groups=["anti-nu_e"])
    assert [axes.get_title() for axes in figure.axes[:2]] == [
        r"one: $\bar\nu_e$", r"two: $\bar\nu_e$"
    ]  # fmt: skip


def test_growth_is_the_rms_over_cells_and_the_rate_goes_through_it() -> None:
    run = growing()
    (axes,) = plotting.transverse_growth(run, rates={"theory": 0.7}).axes
    curves = lines(axes)
    assert curves["transport:nu_e"][1] == pytest.approx(1e-3 * np.exp(0.7 * run.times))
    assert curves["transport:anti-nu_e"][1] == pytest.approx(5e-4 * np.exp(0.7 * run.times))
    t, y = curves["rate:theory"]
    assert y == pytest.approx(1e-3 * np.exp(0.7 * t))
    assert axes.get_yscale() == "log"


def test_a_wave_has_an_rms_although_its_mean_is_zero() -> None:
    run = growing()
    assert abs(modes.transverse(run.box_mean().group_mean())).max() < 1e-15
    assert modes.transverse_rms(run)[0] == pytest.approx([1e-3, 5e-4])


@pytest.mark.parametrize("wave", [2, -3, 0])
def test_a_wave_is_one_mode_with_its_sign_and_its_rate(wave) -> None:
    run = growing(rate=0.4, wave=wave)
    k, power = modes.mode_power(run)
    top = int(power[0].argmax())
    assert k[top] == pytest.approx(2 * np.pi * wave / LENGTH)
    weight = run.dataset["beam_weight"].values
    mean = 1e-6 * (weight[:8].sum() + weight[8:].sum() / 4)
    assert power[0, top] == pytest.approx(mean)
    assert power[0].sum() == pytest.approx(mean)
    rate = modes.measured_growth(run, (1.0, 4.0))[1]
    assert rate[top] == pytest.approx(0.4)


def test_lepton_number_is_along_the_flavor_axis() -> None:
    beams = qnu.Beams([-0.5, 0.5], [1, 3], [[1, 0, 0], [-0.4, 0, 0]], mixing_angle=np.pi / 4)
    run = qnu.Trajectory.of_beams(
        "t", beams, [0.0], beams.polarization[None], started=0.0, cells=None
    )
    assert qnu.modes.lepton_number(run) == pytest.approx([0.25, -0.3])


def test_transverse_is_across_the_flavor_axis() -> None:
    axis = np.array([np.sin(0.6), 0, np.cos(0.6)])
    turned = np.array([np.cos(0.6), 0, -np.sin(0.6)])
    assert abs(modes.transverse(axis, 0.3)) < 1e-15
    assert modes.transverse(0.3 * turned + 0.2 * axis + [0, 0.4, 0], 0.3) == pytest.approx(
        0.3 + 0.4j
    )


def test_modes_are_drawn_beside_linear_stability() -> None:
    run = growing(rate=0.4, wave=2)
    k, rate = np.linspace(-3.2, 3.2, 9), np.linspace(0.0, 0.4, 9)
    figure = plotting.mode_growth(run, (0.0, 5.0), (k, rate))
    left, right = figure.axes[:2]
    measured, theory = lines(right)["measured"], lines(right)["theory"]
    assert theory[1] == pytest.approx(k)
    assert theory[0] == pytest.approx(rate)
    assert measured[0][np.isclose(measured[1], np.pi)] == pytest.approx([0.4])
    assert [line.get_xdata()[0] for line in left.lines] == [0.0, 5.0]
    assert left.get_ylim() == pytest.approx((-3.36, 3.36))


def test_survival_against_the_cosine_is_that_of_every_beam() -> None:
    run = growing(rate=1.0)
    figure = plotting.angular_survival(run, [0.0, 5.0])
    top, middle, bottom = figure.axes
    chance = (1 + run.polarization[:, -1, :8, 2].mean(axis=0)) / 2
    c, values = lines(top)["nu_e:5"]
    assert c == pytest.approx(COSINE)
    assert values == pytest.approx(chance)
    anti = (1 - run.polarization[:, -1, 8:, 2].mean(axis=0)) / 2
    assert lines(middle)["anti-nu_e:5"][1] == pytest.approx(anti)
    assert (top.get_ylabel(), middle.get_ylabel()) == (r"$P(\nu_e)$", r"$P(\bar\nu_e)$")
    whole = 2.0 + 0.9 * 2.0  # the sum of the weights before they were normalised
    curves = lines(bottom)
    assert curves["G:nu_e"][1] == pytest.approx(np.full(8, 1 / whole))
    assert curves["G:anti-nu_e"][1] == pytest.approx(-0.9 * (1 + COSINE) / whole)
    assert curves["G"][1] == pytest.approx((0.1 - 0.9 * COSINE) / whole)


def test_few_beams_are_marks() -> None:
    two = Beams([1.0, -1.0], [1.0, 1.0], [[0, 0, 1], [0, 0, -1]], group=[0, 1])
    run = qnu.Trajectory.of_beams(
        "t", two, [0.0], two.polarization[None], started=time.perf_counter(), cells=None
    )
    figure = plotting.angular_survival(run)
    (line,) = figure.axes[0].lines
    assert line.get_marker() == "o"
    assert lines(figure.axes[-1])["G:2"][1] == pytest.approx([-0.5])


def test_ensembles_show_their_first_history_and_a_mean_growth() -> None:
    both = qnu.Trajectory.of_histories([growing(0.5), growing(0.7)], seeds=[1, 2])
    mesh = plotting.space_time(both).axes[0].collections[0]
    assert mesh.norm.vmax == pytest.approx(1e-3 * np.exp(0.5 * 5))
    (axes,) = plotting.transverse_growth(both).axes
    assert lines(axes)["transport:nu_e"][1] == pytest.approx(1e-3 * np.exp(0.6 * both.times))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.space_time({}), "trajectories"),
        (lambda: plotting.space_time(growing().box_mean()), "no result over cells"),
        (lambda: plotting.space_time(growing(), groups=["x"]), "groups"),
        (lambda: plotting.transverse_growth(growing(), rates={"a": np.nan}), "rates"),
        (lambda: plotting.mode_growth(growing(), (9.0, 10.0)), "between"),
        (lambda: plotting.mode_growth(growing(), 3.0), "between"),
        (lambda: plotting.mode_growth(growing().box_mean(), (0.0, 5.0)), "without space"),
        (lambda: plotting.mode_growth(growing(), (0.0, 5.0), ([1.0], [1.0, 2.0])), "modes"),
        (lambda: plotting.angular_survival(growing(), [0.123]), "time"),
        (lambda: plotting.angular_survival(growing(), width="wide"), "width"),
        (lambda: modes.lepton_number(qnu.solvers.mean_field(
            qnu.NeutrinoGas([[0, 0, 1]], omega=[0.0]), [0.0])), "beams"),
    ],
)  # fmt: skip
def test_bad_input_is_one_line(call, message) -> None:
    with pytest.raises(QnuError, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)


def test_nothing_transverse_is_an_error_and_no_empty_picture() -> None:
    still = growing()
    still.dataset["polarization"][..., :2] = 0.0
    for draw in (plotting.space_time, plotting.transverse_growth):
        with pytest.raises(QnuError, match="nothing transverse"):
            draw(still)
