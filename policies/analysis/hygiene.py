"""What is superfluous or lacking in a policy file without any rule being wrong by itself."""

from __future__ import annotations

from collections.abc import Iterator

from policies import checked, mentions
from policies.analysis.logic import Logic, Rules, Written
from policies.analysis.solver import neg
from policies.compiled import Policy
from policies.findings import Finding
from store.model.values import CURRENCY_EXPONENTS


def findings(rules: Rules) -> Iterator[Finding]:
    """Conditions written twice, constants and counters that nobody uses, lacking currencies."""
    for written in rules.written.values():
        yield from _duplicates(written)
    spoken = {policy.document.file: _spoken_of(policy) for policy in rules.bundle.policies}
    for policy in rules.bundle.policies:
        yield from _unused_constants(policy, spoken[policy.document.file])
        yield from _unused_counters(policy, frozenset().union(*spoken.values()))
        yield from _currencies(rules, policy)


def _duplicates(written: Written) -> Iterator[Finding]:
    seen: dict[checked.Node, str] = {}
    for label, node in written.conditions.items():
        if node in seen:
            message = f"{written.rule.id}: `{label}` is the same condition as `{seen[node]}`"
            yield written.finding(f"{message}; remove one", label)
        seen.setdefault(node, label)


def _spoken_of(policy: Policy) -> frozenset[str]:
    """Every name in the file's conditions and sentences."""
    texts = [
        text
        for rule in policy.file.rules
        for text in (*rule.all.values(), *rule.any.values(), *_holes(rule.because))
    ]
    return frozenset(
        token.text for text in texts for token in mentions.tokens(text) if token.kind == "name"
    )


def _holes(sentence: str) -> list[str]:
    """What stands in braces."""
    return [part.partition("}")[0] for part in sentence.split("{")[1:]]


def _unused_constants(policy: Policy, spoken: frozenset[str]) -> Iterator[Finding]:
    for name in policy.file.values:
        if name not in spoken:
            message = f"no rule of this file speaks of {name}; remove it, or use it"
            yield policy.document.key_finding(("values", name), message)


def _unused_counters(policy: Policy, spoken: frozenset[str]) -> Iterator[Finding]:
    for name in policy.file.counters:
        if name not in spoken:
            message = f"no rule speaks of {name}.count or {name}.sum_minor; remove it, or use it"
            yield policy.document.key_finding(("counters", name), message)


def _currencies(rules: Rules, policy: Policy) -> Iterator[Finding]:
    """Maps of thresholds that lack a currency which another map with the same key has."""
    constants = rules.constants[policy.document.file]
    maps = {n: c.value for n, c in constants.items() if c.type == "map<string,int>"}
    money = {
        name: entries
        for name, entries in maps.items()
        if isinstance(entries, dict) and entries.keys() & CURRENCY_EXPONENTS.keys()
    }
    for name, entries in money.items():
        key = _key_of(rules, policy, name)
        others = [n for n in money if n != name and key and _key_of(rules, policy, n) == key]
        for other in others:
            lacking = sorted(money[other].keys() - entries.keys() & CURRENCY_EXPONENTS.keys())
            if lacking and _can_fail(rules, policy, name, key, lacking[0]):
                message = (
                    f"{name} has no {', '.join(lacking)} and {other} has; such a step is denied:"
                    " add what is lacking"
                )
                yield policy.document.key_finding(("values", name), message)
                break


def _key_of(rules: Rules, policy: Policy, name: str) -> str:
    """The fact that a map is indexed by, "" where there is none or several."""
    found = {
        fact
        for written in _of(rules, policy)
        for node in written.conditions.values()
        for fact in _indexed(node, name)
    }
    return found.pop() if len(found) == 1 else ""


def _of(rules: Rules, policy: Policy) -> Iterator[Written]:
    return (w for w in rules.written.values() if w.policy is policy)


def _indexed(node: checked.Node, name: str) -> Iterator[str]:
    match node:
        case checked.Call("_[_]", (checked.Name(whole), checked.Name(fact))) if whole == name:
            yield fact
        case checked.Call(_, parts):
            for part in parts:
                yield from _indexed(part, name)


def _can_fail(rules: Rules, policy: Policy, name: str, fact: str, currency: str) -> bool:
    """Whether a condition that looks the currency up may fail for lack of it."""
    for written in _of(rules, policy):
        for label, node in written.conditions.items():
            if fact in _indexed(node, name):
                logic = next(rules.each(written))
                if _fails(rules, logic, label, fact, currency):
                    return True
    return False


def _fails(rules: Rules, logic: Logic, label: str, fact: str, currency: str) -> bool:
    judged = rules.judged(logic.operation)
    truth = logic.conditions[label]
    is_it = judged.variables.text(fact) == judged.session.code(currency)
    return judged.session.ask(is_it, neg(truth.is_true), neg(truth.is_false)) == "sat"
