"""A decision as the ledger keeps it: whole where it fits, else shortened in steps that it names."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from store.model.decision import Decision, RuleResult
from store.model.values import Json

# Bytes of a decision's JSON. The ledger takes entries of 1 MiB; a hundred rules on each of three
# steps make some 100 kB.
RECORD_BYTES_MAX = 800_000

Shorten = Callable[[Decision], Decision]


def recorded(decision: Decision) -> dict[str, Json]:
    """The decision as JSON of at most RECORD_BYTES_MAX.

    Past that, in this order and with a sentence under `shortened`: the checks of rules that do not
    match, those rules, the values beside checks, all rules, the facts. What was decided, why, and
    who must approve always stays.
    """
    said: list[str] = []
    for left_out, shorten in _SHORTENED:
        if _bytes(decision) <= RECORD_BYTES_MAX:
            break
        decision = shorten(decision)
        said.append(left_out)
    kept: dict[str, Json] = decision.model_dump(mode="json")
    return {**kept, "shortened": f"left out: {', '.join(said)}"} if said else kept


def _bytes(decision: Decision) -> int:
    return len(decision.model_dump_json().encode())


def _each_rule(change: Callable[[RuleResult], RuleResult | None]) -> Shorten:
    """Changes every rule of every step; None leaves it out."""

    def shorten(decision: Decision) -> Decision:
        steps = tuple(
            step.model_copy(
                update={"rules": tuple(r for rule in step.rules if (r := change(rule)) is not None)}
            )
            for step in decision.steps
        )
        return decision.model_copy(update={"steps": steps})

    return shorten


def _without_facts(decision: Decision) -> Decision:
    steps = tuple(step.model_copy(update={"facts": {}}) for step in decision.steps)
    return decision.model_copy(update={"steps": steps})


def _without_values(rule: RuleResult) -> RuleResult:
    return replace(rule, checks=tuple(replace(check, values={}) for check in rule.checks))


_SHORTENED: tuple[tuple[str, Shorten], ...] = (
    (
        "the checks of rules that do not match",
        _each_rule(lambda rule: replace(rule, checks=()) if rule.is_matched is False else rule),
    ),
    (
        "rules that do not match",
        _each_rule(lambda rule: None if rule.is_matched is False else rule),
    ),
    ("the values beside checks", _each_rule(_without_values)),
    ("all rules", _each_rule(lambda _: None)),
    ("the facts", _without_facts),
)
