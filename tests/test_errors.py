"""QnuError: one line, and what it is made of."""

from __future__ import annotations

import copy
import pickle

import pytest

import qnu
from qnu import QnuError
from qnu.errors import MISSING, SettingError, Words


def test_an_error_carries_field_value_and_what_is_allowed() -> None:
    with pytest.raises(QnuError) as caught:
        qnu.NeutrinoGas([[0, 0, 2]], omega=[0.0])
    error = caught.value
    assert isinstance(error, ValueError)
    assert (error.field, error.value) == ("polarization", [0.0, 0.0, 2.0])
    assert error.allowed == "a vector with |P| <= 1"
    assert error.reason is None
    assert (
        str(error) == "polarization: got [0.0, 0.0, 2.0]; allowed: a vector with |P| <= 1, here 2"
    )


def test_a_reason_stands_where_no_value_is_to_blame() -> None:
    error = QnuError("hardware", reason="no key; set IONQ_API_KEY")
    assert str(error) == "hardware: no key; set IONQ_API_KEY"
    assert (error.field, error.value, error.allowed) == ("hardware", None, None)


def test_a_message_in_words_has_no_field() -> None:
    error = QnuError("bind the parameters first")
    assert str(error) == "bind the parameters first"
    assert error.field is None
    assert str(error.of("circuit")) == "circuit: bind the parameters first"


def test_words_stand_without_quotation_marks() -> None:
    assert str(QnuError("gamma", MISSING, "a number")) == (
        "gamma: got nothing (the key is missing); allowed: a number"
    )
    assert str(QnuError("gamma", "two", "2")) == "gamma: got 'two'; allowed: 2"
    assert str(QnuError("gamma", Words("two\nlines"), "2")) == r"gamma: got two\nlines; allowed: 2"


def test_another_field_or_note_keeps_the_rest_and_the_class() -> None:
    first = SettingError("gamma", -1, "a number > 0")
    moved = first.of("method[0].gamma").noted(" (line 3 of a.toml)")
    assert type(moved) is SettingError
    assert str(moved) == "method[0].gamma: got -1; allowed: a number > 0 (line 3 of a.toml)"
    assert (moved.value, moved.allowed) == (-1, "a number > 0")
    assert str(first) == "gamma: got -1; allowed: a number > 0"


def test_a_value_of_none_is_a_value() -> None:
    assert str(QnuError("seed", None, "a number")) == "seed: got None; allowed: a number"


@pytest.mark.parametrize("copied", [copy.copy, lambda e: pickle.loads(pickle.dumps(e))])
def test_errors_can_be_copied_and_sent_to_another_process(copied) -> None:
    error = copied(QnuError("gamma", -1, "a number > 0").noted(" (line 3)"))
    assert str(error) == "gamma: got -1; allowed: a number > 0 (line 3)"
    assert (error.field, error.value, error.note) == ("gamma", -1, " (line 3)")


def test_errors_of_files_name_the_key_as_an_attribute() -> None:
    text = """
    group = [{ count = 2, polarization = [0, 0, 1] }]
    schedule = { kind = "tournament", gamma = -0.1 }
    method = [{ kind = "independent" }]
    """
    with pytest.raises(QnuError) as caught:
        qnu.experiment.parse(text)
    assert caught.value.field == "schedule.gamma"
    assert caught.value.value == -0.1
    assert caught.value.note == " (line 3 of spec)"
