"""Which waves grow on an equilibrium of beams, and where the lepton number changes sign."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..beams import Beams, beams_of_rows
from ..common import memory
from ..common.checks import Floats, finite, frozen, number
from ..errors import QnuError, Words
from ..flavor import fields
from ..gas import NeutrinoGas
from ._linearised import B, Linearised, require_at_rest

#: Sums of w z that are this small, in units of the largest, are 0.
_NOTHING = 1e-12
#: Memory per element of the B x B matrix, with its copies.
_BYTES_PER_ELEMENT = 200
#: Memory per beam and wave number: complex eigenvalues, with their copies.
_BYTES_PER_MODE = 64


@dataclass(frozen=True, eq=False)
class LinearMode:
    r"""One wave :math:`\delta\mathbf P_b = \mathrm{Re}\,[\mathbf d_b\,e^{i(kz - \Omega t)}]`.

    Args:
        k: wave number, in units of mu.
        frequency: :math:`\Omega`, complex.
        vector: :math:`\mathbf d_b`, ``(B, 3)`` complex, :math:`\sum_b w_b |\mathbf d_b|^2 = 1`;
            perpendicular to :math:`\mathbf P_b`.
        beams: of the equilibrium.
    """

    k: float
    frequency: complex
    vector: Any
    beams: Beams

    @property
    def growth(self) -> float:
        r""":math:`\mathrm{Im}\,\Omega`, or 0 where the wave only oscillates."""
        return max(self.frequency.imag, 0.0)

    def perturbed(self, amplitude: float, positions: ArrayLike = 0.0) -> Floats:
        r"""The equilibrium with the wave on it, lengths kept: a start for nonlinear equations.

        Args:
            amplitude: factor of :math:`\mathbf d_b`, >= 0.
            positions: z in 1/mu, any shape.

        Returns:
            polarization ``(..., B, 3)``.

        Examples:
            >>> up = Beams([1, -1], [1, 1], [[0, 0, 1], [0, 0, -1]], omega=[-0.1, 0.1])
            >>> start = linear_stability(up, 0.0).mode(0.0).perturbed(1e-3, [0.0, 1.0])
            >>> start.shape
            (2, 2, 3)
        """
        size = number("amplitude", amplitude, low=0.0)
        wave = np.exp(1j * self.k * finite("positions", positions))[..., None, None]
        start = self.beams.polarization
        moved = start + size * (wave * self.vector).real
        length = np.linalg.norm(start, axis=1)[:, None]
        now = np.linalg.norm(moved, axis=-1, keepdims=True)
        result: Floats = moved * (length / np.where(now > 0, now, 1.0))
        return result


@dataclass(frozen=True, eq=False)
class LinearModes:
    """What :func:`linear_stability` found, for every wave number.

    Args:
        k: ``(K,)`` wave numbers, in units of mu.
        frequency: ``(K, modes)`` complex, those that grow fastest first.
        growth: ``(K,)`` largest growth rate; 0.0 where none is above the rounding errors.
        beams: the equilibrium.
        mu: coupling.
        matter: lambda_e.
        precession: frequency of the frame.
    """

    k: Floats
    frequency: Any
    growth: Floats
    beams: Beams
    mu: float
    matter: float
    precession: float

    def __repr__(self) -> str:
        fastest = int(np.argmax(self.growth))
        return (
            f"<LinearModes: {len(self.k)} wave numbers, {len(self.beams)} beams; largest growth"
            f" {self.growth[fastest]:.4g} at k = {self.k[fastest]:.4g}>"
        )

    def mode(self, k: float) -> LinearMode:
        """The mode that grows fastest at any one wave number (where none does: one of them)."""
        k = number("k", k)
        problem, cosine = _linearise(self.beams, self.mu, self.matter, self.precession)
        value, vector = problem.vector(cosine * k)
        size = float(np.sqrt(np.sum(self.beams.weight[:, None] * abs(vector) ** 2)))
        vector = frozen(vector / size if size > 0 else vector)
        growth = problem.eigenvalues(cosine * k).real.max(initial=0.0)
        return LinearMode(k, complex(-value.imag, growth), vector, self.beams)

    def most_unstable(self) -> LinearMode:
        """The mode of the wave number with the largest growth.

        Raises:
            QnuError: no wave grows.
        """
        fastest = int(np.argmax(self.growth))
        if self.growth[fastest] == 0:
            raise QnuError("growth", Words("0 for every k"), "an equilibrium on which a wave grows")
        return self.mode(float(self.k[fastest]))


@dataclass(frozen=True)
class AngularCrossing:
    """A cosine at which the lepton number changes sign.

    Args:
        cosine: where, interpolated between the beams on both sides.
        depth: the smaller of the integrals over the two neighbouring ranges of one sign, over that
            of the absolute value over all cosines: from 0 to 1/2.
    """

    cosine: float
    depth: float


def linear_stability(
    gas: NeutrinoGas | Beams,
    k: ArrayLike = 0.0,
    *,
    mu: float = 1.0,
    matter: float = 0.0,
    precession: float = 0.0,
    beams: int = 32,
) -> LinearModes:
    r"""Waves :math:`e^{i(kz - \Omega t)}` on an equilibrium of the mean field of beams.

    .. math::
        (\partial_t + c_b\,\partial_z)\,\delta\mathbf P_b = \mathbf H_b\times\delta\mathbf P_b
        + \mu\sum_{b'} w_{b'}(1 - c_b c_{b'})\,\delta\mathbf P_{b'}\times\mathbf P_b, \qquad
        \mathbf H_b = (\omega_b - \Omega_p)\mathbf B + \lambda_e\mathbf L
        + \mu\sum_{b'} w_{b'}(1 - c_b c_{b'})\,\mathbf P_{b'}

    Where all :math:`\mathbf P_b = z_b\mathbf e_z`, :math:`S_b = (\delta P_x + i\,\delta P_y)_b`
    decouples, and :math:`\Omega` is an eigenvalue of the B x B matrix

    .. math::
        M_{bb'} = \delta_{bb'}\Big[c_b k + \omega_b - \Omega_p - \lambda_e
        - \mu\sum_{b''} w_{b''}(1 - c_b c_{b''})\,z_{b''}\Big] + \mu\,z_b\,w_{b'}(1 - c_b c_{b'}).

    Any other equilibrium, every :math:`\mathbf P_b` along :math:`\pm\mathbf H_b`, has the 2B
    changes perpendicular to the :math:`\mathbf P_b` (lengths are conserved).
    A wave with :math:`\mathrm{Im}\,\Omega > 0` grows. The calculation is that of
    :func:`qnu.solvers.growth_rate`, which has k = 0 and 1 in place of :math:`1 - c\,c'`. It has no
    entanglement (which makes :math:`\mathbf P_b` drift at the rate :math:`\mu\gamma`) and keeps the
    axial symmetry about z.

    A quadrature has instabilities of its own: a continuum of cosines is stable where a few beams,
    of different :math:`c_b k`, are not. Their growth falls with the number of beams, that of a
    physical instability does not change: compare two numbers of beams
    (docs/concepts/stability.md).

    Args:
        gas: beams; or a gas, which is put on a quadrature (:meth:`qnu.Beams.of`). Velocities at
            right angles, for k = 0: one beam per group (per neutrino where its members differ), all
            with c = 0.
        k: wave number or numbers, in units of mu.
        mu: coupling, >= 0.
        matter: :math:`\lambda_e`; off the z axis where the mixing angle is not 0.
        precession: :math:`\Omega_p`, with which the equilibrium turns about B.
        beams: nodes of the quadrature.

    Returns:
        frequencies, growth rates and modes.

    Raises:
        QnuError: a state that is no equilibrium, as one that begins with flavor states at a mixing
            angle; k, mu or matter that are not finite.

    References:
        Johns, Thermodynamics of oscillating neutrinos (2306.14982); Martin et al. (2307.16793);
        Sarikas, de Sousa Seixas, Raffelt, spurious instabilities (1210.4557).

    Examples:
        >>> crossed = Beams([1, -1], [0.6, 0.4], [[0, 0, 1], [0, 0, -1]])
        >>> modes = linear_stability(crossed, [-1.5, -1.0, -0.5, 0.0])
        >>> modes.growth.round(4)                               # the root of 0.96 - (k + 1)^2
        array([0.8426, 0.9798, 0.8426, 0.    ])
        >>> [(round(x.cosine, 3), round(x.depth, 3)) for x in angular_crossing(crossed)]
        [(-0.2, 0.4)]
    """
    given = _beams_of(gas, beams)
    waves = np.atleast_1d(finite("k", k)).astype(float)
    if waves.ndim != 1 or len(waves) == 0:
        raise QnuError("k", f"shape {waves.shape}", "a number, or numbers of shape (K,)")
    if waves.any() and isinstance(gas, NeutrinoGas) and gas.velocity is None:
        raise QnuError("k", waves.tolist(), "0 (velocities at right angles have no z axis)")
    mu, matter = number("mu", mu, low=0.0), number("matter", matter)
    precession = number("precession", precession)
    need = _BYTES_PER_ELEMENT * len(given) ** 2 + _BYTES_PER_MODE * len(given) * len(waves)
    memory.require("beams", f"{len(given)} beams, {len(waves)} wave numbers", need)
    problem, cosine = _linearise(given, mu, matter, precession)
    found = [problem.eigenvalues(cosine * wave) for wave in waves]
    rates = np.array([values[np.argsort(-values.real, kind="stable")] for values in found])
    growth = rates.real.max(axis=1, initial=0.0) * (mu > 0)
    frequency = frozen(1j * rates)
    return LinearModes(frozen(waves), frequency, frozen(growth), given, mu, matter, precession)


def angular_crossing(gas: NeutrinoGas | Beams, beams: int = 32) -> list[AngularCrossing]:
    r"""Cosines at which :math:`\sum w\,\mathbf P\cdot\mathbf L` changes sign, P as stored: the
    lepton number (without a mixing angle :math:`\sum w z`).

    Without vacuum and matter (:math:`\omega = 0`) no wave grows where there is none.

    Args:
        gas: beams, or a gas, which is put on a quadrature.
        beams: nodes of it.

    Returns:
        one :class:`AngularCrossing` for each, in order of the cosine; ``[]`` without any.

    Raises:
        QnuError: a gas at right angles.

    References:
        Johns, Thermodynamics of oscillating neutrinos (2306.14982).

    Examples:
        >>> angular_crossing(Beams([-0.5, 0.5], [0.5, 0.5], [[0, 0, 1], [0, 0, 0.2]]))
        []
    """
    if not isinstance(gas, NeutrinoGas | Beams):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas or qnu.Beams")
    cosine, sums = Beams.of(gas, beams).lepton_number()
    edges = np.concatenate([[-1.0], (cosine[1:] + cosine[:-1]) / 2, [1.0]])
    density = sums / np.maximum(np.diff(edges), 1e-300)  # weights of a quadrature are not in it
    kept = abs(sums) > _NOTHING * abs(sums).max()
    cosine, sums, density = cosine[kept], sums[kept], density[kept]
    change = np.flatnonzero(np.sign(sums[1:]) != np.sign(sums[:-1]))
    if len(change) == 0:
        return []
    ranges = abs(np.add.reduceat(sums, np.concatenate([[0], change + 1])))
    found = []
    for place, left, right in zip(change, ranges[:-1], ranges[1:], strict=True):
        part = density[place] / (density[place] - density[place + 1])
        at = cosine[place] + part * (cosine[place + 1] - cosine[place])
        found.append(AngularCrossing(float(at), float(min(left, right) / abs(sums).sum())))
    return found


def _beams_of(gas: Any, beams: int) -> Beams:
    if not isinstance(gas, NeutrinoGas | Beams):
        raise QnuError("gas", gas, "a qnu.NeutrinoGas or qnu.Beams")
    if isinstance(gas, Beams) or gas.velocity is not None:
        return Beams.of(gas, beams)
    state = np.column_stack([gas.polarization, gas.omega, gas.antineutrino])
    rows = np.concatenate(
        [own[:1] if not np.ptp(state[own], axis=0).any() else own for own in gas.members]
    )
    each = np.bincount(gas.group[rows], minlength=len(gas.members))
    weight = (gas.shares / each)[gas.group[rows]]
    return beams_of_rows(gas, rows, np.zeros(len(rows)), weight)


def _linearise(
    beams: Beams, mu: float, matter: float, precession: float
) -> tuple[Linearised, Floats]:
    """The linearised equations and the cosines; an error where the state is no equilibrium."""
    vectors, cosine = beams.polarization, beams.cosine
    total, flux = beams.moments()
    h = fields(beams.omega, matter, beams.mixing_angle) - precession * B
    h = h + mu * (total - cosine[:, None] * flux)
    require_at_rest(vectors, h, "every P along its field, as flavor states at mixing_angle = 0")
    turning = matter == 0 or abs(np.sin(2 * beams.mixing_angle)) < 1e-12
    return Linearised.about(vectors, beams.weight, h, mu, cosine, turning=turning), cosine
