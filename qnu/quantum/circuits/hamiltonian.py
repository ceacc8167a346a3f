r"""The Hamiltonian of plane waves as Pauli strings, for suites that start from one.

.. math::
    H = \frac\mu N \sum_{i<j} (1 - \mathbf v_i\cdot\mathbf v_j)\,
    \tfrac12 (1 + X_i X_j + Y_i Y_j + Z_i Z_j)
    + \tfrac12 \sum_k \mathbf h_k\cdot\boldsymbol\sigma_k
"""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from qiskit.quantum_info import SparsePauliOp

from ...common.checks import number
from ...encounter import checked_anisotropy
from ...errors import QnuError, Words
from ...flavor import fields
from ...gas import NeutrinoGas
from ...schedules import EncounterSchedule

__all__ = ["hamlib_text", "of_schedule", "pauli_terms", "to_json"]


def pauli_terms(
    gas: NeutrinoGas, mu: float = 1.0, matter: float = 0.0, anisotropy: float = 1.0
) -> SparsePauliOp:
    r""":math:`H` of plane waves in a box: all pairs at all times, vacuum and matter.

    :math:`\mathbf h = \omega\mathbf B + \lambda_e\mathbf L` (:func:`qnu.flavor.fields`). The
    coefficient of :math:`X_iX_j`, :math:`Y_iY_j` and :math:`Z_iZ_j` is
    :math:`\mu(1 - \mathbf v_i\cdot\mathbf v_j)/2N`; that of the identity is their sum over pairs.

    Args:
        gas: N >= 2 neutrinos with velocities; neutrino k is qubit k.
        mu: coupling.
        matter: lambda_e, in the unit of ``mu``.
        anisotropy: what :math:`Z_iZ_j` is multiplied by, :math:`J_z/J_\perp`.

    Returns:
        the identity first, then pairs, then single neutrinos; in the unit of ``mu`` and omega.

    Raises:
        QnuError: numbers that are not finite, a gas without velocities.

    References:
        Pantaleone (1992); Hall et al. (2102.12556).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.2, 0.4])
        >>> pauli_terms(gas)
        SparsePauliOp(['II', 'XX', 'YY', 'ZZ', 'IZ', 'ZI'],
                      coeffs=[ 0.25+0.j,  0.25+0.j,  0.25+0.j,  0.25+0.j, -0.1 +0.j, -0.2 +0.j])
    """
    mu, matter = number("mu", mu), number("matter", matter)
    weights = {"X": 1.0, "Y": 1.0, "Z": checked_anisotropy(anisotropy)}
    count = len(gas)
    first, second = np.triu_indices(count, 1)
    half = mu / (2 * count) * gas.one_minus_cos(first, second)
    terms: list[tuple[str, list[int], float]] = [("", [], float(half.sum()))]
    for i, j, strength in zip(first.tolist(), second.tolist(), half.tolist(), strict=True):
        if strength != 0.0:
            terms += [(axis * 2, [i, j], w * strength) for axis, w in weights.items() if w != 0.0]
    acting = fields(gas.omega, matter, gas.mixing_angle) / 2
    for k, field in enumerate(acting.tolist()):
        terms += [
            (axis, [k], value) for axis, value in zip("XYZ", field, strict=True) if value != 0.0
        ]
    return SparsePauliOp.from_sparse_list(terms, count)


def of_schedule(gas: NeutrinoGas, schedule: EncounterSchedule) -> SparsePauliOp:
    """:func:`pauli_terms` with the mu and matter of a schedule of plane waves.

    Args:
        gas: N neutrinos.
        schedule: of kind ``plane_wave``, with constant mu and matter.

    Returns:
        the Hamiltonian whose Trotter steps the schedule is.

    Raises:
        QnuError: another kind of schedule, mu or matter that change with time.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.schedules.plane_wave(gas, duration=2.0, steps=10, mu=2.0)
        >>> of_schedule(gas, schedule).coeffs.real.tolist()
        [0.5, 0.5, 0.5, 0.5]
    """
    return pauli_terms(gas, **_constants(schedule))


def _constants(schedule: EncounterSchedule) -> dict[str, float]:
    """``mu`` and ``matter`` of plane waves, which must not change with time."""
    if schedule.kind != "plane_wave":
        raise QnuError(
            "schedule.kind",
            schedule.kind,
            "'plane_wave' (in encounters one after the other no Hamiltonian acts all the time)",
        )
    found = {}
    for name in ("mu", "matter"):
        value = getattr(schedule, name)
        if callable(value):
            raise QnuError(f"schedule.{name}", Words("a profile"), "a constant, for one H")
        found[name] = float(value)
    if schedule.anisotropy != 1.0:
        found["anisotropy"] = schedule.anisotropy
    return found


def to_json(gas: NeutrinoGas, schedule: EncounterSchedule, name: str = "plane_wave") -> str:
    """The Hamiltonian and the start of a gas as JSON, as Benchpress reads HamLib.

    A list with one record. Its keys that begin with ``ham_`` are those of Benchpress's file of
    HamLib's Hamiltonians: ``SparsePauliOp(record["ham_hamlib_hamiltonian_terms"],
    record["ham_hamlib_hamiltonian_coefficients"])`` is the Hamiltonian. Qubit 0 is the last letter
    of a term. Under ``qnu``: what else the problem needs.

    Args:
        gas: N neutrinos.
        schedule: of kind ``plane_wave``, with constant mu and matter.
        name: of the problem.

    Returns:
        the text of a file; ``qnu``: ``format`` (1), ``description``, ``mu``, ``matter``,
        ``final_time`` (in units of 1/mu), ``trotter`` (steps, order), ``polarization`` ``[N][x, y,
        z]`` of the initial product state, ``(0, 0, 1)`` being 0.

    Raises:
        QnuError: another kind of schedule, mu or matter that change with time.

    References:
        Sawaya et al. (2306.13126) for HamLib; Nation et al. (2409.08844) for Benchpress.

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.2, 0.4])
        >>> schedule = qnu.schedules.plane_wave(gas, duration=2.0, steps=10)
        >>> (record,) = json.loads(to_json(gas, schedule))
        >>> record["ham_hamlib_hamiltonian_terms"], record["qnu"]["final_time"]
        (['II', 'XX', 'YY', 'ZZ', 'IZ', 'ZI'], 2.0)
    """
    constants = _constants(schedule)
    operator = pauli_terms(gas, **constants)
    steps, order = schedule.trotter or (None, None)
    record: dict[str, Any] = {
        "ham_problem": "neutrinos",
        "ham_instance": f"/{name}/",
        "ham_qubits": len(gas),
        "ham_terms": len(operator),
        "ham_hamlib_hamiltonian_terms": operator.paulis.to_labels(),
        "ham_hamlib_hamiltonian_coefficients": operator.coeffs.real.tolist(),
        "qnu": {
            "format": 1,
            "description": "dense neutrino gas, plane waves in a box: H in units of mu;"
            " qubit k is neutrino k, the last letter of a term is qubit 0",
            **constants,
            "final_time": float(schedule.final_time),
            "trotter": {"steps": steps, "order": order},
            "polarization": gas.polarization.tolist(),
        },
    }
    return json.dumps([record], indent=1) + "\n"


def hamlib_text(operator: SparsePauliOp) -> str:
    """A sum of Pauli strings as HamLib's files hold it: a QubitOperator of OpenFermion in words.

    Args:
        operator: with real coefficients.

    Returns:
        one term per line, ``0.25 [X0 X1] +``; qubits are numbered.

    References:
        Sawaya et al. (2306.13126).

    Examples:
        >>> print(hamlib_text(SparsePauliOp(["II", "XY"], [0.5, -0.25])))
        0.5 [] +
        -0.25 [Y0 X1]
    """
    lines = [
        f"{float(value.real)!r} [{' '.join(f'{p}{k}' for p, k in zip(word, where, strict=True))}]"
        for word, where, value in operator.to_sparse_list()
    ]
    return " +\n".join(lines)
