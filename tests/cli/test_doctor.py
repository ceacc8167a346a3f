"""``qnu doctor``: true numbers, a readable page, and no traceback in a broken environment."""

from __future__ import annotations

import json
import subprocess
import sys
from math import comb
from pathlib import Path

import pytest

import qnu
from qnu.cli import _diagnosis
from qnu.cli._diagnosis import diagnosis, largest_exact

GIB = 2**30


def doctor(
    *arguments: str, before: str = "", path: Path | None = None
) -> subprocess.CompletedProcess[str]:
    """The command, in a process that first does something to its environment."""
    code = f"import sys\n{before}\nfrom qnu.cli import main; main()"
    if path is not None:
        code = f"import sys; sys.path.insert(0, {str(path)!r})\n{code}"
    done = subprocess.run(
        [sys.executable, "-c", code, "doctor", *arguments], capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    assert "Traceback" not in done.stderr + done.stdout
    return done


def test_it_fits_80_columns_and_nothing_is_missing_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = doctor()
    lines = done.stdout.splitlines()
    assert done.returncode == 0, done.stdout
    assert max(len(line) for line in lines if "/" not in line) <= 80
    assert lines[-1] == "Everything that qnu needs is there."
    assert lines[0].split() == ["qnu", f"{qnu.__version__},", "Python", sys.version.split()[0]]


def test_json_says_the_same() -> None:
    done = doctor("--json")
    found = json.loads(done.stdout)
    assert done.returncode == 0
    assert found["problems"] == []
    assert found["dependencies"]["numpy"]["version"]
    assert found["memory"]["available"] <= found["memory"]["total"]
    assert found["threads"]["number"] >= 1


@pytest.mark.parametrize("gib", [1, 16, 22, 200])
def test_the_largest_number_of_neutrinos_is_what_the_amplitudes_allow(gib: int) -> None:
    """By hand: 16 or 8 bytes times 2^N, or times C(N, N/2) in the sector with half nu_2."""
    have = gib * GIB
    for dtype, size in (("complex128", 16), ("complex64", 8)):
        n = largest_exact(have, dtype, sector=False)
        assert size * 2**n <= have < size * 2 ** (n + 1)
        n = largest_exact(have, dtype, sector=True)
        assert size * comb(n, n // 2) <= have < size * comb(n + 2, n // 2 + 1)
    assert largest_exact(16 * GIB, "complex128", sector=False) == 30
    assert largest_exact(16 * GIB - 1, "complex128", sector=False) == 29
    assert largest_exact(16 * GIB, "complex64", sector=False) == 31


def test_a_package_that_cannot_be_imported_is_a_line_and_exit_code_1(tmp_path: Path) -> None:
    (tmp_path / "pylatexenc.py").write_text(
        "raise RuntimeError('broken\\non purpose')", encoding="utf-8"
    )
    (tmp_path / "h5netcdf.py").write_text("raise SystemExit(3)", encoding="utf-8")
    (tmp_path / "numba.py").write_text("raise ImportError('no LLVM')", encoding="utf-8")
    place = f"import os; os.environ['PYTHONPATH'] = {str(tmp_path)!r}"
    done = doctor(before=place, path=tmp_path)
    assert done.returncode == 1
    text = " ".join(done.stdout.split())
    assert "pylatexenc: cannot be imported (RuntimeError: broken on purpose)" in text
    assert "h5netcdf: cannot be imported (SystemExit: 3)" in text
    assert "numba: cannot be imported (ImportError: no LLVM)" in text
    assert "threads not known: ImportError: no LLVM" in text


@pytest.mark.parametrize(
    ("does", "text"),
    [("import os; os._exit(9)", "ends the process that imports it"),
     ("import time; time.sleep(60)", "is not done in 3 s")],
)  # fmt: skip
def test_the_package_that_stops_an_import_is_the_one_that_is_named(
    does: str, text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "stops.py").write_text(does, encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.setattr(_diagnosis, "_PATIENCE", 3.0)
    found = _diagnosis._import_beside(["json", "stops", "string"])()
    assert found == {"stops": f"cannot be imported ({text})"}


def test_missing_packages_and_versions_out_of_range_are_problems(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def requirements() -> tuple[dict[str, str], dict[str, list[str]], str]:
        needed = {"numpy": ">=99", "scipy": ">=1", "no-such-package": ">=2"}
        return needed, {"ibm": ["no-such-package"]}, ">=3.99"

    monkeypatch.setattr(_diagnosis, "_requirements", requirements)
    found = diagnosis()
    python = sys.version.split()[0]
    numpy = found["dependencies"]["numpy"]["version"]
    assert found["problems"] == [
        f"numpy: {numpy}, qnu needs >=99",
        "no-such-package: missing, qnu needs >=2",
        f"python: {python}, qnu needs >=3.99",
    ]
    assert found["extras"]["ibm"]["install"] == "in a clone of qnu: pip install '.[ibm]'"
    assert "ibm_accounts" not in found


def test_a_saved_account_is_yes_or_no_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("QISKIT_IBM_TOKEN", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert _diagnosis._accounts() is False
    file = tmp_path / ".qiskit" / "qiskit-ibm.json"
    file.parent.mkdir()
    file.write_text(
        '{"default": {"token": "s3cr3t-of-somebody", "channel": "x"}}', encoding="utf-8"
    )
    assert _diagnosis._accounts() is True
    assert "s3cr3t" not in doctor("--json").stdout
    file.write_text('{"token: s3cr3t-of-somebody', encoding="utf-8")
    assert _diagnosis._accounts() == "the file of accounts cannot be read (JSONDecodeError)"


def test_folders_are_named_and_not_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("QNU_HOME", str(tmp_path / "jobs"))
    found = diagnosis()
    assert found["jobs"] == {"folder": str(tmp_path / "jobs"), "writable": True, "store": False}
    assert list(tmp_path.iterdir()) == []
    assert found["kernel_cache"]["writable"]
    assert found["kernel_cache"]["loops"] >= 0
