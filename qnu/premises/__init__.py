"""What methods assume, and whether it holds: one line each, with the number.

``qnu validate`` and ``qnu run`` say which premises fail; ``report.md`` and ``summary.json`` have
all of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ..gas import NeutrinoGas
from ..schedules import EncounterSchedule
from ..schedules.match import check_match
from ..trajectory import Trajectory
from . import _encounters, _rates
from ._miscidynamics import about_miscidynamics
from ._packets import about_packets
from ._subjects import Subject, labels, subjects
from .premise import Premise

__all__ = ["Premise", "failing", "premises"]


def premises(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    methods: Iterable[Any] = (),
    trajectories: Mapping[str, Trajectory] | None = None,
    *,
    histories: int = 1,
) -> tuple[Premise, ...]:
    r"""Whether the premises of methods hold for a gas and a schedule.

    - ``meetings``: no pair meets twice (the mean is :math:`2n/N(N-1)`), ``shared_past``: no
      encounter is between neutrinos whose light cones have met (:func:`qnu.schedules.meetings`).
      Not for plane waves and time slices, in which pairs meet at all times.
    - ``one_at_a_time``: of wave packets without time slices, less than 10 % of the swap angle is
      exchanged while a third packet is on either of the two
      (:func:`qnu.schedules.packet_statistics`).
    - ``swap_angle``: :math:`\theta \le \pi/2`.
    - ``mu_t``: all methods end at one :math:`\mu t`, to 1 %: that of encounters is
      :math:`\gamma` times their number per neutrino, that of a rate :math:`\int\mu\,dt`, each over
      the weight of its partners. ``own_clocks``: where the clocks of neutrinos run in encounters
      only (``random_pairs``), they end within 0.1 rad of vacuum precession.
      ``settings``: rates have the gamma, probability and matter of the encounters.
    - ``kinetic_range``: :math:`\gamma \le 0.15` where :math:`p > 0` or with own clocks, and of
      transport, whose entanglement is the lowest order in gamma.
      ``resolve``: where a group has a spectrum, mean field and kinetic have one vector per
      neutrino, although nobody asked for it (always holds: it is there to be said).
      ``group_vectors``: members of a group turn apart by less than 1 rad: the rms of
      :math:`|\mathbf m_i - \langle\mathbf m\rangle_\mathrm{group}|` at the start,
      :math:`\mathbf m_i = \frac{\mu}{N-1}\sum_j(1 - \mathbf v_i\cdot\mathbf v_j)\,\mathbf P_j`
      (with weights as in :func:`qnu.solvers.mean_field`),
      times the time (of kinetic up to :math:`1/\mu\gamma`): an upper estimate.
    - ``start``: miscidynamics begins within 0.2 of its equilibrium, ``stability``: deviations grow
      by less than :math:`10^{-6}\mu`; before the run, at its start, if that is the gas itself.
      ``adiabatic``: its ``adiabaticity`` stays below 0.5; before the run for MSW only.
    - ``one_history``: what is drawn at random is drawn several times.

    Encounters are counted one by one up to :math:`10^7` (above 4096 neutrinos
    :math:`4\times10^6`); of more, and where no method follows them, the expected number counts.

    Args:
        gas: the neutrinos.
        schedule: who meets whom; of an ensemble, in its first history.
        methods: those that will run or have run: with ``label``, ``kind``, ``times`` and
            ``options``, such as those of :class:`qnu.experiment.Experiment`.
        trajectories: their results so far by label; methods that are not in ``methods`` count as
            what their attributes record.
        histories: how many histories there are.

    Returns:
        premises that can be told, those that fail and those that hold.

    Raises:
        QnuError: a schedule of another gas.

    References:
        Kost, Johns, Duan, OILE I (PRD 109, 103037) and II (2508.14331).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1]] * 20, omega=[0.0] * 20)
        >>> schedule = qnu.schedules.stochastic(gas, 0.05, 1.0, 22.0, seed=1)
        >>> for premise in premises(gas, schedule):
        ...     print(premise.name, premise.holds, premise.text)
        meetings False a pair meets 23.2 times on average, at most 37 times
        shared_past False in 99.4 % of encounters the partners share a past
        swap_angle True largest swap angle 0.05 (pi/2 = 1.571)
    """
    check_match(gas, schedule, rows=False, anisotropic=True)
    runs = {} if trajectories is None else trajectories
    found = subjects(schedule, methods, runs)
    counts = _encounters.counted(schedule, found)
    return (
        *_encounters.about_meetings(schedule, counts, found),
        *_encounters.about_angles(schedule, counts, found),
        *_rates.about_mu_t(gas, schedule, counts, found, histories),
        *about_packets(schedule, found),
        *_encounters.about_clocks(gas, schedule, counts, found),
        *_rates.about_settings(schedule, found),
        *_rates.about_kinetic(gas, schedule, found),
        *_rates.about_rows(gas, found),
        *_rates.about_group_vectors(gas, schedule, found),
        *about_miscidynamics(gas, schedule, found),
        *_about_histories(gas, schedule, found, histories),
    )


def failing(found: Iterable[Premise]) -> tuple[Premise, ...]:
    """Premises that fail, and those of which nothing is known.

    Args:
        found: by :func:`premises`.

    Examples:
        >>> failing([Premise("mu_t", True, ""), Premise("settings", False, "")])[0].name
        'settings'
    """
    return tuple(premise for premise in found if not premise.holds)


def _about_histories(
    gas: NeutrinoGas, schedule: EncounterSchedule, methods: tuple[Subject, ...], histories: int
) -> list[Premise]:
    """Whether what is drawn at random is drawn several times."""
    random = labels(one for one in methods if one.depends_on_draws(gas, schedule))
    if not random:
        return []
    text = f"mean over {histories} histories"
    if histories == 1:
        text = "one random history, no error bar: seeds = 20 gives one"
    meaning = "single histories spread around the mean as sqrt(gamma)"
    numbers = {"histories": float(histories)}
    return [Premise("one_history", histories > 1, text, numbers, random, meaning)]
