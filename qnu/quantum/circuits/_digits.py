"""The canonical form of an encounter with two fields that are not parallel, in fifty digits.

Two of the canonical angles are nearly equal where the fields are weak: then rounding to double
precision anywhere before the last step turns the rotations around the core by 1e-16 over the
difference, which is another number on every processor (its product is right all the same). Here
all arithmetic is ``decimal``, which no library reorders, and every angle is rounded once.

A pair of spins ``(s + i v.sigma) eps``, s and v real, is a quaternion; rotations of the two
neutrinos are its left and right factors, SO(4). On ``(v, s)``, with ``S = (t/2)(h_1 + h_2)`` and
``D = (t/2)(h_1 - h_2)``::

    U = exp(-i theta eta + W),     eta = diag(1, 1, 1, -1),     W (v, s) = (S x v - D s, D.v)

W couples the normal of the plane of the fields, and s, with the two directions in the plane. So for
``R = diag(-1, 1, -1, 1)``, -1 in the plane, ``R U R = U^T``: ``R U`` is symmetric and unitary, its
real and imaginary part are diagonal in one real basis V, ``R U = V E V^T``, and::

    U = (R V R) (R E) V^T          rotations, N(x, y, z), rotations
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from decimal import ROUND_HALF_EVEN, Context, Decimal, localcontext
from functools import lru_cache

#: In the order of rows: two rotations (rz, ry, rz) before, core, two after, and the phase.
Angles = tuple[
    tuple[tuple[float, float, float], tuple[float, float, float]],
    tuple[float, float, float],
    tuple[tuple[float, float, float], tuple[float, float, float]],
    float,
]
Vector = Sequence[Decimal]
Matrix = list[list[Decimal]]

_DIGITS = 50
_ZERO, _ONE, _TWO = Decimal(0), Decimal(1), Decimal(2)
_X, _Y, _Z, _S = range(4)
#: R: -1 on the two directions in the plane of the fields, z (along the larger one) and x.
_SIGN = (-1, 1, -1, 1)
#: Off-diagonal elements below this are rounding.
_SMALL = Decimal("1e-44")
#: Angles below this are zero.
_NOTHING = Decimal("1e-40")
#: Terms of a series below this.
_TINY = Decimal("1e-52")
_HALF_ROOT = Decimal("0.5").sqrt(Context(prec=60))


@lru_cache(maxsize=4096)
def angles(theta: float, a: tuple[float, ...], b: tuple[float, ...], time: float) -> Angles:
    """Rotations, core, rotations and phase of an encounter with fields a and b.

    Args:
        theta: swap angle.
        a: field of the first neutrino.
        b: field of the second, not parallel to a.
        time: how long the fields act.
    """
    half = Decimal(time) / 2
    largest = max(map(abs, (theta, *(time * x for x in (*a, *b)))))
    more = max(0, math.frexp(largest)[1]) if math.isfinite(largest) else 1024
    own = Context(prec=_DIGITS + more, rounding=ROUND_HALF_EVEN, Emin=-999999, Emax=999999)
    with localcontext(own):
        fields = [[Decimal(x) for x in field] for field in (a, b)]
        frame = _frame(*fields)
        first, second = ([half * x for x in field] for field in fields)
        unitary = _symmetric(Decimal(theta), first, second, frame)
        basis, values = _diagonal(*unitary)
        after = [[_SIGN[i] * _SIGN[j] * basis[i][j] for j in range(4)] for i in range(4)]
        before = [list(column) for column in zip(*(_product(frame, basis)), strict=True)]
        phases = [
            _arctan2(sign * imaginary, sign * real)
            for sign, (real, imaginary) in zip(_SIGN, values, strict=True)
        ]
        x, y, z, s = phases
        core = (s + x - y - z) / 4, (s + y - x - z) / 4, (s + z - x - y) / 4
        return (
            _rotations(before),
            (_rounded(core[0]), _rounded(core[1]), _rounded(core[2])),
            _rotations(_product(frame, after)),
            _rounded(sum(phases, _ZERO) / 4),
        )


def _rounded(x: Decimal) -> float:
    return 0.0 if abs(x) < _NOTHING else float(x)


def _dot(a: Vector, b: Vector) -> Decimal:
    return sum((x * y for x, y in zip(a, b, strict=True)), _ZERO)


def _cross(a: Vector, b: Vector) -> list[Decimal]:
    return [
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    ]


def _unit(a: Vector) -> list[Decimal]:
    size = _dot(a, a).sqrt()
    return [x / size for x in a]


def _product(a: Matrix, b: Matrix) -> Matrix:
    columns = list(zip(*b, strict=True))
    return [[_dot(row, column) for column in columns] for row in a]


def _frame(first: Vector, second: Vector) -> Matrix:
    """Columns x, y, z, s: z along the larger field, y normal to both (right-handed), s itself."""
    larger = first if _dot(first, first) >= _dot(second, second) else second
    z, y = _unit(larger), _unit(_cross(first, second))
    x = _cross(y, z)
    rows = [[x[i], y[i], z[i], _ZERO] for i in range(3)]
    return [*rows, [_ZERO, _ZERO, _ZERO, _ONE]]


def _symmetric(theta: Decimal, a: Vector, b: Vector, frame: Matrix) -> tuple[Matrix, Matrix]:
    """Real and imaginary part of R U in the frame.

    With a factor i on x and z the generator is real; its cosine and sine are found from its
    characteristic polynomial.
    """
    x, _, z = ([row[k] for row in frame[:3]] for k in range(3))
    total = [p + q for p, q in zip(a, b, strict=True)]
    apart = [p - q for p, q in zip(a, b, strict=True)]
    generator = [[_ZERO] * 4 for _ in range(4)]
    for k, sign in enumerate((1, 1, 1, -1)):
        generator[k][k] = sign * theta
    for i, j, value in (
        (_Y, _X, _dot(total, z)),  # y.(S x x) = S.z
        (_Y, _Z, -_dot(total, x)),
        (_S, _X, _dot(apart, x)),
        (_S, _Z, _dot(apart, z)),
    ):
        generator[i][j] = generator[j][i] = -value
    cosine, sine = _cosine_and_sine(generator)
    real, imaginary = ([[_ZERO] * 4 for _ in range(4)] for _ in range(2))
    for i, j in itertools.product(range(4), repeat=2):
        if _SIGN[i] == _SIGN[j]:  # +-(cos - i sin)
            real[i][j], imaginary[i][j] = _SIGN[i] * cosine[i][j], -_SIGN[i] * sine[i][j]
        else:  # -i (cos - i sin)
            real[i][j], imaginary[i][j] = -sine[i][j], -cosine[i][j]
    return real, imaginary


def _cosine_and_sine(matrix: Matrix) -> tuple[Matrix, Matrix]:
    """Of a real symmetric matrix G: the series of exp(-i G/2^k) in 1, G, G^2, G^3, squared."""
    size = max(sum(map(abs, row), _ZERO) for row in matrix)
    halvings = max(0, math.frexp(float(size))[1] + 1)
    scale = _TWO**halvings
    one = [[x / scale for x in row] for row in matrix]
    two = _product(one, one)
    three = _product(one, two)
    traces = [_trace(one), _trace(two), _trace(three), sum((_dot(r, r) for r in two), _ZERO)]
    rule = _characteristic(traces)
    term = [_ONE, _ZERO, _ZERO, _ZERO]  # G^n/n! in 1, G, G^2, G^3
    parts = [list(term), [_ZERO] * 4]  # coefficients of the cosine and of minus the sine
    bound, n = _ONE, 0
    while bound > _TINY:
        n += 1
        bound /= 2 * n
        last = term[3]
        term = [(rule[0] * last) / n] + [(term[k - 1] + rule[k] * last) / n for k in (1, 2, 3)]
        own, sign = parts[n % 2], (1, -1, -1, 1)[n % 4]
        for k in range(4):
            own[k] += sign * term[k]
    for _ in range(halvings):
        real, imaginary = parts
        square = [
            p - q for p, q in zip(_times(real, real), _times(imaginary, imaginary), strict=True)
        ]
        parts = [_reduced(square, rule), _reduced([2 * p for p in _times(real, imaginary)], rule)]
    cosine, minus_sine = (_value(p, one, two, three) for p in parts)
    return cosine, [[-x for x in row] for row in minus_sine]


def _value(p: Vector, one: Matrix, two: Matrix, three: Matrix) -> Matrix:
    """``p0 + p1 G + p2 G^2 + p3 G^3``."""
    rows = [
        [p[1] * a + p[2] * b + p[3] * c for a, b, c in zip(*some, strict=True)]
        for some in zip(one, two, three, strict=True)
    ]
    for k in range(4):
        rows[k][k] += p[0]
    return rows


def _trace(matrix: Matrix) -> Decimal:
    return sum((matrix[k][k] for k in range(4)), _ZERO)


def _characteristic(traces: Vector) -> list[Decimal]:
    """c with ``G^4 = c0 + c1 G + c2 G^2 + c3 G^3``, from the traces of its powers (Newton)."""
    t1, t2, t3, t4 = traces
    e1 = t1
    e2 = (e1 * t1 - t2) / 2
    e3 = (e2 * t1 - e1 * t2 + t3) / 3
    e4 = (e3 * t1 - e2 * t2 + e1 * t3 - t4) / 4
    return [-e4, e3, -e2, e1]


def _times(a: Vector, b: Vector) -> list[Decimal]:
    result = [_ZERO] * 7
    for i, p in enumerate(a):
        for j, q in enumerate(b):
            result[i + j] += p * q
    return result


def _reduced(polynomial: list[Decimal], rule: Vector) -> list[Decimal]:
    for n in (6, 5, 4):
        top = polynomial[n]
        for k in range(4):
            polynomial[n - 4 + k] += top * rule[k]
    return polynomial[:4]


def _diagonal(real: Matrix, imaginary: Matrix) -> tuple[Matrix, list[tuple[Decimal, Decimal]]]:
    """V and the diagonal of ``V^T (real + i imaginary) V``: Jacobi rotations of both at once."""
    basis = [[_ONE if i == j else _ZERO for j in range(4)] for i in range(4)]
    for _ in range(40):
        still = False
        for p, q in itertools.combinations(range(4), 2):
            turn = _turn(real, imaginary, p, q)
            if turn is None:
                continue
            still = True
            for matrix in (real, imaginary):
                _turn_columns(matrix, p, q, *turn)
                matrix[p], matrix[q] = _turned(matrix[p], matrix[q], *turn)
            _turn_columns(basis, p, q, *turn)
        if not still:
            break
    return basis, [(real[k][k], imaginary[k][k]) for k in range(4)]


def _turn(real: Matrix, imaginary: Matrix, p: int, q: int) -> tuple[Decimal, Decimal] | None:
    """Cosine and sine of the angle, within +-pi/4, after which least is left at (p, q)."""
    d = real[p][p] - real[q][q], imaginary[p][p] - imaginary[q][q]
    o = 2 * real[p][q], 2 * imaginary[p][q]
    if max(abs(o[0]), abs(o[1])) <= _SMALL:
        return None
    on, both = _dot(d, d) - _dot(o, o), 2 * _dot(d, o)
    x = on + (on * on + both * both).sqrt()
    size = (x * x + both * both).sqrt()
    if size == 0:  # equal on the diagonal
        return _HALF_ROOT, _HALF_ROOT
    cosine = ((1 + x / size) / 2).sqrt()
    return cosine, both / (2 * size * cosine)


def _turn_columns(matrix: Matrix, p: int, q: int, cosine: Decimal, sine: Decimal) -> None:
    for row in matrix:
        a, b = row[p], row[q]
        row[p], row[q] = cosine * a + sine * b, cosine * b - sine * a


def _turned(
    a: Vector, b: Vector, cosine: Decimal, sine: Decimal
) -> tuple[list[Decimal], list[Decimal]]:
    first = [cosine * x + sine * y for x, y in zip(a, b, strict=True)]
    return first, [cosine * y - sine * x for x, y in zip(a, b, strict=True)]


def _arctan2(y: Decimal, x: Decimal) -> Decimal:
    """From the value in double precision, and a step of Newton's method (the error is its cube)."""
    size = (x * x + y * y).sqrt()
    if size == 0:
        return _ZERO
    guess = Decimal(math.atan2(float(y / size), float(x / size)))
    cosine, sine = _of_angle(guess)
    return guess + (y * cosine - x * sine) / size


def _of_angle(angle: Decimal) -> tuple[Decimal, Decimal]:
    """Cosine and sine of an angle within +-4."""
    small = angle / 8
    square = small * small
    cosine, sine, term, n = _ONE, small, small, 1
    cosine_term = _ONE
    while abs(cosine_term) > _TINY:
        cosine_term *= -square / (n * (n + 1))
        term *= -square / ((n + 1) * (n + 2))
        cosine += cosine_term
        sine += term
        n += 2
    for _ in range(3):
        cosine, sine = cosine * cosine - sine * sine, 2 * cosine * sine
    return cosine, sine


def _rotations(
    turn: Matrix,
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """The two rotations, each as angles of rz, ry, rz in time, of ``X -> left X right^+``."""
    # the image of 1 is left right^+; taking it off leaves left X left^+, a rotation
    s, v = turn[3][3], [turn[k][3] for k in range(3)]
    rows = [[_ZERO] * 3 for _ in range(3)]
    for j in range(3):
        column = [turn[k][j] for k in range(4)]
        image = _quaternion_product((column[3], column[:3]), (s, [-x for x in v]))
        for k in range(3):
            rows[k][j] = image[1][k]
    left = _from_rotation(rows)
    conjugate = s, [-x for x in v]
    right = _quaternion_product(conjugate, left)
    return _euler(*left), _euler(*right)


def _quaternion_product(
    a: tuple[Decimal, Vector], b: tuple[Decimal, Vector]
) -> tuple[Decimal, list[Decimal]]:
    """``(s + i v.sigma)(t + i w.sigma)``: ``s t - v.w``, ``s w + t v - v x w``."""
    across = _cross(a[1], b[1])
    vector = [a[0] * w + b[0] * v - c for v, w, c in zip(a[1], b[1], across, strict=True)]
    return a[0] * b[0] - _dot(a[1], b[1]), vector


def _from_rotation(m: Matrix) -> tuple[Decimal, list[Decimal]]:
    """(w, u) with ``m v = k v k^+`` for ``k = w + i u.sigma``, from its largest component."""
    # -u, not u: exp(i u.sigma) turns backwards
    squares = [
        1 + m[0][0] + m[1][1] + m[2][2],
        1 + m[0][0] - m[1][1] - m[2][2],
        1 - m[0][0] + m[1][1] - m[2][2],
        1 - m[0][0] - m[1][1] + m[2][2],
    ]  # four times w^2, u_x^2, u_y^2, u_z^2
    largest = next(k for k, x in enumerate(squares) if x >= 1 - _SMALL)
    odd = [m[1][2] - m[2][1], m[2][0] - m[0][2], m[0][1] - m[1][0]]  # 4 w u
    even = {
        (0, 1): m[0][1] + m[1][0],
        (0, 2): m[0][2] + m[2][0],
        (1, 2): m[1][2] + m[2][1],
    }
    twice = squares[largest].sqrt()
    if largest == 0:
        return twice / 2, [x / (2 * twice) for x in odd]
    k = largest - 1
    u = [twice / 2 if j == k else even[min(j, k), max(j, k)] / (2 * twice) for j in range(3)]
    return odd[k] / (2 * twice), u


def _euler(w: Decimal, u: Vector) -> tuple[float, float, float]:
    """Angles of rz, ry, rz, in the order of time, of ``w + i u.sigma``."""
    across, along = (u[0] * u[0] + u[1] * u[1]).sqrt(), (w * w + u[2] * u[2]).sqrt()
    middle = 2 * _arctan2(across, along)
    total = -_arctan2(u[2], w)
    difference = _arctan2(u[0], -u[1])
    return _rounded(total - difference), _rounded(middle), _rounded(total + difference)
