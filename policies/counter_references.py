"""What counters say about facts, constants and each other, and the facts that they add to each
operation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta

from policies.compiled import Policy
from policies.constants import constant
from policies.counters import WINDOW_MAX, WINDOW_MIN, Counter, Counting
from policies.facts import COMMON, Catalogue, FactType, FactTypes
from policies.findings import Finding
from policies.rules import EVERY_OPERATION

COUNTED_BY: frozenset[FactType] = frozenset({"string", "int", "bool"})

Counters = Mapping[str, tuple[Counter, ...]]


def counted(
    policies: tuple[Policy, ...], catalogue: Catalogue, findings: list[Finding]
) -> Counters:
    """Operation -> the counters that count it. Problems are added to `findings`."""
    found: dict[str, list[Counter]] = {operation: [] for operation in catalogue}
    taken: dict[str, str] = {}
    for policy in policies:
        operations = _operations(policy, catalogue)
        for name, counting in policy.file.counters.items():
            problems = tuple(_problems(name, counting, policies, catalogue, operations))
            if name in taken:
                problems = ((name, f"{name} is also in {taken[name]}; names are unique"),)
            taken.setdefault(name, policy.document.file)
            for key, message in problems:
                path = ("counters", name) if key == name else ("counters", name, key)
                findings.append(policy.document.finding(path, message))
            if not problems:
                for operation in operations:
                    found[operation].append(_counter(name, counting))
    return {operation: tuple(counters) for operation, counters in found.items()}


def fact_types(policies: tuple[Policy, ...], catalogue: Catalogue) -> dict[str, FactTypes]:
    """Operation -> every fact that it is judged on: the common ones, its own, its counters'."""
    return complete(catalogue, counted(policies, catalogue, []))


def complete(catalogue: Catalogue, counters: Counters) -> dict[str, FactTypes]:
    """`fact_types` where the counters are known already."""
    return {operation: complete_one(catalogue, counters, operation) for operation in catalogue}


def complete_one(catalogue: Catalogue, counters: Counters, operation: str) -> FactTypes:
    """Every fact that one operation is judged on."""
    added = {name: t for c in counters[operation] for name, t in c.fact_types.items()}
    return {**COMMON, **catalogue[operation], **added}


def _problems(
    name: str,
    counting: Counting,
    policies: tuple[Policy, ...],
    catalogue: Catalogue,
    operations: tuple[str, ...],
) -> Iterator[tuple[str, str]]:
    """(the key, or the counter's name for all of it; a sentence) for whatever is wrong."""
    facts = {fact for types in (COMMON, *catalogue.values()) for fact in types}
    if name in {fact.partition(".")[0] for fact in facts}:
        yield name, f"{name} is also the name of a fact; rename the counter"
    if any(name in policy.file.values for policy in policies):
        yield name, f"{name} is also the name of a constant; rename the counter"
    if len(set(counting.per)) != len(counting.per):
        yield "per", "a fact is listed twice"
    if _window(counting.window) is None:
        yield "window", 'a window is 1 minute to 400 days, as "24 hours"'
    for operation in operations:
        types = {**COMMON, **catalogue[operation]}
        for fact in counting.per:
            yield from _typed("per", fact, types, operation, COUNTED_BY)
        if counting.amount is not None:
            yield from _typed("amount", counting.amount, types, operation, frozenset({"int"}))
        if counting.currency is not None:
            yield from _typed(
                "currency", counting.currency, types, operation, frozenset({"string"})
            )


def _typed(
    key: str, fact: str, types: FactTypes, operation: str, wanted: frozenset[FactType]
) -> Iterator[tuple[str, str]]:
    if fact not in types:
        yield key, f"{fact} is not a fact of {operation}"
    elif types[fact] not in wanted:
        yield key, f"{fact} is of type {types[fact]}; here stands {' or '.join(sorted(wanted))}"


def _window(written: str) -> timedelta | None:
    value = constant(written).value
    is_sound = isinstance(value, timedelta) and WINDOW_MIN <= value <= WINDOW_MAX
    return value if isinstance(value, timedelta) and is_sound else None


def _counter(name: str, counting: Counting) -> Counter:
    window = _window(counting.window)
    assert window is not None, "a counter without problems has a window"
    return Counter(
        name, counting.per, window, amount=counting.amount or "", currency=counting.currency or ""
    )


def _operations(policy: Policy, catalogue: Catalogue) -> tuple[str, ...]:
    """What the file applies to, as far as it exists; the rest is a finding of its own."""
    if policy.file.applies_to == EVERY_OPERATION:
        return tuple(catalogue)
    return tuple(dict.fromkeys(o for o in policy.file.applies_to if o in catalogue))
