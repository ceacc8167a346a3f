"""The mean field linearised about an equilibrium, and eigenvalues that are no rounding."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..common.checks import Floats
from ..errors import QnuError

B = np.array([0.0, 0.0, -1.0])
#: |dP_i/dt| of an equilibrium, in units of the largest |H_i|.
_AT_REST = 1e-6
#: An eigenvalue is where stable ones lie if it is nearer than this many rounding errors of its own.
_ROUNDING = 100 * np.finfo(float).eps
#: Rounding moves no eigenvalue as far as this, in units of the matrix, where up to three meet.
_CERTAIN = np.finfo(float).eps ** 0.25
#: Components of unit vectors below this are 0.
_FLAT = 1e-12


def require_at_rest(vectors: Floats, h: Floats, allowed: str) -> None:
    """An error where some P is not along its field.

    Args:
        vectors, h: polarizations and fields ``(rows, 3)``.
        allowed: what an equilibrium is here.
    """
    moving = np.linalg.norm(np.cross(h, vectors), axis=1).max()
    if moving > _AT_REST * np.linalg.norm(h, axis=1).max():
        found = f"a state in which |dP_i/dt| is up to {moving:.3g}"
        raise QnuError("polarization", found, f"an equilibrium: {allowed}")


@dataclass(frozen=True, eq=False)
class Linearised:
    r"""Deviations perpendicular to every :math:`\mathbf P_i` (lengths are conserved).

    :math:`\delta\mathbf P_i = a_i\mathbf e_1 + b_i\mathbf e_2` with :math:`\mathbf e_1\times
    \mathbf e_2 = \mathbf n_i`, and d(a, b)/dt = [[aa, ab], [ba, bb]] (a, b) for a uniform gas.
    """

    kept: Floats  # which of the rows given have a polarization: the others do not act
    share: Floats
    length: Floats
    one: Floats  # e_1 (rows, 3)
    two: Floats
    aa: Floats
    ab: Floats
    ba: Floats
    bb: Floats
    zero: Floats  # (2, rows): (a, b) of all turned about B, a solution at rest
    fixed: Floats  # (2, rows): the gradient of the conserved Pbar_B
    sign: Floats | None  # +-1 where every P_i is along +-z

    @classmethod
    def about(
        cls,
        vectors: Floats,
        share: Floats,
        h: Floats,
        mu: float,
        cosine: Floats | None = None,
        *,
        turning: bool = True,
    ) -> Linearised:
        """About an equilibrium with the fields H_i.

        Args:
            vectors: P_i ``(rows, 3)``.
            share: weights ``(rows,)``.
            h: H_i ``(rows, 3)``, each along its P_i.
            mu: coupling.
            cosine: rows meet with ``1 - c_i c_j``; None: with 1.
            turning: whether turning everything about B changes nothing: no matter off the z axis.
        """
        length = np.linalg.norm(vectors, axis=1)
        kept = length > 0
        vectors, share, h, length = vectors[kept], share[kept], h[kept], length[kept]
        n = vectors / length[:, None]
        normals = np.cross(B, vectors)
        normal = share @ normals
        if len(n) and not np.linalg.norm(normal) > 1e-3 * np.linalg.norm(normals, axis=1).max():
            normal = normals[np.argmax(np.linalg.norm(normals, axis=1))]
        size = np.linalg.norm(normal)
        one, two = _tangents(n, normal / size if size > 0 else np.array([0.0, 1.0, 0.0]))
        act = mu * length[:, None] * share
        if cosine is not None:
            act = act * (1 - np.outer(cosine[kept], cosine[kept]))
        # da/dt = -h b, db/dt = h a, and what the changed mean field adds
        same, mixed, other = one @ one.T, one @ two.T, two @ two.T
        diagonal = np.diag(np.sum(n * h, axis=1))
        zero = np.stack([np.sum(normals * one, axis=1), np.sum(normals * two, axis=1)])
        fixed = np.stack([share * (one @ B), share * (two @ B)])
        along = bool((abs(n[:, :2]) < _FLAT).all())
        return cls(
            *(kept, share, length, one, two),
            *(act * mixed.T, act * other - diagonal, diagonal - act * same, -act * mixed),
            zero * turning,
            fixed * turning,
            np.sign(n[:, 2]) if along else None,
        )

    def generator(self, drift: Floats | None = None) -> Any:
        """``(2 rows, 2 rows)``: d(a, b)/dt, with advection by ``c k`` (then it is complex)."""
        matrix = np.block([[self.aa, self.ab], [self.ba, self.bb]])
        if drift is None:
            return matrix
        return matrix - 1j * np.diag(np.tile(drift[self.kept], 2))

    def transverse(self, drift: Floats | None = None) -> Floats:
        """``(rows, rows)``: M with Omega S = M S, S = (P_x + i P_y), where all P_i are along z."""
        assert self.sign is not None
        # e_2 = y and e_1 = sign x, so S = sign a + i b
        matrix: Floats = self.sign[:, None] * self.ab
        return matrix if drift is None else matrix + np.diag(drift[self.kept])

    def eigenvalues(self, drift: Floats | None = None) -> Any:
        r"""All :math:`\lambda` of :math:`e^{\lambda t}`, real parts 0 where they are rounding."""
        if len(self.share) == 0:
            return np.empty(0, complex)
        if self.sign is not None:
            return -1j * self._frequencies(drift)
        if drift is not None and drift.any():
            return _imaginary(self.generator(drift))
        zero, fixed = self.zero, self.fixed
        missing = 2 * len(self.share)
        if max(abs(self.aa).max(), abs(zero[0]).max(), abs(fixed[1]).max()) < _FLAT:
            # all P_i in one plane with B: a and b drive each other, rates are square roots
            left, right = _without(fixed[0]), _without(zero[1])
            roots = _square_roots((left.T @ self.ab @ right) @ (right.T @ self.ba @ left))
            found = np.concatenate([roots, -roots])
        else:
            basis = _without(zero.ravel(), fixed.ravel())
            found = _imaginary(basis.T @ self.generator() @ basis)
        return np.concatenate([found, np.zeros(missing - len(found))])

    def _frequencies(self, drift: Floats | None) -> Any:
        """Eigenvalues of M, made as symmetric as it can be: of one sign of z they are real."""
        assert self.sign is not None
        scale = np.sqrt(self.length / self.share)
        matrix = self.transverse(drift) * scale / scale[:, None]
        if (self.sign == self.sign[0]).all():
            return np.linalg.eigvalsh((matrix + matrix.T) / 2).astype(complex)
        return _real(matrix)

    def vector(self, drift: Floats | None = None) -> tuple[complex, Any]:
        """The eigenvalue of largest real part, and its deviation ``(all rows, 3)``, complex."""
        result = np.zeros((len(self.kept), 3), complex)
        if self.sign is not None:
            values, vectors = np.linalg.eig(self.transverse(drift))
            best = int(np.argmax(values.imag))
            across = vectors[:, best]
            result[self.kept, 0], result[self.kept, 1] = across, -1j * across
            return complex(-1j * values[best]), result
        values, vectors = np.linalg.eig(self.generator(drift))
        best = int(np.argmax(values.real))
        a, b = np.split(vectors[:, best], 2)
        result[self.kept] = a[:, None] * self.one + b[:, None] * self.two
        return complex(values[best]), result


def _tangents(n: Floats, normal: Floats) -> tuple[Floats, Floats]:
    """Unit vectors e1, e2 with ``e1 x e2 = n``, e2 as near to a direction as can be."""
    two = normal - (n @ normal)[:, None] * n
    size = np.linalg.norm(two, axis=1)
    lost = size < 1e-3
    if lost.any():
        spare = np.cross(normal, np.eye(3)[np.argmin(abs(normal))])
        two[lost] = spare - (n[lost] @ spare)[:, None] * n[lost]
        size = np.linalg.norm(two, axis=1)
    two /= size[:, None]
    return np.cross(two, n), two


def _without(*vectors: Floats) -> Floats:
    """An orthonormal basis of what is perpendicular to the vectors (one that is 0 is skipped)."""
    given = [v / np.linalg.norm(v) for v in vectors if np.linalg.norm(v) > 1e-14]
    if not given:
        return np.eye(len(vectors[0]))
    q: Floats = np.linalg.qr(np.stack(given, axis=1), mode="complete")[0]
    return q[:, len(given) :]


def _square_roots(product: Floats) -> Any:
    """Roots of eigenvalues; negative ones are oscillations."""

    def apart(values: Any) -> Floats:
        result: Floats = np.where(values.real < 0, abs(values.imag), abs(values))
        return result

    def stable(values: Any) -> Any:
        return np.minimum(values.real, 0.0)

    return np.sqrt(_settled(product, apart, stable).astype(complex))


def _imaginary(matrix: Any) -> Any:
    """Eigenvalues of a matrix whose stable ones are imaginary."""
    return _settled(matrix, lambda values: abs(values.real), lambda values: 1j * values.imag)


def _real(matrix: Floats) -> Any:
    """Eigenvalues of a real matrix whose stable ones are real."""
    return _settled(matrix, lambda values: abs(values.imag), lambda values: values.real)


def _settled(matrix: Any, apart: Callable[[Any], Floats], stable: Callable[[Any], Any]) -> Any:
    """Eigenvalues; those that are stable ones moved by rounding are put back where they belong.

    Those that are not are farther from where stable ones lie than their own rounding error: that of
    the matrix over the cosine between the left and the right eigenvector, which is small where
    eigenvalues meet and an eigenvector is lost.
    """
    if len(matrix) == 0:
        return np.empty(0, complex)
    size = float(np.linalg.norm(matrix))
    values = np.linalg.eigvals(matrix)
    near = apart(values) <= _CERTAIN * size
    if (near & (apart(values) > _ROUNDING * size)).any():
        from scipy.linalg import eig

        values, left, right = eig(matrix, left=True, right=True)
        cosine = np.maximum(abs(np.sum(left.conj() * right, axis=0)), 1e-300)
        near = apart(values) * cosine <= _ROUNDING * size
    else:
        near = apart(values) <= _ROUNDING * size
    return np.where(near, stable(values), values)
