"""Loops over pairs of wave packets in a periodic box: who passes whom, when, and how closely."""

from __future__ import annotations

import math

import numpy as np

from ..common.jit import njit

#: Half the relative velocity below which packets are parallel: 1 - v.v' is then below rounding.
PARALLEL = 1e-8


@njit(nogil=True, inline="always")
def _dot(a, b):
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


@njit(nogil=True)
def passage(v, w, shape, other, d):
    """One passage of two packets on straight lines, from their separation d at phase 0.

    With u = v - w of length 2 p, e_1 along u, e_2 along v + w (of length 2 q) and e_3 across, the
    covariance S of the relative position is ``S_11 = a + (b + c) p^2``, ``S_12 = (b - c) p q``,
    ``S_22 = a + (b + c) q^2``, ``S_33 = a``.

    Args:
        v, w: ``(3,)`` velocities.
        shape, other: ``(2,)`` of each packet: s_T^2 and s_L^2 - s_T^2.
        d: three numbers, the separation at phase 0.

    Returns:
        ``theta / K`` (K = V/N), the square of the smallest distance ``d^T S^-1 d``, the phase of
        it and the rms duration of the overlap; of parallel packets 0, the distance, 0 and 0.
    """
    u0, u1, u2 = v[0] - w[0], v[1] - w[1], v[2] - w[2]
    p = 0.5 * math.sqrt(u0 * u0 + u1 * u1 + u2 * u2)
    a, b, c = shape[0] + other[0], shape[1], other[1]
    if p < PARALLEL:
        along = _dot(v, d)
        across = _dot(d, d) - along * along
        return 0.0, along * along / (a + b + c) + max(across, 0.0) / a, 0.0, 0.0
    f = 0.5 / p
    e0, e1, e2 = f * u0, f * u1, f * u2
    g0, g1, g2 = v[0] + w[0], v[1] + w[1], v[2] + w[2]
    q = 0.5 * math.sqrt(g0 * g0 + g1 * g1 + g2 * g2)
    if q < PARALLEL:  # head on: all directions across are alike
        if abs(e0) < 0.7:
            g0, g1, g2 = 0.0, e2, -e1
        else:
            g0, g1, g2 = -e2, 0.0, e0
        f = 1.0 / math.sqrt(g0 * g0 + g1 * g1 + g2 * g2)
        q = 0.0
    else:
        f = 0.5 / q
    g0, g1, g2 = f * g0, f * g1, f * g2
    d1 = e0 * d[0] + e1 * d[1] + e2 * d[2]
    d2 = g0 * d[0] + g1 * d[1] + g2 * d[2]
    d3 = (e1 * g2 - e2 * g1) * d[0] + (e2 * g0 - e0 * g2) * d[1] + (e0 * g1 - e1 * g0) * d[2]
    s11, s22, s12 = a + (b + c) * p * p, a + (b + c) * q * q, (b - c) * p * q
    closest = d2 * d2 / s22 + d3 * d3 / a
    theta = p * math.exp(-0.5 * closest) / (2.0 * math.pi * math.sqrt(a * s22))
    time = (s12 * d2 / s22 - d1) / (2.0 * p)
    return theta, closest, time, math.sqrt(s11 - s12 * s12 / s22) / (2.0 * p)


@njit(nogil=True)
def _sorted_into_cells(position, velocity, phase, sides, cells, wrapped, turns, order, begins):
    """Every packet in its cell at a phase: wrapped places, whole turns, and packets by cell."""
    count = position.shape[0]
    cell = np.empty(count, np.int64)
    begins[:] = 0
    for i in range(count):
        number = 0
        for k in range(3):
            y = position[i, k] + phase * velocity[i, k]
            m = math.floor(y / sides[k])
            wrapped[i, k] = y - m * sides[k]
            turns[i, k] = m
            one = int(wrapped[i, k] / sides[k] * cells[k])
            number = number * cells[k] + min(max(one, 0), cells[k] - 1)
        cell[i] = number
        begins[number + 1] += 1
    for c in range(begins.size - 1):
        begins[c + 1] += begins[c]
    free = begins[:-1].copy()
    for i in range(count):
        order[free[cell[i]]] = i
        free[cell[i]] += 1


@njit(nogil=True)
def _image(one, cells):
    """A cell beyond the box: the cell of the box that it is an image of, and which image."""
    turn = one // cells
    return one - turn * cells, turn


@njit(nogil=True, inline="always")
def _counts(closest, time, rms, limits, window, parallel):
    """Whether a passage belongs to a window, or, where that has no length, is under way there."""
    largest, length, first, last = limits
    begin, end = window
    if closest > largest:
        return False
    if rms == 0.0:
        return parallel and begin == end
    early, late = abs(time - first) <= length * rms, abs(time - last) <= length * rms
    if begin == end:
        return early if begin == first else late and not early
    return begin <= time < end and not early and not late


@njit(nogil=True)
def _pairs(home, there, shift, places, packets, limits, window, parallel, found, indices, values):
    """Passages of the packets of two cells, appended; returns how many there are then.

    Args:
        home, there: ``(begin, end)`` of each cell in ``order``; the same: every pair once.
        shift: which image of the box the second cell is in.
        places: wrapped places, whole turns, and packets by cell.
        packets: as of :func:`search`: position, velocity, shapes, reach, sides.
        limits, window, parallel, found, indices, values: as of :func:`search`.
    """
    wrapped, turns, order = places
    position, velocity, shapes, reach, sides = packets
    half = 0.5 * (window[1] - window[0])
    far = math.sqrt(limits[0] + (limits[1] ** 2 if half == 0.0 else 0.0)) * (1.0 + 1e-9)
    for one in range(home[0], home[1]):
        i = order[one]
        x = wrapped[i, 0] - shift[0] * sides[0]
        y = wrapped[i, 1] - shift[1] * sides[1]
        z = wrapped[i, 2] - shift[2] * sides[2]
        for two in range(one + 1 if home == there and shift == (0, 0, 0) else there[0], there[1]):
            j = order[two]
            dx, dy, dz = x - wrapped[j, 0], y - wrapped[j, 1], z - wrapped[j, 2]
            apart = dx * dx + dy * dy + dz * dz
            radius = far * (reach[i] + reach[j]) + 2.0 * half  # an upper bound, without roots
            if apart > radius * radius or i == j:
                continue
            dx, dy = velocity[i, 0] - velocity[j, 0], velocity[i, 1] - velocity[j, 1]
            dz = velocity[i, 2] - velocity[j, 2]
            u = math.sqrt(dx * dx + dy * dy + dz * dz)
            radius = far * math.sqrt(reach[i] ** 2 + reach[j] ** 2) + half * u * (1.0 + 1e-9)
            if apart > radius * radius + 1e-12 * radius:
                continue
            a, b, sign = (i, j, 1) if i < j else (j, i, -1)
            size = found if found < values.shape[0] else values.shape[0] - 1
            for k in range(3):
                indices[size, 2 + k] = sign * (turns[i, k] - turns[j, k] + shift[k])
            d = (  # the separation at phase 0 does not depend on the window
                position[a, 0] - position[b, 0] - indices[size, 2] * sides[0],
                position[a, 1] - position[b, 1] - indices[size, 3] * sides[1],
                position[a, 2] - position[b, 2] - indices[size, 4] * sides[2],
            )
            theta, closest, time, rms = passage(velocity[a], velocity[b], shapes[a], shapes[b], d)
            if _counts(closest, time, rms, limits, window, parallel):
                indices[size, 0], indices[size, 1] = a, b
                values[size, 0], values[size, 1] = theta, closest
                values[size, 2], values[size, 3] = time, rms
                found += 1
    return found


@njit(nogil=True)
def search(packets, limits, phases, extent, cells, parallel, indices, values):
    """Passages that are closest in a window of phases, or under way at one phase.

    Args:
        packets: ``(N, 3)`` positions at phase 0 and velocities; ``(N, 2)`` s_T^2 and s_L^2 - s_T^2;
            ``(N,)`` the larger of s_T and s_L; ``(3,)`` sides of the box.
        limits: largest ``d^T S^-1 d`` of a closest approach; half the length of a passage in rms
            durations; first and last phase of all: passages under way there are found at one phase,
            and not in windows.
        phases: ``(n + 1,)`` edges of windows; of length 1: those under way at that phase, which is
            the first or the last one of all.
        extent: largest distance of interest at the middle of a window.
        cells: ``(3,)`` numbers of cells.
        parallel: at one phase, also parallel packets (with phase and duration 0).
        indices: ``(m, 5)`` int64, m > 0: becomes first < second and the image of the second.
        values: ``(m, 4)``: becomes theta / K, distance squared, phase, rms duration.

    Returns:
        how many there are; where that is more than m, the arrays do not hold all of them.
    """
    position, velocity, _, _, sides = packets
    count, found = position.shape[0], 0
    wrapped, turns = np.empty((count, 3)), np.empty((count, 3), np.int64)
    order, begins = (
        np.empty(count, np.int64),
        np.empty(cells[0] * cells[1] * cells[2] + 1, np.int64),
    )
    ways = np.ceil(extent / sides * cells).astype(np.int64)
    for number in range(max(phases.size - 1, 1)):
        window = (phases[number], phases[min(number + 1, phases.size - 1)])
        middle = 0.5 * (window[0] + window[1])
        _sorted_into_cells(position, velocity, middle, sides, cells, wrapped, turns, order, begins)
        for home in range(begins.size - 1):
            if begins[home] == begins[home + 1]:
                continue
            x, y, z = home // (cells[1] * cells[2]), home // cells[2] % cells[1], home % cells[2]
            for ox in range(ways[0] + 1):  # half of all ways: every pair of cells once
                cx, sx = _image(x + ox, cells[0])
                for oy in range(0 if ox == 0 else -ways[1], ways[1] + 1):
                    cy, sy = _image(y + oy, cells[1])
                    for oz in range(0 if ox == 0 and oy == 0 else -ways[2], ways[2] + 1):
                        cz, sz = _image(z + oz, cells[2])
                        there = (cx * cells[1] + cy) * cells[2] + cz
                        one = (begins[home], begins[home + 1])
                        two = (begins[there], begins[there + 1])
                        if two[0] < two[1]:
                            found = _pairs(
                                one, two, (sx, sy, sz), (wrapped, turns, order), packets, limits,
                                window, parallel, found, indices, values,
                            )  # fmt: skip
    return found


@njit(nogil=True)
def share(begin, end):
    """``Phi(end) - Phi(begin)``, to rounding also in the tails, and the mean in between.

    The mean of a normal distribution cut off at both ends; begin < end in units of its rms.
    """
    middle, width = 0.5 * (begin + end), end - begin
    if width < 1e-4:  # the density times the width; the next terms are below 1e-9 of it
        curve = 1.0 + (middle * middle - 1.0) * width * width / 24.0
        density = math.exp(-0.5 * middle * middle) / math.sqrt(2.0 * math.pi)
        return density * width * curve, middle * (1.0 - width * width / 12.0)
    root = math.sqrt(0.5)
    if begin > 0.0:
        part = 0.5 * (math.erfc(begin * root) - math.erfc(end * root))
    else:
        part = 0.5 * (math.erfc(-end * root) - math.erfc(-begin * root))
    if part <= 0.0:
        return 0.0, middle
    ends = math.exp(-0.5 * begin * begin) - math.exp(-0.5 * end * end)
    mean = ends / math.sqrt(2.0 * math.pi) / part
    return part, min(max(mean, begin), end)


@njit(nogil=True)
def parts_inside(time, rms, begin, end, part, mean):
    """Of every passage the share between two phases, and the mean phase of that part."""
    for k in range(time.size):
        one, z = share((begin - time[k]) / rms[k], (end - time[k]) / rms[k])
        part[k] = one
        mean[k] = min(max(time[k] + z * rms[k], begin), end)


@njit(nogil=True)
def slice_parts(theta, time, rms, length, edges, number, passages, angle):
    """The angle of every passage in every slice that it reaches.

    Args:
        theta, time, rms: ``(n,)`` of every passage.
        length: half the length of a passage in rms durations.
        edges: ``(slices + 1,)`` phases.
        number, passages, angle: ``(m,)``: become the slice, the passage and the angle of a part;
            of length 0: only counted.

    Returns:
        how many parts there are.
    """
    found, slices = 0, edges.size - 1
    for k in range(time.size):
        low = np.searchsorted(edges, time[k] - length * rms[k], side="right") - 1
        high = np.searchsorted(edges, time[k] + length * rms[k], side="left")
        for s in range(max(low, 0), min(high, slices)):
            if number.size:
                number[found] = s
                passages[found] = k
                angle[found] = (
                    theta[k]
                    * share((edges[s] - time[k]) / rms[k], (edges[s + 1] - time[k]) / rms[k])[0]
                )
            found += 1
    return found


@njit(nogil=True)
def series_angles(position, velocity, shapes, sides, waves, first, second, edges, angle):
    """``theta_ij`` in every slice, from the Fourier series of the overlap in a periodic box.

    ``(1 - v.w) / N int dx [1 + 2 sum_k exp(-k^T S k / 2) cos(k.(d + u x))]``, one of k and -k.

    Args:
        position, velocity, shapes, sides: as of :func:`search`.
        waves: ``(K, 3)`` whole numbers of waves along the sides, k = 2 pi waves / sides.
        first, second: ``(pairs,)``.
        edges: ``(slices + 1,)`` phases.
        angle: ``(slices, pairs)``, becomes the angles.
    """
    count = position.shape[0]
    k, d, u = np.empty(3), np.empty(3), np.empty(3)
    for pair in range(first.size):
        i, j = min(first[pair], second[pair]), max(first[pair], second[pair])
        strength = (1.0 - _dot(velocity[i], velocity[j])) / count
        for s in range(edges.size - 1):
            angle[s, pair] = strength * (edges[s + 1] - edges[s])
        for x in range(3):
            d[x] = position[i, x] - position[j, x]
            u[x] = velocity[i, x] - velocity[j, x]
        a, b, c = shapes[i, 0] + shapes[j, 0], shapes[i, 1], shapes[j, 1]
        for wave in range(waves.shape[0]):
            for x in range(3):
                k[x] = 2.0 * math.pi * waves[wave, x] / sides[x]
            one, two = _dot(k, velocity[i]), _dot(k, velocity[j])
            weight = math.exp(-0.5 * (a * _dot(k, k) + b * one * one + c * two * two))
            if weight < 1e-18:
                continue
            phase, pace = _dot(k, d), _dot(k, u)
            for s in range(edges.size - 1):
                middle, width = 0.5 * (edges[s] + edges[s + 1]), edges[s + 1] - edges[s]
                x = 0.5 * pace * width
                mean = math.sin(x) / x if abs(x) > 1e-8 else 1.0
                angle[s, pair] += (
                    2.0 * strength * width * weight * mean * math.cos(phase + pace * middle)
                )


@njit(nogil=True)
def disturbed_shares(pairs, times, length, interval, lists, shares):
    """The share of every passage during which a third packet is on either of the two.

    Args:
        pairs: first and second of every passage.
        times: phase and rms duration of every passage.
        length: half the length of a passage in rms durations.
        interval: first and last phase.
        lists: ``(N + 1,)`` where the list of every packet begins; by packet and phase, who is on
            it, from when and until when; ``(N,)`` the longest of these times of every packet.
        shares: ``(n, 2)``: becomes the disturbed share, and the share inside the interval.
    """
    first, second = pairs
    time, rms = times
    begins, other, low, high, longest = lists
    ends = np.empty(2, np.int64)
    place = np.empty(2, np.int64)
    for k in range(time.size):
        a = max(interval[0], time[k] - length * rms[k])
        b = min(interval[1], time[k] + length * rms[k])
        shares[k, 0] = shares[k, 1] = 0.0
        if b <= a:
            continue
        shares[k, 1] = share((a - time[k]) / rms[k], (b - time[k]) / rms[k])[0]
        for side in range(2):
            i = first[k] if side == 0 else second[k]
            own = low[begins[i] : begins[i + 1]]
            place[side] = begins[i] + np.searchsorted(own, a - longest[i])
            ends[side] = begins[i] + np.searchsorted(own, b)
        reached = a  # two lists by begin, merged; what is before has been added
        while place[0] < ends[0] or place[1] < ends[1]:
            side = 1 if place[0] == ends[0] else 0
            if place[0] < ends[0] and place[1] < ends[1] and low[place[1]] < low[place[0]]:
                side = 1
            entry = place[side]
            place[side] += 1
            if other[entry] == first[k] or other[entry] == second[k]:
                continue
            x, y = max(low[entry], reached), min(high[entry], b)
            if y > x:
                shares[k, 0] += share((x - time[k]) / rms[k], (y - time[k]) / rms[k])[0]
                reached = y
