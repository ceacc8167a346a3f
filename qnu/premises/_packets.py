"""Whether wave packets meet one at a time, as a schedule of single passages takes it."""

from __future__ import annotations

from collections.abc import Sequence

from ..schedules import EncounterSchedule, packet_statistics
from ._subjects import Subject, labels
from .premise import Premise

#: Share of the swap angle that may be exchanged while a third packet is there.
_DISTURBED = 0.1
#: Share of the mean field that the cutoff may leave out.
_LOST = 0.02
#: Passages are looked at up to here, in about a second.
_MOST = 5 * 10**6


def about_packets(schedule: EncounterSchedule, methods: Sequence[Subject]) -> list[Premise]:
    """The share of the swap angle that a third packet disturbs; no matter to time slices."""
    named = labels(one for one in methods if one.follows_encounters)
    packets = schedule.source.packets
    if packets is None or (methods and not named) or schedule.source.refusal is not None:
        return []
    if packets.expected > _MOST:
        return []
    found = packet_statistics(schedule)
    sliced = schedule.trotter is not None
    text = f"{_percent(found.disturbed)} of the swap angle is exchanged beside a third wave packet"
    if found.pairs_again is not None:
        text += f"; {_percent(found.pairs_again)} of the pairs that meet do so again"
    if sliced:
        text += f"; overlaps are cut into {schedule.trotter[0]} slices" if schedule.trotter else ""
    numbers = {
        "disturbed": found.disturbed,
        "size": found.size,
        "mean_gamma": found.mean_gamma,
        "others_on_one": found.others_on_one,
        "lost_mean_field": found.lost_mean_field,
        "lost_entanglement": found.lost_entanglement,
    }
    if found.pairs_again is not None:
        numbers["pairs_again"] = found.pairs_again
    meaning = "single passages are not what such packets do; `slices` cuts their overlaps in time"
    holds = sliced or found.disturbed <= _DISTURBED
    result = [Premise("one_at_a_time", holds, text, numbers, named, meaning)]
    if found.lost_mean_field > _LOST and not (sliced and packets.large):
        lost = f"the cutoff leaves out {_percent(found.lost_mean_field)} of the mean field"
        meaning = "mean field, kinetic and miscidynamics take all of it; a larger cutoff does too"
        numbers = {"lost_mean_field": found.lost_mean_field}
        result.append(Premise("cutoff", False, lost, numbers, named, meaning))
    return result


def _percent(share: float) -> str:
    return f"{100 * share:.3g} %"
