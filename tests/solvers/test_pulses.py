"""Pulses of mu and matter, however short, against closed formulas: nothing steps over them."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import qnu
from qnu import NeutrinoGas, QnuError, schedules, solvers
from qnu.engine import streaming
from qnu.piecewise import pieces, trace
from qnu.profiles import Exponential, Function, Table
from qnu.schedules.clock import Clock, phase_at

B = np.array([0.0, 0.0, -1.0])
END = 100.0


def rotated(vector, field, time):
    """``dP/dt = h x P`` for a constant h: Rodrigues' formula."""
    size = np.linalg.norm(field)
    axis, angle = field / max(size, 1e-300), size * time
    return (
        vector * np.cos(angle)
        + np.cross(axis, vector) * np.sin(angle)
        + axis * (axis @ vector) * (1 - np.cos(angle))
    )


def one_neutrino(omega=0.5, mixing_angle=0.3):
    return NeutrinoGas([[0.0, 0.0, 1.0]], [omega], mixing_angle=mixing_angle)


def through_layers(gas, layers):
    """One neutrino through ``(length, lambda_e)`` layers, composed of rotations."""
    angle = gas.mixing_angle
    direction = np.array([np.sin(2 * angle), 0.0, np.cos(2 * angle)])
    vector = gas.polarization[0]
    for length, matter in layers:
        vector = rotated(vector, gas.omega[0] * B + matter * direction, length)
    return vector


def triangle_layers(before, width, height, after, slices=4000):
    """A triangle as thin layers with the value of their middles, twice refined (order 2)."""
    middle = (np.arange(slices) + 0.5) / slices
    values = height * (1 - abs(2 * middle - 1))
    return [(before, 0.0), *[(width / slices, v) for v in values], (after, 0.0)]


def rectangle(begin, width, height, floor=0.0, known=True):
    def value(t):
        t = np.asarray(t)
        return np.where((t > begin) & (t < begin + width), height, floor)

    return Function(value, [begin, begin + width]) if known else value


def triangle(begin, width, height, floor=0.0, end=END):
    times = [0.0, begin, begin + width / 2, begin + width, end]
    return Table(times, [floor, floor, height, floor, floor])


def empty(matter, end=END):
    nothing = ([], [], [], [], 0.0)
    return qnu.EncounterSchedule(*nothing, neutrinos=1, final_time=end, matter=matter)


def final_states(gas, matter, end=END):
    times = [0.0, end]
    return {
        "mean_field": solvers.mean_field(gas, times, matter=matter).at()[0],
        "kinetic": solvers.kinetic(gas, times, 0.1, matter=matter).at()[0],
        "independent": solvers.independent(gas, empty(matter, end)).at()[0],
        "many_body": solvers.many_body(gas, empty(matter, end)).at()[0],
        "light_cone": solvers.light_cone(gas, empty(matter, end)).at()[0],
    }


def test_the_layer_of_matter_that_was_stepped_over() -> None:
    gas, matter = one_neutrino(), Table([0, 480, 500, 520, 1000], [0, 0, 1, 0, 0])
    exact = through_layers(gas, triangle_layers(480, 40, 1.0, 480))
    assert exact == pytest.approx([-0.2721, -0.7005, 0.6597], abs=5e-5)
    for name, vector in final_states(gas, matter, 1000.0).items():
        assert vector == pytest.approx(exact, abs=2e-6), name


@settings(max_examples=6, deadline=None)
@given(
    begin=st.floats(0.5, 98.0),
    width=st.floats(1e-5, 1.5),
    area=st.floats(0.3, 4.0),
    samples=st.integers(2, 30),
)
def test_a_known_pulse_of_matter_is_never_missed(begin, width, area, samples) -> None:
    gas, height = one_neutrino(), area / width
    exact = through_layers(gas, [(begin, 0.0), (width, height), (END - begin - width, 0.0)])
    found = final_states(gas, rectangle(begin, width, height))
    times = np.linspace(0, END, samples)
    found["samples"] = solvers.mean_field(gas, times, matter=rectangle(begin, width, height)).at()[
        0
    ]
    for name, vector in found.items():
        assert vector == pytest.approx(exact, abs=1e-7), name


@settings(max_examples=10, deadline=None)
@given(begin=st.floats(0.5, 98.0), width=st.floats(1e-4, 1.5), area=st.floats(0.3, 4.0))
def test_a_table_with_a_triangle_of_matter(begin, width, area) -> None:
    gas, height = one_neutrino(), 2 * area / width
    exact = through_layers(gas, triangle_layers(begin, width, height, END - begin - width))
    for name, vector in final_states(gas, triangle(begin, width, height)).items():
        assert vector == pytest.approx(exact, abs=2e-6), name


@pytest.mark.parametrize("begin", [0.137, 33.333, 77.0, 99.9])
@pytest.mark.parametrize("width", [0.02, 0.09])
def test_a_callable_is_resolved_where_its_samples_see_something(begin, width) -> None:
    # 1/5000 of the run and more: 1/10,000 is promised
    gas, height = one_neutrino(), 2.0 / width
    exact = through_layers(gas, [(begin, 0.0), (width, height), (END - begin - width, 0.0)])
    for name, vector in final_states(gas, rectangle(begin, width, height, known=False)).items():
        assert vector == pytest.approx(exact, abs=1e-7), name


def test_a_step_of_matter_is_found_without_breakpoints() -> None:
    gas = one_neutrino()
    exact = through_layers(gas, [(40.03, 0.0), (END - 40.03, 5.0)])
    for name, vector in final_states(gas, lambda t: 5.0 * (np.asarray(t) > 40.03)).items():
        assert vector == pytest.approx(exact, abs=1e-7), name


def test_a_pulse_far_below_the_sampling_needs_its_breakpoints() -> None:
    # what cannot be seen cannot be found: the documentation says so, and how to give it
    begin, width = 40.0123, 1e-6
    seen = pieces(rectangle(begin, width, 1 / width), END)
    unseen = pieces(rectangle(begin, width, 1 / width, known=False), END)
    assert seen.integral(np.array([END])) == pytest.approx(1.0, abs=1e-7)
    assert unseen.integral(np.array([END])) == 0.0


def test_a_callable_that_samples_do_not_resolve_is_an_error() -> None:
    with pytest.raises(QnuError, match=r"matter: got .*breakpoints=\[\.\.\.\]"):
        solvers.independent(one_neutrino(), empty(lambda t: np.sin(1e7 * t**2)))


def two_beams(count=3):
    vectors = [[0.0, 0.0, 1.0]] * count + [[1.0, 0.0, 0.0]] * count
    return NeutrinoGas(vectors, [0.0] * 2 * count, group=[0] * count + [1] * count)


PULSES = {
    "table": lambda begin, width, height, floor: triangle(begin, width, 2 * height, floor),
    "breakpoints": lambda begin, width, height, floor: rectangle(begin, width, height, floor),
    "callable": lambda begin, width, height, floor: rectangle(
        begin, width, height, floor, known=False
    ),
}


def area_of(kind, width, height, floor, end=END):
    """The closed integral from 0 to the end."""
    top = (2 * height - floor) / 2 if kind == "table" else height - floor
    return floor * end + top * width


@pytest.mark.parametrize("kind", PULSES)
@pytest.mark.parametrize("begin", [0.3, 40.0, 97.0])
def test_mean_field_turns_by_the_phase_of_a_pulse(kind, begin) -> None:
    # omega = 0, partners = all: every P turns about the conserved mean by |Pbar| times the phase
    gas, mu = two_beams(), PULSES[kind](begin, 0.5, 4.0, 0.0)
    mean = gas.polarization.mean(axis=0)
    exact = rotated(gas.polarization[0], mean, area_of(kind, 0.5, 4.0, 0.0))
    for resolve in ("group", "neutrino"):
        run = solvers.mean_field(gas, [0.0, END], mu=mu, resolve=resolve, partners="all")
        assert run.at()[0] == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("kind", PULSES)
def test_kinetic_and_miscidynamics_relax_by_the_phase_of_a_pulse(kind) -> None:
    gamma, mu = 0.05, PULSES[kind](40.0, 0.5, 20.0, 1.0)
    z = np.repeat([1.0, -1.0], 20)
    gas = NeutrinoGas(np.stack([0 * z, 0 * z, z], axis=1), 0 * z, group=np.repeat([0, 1], 20))
    phase = area_of(kind, 0.5, 20.0, 1.0)
    run = solvers.kinetic(gas, [0.0, END], gamma, mu=mu, partners="all")
    assert run.at()[0, 2] == pytest.approx(np.exp(-(np.sin(gamma) ** 2) / gamma * phase), rel=1e-7)
    if kind == "callable":  # of one that jumps miscidynamics needs the breakpoints
        return
    slow = solvers.miscidynamics(gas, [0.0, END], gamma, mu=mu)
    assert slow.at()[0, 2] == pytest.approx(np.exp(-gamma * phase), rel=1e-7)


def phase_of(table, time):
    """Trapezoids, the time itself included."""
    inner = table.times[(table.times > 0) & (table.times < time)]
    times = np.concatenate([[0.0], inner, [time]])
    return float(np.trapezoid(np.interp(times, table.times, table.values), times))


GENERATORS = {
    "tournament": lambda gas, mu: schedules.tournament(gas, 2.6, mu=mu),
    "between": lambda gas, mu: schedules.tournament(gas, 2.6, mu=mu, vacuum="between"),
    "line": lambda gas, mu: schedules.tournament(gas, 2.6, mu=mu, order="line"),
    "bipartite": lambda gas, mu: schedules.bipartite(gas, 5.1, mu=mu),
    "random_pairs": lambda gas, mu: schedules.random_pairs(gas, 0.5, 2000, seed=1, mu=mu),
    "background": lambda gas, mu: schedules.constant_background(gas, 0, 0.5, 200, mu=mu),
    "native": lambda gas, mu: schedules.native(gas, 0.5, "ring", 200, seed=1, mu=mu),
    "stochastic": lambda gas, mu: schedules.stochastic(gas, 0.5, 0.5, END, seed=1, mu=mu),
}
#: Phase between the starts of two encounters, as a fraction of gamma, and of the first.
STEPS = {
    "tournament": (1.0, 0.0),
    "between": (1.0, 0.5),
    "line": (1.0, 0.0),
    "bipartite": (1.0, 0.0),
    "random_pairs": (2 / 40, 0.0),
    "background": (1.0, 0.0),
    "stochastic": (0.5, 0.25),
}


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("begin", [0.3, 40.0, 88.0])
@pytest.mark.filterwarnings("ignore:gamma = .*beyond pi/2:qnu.QnuWarning")
def test_schedules_count_the_phase_of_a_pulse(name, begin) -> None:
    gas, mu = two_beams(20), triangle(begin, 1.0, 21.0, 1.0)
    schedule = GENERATORS[name](gas, mu)
    phases = np.array([phase_of(mu, t) for t in np.unique(schedule.start)]) / schedule.gamma
    if name == "native":
        step, first = schedule.probability, schedule.probability / 2
    else:
        step, first = STEPS[name]
    steps = (phases - first) / step
    assert steps == pytest.approx(np.round(steps), abs=1e-8)
    if name == "stochastic":  # p N/2 encounters a step, over the steps that the phase allows
        mean = np.floor(phase_of(mu, END) / (0.5 * 0.5)) * 0.5 * 20
        assert len(schedule) == pytest.approx(mean, abs=5 * np.sqrt(mean))
        return
    assert steps == pytest.approx(np.arange(len(steps)), abs=1e-8)
    end = phase_of(mu, schedule.final_time) / schedule.gamma
    assert end == pytest.approx(len(steps) * step, rel=1e-9)
    if name == "random_pairs":  # the mean clock of a neutrino
        assert schedule.duration.sum() * 2 / 40 == pytest.approx(schedule.final_time)


@pytest.mark.filterwarnings("ignore:gamma = .*beyond pi/2:qnu.QnuWarning")
def test_the_tournament_whose_clock_was_off_by_ten() -> None:
    gas, mu = two_beams(20), Table([0, 40, 40.5, 41, 100], [1, 1, 21, 1, 1])
    assert schedules.tournament(gas, 2.6, mu=mu).final_time == pytest.approx(91.4)  # 39 x 2.6 - 10
    kicks = schedules.stochastic(gas, 0.5, 0.5, 100.0, seed=1, mu=mu)
    assert len(kicks) == pytest.approx(110 / 0.5 * 20, abs=5 * np.sqrt(2200))


@pytest.mark.parametrize("order", [1, 2])
@pytest.mark.parametrize("kind", PULSES)
def test_plane_waves_take_the_mean_of_mu_over_a_step(order, kind) -> None:
    gas, mu = two_beams(2), PULSES[kind](40.2, 0.1, 30.0, 1.0)
    schedule = schedules.plane_wave(gas, END, 100, order=order, mu=mu)
    pair = (schedule.first == 0) & (schedule.second == 3)
    steps = np.bincount(schedule.start[pair].astype(int), schedule.swap_angle[pair])
    expected = np.full(100, 1.0)
    expected[40] += area_of(kind, 0.1, 30.0, 1.0) - END
    assert steps == pytest.approx(expected / 4, rel=1e-7)


@settings(max_examples=25, deadline=None)
@given(
    gaps=st.lists(st.floats(1e-6, 20.0), min_size=2, max_size=8),
    values=st.lists(st.floats(1e-3, 50.0), min_size=8, max_size=8),
    first=st.floats(-5.0, 5.0),
)
def test_the_clock_of_a_table_is_exact(gaps, values, first) -> None:
    times = first + np.cumsum(gaps)
    mu = Table(times, values[: len(times)])
    some = np.linspace(0, 60.0, 13)
    phases = np.array([phase_of(mu, t) for t in some])
    assert [phase_at(mu, t) for t in some] == pytest.approx(phases, rel=1e-12)
    clock = Clock(mu, float(phases[-1]))
    assert clock.times(phases) == pytest.approx(some, rel=1e-9, abs=1e-9)
    called = Clock(lambda t: mu(t), float(phases[-1]))  # the same without its corners
    if min(gaps) > 0.05:
        assert called.times(phases) == pytest.approx(some, rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("scale", [3.0, -3.0])
def test_the_clock_of_an_exponential_is_exact(scale) -> None:
    mu, times = Exponential(2.0, scale), np.linspace(0, 10, 11)
    phases = 2.0 * scale * (1 - np.exp(-times / scale))
    assert [phase_at(mu, t) for t in times] == pytest.approx(phases, rel=1e-13)
    assert Clock(mu, phases[-1]).times(phases) == pytest.approx(times, rel=1e-12)
    called = Clock(lambda t: 2.0 * np.exp(-t / scale), phases[-1])
    assert called.times(phases) == pytest.approx(times, rel=1e-9)


@pytest.mark.parametrize(
    ("mu", "total"),
    [
        (Exponential(1.0, 3.0), 3.0),
        (lambda t: np.exp(-t / 3.0), 3.0),
        (lambda t: 2.0 / (1.0 + t) ** 2, 2.0),
        (Table([0.0, 4.0], [1.0, 0.0]), 2.0),
    ],
)
def test_a_density_that_ends_too_early_is_an_error(mu, total) -> None:
    with pytest.raises(QnuError, match=rf"whose integral over all times is {total:g}"):
        schedules.tournament(two_beams(4), 1.0, mu=mu)


def test_a_density_that_falls_slowly_is_followed_to_the_end() -> None:
    schedule = schedules.tournament(two_beams(4), 1.0, mu=lambda t: 1.0 / (1.0 + t))
    assert schedule.final_time == pytest.approx(np.expm1(7.0), rel=1e-8)  # x = log(1 + t)


def test_a_growing_density_is_sampled_as_finely_as_any() -> None:
    seen = []

    def mu(t):
        seen.extend(np.ravel(t).tolist())
        return 1e-3 * np.exp(np.asarray(t))

    schedule = schedules.tournament(two_beams(4), 1.0, mu=mu)
    assert schedule.final_time == pytest.approx(np.log(7001.0), rel=1e-9)  # 1e-3 (e^t - 1) = 7
    times = np.unique([t for t in seen if t <= schedule.final_time])
    assert np.diff(times).max() < schedule.final_time / 10_000


def test_the_first_samples_are_as_near_to_each_other_as_promised() -> None:
    seen = []

    def matter(t):
        seen.extend(np.ravel(t).tolist())
        return 1.0 + 0.0 * np.asarray(t)

    for at in ([], [30.0, 30.001]):
        seen.clear()
        pieces(Function(matter, at), END)
        times = np.unique(seen)
        assert np.diff([0.0, *times, END]).max() < END / 10_000
        assert sum(30.0 < t < 30.001 for t in times) >= (144 if at else 0)


def test_a_callable_is_not_called_far_beyond_the_end_of_the_schedule() -> None:
    def mu(t):
        assert np.max(t) < 8.0
        return 1.0 + 0.01 * np.asarray(t)

    assert schedules.tournament(two_beams(4), 1.0, mu=mu).final_time < 7.0


DIP = Table([0.0, 40.0, 40.001, 40.002, 100.0], [1.0, 1.0, -1.0, 1.0, 1.0])
DIPS = [DIP, Function(DIP, DIP.times), lambda t: np.where(abs(t - 40.0) < 0.02, -1.0, 1.0)]


@pytest.mark.parametrize("mu", DIPS)
@pytest.mark.filterwarnings("ignore:gamma = .*beyond pi/2:qnu.QnuWarning")
def test_a_negative_dip_of_mu_between_two_steps_is_an_error(mu) -> None:
    gas = two_beams(20)
    for solve in (
        lambda: solvers.mean_field(gas, [0.0, END], mu=mu),
        lambda: solvers.kinetic(gas, [0.0, END], 0.1, mu=mu),
        lambda: schedules.tournament(gas, 2.0, mu=mu),
        lambda: schedules.stochastic(gas, 0.5, 0.5, END, mu=mu),
        lambda: schedules.plane_wave(gas, END, 10, mu=mu),
    ):
        with pytest.raises(QnuError, match=r"^mu\(t=(39|40)[.0-9]*\): got -[.0-9]+; allowed: .*0"):
            solve()


@pytest.mark.filterwarnings("ignore:gamma = .*beyond pi/2:qnu.QnuWarning")
def test_nan_between_two_steps_is_an_error() -> None:
    hole = Function(lambda t: np.where(abs(t - 40) < 1e-7, np.nan, 1.0), [40 - 1e-7, 40 + 1e-7])
    gas = two_beams()
    with pytest.raises(QnuError, match=r"mu\(t=40\): got .*nan.*; allowed: finite"):
        solvers.mean_field(gas, [0.0, END], mu=hole)
    with pytest.raises(QnuError, match=r"matter\(t=40\): got .*nan.*; allowed: finite"):
        solvers.independent(one_neutrino(), empty(hole))
    with pytest.raises(QnuError, match=r"mu\(t=40\): got .*nan.*; allowed: finite"):
        schedules.tournament(two_beams(20), 2.0, mu=hole)


def test_a_table_is_constant_beyond_both_ends() -> None:
    table = Table([30.0, 30.5, 31.0], [0.4, 2.0, 0.1])
    whole = Table([0.0, 30.0, 30.5, 31.0, 100.0], [0.4, 0.4, 2.0, 0.1, 0.1])
    gas = two_beams(20)
    assert final_states(one_neutrino(), table)["kinetic"] == pytest.approx(
        final_states(one_neutrino(), whole)["independent"], abs=1e-8
    )
    assert final_states(one_neutrino(), table)["many_body"] == pytest.approx(
        final_states(one_neutrino(), whole)["mean_field"], abs=1e-8
    )
    one, two = (schedules.tournament(gas, 0.4, mu=mu) for mu in (table, whole))
    assert one.start == pytest.approx(two.start)
    # 39 rounds of 0.4: 12 up to t = 30, 1.125 in the pulse, the rest at 0.1
    assert one.final_time == pytest.approx(31.0 + (39 * 0.4 - 12.0 - 1.125) / 0.1)
    last = solvers.mean_field(two_beams(), [0.0, END], mu=table, partners="all").at()[0]
    mean = two_beams().polarization.mean(axis=0)
    exact = rotated(np.array([0.0, 0.0, 1.0]), mean, 12.0 + 1.125 + 6.9)
    assert last == pytest.approx(exact, abs=1e-8)


def test_breakpoints_are_part_of_what_a_schedule_is() -> None:
    gas, begin, width = two_beams(4), 0.2345, 1e-7

    def made(matter):
        return schedules.tournament(gas, 0.1, matter=matter).fingerprint()

    def value(t):
        return np.where(abs(np.asarray(t) - begin) < width, 1.0, 0.0)

    prints = [
        made(value),
        made(Function(value, [begin - width, begin + width])),
        made(Function(value, [begin - width, begin + 2 * width])),
        made(Function(lambda t: 2 * value(t), [begin - width, begin + width])),
        made(lambda t: 0 * np.asarray(t) + 1.0),
    ]
    assert len(set(prints)) == len(prints)
    assert trace(value, 0.0) != trace(lambda t: 0 * np.asarray(t) + 1.0, 0.0)


def test_a_function_says_what_it_was_made_of() -> None:
    step = Function(np.sign, [1.0, 2.0])
    assert step == Function(np.sign, (1, 2))
    assert hash(step) == hash(Function(np.sign, (1, 2)))
    assert step != Function(np.sign, [1.0])
    assert Function(np.sign).breakpoints.size == 0
    for wrong in ([2.0, 1.0], [1.0, 1.0], [np.nan], ["a"], None, 3.0):
        with pytest.raises(QnuError, match="breakpoints"):
            Function(np.sign, wrong)
    with pytest.raises(QnuError, match=r"function: got 1\.0"):
        Function(1.0)
    with pytest.raises(QnuError, match="cannot be saved"):
        empty(step).save("never.npz")


def test_a_jump_belongs_to_neither_side() -> None:
    # at a breakpoint itself the callable may be anything, even nan
    def value(t):
        t = np.asarray(t)
        return np.where(t == 3.0, np.nan, np.where(t < 3.0, 0.2, 0.9))

    gas = one_neutrino()
    exact = through_layers(gas, [(3.0, 0.2), (4.0, 0.9)])
    for name, vector in final_states(gas, Function(value, [3.0]), 7.0).items():
        assert vector == pytest.approx(exact, abs=1e-8), name


def test_samples_on_breakpoints_and_equal_samples() -> None:
    gas, matter = one_neutrino(), triangle(40.0, 2.0, 3.0)
    times = np.sort([*matter.times, 40.0, 41.0])
    run = solvers.mean_field(gas, times, matter=matter)
    some = solvers.independent(gas, empty(matter), times)
    assert run.polarization == pytest.approx(some.polarization, abs=1e-8)


def test_a_tall_pulse_makes_no_steps_short_elsewhere() -> None:
    # 1e6 in 1e-6: a step bound by the largest value everywhere would take 2e9 steps
    compiled = streaming.compile_matter(rectangle(40.0, 1e-6, 1e6), 0.3, END)
    gas = one_neutrino()
    turned = streaming.free_quaternions(gas.omega, np.zeros(1), np.full(1, END), compiled)
    exact = through_layers(gas, [(40.0, 0.0), (1e-6, 1e6), (60.0 - 1e-6, 0.0)])
    assert streaming.turn_vectors(turned, gas.polarization)[0] == pytest.approx(exact, abs=1e-7)


@pytest.mark.parametrize("shape", ["kick", "kink", "wave", "root"])
def test_the_integral_of_a_callable_is_right(shape) -> None:
    known = {
        "kick": (lambda t: 1.0 + (np.asarray(t) > 1.2345), 10.0 + 10.0 - 1.2345),
        "kink": (lambda t: abs(np.sin(t)), 6 + 1 + np.cos(10.0)),
        "wave": (lambda t: 1.0 + np.sin(40 * t), 10.0 + (1 - np.cos(400.0)) / 40),
        "root": (lambda t: np.sqrt(abs(t - 4.0)), 2 / 3 * (8.0 + 6.0**1.5)),
    }
    function, total = known[shape]
    fit = pieces(function, 10.0)
    assert fit.integral(np.array([10.0]))[0] == pytest.approx(total, rel=1e-10)
    some = np.linspace(0.0, total, 9)
    assert fit.integral(fit.inverse(some)) == pytest.approx(some, rel=1e-12, abs=1e-12)
    edges = fit.breaks[1:-1]
    assert all(a < b for a, b in itertools.pairwise(edges.tolist()))


def test_a_callable_for_one_number_at_a_time() -> None:
    gas = one_neutrino()
    exact = through_layers(gas, [(2.0, 0.3), (3.0, 1.1)])
    found = final_states(gas, lambda t: 0.3 if t < 2.0 else 1.1, 5.0)
    for name, vector in found.items():
        assert vector == pytest.approx(exact, abs=1e-7), name


@pytest.mark.parametrize("wrong", [lambda t: None, lambda t: "much", lambda t: [1.0, 2.0]])
def test_a_callable_that_returns_no_number_is_an_error(wrong) -> None:
    for solve in (
        lambda: solvers.mean_field(two_beams(), [0.0, 1.0], mu=wrong),
        lambda: schedules.tournament(two_beams(), 0.1, mu=wrong),
        lambda: solvers.independent(one_neutrino(), empty(wrong)),
    ):
        with pytest.raises(QnuError, match=r"(mu|matter): got .*whose values are numbers"):
            solve()


def test_an_experiment_file_with_a_pulse(tmp_path) -> None:
    path = tmp_path / "pulse.toml"
    path.write_text(
        """seed = 1
mixing_angle = 0.3
[[group]]
count = 2
polarization = [0.0, 0.0, 1.0]
omega = 0.5
[schedule]
kind = "stochastic"
gamma = 1e-6
probability = 0.01
duration = 1000.0
mu = { times = [0.0, 480.0, 480.001, 480.002, 1000.0], values = [1e-15, 1e-15, 0.01, 1e-15, 1e-15] }
matter = { times = [0.0, 480.0, 500.0, 520.0, 1000.0], values = [0.0, 0.0, 1.0, 0.0, 0.0] }
[output]
samples = 3
[[method]]
kind = "independent"
[[method]]
kind = "mean_field"
[[method]]
kind = "kinetic"
""",
        encoding="utf-8",
    )
    experiment = qnu.experiment.load(path)
    assert 3 <= len(experiment.schedule) <= 25  # 1e-5 of phase, 10 per neutrino and gamma
    exact = through_layers(one_neutrino(), triangle_layers(480, 40, 1.0, 480))
    for label, run in qnu.experiment.simulate(experiment).items():
        assert run.group_mean()[-1, 0] == pytest.approx(exact, abs=5e-5), label
