"""Where numbers were computed."""

import datetime
import subprocess
from pathlib import Path

import pytest

from qnu.common import provenance as module
from qnu.common.provenance import Provenance, provenance
from qnu.version import __version__


def test_it_says_when_where_and_with_what() -> None:
    made = provenance("qnu run a b")
    age = datetime.datetime.now().astimezone() - datetime.datetime.fromisoformat(made.date)
    assert abs(age) < datetime.timedelta(minutes=1)
    assert made.qnu == __version__
    assert made.command == "qnu run a b"
    assert made.cores >= 1
    assert made.processor
    assert Provenance.of(made.entry()) == made


def test_the_commit_is_that_of_the_checkout_and_dirty_where_a_file_differs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def git(*arguments: str) -> str:
        who = ["-c", "user.name=a", "-c", "user.email=a@b"]
        done = subprocess.run(
            ["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    place = tmp_path / "qnu" / "common" / "provenance.py"
    place.parent.mkdir(parents=True)
    place.write_text("one", encoding="utf-8")
    git("init", "-q")
    git("add", ".")
    git("commit", "-qm", "first")
    monkeypatch.setattr(module, "__file__", str(place))
    other = tmp_path.with_name("other")  # as in a hook of another repository
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_INDEX_FILE", str(other / ".git" / "index"))
    clean = provenance()
    monkeypatch.undo()
    monkeypatch.setattr(module, "__file__", str(place))
    assert (clean.commit, clean.dirty) == (git("rev-parse", "HEAD"), False)
    assert clean.version == f"{__version__} (commit {clean.commit[:12]})"
    (tmp_path / "notes.txt").write_text("not in git", encoding="utf-8")
    assert provenance().dirty is False
    place.write_text("two", encoding="utf-8")
    assert provenance().dirty is True
    assert provenance().version.endswith(", with changes that are not committed)")


def test_an_installed_package_has_no_commit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "__file__", str(tmp_path / "a" / "b" / "c.py"))
    made = provenance()
    assert (made.commit, made.dirty, made.version) == ("", None, __version__)


def test_without_git_the_commit_is_not_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    assert provenance().dirty is None


@pytest.mark.parametrize("entry", [None, 3, "text", {}, {"date": "today"}])
def test_what_earlier_versions_wrote_is_not_known(entry: object) -> None:
    assert Provenance.of(entry) is None
