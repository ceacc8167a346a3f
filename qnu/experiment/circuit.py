"""The method that runs the schedule as a quantum circuit on a machine."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from ..common.checks import Floats
from ..common.progress import Progress
from ..errors import QnuError
from ..gas import NeutrinoGas
from ..keys import MAX_SEED, Whole, key
from ..methods import (
    Drawn,
    Method,
    MethodInput,
    Prepared,
    check_observables,
    refuse_weights,
    require_pure,
)
from ..observables import OF_COUPLINGS, OF_ONE, OF_PAIRS, require_plane_waves
from ..schedules import EncounterSchedule
from ..trajectory import Trajectory


def _run(
    gas: NeutrinoGas,
    schedule: EncounterSchedule,
    times: Floats,
    *,
    progress: Progress = None,
    **options: Any,
) -> Trajectory:
    """:func:`qnu.quantum.run`, imported when it is needed."""
    from .. import quantum

    return quantum.run(gas, schedule, times=times, progress=progress, **options)


class CircuitMethod(Method):
    """The quantum circuit on a machine (:func:`qnu.quantum.run`)."""

    kind: Literal["circuit"]
    hardware: str | None = key(
        "the name of a hardware config (`qnu list`) or a file",
        None,
        unset='`"qnu"`; with fresh partners (resets) `"aer_statevector"`, as a density matrix',
    )
    shots: Whole | None = key(
        "a whole number from 0 (exact expectation values) to 100000000",
        None,
        "per basis and sample",
        "as the hardware config",
        ge=0,
        le=100_000_000,
    )
    observables: list[str] = key("a list of names of observables", [])
    seed: Whole | None = key(
        "a whole number >= 0 and < 2^63",
        None,
        "of the shots",
        "from the seed of the file",
        ge=0,
        le=MAX_SEED,
    )

    solve = staticmethod(_run)
    pure_only: ClassVar[bool] = True
    seeded: ClassVar[bool] = True

    def is_random(self, drawn: Drawn, prepared: Prepared) -> bool:
        """Also where shots are taken."""
        from ..quantum import load_machine

        shots = prepared.options["shots"]
        if shots is None:
            shots = load_machine(prepared.options["hardware"]).default_shots()
        return drawn.encounters or shots > 0

    def prepare(self, given: MethodInput) -> Prepared:
        """Also whether the machine takes the gas, the schedule, the shots and the observables."""
        from ..quantum import DeviceMachine, load_machine
        from ..quantum.measure.prepare import check_pairs

        gas, schedule = given.gas, given.schedule
        name = self.hardware
        if name is None:  # qnu's own engine, which has no reset
            name = "qnu" if schedule.fresh is None else "aer_statevector"
        machine = load_machine(name)
        shots = machine.default_shots() if self.shots is None else self.shots
        machine.check_shots(shots)
        allowed = [*OF_ONE, *(() if shots else OF_PAIRS), *OF_COUPLINGS]
        check_observables(self.observables, allowed, " (with shots)" if shots else "")
        if isinstance(machine, DeviceMachine):
            check_pairs(self.observables, schedule, machine)
        require_plane_waves(self.observables, schedule)
        refuse_weights(self.kind, gas)
        require_pure(self.kind, gas)
        machine.check_run(gas, schedule, given.times)
        try:
            machine.check(len(gas))
        except QnuError as error:
            where = f"{machine.name}, {len(gas)} qubits"
            raise QnuError("hardware", where, error.allowed, reason=error.reason) from None
        options = {
            "hardware": name,
            "shots": self.shots,
            "observables": tuple(self.observables),
            "seed": given.seed if self.seed is None else self.seed,
        }
        return Prepared(given.times, options)
