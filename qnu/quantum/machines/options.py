"""The ``[compile]``, ``[mitigation]`` and ``[execution]`` tables of a hardware config."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from ...errors import QnuError

Extrapolator = Literal["exponential", "linear", "polynomial_degree_2"]


class CompileOptions(BaseModel):
    """The ``[compile]`` table of a hardware config: options of :func:`qnu.quantum.compile_for`.

    Args:
        layout: ``"auto"``; ``"path"`` or ``"ring"``: nothing but the best path or ring of the
            device; ``"search"``: the general search even where a path would do; or the physical
            qubits of neutrinos 0, 1, ..., N-1.
        gates: ``"auto"``: what the device has and does best; ``"cz"``: three of its CZ, CX or ECR
            per encounter; ``"rzz"``: three fractional RZZ; ``"xyz"``: RXX, RYY, RZZ.
        avoid_error: couplers with at least this error per gate are used only where nothing else
            is left.
        effort: how many routes are tried; more is slower and better.
        seed: of the search.
        dynamical_decoupling: pulses on idle qubits: ``"none"``, ``"XX"`` or ``"XY4"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    Examples:
        >>> CompileOptions(gates="rzz").dynamical_decoupling
        'none'
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    layout: Literal["auto", "path", "ring", "search"] | tuple[int, ...] = "auto"
    gates: Literal["auto", "cz", "rzz", "xyz"] = "auto"
    avoid_error: float = Field(default=0.1, gt=0.0)
    effort: int = Field(default=8, ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)
    dynamical_decoupling: Literal["none", "XX", "XY4"] = "none"


#: Keys of the numbers of random circuits, as the primitives name them.
RANDOMIZATIONS = ("num_randomizations", "shots_per_randomization")
#: Unit of a field, as messages name it.
SECONDS = "in seconds"
#: Seconds after which IBM ends any job.
LONGEST_JOB = 10_800


class Execution(BaseModel):
    """The ``[execution]`` table of a hardware config: how jobs are sent and run.

    Args:
        mode: ``"job"``: each job for itself; ``"batch"``: the jobs of one submission are scheduled
            together; ``"session"``: the device is held for them (it is billed as long as it is
            held, and the open plan has none).
        max_time: seconds after which IBM closes the batch or the session.
        max_execution_time: seconds on the device after which IBM ends a job.
        rep_delay: seconds between two shots, within the range of the device; default: the
            device's.
        max_circuits: most circuits in one job; default: what the device says.
        max_shots: most shots of a circuit in one job; default: what the device says.

    Raises:
        pydantic.ValidationError: a field out of its range, ``max_time`` of a single job.

    References:
        IBM Quantum documentation, "Execution modes", "Maximum execution time", "Job limits".

    Examples:
        >>> Execution(mode="batch", rep_delay=3e-4).words()
        'mode batch, rep delay 0.0003 s'
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    mode: Literal["job", "batch", "session"] = "job"
    max_time: int | None = Field(default=None, ge=1, description=SECONDS)
    max_execution_time: int | None = Field(default=None, ge=1, le=LONGEST_JOB, description=SECONDS)
    rep_delay: float | None = Field(default=None, ge=0.0, lt=1.0, description=SECONDS)
    max_circuits: int | None = Field(default=None, ge=1)
    max_shots: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _together(self) -> Execution:
        if self.max_time is not None and self.mode == "job":
            allowed = "only with mode = 'batch' or 'session' (a job has max_execution_time)"
            raise QnuError("execution.max_time", self.max_time, allowed)
        return self

    def words(self) -> str:
        """The mode and the other keys that are given, as text."""
        found = []
        for name, key in type(self).model_fields.items():
            if (value := getattr(self, name)) is not None:
                unit = " s" if key.description == SECONDS else ""
                found.append(f"{name.replace('_', ' ')} {value}{unit}")
        return ", ".join(found)


class Mitigation(BaseModel):
    r"""The ``[mitigation]`` table of a hardware config: error mitigation.

    Args:
        twirling: ``"gates"``, ``"measure"`` or ``"all"``: random Paulis that leave the circuit as
            it is and turn coherent errors into random ones.
        dynamical_decoupling: pulses on idle qubits, put in by the primitive after twirling:
            ``"XX"``, ``"XpXm"`` or ``"XY4"``.
        readout: ``"calibrated"``: two more circuits measure how often :math:`|0\rangle` is read as
            1 and :math:`|1\rangle` as 0, and polarizations are corrected for it (sampler; not with
            post-selection).
        symmetry: ``"postselect"`` or ``"rescale"``, see ``hardware_configs/README.md`` (sampler;
            rescale also estimator, whose error bars are then taken as uncorrelated from neutrino
            to neutrino, for lack of shots that would tell).
        resilience: of the estimator; 1: readout (TREX), 2: readout and zero-noise extrapolation.
        noise_factors: of zero-noise extrapolation; default: the primitive's (1, 3, 5).
        extrapolator: of zero-noise extrapolation, tried in this order; default: the primitive's.
        num_randomizations: how many random circuits are made of each by twirling (and by readout
            mitigation of the estimator); default: the primitive's, as many as 32.
        shots_per_randomization: shots of each of them, in place of their number.

    Raises:
        pydantic.ValidationError: a field out of its range, both numbers at once, or one of them
            where nothing is twirled.

    References:
        van den Berg et al. (PRA 105, 032620) for TREX; Temme et al. (PRL 119, 180509) for
        extrapolation; Bonet-Monroig et al. (PRA 98, 062339) for post-selection.

    Examples:
        >>> Mitigation(symmetry="postselect", twirling="gates").words()
        'twirling gates, symmetry postselect'
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    twirling: Literal["none", "gates", "measure", "all"] = "none"
    dynamical_decoupling: Literal["none", "XX", "XpXm", "XY4"] = "none"
    readout: Literal["none", "calibrated"] = "none"
    symmetry: Literal["none", "postselect", "rescale"] = "none"
    resilience: Literal[0, 1, 2] = 0
    noise_factors: tuple[float, ...] | None = Field(default=None, min_length=2)
    extrapolator: tuple[Extrapolator, ...] | None = Field(default=None, min_length=1)
    num_randomizations: int | None = Field(default=None, ge=1)
    shots_per_randomization: int | None = Field(default=None, ge=1)

    @model_validator(mode="after")
    def _randomized(self) -> Mitigation:
        given = [name for name in RANDOMIZATIONS if getattr(self, name) is not None]
        if len(given) == 2:
            raise QnuError(
                "mitigation.shots_per_randomization",
                self.shots_per_randomization,
                "only one of num_randomizations and shots_per_randomization (their product is the"
                " number of shots)",
            )
        if given and self.twirling == "none" and not self.resilience:
            field = f"mitigation.{given[0]}"
            raise QnuError(field, getattr(self, given[0]), "only where something is twirled")
        return self

    def words(self) -> str:
        """The options that are on, as text; ``"none"`` where none is."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        on = [f"{k.replace('_', ' ')} {v}" for k, v in values.items() if v not in ("none", 0, None)]
        return ", ".join(on) or "none"
