"""Premise: one assumption of a method, whether it holds, and the number that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Premise:
    """One assumption, and whether it holds for a gas, a schedule and the methods that run.

    Args:
        name: ``"meetings"``, ``"shared_past"``, ``"one_at_a_time"``, ``"swap_angle"``, ``"mu_t"``,
            ``"own_clocks"``, ``"settings"``, ``"kinetic_range"``, ``"resolve"``,
            ``"group_vectors"``, ``"start"``, ``"stability"``, ``"one_history"`` or, of
            experiment files, ``"scaled_gamma"``.
        holds: whether it does; None: not known.
        text: one line, with the number.
        numbers: by name.
        methods: labels of the methods that it concerns.
        meaning: what follows where it does not hold.

    Examples:
        >>> Premise("meetings", False, "a pair meets 6 times on average", {"mean": 6.0}).holds
        False
    """

    name: str
    holds: bool | None
    text: str
    numbers: Mapping[str, float] = field(default_factory=dict)
    methods: tuple[str, ...] = ()
    meaning: str = ""
