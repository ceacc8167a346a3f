"""The search for routes: always valid, near the optimum where it is known."""

import numpy as np
import pytest

from qnu import QnuError
from qnu.quantum.routing import DeviceGraph
from qnu.quantum.routing.search import search


def random_device(rng, sites, extra):
    edges = [(s, int(rng.integers(s))) for s in range(1, sites)]
    edges += [tuple(rng.choice(sites, 2, replace=False)) for _ in range(extra)]
    return DeviceGraph.of(sites, edges)


def random_pairs(rng, neutrinos, encounters):
    return np.array([rng.choice(neutrinos, 2, replace=False) for _ in range(encounters)])


@pytest.mark.parametrize("seed", range(30))
def test_every_route_is_valid(seed):
    rng = np.random.default_rng(seed)
    sites = int(rng.integers(2, 20))
    device = random_device(rng, sites, int(rng.integers(0, 6)))
    neutrinos = int(rng.integers(2, sites + 1))
    pairs = random_pairs(rng, neutrinos, int(rng.integers(0, 60)))
    begin = rng.permutation(sites)[:neutrinos] if seed % 2 else None
    route = search(device, pairs, effort=1, seed=seed, sites=begin, neutrinos=neutrinos)
    route.check(device, pairs)
    if begin is not None:
        assert route.sites.tolist() == begin.tolist()


def test_a_device_too_small_or_in_pieces_is_refused():
    device = DeviceGraph.of(6, [(0, 1), (1, 2), (3, 4), (4, 5)])
    search(device, [(0, 1), (1, 2)], effort=1).check(device, [(0, 1), (1, 2)])
    with pytest.raises(QnuError, match="at most 3"):
        search(device, [(0, 1), (2, 3)])
    with pytest.raises(QnuError, match="sites"):
        search(device, [(0, 1)], sites=[0, 3])
