"""What ``qnu doctor`` finds out. Nothing here fails: what is not known is a text that says so."""

from __future__ import annotations

import importlib
import importlib.metadata
import json
import os
import platform
import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..common.extras import how_to_install

#: Imported in a process of their own, beside this one: they take longest.
_BESIDE = ("qiskit", "qiskit-aer", "matplotlib", "rustworkx", "pylatexenc")
#: Extras for those who work on qnu itself.
_FOR_DEVELOPERS = ("bench", "dev", "docs")
_SETTINGS = ("NUMBA_NUM_THREADS", "NUMBA_THREADING_LAYER", "OMP_NUM_THREADS",
             "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")  # fmt: skip
_PATIENCE = 60.0  # seconds
_TRY = (
    "import importlib, json, sys\nfound = {}\nfor name in sys.argv[1:]:\n    try:\n"
    "        importlib.import_module(name)\n    except BaseException as error:\n"
    "        found[name] = f'{type(error).__name__}: {error}'\n"
    "    print(json.dumps(found), flush=True)"
)


def diagnosis() -> dict[str, Any]:
    """Everything, as JSON can hold it; ``problems`` has what keeps qnu from working."""
    from .. import __version__

    needed, extras, python = _requirements()
    beside = _import_beside([name for name in _BESIDE if name in needed])
    found: dict[str, Any] = {
        "qnu": __version__,
        "python": platform.python_version(),
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "dependencies": {n: _dependency(n, spec) for n, spec in needed.items()},
        "memory": _safe(_memory),
        "threads": _safe(_threads),
        "kernel_cache": _safe(_cache),
        "jobs": _safe(_jobs),
        "extras": {name: _extra(name, parts) for name, parts in extras.items()},
    }
    for name, problem in beside().items():
        found["dependencies"][name]["problem"] = problem
    if found["extras"].get("ibm", {}).get("installed"):
        found["ibm_accounts"] = _accounts()
    problems = [f"{n}: {d['problem']}" for n, d in found["dependencies"].items() if d["problem"]]
    if _outside(platform.python_version(), python):
        problems.append(f"python: {platform.python_version()}, qnu needs {python}")
    if not needed:
        problems.append("qnu: its metadata are missing, so versions cannot be compared (reinstall)")
    return {**found, "problems": problems}


def _safe(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    try:
        return question()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # also SystemExit, and panics of compiled packages
        return {"problem": one_line(error)}


def one_line(error: BaseException) -> str:
    """What an error says, on one line."""
    return f"{type(error).__name__}: {' '.join(str(error).split())}"[:300]


def _requirements() -> tuple[dict[str, str], dict[str, list[str]], str]:
    """Ranges by package, packages by extra, and the range of Python, from the metadata of qnu."""
    try:
        metadata = importlib.metadata.metadata("qnu")
        lines = importlib.metadata.requires("qnu") or []
    except Exception:  # qnu is not installed, or its metadata are broken: `problems` says so
        return {}, {}, ""
    needed: dict[str, str] = {}
    extras: dict[str, list[str]] = {}
    for line in lines:
        head, _, marker = line.partition(";")
        match = re.match(r"\s*([\w.-]+)\s*(?:\[[^]]*\])?\s*(.*?)\s*$", head)
        assert match is not None
        name = match[1].lower().replace("_", "-")
        extra = re.search(r"extra\s*==\s*['\"]([\w-]+)['\"]", marker)
        if extra is None:
            needed[name] = match[2].strip("()")
        elif extra[1] not in _FOR_DEVELOPERS:
            extras.setdefault(extra[1], []).append(name)
    return needed, extras, str(metadata["Requires-Python"] or "")


def _import_beside(names: list[str]) -> Callable[[], Mapping[str, str]]:
    """Starts importing packages elsewhere; what that returns waits, and has the failures."""
    modules = {_module(name): name for name in names}
    try:
        process = subprocess.Popen(
            [sys.executable, "-c", _TRY, *modules], stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, text=True, encoding="utf-8",
        )  # fmt: skip
    except OSError as error:
        reason = one_line(error)
        return lambda: {"qiskit": f"cannot be tried: {reason}"}

    def wait() -> dict[str, str]:
        ended = "ends the process that imports it"
        try:
            out, _ = process.communicate(timeout=_PATIENCE)
        except subprocess.TimeoutExpired:
            ended = f"is not done in {_PATIENCE:g} s"
            process.kill()
            out, _ = process.communicate()
        lines = out.splitlines()
        try:
            failed = json.loads(lines[-1]) if lines else {}
        except ValueError:
            failed = {}
        for module in list(modules)[len(lines) : len(lines) + 1]:  # the first that said nothing
            failed[module] = ended
        return {modules[m]: f"cannot be imported ({' '.join(t.split())[:200]})"
                for m, t in failed.items() if m in modules}  # fmt: skip

    return wait


def _dependency(name: str, wanted: str) -> dict[str, Any]:
    try:
        version = importlib.metadata.version(name)
    except Exception:  # not installed, or metadata that cannot be read
        return {"version": None, "needed": wanted, "problem": f"missing, qnu needs {wanted}"}
    problem = None
    if _outside(version, wanted):
        problem = f"{version}, qnu needs {wanted}"
    elif name not in _BESIDE:
        failed = _safe(lambda: {"module": importlib.import_module(_module(name))}).get("problem")
        problem = failed and f"cannot be imported ({failed[:200]})"
    return {"version": version, "needed": wanted, "problem": problem}


def _module(package: str) -> str:
    """The module of a package that qnu needs: all of them are named alike."""
    return package.replace("-", "_")


def _outside(version: str, wanted: str) -> bool:
    """Whether a version is not in a range; False where this cannot be decided."""
    try:
        from packaging.specifiers import SpecifierSet

        return not SpecifierSet(wanted).contains(version, prereleases=True)
    except Exception:  # no package `packaging`, or a version that is none
        return False


def _memory() -> dict[str, Any]:
    """What fits, by the formula with which the solvers refuse what does not."""
    import psutil

    from ..common import memory

    have = memory.available()
    found: dict[str, Any] = {"total": int(psutil.virtual_memory().total), "available": have}
    found["largest_exact"] = {
        "double": largest_exact(have, "complex128", sector=False),
        "single": largest_exact(have, "complex64", sector=False),
        "double, half of them nu_2": largest_exact(have, "complex128", sector=True),
        "single, half of them nu_2": largest_exact(have, "complex64", sector=True),
    }
    return found


def largest_exact(have: int, dtype: str, *, sector: bool) -> int:
    """The largest even N whose amplitudes fit (of any N without a sector), at most 62.

    Examples:
        >>> largest_exact(16 * 2**20, "complex128", sector=False)
        20
    """
    from .. import NeutrinoGas
    from ..solvers.states import memory_need

    largest = 0
    for n in range(2, 63, 2 if sector else 1):
        vectors = [[0, 0, 1], [0, 0, -1]] if sector else [[1, 0, 0]]
        gas = NeutrinoGas(vectors * (n // len(vectors)), omega=[0.0] * n)
        if memory_need(gas, True, dtype) > have:
            break
        largest = n
    return largest


def _threads() -> dict[str, Any]:
    from ..common import jit

    found: dict[str, Any] = {"number": int(jit.get_num_threads())}
    try:
        jit.start_threads()
    except Exception as error:  # a broken threading layer is a line like any other
        found["layer"] = f"not known ({one_line(error)})"
    else:
        found["layer"] = jit.layer() or "chosen by the first loop"
    found["settings"] = {name: os.environ[name] for name in _SETTINGS if name in os.environ}
    return found


def _cache() -> dict[str, Any]:
    from ..common import jit

    folder = jit.cache()
    if folder is None:
        return {"folder": None, "writable": False, "loops": 0}
    places = [*([folder.write] if folder.write else []), *folder.read]
    loops = {file.name for place in places for file in place.glob("*.nbc")}
    return {
        "folder": str(places[0]) if places else None,
        "writable": folder.write is not None,
        "loops": len(loops),
    }


def _jobs() -> dict[str, Any]:
    from ..common.home import jobs_file

    file = jobs_file()
    folder = file.parent
    nearest = next(place for place in (folder, *folder.parents) if place.exists())
    return {
        "folder": str(folder),
        "writable": os.access(nearest, os.W_OK),
        "store": file.is_file(),
    }


def _extra(name: str, packages: list[str]) -> dict[str, Any]:
    versions: dict[str, str | None] = {}
    for package in packages:
        try:
            versions[package] = importlib.metadata.version(package)
        except Exception:  # not installed, or metadata that cannot be read
            versions[package] = None
    installed = all(versions.values())
    return {
        "installed": installed,
        "packages": versions,
        "install": None if installed else how_to_install(name),
    }


def _accounts() -> bool | str:
    """Whether an account of IBM Quantum is saved or set; never which one."""
    if os.environ.get("QISKIT_IBM_TOKEN"):
        return True
    try:
        text = Path("~/.qiskit/qiskit-ibm.json").expanduser().read_text(encoding="utf-8")
        accounts = json.loads(text)
        return any(isinstance(one, dict) and "token" in one for one in accounts.values())
    except FileNotFoundError:
        return False
    except Exception as error:  # the content is not part of the message: it may hold a token
        return f"the file of accounts cannot be read ({type(error).__name__})"
