"""Hardware configs: what a circuit runs on, read from ``hardware_configs/*.toml`` and checked."""

from __future__ import annotations

import tomllib
from pathlib import Path

from pydantic import ValidationError

from ... import catalogue
from ...common import toml
from ...common.lines import syntax_error
from ...errors import QnuError
from . import _messages
from .device import DeviceMachine
from .machine import PROVIDERS, Machine


def load_machine(hardware: str | Path | Machine) -> Machine:
    """A hardware config, read and checked.

    Args:
        hardware: a name of the catalogue (``"aer_statevector"``), the path of a TOML file, the
            class of a fake backend of qiskit-ibm-runtime (``"FakeBrisbane"``), or a machine that
            is returned as it is.

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
        >>> load_machine("FakeBrisbane").target().num_qubits
        127
    """
    if isinstance(hardware, Machine):
        return hardware
    if not isinstance(hardware, str | Path):
        raise QnuError("hardware", hardware, "the name or path of a hardware config, or a Machine")
    if catalogue.is_snapshot(hardware):
        name, file = str(hardware), f"{hardware}.toml"
    else:
        path = catalogue.find_hardware(hardware)
        name, file = path.stem, path.name
    text = catalogue.hardware_text(hardware)
    try:
        data = toml.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise syntax_error(str(error), text, file) from None
    provider = data.get("provider")
    if not isinstance(provider, str) or provider not in PROVIDERS:
        raise _messages.unknown_provider(data, sorted(PROVIDERS), text, file)
    try:
        return PROVIDERS[provider](**{"name": name, **data})
    except ValidationError as error:
        raise _messages.problem(error, PROVIDERS[provider], data, text, file) from None


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
