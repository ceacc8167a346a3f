"""A release is all there, or nothing has changed; the version is the same everywhere."""

from __future__ import annotations

import hashlib
import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest

import qnu

HOME = Path(qnu.__file__).parent.parent
NEWS = "- Something is new.\n"


def git(place: Path, *arguments: str) -> str:
    words = ["git", *arguments]
    done = subprocess.run(words, cwd=place, capture_output=True, encoding="utf-8", check=True)
    return done.stdout.strip()


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """What a release reads and writes, on main, with news and an earlier ``dist``."""
    place = tmp_path / "qnu"
    (place / "qnu").mkdir(parents=True)
    for name in ("pyproject.toml", "CITATION.cff", "CHANGELOG.md", "qnu/version.py"):
        shutil.copy(HOME / name, place / name)
    changelog = place / "CHANGELOG.md"
    text = changelog.read_text(encoding="utf-8")
    before, heading, after = text.partition("\n## 0.2.0 ")
    head = before.partition("\n## Unreleased\n")[0]
    text = f"{head}\n## Unreleased\n\n{NEWS}{heading}{after}"
    changelog.write_text(text, encoding="utf-8")
    (place / ".gitignore").write_text("dist/\n.dist.*/\n", encoding="utf-8")
    git(place, "init", "--quiet", "--initial-branch", "main")
    git(place, "config", "user.name", "A tester")
    git(place, "config", "user.email", "tester@example.org")
    git(place, "add", "--all")
    git(place, "commit", "--quiet", "--message", "All")
    (place / "dist").mkdir()
    (place / "dist" / "earlier").write_text("earlier", encoding="utf-8")
    return place


def make(folder: Path, home: Path) -> None:
    """In place of sdist and wheel: which commit they are made from."""
    assert git(home, "status", "--porcelain") == ""
    for name in ("qnu.tar.gz", "qnu.whl"):
        text = f"{name} of {git(home, 'describe', '--exact-match')}"
        (folder / name).write_text(text, encoding="utf-8")


def state(place: Path) -> tuple[str, ...]:
    """Everything that a refusal leaves as it was."""
    files = [p for p in sorted(place.rglob("*")) if p.is_file() and ".git" not in p.parts]
    text = "".join(f"{path} {path.read_bytes()!r}" for path in files)
    refs = git(place, "for-each-ref")
    return refs, git(place, "rev-parse", "--abbrev-ref", "HEAD"), text


def test_version_changelog_and_citation_are_in_step() -> None:
    changelog = (HOME / "CHANGELOG.md").read_text(encoding="utf-8")
    released = re.findall(r"^## (\d\S*) \((\d{4}-\d\d-\d\d)\)$", changelog, re.MULTILINE)
    citation = (HOME / "CITATION.cff").read_text(encoding="utf-8")
    cited = re.findall(r"^version: (\S+)\ndate-released: (\S+)$", citation, re.MULTILINE)
    assert cited == released[:1]
    assert released[0][0] == qnu.__version__
    assert changelog.count("\n## Unreleased\n") == 1


def test_a_release_is_a_commit_a_tag_and_files_with_their_hashes(repository: Path) -> None:
    import release

    first, today = git(repository, "rev-parse", "HEAD"), datetime.now(UTC)
    tag, dist = release.release(repository, "0.9.0", make)
    assert tag == "v0.9.0"
    assert git(repository, "cat-file", "-t", tag) == "tag"  # an annotated one
    assert git(repository, "rev-parse", f"{tag}^{{commit}}", "main~1").split() == [
        git(repository, "rev-parse", "main"),
        first,
    ]
    assert git(repository, "rev-parse", "--abbrev-ref", "HEAD") == "main"
    assert git(repository, "status", "--porcelain") == ""
    version = (repository / "qnu" / "version.py").read_text(encoding="utf-8")
    assert '__version__ = "0.9.0"' in version
    citation = (repository / "CITATION.cff").read_text(encoding="utf-8")
    assert f"\nversion: 0.9.0\ndate-released: {today:%Y-%m-%d}\n" in citation
    assert citation.count("title:") == (HOME / "CITATION.cff").read_text("utf-8").count("title:")
    changelog = (repository / "CHANGELOG.md").read_text(encoding="utf-8")
    new = f"\n\n## Unreleased\n\nNothing yet.\n\n## 0.9.0 ({today:%Y-%m-%d})\n\n{NEWS}\n## 0.2.0 "
    assert new in changelog
    assert {path.name for path in dist.iterdir()} == {"qnu.tar.gz", "qnu.whl", "SHA256SUMS"}
    for line in (dist / "SHA256SUMS").read_text(encoding="utf-8").splitlines():
        digest, name = line.split("  ")
        content = (dist / name).read_bytes()
        assert hashlib.sha256(content).hexdigest() == digest
        assert content.endswith(b" of v0.9.0")
    assert {path.name for path in repository.iterdir()} == {
        *(".git", ".gitignore", "pyproject.toml", "CITATION.cff", "CHANGELOG.md", "qnu", "dist")
    }


def change(repository: Path, name: str, old: str, new: str) -> None:
    path = repository / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")
    git(repository, "commit", "--quiet", "--all", "--message", "Changed")


REFUSALS = {
    "dirty": ("0.9.0", "the working tree has changes"),
    "branch": ("0.9.0", "this is the branch other; a release is made on main"),
    "same": (qnu.__version__, f"got {qnu.__version__}; allowed: newer than {qnu.__version__}"),
    "older": ("0.1.9", "got 0.1.9; allowed: newer than"),
    "no version": ("next", "got 'next'; allowed: such as 0.3.0 (PEP 440)"),
    "another form": ("v0.9.0", "got 'v0.9.0'; allowed: three numbers"),
    "two numbers": ("0.9", "got '0.9'; allowed: three numbers"),
    "tag": ("0.9.0", "the tag v0.9.0 exists already"),
    "no news": ("0.9.0", "nothing stands under Unreleased"),
    "no heading": ("0.9.0", "nothing stands under Unreleased"),
    "interrupted": ("0.9.0", "a release was interrupted: .dist.old has the earlier dist"),
    "local": ("0.9.0+mine", "got '0.9.0+mine'; allowed: three numbers"),
    "development": ("0.9.0.dev1", "got '0.9.0.dev1'; allowed: three numbers"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_a_release_that_cannot_be_is_one_line_and_changes_nothing(
    case: str, repository: Path
) -> None:
    import release

    match case:
        case "dirty":
            (repository / "new.txt").write_text("new", encoding="utf-8")
        case "branch":
            git(repository, "checkout", "--quiet", "-b", "other")
        case "tag":
            git(repository, "tag", "v0.9.0")
        case "no news":
            change(repository, "CHANGELOG.md", NEWS, "Nothing yet.\n")
        case "interrupted":
            (repository / "dist").rename(repository / ".dist.old")
        case "no heading":
            change(repository, "CHANGELOG.md", "## Unreleased\n", "## Later\n")
    version, reason = REFUSALS[case]
    before = state(repository)
    with pytest.raises(release.RefusedError, match=re.escape(reason)) as error:
        release.release(repository, version, make)
    assert "\n" not in str(error.value)
    assert state(repository) == before


@pytest.mark.parametrize("when", ["build", "changed meanwhile", "merge", "interrupted at the end"])
def test_a_release_that_fails_on_the_way_changes_nothing(
    when: str, repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import release

    if when == "merge":  # a hook of the user ends it after tag and files are in place
        hook = repository / ".git" / "hooks" / "reference-transaction"
        hook.parent.mkdir(exist_ok=True)
        refuse = '#!/bin/sh\n[ "$1" = prepared ] && grep -q "refs/heads/main" && exit 1\nexit 0\n'
        hook.write_text(refuse, encoding="utf-8", newline="\n")
        hook.chmod(0o755)  # Git for Windows runs it without
    before = state(repository)
    run = release.git

    def interrupted(home: Path, *arguments: str | Path) -> str:
        said = run(home, *arguments)
        if arguments[0] == "merge":
            raise KeyboardInterrupt
        return said

    if when == "interrupted at the end":
        monkeypatch.setattr(release, "git", interrupted)

    def fails(folder: Path, home: Path) -> None:
        make(folder, home)
        if when == "build":
            raise release.FailedError("the wheel does not run")
        if when == "changed meanwhile":
            (repository / "new.txt").write_text("new", encoding="utf-8")

    with pytest.raises((release.FailedError, release.RefusedError, KeyboardInterrupt)):
        release.release(repository, "0.9.0", fails)
    (repository / "new.txt").unlink(missing_ok=True)
    assert state(repository) == before


def test_what_somebody_writes_while_main_moves_is_kept(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import release

    before = git(repository, "for-each-ref")
    run = release.git

    def edited_before_the_merge(home: Path, *arguments: str | Path) -> str:
        if arguments[0] == "merge":
            (home / "CHANGELOG.md").write_text("written meanwhile", encoding="utf-8")
        return run(home, *arguments)

    monkeypatch.setattr(release, "git", edited_before_the_merge)
    with pytest.raises(release.FailedError, match=r"CHANGELOG\.md"):
        release.release(repository, "0.9.0", make)
    assert (repository / "CHANGELOG.md").read_text(encoding="utf-8") == "written meanwhile"
    assert git(repository, "for-each-ref") == before
    assert [path.name for path in (repository / "dist").iterdir()] == ["earlier"]


def test_a_commit_made_meanwhile_stays_and_there_is_no_release(repository: Path) -> None:
    import release

    def commits(folder: Path, home: Path) -> None:
        make(folder, home)
        (repository / "new.txt").write_text("new", encoding="utf-8")
        git(repository, "add", "new.txt")
        git(repository, "commit", "--quiet", "--message", "Meanwhile")

    with pytest.raises(release.RefusedError, match="has changed meanwhile"):
        release.release(repository, "0.9.0", commits)
    assert git(repository, "log", "-1", "--format=%s") == "Meanwhile"
    assert git(repository, "status", "--porcelain") == ""
    assert git(repository, "tag", "--list") == ""
    assert [path.name for path in (repository / "dist").iterdir()] == ["earlier"]
