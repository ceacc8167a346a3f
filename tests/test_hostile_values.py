"""Whatever one argument of a public function is, the answer is finite or one QnuError."""

from __future__ import annotations

import decimal
import fractions
import warnings
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

import qnu
from qnu import catalogue, encounter, observables, piecewise, profiles, schedules, solvers, units
from qnu import gas as gases
from qnu.common import memory
from qnu.schedules import mixing

from .conftest import TooSlowError, time_limit

#: A call may take this long, in seconds of all processors; nearly all take less than a millisecond.
TIME_LIMIT = 20.0

Call = Callable[..., Any]


class _Strange:
    """An object with no conversion to anything."""


class _Failing:
    """An object whose conversions all fail, in a way of their own."""

    def __float__(self) -> float:
        raise ValueError("no")

    def __repr__(self) -> str:
        raise RuntimeError("no")


def _nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


#: Made anew for every call, since a call may use a generator up.
HOSTILE: dict[str, Callable[[], Any]] = {
    "None": lambda: None,
    "empty text": lambda: "",
    "text": lambda: "x",
    "text of a number": lambda: "1.5",
    "control characters": lambda: "a\x1b[31m\x00\n",
    "long text": lambda: "x" * 200_000,
    "bytes": lambda: b"1",
    "bytearray": lambda: bytearray(b"1"),
    "NaN": lambda: float("nan"),
    "infinity": lambda: float("inf"),
    "minus infinity": lambda: float("-inf"),
    "-1": lambda: -1,
    "-0.5": lambda: -0.5,
    "0": lambda: 0,
    "1": lambda: 1,
    "2.5": lambda: 2.5,
    "1e308": lambda: 1e308,
    "-1e308": lambda: -1e308,
    "1e-300": lambda: 1e-300,
    "5e-324": lambda: 5e-324,
    "1e30": lambda: 1e30,
    "2**31": lambda: 2**31,
    "2**63": lambda: 2**63,
    "10**400": lambda: 10**400,
    "-10**400": lambda: -(10**400),
    "5,000 digits": lambda: 10**5000,
    "list with 10**400": lambda: [10**400],
    "True": lambda: True,
    "NumPy's False": lambda: np.False_,
    "empty list": list,
    "list in a list": lambda: [[]],
    "ragged": lambda: [[1.0], [1.0, 2.0]],
    "list of texts": lambda: ["a", "b"],
    "list of None": lambda: [None, None],
    "nested list": lambda: _nested(2000),
    "empty dict": dict,
    "set": lambda: {1, 2},
    "object": lambda: _Strange(),
    "object that fails": lambda: _Failing(),
    "masked array": lambda: np.ma.masked_array([1.0, 2.0], mask=[True, False]),
    "masked": lambda: np.ma.masked,
    "masked vectors": lambda: np.ma.masked_array([[0.0, 0.0, 1.0]] * 2, mask=[[0, 1, 0]] * 2),
    "array of objects": lambda: np.array([None, "x"], dtype=object),
    "0-d array": lambda: np.array(1.0),
    "0-d array of text": lambda: np.array("1"),
    "array of one": lambda: np.array([1.0]),
    "NaN in an array": lambda: np.array([1.0, np.nan]),
    "NaN in vectors": lambda: np.array([[0.0, np.nan, 1.0]] * 2),
    "complex": lambda: 1 + 2j,
    "NumPy's complex": lambda: np.complex64(1),
    "array of complex": lambda: np.array([1j, 2.0]),
    "date": lambda: np.datetime64("2020-01-01"),
    "time span": lambda: np.timedelta64(5, "s"),
    "array of dates": lambda: np.array(["2020-01-01"] * 2, dtype="datetime64[D]"),
    "huge view": lambda: np.broadcast_to(0.5, (10**7, 10**7)),
    "huge view of vectors": lambda: np.broadcast_to(0.5, (10**12, 3)),
    "long view": lambda: np.broadcast_to(0.5, (10**13,)),
    "generator": lambda: (x for x in (0.0, 1.0)),
    "range": lambda: range(2),
    "Fraction": lambda: fractions.Fraction(1, 3),
    "Decimal": lambda: decimal.Decimal("0.1"),
    "Decimal NaN": lambda: decimal.Decimal("sNaN"),
    "large array": lambda: np.full(100, 1e308),
    "large vectors": lambda: np.full((2, 3), 1e308),
    "float16": lambda: np.float16(0.5),
    "longdouble": lambda: np.longdouble("1e4000"),
    "structured array": lambda: np.zeros(2, dtype=[("a", float)]),
    "function": lambda: _Strange,
    "function of a text": lambda: lambda t: "x",
    "function of NaN": lambda: lambda t: np.nan * np.asarray(t),
    "a gas": lambda: _gas(),
}


def _gas() -> qnu.NeutrinoGas:
    return qnu.NeutrinoGas.from_groups(
        [
            qnu.Group(2, polarization=[0, 0, 1], omega=0.1),
            qnu.Group(2, polarization=[0.6, 0, -0.8], omega=0.2),
        ],
        velocities="right-angle",
        mixing_angle=0.1,
    )


def _schedule() -> qnu.EncounterSchedule:
    return schedules.tournament(_gas(), 0.1)


def _trajectory() -> qnu.Trajectory:
    return solvers.independent(_gas(), _schedule(), [0.0, 0.3])


P = [[0.0, 0.0, 1.0], [0.6, 0.0, -0.8]]
ROWS = {
    "first": [0, 1],
    "second": [1, 0],
    "swap_angle": [0.1, 0.2],
    "start": [0.0, 1.0],
    "duration": [0.5, 0.5],
}
TIMES = [0.0, 0.1]
_TEXT = catalogue.find_experiment("tournament_4").read_text(encoding="utf-8")
RATES = {"times": TIMES, "mu": 1.0, "matter": 0.1, "resolve": "group", "partners": "others"}


def _kwargs(function: Call, *args: Any, **kwargs: Any) -> tuple[Call, tuple[Any, ...], Any]:
    return function, args, kwargs


def calls() -> dict[str, tuple[Call, tuple[Any, ...], dict[str, Any]]]:
    """Valid calls; the hostile value takes the place of each of their arguments in turn."""
    gas, schedule, run = _gas(), _schedule(), _trajectory()
    made = {"gamma": 0.1, "mu": 1.0, "matter": 0.0}
    pair = np.eye(4) / 4
    return {
        "Group": _kwargs(
            qnu.Group, 2, polarization=[0, 0, 1], omega=0.1, name="a", antineutrino=False
        ),
        "Group of flavor": _kwargs(qnu.Group, 2, flavor="electron", omega=[0.1, 0.2]),
        "NeutrinoGas": _kwargs(
            qnu.NeutrinoGas,
            P,
            [0.1, 0.2],
            [[1, 0, 0], [0, 1, 0]],
            [0, 1],
            [False, True],
            0.1,
            group_names=("a", "b"),
            velocities="given",
        ),
        "from_groups": _kwargs(
            qnu.NeutrinoGas.from_groups,
            [qnu.Group(2, flavor="x")],
            velocities="isotropic",
            mixing_angle=0.1,
            seed=1,
        ),
        "one_minus_cos": _kwargs(gas.one_minus_cos, [0], [1]),
        "one_minus_cos, given": _kwargs(
            qnu.NeutrinoGas(P, [0.1, 0.2], [[1, 0, 0], [0, 1, 0]]).one_minus_cos, [0], [1]
        ),
        "group_means": _kwargs(gas.group_means, [1.0, 2.0, 3.0, 4.0]),
        "is_pure": _kwargs(gas.is_pure, 1e-6),
        "with_polarization": _kwargs(gas.with_polarization, P + P),
        "gas.at": _kwargs(gas.at, run, 0.3),
        "flavor_direction": _kwargs(gases.flavor_direction, 0.1),
        "fields": _kwargs(gases.fields, [0.1], [0.2], 0.1),
        "omega_from_energy": _kwargs(units.omega_from_energy, 2.5e-3, 10.0),
        "energy_from_omega": _kwargs(units.energy_from_omega, 2.5e-3, 0.6),
        "mu_from_density": _kwargs(units.mu_from_density, 1e32),
        "density_from_mu": _kwargs(units.density_from_mu, 1e4),
        "gamma_from_area": _kwargs(units.gamma_from_area, 1e4),
        "area_from_gamma": _kwargs(units.area_from_gamma, 0.1),
        "time_in_km": _kwargs(units.time_in_km, 1.0, 1e3),
        "swap_angle": _kwargs(encounter.swap_angle, 0.1, 1.0),
        "unitary": _kwargs(encounter.unitary, 0.1, [0, 0, 0.1], [0.1, 0, 0.2], 1.0),
        "unitary of many": _kwargs(encounter.unitary, [0.1, 0.2]),
        "rotation_unitary": _kwargs(encounter.rotation_unitary, [0, 0, 1.0], 1.0),
        "density_matrix": _kwargs(encounter.density_matrix, [0, 0, 1.0]),
        "polarization_of": _kwargs(encounter.polarization_of, np.eye(2) / 2),
        "after_encounter": _kwargs(
            encounter.after_encounter, [0, 0, 1.0], [1.0, 0, 0], 0.1, [0, 0, 0.1], [0, 0, 0.2], 1.0
        ),
        "affine_map": _kwargs(
            encounter.affine_map, [0, 0, 1.0], 0.1, [0, 0, 0.1], [0, 0, 0.2], 1.0
        ),
        "length": _kwargs(observables.length, P),
        "purity": _kwargs(observables.purity, P),
        "entropy": _kwargs(observables.entropy, P),
        "flavor_probability": _kwargs(
            observables.flavor_probability, P, 0.1, [False, True], "electron"
        ),
        "survival_probability": _kwargs(observables.survival_probability, P, P),
        "concurrence": _kwargs(observables.concurrence, pair),
        "negativity": _kwargs(observables.negativity, pair),
        "mutual_information": _kwargs(observables.mutual_information, pair),
        "requested_of_state": _kwargs(
            observables.requested_of_state, ["half_chain_entropy"], [0.0, 1.0]
        ),
        "requested": _kwargs(observables.requested, ["purity"], np.zeros((1, 1, 3)), None),
        "Table": _kwargs(profiles.Table, [0.0, 1.0], [1.0, 2.0]),
        "Table()": _kwargs(profiles.Table([0.0, 1.0], [1.0, 2.0]), 0.5),
        "Exponential": _kwargs(profiles.Exponential, 1.0, 2.0),
        "Exponential()": _kwargs(profiles.Exponential(1.0, 2.0), 0.5),
        "evaluate": _kwargs(profiles.evaluate, 1.0, [0.0, 1.0]),
        "trace": _kwargs(piecewise.trace, 1.0, 2.0),
        "tournament": _kwargs(
            schedules.tournament, gas, order="circle", vacuum="inside", seed=1, **made
        ),
        "bipartite": _kwargs(schedules.bipartite, gas, vacuum="inside", **made),
        "stochastic": _kwargs(
            schedules.stochastic,
            gas,
            probability=0.5,
            duration=1.0,
            seed=1,
            vacuum="between",
            **made,
        ),
        "random_pairs": _kwargs(schedules.random_pairs, gas, encounters=10, seed=1, **made),
        "native": _kwargs(
            schedules.native,
            gas,
            coupling=[[0, 1], [1, 2], [2, 3]],
            encounters_per_neutrino=3,
            seed=1,
            prefer="strangers",
            trade=0.5,
            share=0.5,
            sites=[0, 1, 2, 3],
            vacuum="between",
            **made,
        ),
        "constant_background": _kwargs(
            schedules.constant_background,
            gas,
            background=0,
            encounters=10,
            probability=0.5,
            seed=1,
            **made,
        ),
        "plane_wave": _kwargs(
            schedules.plane_wave, gas, duration=1.0, steps=5, order=2, mu=1.0, matter=0.0
        ),
        "coupling_map": _kwargs(schedules.coupling_map, "line", 5),
        "Wiring": _kwargs(schedules.Wiring, [(0, 1)], [0, 1], [True, False]),
        "from_table": _kwargs(
            qnu.EncounterSchedule.from_table,
            {"first": [0.0], "second": [1.0], "swap_angle": [0.1], "start": [0.5]},
            columns={"first": "first"},
            numbered_from=0,
            sort=True,
            angle_factor=0.5,
            time_factor=2.0,
            duration=0.1,
            neutrinos=2,
            final_time=2.0,
            free_streaming=True,
            gamma=0.1,
            mu=1.0,
            probability=0.5,
            matter=0.0,
        ),
        "from_table, columns": _kwargs(
            lambda first, angle, start, fresh: qnu.EncounterSchedule.from_table(
                {
                    "first": first,
                    "second": [1],
                    "swap_angle": angle,
                    "start": start,
                    "fresh": fresh,
                }
            ),
            [0],
            [0.1],
            [0.5],
            [1],
        ),
        "EncounterSchedule": _kwargs(
            qnu.EncounterSchedule,
            neutrinos=2,
            final_time=2.0,
            free_streaming=True,
            fresh=[False, False],
            gamma=0.1,
            mu=1.0,
            matter=0.0,
            probability=0.5,
            **ROWS,
        ),
        "checked_times": _kwargs(schedule.checked_times, TIMES),
        "sample_times": _kwargs(schedule.sample_times, TIMES),
        "equally_spaced": _kwargs(schedule.equally_spaced, 3),
        "chunks": _kwargs(lambda *a, **k: list(schedule.chunks(*a, **k)), 2, begin=1),
        "segments": _kwargs(lambda *a, **k: list(schedule.segments(*a, **k)), TIMES, 2, begin=0),
        "share_met": _kwargs(mixing.share_met, schedule, [1.0, 2.0]),
        "meeting_counts": _kwargs(mixing.meeting_counts, schedule),
        "return_times": _kwargs(mixing.return_times, schedule),
        "many_body": _kwargs(
            solvers.many_body, gas, schedule, TIMES, "double", ["entropy"], trotter_error=True
        ),
        "independent": _kwargs(solvers.independent, gas, schedule, TIMES),
        "light_cone": _kwargs(solvers.light_cone, gas, schedule, TIMES, 10),
        "collective": _kwargs(
            solvers.collective, gas, TIMES, 1.0, 0.0, observables=["entropy", "beam_entropy"]
        ),
        "final_state": _kwargs(solvers.final_state, gas, schedule, 0.3, "double"),
        "mean_field": _kwargs(solvers.mean_field, gas, **RATES),
        "kinetic": _kwargs(
            solvers.kinetic, gas, gamma=0.1, probability=0.0, own_clock=False, **RATES
        ),
        "miscidynamics": _kwargs(
            solvers.miscidynamics, gas, TIMES, 0.01, 1.0, 0.0, 0.0, signs=[1, 1]
        ),
        "transport": _kwargs(
            solvers.transport,
            qnu.Beams([0.5, -0.5], [1.0, 1.0], P),
            TIMES,
            length=4.0,
            cells=8,
            beams=2,
            boundary="open",
            advection="weno7",
            perturbation="random",
            amplitude=0.01,
            wave_number=1,
            width=1.0,
            seed=1,
            initial=[P] * 8,
            inflow=P,
            mu=1.0,
            matter=0.1,
            gamma=0.1,
            packet_ratio=None,
            damping=[0.1, 0.2],
            emission=0.1,
            equilibrium=P,
            cfl=0.5,
            turn=0.1,
        ),
        "quasi_steady_state": _kwargs(
            solvers.quasi_steady_state, [0.35, 0.24], [1, 1], [0.6, 0.4], [0.1, 0.2], -0.196, 1.0
        ),
        "index_of": _kwargs(run.index_of, 0.3),
        "at": _kwargs(run.at, 0.3),
        "EncounterGate": _kwargs(
            qnu.quantum.EncounterGate, 0.1, [0, 0, 0.1], [0, 0, 0.2], 1.0, False, label="a"
        ),
        "circuit": _kwargs(
            qnu.quantum.circuit, gas, schedule, [0.0, 0.3], 0.1, False, barriers=True
        ),
        "run": _kwargs(
            qnu.quantum.run, gas, schedule, "qnu", [0.0, 0.3], 10, ["entropy"], 1, swap=False
        ),
        "find_experiment": _kwargs(catalogue.find_experiment, "tournament_4"),
        "find_hardware": _kwargs(catalogue.find_hardware, "qnu"),
        "load": _kwargs(qnu.experiment.load, "tournament_4", 1),
        "parse": _kwargs(qnu.experiment.parse, _TEXT, 1),
        "Checkpoint": _kwargs(qnu.Checkpoint, "a/b", 10.0),
        "run.flavor_probability": _kwargs(run.flavor_probability, "electron"),
    }


@pytest.fixture(scope="module", autouse=True)
def compiled() -> None:
    """Every loop once, without a limit: compiling takes longer than any call."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for function, args, kwargs in calls().values():
            with suppress(qnu.QnuError):
                function(*args, **kwargs)


def numbers(answer: Any) -> Iterator[Any]:
    """Every array of numbers in an answer."""
    if isinstance(answer, qnu.Trajectory):
        yield answer.times
        yield answer.polarization
    elif isinstance(answer, qnu.EncounterSchedule):
        yield answer.final_time
        if answer.source.blocks == 1 and len(answer) < 10_000:
            yield answer.swap_angle
            yield answer.start
            yield answer.duration
    elif isinstance(answer, qnu.NeutrinoGas):
        yield answer.polarization
        yield answer.omega
    elif isinstance(answer, profiles.Table):
        yield answer.times
        yield answer.values
    elif isinstance(answer, tuple | list):
        for part in answer:
            yield from numbers(part)
    elif isinstance(answer, dict):
        yield from numbers(list(answer.values()))
    elif isinstance(answer, np.ndarray | np.number | float | int):
        yield answer


def verdict(function: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """What is wrong with a call, in one line; empty where nothing is."""
    try:
        with time_limit(TIME_LIMIT), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            answer = function(*args, **kwargs)
            for part in numbers(answer):
                values = np.asarray(part)
                if values.dtype.kind in "fc" and not np.isfinite(values).all():
                    return f"not finite: {values.ravel()[:4]}"
    except qnu.QnuError as error:
        return "" if str(error).isprintable() and len(str(error)) < 1000 else "not one short line"
    except TooSlowError:
        return "too slow"
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:80]}"
    return ""


def cases() -> Iterator[tuple[str, str, str, str]]:
    """Name of the call, of the argument and of the value, and what is wrong."""
    for name, (function, args, kwargs) in calls().items():
        for what, make in HOSTILE.items():
            for k in range(len(args)):
                some = (*args[:k], make(), *args[k + 1 :])
                yield name, str(k), what, verdict(function, some, kwargs)
            for key in kwargs:
                yield name, key, what, verdict(function, args, kwargs | {key: make()})


def test_the_calls_are_good_as_they_are() -> None:
    found = {name: verdict(*call) for name, call in calls().items()}
    assert {name: wrong for name, wrong in found.items() if wrong} == {}


def test_whatever_an_argument_is_the_answer_is_finite_or_one_error(monkeypatch) -> None:
    # a large machine would begin with what a small one refuses
    monkeypatch.setattr(memory, "available", lambda: 2 << 30)
    wrong = [" ".join(case) for case in cases() if case[-1]]
    assert wrong == []
