"""Text files of other programs: separators, comments, numbers, and mistakes with their line."""

from __future__ import annotations

import io

import numpy as np
import pytest

from qnu.common.text_tables import read
from qnu.errors import QnuError

ROWS = [[0.0, 1.0, 0.1 + 0.2], [1.0, 2.0, 1e-300]]


def written(separator: str, end: str = "\n", head: str = "") -> str:
    lines = [separator.join(map(repr, row)) for row in ROWS]
    return head + end.join([separator.join("abc"), *lines, ""])


@pytest.mark.parametrize(
    "content",
    [
        written(",").encode(),
        written(";").encode(),
        written("\t").encode(),
        written(" ").encode(),
        written("  ", "\r\n").encode(),
        written(",", "\r").encode(),
        written(", ").encode("utf-8-sig"),
        written(";").replace(".", ",").encode(),
        written("\t").replace(".", ",").encode(),
        written(",").encode("utf-16"),
        written(",", head="# a program of mine, 2024\n\n").encode(),
        written(",").replace("\n", "  # note, with a comma\n").encode(),
        written(",").replace("\n", ",\n").encode(),
        written(",").replace("a,b,c", "# a,b,c").encode(),
        written(" ").replace("a b c", "#a b c").encode(),
        ("a b c\n" + written(" ").partition("\n")[2].replace("e-", "D-")).encode(),
        b'"a","b","c"\n"0","1","0.30000000000000004"\n"1","2","1e-300"\n',
    ],
)
def test_every_way_to_write_a_table_gives_the_same_numbers(content: bytes) -> None:
    table = read(content, "t.csv")
    assert table.names[:3] == ("a", "b", "c")
    assert np.array_equal(table.numbers("a", "b", "c"), np.array(ROWS).T)
    assert np.array_equal(table.numbers("c"), np.array(ROWS)[:, 2])


def test_a_table_of_savetxt_is_read_to_the_last_bit() -> None:
    numbers = np.random.default_rng(1).normal(size=(50, 3))
    for separator in (" ", ",", ";"):
        text = io.StringIO()
        np.savetxt(text, numbers, fmt="%.17g", header="a b c", delimiter=separator)
        assert np.array_equal(read(text.getvalue().encode(), "t").numbers(*"abc"), numbers.T)


def test_names_can_be_given_for_a_file_without() -> None:
    table = read(b" 1 2\n 3 4\n", "t.dat", ["i", "j"])
    assert table.numbers("j").tolist() == [2.0, 4.0]


def test_other_columns_may_hold_texts() -> None:
    table = read(b'flavor,a\n"nu_e, left",1\nnu_x,2\n', "t.csv")
    assert table.numbers("a").tolist() == [1.0, 2.0]


def test_a_row_knows_its_line() -> None:
    table = read(b"# head\n\na\n1\n\n# between\n2\n", "t.csv")
    assert [table.line(row) for row in (0, 1)] == [4, 7]
    assert table.where(1) == "t.csv, line 7"


def test_truths_are_words_or_numbers() -> None:
    table = read(b"a\ntrue\nF\n.TRUE.\n0\n1.0\n", "t.csv")
    assert table.truths("a").tolist() == [True, False, True, False, True]
    with pytest.raises(QnuError, match=r"^t.csv, line 2: a: got 'maybe'; allowed: true or false"):
        read(b"a\nmaybe\n", "t.csv").truths("a")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "t.csv: got no line with names of columns"),
        (b"# nothing\n", "t.csv: got no line with names of columns"),
        (b"a,b\n", "t.csv: got no rows"),
        (b"1,2\n3,4\n", "t.csv, line 1: got '1,2', no names of columns"),
        (b"a,b\n1,2\n\n3\n", "t.csv, line 4: got 1 value; allowed: 2, one for each of: a, b"),
        (b"a,b\n1,2,3\n", "t.csv, line 2: got 3 values; allowed: 2"),
        (b"a,b\n0,5,1,5\n", "t.csv, line 2: got 4 values"),
        (b"a,a\n1,2\n", "t.csv: got two columns 'a'"),
        (b"a,b\n1,2\n1,x\n", "t.csv, line 3: b: got 'x'; allowed: a number"),
        (b"a,b\n1,2\n1,\n", "t.csv, line 3: b: got nothing; allowed: a number"),
        (b"a,b\n1,1_000\n", "t.csv, line 2: b: got '1_000'; allowed: a number"),
        (b"\x89HDF\r\n\x1a\n", "t.csv: got something else than text"),
        (b"a,b\n1,2\0\n", "t.csv: got something else than text"),
    ],
)
def test_a_mistake_is_one_line_with_the_line_of_the_file(content: bytes, message: str) -> None:
    with pytest.raises(QnuError) as caught:
        read(content, "t.csv").numbers("a", "b")
    assert str(caught.value).startswith(message)
    assert str(caught.value).isprintable()
