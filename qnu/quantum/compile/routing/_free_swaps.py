"""A depth-first search for a route in which nothing moves outside encounters, compiled.

After an encounter its two neutrinos are on two sites, in one of two orders: the swap inside it is
decided when one of them meets somebody else. A neutrino is nowhere before its first encounter.
"""

from __future__ import annotations

# mypy: allow-untyped-defs, allow-incomplete-defs
# (arguments of compiled loops get their types from numba)
import numpy as np

from ....common.jit import njit

_NOWHERE = -1


@njit
def queues(pairs, neutrinos):
    """The encounters of every neutrino, one after the other; and the place of each in the queues.

    Returns:
        first: ``(N + 1,)`` the rows of every neutrino; ``which``: encounters; ``place``: ``(n, 2)``
        how many its two neutrinos had before.
    """
    n = len(pairs)
    first = np.zeros(neutrinos + 1, np.int64)
    for k in range(n):
        for side in range(2):
            first[pairs[k, side] + 1] += 1
    first = np.cumsum(first)
    had = np.zeros(neutrinos, np.int64)
    which = np.empty(2 * n, np.int64)
    place = np.empty((n, 2), np.int64)
    for k in range(n):
        for side in range(2):
            i = pairs[k, side]
            which[first[i] + had[i]] = k
            place[k, side] = had[i]
            had[i] += 1
    return first, which, place


@njit
def _next(i, heads, first, which):
    """The next encounter of a neutrino; -1 after the last."""
    at = first[i] + heads[i]
    return which[at] if at < first[i + 1] else -1


@njit
def _waits_for(k, pairs, heads, first, which):
    """An encounter that comes before encounter k and waits for none, and how long the chain is."""
    length = 0
    while True:
        one = _next(pairs[k, 0], heads, first, which)
        other = _next(pairs[k, 1], heads, first, which)
        if one == k and other == k:
            return k, length
        k = one if one != k else other
        length += 1


@njit
def order(pairs, first, which, start):
    """An order of the encounters in which each has, if possible, neutrinos that met before.

    It begins with the encounter before which ``start`` has to be, and keeps the order of the
    encounters of every neutrino.
    """
    n, neutrinos = len(pairs), len(first) - 1
    heads = np.zeros(neutrinos, np.int64)
    done = np.empty(n, np.int64)
    for step in range(n):
        best, least = -1, 0
        if step == 0:
            best = _waits_for(start, pairs, heads, first, which)[0]
        for i in range(neutrinos if step else 0):
            k = _next(i, heads, first, which)
            if k < 0:
                continue
            ready, length = _waits_for(k, pairs, heads, first, which)
            # ready and both met; ready and one met; for one that met and waits; others
            met = int(heads[pairs[k, 0]] > 0) + int(heads[pairs[k, 1]] > 0)
            cost = 2 * length + 2 - met if met else 4 * n
            if best < 0 or cost < least or (cost == least and ready < best):
                best, least = ready, cost
        done[step] = best
        for side in range(2):
            heads[pairs[best, side]] += 1
    return done


@njit
def partners(pairs, first, which, place, most):
    """Whom a neutrino meets next after every one of its encounters, each partner once.

    Returns:
        who: ``(2 n, most)`` by rows of the queues, -1 behind the last; behind: ``(2 n, most)`` how
        many encounters both have had together when they are neighbours for that.
    """
    who = np.full((len(which), most), -1, np.int64)
    behind = np.zeros((len(which), most), np.int64)
    for i in range(len(first) - 1):
        for row in range(first[i], first[i + 1]):
            count = 0
            for later in range(row + 1, min(row + 1 + most, first[i + 1])):
                k = which[later]
                own = int(pairs[k, 1] == i)
                j = pairs[k, 1 - own]
                known = False
                for m in range(count):
                    known |= who[row, m] == j
                if not known:
                    who[row, count] = j
                    behind[row, count] = later - first[i] + place[k, 1 - own]
                    count += 1
    return who, behind


@njit
def _apart(i, j, site, mate, distance):
    """The least distance of two neutrinos, wherever they can be."""
    least = distance[site[i], site[j]]
    if mate[i] >= 0:
        least = min(least, distance[site[mate[i]], site[j]])
    if mate[j] >= 0:
        least = min(least, distance[site[i], site[mate[j]]])
        if mate[i] >= 0:
            least = min(least, distance[site[mate[i]], site[mate[j]]])
    return least


@njit
def _too_far(i, had, first, ahead, site, mate, distance):
    """A neutrino that is too far from this one, which it meets soon; -1 where there is none.

    Two that are d couplers apart need d - 1 encounters with others before they meet.
    """
    who, behind = ahead
    row = first[i] + had[i] - 1
    for m in range(who.shape[1]):
        j = who[row, m]
        if j < 0:
            break
        if site[j] == _NOWHERE or mate[i] == j:
            continue
        if _apart(i, j, site, mate, distance) > 1 + behind[row, m] - had[i] - had[j]:
            return j
    return -1


@njit
def _put(i, here, step, site, mate, decided):
    """The neutrino is on this site of the two where it can be, its mate on the other one."""
    other = mate[i]
    if other < 0:
        site[i] = here
        return
    if site[i] != here:
        site[i], site[other] = here, site[i]
    mate[i] = mate[other] = -1
    decided[other] = step


@njit
def _choice(number, i, j, site, mate, near, degree, placed):
    """The sites of two neutrinos by a choice; -1 where it is none, -2 after the last.

    The third number: the step because of which it is none; -1 for those of the two neutrinos.
    """
    new_i, new_j = site[i] == _NOWHERE, site[j] == _NOWHERE
    most = near.shape[1]
    if not new_i and not new_j:
        if number == 4:
            return -2, -2, -1
        if mate[i] == j:
            return (site[i], site[j], -1) if number == 0 else (-1, -1, -1)
        left, right = number & 1, number >> 1
        if (left and mate[i] < 0) or (right and mate[j] < 0):
            return -1, -1, -1
        here = site[mate[i]] if left else site[i]
        there = site[mate[j]] if right else site[j]
        for m in range(degree[here]):
            if near[here, m] == there:
                return here, there, -1
        return -1, -1, -1
    if new_i and new_j:
        here, m = number // most, number % most
        if here == len(degree):
            return -2, -2, -1
        if m >= degree[here] or near[here, m] < here:
            return -1, -1, -1
        there = near[here, m]
        if placed[here] >= 0 or placed[there] >= 0:
            return -1, -1, placed[here] if placed[here] >= 0 else placed[there]
        return here, there, -1
    known = j if new_i else i
    if number == 2 * most:
        return -2, -2, -1
    other, m = number // most, number % most
    if other and mate[known] < 0:
        return -1, -1, -1
    here = site[mate[known]] if other else site[known]
    if m >= degree[here]:
        return -1, -1, -1
    there = near[here, m]
    if placed[there] >= 0:
        return -1, -1, placed[there]
    return (there, here, -1) if new_i else (here, there, -1)


@njit
def _blame(step, guilty):
    """Add a step to a set of steps."""
    if step >= 0:
        guilty[step >> 6] |= np.uint64(1) << np.uint64(step & 63)


@njit
def _last_of(guilty):
    """The last step of a set; -1 of none."""
    for word in range(len(guilty) - 1, -1, -1):
        if guilty[word]:
            bit = 63
            while not (guilty[word] >> np.uint64(bit)) & np.uint64(1):
                bit -= 1
            return 64 * word + bit
    return -1


@njit
def _blame_place(i, last, decided, guilty):
    """Add the steps that decide where a neutrino is."""
    _blame(last[i], guilty)
    _blame(decided[i], guilty)


@njit
def _histories(pairs, sequence, neutrinos):
    """For every neutrino before every step: how many encounters it had, and its last step."""
    n = len(pairs)
    had = np.zeros((n + 1, neutrinos), np.int32)
    last = np.full((n + 1, neutrinos), -1, np.int32)
    for step in range(n):
        had[step + 1], last[step + 1] = had[step], last[step]
        for side in range(2):
            had[step + 1, pairs[sequence[step], side]] += 1
            last[step + 1, pairs[sequence[step], side]] = step
    return had, last


@njit
def _jump_back(step, guilty, placed, where, sequence):
    """The last step to which it is due that a step has no choice left; -1 where there is none."""
    back = _last_of(guilty[step])
    if back < 0:
        return back
    guilty[back] |= guilty[step]
    guilty[back, back >> 6] ^= np.uint64(1) << np.uint64(back & 63)
    for other in range(back, step):
        for side in range(2):
            here = where[sequence[other], side]
            if placed[here] == other:
                placed[here] = -1
    return back


@njit
def _meet(i, j, sites, step, state):
    """Two neutrinos meet on two sites."""
    site, mate, decided = state
    if mate[i] == j:
        return
    _put(i, sites[0], step, site, mate, decided)
    _put(j, sites[1], step, site, mate, decided)
    mate[i], mate[j] = j, i
    decided[i] = decided[j] = -1


@njit
def find(pairs, first, sequence, ahead, near, degree, distance, budget):
    """The sites of all encounters, or none.

    Where no choice of a step is possible, the next one is tried of the last step to which that is
    due (conflict-directed backjumping).

    Args:
        pairs: ``(n, 2)``, in the order of time.
        first: of :func:`queues`.
        sequence: of :func:`order`.
        ahead: of :func:`partners`.
        near, degree, distance: of the device.
        budget: choices that are looked at, at most.

    Returns:
        ``(n, 2)`` sites of the two neutrinos of every encounter when it begins; whether the search
        found some (1), found that there are none (0), or was stopped (-1); the most encounters that
        it has placed.

    References:
        Prosser (Computational Intelligence 9, 268) for the jumps.
    """
    n, neutrinos = len(pairs), len(first) - 1
    where = np.full((n, 2), -1, np.int64)
    # before every step: the site of a neutrino, the one with which it may be exchanged, and the
    # step that has decided on that
    site = np.full((n + 1, neutrinos), _NOWHERE, np.int32)
    mate, decided = site.copy(), site.copy()
    had, last = _histories(pairs, sequence, neutrinos)
    guilty = np.zeros((n + 1, (n >> 6) + 1), np.uint64)
    at = np.zeros(n + 1, np.int64)
    placed = np.full(len(degree), -1, np.int64)  # by site: the step in which somebody was put there
    step, deepest = 0, 0
    while step < n and budget > 0:
        k = sequence[step]
        i, j = pairs[k, 0], pairs[k, 1]
        if at[step] == 0:
            guilty[step] = 0
            _blame_place(i, last[step], decided[step], guilty[step])
            _blame_place(j, last[step], decided[step], guilty[step])
        budget -= 1
        here, there, due = _choice(at[step], i, j, site[step], mate[step], near, degree, placed)
        at[step] += 1
        if here == -2:
            step = _jump_back(step, guilty, placed, where, sequence)
            if step < 0:
                return where, 0, deepest
            continue
        if here == -1:
            _blame(due, guilty[step])
            continue
        now, together, by = site[step + 1], mate[step + 1], decided[step + 1]
        now[:], together[:], by[:] = site[step], mate[step], decided[step]
        _meet(i, j, (here, there), step, (now, together, by))
        far = -1
        for one in (i, j, np.int64(mate[step, i]), np.int64(mate[step, j])):
            if far < 0 and one >= 0:
                far = _too_far(one, had[step + 1], first, ahead, now, together, distance)
        if far >= 0:
            _blame(last[step, far], guilty[step])
            if by[far] < step:
                _blame(by[far], guilty[step])
            continue
        where[k, 0], where[k, 1] = here, there
        for side in range(2):
            if had[step, pairs[k, side]] == 0:
                placed[where[k, side]] = step
        step += 1
        at[step] = 0
        deepest = max(deepest, step)
    return where, 1 if step == n else -1, deepest
