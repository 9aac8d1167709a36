"""Two limits of one value the wrong way round: `now >= b && now < a`, hours from 18 to 8."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta

from policies.analysis.values import EPOCH, instant, nanoseconds
from policies.checked import Call, Literal, Name, Node

_LOWER, _UPPER = ("_>_", "_>=_"), ("_<_", "_<=_")
_MIRRORED = {"_>_": "_<_", "_>=_": "_<=_", "_<_": "_>_", "_<=_": "_>=_"}
Limit = tuple[Node, str, int]


def empty_interval(nodes: Sequence[Node], constants: Mapping[str, object]) -> str:
    """The sentence about a value that is to be at least one limit and at most a smaller one,
    nothing where the conditions are not that simple."""
    limits = [limit for node in nodes for limit in _limits(node, constants)]
    for subject, lower, least in limits:
        for other, upper, most in limits:
            if subject == other and lower in _LOWER and upper in _UPPER and least >= most:
                return _said(subject, least, most)
    return ""


def _said(subject: Node, least: int, most: int) -> str:
    if isinstance(subject, Call) and subject.function.startswith("get"):
        what = f"{subject.function[3:].lower()} from {least} and before {most} are none at all"
        return f"{what}; swap the two, or ask for either with `any`"
    name = subject.name if isinstance(subject, Name) else "one value"
    return f"{name} would have to be after the later limit and before the earlier; swap the two"


def _limits(node: Node, constants: Mapping[str, object]) -> Iterator[Limit]:
    """The comparisons with something constant that all have to hold."""
    if not isinstance(node, Call):
        return
    if node.function == "_&&_":
        for part in node.args:
            yield from _limits(part, constants)
    elif node.function in _MIRRORED:
        left, right = node.args
        left_size, right_size = _size(left, constants), _size(right, constants)
        if right_size is not None and left_size is None:
            yield left, node.function, right_size
        elif left_size is not None and right_size is None:
            yield right, _MIRRORED[node.function], left_size


def _size(node: Node, constants: Mapping[str, object]) -> int | None:
    """The constant number, time or duration that a node is."""
    match node:
        case Literal(int(number)):
            return number
        case Call("timestamp", (Literal(str(text)),)):
            return instant(text)
        case Call("duration", (Literal(str(text)),)):
            return nanoseconds(text)
        case Name(name):
            return _constant(constants.get(name))
    return None


def _constant(value: object) -> int | None:
    match value:
        case bool():
            return None
        case int():
            return value
        case datetime():
            return (value - EPOCH) // timedelta(microseconds=1) * 1_000
        case timedelta():
            return value // timedelta(microseconds=1) * 1_000
    return None
