"""A policy file, wrong in one small way: each mutant should make some example fail.

A mutant that no example notices shows what the examples leave open: at its place the file could say
something else and nobody would know.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from policies.compiled import Policy
from policies.constants import constant
from policies.document import Path
from policies.findings import Finding
from policies.mutated_conditions import slips
from policies.rules import Ask, Rule


@dataclass(frozen=True)
class Mutant:
    """A file with one change; the finding says where it is and what was changed."""

    policy: Policy
    finding: Finding


def mutants(policy: Policy, roles: Sequence[str]) -> Iterator[Mutant]:
    """Every mutant of the file. `roles` are the bundle's, to swap them.

    Rules left out; conditions left out, negated, with other operators and numbers; `all` made `any`
    and the reverse; who must consent, made less or another; constants one more and one less, and
    lists of them without an item. Some do not compile, as an allow rule without conditions.
    """
    for index, rule in enumerate(policy.file.rules):
        path: Path = ("rules", index)
        yield _mutant(
            policy, (*path, "id"), f"without the rule {rule.id}", rules=_put(policy, index)
        )
        for changed, place, what, at in _rules(rule, roles):
            rules = _put(policy, index, changed)
            yield _mutant(policy, (*path, *place), f"{rule.id}: {what}", at, rules=rules)
    for name, written in policy.file.values.items():
        for value, place, what in _values(written):
            values = {**policy.file.values, name: value}
            shown = ".".join(map(str, (name, *place)))
            yield _mutant(policy, ("values", name, *place), f"{shown}: {what}", values=values)


def _mutant(
    policy: Policy, path: Path, what: str, at: tuple[int, int] = (1, 1), **changes: Any
) -> Mutant:
    changed = Policy(policy.file.model_copy(update=changes), policy.document)
    return Mutant(changed, policy.document.finding(path, what, line=at[0], column=at[1]))


def _put(policy: Policy, index: int, *rules: Rule) -> tuple[Rule, ...]:
    """The file's rules with one replaced, or left out."""
    return (*policy.file.rules[:index], *rules, *policy.file.rules[index + 1 :])


Changed = tuple[Rule, Path, str, tuple[int, int]]


def _rules(rule: Rule, roles: Sequence[str]) -> Iterator[Changed]:
    group, other = ("any", "all") if rule.any else ("all", "any")
    checks: Mapping[str, str] = getattr(rule, group)
    if len(checks) > 1:
        swapped = rule.model_copy(update={group: {}, other: dict(checks)})
        yield swapped, (group,), f"`{group}` made `{other}`", (1, 1)
    for label, text in checks.items():
        rest = {name: t for name, t in checks.items() if name != label}
        without = rule.model_copy(update={group: rest})
        yield without, (group, label), f"without the condition {label!r}", (1, 1)
        for slip in slips(text):
            changed = rule.model_copy(update={group: {**checks, label: slip.text}})
            yield changed, (group, label), f"{label!r} {slip.what}", _place(text, slip.offset)
    for at, ask in enumerate(rule.require):
        for asks, what in _asks(ask, roles):
            require = (*rule.require[:at], *asks, *rule.require[at + 1 :])
            if require:
                changed = rule.model_copy(update={"require": require})
                yield changed, ("require", at), what, (1, 1)


def _asks(ask: Ask, roles: Sequence[str]) -> Iterator[tuple[tuple[Ask, ...], str]]:
    """What stands in one ask's place, and how that differs."""
    yield (), "asks for nobody"
    if ask.count and ask.count > 1:
        yield (ask.model_copy(update={"count": ask.count - 1}),), f"count {ask.count - 1}"
    if ask.people and ask.people > 2:
        yield (ask.model_copy(update={"people": ask.people - 1}),), f"people {ask.people - 1}"
    if ask.stage > 1:
        yield (ask.model_copy(update={"stage": ask.stage - 1}),), f"stage {ask.stage - 1}"
    if ask.escalate_to:
        silent = {"escalate_to": None, "after_minutes": None}
        yield (ask.model_copy(update=silent),), "without its escalation"
    for key in ("role", "veto"):
        if (known := getattr(ask, key)) and (role := _another(known, roles, ())):
            yield (ask.model_copy(update={key: role}),), f"{known} made {role}"
    for key in ("any_of", "all_of"):
        names: tuple[str, ...] = getattr(ask, key)
        for at, known in enumerate(names):
            less = (*names[:at], *names[at + 1 :])
            if less:
                yield (ask.model_copy(update={key: less}),), f"without {known}"
            if role := _another(known, roles, names):
                swapped = (*names[:at], role, *names[at + 1 :])
                yield (ask.model_copy(update={key: swapped}),), f"{known} made {role}"


def _another(known: str, roles: Sequence[str], taken: Sequence[str]) -> str | None:
    return next((role for role in roles if role != known and role not in taken), None)


def _values(written: object) -> Iterator[tuple[object, Path, str]]:
    """(changed value, path to the change, what was changed) for one constant."""
    if isinstance(written, Mapping):
        for key, item in written.items():
            for value, path, what in _values(item):
                yield {**written, key: value}, (str(key), *path), what
    elif isinstance(written, tuple):
        for at, item in enumerate(written):
            less = (*written[:at], *written[at + 1 :])
            yield (
                less,
                (at,),
                f"without {item}" if isinstance(item, str) else f"without item {at + 1}",
            )
            for value, path, what in _values(item):
                yield (*written[:at], value, *written[at + 1 :]), (at, *path), what
    elif type(written) is int:
        for number in (written - 1, written + 1):
            yield number, (), f"{written} made {number}"
    elif isinstance(written, datetime):
        for time in (written - timedelta(seconds=1), written + timedelta(seconds=1)):
            yield time, (), f"made {time:%Y-%m-%dT%H:%M:%SZ}"
    elif isinstance(written, str) and isinstance(constant(written).value, timedelta):
        count, unit = written.split(" ")
        for number in (int(count) - 1, int(count) + 1):
            yield f"{number} {unit}", (), f"{written} made {number} {unit}"


def _place(text: str, offset: int) -> tuple[int, int]:
    """The line and column of an offset, from 1."""
    return text.count("\n", 0, offset) + 1, offset - (text.rfind("\n", 0, offset) + 1) + 1
