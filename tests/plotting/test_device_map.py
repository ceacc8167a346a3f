"""The map of a device: couplers one unit long, disks where the circuit starts, used ones drawn."""

import numpy as np
import pytest
from matplotlib.collections import LineCollection
from qiskit_ibm_runtime.fake_provider import FakeMarrakesh, FakeNighthawk, FakeTorino

import qnu
from qnu.plotting import device_map
from qnu.plotting.devices import places
from qnu.quantum.compile.routing import DeviceGraph
from qnu.quantum.compile.target import device_graph


@pytest.mark.filterwarnings("ignore:Properties of fake_nighthawk")
@pytest.mark.parametrize("backend", [FakeTorino, FakeMarrakesh, FakeNighthawk])
def test_every_coupler_is_one_unit_long_and_no_site_hides_another(backend):
    device = device_graph(backend().target)
    found = places(device)
    assert np.abs(np.diff(found[device.edges], axis=1)).sum(axis=2) == pytest.approx(1.0)
    assert len(np.unique(found, axis=0)) == device.sites


def test_a_device_that_is_no_lattice_is_a_circle():
    found = places(DeviceGraph.of(5, [(a, b) for a in range(5) for b in range(a)]))
    assert np.hypot(*found.T) == pytest.approx(np.full(5, 1.0))
    assert len(np.unique(found.round(9), axis=0)) == 5


def test_disks_sit_where_neutrinos_start_and_used_couplers_are_colored():
    gas = qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(4, polarization=(0, 0, 1), omega=0.1, name="1"),
            qnu.Group(3, polarization=(0, 0, -1), omega=0.2, name="2"),
        ]
    )
    schedule = qnu.schedules.tournament(gas, gamma=0.4, order="line")
    isa = qnu.quantum.compile_for(gas, schedule, FakeTorino())
    figure = device_map(gas, isa, FakeTorino())
    ax = figure.axes[0]
    place = places(device_graph(FakeTorino().target))
    written = {text.get_text(): text.get_position() for text in ax.texts}
    for k, site in enumerate(isa.metadata["initial_qubit"]):
        assert written[str(k)] == pytest.approx(tuple(place[site]))
    used = [c for c in ax.collections if isinstance(c, LineCollection)][-1]
    assert len(used.get_segments()) == 6  # the couplers of a path of seven
    assert [t.get_text() for t in figure.legends[0].get_texts()] == ["1", "2"]
