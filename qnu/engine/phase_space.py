"""Classical spins through encounters, many samples of a gas at a time.

A tile ``(N, 3 LANES)`` holds LANES samples: row i is x of neutrino i in every sample, then y, then
z. Samples are independent, so an inner loop over lanes has no branches and compiles to vectors.

Lane k and lane k + LANES/2 begin on opposite sides of the mean (antithetic pairs).
"""

from __future__ import annotations

import numpy as np

from ..common.jit import njit

LANES = 64
_HALF = LANES // 2
_Y, _Z = LANES, 2 * LANES
ROW = 3 * LANES

#: How neutrinos turn between two kicks.
NOT_AT_ALL, ABOUT_B, ANYHOW = range(3)

#: Angles are halved until the series of sine and cosine are exact to rounding.
_SERIES = 0.5
#: |P_1 + P_2| of two vectors of length sqrt(3).
_LONGEST = 2 * 3**0.5


@njit(inline="always")
def _sinc(y):
    """``sin(x)/x`` of ``y = x^2 <= 1/4``; the terms left out are below 5e-17."""
    s = -1 / 39916800 + y * (1 / 6227020800)
    s = -1 / 5040 + y * (1 / 362880 + y * s)
    return 1 + y * (-1 / 6 + y * (1 / 120 + y * s))


@njit(inline="always")
def _versine(y):
    """``(1 - cos x)/x^2`` of ``y = x^2 <= 1/4``."""
    c = -1 / 479001600 + y * (1 / 87178291200)
    c = -1 / 40320 + y * (1 / 3628800 + y * c)
    return 0.5 + y * (-1 / 24 + y * (1 / 720 + y * c))


@njit(inline="always")
def _halvings(angle):
    """How often ``angle`` has to be halved for the series."""
    m = 0
    while angle > _SERIES:
        angle *= 0.5
        m += 1
    return m


@njit(inline="always")
def _kicked(p1, p2, theta, fraction, halvings, exact):
    """Both vectors turned about S = P_1 + P_2 by ``phi = theta |S|``: with D = P_1 - P_2,

        P_1' = P_1 - (1 - cos phi) D/2 + (sin phi/|S|) P_2 x P_1,   P_2' = S - P_1'

    for vectors of equal length. Both factors are power series in ``y = phi^2``: no root, no
    division, and nothing to guard at S = 0.
    """
    (x1, y1, z1), (x2, y2, z2) = p1, p2
    sx, sy, sz = x1 + x2, y1 + y2, z1 + z2
    whole = theta * theta * (sx * sx + sy * sy + sz * sz)
    if exact:
        phi = np.sqrt(whole)
        s = np.sin(phi) / phi if phi > 1e-8 else 1.0
        half = np.sin(0.5 * phi)
        w = half * half
    else:
        y = whole * fraction
        s, q = _sinc(y), _versine(y)
        for _ in range(halvings):  # sin 2x = 2 sin x cos x, 1 - cos 2x = 2 sin^2 x
            s, q = s * (1 - y * q), 0.5 * s * s
            y *= 4
        w = 0.5 * whole * q
    t = theta * s
    dx = t * (y2 * z1 - z2 * y1) - w * (x1 - x2)
    dy = t * (z2 * x1 - x2 * z1) - w * (y1 - y2)
    dz = t * (x2 * y1 - y2 * x1) - w * (z1 - z2)
    return (x1 + dx, y1 + dy, z1 + dz), (x2 - dx, y2 - dy, z2 - dz)


@njit(inline="always")
def _kick_lanes(one, two, theta, fraction, halvings, exact):
    for k in range(LANES):
        p1 = one[k], one[_Y + k], one[_Z + k]
        p2 = two[k], two[_Y + k], two[_Z + k]
        p1, p2 = _kicked(p1, p2, theta, fraction, halvings, exact)
        one[k], one[_Y + k], one[_Z + k] = p1
        two[k], two[_Y + k], two[_Z + k] = p2


@njit(fastmath={"contract"}, forceinline=True)
def _kick(one, two, theta):
    """An encounter of two rows.

    A loop of its own for every usual number of halvings, as only these compile to vectors; four
    keep 1e-14, and larger angles take sine and cosine themselves.
    """
    m = _halvings(abs(theta) * _LONGEST)
    if m == 0:
        _kick_lanes(one, two, theta, 1.0, 0, False)
    elif m == 1:
        _kick_lanes(one, two, theta, 0.25, 1, False)
    elif m == 2:
        _kick_lanes(one, two, theta, 0.0625, 2, False)
    elif m == 3:
        _kick_lanes(one, two, theta, 0.25**3, 3, False)
    elif m == 4:
        _kick_lanes(one, two, theta, 0.25**4, 4, False)
    else:
        _kick_lanes(one, two, theta, 1.0, 0, True)


@njit(inline="always")
def _turn(row, m, how):
    """All samples of a neutrino turned by one matrix."""
    if how == ABOUT_B:
        c, s = m[0], m[3]
        for k in range(LANES):
            x, y = row[k], row[_Y + k]
            row[k], row[_Y + k] = c * x - s * y, s * x + c * y
        return
    a, b, c, d, e, f, g, h, i = m[0], m[1], m[2], m[3], m[4], m[5], m[6], m[7], m[8]
    for k in range(LANES):
        x, y, z = row[k], row[_Y + k], row[_Z + k]
        row[k] = a * x + b * y + c * z
        row[_Y + k] = d * x + e * y + f * z
        row[_Z + k] = g * x + h * y + i * z


@njit(inline="always")
def _hash(key, counter):
    """splitmix64: 64 random bits for every counter."""
    z = key + np.uint64(counter) * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@njit
def _draw(row, neutrino, count, number, key, frames):
    """``n + a e_1 + b e_2`` with a, b = +-1; -n instead of n with probability (1 - |P|)/2.

    ``frames (N, 10)``: n, e_1, e_2 and |P|. ``number``: 0 at the start, then one per new neutrino.
    """
    f = frames[neutrino]
    base = (number * count + neutrino) * _HALF
    for k in range(_HALF):
        bits = _hash(key, base + k)
        a = 1.0 if bits & np.uint64(1 << 63) else -1.0
        b = 1.0 if bits & np.uint64(1 << 62) else -1.0
        uniform = (np.float64(bits & np.uint64((1 << 52) - 1)) + 0.5) * 2.0**-52
        for side in range(2):
            along = 1.0 if (uniform if side == 0 else 1 - uniform) < 0.5 * (1 + f[9]) else -1.0
            for c in range(3):
                row[c * LANES + side * _HALF + k] = along * f[c] + a * f[3 + c] + b * f[6 + c]
            a, b = -a, -b


@njit(nogil=True)
def draw(tile, key, frames):
    """Every sample of a tile at its start."""
    for n in range(tile.shape[0]):
        _draw(tile[n], n, tile.shape[0], 0, key, frames)


@njit(nogil=True, fastmath={"contract"})
def apply(tile, stages, how, key, frames):
    """Stages of encounters (:mod:`qnu.engine.stages`) on a tile, in place."""
    first, second, angle, turns, fresh = stages
    for s in range(first.size):
        one, two = tile[first[s]], tile[second[s]]
        if fresh[s] >= 0:
            _draw(two, second[s], tile.shape[0], fresh[s] + 1, key, frames)
        if how != NOT_AT_ALL:
            _turn(one, turns[s, 0], how)
            _turn(two, turns[s, 1], how)
        _kick(one, two, angle[s])


@njit(nogil=True)
def moments(tile, turns, how, group, live, out, groups):
    """Means over pairs of samples, and squares about them, after a last turn of every neutrino.

    Args:
        tile: not changed.
        turns: ``(N, 9)``.
        how: they turn.
        group: ``(N,)`` numbers of groups.
        live: pairs of lanes that count.
        out: ``(2, N, 3)``: the mean and the sum of squares about it; written.
        groups: ``(2, G, 3)``: the same of the mean over every group.
    """
    row = np.empty(ROW)
    members = np.zeros(groups.shape[1])
    pairs = np.zeros((groups.shape[1], 3, _HALF))
    for n in range(tile.shape[0]):
        row[:] = tile[n]
        if how != NOT_AT_ALL:
            _turn(row, turns[n], how)
        g = group[n]
        members[g] += 1
        for c in range(3):
            total = 0.0
            for k in range(live):
                pair = 0.5 * (row[c * LANES + k] + row[c * LANES + _HALF + k])
                row[c * LANES + k] = pair
                pairs[g, c, k] += pair
                total += pair
            mean = total / live
            squares = 0.0
            for k in range(live):
                squares += (row[c * LANES + k] - mean) ** 2
            out[0, n, c], out[1, n, c] = mean, squares
    for g in range(groups.shape[1]):
        for c in range(3):
            total = 0.0
            for k in range(live):
                total += pairs[g, c, k]
            mean = total / live
            squares = 0.0
            for k in range(live):
                squares += (pairs[g, c, k] - mean) ** 2
            groups[0, g, c] = mean / members[g]
            groups[1, g, c] = squares / members[g] ** 2
