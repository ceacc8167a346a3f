"""Finds experiments and hardware configs by name, in the repository or in the installed package."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from .common import snapshots, toml
from .common.spelling import did_you_mean as did_you_mean
from .errors import QnuError

__all__ = [
    "description",
    "experiment_names",
    "find_experiment",
    "find_hardware",
    "folder",
    "hardware_names",
    "hardware_text",
    "manifest",
    "qasm",
    "sweep_names",
]

_PACKAGE = Path(__file__).resolve().parent
#: Folders of experiments; one name is in one of them only.
_EXPERIMENTS = ("circuits", "circuits/sweeps")


def folder(kind: str) -> Path:
    """The folder of ``"circuits"``, ``"circuits/sweeps"`` or ``"hardware_configs"``.

    An installed package carries them inside (``qnu/_catalogue``); in a checkout they lie beside
    the package.

    Args:
        kind: ``"circuits"``, ``"circuits/sweeps"`` or ``"hardware_configs"``.

    Returns:
        the folder; it may be missing in a broken installation.

    Examples:
        >>> folder("circuits").name
        'circuits'
    """
    inside = _PACKAGE / "_catalogue" / kind
    return inside if inside.is_dir() else _PACKAGE.parent / kind


def experiment_names() -> tuple[str, ...]:
    """Names of the experiments of the catalogue, sorted.

    Returns:
        names that :func:`find_experiment` and ``qnu run`` take.

    Examples:
        >>> "two_groups_10" in experiment_names()
        True
    """
    return _names("circuits")


def sweep_names() -> tuple[str, ...]:
    """Names of the sweeps of the catalogue, sorted: experiments with a table ``[sweep]``.

    Returns:
        names that :func:`find_experiment` and ``qnu sweep`` take.

    Examples:
        >>> "entanglement_rate" in sweep_names()
        True
    """
    return _names("circuits/sweeps")


def hardware_names() -> tuple[str, ...]:
    """Names of the hardware configs of the catalogue, sorted.

    Returns:
        names that :func:`find_hardware` and ``qnu.quantum.run`` take.

    Examples:
        >>> isinstance(hardware_names(), tuple)
        True
    """
    return _names("hardware_configs")


def find_experiment(name_or_path: str | Path) -> Path:
    """The TOML file of an experiment, or of a sweep.

    Args:
        name_or_path: a name of the catalogue (``"two_groups_10"``, with or without ``.toml``), the
            path of a file, or a folder of ``qnu run`` or ``qnu sweep``: its ``spec.toml``. A bare
            name means the catalogue, where both exist.

    Returns:
        the path of a file that exists.

    Raises:
        QnuError: neither; the message lists what the catalogue has.

    Examples:
        >>> find_experiment("two_groups_10").name
        'two_groups_10.toml'
        >>> find_experiment("two_group_10")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: spec: got 'two_group_10'; allowed: a file, or one of ...
    """
    return _find("spec", _EXPERIMENTS, name_or_path)


def find_hardware(name_or_path: str | Path, field: str = "hardware") -> Path:
    """The TOML file of a hardware config.

    Args:
        name_or_path: a name of the catalogue (``"aer_statevector"``) or the path of a file.
        field: what the error message calls it.

    Returns:
        the path of a file that exists.

    Raises:
        QnuError: neither; the message lists what the catalogue has.

    Examples:
        >>> find_hardware("abacus")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: hardware: got 'abacus'; allowed: a file, or one of ...
    """
    return _find(field, ("hardware_configs",), name_or_path)


def hardware_text(name_or_path: str | Path, field: str = "hardware") -> str:
    """The text of a hardware config; also of one that is made for a snapshot of an IBM device.

    Args:
        name_or_path: as :func:`find_hardware`; or the class of a fake backend of
            qiskit-ibm-runtime, such as ``"FakeBrisbane"``.
        field: what the error message calls it.

    Returns:
        the content of the file, in TOML.

    Raises:
        QnuError: no such name or file, a file that is not text or cannot be read.

    References:
        qiskit-ibm-runtime, fake provider.

    Examples:
        >>> print(hardware_text("FakeBrisbane").splitlines()[0])
        description = "snapshot of ibm_brisbane: Eagle r3, 127 qubits, 2025-02-26"
    """
    if is_snapshot(name_or_path):
        return snapshots.config(snapshots.require(str(name_or_path), field))
    path = find_hardware(name_or_path, field)
    try:
        return toml.read_text(path)
    except UnicodeDecodeError:
        raise QnuError(field, str(path), "a text file in UTF-8") from None
    except OSError as error:
        reason = error.strerror
        raise QnuError(field, str(path), f"a file that can be read ({reason})") from None


def is_snapshot(name_or_path: str | Path) -> bool:
    """Whether a name is meant as the class of a fake backend, not as a config or a file.

    Examples:
        >>> is_snapshot("FakeBrisbane"), is_snapshot("FakeBrisbne"), is_snapshot("fake_torino")
        (True, True, False)
    """
    name = str(name_or_path)
    like_a_class = name.startswith("Fake") and name.isidentifier()
    return isinstance(name_or_path, str) and like_a_class and not _is_file(Path(name))


def qasm(name: str) -> str:
    """The circuit of an experiment in OpenQASM 3, as stored in ``circuits/qasm``.

    Args:
        name: an experiment that :func:`manifest` lists under ``circuits``.

    Returns:
        the text; ``qiskit.qasm3.loads`` reads it (with the package qiskit-qasm3-import).

    Raises:
        QnuError: an experiment without a circuit, with the reason; a name that does not exist.

    References:
        Cross et al., OpenQASM 3 (ACM Trans. Quantum Comput. 3, 12).

    Examples:
        >>> qasm("tournament_4").splitlines()[0]
        'OPENQASM 3.0;'
        >>> qasm("msw_1")
        Traceback (most recent call last):
        ...
        qnu.errors.QnuError: name: got 'msw_1'; allowed: an experiment with a circuit (here: no ...
    """
    kept = manifest()
    if name not in kept["circuits"]:
        find_experiment(name)
        reason = kept["left_out"].get(name, "not in the manifest")
        raise QnuError("name", name, f"an experiment with a circuit (here: {reason})")
    path = folder("circuits") / str(kept["circuits"][name]["qasm"])
    return path.read_text(encoding="utf-8")


def manifest() -> dict[str, Any]:
    """The content of ``circuits/manifest.json``: every circuit with its reference polarizations.

    Returns:
        ``circuits``: by name ``neutrinos``, ``encounters``, ``layers``, ``gates``, ``qasm`` (the
        file), ``sha256``, ``reference`` (how it was computed), ``times`` and ``polarization``
        ``[time][neutrino][x, y, z]``; ``left_out``: experiments without a circuit, and why.

    Examples:
        >>> record = manifest()["circuits"]["tournament_4"]
        >>> record["neutrinos"], record["encounters"], record["layers"]
        (4, 6, 3)
    """
    text = (folder("circuits") / "manifest.json").read_text(encoding="utf-8")
    kept: dict[str, Any] = json.loads(text)
    return kept


def description(path: Path) -> str:
    """The one-line description in a TOML file: its ``description``, else its ``name``.

    Args:
        path: a file of the catalogue.

    Returns:
        the text, or nothing where the file has none or is broken.

    Examples:
        >>> description(find_experiment("plane_wave_8")).startswith("plane waves in a box")
        True
    """
    try:
        data = toml.loads(toml.read_text(path))
    except (OSError, ValueError):
        return "(cannot be read)"
    text = data.get("description") or data.get("name") or ""
    return " ".join(str(text).split())


def _names(kind: str) -> tuple[str, ...]:
    return tuple(sorted(path.stem for path in folder(kind).glob("*.toml")))


def _find(field: str, kinds: tuple[str, ...], name_or_path: str | Path) -> Path:
    if not isinstance(name_or_path, str | os.PathLike):
        raise QnuError(field, name_or_path, "a name or the path of a file")
    text = str(name_or_path)
    name = text.removesuffix(".toml")
    known = {found: kind for kind in kinds for found in _names(kind)}
    try:
        path = Path(text).expanduser()
    except RuntimeError:  # there is no such user
        path = Path(text)
    bare = isinstance(name_or_path, str) and text == Path(text).name
    if bare and text in known:
        return folder(known[text]) / f"{text}.toml"
    if _is_file(path):
        return path
    if bare and name in known:
        return folder(known[name]) / f"{name}.toml"
    if field == "spec" and text and _is_file(path / "spec.toml"):
        return path / "spec.toml"
    listing = ", ".join(known) if known else "(the catalogue is empty)"
    guess = _snapshot_like(field, name) or did_you_mean(Path(name).name, known)
    guess = guess or _similar_file(path)
    raise QnuError(field, text, f"a file, or one of {listing}{guess}")


def _snapshot_like(field: str, name: str) -> str:
    """The class of a fake backend that was written in other letters."""
    near = None if field == "spec" else snapshots.similar(name)
    return "" if near is None else f" (did you mean {near!r}?)"


def _similar_file(path: Path) -> str:
    """A TOML file beside the one that does not exist, whose name is nearly the same."""
    try:
        return did_you_mean(path.name, [file.name for file in path.parent.glob("*.toml")])
    except (OSError, ValueError):
        return ""


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except (OSError, ValueError):  # a name that is too long, or with a zero byte
        return False
