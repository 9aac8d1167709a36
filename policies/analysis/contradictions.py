"""Rules whose own conditions exclude each other, and parts of conditions that can never hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from policies import checked
from policies.analysis.intervals import empty_interval
from policies.analysis.logic import Key, Logic, Rules, Written
from policies.analysis.solver import Formula
from policies.document import Path
from policies.findings import Finding


def findings(rules: Rules, dead: frozenset[Key]) -> Iterator[Finding]:
    """What is wrong within single rules. `dead` are those that can never match."""
    for key, written in rules.written.items():
        own = [*_strange(rules, written), *_items(rules, written)]
        if not own and key in dead:
            own = [_contradiction(rules, written)]
        elif not own and written.rule.any:
            own = list(_alternatives(rules, written))
        yield from own


def _ask(rules: Rules, logic: Logic, formula: Formula) -> str:
    return rules.judged(logic.operation).session.ask(formula)


def _contradiction(rules: Rules, written: Written) -> Finding:
    """The sentence about a rule that can never match, at the first condition to blame."""
    labels = list(written.conditions)
    if not written.rule.any:
        first = next(rules.each(written))
        session = rules.judged(first.operation).session
        named = {
            label: session.name(f"{written.key} {label}", truth.is_true)
            for label, truth in first.conditions.items()
        }
        labels = list(session.blame(named)) or labels
    constants = {n: c.value for n, c in rules.constants[written.key[0]].items()}
    nodes = [written.conditions[label] for label in labels]
    if not written.rule.any and (sentence := empty_interval(nodes, constants)):
        return written.finding(f"{written.rule.id} can never match: {sentence}", labels[0])
    said = " and ".join(f"`{label}`" for label in labels)
    what = "can never hold" if len(labels) == 1 or written.rule.any else "exclude each other"
    message = f"{written.rule.id} can never match: {said} {what}; correct it, or remove the rule"
    return written.finding(message, labels[0])


def _alternatives(rules: Rules, written: Written) -> Iterator[Finding]:
    """Conditions of an `any` that can never hold."""
    for label in written.conditions:
        logics = rules.each(written)
        if all(_ask(rules, one, one.conditions[label].is_true) == "unsat" for one in logics):
            message = f"{written.rule.id}: `{label}` can never hold; correct it, or remove it"
            yield written.finding(message, label)


def _strange(rules: Rules, written: Written) -> Iterator[Finding]:
    """Texts that a fact is compared with and never is."""
    first = next(rules.each(written))
    for fact, text in first.strange:
        known = ", ".join(rules.world.wordlists[fact]) or "none"
        message = f"{fact} is never {text!r}; the bundle has {known}"
        yield _at_text(written, text, message)


def _at_text(written: Written, text: str, message: str) -> Finding:
    """At the text itself: in a constant that the rule speaks of, or in a condition."""
    source = written.policy.document
    for label, node in written.conditions.items():
        for name in checked.names(node):
            value = written.policy.file.values.get(name)
            if value == text:
                return source.finding(("values", name), message)
            if isinstance(value, tuple) and text in value:
                return source.finding(("values", name, value.index(text)), message)
        if text in checked.texts(node):
            return written.finding(message, label)
    return written.finding(message)


def _items(rules: Rules, written: Written) -> Iterator[Finding]:
    """Items of a constant list for which `exists` can never be true: swapped dates."""
    first = next(rules.each(written))
    for item in first.items:
        if _ask(rules, first, item.is_true) == "unsat":
            path: Path = ("values", item.constant, item.index)
            value = rules.constants[written.key[0]][item.constant].value
            entry = value[item.index] if isinstance(value, list) else None
            name = f"item {item.index + 1} of {item.constant}"
            message = f"{name} can never match: {_swapped(entry)}"
            yield written.policy.document.finding(path, message)


def _swapped(entry: object) -> str:
    """Two times the wrong way round, where that is what it is."""
    times = entry if isinstance(entry, Mapping) else {}
    if len(times) == 2 and all(isinstance(time, datetime) for time in times.values()):
        (one, first), (other, second) = times.items()
        if first >= second:
            return f"{one} is not before {other}; swap the two"
    return "what it says excludes itself; correct it, or remove it"
