"""A 2x2 block on two rows of lanes, as explicit vectors.

A loop over eight lanes of one array does not vectorise: the compiler cannot tell that the two
rows do not overlap. So the vectors are written out as LLVM instructions, for any machine: the
compiler splits them where registers are shorter.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

#: Bytes of a row: one line of the cache, 8 amplitudes in single precision, 4 in double.
ROW_BYTES = 64


def _row(builder: Any, kind: Any, data: Any, index: Any) -> Any:
    """Pointer to row ``index`` as a vector."""
    vector = ir.VectorType(kind, ROW_BYTES // _size(kind))
    return builder.gep(builder.bitcast(data, vector.as_pointer()), [index])


def _size(kind: Any) -> int:
    return 4 if isinstance(kind, ir.FloatType) else 8


def _parts(context: Any, builder: Any, signature: Any, value: Any) -> Any:
    struct = cgutils.create_struct_proxy(signature)(context, builder, value=value)
    return struct.data


def _everywhere(builder: Any, scalar: Any, alternating: bool) -> Any:
    """``(x, x, x, ...)``, or ``(-x, x, -x, ...)``: what i does to (real, imaginary)."""
    length = ROW_BYTES // _size(scalar.type)
    negative = builder.fneg(scalar) if alternating else scalar
    result: Any = ir.Constant(ir.VectorType(scalar.type, length), ir.Undefined)
    for k in range(length):
        lane = ir.Constant(ir.IntType(32), k)
        result = builder.insert_element(result, scalar if k % 2 else negative, lane)
    return result


def _exchanged(builder: Any, row: Any) -> Any:
    """Real and imaginary parts exchanged."""
    length = row.type.count
    order = ir.Constant(ir.VectorType(ir.IntType(32), length), [k ^ 1 for k in range(length)])
    return builder.shuffle_vector(row, ir.Constant(row.type, ir.Undefined), order)


@intrinsic
def exchange_rows(typing, buffer, i, j, ar, ai, br, bi, cr, ci, dr, di):
    """``(p, q) -> (a p + b q, c p + d q)`` on rows i and j of a buffer of floats."""
    number = buffer.dtype
    signature = types.void(buffer, types.int64, types.int64, *([number] * 8))

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        data = _parts(context, builder, signature.args[0], arguments[0])
        kind = context.get_value_type(number)
        # rows lie on lines of the cache: see workspace() in tiles.py
        at = [_row(builder, kind, data, index) for index in arguments[1:3]]
        p, q = (builder.load(pointer, align=ROW_BYTES) for pointer in at)
        terms = (p, _exchanged(builder, p), q, _exchanged(builder, q))
        for pointer, block in zip(at, (arguments[3:7], arguments[7:11]), strict=True):
            total = None
            for k, (term, scalar) in enumerate(zip(terms, block, strict=True)):
                factor = _everywhere(builder, scalar, alternating=k % 2 == 1)
                product = builder.fmul(term, factor, flags=("contract",))
                total = (
                    product if total is None else builder.fadd(total, product, flags=("contract",))
                )
            builder.store(total, pointer, align=ROW_BYTES)
        return context.get_dummy_value()

    return signature, codegen


def _transposed(builder: Any, rows: list[Any], width: int) -> list[Any]:
    """Elements of ``width`` numbers: the n-th of row m becomes the m-th of row n."""
    length = rows[0].type.count
    step = len(rows) // 2
    while step:
        upper, lower = [], []  # which numbers of two rows, one after the other, form the new ones
        for k in range(length):
            element, inner = divmod(k, width)
            away = width * step
            upper.append(k if not element & step else length + k - away)
            lower.append(k + away if not element & step else length + k)
            assert inner == upper[-1] % width
        for m in range(len(rows)):
            if m & step:
                continue
            pair = rows[m], rows[m + step]
            for n, lanes in ((m, upper), (m + step, lower)):
                order = ir.Constant(ir.VectorType(ir.IntType(32), length), lanes)
                rows[n] = builder.shuffle_vector(*pair, order)
        step //= 2
    return rows


def _carrier(inward: bool, width: int) -> Any:
    """Carry rows of doubles, ``width`` of them an amplitude, between lanes and workspace."""
    lanes = ROW_BYTES // 8 // width

    @intrinsic
    def carry(typing, state, runs, t, work, row):
        signature = types.void(state, runs, types.int64, work, types.int64)

        def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
            state, runs, work = (
                _parts(context, builder, signature.args[k], arguments[k]) for k in (0, 1, 3)
            )
            kind = ir.DoubleType()
            vector = ir.VectorType(kind, lanes * width)
            outside, inside = [], []
            for n in range(lanes):
                number = ir.Constant(ir.IntType(64), n)
                run = builder.load(builder.gep(runs, [number]))
                place = builder.mul(builder.add(run, arguments[2]), ir.Constant(run.type, width))
                outside.append(builder.bitcast(builder.gep(state, [place]), vector.as_pointer()))
                inside.append(_row(builder, kind, work, builder.add(arguments[4], number)))
            source, target = (outside, inside) if inward else (inside, outside)
            aligned = {True: ROW_BYTES, False: 8}
            loaded = [builder.load(at, align=aligned[not inward]) for at in source]
            for at, value in zip(target, _transposed(builder, loaded, width), strict=True):
                builder.store(value, at, align=aligned[inward])
            return context.get_dummy_value()

        return signature, codegen

    return carry


#: ``f(state, runs, t, work, row)``: amplitudes ``t, t + 1, ...`` of the runs that begin at
#: ``runs (lanes,)``, as many as there are lanes, from the state to rows of the workspace or back;
#: both as doubles, one for a complex64 and two for a complex128.
carry_in_single, carry_out_single = _carrier(True, 1), _carrier(False, 1)
carry_in_double, carry_out_double = _carrier(True, 2), _carrier(False, 2)


def _halves(builder: Any, row: Any) -> list[Any]:
    """A row as vectors of doubles: two in single precision, itself in double."""
    wide = ir.VectorType(ir.DoubleType(), ROW_BYTES // 8)
    if row.type.element == ir.DoubleType():
        return [row]
    parts = []
    for start in (0, 8):
        order = ir.Constant(ir.VectorType(ir.IntType(32), 8), list(range(start, start + 8)))
        half = builder.shuffle_vector(row, ir.Constant(row.type, ir.Undefined), order)
        parts.append(builder.fpext(half, wide))
    return parts


@intrinsic
def sum_rows(typing, buffer, first, second, out):
    """``out[:8] += |u|^2, out[8:16] += |v|^2, out[16:24] += (Re, Re), out[24:32] += (x, y)``.

    Over rows u and v of lists of numbers, in double precision and by lanes: for ``u v*`` the real
    part is the sum of ``out[16:24]``, the imaginary part that of ``y - x`` over ``out[24:32]``.
    """
    signature = types.void(buffer, first, second, out)

    def codegen(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        structs = [
            cgutils.create_struct_proxy(kind)(context, builder, value=value)
            for kind, value in zip(signature.args, arguments, strict=True)
        ]
        kind, wide = (
            context.get_value_type(buffer.dtype),
            ir.VectorType(ir.DoubleType(), ROW_BYTES // 8),
        )
        sums = [cgutils.alloca_once(builder, wide) for _ in range(4)]
        targets = []
        for n, place in enumerate(sums):
            index = ir.Constant(ir.IntType(64), 8 * n)
            at = builder.bitcast(builder.gep(structs[3].data, [index]), wide.as_pointer())
            targets.append(at)
            builder.store(builder.load(at, align=8), place)
        with cgutils.for_range(builder, structs[1].nitems) as loop:
            rows = []
            for struct in structs[1:3]:
                number = builder.load(builder.gep(struct.data, [loop.index]))
                place = _row(builder, kind, structs[0].data, number)
                rows.append(_halves(builder, builder.load(place, align=ROW_BYTES)))
            for u, v in zip(*rows, strict=True):
                terms = ((u, u), (v, v), (u, v), (u, _exchanged(builder, v)))
                for place, (x, y) in zip(sums, terms, strict=True):
                    product = builder.fmul(x, y, flags=("contract",))
                    total = builder.fadd(builder.load(place), product, flags=("contract",))
                    builder.store(total, place)
        for at, place in zip(targets, sums, strict=True):
            builder.store(builder.load(place), at, align=8)
        return context.get_dummy_value()

    return signature, codegen
