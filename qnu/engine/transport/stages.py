"""Runge-Kutta stages of transport, a block of cells at a time.

    dP_b/dt = [omega_b B + lambda_e L + mu (M_0 - c_b M_1)] x P_b - c_b d_z P_b
              + mu gamma (A_0 + c_b A_1 + c_b^2 A_2 - kappa_b P_b)
              - damping_b (part of P_b transverse to L) + emission_b (P_eq,b - P_b)

with the moments ``M_n = sum_b w_b c_b^n P_b`` of a cell: its cost is linear in the number of beams.
Blocks read what the stage before left and write what is their own, so that results do not
depend on threads.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ...common.jit import njit, prange
from ..compiled import serial_and_threads
from .advection import linear_faces, weno_faces
from .tables import GHOSTS, NO_ADVECTION, UPWIND7

#: Cells of a block: 3 components of 100 beams of it fit into the second-level cache.
BLOCK = 64
#: Cell-beams from which on a stage is shared between threads: it takes about 2 ms then. Threads
#: meet four times in a step, and on a busy machine every meeting may wait for the scheduler.
SHARED = 50_000
#: In place of the number of a stage: the rates alone.
RATES = 4


@njit
def _moments(u, beams, first, count, gamma, out):
    """Rows 0-2 of ``out``: M_0, 3-5: M_1, 6-8: M_2 (only where there is entanglement)."""
    cosine, weight = beams[0], beams[1]
    for k in range(9):
        o = out[k]
        for i in range(count):
            o[i] = 0.0
    for b in range(len(cosine)):
        w, wc = weight[b], weight[b] * cosine[b]
        wcc = wc * cosine[b]
        for d in range(3):
            cells = u[b, d, first + GHOSTS : first + GHOSTS + count]
            o0, o1, o2 = out[d], out[3 + d], out[6 + d]
            for i in range(count):
                o0[i] += w * cells[i]
            for i in range(count):
                o1[i] += wc * cells[i]
            if gamma != 0.0:
                for i in range(count):
                    o2[i] += wcc * cells[i]


@njit
def _entanglement_moments(moments, count):
    """``A_0 = (3 M_0 - M_2)/2, A_1 = -2 M_1, A_2 = (3 M_2 - M_0)/2`` in place of M_2 and beyond."""
    for d in range(3):
        m0, m2, a0, a2 = moments[d], moments[6 + d], moments[9 + d], moments[12 + d]
        for i in range(count):
            a0[i] = 1.5 * m0[i] - 0.5 * m2[i]
        for i in range(count):
            a2[i] = 1.5 * m2[i] - 0.5 * m0[i]


@njit
def _advect(rows, cosine, inverse, first, count, scheme, taps, work, rate):
    """``rate = -c d_z P`` in the cells of a block."""
    cells, beta, faces = work
    speed = cosine * inverse
    if scheme == NO_ADVECTION or cosine == 0.0:
        for d in range(3):
            r = rate[d]
            for i in range(count):
                r[i] = 0.0
    elif scheme == UPWIND7:
        side = 0 if cosine > 0.0 else 1
        for d in range(3):
            f, r = faces[d], rate[d]
            linear_faces(rows[d], taps[side], first, count, f)
            for i in range(count):
                r[i] = speed * (f[i] - f[i + 1])
    else:
        weno_faces(rows, cosine > 0.0, first, count, cells, beta, faces)
        for d in range(3):
            f, r = faces[d], rate[d]
            if cosine > 0.0:
                for i in range(count):
                    r[i] = speed * (f[i] - f[i + 1])
            else:
                for i in range(count):
                    r[i] = speed * (f[count - i] - f[count - i - 1])


@njit
def _turn(rows, first, count, moments, factors, field, rate):
    """``rate += H x P``, H = field + mu M_0 - mu c M_1."""
    f0, f1 = factors
    px = rows[0, first + GHOSTS : first + GHOSTS + count]
    py = rows[1, first + GHOSTS : first + GHOSTS + count]
    pz = rows[2, first + GHOSTS : first + GHOSTS + count]
    fx, fy, fz = field
    x0, y0, z0 = moments[0], moments[1], moments[2]
    x1, y1, z1 = moments[3], moments[4], moments[5]
    rx, ry, rz = rate[0], rate[1], rate[2]
    for i in range(count):
        hy = fy + f0 * y0[i] + f1 * y1[i]
        hz = fz + f0 * z0[i] + f1 * z1[i]
        rx[i] += hy * pz[i] - hz * py[i]
    for i in range(count):
        hx = fx + f0 * x0[i] + f1 * x1[i]
        hz = fz + f0 * z0[i] + f1 * z1[i]
        ry[i] += hz * px[i] - hx * pz[i]
    for i in range(count):
        hx = fx + f0 * x0[i] + f1 * x1[i]
        hy = fy + f0 * y0[i] + f1 * y1[i]
        rz[i] += hx * py[i] - hy * px[i]


@njit
def _entangle(rows, first, count, moments, cosine, strength, kappa, rate):
    """``rate += strength (A_0 + c A_1 + c^2 A_2 - kappa P)``."""
    s1, s2, loss = -2.0 * strength * cosine, strength * cosine * cosine, strength * kappa
    for d in range(3):
        p = rows[d, first + GHOSTS : first + GHOSTS + count]
        m1, a0, a2, r = moments[3 + d], moments[9 + d], moments[12 + d], rate[d]
        for i in range(count):
            r[i] += strength * a0[i] + s1 * m1[i] + s2 * a2[i] - loss * p[i]


@njit
def _collide(rows, first, count, direction, own, equilibrium, rate):
    """``rate += -damping (P - L (L.P)) + emission (P_eq - P)``."""
    damping, emission = own
    both = damping + emission
    lx, ly, lz = direction[0], direction[1], direction[2]
    px = rows[0, first + GHOSTS : first + GHOSTS + count]
    py = rows[1, first + GHOSTS : first + GHOSTS + count]
    pz = rows[2, first + GHOSTS : first + GHOSTS + count]
    for d in range(3):
        kept, gain = damping * direction[d], emission * equilibrium[d]
        p = rows[d, first + GHOSTS : first + GHOSTS + count]
        r = rate[d]
        for i in range(count):
            along = lx * px[i] + ly * py[i] + lz * pz[i]
            r[i] += gain + kept * along - both * p[i]


@njit
def _combine(rate, base, total, out, first, count, stage, step):
    """Classical Runge-Kutta: what a stage adds to the sum, and where the next stage is."""
    share = step / 6.0 if stage in (0, 3) else step / 3.0
    ahead = step if stage == 2 else step / 2.0
    begin, end = first + GHOSTS, first + GHOSTS + count
    for d in range(3):
        r, y = rate[d], base[d, begin:end]
        s, o = total[d, begin:end], out[d, begin:end]
        if stage == 0:
            for i in range(count):
                s[i] = y[i] + share * r[i]
            for i in range(count):
                o[i] = y[i] + ahead * r[i]
        elif stage < 3:
            for i in range(count):
                s[i] += share * r[i]
            for i in range(count):
                o[i] = y[i] + ahead * r[i]
        elif stage == 3:
            for i in range(count):
                y[i] = s[i] + share * r[i]
        else:
            for i in range(count):
                o[i] = r[i]


@njit
def _block(at, u, base, total, out, beams, grid, values, direction, stage, step):
    """One stage in the cells of block ``at``, for all beams."""
    cosine, _, omega, kappa, damping, emission, equilibrium = beams
    inverse, scheme, taps = grid
    mu, matter, gamma = values
    first = at * BLOCK
    count = min(BLOCK, u.shape[2] - 2 * GHOSTS - first)
    moments = np.empty((15, BLOCK))
    rate = np.empty((3, BLOCK))
    work = (np.empty((3, BLOCK + 7)), np.empty((4, BLOCK + 1)), np.empty((3, BLOCK + 1)))
    _moments(u, beams, first, count, gamma, moments)
    if gamma != 0.0:
        _entanglement_moments(moments, count)
    for b in range(u.shape[0]):
        rows, c = u[b], cosine[b]
        _advect(rows, c, inverse, first, count, scheme, taps, work, rate)
        field = (matter * direction[0], matter * direction[1], matter * direction[2] - omega[b])
        _turn(rows, first, count, moments, (mu, -mu * c), field, rate)
        if gamma != 0.0:
            _entangle(rows, first, count, moments, c, mu * gamma, kappa[b], rate)
        if damping[b] != 0.0 or emission[b] != 0.0:
            own = (damping[b], emission[b])
            _collide(rows, first, count, direction, own, equilibrium[b], rate)
        _combine(rate, base[b], total[b], out[b], first, count, stage, step)


def _stage(u, base, total, out, beams, grid, values, direction, stage, step):
    """One stage of the classical Runge-Kutta method, or the rates alone.

    Args:
        u: ``(B, 3, cells + 2 GHOSTS)`` where the rates are taken, with its ghost cells.
        base: P at the beginning of the step; stage 3 writes P at its end there.
        total: ``P + h sum_s b_s k_s``, up to this stage.
        out: where the next stage is taken; for ``stage = RATES``: the rates.
        beams: cosine, weight, omega, kappa, damping, emission ``(B,)``, equilibrium ``(B, 3)``.
        grid: 1/dz, the scheme, its taps.
        values: mu, matter, gamma.
        direction: L.
        stage: 0 to 3, or RATES.
        step: h.
    """
    for at in prange((u.shape[2] - 2 * GHOSTS + BLOCK - 1) // BLOCK):
        _block(at, u, base, total, out, beams, grid, values, direction, stage, step)


serial_stage, stage = serial_and_threads(_stage)


@njit
def fill_ghosts(state, cosine, periodic, entering, value, inner, outer):
    """Cells beyond both ends of every beam.

    Args:
        state: ``(B, 3, cells + 2 GHOSTS)``.
        cosine: ``(B,)``.
        periodic: whether the ends are joined; else:
        entering: ``(B, 3)`` what enters.
        value: of :func:`qnu.engine.transport.tables.inflow_rule`, with
        inner: what the cells add.
        outer: :func:`qnu.engine.transport.tables.outflow_rule`.
    """
    last = state.shape[2] - GHOSTS - 1
    for b in range(len(cosine)):
        rightward = cosine[b] >= 0.0
        for d in range(3):
            row = state[b, d]
            for k in range(GHOSTS):
                if periodic:
                    row[GHOSTS - 1 - k] = row[last - k]
                    row[last + 1 + k] = row[GHOSTS + k]
                    continue
                left, right = 0.0, 0.0
                for j in range(4):
                    p, q = row[GHOSTS + j], row[last - j]
                    left += (inner[k, j] if rightward else outer[k, j]) * p
                    right += (outer[k, j] if rightward else inner[k, j]) * q
                enters = value[k] * entering[b, d]
                row[GHOSTS - 1 - k] = left + enters if rightward else left
                row[last + 1 + k] = right if rightward else right + enters


def for_size(cells: int, beams: int) -> Any:
    """The loop over the blocks, with threads where they are worth it; the results are the same."""
    return stage if cells > BLOCK and cells * beams >= SHARED else serial_stage
