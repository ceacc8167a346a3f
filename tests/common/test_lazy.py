"""Modules that are imported when they are first used."""

from __future__ import annotations

import subprocess
import sys

import pytest

import qnu


@pytest.mark.parametrize(
    "name",
    [
        "qnu.conservation.conserved_ones",
        "qnu.engine.sector.Sector",
        "qnu.engine.statevector.norm",
        "qnu.keys.key",
        "qnu.methods.METHODS",
        "qnu.quantum.circuits.files.read_circuit",
        "qnu.quantum.circuits.openqasm.export",
        "qnu.quantum.compile.decoupling.decoupled",
        "qnu.quantum.compile.plugins.LayoutPlugin",
        "qnu.schedules.mixing.difference",
    ],
)
def test_a_documented_name_needs_no_import_but_that_of_qnu(name: str) -> None:
    subprocess.run([sys.executable, "-c", f"import qnu; {name}"], check=True)


def test_a_name_that_is_not_there_is_an_error_that_names_the_package() -> None:
    with pytest.raises(AttributeError, match=r"module 'qnu\.engine' has no attribute 'sektor'"):
        qnu.engine.sektor  # noqa: B018  # the access itself is what is tested
