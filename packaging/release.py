"""Everything of a release up to the upload, in one command.

    python packaging/release.py 0.3.0

is what ``make release VERSION=0.3.0`` runs. The version is raised, committed, tagged, built and
tried in a temporary clone; the branch main, the tag and ``dist`` change only when all of it has
worked.
"""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from artefacts import HOME, FailedError, call, package, version_of
from packaging.version import InvalidVersion, Version

EMPTY = "Nothing yet."


class RefusedError(Exception):
    """Why there can be no such release now."""


def git(home: Path, *arguments: str | Path) -> str:
    """What git says in a repository."""
    return call("git", *arguments, cwd=home).strip()


def unreleased(changelog: str) -> str:
    """What stands under the heading *Unreleased*; nothing where there is no such heading."""
    found = re.search(r"^## Unreleased\n(.*?)(?=^## |\Z)", changelog, re.MULTILINE | re.DOTALL)
    text = "" if found is None else found[1].strip()
    return "" if text == EMPTY else text


def check(home: Path, version: str) -> None:
    """An error of one line where the repository or the version is not ready."""
    try:
        wanted = Version(version)
    except InvalidVersion:
        raise RefusedError(f"VERSION: got {version!r}; allowed: such as 0.3.0 (PEP 440)") from None
    if str(wanted) != version or len(wanted.release) != 3 or wanted.local or wanted.is_devrelease:
        raise RefusedError(f"VERSION: got {version!r}; allowed: three numbers, such as 0.3.0")
    branch = git(home, "rev-parse", "--abbrev-ref", "HEAD")
    if branch != "main":
        raise RefusedError(f"this is the branch {branch}; a release is made on main")
    if git(home, "status", "--porcelain"):
        raise RefusedError("the working tree has changes; commit or remove them first")
    now = version_of(home)
    if wanted <= Version(now):
        raise RefusedError(f"VERSION: got {version}; allowed: newer than {now}")
    if git(home, "tag", "--list", f"v{version}"):
        raise RefusedError(f"the tag v{version} exists already")
    if not unreleased((home / "CHANGELOG.md").read_text(encoding="utf-8")):
        raise RefusedError("CHANGELOG.md: nothing stands under Unreleased")
    if (home / ".dist.old").exists():
        raise RefusedError(
            "a release was interrupted: .dist.old has the earlier dist; move or remove it"
        )


def set_version(home: Path, version: str) -> None:
    """The version, and the date of today (UTC), in every file that has them."""
    now = version_of(home)
    command = ("bump", "--current-version", now, "--new-version", version, "--no-commit")
    call(sys.executable, "-m", "bumpversion", *command, "--no-tag", cwd=home)
    if version_of(home) != version:
        raise FailedError(f"bump-my-version left qnu/version.py at {version_of(home)}")


def write_hashes(folder: Path) -> None:
    """``SHA256SUMS`` of all files of a folder, as ``sha256sum --check`` reads it."""
    lines = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in sorted(folder.iterdir())
    ]
    (folder / "SHA256SUMS").write_text("".join(lines), encoding="utf-8", newline="\n")


def release(
    home: Path, version: str, make: Callable[[Path, Path], object] = package
) -> tuple[str, Path]:
    """The commit and the annotated tag of a version on main, and its files in ``dist``.

    Args:
        home: the repository.
        version: the new one.
        make: builds and tries the files: ``make(folder, home)``.

    Returns:
        the name of the tag, and the folder ``dist``.
    """
    check(home, version)
    before, tag = git(home, "rev-parse", "HEAD"), f"v{version}"
    with tempfile.TemporaryDirectory(prefix="qnu-release-") as folder:
        clone, made = Path(folder) / "qnu", Path(folder) / "dist"
        git(home, "clone", "--quiet", "--no-hardlinks", "--branch", "main", home, clone)
        for key in ("user.name", "user.email"):
            git(clone, "config", key, git(home, "config", key))
        set_version(clone, version)
        git(clone, "commit", "--quiet", "--all", "--message", f"qnu {version}")
        git(clone, "tag", "--annotate", tag, "--message", f"qnu {version}")
        made.mkdir()
        make(made, clone)
        write_hashes(made)
        _publish(home, clone, before, tag, made)
    return tag, home / "dist"


def _publish(home: Path, clone: Path, before: str, tag: str, made: Path) -> None:
    """Move main and the tag, then put the files in place; all of it or nothing."""
    dist, arriving, earlier = (home / name for name in ("dist", ".dist.new", ".dist.old"))
    shutil.rmtree(arriving, ignore_errors=True)
    tagged = merging = False
    try:
        shutil.copytree(made, arriving)
        if git(home, "rev-parse", "HEAD") != before or git(home, "status", "--porcelain"):
            raise RefusedError("the repository has changed meanwhile; try again")
        git(home, "fetch", "--quiet", "--no-tags", clone, f"refs/tags/{tag}:refs/tags/{tag}")
        tagged = True
        if dist.exists():
            dist.rename(earlier)
        arriving.rename(dist)
        merging = True
        git(home, "merge", "--quiet", "--ff-only", f"{tag}^{{commit}}")
    except BaseException:
        if merging:
            _put_back(home, before, tag)
        if tagged:
            git(home, "tag", "--delete", tag)
        if not arriving.exists() and dist.exists():
            shutil.rmtree(dist)
        if earlier.exists():
            earlier.rename(dist)
        shutil.rmtree(arriving, ignore_errors=True)
        raise
    shutil.rmtree(earlier, ignore_errors=True)


def _put_back(home: Path, before: str, tag: str) -> None:
    """Main and the working tree as they were, but for what somebody has written meanwhile."""
    after = git(home, "rev-parse", f"{tag}^{{commit}}")
    if git(home, "rev-parse", "HEAD") == after:
        git(home, "update-ref", "refs/heads/main", before, after)
    was, new = (set(git(home, "diff", "--name-only", side).split("\n")) for side in (before, after))
    if not (was & new) - {""}:  # no file is neither as it was nor as released
        git(home, "read-tree", "--reset", "-u", before)


def main() -> None:
    """The command line."""
    if len(sys.argv) != 2 or not sys.argv[1]:
        sys.exit("release: which version? make release VERSION=0.3.0")
    try:
        tag, dist = release(HOME, sys.argv[1])
    except (RefusedError, FailedError) as error:
        sys.exit(f"release: {error}")
    print(
        f"main and the tag {tag} are ready; the files and their hashes are in {dist}. To publish:"
    )
    print(f"  git push origin main {tag}")
    print(f"  python -m twine upload {dist.name}/*.whl {dist.name}/*.tar.gz")


if __name__ == "__main__":
    main()
