"""A condition as the engine evaluates it: the checked expression, read from its wire format.

Conditions are analysed on what the engine itself parsed, type-checked and expanded, and never on a
second reading of their text. Field numbers are those of cel/expr/syntax.proto and checked.proto of
cel-spec 0.24; a kind that is not known here becomes Unknown, of which nothing is claimed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

DEPTH_MAX = 200  # nested calls; the engine's own parser stops at 32 levels of brackets


@dataclass(frozen=True, eq=False)
class Literal:
    """A bool, an int or a text that stands in the condition. Here true is not 1."""

    value: bool | int | str

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Literal) and self._typed == other._typed

    def __hash__(self) -> int:
        return hash(self._typed)

    @property
    def _typed(self) -> tuple[type, bool | int | str]:
        return type(self.value), self.value


@dataclass(frozen=True)
class Name:
    """A fact, a constant or the variable of a comprehension."""

    name: str


@dataclass(frozen=True)
class Select:
    """`operand.field`, or `has(operand.field)`."""

    operand: Node
    field: str
    is_test: bool


@dataclass(frozen=True)
class Call:
    """An operator ("_<=_", "@in", "_[_]") or a function with the receiver as first argument."""

    function: str
    args: tuple[Node, ...]


@dataclass(frozen=True)
class ListOf:
    """`[a, b]`."""

    items: tuple[Node, ...]


@dataclass(frozen=True)
class Fold:
    """What `exists`, `all` and their kin are expanded to."""

    variable: str
    over: Node
    accumulator: str
    start: Node
    go_on: Node
    step: Node
    result: Node


@dataclass(frozen=True)
class Unknown:
    """Something of which nothing is known but that it is the same wherever `raw` is the same."""

    raw: bytes


Node = Literal | Name | Select | Call | ListOf | Fold | Unknown
Fields = dict[int, list[int | bytes]]


def read(wire: bytes) -> Node:
    """The expression in a serialized Any(CheckedExpr)."""
    any_ = _fields(wire)
    return _node(_bytes(_fields(_bytes(any_, 2)), 4), 0)


def names(node: Node) -> Iterator[str]:
    """Every name in an expression, variables of comprehensions included."""
    match node:
        case Name(name):
            yield name
        case Select(operand, _, _):
            yield from names(operand)
        case Call(_, parts) | ListOf(parts):
            for part in parts:
                yield from names(part)
        case Fold(_, over, _, start, go_on, step, result):
            for part in (over, start, go_on, step, result):
                yield from names(part)
        case _:
            return


def texts(node: Node) -> frozenset[str]:
    """Every text that stands in an expression."""
    match node:
        case Literal(str(text)):
            return frozenset({text})
        case Select(operand, _, _):
            return texts(operand)
        case Call(_, parts) | ListOf(parts):
            return frozenset(text for part in parts for text in texts(part))
        case Fold(_, over, _, _, _, step, _):
            return texts(over) | texts(step)
        case _:
            return frozenset()


def _node(wire: bytes, depth: int) -> Node:
    fields = _fields(wire)
    fields.pop(2, None)  # the node's id differs where the expression is the same
    if depth > DEPTH_MAX or len(fields) != 1:
        return Unknown(wire)
    kind = next(iter(fields))
    inner = _bytes(fields, kind)
    reader = {3: _literal, 4: _name, 5: _select, 6: _call, 7: _list, 9: _fold}.get(kind)
    return reader(inner, depth + 1) if reader else Unknown(inner)


def _literal(wire: bytes, _: int) -> Node:
    fields = _fields(wire)
    kind = next(iter(fields), 0)
    if kind == 2:
        return Literal(bool(_int(fields, 2)))
    if kind == 3:
        return Literal(_signed(_int(fields, 3)))
    if kind == 6:
        return Literal(_bytes(fields, 6).decode())
    return Unknown(wire)


def _name(wire: bytes, _: int) -> Node:
    return Name(_bytes(_fields(wire), 1).decode())


def _select(wire: bytes, depth: int) -> Node:
    fields = _fields(wire)
    operand = _node(_bytes(fields, 1), depth)
    return Select(operand, _bytes(fields, 2).decode(), bool(_int(fields, 3)))


def _call(wire: bytes, depth: int) -> Node:
    fields = _fields(wire)
    parts = [part for number in (1, 3) for part in fields.get(number, [])]
    args = tuple(_node(part, depth) for part in parts if isinstance(part, bytes))
    return Call(_bytes(fields, 2).decode(), args)


def _list(wire: bytes, depth: int) -> Node:
    fields = _fields(wire)
    if fields.keys() - {1}:
        return Unknown(wire)
    return ListOf(tuple(_node(p, depth) for p in fields.get(1, []) if isinstance(p, bytes)))


def _fold(wire: bytes, depth: int) -> Node:
    fields = _fields(wire)
    if 8 in fields:
        return Unknown(wire)
    over, start, go_on, step, result = (_node(_bytes(fields, n), depth) for n in (2, 4, 5, 6, 7))
    variable, accumulator = _bytes(fields, 1).decode(), _bytes(fields, 3).decode()
    return Fold(variable, over, accumulator, start, go_on, step, result)


def _fields(wire: bytes) -> Fields:
    """Field number -> its values, in order."""
    found: Fields = {}
    at = 0
    while at < len(wire):
        key, at = _varint(wire, at)
        number, kind = key >> 3, key & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(wire, at)
        else:
            size, at = _varint(wire, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = wire[at : at + size], at + size
        found.setdefault(number, []).append(value)
    return found


def _varint(wire: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = wire[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _signed(value: int) -> int:
    return value - 2**64 if value >= 2**63 else value


def _int(fields: Fields, number: int) -> int:
    value = fields.get(number, [0])[-1]
    return value if isinstance(value, int) else 0


def _bytes(fields: Fields, number: int) -> bytes:
    value = fields.get(number, [b""])[-1]
    return value if isinstance(value, bytes) else b""
