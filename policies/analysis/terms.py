"""Conditions translated for the solver.

What is translated: whole numbers, texts that are compared and looked up, times, durations, maps
with a fact as key, membership in lists, `exists` and `all` over constants and over the requester's
roles. Whatever else stands in a condition (matches, arithmetic between facts, ...) may be anything,
the same wherever it is written the same, and may fail. So the translation permits at least what the
engine permits: what it excludes cannot happen. The reverse is claimed of nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from policies.analysis.solver import Formula, Session, conj, disj, neg
from policies.analysis.values import (
    Cases,
    Fixed,
    Listed,
    Number,
    Opaque,
    Text,
    Truth,
    Value,
    all_of,
    any_of,
    chosen,
    instant,
    known,
    lifted,
    nanoseconds,
    opposite,
)
from policies.analysis.variables import Variables
from policies.checked import Call, Fold, ListOf, Literal, Name, Node, Select, names

UNROLLED_MAX = 200  # times that the innermost of nested comprehensions is written out
_CLOCK = {  # what a part of a time can be
    "getHours": (0, 23),
    "getMinutes": (0, 59),
    "getSeconds": (0, 59),
    "getMilliseconds": (0, 999),
    "getDayOfWeek": (0, 6),
    "getDate": (1, 31),
    "getDayOfMonth": (0, 30),
    "getDayOfYear": (0, 365),
    "getMonth": (0, 11),
    "getFullYear": (1, 9999),
}
Compare = Callable[[object, object], object]
_ORDER: Mapping[str, Compare] = {
    "_<_": lambda a, b: a < b,  # type: ignore[operator]
    "_<=_": lambda a, b: a <= b,  # type: ignore[operator]
    "_>_": lambda a, b: a > b,  # type: ignore[operator]
    "_>=_": lambda a, b: a >= b,  # type: ignore[operator]
}


@dataclass(frozen=True)
class Item:
    """One item of a constant list that `exists` goes over, and when it makes the list true."""

    constant: str
    index: int
    is_true: Formula


@dataclass
class Notes:
    """What was noticed on the way. `items`: what `exists` was written out over; `strange`: the
    (fact, text) pairs compared although the fact never has that value; `opaque`: the names in what
    could not be translated."""

    items: list[Item] = field(default_factory=list)
    strange: list[tuple[str, str]] = field(default_factory=list)
    opaque: set[str] = field(default_factory=set)

    def add(self, other: Notes) -> None:
        self.items += other.items
        self.strange += other.strange
        self.opaque |= other.opaque


@dataclass
class Translator:
    """Translates the conditions of one file for one operation. `notes` may be replaced to learn
    what is noticed from then on."""

    session: Session
    variables: Variables
    constants: Mapping[str, object]
    notes: Notes = field(default_factory=Notes)
    _known: dict[Node, tuple[Value, Notes]] = field(default_factory=dict)
    _copies: int = 1  # of what is being written out: the items of the comprehensions around it

    def condition(self, node: Node) -> Truth:
        """When a condition is true and when it is false."""
        return self._truth(node, {})

    def _truth(self, node: Node, bound: Mapping[str, Value]) -> Truth:
        value = self._value(node, bound)
        return value if isinstance(value, Truth) else self._open(node, bound)

    def _value(self, node: Node, bound: Mapping[str, Value]) -> Value:
        if bound:
            return self._translated(node, bound)
        if node not in self._known:
            outer, self.notes = self.notes, Notes()
            self._known[node] = (self._translated(node, bound), self.notes)
            self.notes = outer
        value, notes = self._known[node]
        self.notes.add(notes)
        return value

    def _translated(self, node: Node, bound: Mapping[str, Value]) -> Value:
        match node:
            case Literal(written):
                value = lifted(written, self.session)
            case Name(name):
                value = self._name(name, bound)
            case Select(operand, name, is_test):
                value = self._select(self._value(operand, bound), name, is_test, node)
            case ListOf(parts) if all(isinstance(part, Literal) for part in parts):
                value = Fixed([part.value for part in parts if isinstance(part, Literal)])
            case Call():
                value = self._call(node, bound)
            case Fold():
                value = self._fold(node, bound)
            case _:
                value = Opaque(repr(node))
        return value

    def _name(self, name: str, bound: Mapping[str, Value]) -> Value:
        if name in bound:
            return bound[name]
        if name in self.constants:
            return lifted(self.constants[name], self.session)
        return self.variables.fact(name)

    def _select(self, operand: Value, name: str, is_test: bool, node: Node) -> Value:
        match operand:
            case Fixed(dict() as entries) if is_test:
                return known(name in entries)
            case Fixed(dict() as entries) if name in entries:
                return lifted(entries[name], self.session)
            case Cases(cases) if not is_test:
                inner = [(g, self._select(v, name, is_test, node)) for g, v in cases]
                return chosen(inner)
            case _:
                return Opaque(repr(node))

    def _call(self, node: Call, bound: Mapping[str, Value]) -> Value:
        if node.function in _CLOCK:
            return self._part_of_time(node, node.function, bound)
        if decided := self._decided(node, bound):
            return decided
        match node.function, node.args:
            case "_?_:_", (if_, then, otherwise):
                return self._choice(node, if_, then, otherwise, bound)
            case (("timestamp" | "duration"), (Literal(str(text)),)):
                count = instant(text) if node.function == "timestamp" else nanoseconds(text)
                return Opaque(repr(node)) if count is None else Number(count)
        values = [self._value(arg, bound) for arg in node.args]
        found = self._compared(node.function, values) or self._reckoned(node.function, values)
        return found or self._opened(node, node.function, bound)

    def _decided(self, node: Call, bound: Mapping[str, Value]) -> Truth | None:
        """What is put together of true and false."""
        if node.function not in ("_&&_", "_||_", "!_", "@not_strictly_false"):
            return None
        parts = [self._truth(arg, bound) for arg in node.args]
        match node.function:
            case "_&&_":
                return all_of(parts)
            case "_||_":
                return any_of(parts)
            case "!_":
                return opposite(parts[0])
        return parts[0]

    def _compared(self, function: str, values: list[Value]) -> Value | None:
        found: Value | None = None
        match function, values:
            case (("_<_" | "_<=_" | "_>_" | "_>=_"), [Number() as one, Number() as other]):
                holds = _ORDER[function](one.term, other.term)
                found = known(holds, conj([one.is_there, other.is_there]))
            case (("_==_" | "_!=_"), [one_value, other_value]):
                same = self._equal(one_value, other_value)
                found = opposite(same) if same and function == "_!=_" else same
            case "@in", [needle, hay]:
                found = self._in(needle, hay)
            case "_[_]", [whole, key]:
                found = self._index(whole, key)
        return found

    def _reckoned(self, function: str, values: list[Value]) -> Value | None:
        found: Value | None = None
        match function, values:
            case (("_+_" | "_-_"), [Number() as one, Number() as other]):
                total = one.term + other.term if function == "_+_" else one.term - other.term
                found = Number(total, conj([one.is_there, other.is_there]))
            case "_*_", [Number() as one, Number() as other] if isinstance(
                one.term, int
            ) or isinstance(other.term, int):
                found = Number(one.term * other.term, conj([one.is_there, other.is_there]))
            case "-_", [Number() as one]:
                found = Number(-one.term, one.is_there)
            case "size", [Fixed(list() | dict() as whole)]:
                found = Number(len(whole))
        return found

    def _equal(self, one: Value, other: Value) -> Truth | None:
        match one, other:
            case Number() | Text(), Number() | Text():
                self._note(one, other)
                self._note(other, one)
                return known(one.term == other.term, conj([one.is_there, other.is_there]))
            case Truth(), Truth():
                return any_of([all_of([one, other]), all_of([opposite(one), opposite(other)])])
            case Fixed(first), Fixed(second):
                return known(first == second)
            case _:
                return None

    def _note(self, fact: Number | Text, written: Number | Text) -> None:
        """Writes down a text that the fact never has."""
        if isinstance(fact, Text) and isinstance(written, Text) and written.written is not None:
            values = self.variables.world.wordlists.get(fact.fact)
            if values is not None and written.written not in values:
                self.notes.strange.append((fact.fact, written.written))

    def _in(self, needle: Value, hay: Value) -> Truth | None:
        match hay:
            case Fixed(list() | dict() as whole) if len(whole) > 0:
                answers = [self._equal(needle, lifted(item, self.session)) for item in whole]
                found = [answer for answer in answers if answer is not None]
                return any_of(found) if len(found) == len(answers) else None
            case Cases(cases):
                inner = [(guard, self._in(needle, value)) for guard, value in cases]
                kept: list[tuple[Formula, Value]] = [(g, v) for g, v in inner if v is not None]
                value = chosen(kept) if len(kept) == len(inner) else None
                return value if isinstance(value, Truth) else None
            case Listed(fact) if isinstance(needle, Text):
                return self._member(fact, needle)
            case _:
                return None

    def _member(self, fact: str, needle: Text) -> Truth | None:
        if fact != "requester.roles":
            if needle.written is None:
                return None
            return known(self.variables.member(fact, needle.written))
        roles = self.variables.world.roles
        if needle.written is not None:
            if needle.written not in roles:
                self.notes.strange.append((fact, needle.written))
                return known(False)
            return known(self.variables.member(fact, needle.written))
        held = [
            conj([self.variables.member(fact, role), needle.term == self.session.code(role)])
            for role in roles
        ]
        return known(disj(held), needle.is_there)

    def _index(self, whole: Value, key: Value) -> Value | None:
        match whole, key:
            case Fixed(dict() as entries), Text() if entries:
                cases = [
                    (conj([key.is_there, key.term == self.session.code(str(name))]), item)
                    for name, item in entries.items()
                ]
                if key.written is not None:
                    cases = [case for case in cases if case[0] is True]
                return chosen([(g, lifted(item, self.session)) for g, item in cases] or [])
            case Fixed(list() as items), Number(int() as at, True) if 0 <= at < len(items):
                return lifted(items[at], self.session)
            case _:
                return None

    def _choice(
        self, node: Node, if_: Node, then: Node, otherwise: Node, bound: Mapping[str, Value]
    ) -> Value:
        test = self._truth(if_, bound)
        cases = [
            (test.is_true, self._value(then, bound)),
            (test.is_false, self._value(otherwise, bound)),
        ]
        value = chosen(cases)
        return Opaque(repr(node)) if isinstance(value, Opaque | Cases) else value

    def _part_of_time(self, node: Node, function: str, bound: Mapping[str, Value]) -> Value:
        least, most = _CLOCK[function]
        return Number(self.variables.between(self._key(node, bound), least, most))

    def _fold(self, node: Fold, bound: Mapping[str, Value]) -> Value:
        """`exists` and `all`, written out."""
        body = _body(node)
        if body is None:
            return self._opened(node, "", bound)
        is_exists, part = body
        over = self._value(node.over, bound)
        if isinstance(over, Listed) and over.fact == "requester.roles":
            count = len(self.variables.world.roles)
        elif isinstance(over, Fixed) and isinstance(over.value, list | dict):
            count = len(over.value)
        else:
            return self._opened(node, "", bound)
        if not 0 < count * self._copies <= UNROLLED_MAX:
            return self._opened(node, "", bound)
        self._copies *= count
        try:
            answers = self._written_out(node, over, is_exists, part, bound)
        finally:
            self._copies //= count
        return any_of(answers) if is_exists else all_of(answers)

    def _written_out(
        self, node: Fold, over: Value, is_exists: bool, part: Node, bound: Mapping[str, Value]
    ) -> list[Truth]:
        """The body for each item."""
        answers: list[Truth] = []
        if isinstance(over, Listed):
            answers = [
                self._of_role(role, part, node, is_exists, bound)
                for role in self.variables.world.roles
            ]
        elif isinstance(over, Fixed) and isinstance(over.value, list | dict):
            for index, item in enumerate(over.value):
                one = {**bound, node.variable: lifted(item, self.session)}
                answers.append(self._truth(part, one))
                if is_exists and isinstance(node.over, Name) and isinstance(over.value, list):
                    self.notes.items.append(Item(node.over.name, index, answers[-1].is_true))
        return answers

    def _of_role(
        self, role: str, part: Node, node: Fold, is_exists: bool, bound: Mapping[str, Value]
    ) -> Truth:
        """The body for one role: it counts only where the requester holds the role."""
        text = Text(self.session.code(role), fact="requester.roles", written=role)
        answer = self._truth(part, {**bound, node.variable: text})
        held = self.variables.member("requester.roles", role)
        has, lacks = Truth(held, neg(held)), Truth(neg(held), held)
        return all_of([has, answer]) if is_exists else any_of([lacks, answer])

    def _opened(self, node: Node, function: str, bound: Mapping[str, Value]) -> Value:
        """Something of which nothing is known: a number where it is one, else left open."""
        if function in ("_+_", "_-_", "_*_", "_/_", "_%_", "-_", "size", "int"):
            self.notes.opaque |= set(names(node))
            return Number(self.session.number(self._key(node, bound)))
        return Opaque(repr(node))

    def _open(self, node: Node, bound: Mapping[str, Value]) -> Truth:
        """A condition that may be true or false or fail, the same wherever it is written so."""
        key = self._key(node, bound)
        self.notes.opaque |= set(names(node))
        is_true, is_false = self.session.flag(f"{key} holds"), self.session.flag(f"{key} does not")
        self.session.know(neg(conj([is_true, is_false])))
        return Truth(is_true, is_false)

    def _key(self, node: Node, bound: Mapping[str, Value]) -> str:
        own = {name: repr(bound[name]) for name in sorted(set(names(node))) if name in bound}
        fixed = {
            name: repr(self.constants[name])
            for name in sorted(set(names(node)))
            if name in self.constants
        }
        return f"{self.variables.prefix}{node!r} {own or ''} {fixed or ''}"


def _body(node: Fold) -> tuple[bool, Node] | None:
    """(whether it is `exists`, the body) of the two macros that are written out."""
    match node.start, node.step, node.result:
        case Literal(False), Call("_||_", (Name(accumulator), part)), Name(result):
            is_exists = True
        case Literal(True), Call("_&&_", (Name(accumulator), part)), Name(result):
            is_exists = False
        case _:
            return None
    return (is_exists, part) if accumulator == result == node.accumulator else None
