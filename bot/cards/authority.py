"""Why a plan may run, or may not: the rules that decided and their checks with values."""

from __future__ import annotations

from collections.abc import Mapping

from bot.cards.model import CheckLine, Moment, Strong, Words
from bot.cards.phrases import say, version
from bot.view import RunView
from store.model.decision import Check, Decision, Effect, RuleResult
from store.model.plan import Proposal
from store.model.run import Status
from store.model.values import CURRENCY_EXPONENTS, Json, format_money

CHECKS_MAX = 8  # lines beside the buttons; Details holds all
CONTENT_CHARACTERS = 7  # of the content digest, as long as git shortens its own
POLICY_CHANGED = ". The policy was edited since: it is decided anew before anything is written"
_RULES_NAMED_MAX = 3


def authority(view: RunView) -> Words:
    """ "Allowed by small-refunds (bundle desk@5fdc2e3, content 9f0c21), systems read 12:41:07"."""
    proposal = view.run.proposal
    if proposal is None:
        return ()
    decision = proposal.decision
    names = [rule.rule for rule in deciding_rules(decision)]
    head = "Denied by " if decision.effect is Effect.DENIED else "Allowed by "
    if is_overtaken(view):
        head = "Allowed, when it was last shown, by "
    shown = ", ".join(names[:_RULES_NAMED_MAX]) or "no rule: what nothing allows is denied"
    return (
        Strong(head),
        f"{shown} (bundle {bundle(proposal)}), systems read ",
        Moment(proposal.read_at, "seconds"),
        *((POLICY_CHANGED,) if view.is_policy_changed else ()),
    )


def bundle(proposal: Proposal) -> str:
    """ "desk@5fdc2e3, content 9f0c21a": its git sha, and the beginning of its content digest."""
    name, content = version(proposal.bundle_version), proposal.bundle_digest[:CONTENT_CHARACTERS]
    return name if name.endswith(content) else f"{name}, content {content}"


def is_overtaken(view: RunView) -> bool:
    """Whether a system's refusal, and not the decision that is shown, denied the run."""
    proposal = view.run.proposal
    is_denied = view.run.status is Status.DENIED
    return is_denied and proposal is not None and proposal.decision.effect is not Effect.DENIED


def deciding_rules(decision: Decision) -> tuple[RuleResult, ...]:
    """The matched rules that decided, each once: the denying ones if denied, else the allowing."""
    wanted = "deny" if decision.effect is Effect.DENIED else "allow"
    found: dict[str, RuleResult] = {}
    for step in decision.steps:
        for rule in step.rules:
            is_broken = decision.effect is Effect.DENIED and rule.is_matched is None
            if is_broken or (rule.effect.startswith(wanted) and rule.is_matched):
                found.setdefault(rule.rule, rule)
    if not found and decision.effect is Effect.DENIED:
        # Nothing allowed it: show what the allowing rules asked for and did not get.
        for step in decision.steps:
            for rule in step.rules:
                if rule.effect.startswith("allow") and step.effect is Effect.DENIED:
                    found.setdefault(rule.rule, rule)
    return tuple(found.values())


def checks(view: RunView, checks_max: int = CHECKS_MAX) -> tuple[tuple[CheckLine, ...], int]:
    """The checks of the deciding rules, each once, and how many are left to Details."""
    if view.run.proposal is None:
        return (), 0
    found: dict[tuple[str, str], CheckLine] = {}
    decision = view.run.proposal.decision
    known = currencies(decision)
    for rule in deciding_rules(decision):
        for check in rule.checks:
            is_in_the_way = rule.effect.startswith("deny")
            line = check_line(check, known, is_standing_in_the_way=is_in_the_way)
            found.setdefault((line.label, line.value), line)
    lines = tuple(found.values())
    return lines[:checks_max], max(0, len(lines) - checks_max)


def currencies(decision: Decision) -> dict[str, str]:
    """The currency of each subject that the checks name one for: {"refund": "USD"}."""
    found: dict[str, str] = {}
    for step in decision.steps:
        for rule in step.rules:
            for check in rule.checks:
                for name, value in check.values.items():
                    subject, _, last = name.rpartition(".")
                    if last == "currency" and value in CURRENCY_EXPONENTS:
                        found.setdefault(subject, str(value))
    return found


def check_line(
    check: Check, known: Mapping[str, str], *, is_standing_in_the_way: bool = False
) -> CheckLine:
    """One check with the values that it was judged on, or why it could not be judged.

    What a denying rule found true stands in the way of the plan, so it is shown as not in order.
    Minor units are said as money where `known` holds the currency of their subject.
    """
    values = ", ".join(_said(name, value, known) for name, value in check.values.items())
    value = "; ".join(part for part in (values, check.problem) if part)
    is_met = check.is_met
    if is_standing_in_the_way and is_met is not None:
        is_met = not is_met
    return CheckLine(is_met, check.label, value)


def _said(name: str, value: Json, known: Mapping[str, str]) -> str:
    currency = known.get(name.rpartition(".")[0])
    if name.endswith("_minor") and type(value) is int and currency:
        return f"{name.removesuffix('_minor')} = {format_money(value, currency)}"
    return f"{name} = {say(value)}"
