"""The ``[compile]`` and ``[mitigation]`` tables of a hardware config."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

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

    Raises:
        pydantic.ValidationError: a field out of its range.

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

    def words(self) -> str:
        """The options that are on, as text; ``"none"`` where none is."""
        values = {name: getattr(self, name) for name in type(self).model_fields}
        on = [f"{k.replace('_', ' ')} {v}" for k, v in values.items() if v not in ("none", 0, None)]
        return ", ".join(on) or "none"
