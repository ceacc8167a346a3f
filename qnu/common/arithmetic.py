"""Arithmetic in a text, evaluated without Python: what expressions of sweeps and formulas share."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Collection, Mapping
from typing import Any

#: What stands for ``+ - * / **`` and the two signs.
OPERATORS: Mapping[type[ast.AST], Callable[..., Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Pow: operator.pow,
    ast.USub: operator.neg,
    ast.UAdd: operator.pos,
}


def is_arithmetic(node: ast.AST, names: Collection[str], functions: Collection[str]) -> bool:
    """Whether there is nothing in a syntax tree but numbers, operators, and these names.

    Examples:
        >>> tree = ast.parse("2 * a + sqrt(3)", mode="eval").body
        >>> is_arithmetic(tree, ["a"], ["sqrt"]), is_arithmetic(tree, ["b"], ["sqrt"])
        (True, False)
    """

    def inside(*parts: ast.AST) -> bool:
        return all(is_arithmetic(part, names, functions) for part in parts)

    if isinstance(node, ast.Constant):
        return isinstance(node.value, int | float) and not isinstance(node.value, bool)
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.UnaryOp):
        return type(node.op) in OPERATORS and inside(node.operand)
    if isinstance(node, ast.BinOp):
        return type(node.op) in OPERATORS and inside(node.left, node.right)
    if isinstance(node, ast.Call):
        named = isinstance(node.func, ast.Name) and node.func.id in functions
        return named and not node.keywords and inside(*node.args)
    return False


def evaluate(
    node: ast.AST,
    names: Mapping[str, Any],
    functions: Mapping[str, Callable[..., Any]],
    *,
    number: Callable[[Any], Any] = lambda value: value,
    power: Callable[[Any, Any], Any] = operator.pow,
    result: Callable[[Any], Any] = lambda value: value,
) -> Any:
    """The value of a tree that :func:`is_arithmetic`.

    Args:
        node: the tree.
        names: what the names stand for.
        functions: by name.
        number: applied to every number of the text.
        power: in place of ``**``.
        result: applied to the value of every part.

    Examples:
        >>> evaluate(ast.parse("2 * a", mode="eval").body, {"a": 3}, {})
        6
    """

    def of(part: ast.AST) -> Any:
        if isinstance(part, ast.Constant):
            return result(number(part.value))
        if isinstance(part, ast.Name):
            return result(names[part.id])
        if isinstance(part, ast.UnaryOp):
            return result(OPERATORS[type(part.op)](of(part.operand)))
        if isinstance(part, ast.BinOp):
            function = power if isinstance(part.op, ast.Pow) else OPERATORS[type(part.op)]
            return result(function(of(part.left), of(part.right)))
        assert isinstance(part, ast.Call)
        assert isinstance(part.func, ast.Name)
        return result(functions[part.func.id](*map(of, part.args)))

    return of(node)
