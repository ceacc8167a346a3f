"""Compiled loops on disk always fit the sources, wherever they can be kept, and settings of numba
that cannot work are refused in one line."""

from __future__ import annotations

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

import qnu
from qnu.common import kernel_cache

PACKAGE = Path(qnu.__file__).parent
CALLEE = "from ..common.jit import njit\n\n@njit\ndef factor(x):\n    return {number} * x\n"
CALLER = (
    "from ..common.jit import njit\nfrom .callee import factor\n\n"
    "@njit\ndef scaled(x):\n    return factor(x)\n"
)
RUN = (
    "from qnu.engine.caller import scaled;print(scaled(1.0), sum(scaled.stats.cache_hits.values()))"
)
NOBODY = 65534


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A package of its own, with a loop that calls another one in another file."""
    place = tmp_path / "installed"
    copied_to(place)
    return place


def copied_to(place: Path) -> None:
    shutil.copytree(PACKAGE, place / "qnu", ignore=shutil.ignore_patterns("__pycache__"))
    (place / "qnu/engine/callee.py").write_text(CALLEE.format(number=2), encoding="utf-8")
    (place / "qnu/engine/caller.py").write_text(CALLER, encoding="utf-8")


def run(place: Path, code: str = RUN, env: dict[str, str] | None = None) -> str:
    settings = {k: v for k, v in os.environ.items() if not k.startswith("NUMBA_")}
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=settings | {"PYTHONPATH": str(place)} | (env or {}),
        cwd="/",
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip() + done.stderr.strip()


def folders(place: Path) -> list[Path]:
    return sorted((place / "qnu/__pycache__").glob("kernels-*"))


def test_a_change_in_another_file_is_seen(copy: Path) -> None:
    assert run(copy) == "2.0 0"
    assert run(copy) == "2.0 1"
    (copy / "qnu/engine/callee.py").write_text(CALLEE.format(number=3), encoding="utf-8")
    assert run(copy) == "3.0 0"
    assert run(copy) == "3.0 1"
    assert len(folders(copy)) == 2


def test_folders_of_old_versions_do_not_pile_up(copy: Path) -> None:
    place = copy / "qnu/__pycache__"
    for k in range(9):
        old = place / f"kernels-{k:020x}"
        old.mkdir(parents=True)
        os.utime(old, (k, k))
    (place / "kernels-of-somebody").mkdir()
    run(copy)
    left = [path.name for path in folders(copy)]
    assert len(left) == kernel_cache.KEPT + 2
    assert {f"kernels-{k:020x}" for k in range(5, 9)} | {"kernels-of-somebody"} < set(left)


def test_damaged_files_are_compiled_again(copy: Path) -> None:
    run(copy)
    (place,) = folders(copy)
    for file in place.iterdir():
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    assert run(copy) == "2.0 0"
    assert run(copy) == "2.0 1"
    for file in place.iterdir():
        file.write_bytes(b"")
    assert run(copy) == "2.0 0"


def test_writers_side_by_side_do_not_mix_up_their_loops(copy: Path) -> None:
    """Each compiles the same loop for an argument of another type, all at one time."""
    code = (
        "import numpy as np; from qnu.engine.caller import scaled;"
        "x = np.dtype('{0}').type(3); print(scaled(x), sum(scaled.stats.cache_hits.values()))"
    )
    types = ["int8", "float32", "float64", "complex128"]
    for hits in ("0", "1"):
        running = [
            subprocess.Popen(
                [sys.executable, "-c", code.format(name)],
                env=os.environ | {"PYTHONPATH": str(copy)},
                cwd="/",
                stdout=subprocess.PIPE,
                text=True,
            )
            for name in types
        ]
        for name, one in zip(types, running, strict=True):
            said = one.communicate()[0].split()
            assert complex(said[0]) == 6, name
            assert said[1] == hits, name


def test_a_folder_of_the_users_own_is_taken(copy: Path, tmp_path: Path) -> None:
    own = {"NUMBA_CACHE_DIR": str(tmp_path / "own")}
    assert run(copy, env=own) == "2.0 0"
    assert run(copy, env=own) == "2.0 1"
    assert len(list((tmp_path / "own").glob("kernels-*/*.nbc"))) >= 1
    assert not folders(copy)


as_root = pytest.mark.skipif(
    not hasattr(os, "getuid") or os.getuid() != 0, reason="only root can become another user"
)


#: Python itself may be where only root can read: all that it needs is loaded before.
BECOME_NOBODY = f"""
import numba, os, platformdirs, psutil, secrets, shutil, tempfile
numba.njit(lambda x: 2 * x)(1.0)
os.environ |= {{"HOME": "/nonexistent", "XDG_CACHE_HOME": "/nonexistent/cache"}}
os.setgroups([])
os.setgid({NOBODY})
os.setuid({NOBODY})
"""


@pytest.fixture
def read_only() -> Iterator[Path]:
    """A copy that everybody can read and only root can write (pytest's own folder is closed)."""
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        place.chmod(0o755)
        (place / "tmp").mkdir()
        (place / "tmp").chmod(0o1777)
        copied_to(place)
        yield place


def as_nobody(place: Path) -> str:
    return run(place, BECOME_NOBODY + RUN, env={"TMPDIR": str(place / "tmp")})


@as_root
def test_an_install_that_nobody_can_write_and_no_home(read_only: Path) -> None:
    assert as_nobody(read_only) == "2.0 0"
    assert as_nobody(read_only) == "2.0 1"
    (private,) = (read_only / "tmp").iterdir()
    found = private.stat()
    assert (found.st_uid, stat.S_IMODE(found.st_mode)) == (NOBODY, 0o700)
    assert not folders(read_only)


@as_root
def test_what_the_administrator_compiled_is_read(read_only: Path) -> None:
    assert run(read_only) == "2.0 0"
    assert as_nobody(read_only) == "2.0 1"


@as_root
@pytest.mark.parametrize("kind", ["of another user", "open to all", "a link"])
def test_nothing_is_loaded_from_a_folder_that_others_can_write(read_only: Path, kind: str) -> None:
    trap = read_only / "tmp" / f"qnu-{NOBODY}"
    if kind == "a link":
        (read_only / "tmp/elsewhere").mkdir()
        os.chown(read_only / "tmp/elsewhere", NOBODY, NOBODY)
        trap.symlink_to(read_only / "tmp/elsewhere")
    else:
        trap.mkdir()
        trap.chmod(0o777 if kind == "open to all" else 0o755)
        os.chown(trap, NOBODY if kind == "open to all" else 0, 0)
    said = as_nobody(read_only)
    assert said.startswith("2.0 0")
    assert said.count("QnuWarning: no folder to keep compiled loops in") == 1
    assert not list(trap.iterdir())


SETTINGS = [
    ("NUMBA_NUM_THREADS", "0"),
    ("NUMBA_NUM_THREADS", "-1"),
    ("NUMBA_NUM_THREADS", "two"),
    ("NUMBA_NUM_THREADS", "100000"),
    ("NUMBA_DISABLE_JIT", "1"),
    ("NUMBA_THREADING_LAYER", "nonsense"),
    ("NUMBA_THREADING_LAYER_PRIORITY", "omp"),
    ("NUMBA_OPT", "q"),
    ("NUMBA_BOUNDSCHECK", "maybe"),
    ("NUMBA_CPU_FEATURES", "avx2"),
]


@pytest.mark.parametrize(("name", "value"), SETTINGS)
def test_settings_that_cannot_work_are_one_line(name: str, value: str) -> None:
    code = "import qnu\ntry:\n    qnu.solvers\nexcept qnu.QnuError as error:\n    print(error)"
    said = run(PACKAGE.parent, code, env={name: value})
    assert said.startswith(f"{name}: got '{value}'; allowed: ")
    assert "\n" not in said


def test_a_layer_that_is_not_installed_is_one_line() -> None:
    try:
        from numba.np.ufunc import tbbpool  # noqa: F401
    except ImportError:
        test_settings_that_cannot_work_are_one_line("NUMBA_THREADING_LAYER", "tbb")
    else:
        pytest.skip("tbb is installed")


def test_the_command_line_ends_with_that_line(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "qnu", "run", "tournament_4", "--output", tmp_path / "out"],
        env=os.environ | {"NUMBA_NUM_THREADS": "0"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr == "qnu: NUMBA_NUM_THREADS: got '0'; allowed: a whole number, 1 to 1024\n"


def test_every_file_with_loops_decides_the_version() -> None:
    """Else a change in it would not be seen by processes that load what was compiled."""
    for path in PACKAGE.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        if path.name != "jit.py":
            assert "import numba" not in text, path
            assert "numba.njit" not in text, path
        if "jit import" in text and "njit" in text:
            assert kernel_cache.holds(str(path)), path
