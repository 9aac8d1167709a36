"""Names of the bundle in cases: workflows, slots, steps, rules, roles."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterator, Mapping

from evals.cases.case import Case
from evals.cases.vocabulary import Vocabulary
from evals.graders.approvals import PEOPLE
from evals.linting.remark import Sheet
from policies.document import Path

Spoken = Iterator[tuple[str, str, Path]]  # what is spoken of, its name, where


def names(sheet: Sheet) -> None:
    """Every name that a case takes from the bundle stands in it."""
    words = sheet.words
    for who, someone in sheet.suite.file.people.items():
        for index, role in enumerate(someone.roles):
            if role not in words.roles:
                path: Path = ("people", who, "roles", index)
                message = _unknown("role", role, words.roles)
                sheet.of_suite(path, message, "problem")
    for case in sheet.suite.cases:
        _case(sheet, case)


def _case(sheet: Sheet, case: Case) -> None:
    for what, name, path in (*_expected(case), *_happening(case)):
        declared = _declared(sheet.words, what)
        plain = name.partition(".")[2] or name  # "refund~2.amount" of a joint plan
        if plain not in declared:
            sheet.problem(case, path, _unknown(what, name, declared))


def _expected(case: Case) -> Spoken:
    expect = case.expect
    for part in (expect.workflow or "").split("+"):
        if part:
            yield "workflow", part.partition("~")[0], ("expect", "workflow")
    for index, slot in enumerate(expect.asks or ()):
        yield "slot", slot, ("expect", "asks", index)
    for slot in expect.values:
        yield "slot", slot, ("expect", "values", slot)
    for index, rule in enumerate(expect.rules):
        yield "rule", rule, ("expect", "rules", index)
    for who in expect.approvals or ():
        for role in who.split(" or "):
            if role != PEOPLE:
                yield "role", role, ("expect", "approvals", who)


def _happening(case: Case) -> Spoken:
    yield from _roles(case.world.roles, ("world", "roles"))
    for at, act in enumerate(case.then):
        for slot in act.values:
            yield "slot", slot, ("then", at, "values", slot)
        for index, step in enumerate(act.skip):
            yield "step", step, ("then", at, "skip", index)
        yield from _roles(act.roles or {}, ("then", at, "roles"))


def _roles(held: Mapping[str, tuple[str, ...]], path: Path) -> Spoken:
    for person, roles in held.items():
        for index, role in enumerate(roles):
            yield "role", role, (*path, person, index)


def _declared(words: Vocabulary, what: str) -> Collection[str]:
    return {
        "workflow": words.workflows.keys(),
        "slot": words.slots,
        "step": words.steps,
        "rule": words.rules,
        "role": words.roles,
    }[what]


def _unknown(what: str, name: str, names: Collection[str]) -> str:
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"; did you mean {near[0]}?" if near else f"; there is {', '.join(sorted(names)[:12])}"
    return f"the bundle has no {what} {name}{hint}"
