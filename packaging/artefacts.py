"""Build the sdist and the wheel, check their metadata, and try the wheel where nothing else is.

    python packaging/artefacts.py [--output dist]

is what ``make package`` runs; ``tests/packaging`` and ``release.py`` call the same functions.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

HOME = Path(__file__).resolve().parent.parent

#: What pip says where no index can be reached.
_NO_NETWORK = re.compile(
    r"NewConnectionError|NameResolutionError|ConnectTimeout|Name or service not known"
    r"|Temporary failure in name resolution|Network is unreachable|getaddrinfo failed"
)


class FailedError(Exception):
    """A command failed, or printed something else than it should."""


class NoNetworkError(FailedError):
    """The package index cannot be reached."""


def call(
    *command: str | Path, cwd: Path, environment: Mapping[str, str] | None = None, status: int = 0
) -> str:
    """What a command prints; an error with its last lines where its exit status is another."""
    words = [str(word) for word in command]
    done = subprocess.run(
        words, cwd=cwd, env=environment, capture_output=True, encoding="utf-8", errors="replace"
    )
    said = done.stdout + done.stderr
    if done.returncode != status:
        kind = NoNetworkError if _NO_NETWORK.search(said) else FailedError
        tail = "\n".join(said.strip().splitlines()[-15:])
        raise kind(f"{' '.join(words)}: exit status {done.returncode}\n{tail}")
    return said


def clean_environment() -> dict[str, str]:
    """The environment without what would lead Python back to a repository."""
    left_out = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "QNU_HOME")
    return {k: v for k, v in os.environ.items() if k not in left_out} | {"PYTHONUTF8": "1"}


def build(output: Path, home: Path = HOME) -> tuple[Path, Path]:
    """The sdist of a repository, and the wheel made from that sdist.

    Args:
        output: a folder; it gets the two files.
        home: the repository.

    Returns:
        the paths of the sdist and of the wheel, whose metadata ``twine check`` has passed.
    """
    with tempfile.TemporaryDirectory(prefix="qnu-build-") as folder:
        made = Path(folder)
        call(sys.executable, "-m", "build", "--outdir", made, home, cwd=made)
        files = [next(made.glob("*.tar.gz")), next(made.glob("*.whl"))]
        call(sys.executable, "-m", "twine", "check", "--strict", *files, cwd=made)
        output.mkdir(parents=True, exist_ok=True)
        sdist, wheel = (Path(shutil.copy(path, output)) for path in files)
    return sdist, wheel


def try_wheel(wheel: Path, version: str, home: Path = HOME, kernels: Path | None = None) -> None:
    """Install a wheel into an empty environment away from the repository, and use it there.

    Args:
        wheel: the file.
        version: what the installed package must say.
        home: the repository, for its ``constraints.txt``.
        kernels: a folder where the compiled loops of the same sources may be found; without it
            the wheel compiles all that it needs, which takes longer than everything else.
    """
    with tempfile.TemporaryDirectory(prefix="qnu-wheel-") as folder:
        place = Path(folder).resolve()
        binaries = place / "venv" / ("Scripts" if os.name == "nt" else "bin")
        outside = clean_environment()
        if kernels is not None:
            outside["NUMBA_CACHE_DIR"] = str(kernels)
        call(sys.executable, "-m", "venv", place / "venv", cwd=place, environment=outside)
        call(
            *(binaries / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"),
            *("--no-compile", "--constraint", home / "constraints.txt", wheel.resolve()),
            cwd=place,
            environment=outside,
        )
        _use(binaries, place / "work", outside, version)


def _use(binaries: Path, work: Path, outside: Mapping[str, str], version: str) -> None:
    """The first commands of somebody who has just installed qnu."""
    work.mkdir()

    def says(*expected: str, command: tuple[str, ...], status: int = 0) -> None:
        said = call(
            binaries / command[0], *command[1:], cwd=work, environment=outside, status=status
        )
        for text in expected:
            if text not in said:
                raise FailedError(f"{' '.join(command)}: {text!r} is not in\n{said}")

    where = "import qnu; print(qnu.__version__, qnu.__file__)"
    says(version, str(binaries.parent), command=("python", "-c", where))
    says("run", "compile", command=("qnu", "--help"))
    says("tournament_4", "two_groups_60_40", command=("qnu", "list"))
    says(command=("qnu", "validate", "tournament_4"))
    says("many_body", command=("qnu", "run", "tournament_4", "--output", "out"))
    for name in ("summary.json", "report.md"):
        if not (work / "out" / name).is_file():
            raise FailedError(f"qnu run: there is no {name}")
    # without the extra: a device that needs none, and one line for a device that does
    says(
        "two-qubit gates",
        command=("qnu", "compile", "tournament_4", "--hardware", "trapped_ions"),
    )
    says(
        "'.[ibm]'",
        command=("qnu", "compile", "tournament_4", "--hardware", "fake_torino"),
        status=2,
    )


def version_of(home: Path = HOME) -> str:
    """The version in ``qnu/version.py``."""
    text = (home / "qnu" / "version.py").read_text(encoding="utf-8")
    found = re.search(r'^__version__ = "(.+)"$', text, re.MULTILINE)
    if found is None:
        raise FailedError("qnu/version.py has no __version__")
    return found[1]


def package(output: Path, home: Path = HOME) -> tuple[Path, Path]:
    """Build both and try the wheel: ``(sdist, wheel)``."""
    sdist, wheel = build(output, home)
    try_wheel(wheel, version_of(home), home)
    return sdist, wheel


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="Build sdist and wheel, and try the wheel.")
    parser.add_argument("--output", type=Path, default=HOME / "dist", help="a folder for the files")
    output = parser.parse_args().output.resolve()
    try:
        for path in package(output):
            print(path)
    except FailedError as error:
        sys.exit(f"package: {error}")


if __name__ == "__main__":
    main()
