"""Vector instructions for the gate kernels: 64 bytes of real parts, 64 bytes of imaginary parts.

A *chunk* is ``L`` amplitudes (16 in single, 8 in double precision) as ``L`` real parts followed by
``L`` imaginary parts. Every function works on whole chunks of a flat array of floats, given by the
offset of their first float. Compilers do not find these loops by themselves: as an inner loop over
one array with several offsets they stay scalar, which is ten times slower.

Complex numbers are passed as pairs of floats of the array's own type.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

_INDEX = ir.IntType(32)
_FUSED = ("contract",)  # a product and a sum may be one instruction; nothing else is reordered

Value = Any
Complex = tuple[Value, Value]


class _Lanes:
    """Loads, stores and arithmetic on vectors of ``L`` floats of one array."""

    def __init__(self, context: Any, builder: Any, array_type: Any, array: Any) -> None:
        width = array_type.dtype.bitwidth
        self.count = 512 // width
        self.builder = builder
        self.type = ir.VectorType(ir.FloatType() if width == 32 else ir.DoubleType(), self.count)
        self.align = width // 8
        self.data = context.make_array(array_type)(context, builder, array).data

    def scalar(self, index: Value, shift: int = 0) -> Value:
        """One float of the array as a vector of equal lanes."""
        at = self.builder.add(index, ir.Constant(index.type, shift))
        return self.splat(self.builder.load(self.builder.gep(self.data, [at])))

    def splat(self, scalar: Value) -> Value:
        empty = ir.Constant(self.type, ir.Undefined)
        one = self.builder.insert_element(empty, scalar, ir.Constant(_INDEX, 0))
        return self.shuffle(one, empty, [0] * self.count)

    def shuffle(self, a: Value, b: Value, lanes: Sequence[int]) -> Value:
        """Lanes 0..L-1 of the result from a (0..L-1) and b (L..2L-1)."""
        mask = ir.Constant(ir.VectorType(_INDEX, self.count), list(lanes))
        return self.builder.shuffle_vector(a, b, mask)

    def _at(self, index: Value, half: int) -> Value:
        index = self.builder.add(index, ir.Constant(index.type, half * self.count))
        return self.builder.bitcast(self.builder.gep(self.data, [index]), self.type.as_pointer())

    def load(self, index: Value) -> Complex:
        """Both halves of the chunk at an offset."""
        both = []
        for half in (0, 1):
            value = self.builder.load(self._at(index, half))
            value.align = self.align
            both.append(value)
        return both[0], both[1]

    def store(self, index: Value, value: Complex, past_cache: bool = False) -> None:
        """``past_cache``: straight to memory; the array must begin on a boundary of 64 bytes."""
        for half in (0, 1):
            instruction = self.builder.store(value[half], self._at(index, half))
            instruction.align = 64 if past_cache else self.align
            if past_cache:
                one = self.builder.module.add_metadata([ir.Constant(_INDEX, 1)])
                instruction.set_metadata("nontemporal", one)

    def shuffle_both(self, a: Complex, b: Complex, lanes: Sequence[int]) -> Complex:
        """Real and imaginary parts alike."""
        return self.shuffle(a[0], b[0], lanes), self.shuffle(a[1], b[1], lanes)

    def combine(self, terms: Sequence[tuple[Complex, Complex]], start: Any = None) -> Complex:
        """``start + sum_k c_k x_k``."""
        b = self.builder
        re, im = (None, None) if start is None else start
        for (cr, ci), (xr, xi) in terms:
            if re is None:
                re, im = b.fmul(cr, xr, flags=_FUSED), b.fmul(cr, xi, flags=_FUSED)
            else:
                re = b.fadd(re, b.fmul(cr, xr, flags=_FUSED), flags=_FUSED)
                im = b.fadd(im, b.fmul(cr, xi, flags=_FUSED), flags=_FUSED)
            re = b.fsub(re, b.fmul(ci, xi, flags=_FUSED), flags=_FUSED)
            im = b.fadd(im, b.fmul(ci, xr, flags=_FUSED), flags=_FUSED)
        return re, im


def _numbers(lanes: _Lanes, args: Sequence[Value]) -> list[Complex]:
    """Six floats as three complex numbers in all lanes."""
    flat = [lanes.splat(x) for x in args]
    return [(flat[k], flat[k + 1]) for k in (0, 2, 4)]


def _updated(lanes: _Lanes, x: Complex, y: Complex, e: Complex, a: Complex, b: Complex) -> Any:
    """``w = x + e y;  (x, y) -> (x + a w, y + b w)``."""
    w = lanes.combine([(e, y)], x)
    return lanes.combine([(a, w)], x), lanes.combine([(b, w)], y)


@intrinsic
def update(tyctx, buffer, x, y, er, ei, ar, ai, br, bi):
    """``w = x + e y;  (x, y) -> (x + a w, y + b w)`` for the chunks at x and y."""

    def generate(context, builder, signature, args):
        lanes = _Lanes(context, builder, signature.args[0], args[0])
        new = _updated(lanes, lanes.load(args[1]), lanes.load(args[2]), *_numbers(lanes, args[3:]))
        lanes.store(args[1], new[0])
        lanes.store(args[2], new[1])
        return context.get_dummy_value()

    return types.void(buffer, types.intp, types.intp, *([buffer.dtype] * 6)), generate


def _update_with_lane(place: int, upper: bool) -> Any:
    """The same for a qubit among the lanes with one above them.

    ``upper`` is False: the chunks x_n have the upper qubit 0, y_n have it 1; the amplitudes x are
    the lanes with the bit set, y those without. True: the other way round. The lanes of both x
    make one vector and those of both y another: full vectors again. Half of each stays where it
    was, half crosses over to the lane beside it.
    """

    @intrinsic
    def update_lane(tyctx, buffer, x0, y0, x1, y1, er, ei, ar, ai, br, bi):
        def generate(context, builder, signature, args):
            lanes = _Lanes(context, builder, signature.args[0], args[0])
            n = lanes.count
            bit = 1 << place if 1 << place < n else 1  # compiled for doubles too, never called
            mine = [bool(k & bit) != upper for k in range(n)]

            def lane(yes: Callable[[int], int], no: Callable[[int], int]) -> list[int]:
                return [yes(k) if mine[k] else no(k) for k in range(n)]

            x0, y0, x1, y1 = (lanes.load(k) for k in args[1:5])
            x = lanes.shuffle_both(x0, x1, lane(lambda k: k, lambda k: n + (k ^ bit)))
            y = lanes.shuffle_both(y0, y1, lane(lambda k: k ^ bit, lambda k: n + k))
            x, y = _updated(lanes, x, y, *_numbers(lanes, args[5:]))
            x0 = lanes.shuffle_both(x, x0, lane(lambda k: k, lambda k: n + k))
            x1 = lanes.shuffle_both(x, x1, lane(lambda k: k ^ bit, lambda k: n + k))
            y0 = lanes.shuffle_both(y, y0, lane(lambda k: n + k, lambda k: k ^ bit))
            y1 = lanes.shuffle_both(y, y1, lane(lambda k: n + k, lambda k: k))
            for at, value in zip(args[1:5], (x0, y0, x1, y1), strict=True):
                lanes.store(at, value)
            return context.get_dummy_value()

        k = types.intp
        return types.void(buffer, k, k, k, k, *([buffer.dtype] * 6)), generate

    return update_lane


update_lane_0, update_lane_1, update_lane_2, update_lane_3 = (
    _update_with_lane(k, False) for k in range(4)
)
update_upper_0, update_upper_1, update_upper_2, update_upper_3 = (
    _update_with_lane(k, True) for k in range(4)
)


def _swap_with_lane(place: int) -> Any:
    """A qubit among the lanes changes places with one above them; x, y as before."""

    @intrinsic
    def swap_lane(tyctx, buffer, x, y):
        def generate(context, builder, signature, args):
            lanes = _Lanes(context, builder, signature.args[0], args[0])
            n, other = range(lanes.count), lanes.count
            bit = 1 << place if 1 << place < other else 1
            x, y = lanes.load(args[1]), lanes.load(args[2])
            down = [other + (k ^ bit) if k & bit else k for k in n]
            up = [other + k if k & bit else k ^ bit for k in n]
            lanes.store(args[1], lanes.shuffle_both(x, y, down))
            lanes.store(args[2], lanes.shuffle_both(x, y, up))
            return context.get_dummy_value()

        return types.void(buffer, types.intp, types.intp), generate

    return swap_lane


swap_lane_0, swap_lane_1, swap_lane_2, swap_lane_3 = (_swap_with_lane(k) for k in range(4))


@intrinsic
def two_qubits(tyctx, buffer, k00, k01, k10, k11, gates, g):
    """A 4x4 matrix, 16 complex numbers at ``gates[g]``, on four chunks."""

    def generate(context, builder, signature, args):
        lanes = _Lanes(context, builder, signature.args[0], args[0])
        matrix = _Lanes(context, builder, signature.args[5], args[5])
        old = [lanes.load(k) for k in args[1:5]]
        for row in range(4):
            shifts = [2 * (4 * row + column) for column in range(4)]
            numbers = [(matrix.scalar(args[6], s), matrix.scalar(args[6], s + 1)) for s in shifts]
            lanes.store(args[1 + row], lanes.combine(list(zip(numbers, old, strict=True))))
        return context.get_dummy_value()

    k = types.intp
    return types.void(buffer, k, k, k, k, gates, k), generate


@intrinsic
def split(tyctx, source, s, target, t):
    """L amplitudes (re, im, re, im, ...) at ``source[s]`` to a chunk at ``target[t]``."""

    def generate(context, builder, signature, args):
        out = _Lanes(context, builder, signature.args[2], args[2])
        a, b = _Lanes(context, builder, signature.args[0], args[0]).load(args[1])
        n = 2 * out.count
        halves = out.shuffle(a, b, range(0, n, 2)), out.shuffle(a, b, range(1, n, 2))
        out.store(args[3], halves)
        return context.get_dummy_value()

    return types.void(source, types.intp, target, types.intp), generate


def _joined(past_cache: bool) -> Any:
    """The inverse of :func:`split`: a chunk at ``source[s]`` to amplitudes at ``target[t]``."""

    @intrinsic
    def join(tyctx, source, s, target, t):
        def generate(context, builder, signature, args):
            lanes = _Lanes(context, builder, signature.args[0], args[0])
            re, im = lanes.load(args[1])
            n = lanes.count
            pairs = [lane for k in range(n) for lane in (k, n + k)]
            both = lanes.shuffle(re, im, pairs[:n]), lanes.shuffle(re, im, pairs[n:])
            out = _Lanes(context, builder, signature.args[2], args[2])
            out.store(args[3], both, past_cache)
            return context.get_dummy_value()

        return types.void(source, types.intp, target, types.intp), generate

    return join


join, join_past_cache = _joined(False), _joined(True)


@intrinsic
def prefetch(tyctx, source, s):
    """Ask for the chunk at ``source[s]`` to be brought into the cache."""

    def generate(context, builder, signature, args):
        lanes = _Lanes(context, builder, signature.args[0], args[0])
        pointer = ir.IntType(8).as_pointer()
        kind = ir.FunctionType(ir.VoidType(), [pointer, _INDEX, _INDEX, _INDEX])
        fetch = builder.module.declare_intrinsic("llvm.prefetch", [pointer], kind)
        for half in (0, 1):
            at = builder.bitcast(lanes._at(args[1], half), pointer)
            builder.call(fetch, [at] + [ir.Constant(_INDEX, k) for k in (0, 2, 1)])
        return context.get_dummy_value()

    return types.void(source, types.intp), generate
