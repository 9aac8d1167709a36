"""Cases that say what another one says, or what the bundle says of itself."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable

from evals.cases.case import Case, World
from evals.linting.remark import Sheet

WHY_CASES_MAX = 2  # cases with one reason; more do not say what each is for
ALIKE_MAX = 5  # cases that differ in nothing but figures
_SPACES = re.compile(r"[ \t\n]+")
_FIGURES = re.compile(r"\d[\d.,]*")


def duplicates(sheet: Sheet) -> None:
    """No two cases are one: the same words by the same person in the same world and story."""
    for first, *others in _groups(sheet.suite.cases, _story):
        for other in others:
            sheet.problem(other, ("request",), f"the same as {first.case}; remove one")
    for first, *others in _groups(sheet.suite.cases, lambda c: _story(c, _plain(c.request))):
        for other in others:
            if other.request != first.request:
                message = f"only capitals or spaces differ from {first.case}"
                sheet.note(other, ("request",), message)


def copies(sheet: Sheet) -> None:
    """No case tests words that stand in a workflow's own examples: the planner was written against
    those. Where the story is what is tested, their words may be the plain ones."""
    examples = {_plain(said): name for said, name in sheet.words.examples.items()}
    copied = [case for case in sheet.suite.cases if _plain(case.request) in examples]
    for case in copied:
        if _is_of_words_alone(case):
            workflow = examples[_plain(case.request)]
            message = f"an example of the workflow {workflow}: it flatters; say it otherwise"
            sheet.problem(case, ("request",), message)
    if copied:
        message = (
            f"{len(copied)} of {len(sheet.suite.cases)} cases ask in the words of the workflows'"
            " own examples: they show nothing about the understanding of words"
        )
        sheet.of_suite(("why",), message)


def _is_of_words_alone(case: Case) -> bool:
    """Whether nothing happens but that it is asked and approved."""
    plain = all(act.verb == "approve" and not act.refused for act in case.then)
    return plain and case.world == World() and not case.channel and not case.by


def sameness(sheet: Sheet) -> None:
    """Each case has its own reason, and more than figures of its own."""
    for first, *others in _groups(sheet.suite.cases, lambda case: _plain(case.why)):
        if len(others) >= WHY_CASES_MAX:
            listed = _listed(others)
            sheet.note(first, ("why",), f"the same reason as {listed}; what does each add?")
    for first, *others in _groups(sheet.suite.cases, _but_for_figures):
        if len(others) >= ALIKE_MAX:
            message = f"nothing but figures differs in {_listed(others)}; what does each add?"
            sheet.note(first, ("request",), message)


def _groups(cases: Iterable[Case], key: Callable[[Case], Hashable]) -> Iterable[list[Case]]:
    """Cases with the same key, where there are several, in their order."""
    found: defaultdict[Hashable, list[Case]] = defaultdict(list)
    for case in cases:
        found[key(case)].append(case)
    return [same for same in found.values() if len(same) > 1]


def _story(case: Case, request: str = "") -> Hashable:
    """What happens in a case, whatever is expected of it."""
    acts = tuple(act.model_dump_json() for act in case.then)
    where = (case.by, case.channel, case.world.model_dump_json())
    return (request or case.request, *where, *acts)


def _but_for_figures(case: Case) -> Hashable:
    expect = case.expect
    operations = tuple(sorted(name for write in expect.writes for name in write))
    words = _FIGURES.sub("#", _plain(case.request))
    story = _FIGURES.sub("#", repr(_story(case, "the same")))
    return (words, story, expect.outcome, operations, expect.rules, expect.asks)


def _plain(text: str) -> str:
    """Without capitals and plain spaces; a space of another kind is another text."""
    return _SPACES.sub(" ", text.casefold()).strip(" ")


def _listed(cases: Iterable[Case]) -> str:
    names = [case.case for case in cases]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(names[:3]) + more
