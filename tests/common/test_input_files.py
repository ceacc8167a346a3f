"""Files that an experiment file names: read once, kept with their content, found again."""

import json
from pathlib import Path

import pytest

from qnu import QnuError
from qnu.common.input_files import LIST, InputFiles, keep, kept_in, written


def test_paths_are_relative_to_the_folder_of_the_experiment_file(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "pairs.csv").write_bytes(b"one")
    files = InputFiles.of(tmp_path / "a" / "gas.toml")
    assert files.read("file", "pairs.csv") == b"one"
    assert files.used == {"pairs.csv": b"one"}


def test_a_file_is_read_once(tmp_path: Path) -> None:
    (tmp_path / "pairs.csv").write_bytes(b"one")
    files = InputFiles(tmp_path)
    files.read("file", "pairs.csv")
    (tmp_path / "pairs.csv").write_bytes(b"two")
    assert files.read("file", "pairs.csv") == b"one"


@pytest.mark.parametrize("path", ["", " ", 3, None, "nothing.csv", "."])
def test_what_cannot_be_read_is_one_line_with_the_field(path: object, tmp_path: Path) -> None:
    with pytest.raises(QnuError, match=r"^schedule.file: got .*; allowed: .*file") as caught:
        InputFiles(tmp_path).read("schedule.file", path)
    assert "\n" not in str(caught.value)


def test_copies_are_found_by_the_path_that_the_experiment_file_has(tmp_path: Path) -> None:
    contents = {"../a/pairs.csv": b"one", "b/pairs.csv": b"two", "C:\\c\\Pairs.csv": b"three"}
    keep(contents, tmp_path)
    assert kept_in(tmp_path) == contents
    names = sorted(p.name.lower() for p in (tmp_path / "inputs").iterdir())
    assert names == ["2-pairs.csv", "3-pairs.csv", "pairs.csv"]
    on_disk = {str(p.relative_to(tmp_path).as_posix()) for p in (tmp_path / "inputs").iterdir()}
    assert written(tmp_path) == {LIST, *on_disk}


def test_the_copies_of_a_result_folder_come_before_other_files(tmp_path: Path) -> None:
    keep({"pairs.csv": b"as it was run"}, tmp_path)
    (tmp_path / "pairs.csv").write_bytes(b"of today")
    assert InputFiles.of(tmp_path / "spec.toml").read("file", "pairs.csv") == b"as it was run"


def test_nothing_is_written_where_nothing_was_read(tmp_path: Path) -> None:
    keep({}, tmp_path)
    assert not list(tmp_path.iterdir())
    assert kept_in(tmp_path) == {}
    assert written(tmp_path) == set()


def test_a_copy_that_was_changed_is_refused(tmp_path: Path) -> None:
    keep({"pairs.csv": b"one"}, tmp_path)
    (tmp_path / "inputs" / "pairs.csv").write_bytes(b"two")
    with pytest.raises(QnuError, match=r"it was changed"):
        kept_in(tmp_path)
    (tmp_path / "inputs" / "pairs.csv").unlink()
    with pytest.raises(QnuError, match=r"the copy of pairs.csv"):
        kept_in(tmp_path)


@pytest.mark.parametrize("text", ["", "{", "3", "[3]", json.dumps([{"path": "a"}])])
def test_a_damaged_list_is_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / LIST).write_text(text, encoding="utf-8")
    with pytest.raises(QnuError, match=r"^inputs: got .*the list that `qnu run` wrote"):
        kept_in(tmp_path)


def test_a_folder_that_is_used_again_has_the_copies_of_the_last_time(tmp_path: Path) -> None:
    keep({"a.csv": b"one", "b.csv": b"two"}, tmp_path)
    keep({"a.csv": b"three"}, tmp_path)
    assert kept_in(tmp_path) == {"a.csv": b"three"}
    keep({}, tmp_path)
    assert kept_in(tmp_path) == {}


def test_a_list_of_another_program_is_not_looked_at(tmp_path: Path) -> None:
    (tmp_path / LIST).write_text('{"of": "another program"}', encoding="utf-8")
    (tmp_path / "pairs.csv").write_bytes(b"one")
    assert InputFiles.of(tmp_path / "gas.toml").read("file", "pairs.csv") == b"one"


@pytest.mark.parametrize("file", ["/etc/hostname", "inputs/../spec.toml", "inputs/..", "a.csv", ""])
def test_copies_are_nowhere_but_in_inputs(file: str, tmp_path: Path) -> None:
    """What a result folder lists is deleted when it is replaced."""
    entry = {"path": "a.csv", "file": file, "sha256": "0"}
    (tmp_path / LIST).write_text(json.dumps([entry]), encoding="utf-8")
    assert written(tmp_path) == set()
    with pytest.raises(QnuError, match="the list that `qnu run` wrote"):
        kept_in(tmp_path)
