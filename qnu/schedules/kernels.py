"""Loops over encounters that NumPy cannot vectorise, compiled once and cached on disk."""

from __future__ import annotations

import numpy as np

from ..common.jit import njit


@njit
def first_overlap(first, second, start, duration, fresh, neutrinos, tolerance):
    """Index of the first encounter that starts inside an earlier one of a partner, and of which.

    Returns ``(-1, -1)`` where there is none; ``duration`` and ``fresh`` may have length 1.
    """
    last = np.full(neutrinos, -1, np.int64)
    for k in range(first.size):
        t = duration[k] if duration.size > 1 else duration[0]
        new = fresh[k] if fresh.size > 1 else fresh[0]
        for side in range(2):
            if side == 1 and new:
                continue  # a new partner brings no past, but is busy from now on
            i = first[k] if side == 0 else second[k]
            j = last[i]
            if j >= 0:
                end = start[j] + (duration[j] if duration.size > 1 else duration[0])
                # at one time only kicks may follow each other; their order is the list's
                if start[k] < end - tolerance:
                    return k, i
        last[first[k]] = k
        last[second[k]] = k
        if t < 0.0:
            return k, first[k]
    return -1, -1


@njit
def layer_numbers(first, second, neutrinos):
    """As early as possible: one after the latest earlier layer of either partner."""
    depth = np.zeros(neutrinos, np.int64)
    layer = np.empty(first.size, np.int64)
    for k in range(first.size):
        i, j = first[k], second[k]
        d = max(depth[i], depth[j])
        layer[k] = d
        depth[i] = d + 1
        depth[j] = d + 1
    return layer


@njit
def light_cone(first, second, inside, most, numbers):
    """Encounters that lead to a neutrino, from the last one backwards; returns how many.

    Args:
        first, second: the encounters before the sample.
        inside: ``(N,)`` true for the neutrino; then true for all that lead to it.
        most: with more neutrinos inside than that it gives up.
        numbers: ``(n,)``, becomes the numbers of the encounters, the last one first.
    """
    n, members = 0, inside.sum()
    for k in range(first.size - 1, -1, -1):
        i, j = first[k], second[k]
        if inside[i] or inside[j]:
            members += (not inside[i]) + (not inside[j])
            inside[i] = inside[j] = True
            numbers[n] = k
            n += 1
            if members > most:
                break
    return n


@njit(nogil=True)
def pair_angles(velocity, first, second, strength, angle):
    """``strength (1 - v.v')`` of every pair."""
    for k in range(first.size):
        v, w = velocity[first[k]], velocity[second[k]]
        angle[k] = strength * (1.0 - (v[0] * w[0] + v[1] * w[1] + v[2] * w[2]))


@njit(nogil=True)
def draw_disjoint_pairs(order, pairs_per_step, times, random, first, second, start):
    """A partial Fisher-Yates shuffle per step: ``pairs_per_step[s]`` disjoint pairs of neutrinos.

    ``order`` is the permutation to go on shuffling (any permutation is as good a start),
    ``random`` two uniform numbers per pair; ``start`` becomes the time of the step of every pair.
    """
    one, two = np.uint64(1), np.uint64(2)  # numbers without a sign: no check for those below 0
    k = np.uint64(0)
    for step in range(pairs_per_step.size):
        time = times[step]
        place, left = np.uint64(0), float(order.size)
        for _ in range(pairs_per_step[step]):
            pick = place + np.uint64(random[two * k] * left)
            i = order[pick]
            order[pick], order[place] = order[place], i
            place, left = place + one, left - 1.0
            pick = place + np.uint64(random[two * k + one] * left)
            j = order[pick]
            order[pick], order[place] = order[place], j
            place, left = place + one, left - 1.0
            first[k], second[k], start[k] = i, j, time
            k += one


@njit(nogil=True)
def invert_distribution(uniform, probabilities, certain, found):
    """Whole numbers ``found`` of a distribution; returns how many the uniform numbers sufficed for.

    ``probabilities`` of 0, 1, ... end with infinity: where a uniform number is beyond the sum of
    the others, by rounding, the next one is taken in its place. ``certain``: what all uniform
    numbers of a cell give (the cells are of one width), or -1 where they differ.
    """
    n, cells = 0, float(certain.size)
    for u in uniform:
        x = certain[np.uint64(u * cells)]
        if x < 0:
            x = 0
            while u > probabilities[x]:
                u -= probabilities[x]
                x += 1
        found[n] = x
        n += x < probabilities.size - 1
    return n


@njit
def draw_neighbors(edges, on, met, last, random, wanted, probabilities, first, second, swapped):
    """Rounds of disjoint neighbouring pairs, until there are enough or no random numbers are left.

    In each round couplers are taken in a random order, those with a taken site left out.

    Args:
        edges: ``(E, 2)`` couplers between sites.
        on: ``(sites,)`` the neutrino on every site; changed.
        met: ``(N, N)`` encounters of every pair; changed. Couplers of pairs with the fewest come
            first, and no two meet that were each other's last partner. Empty: all are alike.
        last: ``(N,)`` the last partner of every neutrino, or -1; changed. Empty as ``met``.
        random: ``(rounds, 3, E)`` uniform numbers: for the order, the encounter, the swap.
        wanted: encounters.
        probabilities: that a pair of the matching meets, and that it swaps places.
        first, second, swapped: rows of the encounters, changed.

    Returns:
        how many rounds were played, encounters, and encounters of every round.
    """
    rounds, _, couplers = random.shape
    share, swap = probabilities
    keys = np.empty(couplers)
    sizes = np.zeros(rounds, np.int64)
    taken = np.full(on.size, -1)
    n = 0
    for r in range(rounds):
        for e in range(couplers):
            keys[e] = random[r, 0, e]
            if met.size:
                keys[e] += met[on[edges[e, 0]], on[edges[e, 1]]]
        for e in np.argsort(keys):
            a, b = edges[e, 0], edges[e, 1]
            i, j = on[a], on[b]
            if taken[a] == r or taken[b] == r:
                continue
            if met.shape[0] > 2 and last[i] == j and last[j] == i:  # with N = 2 there is no other
                continue
            taken[a], taken[b] = r, r
            if random[r, 1, e] >= share:
                continue
            first[n], second[n] = i, j
            swapped[n] = random[r, 2, e] < swap
            if swapped[n]:
                on[a], on[b] = j, i
            if met.size:
                met[i, j] += 1
                met[j, i] += 1
                last[i], last[j] = j, i
            n += 1
            sizes[r] += 1
            if n == wanted:
                return r + 1, n, sizes
    return rounds, n, sizes
