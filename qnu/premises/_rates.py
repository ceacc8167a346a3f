"""Premises about methods that follow rates: their range, their mu t, what else they are given."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from .. import profiles
from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule, Meetings
from ..schedules.clock import phases_at
from ..schedules.partners import partners_of
from ..solvers.kinetic import EXPANDED
from ..solvers.mean_field import why_chosen
from ._subjects import Subject, is_drawn, labels
from .premise import Premise

#: mu t of methods may differ by this fraction.
_SAME = 0.01
#: Radians by which members of a group may turn apart.
_TOGETHER = 1.0


def about_kinetic(
    gas: NeutrinoGas, schedule: EncounterSchedule, methods: Sequence[Subject]
) -> list[Premise]:
    """Whether the terms of kinetic that are expansions in gamma are within their range."""
    found = []
    for one in methods:
        if one.kind not in ("kinetic", "transport"):
            continue
        gamma = float(one.option("gamma", schedule) or 0.0)
        if one.kind == "transport":
            if gamma > 0:
                found.append((True, gamma, 0.0, one))
            continue
        p = float(one.option("probability", schedule) or 0.0)
        clock = bool(one.options.get("own_clock", False)) and bool(gas.omega.any())
        found.append((p > 0 or clock, gamma, p, one))
    if not found:
        return []
    expanded = [entry for entry in found if entry[0]]
    _, gamma, p, worst = max(expanded or found, key=lambda entry: entry[1])
    holds = not expanded or gamma <= EXPANDED
    named = labels(one for used, strength, _, one in found if used and strength > EXPANDED)
    term = "own clocks" if p == 0 else f"p = {p:.3g}"
    if worst.kind == "transport":
        term = "the lowest order"
    text = f"{worst.label}: gamma = {gamma:.3g}"
    if not holds:
        text += f" > {EXPANDED}, beyond the range of its term of {term}"
    elif expanded:
        text += f", within its range of {EXPANDED}"
    else:
        text += ", no limit at p = 0"
    meaning = f"errors of a few percent and more; independent has no such limit ({term})"
    named = named or labels(one for *_, one in found)
    return [Premise("kinetic_range", holds, text, {"gamma": gamma, "p": p}, named, meaning)]


def about_rows(gas: NeutrinoGas, methods: Sequence[Subject]) -> list[Premise]:
    """That a spectrum has decided on one vector per neutrino."""
    named = labels(one for one in methods if one.chose_neutrinos)
    why = why_chosen(gas)
    if not named or why is None:
        return []
    meaning = "one vector cannot stand for a group whose members turn at different rates"
    return [Premise("resolve", True, f"{', '.join(named)}: {why}", {}, named, meaning)]


def about_group_vectors(
    gas: NeutrinoGas, schedule: EncounterSchedule, methods: Sequence[Subject]
) -> list[Premise]:
    """Whether the members of a group turn alike, where one vector stands for all of them."""
    concerned = [
        one
        for one in methods
        if one.kind in ("mean_field", "kinetic") and one.options.get("resolve") == "group"
    ]
    if not concerned or gas.velocity is None or schedule.kind == "constant_background":
        return []
    rate = _spread_of_rates(gas)
    matter = not profiles.is_zero(schedule.matter)
    if not matter and abs(gas.polarization[:, :2]).max() < 1e-12:
        rate = 0.0  # all along B: nobody turns
    apart = 0.0
    for one in concerned:
        turned = _phase(one.option("mu", schedule), one.end)
        if one.kind == "kinetic":  # then the polarizations are gone
            turned = min(turned, 1.0 / float(one.option("gamma", schedule)))
        apart = max(apart, rate * turned)
    named = labels(concerned)
    text = f"{', '.join(named)}: members of a group turn apart by up to {apart:.2g} rad"
    meaning = "one vector stands for a group; with resolve = 'neutrino' each has its own"
    numbers = {"radians": apart}
    return [Premise("group_vectors", apart <= _TOGETHER, text, numbers, named, meaning)]


def _spread_of_rates(gas: NeutrinoGas) -> float:
    r"""rms over neutrinos of ``|m_i - <m>_group|``, ``m_i = sum_j (1 - v_i.v_j) P_j / (N - 1)``."""
    velocity = gas.velocity
    assert velocity is not None
    weight = (gas.shares / np.maximum(gas.counts, 1))[gas.group][:, None]
    rest = 1.0 - float(np.sum(weight**2))  # (N - 1)/N without weights
    field = -(velocity @ (velocity.T @ (weight * gas.polarization))) / (rest if rest > 0 else 1.0)
    field -= gas.group_means(field)[gas.group]
    return float(np.sqrt(np.mean(np.sum(field**2, axis=1))))


def _phase(mu: Any, end: float) -> float:
    """The integral of mu from 0 to a time."""
    return float(phases_at(mu, np.array([end]), zero=True)[0])


def about_mu_t(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    found: Meetings | None,
    methods: Sequence[Subject],
    histories: int,
) -> list[Premise]:
    """Whether all methods end at one mu t: encounters times gamma, and the integral of mu."""
    reached = {}
    for one in methods:
        value = (
            _of_encounters(gas, schedule, found, one.end, histories)
            if one.follows_encounters
            else _of_rates(gas, schedule, one)
        )
        if value is not None:
            reached[one.label] = value
    if len(reached) < 2 or len(gas) < 2:
        return []
    low, high = min(reached, key=reached.__getitem__), max(reached, key=reached.__getitem__)
    holds = reached[high] - reached[low] <= _SAME * reached[high]
    what = "integral of mu" if callable(schedule.mu) else "mu t"
    text = f"all methods end at {what} = {reached[high]:.4g}"
    if not holds:
        text = (
            f"different {what} at the end: {reached[low]:.4g} ({low}), {reached[high]:.4g} ({high})"
        )
    counted = "gamma times the mean number of encounters"
    if schedule.kind == "wave_packets":
        counted = "that of the sum of all swap angles"
    meaning = f"mu t is {counted}, and the integral of mu of a rate"
    return [Premise("mu_t", holds, text, reached, tuple(reached), meaning)]


def _of_encounters(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    found: Meetings | None,
    end: float,
    histories: int,
) -> float | None:
    """gamma times the encounters per neutrino, of one that never rests."""
    whole = _phase(schedule.mu, schedule.final_time)
    share = _phase(schedule.mu, end) / whole if whole else 1.0
    if schedule.kind == "plane_wave" or (histories > 1 and is_drawn(schedule)):
        return whole * share  # by construction, or in the mean over histories
    count = len(gas)
    weight = _weight(gas, partners_of(gas, schedule))
    if schedule.source.fresh:  # the background has no encounters of its own
        count, weight = 2 * (count - 1), 1.0
    if schedule.gamma is not None and schedule.kind != "wave_packets":  # whose angles differ
        encounters = schedule.expected if found is None else found.encounters
        return share * schedule.gamma * 2 * encounters / (count * weight)
    if found is None or schedule.source.fresh:
        return None
    return share * 2 * found.total_angle / (count * weight * _mean_one_minus_cos(gas))


def _mean_one_minus_cos(gas: NeutrinoGas) -> float:
    """The mean over all pairs."""
    if gas.velocity is None:
        return 1.0
    total = gas.velocity.sum(axis=0)
    count = len(gas)
    return max(float(count**2 - total @ total) / (count * (count - 1)), 1e-12)


def _of_rates(gas: NeutrinoGas, schedule: EncounterSchedule, one: Subject) -> float:
    """The integral of its mu, with the weights of its partners over those of the schedule."""
    own, weight = partners_of(gas, schedule), 1.0
    if schedule.expected:
        own_partners = (
            "all" if one.kind in ("collective", "transport") else one.options.get("partners")
        )
        weight = _weight(gas, own_partners or own) / _weight(gas, own)
    return weight * _phase(one.option("mu", schedule), one.end)


def _weight(gas: NeutrinoGas, partners: str) -> float:
    """Encounters of a neutrino per t_int: 1 where it never rests."""
    if partners == "across":
        return float(2 * gas.shares.min())
    if partners == "all":
        itself = gas.shares**2 / np.maximum(gas.counts, 1)
        return 1.0 - float(itself.sum())  # (N - 1)/N without weights
    return 1.0


def about_settings(schedule: EncounterSchedule, methods: Sequence[Subject]) -> list[Premise]:
    """Whether rates have the gamma, probability and matter of the encounters beside them."""
    if not schedule.expected or not any(one.follows_encounters for one in methods):
        return []
    rates = [one for one in methods if not one.follows_encounters]
    differences, numbers, named = [], {}, []
    for one in rates:
        for name in ("gamma", "probability", "matter"):
            own, theirs = one.options.get(name), getattr(schedule, name)
            if name == "probability" and one.kind == "transport" and one.option("gamma", schedule):
                own = 0.0  # it knows no other arrivals
            if own is None or theirs is None or own == theirs:
                continue
            differences.append(
                f"{one.label}: {name} = {_short(own)}, encounters have {_short(theirs)}"
            )
            named.append(one.label)
            if not callable(own):
                numbers[f"{one.label} {name}"] = float(own)
    if not rates:
        return []
    text = "; ".join(differences) or "gamma, probability and matter as in the encounters"
    meaning = "the methods describe different gases"
    concerned = tuple(dict.fromkeys(named)) or labels(rates)
    return [Premise("settings", not differences, text, numbers, concerned, meaning)]


def _short(value: Any) -> str:
    return "a function of time" if callable(value) else f"{value:.3g}"
