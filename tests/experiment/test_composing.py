"""Files that `qnu new` makes from flags or answers: every one is valid and runs."""

from __future__ import annotations

import tomllib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from qnu import QnuError
from qnu.experiment import parse, recipes, simulate
from qnu.experiment.composing import compose
from qnu.experiment.recipes import Recipe, Start, read

_START = st.builds(
    Start,
    st.just("-"),
    st.integers(1, 3),
    st.sampled_from(list(recipes.STATES)),
    st.floats(-1, 1).map(lambda x: round(x, 3)),
)
#: Schedules, with what each takes, small enough to run many.
_KEYS = {
    "tournament": {"gamma": "0.2"},
    "stochastic": {"gamma": "0.2", "probability": "0.3", "duration": "1"},
    "random_pairs": {"gamma": "0.2", "encounters": "7"},
    "bipartite": {"gamma": "0.2"},
    "plane_wave": {"duration": "1", "steps": "4"},
}


@st.composite
def any_recipe(draw: st.DrawFn) -> Recipe:
    schedule = draw(st.sampled_from(list(_KEYS)))
    size = 2 if schedule == "bipartite" else draw(st.integers(1, 3))
    starts = [draw(_START) for _ in range(size)]
    if sum(one.count for one in starts) < 2:
        starts[0] = Start("-", 2, starts[0].state, starts[0].omega)
    groups = tuple(Start(f"g {k}", *vars_of(one)) for k, one in enumerate(starts))
    keys = {name: recipes.read_one(name, text) for name, text in _KEYS[schedule].items()}
    kept = draw(st.sets(st.sampled_from(list(keys))))
    methods = set(recipes.METHODS)
    if schedule == "plane_wave":
        methods -= {"kinetic"}  # it has no gamma
    chosen = draw(st.none() | st.sets(st.sampled_from(sorted(methods)), min_size=1).map(tuple))
    shots = draw(st.sampled_from([None, 0, 10]))
    return Recipe(
        groups,
        seed=draw(st.integers(0, 5)),
        seeds=draw(st.integers(1, 2)),
        ordering=draw(st.sampled_from(["normal", "inverted"])),
        velocities=draw(st.sampled_from(["right-angle", "isotropic"])),
        schedule=schedule,
        matter=draw(st.sampled_from([0.0, 0.7])),
        samples=draw(st.sampled_from([None, 3])),
        methods=chosen,
        shots=shots,
        hardware=draw(st.sampled_from([None, "qnu"])),
        **{name: value for name, value in keys.items() if name in kept},
    )


def vars_of(start: Start) -> tuple[int, str, float]:
    return start.count, start.state, start.omega


@given(any_recipe())
def test_every_file_is_valid_and_says_what_was_asked(recipe: Recipe) -> None:
    text = compose(recipe)
    spec = parse(text).spec
    sign = -1 if recipe.ordering == "inverted" else 1
    assert [(g.count, g.omega) for g in spec.group] == [
        (one.count, sign * one.omega) for one in recipe.groups
    ]
    assert [g.antineutrino for g in spec.group] == [
        one.state.startswith("anti") for one in recipe.groups
    ]
    assert (spec.seed, spec.seeds, spec.schedule.kind) == (
        recipe.seed, recipe.seeds, recipe.schedule,
    )  # fmt: skip
    assert spec.schedule.matter == recipe.matter
    wanted = recipe.methods or ("independent", "mean_field")
    assert set(wanted) <= {method.kind for method in spec.method}
    if recipe.shots is not None:
        assert [m.shots for m in spec.method if m.kind == "circuit"] == [recipe.shots]


@settings(max_examples=10)
@given(any_recipe())
def test_every_file_runs(recipe: Recipe) -> None:
    text = compose(recipe)
    runs = simulate(parse(text))
    assert all(abs(run.polarization[..., 0, :, :]).max() <= 1.6 for run in runs.values())


@given(any_recipe())
def test_every_line_with_a_key_of_the_first_group_has_a_comment(recipe: Recipe) -> None:
    lines = compose(recipe).splitlines()
    bare = [line for line in lines if "=" in line and "#" not in line]
    assert {line.partition(" ")[0] for line in bare} <= {
        "name", "count", "flavor", "omega", "polarization", "antineutrino",
    }  # fmt: skip
    assert max(map(len, lines)) <= 100


def test_the_flags_of_the_help_make_the_file_they_say() -> None:
    text = compose(
        read(
            {
                "groups": "nu_e:4:electron:0.5,anti_nu_e:3:anti-electron",
                "schedule": "stochastic",
                "gamma": "0.05",
                "duration": "2",
                "probability": "0.1",
                "methods": "many_body,independent",
                "hardware": "fake_torino",
                "shots": "2000",
                "seeds": "10",
            }
        )
    )
    data = tomllib.loads(text)
    assert data["group"][1] == {
        "name": "anti_nu_e",
        "count": 3,
        "flavor": "electron",
        "antineutrino": True,
        "omega": 0.5,
    }
    assert data["schedule"] == {
        "kind": "stochastic", "gamma": 0.05, "probability": 0.1, "duration": 2.0,
    }  # fmt: skip
    assert [method["kind"] for method in data["method"]] == ["many_body", "independent", "circuit"]
    assert data["method"][-1]["samples"] == 3  # on a noisy device
    assert data["seeds"] == 10


def test_physical_units_give_the_frequencies_that_follow_by_hand() -> None:
    units = "density=1e30 cm^-3,packet=1e-11 cm,mass_splitting=2.5e-3 eV^2,energy=15 MeV"
    given = {
        "groups": "nu_e:2:electron,fast:2:x:30 MeV,nu_x:2:x:0.5",
        "units": units,
        "schedule": "stochastic",
        "duration": "2e-5 km",
        "probability": "1",
    }
    text = compose(read(given))
    assert "energy" not in tomllib.loads(text)["group"][0]
    spec = parse(text).spec
    mu = 641.93  # rad/km: sqrt(2) G_F n; omega = dm^2/2E = 0.4223 rad/km at 15 MeV
    assert spec.group[0].omega == pytest.approx(0.4223 / mu, rel=1e-3)
    assert spec.group[1].omega == pytest.approx(0.4223 / 2 / mu, rel=1e-3)
    assert spec.group[2].omega == 0.5
    assert spec.schedule.duration == pytest.approx(2e-5 * mu, rel=1e-3)
    assert spec.schedule.gamma == 0.1  # that of the packet is out of reach of encounters
    inverted = parse(compose(read({**given, "ordering": "inverted"}))).spec
    assert [g.omega for g in inverted.group] == [-g.omega for g in spec.group]


def test_many_neutrinos_get_no_exact_method_by_themselves() -> None:
    found = Recipe(recipes.read_groups("a:40:electron,b:20:x")).made()
    assert found.methods == ("independent", "mean_field")
    assert Recipe(recipes.read_groups("a:4:x")).made().methods[0] == "many_body"


@pytest.mark.parametrize(
    ("answers", "message"),
    [
        ({"gamma": "-1"}, r"--gamma: got -1\.0; allowed: a finite number > 0$"),
        ({"duration": "3"}, r"--duration: got 3\.0; allowed: --gamma with --schedule tournament"),
        ({"schedule": "stochastic", "probability": "2"}, r"--probability: got 2\.0"),
        ({"groups": "a:40:x", "methods": "many_body"}, r"--methods: got 'many_body, 40 neutr"),
        ({"groups": "a:4:electrn"}, r"did you mean 'electron'"),
        ({"groups": "a:4"}, r"--groups: got 'a:4'; allowed: NAME:COUNT:STATE:OMEGA"),
        ({"groups": "a:3:x", "schedule": "bipartite"}, r"--groups: got '1 groups'"),
        ({"groups": "a:3:x,a:3:x"}, r"--groups: got 'a'"),
        ({"schedule": "plane_wave", "methods": "kinetic"}, r"--methods: .*plane_wave"),
        ({"schedule": "native"}, r"--schedule: got 'native'; .*--from NAME"),
        ({"methods": "miscidynamics"}, r"--methods: .*two_groups_60_40"),
        ({"methods": "many-body"}, r"did you mean 'many_body'"),
        ({"hardware": "fake_torin"}, r"--hardware: .*did you mean 'fake_torino'"),
        ({"hardware": "fake_torino", "shots": "0"}, r"--shots: got 0"),
        ({"hardware": "fake_torino", "groups": "a:20:x"}, r"--hardware: got 'fake_torino, 20"),
        ({"seeds": "0"}, r"--seeds: got 0"),
        ({"mixing_angle": "nan"}, r"--mixing-angle: got "),
        ({"units": "density=1e30"}, r"--units: got '1e30'"),
        ({"units": "weight=1 kg"}, r"--units: got 'weight'; allowed: density, mu"),
        ({"units": "density"}, r"--units: got 'density'; allowed: KEY=VALUE"),
        ({"groups": "a:2:x:15 MeV"}, r"--groups: got '15 MeV'; .*mass_splitting"),
        ({"units": "density=1e30 cm^-3,energy=15 MeV"}, r"--groups: got '15 MeV'"),
        ({"schedule": "stochastic", "duration": "3 km"}, r"--duration: got '3 km'"),
        ({"shots": "many"}, r"--shots: got 'many'; allowed: a whole number >= 0"),
    ],
)
def test_a_mistake_names_the_flag_and_no_line(answers: dict[str, str], message: str) -> None:
    with pytest.raises(QnuError, match=message) as raised:
        compose(read(answers))
    assert "line" not in str(raised.value).replace("light", "")
