"""What is read of the snapshots of IBM's devices without importing the library that has them."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

from qnu import QnuError
from qnu.common import snapshots


def test_the_names_are_those_of_the_library() -> None:
    from qiskit_ibm_runtime import fake_provider

    classes = {n for n in dir(fake_provider) if n.startswith("Fake") and "Provider" not in n}
    assert set(snapshots.names()) == classes
    assert len(classes) > 60


@pytest.mark.parametrize("name", ["FakeAachen", "FakeManilaV2", "FakeFractionalBackend"])
def test_what_is_read_is_what_the_library_says(name: str) -> None:
    from qiskit_ibm_runtime import fake_provider

    backend = getattr(fake_provider, name)()
    date = backend.properties().last_update_date
    assert snapshots.calibrated(name)[:10] == date.isoformat()[:10]
    assert snapshots.real_name(name) == backend.name.replace("fake_", "ibm_")
    assert snapshots.configuration(name)["max_shots"] == backend.configuration().max_shots
    assert f"{backend.num_qubits} qubits, {date.isoformat()[:10]}" in snapshots.config(name)


def test_the_newest_one_of_a_family_is_newer_than_all_others() -> None:
    from datetime import datetime

    newest = snapshots.newest(family="Nighthawk")
    family = [
        name
        for name in snapshots.names()
        if (snapshots.configuration(name).get("processor_type") or {}).get("family") == "Nighthawk"
    ]
    assert len(family) > 1
    dates = {name: datetime.fromisoformat(snapshots.calibrated(name)) for name in family}
    assert newest is not None
    assert all(dates[name] < dates[newest] for name in family if name != newest)
    assert snapshots.newest() == snapshots.newest(family="Heron") != newest
    assert snapshots.newest("ibm_brisbane") == "FakeBrisbane"
    assert snapshots.newest("ibm_brisbane", "Heron") is None


def test_nothing_heavy_is_imported() -> None:
    code = (
        "import sys; from qnu.common import snapshots; snapshots.newest(family='Heron');"
        "print([m for m in ('qiskit', 'qiskit_ibm_runtime', 'numpy') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_without_the_library_one_line_says_how_to_install_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    snapshots._sources.cache_clear()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    try:
        assert snapshots.names() == ()
        assert snapshots.newest() is None
        with pytest.raises(QnuError, match="qiskit-ibm-runtime, which is not installed") as caught:
            snapshots.require("FakeTorino")
        assert "\n" not in str(caught.value)
    finally:
        snapshots._sources.cache_clear()
