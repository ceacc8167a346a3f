"""Keys of a file, the grid, and the points that come out."""

import tomllib

import pytest

from qnu import QnuError
from qnu.experiment import parse
from qnu.experiment.sweeps import grid, plan
from qnu.experiment.sweeps.keys import Keys, with_values
from qnu.experiment.sweeps.plan import specification

TEXT = """
name = "sweep"
seed = 5
mixing_angle = 0.2
[[group]]
name = "nu e"
count = 4
flavor = "electron"
[[group]]
count = 2
flavor = "x"
omega = 0.3
[schedule]
kind = "stochastic"
gamma = 0.1
probability = 0.2
duration = 1.0
mu = { start = 1.0, scale = 3.0 }
[[method]]
kind = "independent"
[[method]]
kind = "kinetic"
label = "kinetic.own"
probability = 0.1
"""
EXPERIMENT = parse(TEXT)


def keys() -> Keys:
    return Keys(tomllib.loads(TEXT), EXPERIMENT.spec)


@pytest.mark.parametrize(
    ("key", "place", "value"),
    [
        ("mixing_angle", ("mixing_angle",), 0.2),
        ("schedule.gamma", ("schedule", "gamma"), 0.1),
        ("schedule.mu.scale", ("schedule", "mu", "scale"), 3.0),
        ("group.nu e.omega", ("group", 0, "omega"), 0.0),
        ("group.2.omega", ("group", 1, "omega"), 0.3),
        ("gas.velocities", ("gas", "velocities"), "isotropic"),
        ("output.samples", ("output", "samples"), None),
        ("method.kinetic.own.probability", ("method", 1, "probability"), 0.1),
    ],
)
def test_a_key_names_a_field_of_the_file(key: str, place: tuple, value: object) -> None:
    assert keys().place(key) == place
    assert keys().value(key) == value


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("schedule.gama", "did you mean 'schedule.gamma'"),
        ("group.1.omega", "group.2.omega|group.nu e.omega"),
        ("group.2.omge", "did you mean 'group.2.omega'"),
        ("method.kinetic.probability", "did you mean 'method.kinetic.own.probability'"),
        ("mixing_angel", "did you mean 'mixing_angle'"),
        ("seed", "every point has the same seeds"),
        ("name", "an unknown key"),
        ("method.independent.label", "an unknown key"),
    ],
)
def test_an_unknown_key_is_refused_with_the_nearest(key: str, message: str) -> None:
    with pytest.raises(QnuError, match=message):
        grid.make({key: [1, 2]}, keys())


def test_points_are_the_outer_product_in_the_order_given() -> None:
    made = grid.make({"schedule.gamma": "0.1,0.2", "group.2.omega": [1, 2, 3]}, keys())
    assert made.shape == (2, 3)
    assert [tuple(made.values_at(k).values()) for k in (0, 1, 3)] == [(0.1, 1), (0.1, 2), (0.2, 1)]


def test_a_point_sets_its_values_and_nothing_else() -> None:
    made = grid.make({"schedule.mu.scale": [7.0], "method.kinetic.own.probability": 0.3}, keys())
    data = tomllib.loads(TEXT)
    spec = specification(data, made.changes(made.values_at(0)), {})
    wanted = parse(TEXT.replace("scale = 3.0", "scale = 7.0"))
    assert spec.schedule == wanted.spec.schedule
    assert spec.method[1].probability == 0.3
    assert spec.group == EXPERIMENT.spec.group
    assert data == tomllib.loads(TEXT)


def test_expressions_may_need_each_other_but_not_themselves() -> None:
    given = {
        "schedule.duration": "schedule.probability * 10",
        "schedule.probability": "schedule.gamma * group.2.count",
        "schedule.gamma": [0.1, 0.2],
    }
    made = grid.make(given, keys())
    assert made.shape == (2,)
    assert made.values_at(1)["schedule.duration"] == pytest.approx(4.0)
    assert made.dimensions_of("schedule.duration") == ("schedule.gamma",)
    with pytest.raises(QnuError, match="does not need itself"):
        grid.make(given | {"schedule.gamma": "schedule.duration"}, keys())


def test_no_key_stands_inside_another() -> None:
    with pytest.raises(QnuError, match=r"schedule.mu and schedule.mu.start.*one of the two"):
        grid.make({"schedule.mu": [1.0, 2.0], "schedule.mu.start": [1.0, 2.0]}, keys())


def test_absurd_grids_are_refused_with_their_size() -> None:
    many = "linspace(0.1, 0.2, 2000)"
    with pytest.raises(QnuError, match="2000 x 2000 = 4000000 points"):
        grid.make({"schedule.gamma": many, "schedule.duration": many}, keys())


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"schedule.gamma": [0.1, -1.0]}, r"schedule.gamma: got -1.0.*point schedule.gamma = -1"),
        ({"group.2.count": "range(1, 9, 4)", "group.2.omega": [[1, 2], [3, 4]]}, "a list of num"),
        ({"schedule.gamma": "isotropic,b"}, r"schedule.gamma: got 'isotropic'"),
        ({"schedule.duration": "1 / (schedule.gamma - 0.1)", "schedule.gamma": [0.2, 0.1]}, "at s"),
        ({"output.times": 3}, "output.times: got 3"),
    ],
)
def test_a_point_passes_the_checks_of_a_file_before_anything_runs(
    values: dict, message: str
) -> None:
    with pytest.raises(QnuError, match=message):
        plan.make(EXPERIMENT, values)


def test_gas_and_methods_of_a_point_are_checked_before_anything_runs() -> None:
    text = TEXT.replace('"independent"', '"many_body"')
    with pytest.raises(QnuError, match=r"what fits into memory.*point group.2.count = 60"):
        plan.make(parse(text), {"group.2.count": [2, 60]})
    with pytest.raises(QnuError, match="what fits into memory"):
        plan.make(parse(text), {"group.2.count": [2, 20]}, share=1)


def test_the_sweep_table_of_a_file_is_the_default() -> None:
    text = TEXT + '[sweep]\n"schedule.gamma" = [0.1, 0.2]\nschedule.duration = "1,2,3"\n'
    made = plan.make(parse(text), {"schedule.gamma": [0.3]})
    assert made.grid.axes["schedule.gamma"].items == (0.3,)
    assert made.grid.shape == (1, 3)


def test_the_tables_of_a_sweep_change_no_hash_of_an_experiment() -> None:
    text = TEXT + '[sweep]\n"schedule.gamma" = [0.1, 0.2]\n[plot]\nquantity = "length"\n'
    assert parse(text).spec_hash == EXPERIMENT.spec_hash


def test_the_hash_of_a_point_is_that_of_its_numbers_alone() -> None:
    one = plan.make(EXPERIMENT, {"schedule.gamma": [0.1, 0.2]}).frame.hashes
    other = parse(TEXT.replace('"sweep"', '"other"').replace("seed = 5", "seed = 9"))
    assert plan.make(other, {"schedule.gamma": [0.2, 0.1]}, seeds=7).frame.hashes == one[::-1]
    changed = parse(TEXT.replace("omega = 0.3", "omega = 0.4"))
    assert not set(plan.make(changed, {"schedule.gamma": [0.1, 0.2]}).frame.hashes) & set(one)


def test_setting_a_value_leaves_the_tables_as_they_were() -> None:
    tables = {"group": [{"a": 1}, {"a": 2}]}
    assert with_values(tables, {("group", 1, "a"): 3}) == {"group": [{"a": 1}, {"a": 3}]}
    assert tables == {"group": [{"a": 1}, {"a": 2}]}
