"""The only importer of cel-expr-python: conditions compiled, type-checked and evaluated.

What the binding does by itself and why it is fenced here: an evaluation error is a *returned* value
that is truthy, an exhausted iteration budget is *raised*, and a time zone that once failed to load
stays failed for the life of the process. So: only the Python values True and False are an answer.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from importlib.resources import files
from typing import Any, cast

from cel_expr_python import cel

from policies import cel_words

CONDITION_MAX = 2_000  # characters of one condition; the binding itself takes 100,000
TOGETHER_MAX = 250  # conditions of one evaluation; an error in one costs that many single ones
TOGETHER_CHARACTERS_MAX = 50_000  # of one evaluation, half of what the binding takes

_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_CODE = re.compile(r"\s*\[[A-Z_]+\]$|^[A-Z_]+: ")


class ConditionError(Exception):
    """A condition that cannot be compiled, at `line` and `column` of its text, from 1."""

    def __init__(self, line: int, column: int, message: str) -> None:
        self.line, self.column, self.message = line, column, message
        super().__init__(f"{line}:{column}: {message}")


class Condition:
    """One compiled condition, known to be of type bool."""

    __slots__ = ("_evaluate", "_expression")

    def __init__(self, expression: Any) -> None:
        self._expression, self._evaluate = expression, expression.eval

    def checked(self) -> bytes:
        """What the engine evaluates: a cel.expr.CheckedExpr, wrapped in an Any, in the wire format
        of protocol buffers."""
        return bytes(self._expression.serialize())

    def evaluate(self, activation: Any) -> bool | str:
        """Whether the condition holds, or the sentence why that cannot be said."""
        try:
            value = self._evaluate(activation).value()
        except Exception as error:  # noqa: BLE001 - whatever the binding raises, the step is denied
            return _sentence(str(error))
        if value is True or value is False:
            return value
        return _sentence(str(value))


class Conditions:
    """Many conditions on the same bindings, judged in few crossings into the binding.

    Crossing costs more than judging. So the conditions are also compiled as lists, and a list that
    comes back as so many plain true and false is their answers. One error, or an iteration budget
    that they exhaust together, spoils a whole list; its conditions are then judged one by one.
    """

    __slots__ = ("_parts",)

    def __init__(self, parts: Sequence[tuple[Sequence[Condition], Any]]) -> None:
        self._parts = parts

    def evaluate(self, activation: Any) -> list[bool | str]:
        """Each condition's answer in order, as Condition.evaluate gives it."""
        answers: list[bool | str] = []
        for conditions, together in self._parts:
            answers += _together(conditions, together, activation)
        return answers


def _together(
    conditions: Sequence[Condition], together: Any, activation: Any
) -> Sequence[bool | str]:
    try:
        found = together.eval(activation).plain_value()
    except Exception:  # noqa: BLE001 - whichever condition it was says so by itself
        found = None
    if type(found) is list and len(found) == len(conditions) and {*map(type, found)} == {bool}:
        return cast("list[bool | str]", found)
    return [condition.evaluate(activation) for condition in conditions]


class Environment:
    """Variables with their types: the facts' own, "duration", "list<T>" and "map<string,T>"."""

    def __init__(self, variables: Mapping[str, str]) -> None:
        # cel-cpp reads zone files, which slim systems lack; tzdata pins them. It looks only once.
        os.environ.setdefault("TZDIR", str(files("tzdata") / "zoneinfo"))
        self._names = tuple(variables)
        self._env = cel.NewEnv(variables={name: _type(text) for name, text in variables.items()})

    def compile(self, text: str) -> Condition:
        """The condition; raises ConditionError for anything but a well-typed bool."""
        if len(text) > CONDITION_MAX:
            raise ConditionError(1, 1, f"longer than {CONDITION_MAX:,} characters")
        try:
            expression = self._env.compile(text)
        except Exception as error:  # noqa: BLE001 - every refusal of the binding is a finding
            refused = _condition_error(str(error))
            message = cel_words.said(refused.message, text, self._names)
            raise ConditionError(refused.line, refused.column, message) from None
        if expression.return_type() != cel.Type.BOOL:
            found = str(expression.return_type().name()).lower()
            raise ConditionError(1, 1, f"a condition is true or false; this one is of type {found}")
        return Condition(expression)

    def together(self, conditions: Sequence[tuple[str, Condition]]) -> Conditions:
        """Conditions that were compiled here, with their texts, to be judged on the same bindings;
        raises ConditionError only where a list of sound conditions is none to the binding."""
        parts: list[tuple[Sequence[Condition], Any]] = []
        for part in _parts(conditions):
            # Each text is a whole expression; a line break ends a comment at its end.
            text = ",".join(f"({text}\n)" for text, _ in part)
            try:
                parts.append(([condition for _, condition in part], self._env.compile(f"[{text}]")))
            except Exception as error:  # noqa: BLE001 - every refusal of the binding is a finding
                raise _condition_error(str(error)) from None
        return Conditions(parts)

    def activation(self, values: Mapping[str, object]) -> Any:
        """Bindings for one step, made once and shared by all its conditions."""
        return self._env.Activation(values)


def _parts(
    conditions: Sequence[tuple[str, Condition]],
) -> Iterator[Sequence[tuple[str, Condition]]]:
    """The conditions in order, in parts of at most TOGETHER_MAX and TOGETHER_CHARACTERS_MAX."""
    part: list[tuple[str, Condition]] = []
    characters = 0
    for text, condition in conditions:
        characters += len(text)
        if len(part) == TOGETHER_MAX or characters > TOGETHER_CHARACTERS_MAX:
            yield part
            part, characters = [], len(text)
        part.append((text, condition))
    if part:
        yield part


def _type(text: str) -> Any:
    basic = {
        "int": cel.Type.INT,
        "string": cel.Type.STRING,
        "bool": cel.Type.BOOL,
        "timestamp": cel.Type.TIMESTAMP,
        "duration": cel.Type.DURATION,
        "dyn": cel.Type.DYN,
    }
    if text.startswith("list<"):
        return cel.Type.List(_type(text[5:-1]))
    if text.startswith("map<string,"):
        return cel.Type.Map(cel.Type.STRING, _type(text[11:-1]))
    return basic[text]


def _condition_error(text: str) -> ConditionError:
    if found := _PLACE.search(text):
        return ConditionError(int(found[1]), int(found[2]), _sentence(found[3]))
    return ConditionError(1, 1, _sentence(text.splitlines()[0] if text else "not a condition"))


def _sentence(text: str) -> str:
    """The binding's message without its status codes and container clause."""
    plain = _CODE.sub("", _CODE.sub("", text.strip())).replace(" (in container '')", "")
    return plain[: cel_words.MESSAGE_MAX]
