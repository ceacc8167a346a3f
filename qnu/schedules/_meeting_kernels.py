"""Loops over encounters that count meetings, and follow who is in whose light cone."""

from __future__ import annotations

import numpy as np

from ..common.jit import njit


@njit(nogil=True)
def count_pairs(first, second, fresh, met, each):
    """Adds meetings; returns the largest number so far of a pair among these encounters.

    Args:
        first, second: of the encounters.
        fresh: whether the second is a new neutrino; of length 0: none is.
        met: ``(N, N)`` meetings of every pair i < j; changed. Of length 0: not counted.
        each: ``(N,)`` encounters of every neutrino; changed.
    """
    largest = 0
    for k in range(first.size):
        i, j = first[k], second[k]
        each[i] += 1
        each[j] += 1
        if met.size == 0:
            continue
        if fresh.size and fresh[k]:
            for other in range(met.shape[0]):  # nobody has met the new one
                met[min(j, other), max(j, other)] = 0
        a, b = min(i, j), max(i, j)
        met[a, b] += 1
        largest = max(largest, met[a, b])
    return largest


@njit(nogil=True)
def pair_numbers(first, second, fresh, names, before):
    """One number for every pair; a new partner takes the next name.

    Args:
        first, second: of the encounters.
        fresh: whether the second is a new neutrino; of length 0: none is.
        names: ``(N,)`` what every neutrino is called; changed.
        before: how many names there have been.
    """
    numbers = np.empty(first.size, np.int64)
    for k in range(first.size):
        if fresh.size and fresh[k]:
            names[second[k]] = before
            before += 1
        a, b = names[first[k]], names[second[k]]
        numbers[k] = (min(a, b) << 32) + max(a, b)
    return numbers


@njit(nogil=True)
def sum_angles(angle, limit):
    """The sum of swap angles, the largest, and how many are beyond a limit."""
    total, largest, beyond = 0.0, 0.0, 0
    for theta in angle:
        total += theta
        largest = max(largest, theta)
        beyond += theta > limit
    return total, largest, beyond


@njit(nogil=True)
def follow_pasts(first, second, fresh, past, size, work):
    """Encounters whose partners share a past, as far as the work reaches.

    ``past(i)`` starts as ``{i}``; after an encounter of i and j both have the union. A new partner
    shares nothing, and takes the past of the other: it need not be told apart from it, since who
    has the new one in its past has the other, too.

    Args:
        first, second: of the encounters.
        fresh: whether the second is a new neutrino; of length 0: none is.
        past: ``(N, N/64)`` bits; changed.
        size: ``(N,)`` how many neutrinos are in every past; changed.
        work: words of bits that may still be read.

    Returns:
        how many encounters share a past, and the work that is left; below 0: it gave up.
    """
    shared, words, count = 0, past.shape[1], size.size
    for k in range(first.size):
        i, j = first[k], second[k]
        new = fresh.size > 0 and fresh[k]
        if size[i] == count and size[j] == count:
            shared += not new  # both are all: nothing changes any more
            continue
        work -= words
        if work < 0:
            break
        if new:
            for w in range(words):
                past[j, w] = past[i, w]
            size[j] = size[i]
            continue
        common = False
        n = 0
        for w in range(words):
            a, b = past[i, w], past[j, w]
            common |= (a & b) != 0
            a |= b
            past[i, w] = a
            past[j, w] = a
            n += _bits(a)
        size[i] = n
        size[j] = n
        shared += common
    return shared, work


@njit(inline="always")
def _bits(x):
    """How many bits of a 64-bit word are set."""
    x = x - ((x >> np.uint64(1)) & np.uint64(0x5555555555555555))
    x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
    x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    return (x * np.uint64(0x0101010101010101)) >> np.uint64(56)
