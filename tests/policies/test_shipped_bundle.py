"""The desk's rules: their own examples, and that the examples reach what they should."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from connectors import registry
from policies import examples
from policies.bundle import Bundle
from policies.engine import Engine, StepFacts
from policies.facts import Catalogue
from store.model.decision import Decision, Effect
from store.model.values import CURRENCY_EXPONENTS


def test_every_example_in_every_policy_file_holds(desk: Bundle, catalogue: Catalogue) -> None:
    assert [str(finding) for finding in examples.run(desk, catalogue)] == []


def test_every_rule_is_reached_by_an_example(desk: Bundle, catalogue: Catalogue) -> None:
    engine = Engine(desk, catalogue)
    matched = set()
    for policy in desk.policies:
        assert policy.file.examples, f"{policy.document.file} has no examples"
        for example in policy.file.examples:
            decision = engine.decide([examples.step(policy, example, engine)])
            rules = [rule for step in decision.steps for rule in step.rules]
            matched |= {rule.rule for rule in rules if rule.is_matched}
    written = {rule.id for policy in desk.policies for rule in policy.file.rules}
    assert written - matched == set()


def test_every_currency_has_every_limit(desk: Bundle) -> None:
    for policy in desk.policies:
        for name in ("small", "large"):
            limits = policy.file.values.get(name)
            if limits is not None:
                assert isinstance(limits, dict)
                assert limits.keys() == CURRENCY_EXPONENTS.keys(), (policy.document.file, name)


def test_an_example_that_does_not_hold_is_found_with_its_place(
    desk: Bundle, catalogue: Catalogue
) -> None:
    policy = next(p for p in desk.policies if p.file.policy == "refunds")
    first = policy.file.examples[0].model_copy(update={"expect": "may run", "approvers": ()})
    file = policy.file.model_copy(update={"examples": (first,)})
    others = tuple(p for p in desk.policies if p is not policy)
    broken = Bundle(
        desk.settings,
        desk.workflows,
        (*others, type(policy)(file, policy.document)),
        {},
        desk.digest,
        desk.revision,
    )
    (finding,) = examples.run(broken, catalogue)
    assert finding.file == "policies/refunds.yml"
    assert finding.line > 100
    assert "a small refund: expected 'may run'" in finding.message


def test_refusal_says_how_much_of_how_much(decide_refund: Callable[..., Decision]) -> None:
    decision = decide_refund({"refund.amount_minor": 15_000})
    assert decision.effect is Effect.DENIED
    assert decision.reason == "denied: more than can be refunded: $150.00 of $129.00"


def test_large_refund_needs_finance_alone_although_the_plan_notes_it_too(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    decision = engine.decide(_plan(refund_facts, amount_minor=12_900))
    assert [(r.who, r.count) for r in decision.requirements] == [("finance-leads", 1)]
    assert [step.effect for step in decision.steps] == [Effect.NEEDS_APPROVAL] * 3
    assert decision.steps[1].requirements == ()


def test_small_refund_with_its_note_and_ticket_runs_by_itself_at_l3(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    decision = engine.decide(_plan({**refund_facts, "workflow.level": 3}, amount_minor=4_000))
    assert decision.effect is Effect.MAY_RUN
    assert decision.requirements == ()


def test_one_denied_step_denies_the_plan(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    refund, note, ticket = _plan(refund_facts, amount_minor=4_000)
    broken = StepFacts("note", note.operation, {**note.facts, "order.status": 7})
    decision = engine.decide([refund, broken, ticket])
    assert decision.effect is Effect.DENIED
    assert decision.requirements == ()
    assert [step.effect for step in decision.steps] == [
        Effect.NEEDS_APPROVAL,
        Effect.DENIED,
        Effect.NEEDS_APPROVAL,
    ]


def test_a_batch_cannot_hide_one_large_item(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    amounts = [100] * 10 + [12_900] + [100] * 10
    steps = [
        StepFacts(f"s{n}", "payments.refund", {**refund_facts, "refund.amount_minor": amount})
        for n, amount in enumerate(amounts)
    ]
    roles = {r.who: r.count for r in engine.decide(steps).requirements}
    assert roles == {"support-leads": 1, "finance-leads": 1}


def test_what_was_recorded_is_judged_like_what_was_read(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    recorded = {
        **refund_facts,
        "now": "2026-11-22T12:00:00Z",
        "order.placed_at": "2026-11-12T12:00:00Z",
    }
    read = engine.decide([StepFacts("refund", "payments.refund", refund_facts)])
    assert engine.decide([StepFacts("refund", "payments.refund", recorded)]) == read


def test_prompts_and_policies_are_in_the_digest(desk_folder: Path, desk: Bundle) -> None:
    assert len(desk.digest) == 64
    assert desk.version.startswith("desk@")


@pytest.mark.parametrize("channel", ["direct", "unlisted", "Support-ops", "support-ops ", ""])
def test_only_the_listed_channel_is_allowed(
    decide_refund: Callable[..., Decision], channel: str
) -> None:
    assert decide_refund({"request.channel": channel}).effect is Effect.DENIED


def _plan(facts: Mapping[str, object], *, amount_minor: int) -> list[StepFacts]:
    common = {name: facts[name] for name in list(facts)[:10]}
    return [
        StepFacts("refund", "payments.refund", {**facts, "refund.amount_minor": amount_minor}),
        StepFacts("note", "orders.add_note", {**common, "order.status": "delivered"}),
        StepFacts("close", "tickets.update", {**common, "ticket.status": "open"}),
    ]


def test_every_step_has_a_connection_with_its_scopes_and_no_reader_can_write(desk: Bundle) -> None:
    operations = {name: operation for name, (_, operation) in registry.operations().items()}
    connections = desk.settings.connections
    for workflow in desk.workflows.values():
        allowed = [connections[name] for name in desk.settings.workflows[workflow.workflow]]
        for step in (step for steps in workflow.steps for step in steps.values()):
            scopes = operations[step.use].scopes
            assert any(scopes <= set(c.scopes) for c in allowed), (workflow.workflow, step.use)
    reader = connections["desk-reader"]
    assert not any(scope.endswith(":write") for scope in reader.scopes)


def test_cancelling_a_paid_order_asks_for_the_approvers_of_both_its_parts(
    engine: Engine, refund_facts: Mapping[str, object]
) -> None:
    common = {name: refund_facts[name] for name in list(refund_facts)[:10]}
    common["workflow.name"] = "cancel-order"
    order = {
        "order.status": "placed",
        "order.placed_at": refund_facts["order.placed_at"],
        "order.total_minor": 12_900,
        "order.currency": "USD",
    }
    refund = {**refund_facts, **common, "order.status": "cancelled", "refund.amount_minor": 12_900}
    decision = engine.decide(
        [
            StepFacts("cancel", "orders.cancel", {**common, **order}),
            StepFacts("refund", "payments.refund", refund),
        ]
    )
    asked = {(r.who, r.count) for r in decision.requirements}
    assert asked == {("support-leads", 1), ("finance-leads", 1)}
