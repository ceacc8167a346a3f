"""How circuits are compiled: the ``[compile]`` table of a hardware config."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from ..compile.routing.device import BAD


class CompileOptions(BaseModel):
    """What :func:`qnu.quantum.compile_for` may choose, and what it is told.

    Args:
        layout: ``"auto"``; ``"path"`` or ``"ring"``: nothing but the best path or ring of the
            device; ``"search"``: the general search even where a path would do; or the physical
            qubits of neutrinos 0, 1, ..., N-1.
        gates: ``"auto"``: what the device has and does best; ``"cz"``: three of its CZ, CX or ECR
            per encounter; ``"rzz"``: three fractional RZZ; ``"xyz"``: RXX, RYY, RZZ.
        avoid_error: couplers with at least this error per gate are used only where nothing else
            is left.
        effort: how many routes are tried; more is slower and better.
        seed: of the tries.
        dynamical_decoupling: pulses on idle qubits: ``"none"``, ``"XX"`` or ``"XY4"``.

    Raises:
        pydantic.ValidationError: a field out of its range.

    References:
        qnu's own convention.

    Examples:
        >>> CompileOptions(gates="rzz").dynamical_decoupling
        'none'
    """

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    layout: Literal["auto", "path", "ring", "search"] | tuple[int, ...] = "auto"
    gates: Literal["auto", "cz", "rzz", "xyz"] = "auto"
    avoid_error: float = Field(default=BAD, gt=0.0)
    effort: int = Field(default=8, ge=1, le=10_000)
    seed: int = Field(default=0, ge=0)
    dynamical_decoupling: Literal["none", "XX", "XY4"] = "none"
