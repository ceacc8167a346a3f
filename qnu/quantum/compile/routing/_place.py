"""The cheapest place of a pattern of couplers on a device: branch and bound, compiled."""

from __future__ import annotations

import numpy as np

from ....common.jit import njit


@njit
def place(pattern, device, site_cost, rest, bound, budget):
    """Sites of the vertices of a pattern, in their order, with the least cost below ``bound``.

    Args:
        pattern: ``parent``, ``(n,)`` an earlier neighbor of every vertex, -1 for the first of
            each component; ``first_back``, ``(n + 1,)`` rows of ``back`` of every vertex;
            ``back``, its earlier neighbors; ``weight``, two-qubit gates on the link to each of
            them; ``need``, ``(n,)`` links of every vertex.
        device: ``near``, ``(sites, most)`` neighbors, the best coupler first; ``degree``,
            ``(sites,)`` how many; ``coupler``, ``(sites, sites)`` cost of one gate, infinite where
            there is no coupler.
        site_cost: ``(n, sites)`` cost of a vertex on a site.
        rest: ``(n + 1,)`` the vertices from k on cost at least this.
        bound: an embedding of this cost is known.
        budget: steps for every site of the first vertex.

    Returns:
        the least cost, the sites (-1 where none is cheaper than ``bound``), and whether every
        embedding was compared.
    """
    parent, first_back, back, weight, need = pattern
    near, degree, coupler = device
    n, sites = len(parent), len(degree)
    best, found = bound, np.full(n, -1, np.int64)
    on, at, cost = np.full(n, -1, np.int64), np.zeros(n, np.int64), np.zeros(n + 1)
    used = np.zeros(sites, np.bool_)
    complete = True
    margin = 1e-9
    for root in range(sites):
        k, steps = 0, 0
        at[0] = 0
        while k >= 0:
            if on[k] >= 0:
                used[on[k]] = False
                on[k] = -1
            if k == 0:
                choices = 1
            elif parent[k] < 0:
                choices = sites
            else:
                choices = degree[on[parent[k]]]
            if at[k] >= choices or steps > budget:
                k -= 1
                continue
            if k == 0:
                here = root
            elif parent[k] < 0:
                here = at[k]
            else:
                here = near[on[parent[k]], at[k]]
            at[k] += 1
            steps += 1
            if used[here] or degree[here] < need[k]:
                continue
            total = cost[k] + site_cost[k, here]
            for row in range(first_back[k], first_back[k + 1]):
                total += weight[row] * coupler[here, on[back[row]]]
            if not total + rest[k + 1] < best - margin:
                continue
            on[k] = here
            used[here] = True
            if k == n - 1:
                best = total
                found[:] = on
                continue
            cost[k + 1] = total
            k += 1
            at[k] = 0
        if steps > budget:
            complete = False
    return best, found, complete
