"""Kinds of schedules: what generates the encounters, and how an experiment file names it.

The file of a generator ends with a subclass of :class:`ScheduleKind`: its ``[schedule]`` keys are
the fields of the class. To be defined is to be registered in :data:`KINDS`.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from pydantic import ValidationInfo, model_validator

from ..common.registry import register
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import PROFILE, Profile, Table, context_of, key
from .rows import BLOCK
from .schedule import EncounterSchedule

_BYTES_PER_ENCOUNTER = 64  # of a block of the schedule and the temporaries of making it

#: Every kind of ``[schedule]``, by its name in experiment files.
KINDS: dict[str, type[ScheduleKind]] = {}


class ScheduleKind(Table):
    """A ``[schedule]`` table: which generator, and its keys.

    A subclass names its kind (``kind: Literal["..."]``), declares its keys as fields
    (:func:`qnu.keys.key`), and sets ``generate``: a function ``(gas, **keys)`` that returns an
    EncounterSchedule; with ``seeded`` it is also given ``seed``.

    Attributes:
        generate: the generator.
        seeded: True where encounters are drawn.
        directed: True where swap angles follow from the velocities of the gas.
    """

    kind: str
    mu: Profile = key(PROFILE, 1.0, "the coupling")
    matter: Profile = key(PROFILE, 0.0, "lambda_e = sqrt(2) G_F n_e")
    anisotropy: float = key(
        "a number from -1e6 to 1e6",
        1.0,
        "J_z / J_perp of the coupling; 1: SWAP",
        later=True,
        ge=-1e6,
        le=1e6,
    )

    generate: ClassVar[Callable[..., EncounterSchedule]]
    seeded: ClassVar[bool] = False
    directed: ClassVar[bool] = True

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        register(cls, "kind", KINDS)

    @model_validator(mode="before")
    @classmethod
    def _physical_gamma(cls, given: Any, info: ValidationInfo) -> Any:
        """A kind that needs gamma takes that of [units] where the table has none."""
        needed = "gamma" in cls.model_fields and cls.model_fields["gamma"].is_required()
        if needed and isinstance(given, dict) and "gamma" not in given:
            gamma = context_of(info).units.gamma
            return given if gamma is None else {**given, "gamma": gamma}
        return given

    def arguments(self) -> dict[str, Any]:
        """Keyword arguments of the generator: all keys but the kind.

        A generator without an argument ``anisotropy`` is given none.

        Raises:
            QnuError: an anisotropy other than 1 for such a generator.
        """
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "kind"}
        parameters = inspect.signature(type(self).generate).parameters
        taken = any(p.name == "anisotropy" or p.kind is p.VAR_KEYWORD for p in parameters.values())
        if not taken and given.pop("anisotropy") != 1.0:
            raise QnuError("anisotropy", self.anisotropy, f"1 in schedules of kind {self.kind!r}")
        return given

    def draws(self) -> bool:
        """Whether encounters are drawn with a seed."""
        return self.seeded

    def make(self, gas: NeutrinoGas, seed: np.random.SeedSequence) -> EncounterSchedule:
        """The schedule of a gas."""
        drawn = {"seed": seed} if self.draws() else {}
        return type(self).generate(gas, **self.arguments(), **drawn)

    @classmethod
    def example(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Arguments for tests: those given, and optional ones that cannot all be left out."""
        return given

    def expected_encounters(self, gas: NeutrinoGas) -> float:
        """About how many encounters there will be, with the steps to count; 0: not many."""
        del gas
        return 0.0

    def memory_need(self, gas: NeutrinoGas) -> float:
        """Bytes of the rows that are in memory at a time: a block and a step, or what is listed."""
        return _BYTES_PER_ENCOUNTER * min(
            self.expected_encounters(gas), BLOCK + self.rows_of_a_step(gas)
        )

    def rows_of_a_step(self, gas: NeutrinoGas) -> int:
        """Encounters that are generated at once, at most."""
        return len(gas)


def pairs_of(gas: NeutrinoGas) -> float:
    """``N (N - 1) / 2``: how many pairs there are."""
    return len(gas) * (len(gas) - 1) / 2
