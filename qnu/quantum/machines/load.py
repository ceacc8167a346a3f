"""Hardware configs: what a circuit runs on, read from ``hardware_configs/*.toml`` and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import BaseModel, ValidationError

from ... import catalogue
from ...common import toml
from ...errors import QnuError
from .device import DeviceMachine
from .machine import PROVIDERS, Machine


def load_machine(hardware: str | Path | Machine) -> Machine:
    """A hardware config, read and checked.

    Args:
        hardware: a name of the catalogue (``"aer_statevector"``), the path of a TOML file, or a
            machine that is returned as it is.

    Returns:
        the machine.

    Raises:
        QnuError: no such name or file (the message lists what exists), not TOML, an unknown
            provider, unknown or missing keys, values out of range.

    References:
        qnu's own convention; the keys are listed in ``hardware_configs/README.md``.

    Examples:
        >>> load_machine("aer_mps").method
        'matrix_product_state'
    """
    if isinstance(hardware, Machine):
        return hardware
    if not isinstance(hardware, str | Path):
        raise QnuError("hardware", hardware, "the name or path of a hardware config, or a Machine")
    path = catalogue.find_hardware(hardware)
    try:
        data = toml.loads(toml.read_text(path))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise QnuError("hardware", str(path), f"a TOML file ({error})") from None
    provider = data.get("provider")
    if not isinstance(provider, str) or provider not in PROVIDERS:
        names = ", ".join(map(repr, sorted(PROVIDERS)))
        raise QnuError(f"provider in {path.name}", provider, f"one of {names}")
    try:
        return PROVIDERS[provider](**{"name": path.stem, **data})
    except ValidationError as error:
        raise _one_line(error, path.name, PROVIDERS[provider]) from None


def load_device(hardware: str | Path | Machine) -> DeviceMachine:
    """A hardware config of a device, read and checked.

    Args:
        hardware: as :func:`qnu.quantum.load_machine`.

    Returns:
        the device.

    Raises:
        QnuError: as :func:`qnu.quantum.load_machine`; a simulator that holds the state.

    Examples:
        >>> load_device("fake_torino").primitive
        'sampler'
    """
    device: DeviceMachine = load_machine(hardware).device()
    return device


def _one_line(error: ValidationError, file: str, kind: type[BaseModel]) -> QnuError:
    first = error.errors()[0]
    if first["type"] == "value_error":  # a check of several fields, already in one line
        reason: QnuError = first["ctx"]["error"]
        return reason.of(f"{reason.field} in {file}")
    where = ".".join(str(part) for part in first["loc"])
    if first["type"] == "extra_forbidden":
        keys = sorted(_keys(kind, first["loc"][:-1]))
        guess = catalogue.did_you_mean(str(first["loc"][-1]), keys)
        return QnuError(f"key in {file}", where, "one of " + ", ".join(keys) + guess)
    value = None if first["type"] == "missing" else first["input"]
    if isinstance(value, dict | list):  # it may contain a secret
        value = "a table" if isinstance(value, dict) else "a list"
    return QnuError(f"{where} in {file}", value, first["msg"][:1].lower() + first["msg"][1:])


def _keys(kind: type[BaseModel], path: tuple[int | str, ...]) -> list[str]:
    """The keys that a table of the file may have."""
    for part in path:
        inner = kind.model_fields[str(part)].annotation
        assert isinstance(inner, type)
        assert issubclass(inner, BaseModel)
        kind = inner
    return [field.alias or name for name, field in kind.model_fields.items()]
