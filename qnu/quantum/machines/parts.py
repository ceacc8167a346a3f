"""A job in several requests, where the machine does not take it in one; and their results as one.

Circuits go into several requests, and so do the shots of a circuit. The results are put together
as if one request had been made: shots one behind the other, expectation values weighted by their
shots.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from qiskit.primitives import BitArray, DataBin, PubResult, SamplerPubResult

from ...errors import QnuError
from .limits import Limits


@dataclass(frozen=True)
class Request:
    """Circuits ``first``, ``first + 1``, ... of a job, as many as ``count``, with these shots.

    Args:
        first: number of the first circuit.
        count: how many circuits.
        shots: of each.

    Examples:
        >>> list(Request(3, 2, 100).circuits)
        [3, 4]
    """

    first: int
    count: int
    shots: int

    @property
    def circuits(self) -> range:
        """Numbers of its circuits."""
        return range(self.first, self.first + self.count)


def requests_of(circuits: int, shots: int, limits: Limits, settings: int = 1) -> list[Request]:
    r"""The fewest requests within the limits, as equal as they can be.

    .. math::
        \lceil S / s_\max \rceil \quad\text{parts of the shots},\qquad
        \lceil C / \min(c_\max, e_\max / s) \rceil \quad\text{parts of the circuits}

    Args:
        circuits: number C of circuits.
        shots: S of each.
        limits: the most circuits :math:`c_\max`, shots :math:`s_\max` and circuits times shots
            :math:`e_\max` of one request.
        settings: how many circuits the primitive makes of each.

    Returns:
        requests, ordered by circuits; one where nothing exceeds the limits.

    Raises:
        QnuError: the primitive makes more of one circuit than a request may have.

    References:
        IBM Quantum documentation, "Job limits".

    Examples:
        >>> requests_of(5, 100, Limits(circuits=3, shots=60))
        [Request(first=0, count=3, shots=50), Request(first=0, count=3, shots=50),
         Request(first=3, count=2, shots=50), Request(first=3, count=2, shots=50)]
    """
    if limits.circuits is not None and settings > limits.circuits:
        allowed = f"at least {settings}, the circuits that the estimator makes of one"
        raise QnuError("execution.max_circuits", limits.circuits, allowed)
    longest = min(limits.shots or shots, (limits.executions or shots * settings) // settings)
    pieces = _equal(shots, max(longest, 1))
    most = circuits if limits.circuits is None else limits.circuits // settings
    if limits.executions is not None:
        most = min(most, limits.executions // (settings * pieces[0]))
    found, first = [], 0
    for count in _equal(circuits, max(most, 1)):
        found += [Request(first, count, piece) for piece in pieces]
        first += count
    return found


def _equal(total: int, most: int) -> list[int]:
    """The fewest numbers of at most ``most`` with this sum, the larger ones first."""
    pieces = math.ceil(total / most)
    return [total // pieces + (k < total % pieces) for k in range(pieces)]


def recipe_of(recipe: Mapping[str, Any], request: Request) -> dict[str, Any]:
    """What a machine needs of the recipe for one request.

    The number of randomizations is that of all requests together.
    """
    used = dict(recipe["mitigation"])
    if used.get("num_randomizations"):
        share = used["num_randomizations"] * request.shots / recipe["shots"]
        used["num_randomizations"] = max(round(share), 1)
    return {
        "primitive": recipe["primitive"],
        "shots": request.shots,
        "mitigation": used,
        "execution": recipe.get("execution") or {},
        "qubits": [recipe["qubits"][k] for k in request.circuits],
    }


def merged(results: Sequence[Sequence[Any]], requests: Sequence[Request]) -> list[Any]:
    r"""One result per circuit of the whole job, from those of its requests.

    Shots are put one behind the other. Expectation values are weighted by their shots,
    :math:`m = \sum_r s_r m_r / S`, with the error :math:`(\sum_r s_r^2 \sigma_r^2)^{1/2} / S`.

    Args:
        results: per request, one result per circuit.
        requests: in the same order.

    Returns:
        results as :func:`qnu.quantum.read` takes them.

    Raises:
        QnuError: results of other circuits than were requested.

    Examples:
        >>> merged([[{"0": 3}], [{"0": 1, "1": 2}]], [Request(0, 1, 3), Request(0, 1, 3)])
        [{'0': 4, '1': 2}]
    """
    pieces: dict[int, list[tuple[Any, int]]] = {}
    for found, request in zip(results, requests, strict=True):
        if len(found) != request.count:
            allowed = f"one for each of {request.count} circuits"
            raise QnuError("results", f"{len(found)} results", allowed)
        for k, result in zip(request.circuits, found, strict=True):
            pieces.setdefault(k, []).append((result, request.shots))
    return [_one(pieces[k]) for k in sorted(pieces)]


def _one(pieces: Sequence[tuple[Any, int]]) -> Any:
    results = [result for result, _ in pieces]
    if len(results) == 1:
        return results[0]
    if isinstance(results[0], Mapping):
        counts: dict[Any, Any] = {}
        for result in results:
            for key, number in result.items():
                counts[key] = counts.get(key, 0) + number
        return counts
    data = [result.data for result in results]
    names = list(data[0].keys())
    if isinstance(data[0][names[0]], BitArray):
        bits = {name: BitArray.concatenate_shots([one[name] for one in data]) for name in names}
        return SamplerPubResult(DataBin(**bits, shape=data[0].shape))
    shots = np.array([number for _, number in pieces], float)
    weights = shots / shots.sum()
    means = sum(w * np.asarray(one["evs"], float) for w, one in zip(weights, data, strict=True))
    squares = sum(
        (w * np.asarray(one["stds"], float)) ** 2 for w, one in zip(weights, data, strict=True)
    )
    return PubResult(DataBin(evs=means, stds=np.sqrt(squares), shape=data[0].shape))
