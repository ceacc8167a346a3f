"""Names of observables, and what belongs to which."""

import numpy as np
import pytest

import qnu
from qnu import observables


def test_every_name_is_made_by_one_of_the_four() -> None:
    pairs = np.tile(np.eye(4) / 4, (3, 2, 2, 1, 1)).astype(complex)
    found = observables.requested(observables.NAMES, np.zeros((3, 2, 3)), pairs)
    of_state = observables.requested_of_state(observables.NAMES, np.arange(3))
    of_couplings = observables.requested_of_collision(observables.NAMES, np.zeros((3, 2, 3)))
    values = {name: np.arange(3.0) for name in observables.OF_RESOURCES}
    of_resources = observables.requested_of_resources(observables.NAMES, values)
    every = [*found, *of_state, *of_resources, *of_couplings]
    assert sorted(every) == sorted(observables.NAMES)
    assert observables.requested_of_collision(["entropy"], np.zeros((3, 2, 3))) == {}
    with pytest.raises(qnu.QnuError, match="vectors"):
        observables.requested_of_collision(["collision_term"], np.zeros((2, 3)))
    assert of_state["half_chain_entropy"][0] == ("time",)
    assert observables.requested_of_state(["entropy"], np.arange(3)) == {}
    with pytest.raises(qnu.QnuError, match="half_chain"):
        observables.requested_of_state(["half_chain_entropy"], np.zeros((2, 2)))
    with pytest.raises(qnu.QnuError, match="n_tangle: got 'shape"):
        observables.requested_of_resources(["n_tangle"], {})


def test_a_circuit_says_that_it_has_no_half_chain() -> None:
    gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
    schedule = qnu.EncounterSchedule([0], [1], [0.3], [0.0], 0.0, neutrinos=2)
    with pytest.raises(qnu.QnuError, match=r"observables.*'collision_term'$"):
        qnu.quantum.run(gas, schedule, observables=["half_chain_entropy"])
