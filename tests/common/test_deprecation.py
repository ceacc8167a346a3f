"""What is deprecated says what takes its place, and the version in which it goes."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from packaging.version import Version

import qnu
from qnu.common.deprecation import renamed_keyword, warn_renamed
from qnu.quantum import jobs
from qnu.schedules.wiring import Wiring

ROOT = Path(qnu.__file__).parent


@renamed_keyword("colour", "color", until="0.9")
def paint(*, color: str = "red") -> str:
    return color


WIRING = {"edges": [(7, 8)], "sites": [8, 7]}
DEPRECATED: dict[str, tuple[Callable[[], object], str]] = {
    "keyword": (lambda: paint(colour="blue"), "paint: the keyword colour is now called color"),
    "name": (lambda: jobs.Office, "qnu.quantum.jobs.Office is now called JobRunner"),
    "argument": (
        lambda: Wiring(**WIRING, traded=[True]),
        "Wiring.traded is now called swapped",
    ),
    "attribute": (
        lambda: Wiring(**WIRING, swapped=[True]).traded,
        "Wiring.traded is now called swapped",
    ),
}


@pytest.mark.parametrize("kind", DEPRECATED)
def test_what_is_deprecated_warns_where_it_is_used_with_the_version_in_which_it_goes(
    kind: str,
) -> None:
    use, text = DEPRECATED[kind]
    with pytest.warns(DeprecationWarning, match=re.escape(text) + r" \(until qnu \d+\.\d+\)$") as w:
        assert use() is not None
    assert len(w) == 1
    assert w[0].filename == __file__  # the line of the user, which Python shows


def test_the_present_names_say_nothing() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert paint(color="blue") == "blue"
        assert Wiring(**WIRING, swapped=[True]).swapped.tolist() == [True]


def test_both_names_at_once_are_an_error() -> None:
    with pytest.raises(qnu.QnuError, match="colour: got 'blue'; allowed: only color"):
        paint(colour="blue", color="red")


def test_all_that_is_deprecated_names_its_version_and_is_gone_by_then() -> None:
    code = {p: p.read_text(encoding="utf-8") for p in ROOT.rglob("*.py")}
    others = {p: text for p, text in code.items() if p.name != "deprecation.py"}
    assert not [p for p, text in others.items() if "DeprecationWarning" in text]
    calls = [
        call
        for text in others.values()
        for call in re.findall(r"(?:@renamed_keyword|\bwarn_renamed)\([^)]*\)", text)
    ]
    assert len(calls) >= 9
    for call in calls:
        version = re.search(r'"(\d+\.\d+)"', call)
        assert version is not None, call
        assert Version(qnu.__version__) < Version(version[1]), f"{call} has to go"


def test_the_message_is_the_one_of_the_policy() -> None:
    with pytest.warns(DeprecationWarning, match=r"^a is now called b \(until qnu 0\.9\)$"):
        warn_renamed("a", "b", "0.9")
