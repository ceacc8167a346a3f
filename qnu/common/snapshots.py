"""The snapshots of IBM's devices that qiskit-ibm-runtime has, read without importing it."""

from __future__ import annotations

import importlib.util
import json
import re
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from ..errors import QnuError
from .extras import how_to_install
from .spelling import did_you_mean

_CLASS = re.compile(r"^class (Fake\w+)\(FakeBackendV2\)", re.MULTILINE)
_VALUE = re.compile(r"^    (\w+) = \"([^\"]+)\"", re.MULTILINE)
_DATE = re.compile(r'"last_update_date": "([^"]+)"')
#: The devices that IBM offers to every account; the newest of them stands in for "any".
USUAL_FAMILY = "Heron"


@cache
def _sources() -> dict[str, Path]:
    """The Python file of every class; empty where the library is not installed."""
    try:
        library = importlib.util.find_spec("qiskit_ibm_runtime")
    except (ImportError, ValueError):
        library = None
    if library is None or library.origin is None:
        return {}
    folder = Path(library.origin).parent / "fake_provider" / "backends"
    found = {}
    for path in sorted(folder.glob("*/fake_*.py")):
        for name in _CLASS.findall(path.read_text(encoding="utf-8")):
            found[name] = path
    return found


def names() -> tuple[str, ...]:
    """Names of the classes of all snapshots, such as ``"FakeTorino"``; none without the library.

    Returns:
        names, sorted.

    References:
        qiskit-ibm-runtime, fake provider.

    Examples:
        >>> "FakeBrisbane" in names(), "FakeProviderForBackendV2" in names()
        (True, False)
    """
    return tuple(sorted(_sources()))


def similar(word: str) -> str | None:
    """The snapshot that a word means but for its case, ``_`` and the ending ``V2``.

    Examples:
        >>> similar("fake_brisbane"), similar("FakeManila"), similar("brisbane")
        ('FakeBrisbane', 'FakeManilaV2', None)
    """
    plain = {_plain(name): name for name in names()}
    return plain.get(_plain(word))


def _plain(word: str) -> str:
    return word.replace("_", "").lower().removesuffix("v2")


def require(name: str, field: str = "hardware") -> str:
    """The name of a snapshot, or an error with the nearest one.

    Args:
        name: the name of a class, in its own letters.
        field: what the error message calls it.

    Raises:
        QnuError: no such snapshot, or qiskit-ibm-runtime is not installed.

    Examples:
        >>> require("FakeBrisbne")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: hardware: got 'FakeBrisbne'; allowed: a fake backend of ...
    """
    known = names()
    if not known:
        how = f"which is not installed ({how_to_install('ibm')})"
        raise QnuError(field, reason=f"fake devices need qiskit-ibm-runtime, {how}")
    if name not in known:
        near = similar(name)
        hint = did_you_mean(name, known) if near is None else f" (did you mean {near!r}?)"
        allowed = f"a fake backend of qiskit-ibm-runtime, such as 'FakeTorino'{hint}"
        raise QnuError(field, name, allowed)
    return name


def config(name: str) -> str:
    """The text of a hardware config for one snapshot.

    Examples:
        >>> print(config("FakeBrisbane"))
        description = "snapshot of ibm_brisbane: Eagle r3, 127 qubits, 2025-02-26"
        provider = "fake"
        backend = "FakeBrisbane"
        <BLANKLINE>
    """
    conf = configuration(require(name))
    kind = conf.get("processor_type") or {}
    known = {"family", "revision"} <= set(kind)
    processor = f"{kind['family']} r{kind['revision']}, " if known else ""
    count = int(conf["n_qubits"])
    about = f"{processor}{count} qubit{'s' * (count != 1)}, {calibrated(name)[:10]}"
    lines = {
        "description": f"snapshot of {real_name(name)}: {about}",
        "provider": "fake",
        "backend": name,
    }
    return "".join(f"{key} = {json.dumps(value)}\n" for key, value in lines.items())


def real_name(name: str) -> str:
    """The device of which a snapshot was taken, such as ``"ibm_torino"``."""
    return "ibm_" + _values(name)["backend_name"].removeprefix("fake_")


@cache
def configuration(name: str) -> dict[str, Any]:
    """The configuration of a snapshot, as IBM's service gave it."""
    content: dict[str, Any] = json.loads(_file(name, "conf").read_text(encoding="utf-8"))
    return content


@cache
def calibrated(name: str) -> str:
    """When a snapshot was calibrated, ISO 8601."""
    found = _DATE.search(_file(name, "props").read_text(encoding="utf-8"))
    return "" if found is None else found[1]


def _values(name: str) -> dict[str, str]:
    """The attributes of the class that are texts."""
    return dict(_VALUE.findall(_sources()[name].read_text(encoding="utf-8")))


def _file(name: str, kind: str) -> Path:
    return _sources()[name].parent / _values(name)[f"{kind}_filename"]


def newest(backend: str | None = None, family: str | None = None) -> str | None:
    """The newest snapshot of a device, or of a family of processors.

    Args:
        backend: a device, such as ``"ibm_torino"``; None: any of the family.
        family: ``"Heron"``, ``"Nighthawk"``, ...; None: Heron where no device is given.

    Returns:
        the name of its class; None where there is none.

    Examples:
        >>> newest("ibm_torino"), newest(family="Nighthawk") in names(), newest("ibm_atlantis")
        ('FakeTorino', True, None)
    """
    wanted = USUAL_FAMILY if backend is None and family is None else family
    found = []
    for name in names():
        kind = (configuration(name).get("processor_type") or {}).get("family")
        if (backend is None or real_name(name) == backend) and (wanted is None or kind == wanted):
            found.append((datetime.fromisoformat(calibrated(name)).timestamp(), name))
    return max(found)[1] if found else None
