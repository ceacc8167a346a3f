"""Loops of the frontier program of :mod:`.paths`, compiled once and cached on disk.

A state says, for every coupler between the sites processed so far and the others (the cut), which
piece of the path runs through it: 0 none, 1 a piece whose other end is final, 2 and
more a piece whose other end runs through the cut as well, numbered as they appear. Four bits each,
in two words: a cut has up to 28 couplers, which have up to 14 pieces.
"""

from __future__ import annotations

import numpy as np

from ....common.jit import njit

#: Couplers of a cut at most: 14 numbers of pieces, from 2 to 15, each in two places.
MAX_CUT = 28
#: Bits for the choice of a site; the rest of a code is the state before it.
CHOICE_BITS = 9
_PER_WORD = 16
_NEW = 16  # a piece that begins here; gets its number with all others
#: What a choice leads to: the whole path or ring, another state, or nothing that is one.
_COMPLETE, _INCOMPLETE, _IMPOSSIBLE = -1, 0, -2


@njit
def order_from(start, neighbors, degree):
    """Sites one by one, each the one that keeps the cut smallest, and the cut after each."""
    n = degree.size
    order = np.empty(n, np.int64)
    cut = np.empty(n, np.int64)
    done = np.zeros(n, np.bool_)
    known = np.zeros(n, np.int64)  # neighbours done
    queue = np.empty(n, np.int64)  # touched, oldest first
    queued = 0
    width = 0
    for k in range(n):
        best, at = -1, -1
        for q in range(queued):
            site = queue[q]
            if best < 0 or degree[site] - 2 * known[site] < degree[best] - 2 * known[best]:
                best, at = site, q
        if k == 0:
            best = start
        elif best < 0:  # another part of the graph
            for site in range(n):
                if not done[site] and (best < 0 or degree[site] < degree[best]):
                    best = site
        if at >= 0:
            for q in range(at, queued - 1):
                queue[q] = queue[q + 1]
            queued -= 1
        order[k] = best
        done[best] = True
        width += degree[best] - 2 * known[best]
        cut[k] = width
        for m in range(degree[best]):
            other = neighbors[best, m]
            known[other] += 1
            if not done[other] and known[other] == 1:
                queue[queued] = other
                queued += 1
    return order, cut


@njit
def _packed(labels, names):
    """Two words with the pieces numbered as they appear."""
    low, high = np.uint64(0), np.uint64(0)
    names[:] = 0
    names[1] = 1
    fresh = 1
    for k in range(labels.size):
        label = labels[k]
        if label == 0:
            continue
        if names[label] == 0:
            fresh += 1
            names[label] = fresh
        word = np.uint64(names[label]) << np.uint64(4 * (k % _PER_WORD))
        if k < _PER_WORD:
            low |= word
        else:
            high |= word
    return low, high


@njit
def _state_number(low, high, keys, count, table):
    """The number of a state; ``count`` where it is new."""
    mask = np.uint64(table.size - 1)
    mixed = low * np.uint64(0x9E3779B97F4A7C15) ^ (high + low) * np.uint64(0xC2B2AE3D27D4EB4F)
    slot = (mixed ^ (mixed >> np.uint64(29))) & mask
    while table[slot] >= 0:
        state = table[slot]
        if keys[state, 0] == low and keys[state, 1] == high:
            return state
        slot = (slot + np.uint64(1)) & mask
    table[slot] = count
    keys[count, 0], keys[count, 1] = low, high
    return count


@njit
def _unpack(key, labels):
    """Write the pieces of a state to ``labels``; how many of them have a final other end."""
    finals = 0
    for k in range(labels.size):
        word = key[k // _PER_WORD]
        labels[k] = np.int64((word >> np.uint64(4 * (k % _PER_WORD))) & np.uint64(15))
        finals += labels[k] == 1
    return finals


@njit
def _relabel(labels, rest, before, after):
    """The pieces ``before`` become ``after`` in the first ``rest`` places."""
    for i in range(rest):
        if labels[i] == before:
            labels[i] = after


@njit
def _end_path(piece, others, may_end, labels, rest):
    """The path ends at the site, with the one piece that comes in."""
    if piece == 1:
        return _COMPLETE if others == 0 else _IMPOSSIBLE
    if not may_end:
        return _IMPOSSIBLE
    _relabel(labels, rest, piece, 1)
    return _INCOMPLETE


@njit
def _join(a, b, others, ends, labels, rest):
    """The two pieces that come in become one."""
    if a == b:
        return _COMPLETE if others == 0 and (ends == 0 or a == 1) else _IMPOSSIBLE
    _relabel(labels, rest, max(a, b), min(a, b))
    return _INCOMPLETE


@njit
def _choose(c, pieces, others, may_end, ends, labels, rest):
    """Apply choice ``c`` of at most one coupler out to the labels of the new cut.

    ``pieces`` are how many pieces come in, and their labels.
    """
    used, a, b = pieces
    if c == -1:
        return _INCOMPLETE
    if c == 0:
        if used == 1:
            return _end_path(b, others, may_end, labels, rest)
        return _join(a, b, others, ends, labels, rest) if used == 2 else _IMPOSSIBLE
    if used == 1:
        labels[rest + c - 1] = b
        return _INCOMPLETE
    if may_end:  # the path begins here
        labels[rest + c - 1] = 1
        return _INCOMPLETE
    return _IMPOSSIBLE


@njit
def transitions(keys, cut, incoming, kept, out, ends):
    """All that the next site can do in all states.

    Args:
        keys: ``(S, 2)`` states.
        cut: couplers of their cut.
        incoming: the places of the cut that end at the site.
        kept: the other places.
        out: how many new places there are: couplers to sites that come later.
        ends: how many ends the whole has: 2 a path, 0 a ring.

    Returns:
        new states ``(S', 2)`` and, per transition, state before, state after (-1: the path or
        ring is complete), and choice: -1 not used, 0 no coupler out, ``1 + k`` out through k,
        ``1 + out + ...`` out through two (in the order of two loops).
    """
    most = keys.shape[0] * (2 + out + out * (out - 1) // 2)
    size = 64
    while size < 2 * most:
        size *= 2
    table = np.full(size, -1, np.int32)
    states = np.empty((most, 2), np.uint64)
    moves = np.empty((3, most), np.int32)
    old = np.zeros(cut, np.int64)
    rest = kept.size
    new = np.zeros(rest + out, np.int64)
    names = np.zeros(_NEW + 1, np.int64)
    n, count = 0, 0
    for s in range(keys.shape[0]):
        finals = _unpack(keys[s], old)
        used, a, b = 0, 0, 0
        for m in range(incoming.size):
            if old[incoming[m]]:
                used += 1
                a, b = b, old[incoming[m]]  # with one: b; with two: a and b
        if used > 2:
            continue
        others = 0
        for m in range(rest):
            others += old[kept[m]] != 0
        pairs = out * (out - 1) // 2 if used == 0 else 0
        first = -1 if used == 0 else 0
        last = 1 + out if used < 2 else 1
        k, m = 0, 0
        for c in range(first, last + pairs):
            for i in range(rest):
                new[i] = old[kept[i]]
            new[rest:] = 0
            if c > out:  # the site joins two couplers out: a new piece
                m += 1
                if m >= out:
                    k += 1
                    m = k + 1
                new[rest + k] = new[rest + m] = _NEW
                target = _INCOMPLETE
            else:
                target = _choose(c, (used, a, b), others, finals < ends, ends, new, rest)
            if target == _IMPOSSIBLE:
                continue
            if target == _INCOMPLETE:
                low, high = _packed(new, names)
                target = _state_number(low, high, states, count, table)
                count += target == count
            moves[0, n], moves[1, n], moves[2, n] = s, target, c
            n += 1
    return states[:count].copy(), moves[0, :n], moves[1, :n], moves[2, :n]


@njit
def relax(cost, before, after, choice, weight, lows, shape, counted):
    """Least costs of the states after a site, by sites used, and where they come from.

    Args:
        cost: ``(S, w)`` costs of the states before, for ``lows[0]`` sites used and more.
        before, after, choice: of :func:`transitions`.
        weight: ``(choices,)`` what a choice costs, from choice -1 on.
        lows: fewest sites used that matter before and after; the final number.
        shape: states and numbers of sites used after.
        counted: 1 where sites used are counted, 0 where all are one number.

    Returns:
        costs, codes (state before, choice + 1), and those of the best complete path.
    """
    new = np.full(shape, np.inf)
    code = np.zeros(shape, np.uint32)
    best, best_code = np.inf, np.uint32(0)
    for t in range(before.size):
        s, target, c = before[t], after[t], choice[t]
        here = np.uint32((s << CHOICE_BITS) | (c + 1))
        price = weight[c + 1]
        shift = lows[0] - lows[1] + (counted if c >= 0 else 0)
        for k in range(cost.shape[1]):
            value = cost[s, k] + price
            if target < 0:
                if value < best and (counted == 0 or k + lows[0] + 1 == lows[2]):
                    best, best_code = value, here
                continue
            j = k + shift
            if j >= 0 and j < shape[1] and value < new[target, j]:
                new[target, j] = value
                code[target, j] = here
    return new, code, best, best_code
