"""What a key of a sweep takes."""

import math

import numpy as np
import pytest

from qnu import QnuError
from qnu.experiment.sweeps import expressions
from qnu.experiment.sweeps.values import Values, read

KEYS = ["schedule.gamma", "schedule.duration", "group.nu e.omega", "group.1.count", "mixing_angle"]


@pytest.mark.parametrize(
    ("text", "items", "scale"),
    [
        ("logspace(-3,-1,3)", (0.001, 0.01, 0.1), "log"),
        ("geomspace(1, 16, 5)", (1.0, 2.0, 4.0, 8.0, 16.0), "log"),
        ("linspace(0, 1, 3)", (0.0, 0.5, 1.0), "linear"),
        ("range(4, 11, 3)", (4, 7, 10), "linear"),
        ("0.1,0.2,0.4", (0.1, 0.2, 0.4), "log"),
        ("0.1, 0.2, 0.3", (0.1, 0.2, 0.3), "linear"),
        ("0.1,0.2,0.5", (0.1, 0.2, 0.5), "list"),
        ("1,2", (1, 2), "list"),
        ("0.5,", (0.5,), "list"),
        ("isotropic, right-angle", ("isotropic", "right-angle"), "list"),
        ("linspace(0, sqrt(4), 2)", (0.0, 2.0), "linear"),
    ],
)
def test_a_text_is_a_list_with_its_scale(text: str, items: tuple, scale: str) -> None:
    assert read("key", text, KEYS) == Values(items, scale)


def test_steps_of_a_range_have_twelve_digits_on_every_machine() -> None:
    items = read("key", "logspace(-3, -1, 9)").items
    assert items[1] == 0.00177827941004
    assert items[-1] == 0.1


@pytest.mark.parametrize(
    ("given", "value"),
    [
        ("0.1", 0.1),
        ("3", 3),
        ("true", True),
        ("right-angle", "right-angle"),
        (2.5, 2.5),
        ("2 * 3", 6),
        ("'5 / schedule.gamma'", "5 / schedule.gamma"),
        (np.float64(0.5), 0.5),
    ],
)
def test_one_value_is_set_and_has_no_dimension(given: object, value: object) -> None:
    assert read("key", given, KEYS) == Values((value,), "list", one=True)
    assert type(read("key", given, KEYS).items[0]) is type(value)


def test_arrays_and_ranges_of_python_are_lists() -> None:
    assert read("key", np.array([1.5, 2.5])).items == (1.5, 2.5)
    assert read("key", range(3)).items == (0, 1, 2)
    assert type(read("key", np.array([1, 2])).items[0]) is int


@pytest.mark.parametrize(
    ("text", "values", "result"),
    [
        ("5 / schedule.gamma", {"schedule.gamma": 0.01}, 500.0),
        ("5/schedule.gamma-1", {"schedule.gamma": 0.5}, 9.0),
        ("2*group.1.count", {"group.1.count": 7}, 14),
        ("-group.nu e.omega ** 2", {"group.nu e.omega": 3}, -9),
        ("sqrt(mixing_angle) + log(exp(2))", {"mixing_angle": 4.0}, 4.0),
        ("round(3.7 * group.1.count)", {"group.1.count": 2}, 7),
        ("max(1, 2) + min(3, schedule.gamma)", {"schedule.gamma": 9}, 5),
    ],
)
def test_an_expression_is_computed_from_its_keys(text: str, values: dict, result: float) -> None:
    expression = read("key", text, KEYS)
    assert isinstance(expression, expressions.Expression)
    assert set(expression.keys) == set(values)
    found = expression.value("key", values)
    assert found == pytest.approx(result)
    assert type(found) is type(result)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5 / schedule.gama", "did you mean 'schedule.gamma'"),
        ("schedule.gamma.real", "not 'schedule.gamma.real'"),
        ("schedule.gamma if 1 else 2", "numbers, keys"),
        (
            "__import__('os').system('x') + schedule.gamma",
            "not 'os'|keys of the file|numbers, keys",
        ),
        ("open(schedule.gamma)", "numbers, keys"),
        ("schedule.gamma @ 2", "numbers, keys"),
        ("schedule.gamma +", "numbers, keys"),
        ("logspace(-3, -1)", "first, last, how many"),
        ("logspace(-3, 400, 3)", "finite"),
        ("geomspace(0, 1, 3)", "ends > 0"),
        ("range(1, 1)", "at least one number"),
        ("range(1.5, 3)", "whole numbers"),
        ("linspace(0, 1, 2000000)", "at most 1000000 values"),
        ("range(1000000000000)", "at most 1000000 values"),
        ("0.1,0.1", "every value once"),
        ("0.1,right-angle", "a list of numbers, or of texts"),
        ("", "a list such as"),
        ("linspace(0, a, 2)", "numbers in the parentheses"),
    ],
)
def test_what_cannot_be_read_is_one_line(text: str, message: str) -> None:
    with pytest.raises(QnuError, match=message) as caught:
        read("schedule.duration", text, KEYS)
    assert "\n" not in str(caught.value)
    assert str(caught.value).startswith("schedule.duration")


@pytest.mark.parametrize("gamma", [0, 0.0])
def test_an_expression_without_a_value_says_where(gamma: float) -> None:
    expression = read("key", "5 / schedule.gamma", KEYS)
    with pytest.raises(QnuError, match=r"finite value .at schedule.gamma = 0"):
        expression.value("key", {"schedule.gamma": gamma})


def test_huge_powers_end_at_once() -> None:
    expression = read("key", "9 ** 9 ** 9 ** 9 * schedule.gamma", KEYS)
    with pytest.raises(QnuError, match="finite value"):
        expression.value("key", {"schedule.gamma": 1})


def test_a_key_that_is_no_number_is_named() -> None:
    expression = read("key", "2 * schedule.gamma", KEYS)
    with pytest.raises(QnuError, match=r"keys that are numbers .not schedule.gamma"):
        expression.value("key", {"schedule.gamma": [1]})


def test_a_list_that_is_not_finite_is_refused() -> None:
    with pytest.raises(QnuError, match="finite numbers"):
        read("key", [1.0, math.inf])
    with pytest.raises(QnuError, match="at least one value"):
        read("key", [])
