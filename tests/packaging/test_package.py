"""``python -m build`` makes files that work where the repository is not."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import qnu

HOME = Path(qnu.__file__).parent.parent

#: What an environment, a run or a tool leaves behind.
LEFTOVERS = ("__pycache__", ".nbi", ".nbc", ".pyc", "/results/", ".venv", "/dist/", "_cache/")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The sdist, and the wheel that was made from it."""
    sys.path.insert(0, str(HOME / "packaging"))
    try:
        import artefacts

        return artefacts.build(tmp_path_factory.mktemp("built"))
    except artefacts.NoNetworkError as error:
        if os.environ.get("CI"):  # there it has to run
            raise
        pytest.skip(f"no package index can be reached, from which hatchling comes: {error}")
    finally:
        sys.path.remove(str(HOME / "packaging"))


def test_the_wheel_has_the_package_with_its_catalogue_and_nothing_else(files) -> None:
    with zipfile.ZipFile(files[1]) as wheel:
        names = set(wheel.namelist())
    assert files[1].name == f"qnu-{qnu.__version__}-py3-none-any.whl"
    for name in ("circuits/tournament_4.toml", "hardware_configs/fake_torino.toml"):
        assert f"qnu/_catalogue/{name}" in names
    assert {"qnu/py.typed", "qnu/version.py"} <= names
    assert {name.split("/")[0] for name in names} == {"qnu", f"qnu-{qnu.__version__}.dist-info"}
    assert not [name for name in names if any(part in name for part in LEFTOVERS)]


def test_the_sdist_has_what_a_packager_needs(files) -> None:
    with tarfile.open(files[0]) as sdist:
        names = {name.partition("/")[2] for name in sdist.getnames()}
    for name in ("LICENSE", "README.md", "CHANGELOG.md", "CITATION.cff", "constraints.txt"):
        assert name in names
    folders = ("qnu", "tests", "circuits", "hardware_configs", "docs", "notebooks", "packaging")
    if (HOME / ".git").exists():
        command = ["git", "ls-files", "--cached", *folders]
        done = subprocess.run(command, cwd=HOME, capture_output=True, encoding="utf-8", check=True)
        tracked = {name for name in done.stdout.splitlines() if (HOME / name).exists()}
        assert tracked <= names
    assert not [name for name in names if any(part in f"/{name}" for part in LEFTOVERS)]


def test_the_wheel_works_in_an_empty_environment(files) -> None:
    import artefacts

    try:
        # `make package` has the wheel compile its loops; here other tests have done it
        compiled = HOME / "qnu" / "__pycache__"
        artefacts.try_wheel(files[1], qnu.__version__, kernels=compiled)
    except artefacts.NoNetworkError as error:
        if os.environ.get("CI"):  # there it has to run
            raise
        pytest.skip(f"no package index can be reached, from which the libraries come: {error}")


def test_what_cannot_be_reached_is_told_from_what_fails(tmp_path: Path) -> None:
    import artefacts

    offline = "import sys; sys.exit('NewConnectionError: Failed to establish a new connection')"
    with pytest.raises(artefacts.NoNetworkError):
        artefacts.call(sys.executable, "-c", offline, cwd=tmp_path)
    with pytest.raises(artefacts.FailedError, match="exit status 3") as error:
        artefacts.call(sys.executable, "-c", "raise SystemExit(3)", cwd=tmp_path)
    assert not isinstance(error.value, artefacts.NoNetworkError)
