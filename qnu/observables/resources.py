r"""Resources of a pure state: what makes it hard for a classical computer, and far from its start.

Entanglement alone can be simulated (stabilizer states), so can many small rotations of a product
state; a quantum computer is needed where there is much of both, entanglement and non-stabilizerness
("magic").
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..common import memory
from ..common.checks import Floats, finite_complex, generator, integer
from ..errors import QnuError, Words
from ..gas import NeutrinoGas

__all__ = [
    "SampledEntropy",
    "check_resources",
    "loschmidt_echo",
    "n_tangle",
    "sampled_stabilizer_renyi_entropy",
    "stabilizer_renyi_entropy",
]

#: Largest N whose 4^N Pauli strings are summed: half a minute for one state on two cores.
LARGEST = 16
#: Largest N whose strings are sampled: a second for each.
LARGEST_SAMPLED = 26
#: Most samples of one estimate.
MOST_SAMPLES = 1_000_000
_ALLOWED = "amplitudes (2^N,) of a pure state, or a ManyBodyState"
#: A state vector in single precision is normalised to this.
_NORMALISED = 1e-3
#: Amplitudes times patterns that one call of the compiled loop takes: below a second.
_AT_ONCE = 1 << 26


def n_tangle(state: Any) -> float:
    r""":math:`\tau_N = |\langle\psi|\sigma_y^{\otimes N}|\psi^*\rangle|^2`: entanglement of all N
    neutrinos.

    It does not change under unitaries of single neutrinos: it is the same in the mass and in the
    flavor basis, with and without free streaming. For N = 2 it is the square of the concurrence.
    It is 0 for odd N, and where the two parts of a state of even N are odd. A state in a sector has
    one only where half of the neutrinos are :math:`\nu_2`.

    Args:
        state: amplitudes ``(2^N,)``, neutrino k is bit k (as in Qiskit, ``Statevector.data``), or a
            :class:`qnu.solvers.ManyBodyState`, which is read in place.

    Returns:
        between 0 and 1; of the normalised state.

    Raises:
        QnuError: a density matrix, a length that is no power of 2, amplitudes that are not
            normalised.

    References:
        Wong and Christensen (PRA 63, 044301); of neutrinos: Illa and Savage (2210.08656).

    Examples:
        >>> ghz = np.zeros(16); ghz[[0, 15]] = np.sqrt(0.5)
        >>> w = np.zeros(16); w[[1, 2, 4, 8]] = 0.5
        >>> round(n_tangle(ghz), 12), n_tangle(w)
        (1.0, 0.0)
    """
    from ..engine.statevector import norm, resources

    inner = _held(state)
    if inner is not None:
        return _square(inner.flip_overlap()) / float(norm(inner.amplitudes)) ** 2
    return _square(resources.flip_overlap(_amplitudes("state", state)))


def stabilizer_renyi_entropy(state: Any) -> float:
    r""":math:`M_2 = -\log_2\Big[2^{-N}\sum_P\langle P\rangle^4\Big]` over all :math:`4^N` Pauli
    strings: 0 for stabilizer states.

    It does not change under Clifford gates and is additive: :math:`M_2(\psi\otimes\phi) =
    M_2(\psi) + M_2(\phi)`; of one neutrino :math:`-\log_2[(1 + x^4 + y^4 + z^4)/2]`, at most
    :math:`\log_2(3/2)`. It depends on the basis of single neutrinos: here the mass basis, which
    is that of the circuit. The strings that flip the same bits are one Walsh-Hadamard transform of
    :math:`2^{N-1}` numbers: :math:`N\,4^N` operations in all and no memory beside a copy of the
    state.

    Args:
        state: as in :func:`n_tangle`; N at most 16.

    Returns:
        in bits, between 0 and :math:`\log_2[(2^N + 1)/2]`.

    Raises:
        QnuError: as :func:`n_tangle`; more than 16 neutrinos, which
            :func:`sampled_stabilizer_renyi_entropy` takes.

    References:
        Leone, Oliviero, Hamma (PRL 128, 050402); of neutrinos: Chernyshev et al. (2411.04203).

    Examples:
        >>> t = np.array([1, np.exp(0.25j * np.pi)]) / np.sqrt(2)
        >>> round(stabilizer_renyi_entropy(t), 6), float(np.log2(4 / 3).round(6))
        (0.415037, 0.415037)
    """
    _check_count(state, LARGEST, "exact sums; sampled_stabilizer_renyi_entropy takes more")
    return renyi_entropy_of(_amplitudes("state", state))


class SampledEntropy(NamedTuple):
    """An estimate of :math:`M_2` from some of the Pauli strings.

    Attributes:
        value: in bits.
        standard_error: one standard error of it, in bits.
        samples: how many patterns were drawn.
    """

    value: float
    standard_error: float
    samples: int


def sampled_stabilizer_renyi_entropy(
    state: Any, samples: int = 1000, seed: object = None
) -> SampledEntropy:
    r""":math:`M_2 = -\log_2 E_x\Big[\frac{\sum_z\langle P_{xz}\rangle^4}
    {\sum_z\langle P_{xz}\rangle^2}\Big]` for states that are too large for all strings.

    :math:`P_{xz}` flips the bits x and signs the bits z. With the probability
    :math:`2^{-N}\langle P\rangle^2` of a string, :math:`2^{-N}\sum_P\langle P\rangle^4` is the mean
    of :math:`\langle P\rangle^2`. The pattern x of such a string is the difference of two measured
    configurations; over all z of a pattern the mean is taken exactly, and so is the part of x = 0.
    One transform of :math:`2^{N-1}` numbers per sample.

    Args:
        state: as in :func:`n_tangle`; N at most 26.
        samples: how many patterns, from 2 to 1,000,000.
        seed: a whole number, a SeedSequence or None.

    Returns:
        the estimate. Its error is the spread of the samples: where few strings that are rarely
        drawn make up the sum, both come out wrong (a too large entropy); more samples show it.

    Raises:
        QnuError: as :func:`n_tangle`; more than 26 neutrinos or than the memory holds.

    References:
        Lami and Collura (PRL 131, 180401) for samples of Pauli strings.

    Examples:
        >>> t = np.array([1, np.exp(0.25j * np.pi)]) / np.sqrt(2)
        >>> found = sampled_stabilizer_renyi_entropy(np.kron(np.kron(t, t), t), 2000, seed=1)
        >>> bool(abs(found.value - 3 * np.log2(4 / 3)) < 4 * found.standard_error < 0.1)
        True
    """
    from ..engine.statevector import sampling

    samples = integer("samples", samples, low=2, high=MOST_SAMPLES)
    rng = generator(seed)
    _check_count(state, LARGEST_SAMPLED, "samples of strings")
    amplitudes = _amplitudes("state", state)
    patterns = sampling.draw(amplitudes, samples, rng) ^ sampling.draw(amplitudes, samples, rng)
    own = next(_moments(amplitudes, np.zeros(1, np.int64)))[1][0] / amplitudes.size  # x = 0
    different, place = np.unique(patterns[patterns != 0], return_inverse=True)
    ratios = [fourth / second for second, fourth in _moments(amplitudes, different)]
    values = np.zeros(samples)
    values[patterns != 0] = np.concatenate([np.zeros(0), *ratios])[place]
    mean = own + values.mean()
    error = values.std(ddof=1) / math.sqrt(samples)
    return SampledEntropy(_entropy(mean), float(error / (mean * math.log(2))), samples)


def loschmidt_echo(state: Any, other: Any) -> float:
    r""":math:`L = |\langle\psi_0|\psi\rangle|^2`: the probability to find a state in another one.

    Args:
        state: as in :func:`n_tangle`.
        other: the same, of as many neutrinos, or a :class:`qnu.NeutrinoGas`: the product state it
            starts in. With a gas a ManyBodyState is read in place.

    Returns:
        between 0 and 1; of normalised states.

    Raises:
        QnuError: as :func:`n_tangle`; another number of neutrinos, a gas of mixed states.

    References:
        Gorin, Prosen, Seligman, Znidaric (Physics Reports 435, 33); of neutrinos: Illa and Savage
        (2210.08656).

    Examples:
        >>> import qnu
        >>> gas = qnu.NeutrinoGas([[0, 0, 1], [0, 0, -1]], omega=[0.0, 0.0])
        >>> schedule = qnu.EncounterSchedule([0], [1], [0.3], [0.0], 0.0, neutrinos=2)
        >>> state = qnu.solvers.final_state(gas, schedule)
        >>> round(loschmidt_echo(state, gas), 6), float((np.cos(0.3) ** 2).round(6))
        (0.912668, 0.912668)
    """
    count = _count("state", state)
    theirs = len(other) if isinstance(other, NeutrinoGas) else _count("other", other)
    if count != theirs:
        raise QnuError("other", Words(f"{theirs} neutrinos"), f"as many as the state has ({count})")
    if not isinstance(other, NeutrinoGas):
        return _square(complex(np.vdot(_amplitudes("other", other), _amplitudes("state", state))))
    from ..engine.statevector import norm, product_state, spinors

    other.require_pure("loschmidt_echo")
    if _held(state) is not None:
        return _square(state.overlap(other)) / float(norm(_held(state).amplitudes))
    memory.require("other", f"{count} neutrinos", 16 * 2**count)
    product = product_state(spinors(other.polarization))
    return _square(complex(np.vdot(product, _amplitudes("state", state))))


def check_resources(names: Sequence[str], count: int) -> None:
    """An error where an entropy over all Pauli strings is requested of too many neutrinos.

    Args:
        names: requested observables.
        count: N.

    Raises:
        QnuError: ``stabilizer_renyi_entropy`` of more than 16 neutrinos.

    Examples:
        >>> check_resources(["n_tangle"], 30)
    """
    if "stabilizer_renyi_entropy" in names and count > LARGEST:
        raise QnuError(
            "observables",
            Words(f"'stabilizer_renyi_entropy' of {count} neutrinos"),
            f"at most {LARGEST} (4^N Pauli strings; sampled_stabilizer_renyi_entropy of a"
            " final_state takes more)",
        )


def renyi_entropy_of(amplitudes: NDArray[Any]) -> float:
    """:math:`M_2` of amplitudes in double precision that are normalised.

    Args:
        amplitudes: ``(2^N,)``.

    Examples:
        >>> abs(round(renyi_entropy_of(np.array([0.0, 1.0j])), 12))
        0.0
    """
    patterns = np.arange(amplitudes.size)
    total = sum(float(fourth.sum()) for _, fourth in _moments(amplitudes, patterns))
    return _entropy(total / amplitudes.size)


def _moments(
    amplitudes: NDArray[Any], patterns: NDArray[np.int64]
) -> Iterator[tuple[Floats, Floats]]:
    """Some patterns at a time, so that an interrupt is handled in between."""
    from ..engine.statevector import resources

    count = amplitudes.size.bit_length() - 1
    memory.require("state", f"{count} neutrinos", resources.moments_need(count))
    step = max(_AT_ONCE // amplitudes.size, 8)
    for start in range(0, len(patterns), step):
        yield resources.pauli_moments(amplitudes, patterns[start : start + step])


def _entropy(mean: float) -> float:
    return max(0.0, -math.log2(mean))  # in this order no -0.0


def _square(overlap: complex) -> float:
    return abs(overlap) ** 2


def _held(state: Any) -> Any:
    """The amplitudes of a ManyBodyState with what reads them; None for an array."""
    return state.state if hasattr(state, "amplitudes") and hasattr(state, "state") else None


def _count(field: str, state: Any) -> int:
    return int(state.count) if _held(state) is not None else _sized(field, state)[1]


def _check_count(state: Any, largest: int, what: str) -> None:
    count = _count("state", state)
    if count > largest:
        raise QnuError("state", Words(f"{count} neutrinos"), f"at most {largest} for {what}")


def _sized(field: str, state: Any) -> tuple[NDArray[Any], int]:
    """Plain amplitudes and their N, the norm not checked yet."""
    array = finite_complex(field, state, (), _ALLOWED)
    if array.ndim == 2 and array.shape[0] == array.shape[1]:
        raise QnuError(field, Words(f"a density matrix of shape {array.shape}"), _ALLOWED)
    if array.ndim != 1 or array.size < 2 or array.size & (array.size - 1):
        raise QnuError(field, Words(f"an array of shape {array.shape}"), _ALLOWED)
    return array, array.size.bit_length() - 1


def _amplitudes(field: str, state: Any) -> NDArray[Any]:
    """``(2^N,)`` in double precision, normalised."""
    if _held(state) is not None:
        array = np.asarray(state.amplitudes(), np.complex128)
    else:
        array = _sized(field, state)[0]
    norm = float(np.vdot(array, array).real)
    if not abs(norm - 1) <= _NORMALISED:
        raise QnuError(field, Words(f"amplitudes of norm {norm:.6g}"), "norm 1")
    result: NDArray[Any] = array / math.sqrt(norm)
    return result
