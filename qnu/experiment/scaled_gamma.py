"""Whether gamma is that of the wave packets in [units]."""

from __future__ import annotations

from collections.abc import Iterable

from ..premises import Premise
from ..schedules import EncounterSchedule
from .methods import Method

#: A gamma so many times that of the packets is a scaled one; smaller factors are of directions.
_SCALED = 10.0


def scaled_gamma(
    schedule: EncounterSchedule, methods: Iterable[Method], of_packets: float | None
) -> list[Premise]:
    """A premise where a method has a much larger gamma than the packets that the file names.

    Args:
        schedule: gamma of methods that follow encounters, or have none of their own.
        methods: of the experiment.
        of_packets: gamma of the packets; None: the file does not name them.

    Returns:
        one premise, which fails; nothing where no gamma is more than ten times that of the packets.

    Examples:
        >>> import qnu
        >>> experiment = qnu.experiment.load("supernova")
        >>> scaled_gamma(experiment.schedule, experiment.methods, 1e-4)[0].text
        'gamma is 100 times that of the packets in [units]: entanglement per km is that much faster'
    """
    if of_packets is None:
        return []
    factors = {}
    for method in methods:
        own = method.options.get("gamma")
        uses = method.table.encounters or "gamma" in type(method.table).model_fields
        gamma = schedule.gamma if own is None else own
        if uses and gamma is not None and gamma > _SCALED * of_packets:
            factors[method.label] = float(gamma / of_packets)
    if not factors:
        return []
    low, high = min(factors.values()), max(factors.values())
    several = f"{low:.3g} to " if high > 1.01 * low else ""
    text = (
        f"gamma is {several}{high:.3g} times that of the packets in [units]: entanglement per km"
        " is that much faster"
    )
    meaning = (
        "where entanglement is slow, results depend on mu gamma t, and not on the path in km:"
        " `qnu units` says how long it takes with the packets"
    )
    return [Premise("scaled_gamma", False, text, factors, tuple(factors), meaning)]
