"""How dense and how dilute a gas of wave packets is, in numbers."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from ..common import memory
from ..common.checks import Floats
from ..errors import QnuError, Words
from ._packet_box import ON, Packets, Passages
from .match import check_schedule
from .rows import Indices
from .schedule import EncounterSchedule

#: So many passages are looked at, about a second.
_MOST = 5e5
_BYTES_PER_PASSAGE = 300


@dataclass(frozen=True)
class PacketStatistics:
    r"""What :func:`packet_statistics` finds.

    Args:
        passages: how many there are within the cutoff, and at least partly within ``covered``.
        total_angle: the sum of their swap angles.
        disturbed: share of the total angle that is exchanged while a third packet is on either of
            the two.
        others_on_one: how many other packets are on a packet, on average over time and places.
        pairs_again: of the pairs that meet (one is on the other), the share that meets more than
            once; None where not the whole run is looked at.
        mean_gamma: :math:`\sum\theta^2/\sum\theta\,(1 - \mathbf v\cdot\mathbf v')`.
        size: rms size over the distance :math:`(V/N)^{1/3}`: the mean of
            :math:`(s_T^2 s_L)^{1/3}`.
        lost_mean_field: share of the mean field that the cutoff leaves out.
        lost_entanglement: share of :math:`\sum\theta^2` that it leaves out.
        covered: share of the run that is looked at, from its beginning: 1 up to
            :math:`5\times10^5` passages.

    Examples:
        >>> import qnu
        >>> gas = qnu.testing.random_gas(40, seed=1)
        >>> schedule = qnu.schedules.wave_packets(gas, 1.0, box=1.0, width=0.01, seed=1)
        >>> round(qnu.schedules.packet_statistics(schedule).size, 3)
        0.034
    """

    passages: int
    total_angle: float
    disturbed: float
    others_on_one: float
    pairs_again: float | None
    mean_gamma: float
    size: float
    lost_mean_field: float
    lost_entanglement: float
    covered: float


def packet_statistics(schedule: EncounterSchedule) -> PacketStatistics:
    r"""Whether packets meet one at a time, and how often the same ones.

    Packet k is on packet i where :math:`\mathbf d^T S^{-1}\mathbf d \le 4`: within two rms sizes of
    their relative position. The disturbed share is

    .. math::
        \frac{\sum_{ij}\int dt\,\dot\theta_{ij}(t)\,[\text{some } k \ne i, j
        \text{ is on } i \text{ or on } j]}{\sum_{ij}\int dt\,\dot\theta_{ij}(t)},

    exact for the positions of the schedule: 0 for packets much smaller than their distance, which
    meet one at a time ("dilute"), 1 for packets that fill the box.

    Args:
        schedule: by :func:`wave_packets`.

    Returns:
        the numbers, for the whole run or, of very many passages, for its first part.

    Raises:
        QnuError: another kind of schedule, or one from a file (which has the encounters only).

    Examples:
        >>> import qnu
        >>> gas = qnu.testing.random_gas(100, seed=1)
        >>> for width in (0.001, 0.01, 0.1):
        ...     made = qnu.schedules.wave_packets(gas, 2.0, box=1.0, width=width, seed=1)
        ...     print(f"{qnu.schedules.packet_statistics(made).disturbed:.4f}")
        0.0000
        0.0078
        1.0000
    """
    check_schedule(schedule)
    packets = packets_of(schedule)
    wide = replace(packets, cutoff=max(packets.cutoff, ON))
    end = packets.end * min(1.0, _MOST / max(packets.expected, 1.0))
    memory.require("schedule", Words("its statistics"), int(_BYTES_PER_PASSAGE * wide.expected))
    still = wide.under_way(0.0, 0.0, end, parallel=True)
    still = still.of(still.rms == 0.0)
    found = wide.touching(0.0, end)
    shares = _shares(found, still, len(packets), wide.length, end)
    counted = found.closest <= packets.cutoff**2
    angle = np.where(counted, found.theta * shares[:, 1], 0.0)
    total = float(angle.sum())
    disturbed = float(np.where(counted, found.theta, 0.0) @ shares[:, 0])
    c = np.sum(packets.velocity[found.first] * packets.velocity[found.second], axis=1)
    strength = float(angle @ (1 - c))
    return PacketStatistics(
        passages=int((angle > 0).sum()),
        total_angle=total,
        disturbed=min(disturbed / total, 1.0) if total else 0.0,
        others_on_one=packets.others_on_one,
        pairs_again=_again(found, still, len(packets), end) if end == packets.end else None,
        mean_gamma=float(angle @ found.theta) / strength if strength else 0.0,
        size=packets.size,
        lost_mean_field=packets.lost[0],
        lost_entanglement=packets.lost[1],
        covered=end / packets.end,
    )


def packets_of(schedule: EncounterSchedule) -> Packets:
    """The packets that a schedule follows from.

    Raises:
        QnuError: another kind, or a schedule from a file.
    """
    packets = schedule.source.packets
    if not isinstance(packets, Packets):
        found = f"a schedule of kind {schedule.kind!r}"
        if schedule.kind == "wave_packets":
            found = "wave packets from a file, which has their encounters only"
        raise QnuError("schedule", Words(found), "one that qnu.schedules.wave_packets has made")
    return packets


def _times_on(found: Passages, end: float) -> tuple[Passages, Floats, Floats]:
    """Passages in which one is on the other, from when and until when."""
    near = found.of(found.closest <= ON**2)
    half = near.rms * np.sqrt(np.maximum(ON**2 - near.closest, 0.0))
    low, high = np.maximum(near.time - half, 0.0), np.minimum(near.time + half, end)
    some = high >= low
    return near.of(some), low[some], high[some]


def _shares(found: Passages, still: Passages, count: int, length: float, end: float) -> Floats:
    """``(n, 2)``: the disturbed share of every passage, and the share of it inside the run."""
    from ._packet_kernels import disturbed_shares

    near, low, high = _times_on(found, end)
    beside = still.of(still.closest <= ON**2)
    pairs = [
        np.concatenate([near.first, beside.first]),
        np.concatenate([near.second, beside.second]),
    ]
    low = np.concatenate([low, np.zeros(len(beside.first))])
    high = np.concatenate([high, np.full(len(beside.first), end)])
    owner, other = np.concatenate(pairs), np.concatenate(pairs[::-1])
    low, high = np.tile(low, 2), np.tile(high, 2)
    order = np.lexsort((low, owner))
    owner, other, low, high = owner[order], other[order], low[order], high[order]
    begins = np.searchsorted(owner, np.arange(count + 1))
    longest = np.zeros(count)
    np.maximum.at(longest, owner, high - low)
    shares = np.empty((len(found.first), 2))
    times = np.ascontiguousarray(found.time), np.ascontiguousarray(found.rms)
    lists = (begins, other, low, high, longest)
    disturbed_shares((found.first, found.second), times, length, (0.0, end), lists, shares)
    return shares


def _again(found: Passages, still: Passages, count: int, end: float) -> float:
    """Of the pairs that meet the share that meets more than once."""
    near, _, _ = _times_on(found, end)
    beside = still.of(still.closest <= ON**2)
    first, second = (np.concatenate([near[k], beside[k]]).astype(np.int64) for k in range(2))
    meetings: Indices = np.unique(first * count + second, return_counts=True)[1]
    return float(np.mean(meetings > 1)) if len(meetings) else 0.0
