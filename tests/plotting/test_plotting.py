"""Figures show what the Trajectory says, in the colors and line styles that were promised."""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.container import ErrorbarContainer
from PIL import Image

import qnu
from qnu import plotting
from qnu.plotting import style
from qnu.trajectory import Trajectory

NAMES = ("1", "2")
PAIR = plotting.GROUP_COLORS[:2]
START = np.array([np.sin(0.2), 0.0, np.cos(0.2)])


def gas_of(count_1=3, count_2=2, antineutrino=False):
    return qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(count_1, polarization=START, omega=0.1, name="1"),
            qnu.Group(
                count_2,
                polarization=-START,
                omega=0.2,
                name="2",
                antineutrino=antineutrino,
            ),
        ],
        velocities="isotropic",
        mixing_angle=0.1,
        seed=1,
    )


GAS = gas_of()
SCHEDULE = qnu.schedules.tournament(GAS, gamma=0.3)
TIMES = np.linspace(0.0, SCHEDULE.final_time, 11)


def paths(rows, seed):
    """Smooth vectors of length below 1, different for every seed."""
    rng = np.random.default_rng(seed)
    start = rng.normal(size=(rows, 3))
    start *= 0.95 / np.linalg.norm(start, axis=1, keepdims=True)
    turn = TIMES[:, None] * rng.uniform(0.2, 1.0, rows)
    x = np.cos(turn) * start[:, 0] - np.sin(turn) * start[:, 1]
    y = np.sin(turn) * start[:, 0] + np.cos(turn) * start[:, 1]
    z = np.broadcast_to(start[:, 2], x.shape)
    return np.stack([x, y, z], axis=-1) * np.exp(-0.2 * TIMES)[:, None, None]


def build(method, resolve="neutrino", seed=0, errors=None, **attributes):
    rows = len(GAS) if resolve == "neutrino" else len(NAMES)
    vectors = paths(rows, seed)
    variables = None
    if errors is not None:
        error = np.full(vectors.shape, errors)
        variables = {"polarization_error": (("time", "neutrino", "axis"), error)}
    return Trajectory.build(
        method,
        GAS,
        TIMES,
        vectors,
        started=time.perf_counter(),
        resolve=resolve,
        variables=variables,
        attributes=attributes,
    )


@pytest.fixture(scope="module")
def runs():
    return {
        "many_body": build("many_body", seed=1),
        "independent": build("independent", seed=2),
        "mean_field": build("mean_field", "group", seed=3),
        "kinetic": build("kinetic", "group", seed=4),
        "miscidynamics": build("miscidynamics", "group", seed=5),
        "aer": build("circuit", seed=6, hardware="aer_statevector"),
        "aer, 4000 shots": build("circuit", seed=7, errors=0.02, hardware="aer_statevector"),
    }


@pytest.fixture(scope="module")
def overlay(runs):
    return plotting.compare(runs, title="five neutrinos", panels=["length", "z", "entropy"])


def curve(axes, label, group):
    (line,) = [line for line in axes.lines if line.get_gid() == f"{label}:{group}"]
    return line


def notes(figure):
    """The sentences below the panels, on one line."""
    found = [text.get_text() for text in figure.texts if text.get_gid() == "notes"]
    return " ".join(found).replace("\n", " ")


def legend_texts(figure):
    return [text.get_text() for legend in figure.legends for text in legend.get_texts()]


# --- colors ---


def test_colors_differ_in_grey():
    levels = [plotting.lightness(color) for color in plotting.GROUP_COLORS]
    gaps = abs(np.subtract.outer(levels, levels)) + 100 * np.eye(len(levels))
    assert gaps.min() > 10
    assert min(abs(np.diff(levels))) > 15
    first, second = (Image.new("RGB", (1, 1), c).convert("L").getpixel((0, 0)) for c in PAIR)
    assert abs(first - second) > 60  # of 255, as a printer without color sees them


def test_colors_differ_for_protanopes_and_deuteranopes():
    # Vienot, Brettel, Mollon (1999), linear light
    views = [
        [[0.11238, 0.88762, 0.0], [0.11238, 0.88762, 0.0], [0.00401, -0.00401, 1.0]],
        [[0.29275, 0.70725, 0.0], [0.29275, 0.70725, 0.0], [-0.02234, 0.02234, 1.0]],
    ]
    rgb = np.array([to_rgb(color) for color in plotting.GROUP_COLORS]) ** 2.2
    for view in views:
        seen = np.clip(rgb @ np.array(view).T, 0, 1) ** (1 / 2.2)
        distance = np.linalg.norm(seen[:, None] - seen[None], axis=-1)
        assert distance[np.triu_indices(len(seen), 1)].min() > 0.25


def test_many_groups_get_different_colors():
    names = [str(k) for k in range(12)]
    colors = plotting.group_colors(names)
    assert list(colors) == names
    assert len(set(colors.values())) == 12


def test_one_color_per_group_in_every_figure(runs, overlay):
    wanted = plotting.group_colors(NAMES)
    own = {label: plotting.method_style(run) for label, run in runs.items()}
    labels = style.styles(runs)
    for axes in overlay.axes:
        for label, group in ((lab, g) for lab in runs for g in NAMES):
            if axes is overlay.axes[2] and label == "miscidynamics":
                continue
            line = curve(axes, labels[label].name, group)
            assert to_hex(line.get_color()) == own[label].color(wanted[group]).lower()
    diagram = plotting.schedule_diagram(GAS, SCHEDULE).axes[0]
    for k in range(len(GAS)):
        (line,) = [line for line in diagram.lines if line.get_gid() == f"neutrino:{k}"]
        assert line.get_color() == wanted[GAS.group_names[GAS.group[k]]]
    sphere = plotting.bloch({"kinetic": runs["kinetic"]}).axes[0]
    for group in NAMES:
        assert curve(sphere, "kinetic", group).get_color() == wanted[group].lower()


def test_pale_keeps_the_hue():
    pale = style.MethodStyle("x", pale=0.5).color("#000000")
    assert to_rgb(pale) == pytest.approx((0.5, 0.5, 0.5), abs=0.01)
    assert style.MethodStyle("x").color("#0B3C7D") == "#0b3c7d"


# --- line styles ---


def test_line_style_says_the_method(runs, overlay):
    axes = overlay.axes[1]  # no curves on each other there
    for label in ("many_body", "independent"):
        assert curve(axes, style.styles(runs)[label].name, "1").get_linestyle() == "-"
    patterns = {
        name: curve(axes, name, "1")._unscaled_dash_pattern[1]
        for name in ("miscidynamics", "mean field", "kinetic")
    }
    dashed, dash_dot, dotted = patterns.values()
    assert len(dashed) == 2
    assert dashed[0] > dashed[1] > 1
    assert len(dash_dot) == 4
    assert len(dotted) == 2
    assert dotted[0] <= 1
    for label, filled in (("aer", False), ("aer, 4000 shots", True)):
        line = curve(axes, label, "1")
        assert line.get_linestyle() == "None"
        assert line.get_marker() == "o"
        assert (line.get_markerfacecolor() != "none") == filled


def test_two_results_of_one_method_look_different():
    both = style.styles({"a": build("kinetic"), "b": build("kinetic", "group")})
    assert both["a"].line == both["b"].line
    assert both["a"].width != both["b"].width
    marks = style.styles({"a": build("circuit", hardware="x"), "b": build("circuit", hardware="y")})
    assert marks["a"].marker != marks["b"].marker


def test_many_body_with_light_cones_looks_different_from_many_body():
    both = style.styles({"a": build("many_body"), "b": build("light_cone")})
    assert both["a"].width > 1.3 * both["b"].width


def test_unknown_method_is_a_plain_line():
    assert plotting.method_style(build("my_own_code")) == style.MethodStyle("my own code")


# --- numbers ---


def test_plotted_numbers_are_the_trajectorys(runs, overlay):
    labels = style.styles(runs)
    for label, run in runs.items():
        means = run.group_mean()
        for g, group in enumerate(NAMES):
            length, z = (curve(ax, labels[label].name, group) for ax in overlay.axes[:2])
            np.testing.assert_array_equal(length.get_xdata(), TIMES)
            np.testing.assert_array_equal(length.get_ydata(), run.group_length()[:, g])
            np.testing.assert_array_equal(z.get_ydata(), means[:, g, 2])


def test_entropy_is_the_mean_over_the_neutrinos_of_a_group(runs, overlay):
    run = runs["independent"]
    for members, group in zip(GAS.members, NAMES, strict=True):
        expected = run.entropy()[:, members].mean(axis=1)
        line = curve(overlay.axes[2], "independent", group)
        np.testing.assert_allclose(line.get_ydata(), expected, rtol=1e-12)
    line = curve(overlay.axes[2], "kinetic", "2")
    np.testing.assert_allclose(line.get_ydata(), runs["kinetic"].entropy()[:, 1], rtol=1e-12)


def test_miscidynamics_has_no_entropy_and_says_so(overlay):
    gids = [line.get_gid() for line in overlay.axes[2].lines]
    assert not any(str(gid).startswith("miscidynamics") for gid in gids)
    assert "No entropy of miscidynamics: its $\\mathbf{P}$ is a mean over" in notes(overlay)
    assert "Entropy of mean field and kinetic: they follow one $\\mathbf{P}$" in notes(overlay)


def test_recorded_entropy_goes_before_the_computed_one():
    run = build("many_body")
    own = np.full((len(TIMES), len(GAS)), 0.25)
    run = Trajectory(run.dataset.assign(entropy=(("time", "neutrino"), own)))
    axes = plotting.compare({"many_body": run}, panels=["entropy"]).axes[0]
    np.testing.assert_allclose(curve(axes, "many-body", "1").get_ydata(), 0.25)


def test_error_bars_where_shots_were_taken(runs, overlay):
    run = runs["aer, 4000 shots"]
    for axes in overlay.axes:
        bars = [c for c in axes.containers if isinstance(c, ErrorbarContainer)]
        assert len(bars) == len(NAMES)  # nobody else has any
    bars = [c for c in overlay.axes[1].containers if isinstance(c, ErrorbarContainer)]
    for g, bar in enumerate(bars):
        ends = np.array([s[:, 1] for s in bar.lines[2][0].get_segments()])
        np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, run.group_error()[:, g, 2])


def test_errors_of_length_and_entropy_are_propagated(overlay, runs):
    run = runs["aer, 4000 shots"]
    rng = np.random.default_rng(1)
    tries = run.polarization + 0.02 * rng.normal(size=(4000, *run.polarization.shape))
    means = np.stack([tries[:, :, m].mean(axis=2) for m in GAS.members], axis=2)
    length = np.linalg.norm(means, axis=-1).std(axis=0)
    entropy = qnu.observables.entropy(tries)
    entropy = np.stack([entropy[:, :, m].mean(axis=2) for m in GAS.members], axis=2).std(axis=0)
    for axes, expected in ((overlay.axes[0], length), (overlay.axes[2], entropy)):
        bars = [c for c in axes.containers if isinstance(c, ErrorbarContainer)]
        for g, bar in enumerate(bars):
            ends = np.array([s[:, 1] for s in bar.lines[2][0].get_segments()])
            np.testing.assert_allclose(np.diff(ends)[:, 0] / 2, expected[:, g], rtol=0.12)


def test_every_neutrino_as_a_thin_line(runs):
    panels = ["length", "z", "entropy"]
    figure = plotting.compare(runs, individuals="independent", panels=panels)
    for axes, values in zip(
        figure.axes,
        (
            np.linalg.norm(runs["independent"].polarization, axis=-1),
            runs["independent"].polarization[..., 2],
            runs["independent"].entropy(),
        ),
        strict=True,
    ):
        bundles = [c for c in axes.collections if str(c.get_gid()).startswith("individuals")]
        drawn = np.array([s[:, 1] for bundle in bundles for s in bundle.get_segments()])
        np.testing.assert_allclose(drawn, values.T)
        means = curve(axes, "independent", "1")
        assert max(b.get_linewidths()[0] for b in bundles) < means.get_linewidth() / 3
        low, high = axes.get_ylim()
        assert low <= values.min()
        assert values.max() <= high


def test_many_samples_thin_out_markers_but_keep_the_numbers():
    times = np.linspace(0, 1, 401)
    vectors = np.zeros((401, len(GAS), 3))
    run = Trajectory.build("circuit", GAS, times, vectors, started=0.0)
    line = curve(plotting.compare({"circuit": run}).axes[0], "circuit", "1")
    assert len(line.get_xdata()) == 401
    assert line.get_markevery() == 16


# --- words ---


def test_labels_have_units(overlay, runs):
    length, z, entropy = overlay.axes
    assert entropy.get_xlabel() == r"time $\mu t$"
    assert "(bits)" in entropy.get_ylabel()
    assert "length" in length.get_ylabel()
    assert "$z$" in z.get_ylabel()
    assert overlay.get_suptitle() == "five neutrinos"
    texts = legend_texts(overlay)
    for text in ("Group", "Method", "1: 3 $\\nu$", "2: 2 $\\nu$", "many-body", "mean field"):
        assert text in texts
    assert len(texts) == 2 + 2 + 1 + len(runs)  # not one entry per method and group


def test_groups_are_named_at_their_curves(overlay):
    for axes in overlay.axes:
        names = [t.get_text() for t in axes.texts if str(t.get_gid()).startswith("name:")]
        assert names == list(NAMES)


def test_nothing_overlaps_and_nothing_is_cut(overlay):
    overlay.canvas.draw()
    page = overlay.bbox
    panels = [axes.get_window_extent() for axes in overlay.axes]
    legends = [legend.get_window_extent() for legend in overlay.legends]
    legends += [text.get_window_extent() for text in overlay.texts]
    labels = [axes.yaxis.label.get_window_extent() for axes in overlay.axes]
    for box in (*legends, *labels):
        assert page.x0 - 1 <= box.x0
        assert box.x1 <= page.x1 + 1
        assert page.y0 - 1 <= box.y0
        assert box.y1 <= page.y1 + 1
    assert not any(legend.overlaps(panel) for legend in legends for panel in panels)
    assert not legends[0].overlaps(legends[1])
    assert not any(a.overlaps(b) for a, b in pairwise(labels))


def test_antineutrinos_are_marked():
    gas = gas_of(antineutrino=True)
    vectors = np.broadcast_to(gas.polarization, (2, 5, 3))
    run = Trajectory.build("independent", gas, np.array([0.0, 1.0]), vectors, started=0.0)
    assert r"2: 2 $\bar\nu$" in legend_texts(plotting.compare({"independent": run}))


def test_legends_say_what_is_drawn_of_antineutrinos():
    note = "$\\bar\\nu$: isospin\n$(-x, y, -z)$"
    for antineutrino in (True, False):
        gas = gas_of(antineutrino=antineutrino)
        vectors = np.broadcast_to(gas.polarization, (2, 5, 3))
        run = Trajectory.build("independent", gas, np.array([0.0, 1.0]), vectors, started=0.0)
        for figure in (plotting.compare({"a": run}), plotting.bloch({"a": run})):
            assert (note in legend_texts(figure)) is antineutrino


def test_mathematics_in_names():
    assert style.plain(r"$\gamma$ = 0.1") == r"$\gamma$ = 0.1"
    assert style.plain("5$ each") == r"5\$ each"
    assert style.plain(r"$\nonsense{$") == r"\$\nonsense{\$"


def test_names_of_users_never_stop_a_figure(tmp_path):
    gas = qnu.NeutrinoGas([[0, 0, 1.0]], omega=[0.0], group=["5$ group_a"])
    run = Trajectory.build("m", gas, np.array([0.0, 1.0]), np.zeros((2, 1, 3)), started=0.0)
    figure = plotting.compare({"label $x_1": run}, title="100 $ % _ ^ {", panels=["z"])
    assert figure.get_suptitle() == r"100 \$ % _ ^ {"
    assert all(path.stat().st_size > 0 for path in plotting.save(figure, tmp_path, "odd"))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (({}, {}), "trajectories: got {}"),
        (({"k": "kinetic"}, {"individuals": "nobody"}), "individuals: got 'nobody'"),
        (({"k": "kinetic"}, {"individuals": "k"}), "one row per neutrino"),
        (({"k": "kinetic"}, {"panels": ["purity"]}), "panels: got 'purity'"),
        (({"k": "kinetic"}, {"panels": []}), "panels: got []"),
    ],
)
def test_bad_input_is_named(arguments, message):
    methods, options = arguments
    made = {label: build(method, "group") for label, method in methods.items()}
    with pytest.raises(qnu.QnuError) as caught:
        plotting.compare(made, **options)
    assert message in str(caught.value)


# --- schedules ---


def links(figure):
    (found,) = [c for c in figure.axes[0].collections if c.get_gid() == "encounters"]
    return found


def test_schedule_diagram_links_who_meets_when():
    figure = plotting.schedule_diagram(GAS, SCHEDULE)
    axes = figure.axes[0]
    drawn = np.array(links(figure).get_segments())
    np.testing.assert_array_equal(drawn[:, 0, 1], SCHEDULE.first)
    np.testing.assert_array_equal(drawn[:, 1, 1], SCHEDULE.second)
    # inside their encounters, on a true time axis
    place = drawn[:, 0, 0]
    assert (place > SCHEDULE.start).all()
    assert (place < SCHEDULE.start + SCHEDULE.duration).all()
    assert axes.get_xlabel() == r"time $\mu t$"
    assert axes.get_ylabel() == "neutrino"
    assert figure.axes[1].get_ylabel() == r"swap angle $\theta$ (rad)"
    # larger angles are darker and thicker
    order = np.argsort(SCHEDULE.swap_angle)
    assert (np.diff(np.array(links(figure).get_linewidths())[order]) >= 0).all()
    assert (np.diff(links(figure).get_colors()[order, 0]) <= 0).all()


@pytest.mark.parametrize("kind", ["tournament", "line", "stochastic", "plane_wave", "random"])
def test_links_of_a_diagram_never_overlap(kind):
    make = {
        "tournament": lambda g: qnu.schedules.tournament(g, gamma=0.3),
        "line": lambda g: qnu.schedules.tournament(g, gamma=0.3, order="line"),
        "stochastic": lambda g: qnu.schedules.stochastic(g, 0.2, 0.2, 2.0, seed=2),
        "plane_wave": lambda g: qnu.schedules.plane_wave(g, 2.0, 2),
        "random": lambda g: qnu.schedules.random_pairs(g, 0.3, 30, seed=1),
    }[kind]
    gas = gas_of(4, 3) if kind == "plane_wave" else gas_of(6, 4)
    schedule = make(gas)
    assert plotting.can_draw_schedule(schedule)
    segments = np.array(links(plotting.schedule_diagram(gas, schedule)).get_segments())
    place, ends = segments[:, 0, 0], np.sort(segments[:, :, 1], axis=1)
    distance = np.ptp(place) / plotting.schedules.MOST_COLUMNS / 2
    for k in range(len(place)):
        near = np.flatnonzero(abs(place - place[k]) < distance)
        near = near[near > k]
        assert ((ends[near, 0] > ends[k, 1]) | (ends[near, 1] < ends[k, 0])).all()
        # encounters that share a neutrino stand in the order in which they happen
        shares = (ends[k + 1 :] == ends[k, 0]) | (ends[k + 1 :] == ends[k, 1])
        assert (place[k + 1 :][shares.any(axis=1)] > place[k]).all()


def test_fresh_partners_are_marked():
    gas = qnu.NeutrinoGas([[1, 0, 0], [0, 0, 1.0]], omega=[0.1, 0.2])
    schedule = qnu.schedules.constant_background(gas, 1, gamma=0.2, encounters=6)
    figure = plotting.schedule_diagram(gas, schedule)
    assert "fresh partner" in legend_texts(figure)
    assert any("all $\\theta$ = 0.2" in text for text in legend_texts(figure))
    assert len(figure.axes) == 1  # one angle needs no color bar
    assert max(len(c.get_offsets()) for c in figure.axes[0].collections[2:]) == 6


def test_too_large_schedules_are_refused():
    gas = gas_of(60, 40)
    schedule = qnu.schedules.tournament(gas, gamma=0.1)
    assert not plotting.can_draw_schedule(schedule)
    assert not plotting.can_draw_circuit(schedule)
    with pytest.raises(qnu.QnuError, match="4950 encounters of 100 neutrinos"):
        plotting.schedule_diagram(gas, schedule)
    with pytest.raises(qnu.QnuError, match="as many as the gas has"):
        plotting.schedule_diagram(GAS, schedule)
    empty = qnu.EncounterSchedule([], [], [], [], 0.0, neutrinos=2)
    assert not plotting.can_draw_schedule(empty)


def test_meeting_counts():
    schedule = qnu.schedules.random_pairs(GAS, 0.1, 500, seed=3)
    shown = plotting.meeting_counts(GAS, schedule).axes[0].images[0].get_array()
    expected = np.zeros((5, 5), int)
    for i, j in zip(schedule.first, schedule.second, strict=True):
        expected[i, j] += 1
        expected[j, i] += 1
    np.testing.assert_array_equal(shown.data, expected)
    assert shown.mask.diagonal().all()


# --- circuits and spheres ---


def test_circuit_diagram_of_encounters():
    circuit = qnu.quantum.circuit(GAS, SCHEDULE)
    figure = plotting.circuit_diagram(circuit, title="five")
    texts = [text.get_text() for text in figure.axes[0].texts]
    for angle in SCHEDULE.swap_angle:
        assert f"{angle:.2f}" in texts
    assert any("nu" in text for text in texts)
    width, height = figure.get_size_inches()
    assert 2 < width < 14
    assert 1 < height < 14
    assert circuit.count_ops()["encounter"] == 10  # the circuit itself is left as it was


def test_circuit_diagram_of_anything():
    from qiskit import ClassicalRegister, QuantumCircuit, QuantumRegister
    from qiskit.circuit import Parameter

    circuit = QuantumCircuit(QuantumRegister(2, "q"), ClassicalRegister(2, "c"))
    circuit.h(0)
    circuit.rz(Parameter("x"), 1)
    circuit.cx(0, 1)
    circuit.reset(1)
    circuit.measure([0, 1], [0, 1])
    circuit.global_phase = 0.3
    figure = plotting.circuit_diagram(circuit)
    assert figure.get_size_inches()[0] > 1
    with pytest.raises(qnu.QnuError, match="no qubit"):
        plotting.circuit_diagram(QuantumCircuit())


def test_bloch_paths(runs):
    figure = plotting.bloch(runs, title="paths")
    axes = figure.axes[0]
    for g, group in enumerate(NAMES):
        line = curve(axes, "independent", group)
        np.testing.assert_array_equal(
            np.array(line.get_data_3d()).T, runs["independent"].group_mean()[:, g]
        )
    texts = " ".join(text.get_text() for text in axes.texts)
    assert r"|0\rangle = \nu_1" in texts
    assert r"|1\rangle = \nu_2" in texts
    assert {"start", "end"} <= set(legend_texts(figure))
    part = plotting.bloch(runs["independent"], until=TIMES[3]).axes[0]
    assert len(curve(part, "independent", "1").get_data_3d()[0]) == 4


# --- files and manners ---


def test_save_writes_png_and_pdf_reproducibly(runs, tmp_path):
    overlay = plotting.compare({"aer": runs["aer, 4000 shots"]}, panels=["z"])
    png, pdf = plotting.save(overlay, tmp_path / "new", "overlay")
    assert (png.name, pdf.name) == ("overlay.png", "overlay.pdf")
    with Image.open(png) as image:
        assert image.info["dpi"][0] >= 200
        assert image.size[0] == 7 * 300
    data = pdf.read_bytes()
    assert data.startswith(b"%PDF")
    assert b"/FontFile2" in data  # TrueType, embedded
    assert b"/Type3" not in data
    assert b"CreationDate" not in data
    again = plotting.save(overlay, tmp_path / "again", "overlay")
    assert again[0].read_bytes() == png.read_bytes()
    assert again[1].read_bytes() == data


def test_settings_are_left_as_they_were(runs, tmp_path):
    before = dict(mpl.rcParams)
    figure = plotting.compare({"kinetic": runs["kinetic"]}, panels=["z"])
    plotting.save(figure, tmp_path, "x")
    plotting.bloch(runs["kinetic"])
    plotting.circuit_diagram(qnu.quantum.circuit(GAS, SCHEDULE))
    assert figure._repr_png_().startswith(b"\x89PNG")
    assert dict(mpl.rcParams) == before


def test_no_pyplot_figure_stays_open(runs):
    plotting.compare(runs)
    plotting.circuit_diagram(qnu.quantum.circuit(GAS, SCHEDULE))  # Qiskit imports pyplot
    import matplotlib.pyplot as plt

    assert plt.get_fignums() == []


def test_importing_does_not_load_pyplot_or_choose_a_backend():
    code = (
        "import sys, qnu, qnu.plotting;"
        "gas = qnu.NeutrinoGas([[0, 0, 1]] * 4, omega=[0.0] * 4);"
        "qnu.plotting.schedule_diagram(gas, qnu.schedules.tournament(gas, gamma=0.1));"
        "print('matplotlib.pyplot' in sys.modules, 'qiskit' in sys.modules)"
    )
    run = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False
    )
    assert run.stdout.split() == ["False", "False"], run.stderr
