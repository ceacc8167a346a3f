"""What a benchmark runs: kinds of circuits in several sizes, and experiments of the catalogue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ...catalogue import experiment_names
from ...common.checks import Floats, integer
from ...common.spelling import did_you_mean
from ...errors import QnuError
from ...gas import NeutrinoGas
from ...quantum.circuits.problems import PROBLEMS
from ...schedules import EncounterSchedule
from ..loading import load

#: Sizes that a noisy simulation on two cores does in about a minute.
SIZES = (4, 6, 8)
_MOST_NEUTRINOS = 1000
_MOST_SAMPLES = 1000


@dataclass(frozen=True, eq=False)
class Case:
    """One circuit of a benchmark.

    Args:
        experiment: a kind of :data:`qnu.quantum.circuits.problems.PROBLEMS`, or an experiment.
        gas: who is there.
        schedule: who meets whom.
        times: sample times in 1/mu; the start is not one of them.

    Examples:
        >>> cases(["tournament"], sizes=[4])[0].name
        'tournament 4'
    """

    experiment: str
    gas: NeutrinoGas
    schedule: EncounterSchedule
    times: Floats

    @property
    def name(self) -> str:
        """``tournament 6``; of an experiment its name."""
        scalable = self.experiment in PROBLEMS
        return f"{self.experiment} {len(self.gas)}" if scalable else self.experiment


def cases(
    experiments: Sequence[str] | None = None, sizes: Sequence[int] = SIZES, samples: int = 1
) -> list[Case]:
    """The cases of a benchmark, checked.

    Args:
        experiments: kinds, of which every size is made, and experiments of the catalogue, which
            have a size of their own; default: all kinds.
        sizes: numbers of neutrinos.
        samples: equally spaced sample times after the start; 1: the end alone.

    Returns:
        kind by kind, the smallest first.

    Raises:
        QnuError: an unknown name (the message lists those that exist), a size out of range, mixed
            states.

    Examples:
        >>> [case.name for case in cases(["native", "tournament_4"], sizes=[6, 4])]
        ['native 4', 'native 6', 'tournament_4']
    """
    samples = integer("samples", samples, low=1, high=_MOST_SAMPLES)
    checked = sorted({integer("sizes", size, low=2, high=_MOST_NEUTRINOS) for size in sizes})
    if not checked:
        raise QnuError("sizes", list(sizes), "at least one number of neutrinos")
    found = []
    for name in dict.fromkeys(PROBLEMS if experiments is None else experiments):
        if name in PROBLEMS:
            made = [(name, *PROBLEMS[name](size)) for size in checked]
        else:
            made = [_experiment(name)]
        found += [Case(known, gas, s, s.equally_spaced(samples + 1)[1:]) for known, gas, s in made]
    if not found:
        raise QnuError("experiments", list(experiments or ()), "at least one")
    return found


def _experiment(name: str) -> tuple[str, NeutrinoGas, EncounterSchedule]:
    if not name.endswith(".toml") and name not in (known := experiment_names()):
        kinds = ", ".join(PROBLEMS)
        guess = did_you_mean(name, [*PROBLEMS, *known])
        allowed = f"one of {kinds}, an experiment of the catalogue, or a TOML file{guess}"
        raise QnuError("experiments", name, allowed)
    loaded = load(name)
    loaded.gas.require_pure("a circuit")
    return loaded.stem, loaded.gas, loaded.schedule
