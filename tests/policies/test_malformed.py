"""The catalogue of malformed bundles: one mistake is one finding, and nothing is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

Change = Callable[[str, str, str], "tuple[str, ...]"]

REFUNDS, ORDERS, BUNDLE = "policies/refunds.yml", "policies/orders.yml", "bundle.yml"
REFUND = "workflows/refund.yml"

BROKEN = [
    # typos in keys and names
    (
        REFUNDS,
        "    effect: deny\n",
        "    efect: deny\n",
        "unknown key 'efect'; did you mean 'effect'?",
    ),
    (REFUNDS, "effect: deny", "effect: denny", "'deny'"),
    (REFUNDS, "id: positive-amount", "id: small-refund", "names are unique"),
    (ORDERS, "policy: orders", "policy: refunds", "names are unique"),
    (ORDERS, "id: cancel-order", "id: cancel-orders", "no rule cancel-order"),
    (REFUNDS, "id: positive-amount", "id: Positive Amount", "'Positive Amount' is not a name"),
    # what is spoken of must exist
    (
        REFUNDS,
        "applies_to: [payments.refund]",
        "applies_to: [payments.refnd]",
        "no connector offers",
    ),
    (REFUNDS, "applies_to: [payments.refund]", "applies_to: []", "at least 1 item"),
    (REFUNDS, "applies_to: [payments.refund]", "applies_to: ['payments.*']", "applies_to"),
    (
        REFUNDS,
        "role: finance-leads, count: 2",
        "role: finance-lead, count: 2",
        "no role finance-lead in",
    ),
    (REFUNDS, "rules: [over-refund]", "rules: [overrefund]", "no rule overrefund"),
    (
        REFUNDS,
        "facts: {refund.amount_minor: 1}",
        "facts: {refund.amount: 1}",
        "not a fact of payments",
    ),
    (
        REFUNDS,
        'because: "the payment is {payment.status}"',
        'because: "{payment.state}"',
        "neither a fact",
    ),
    # conditions are compiled and typed
    (REFUNDS, '"refund.amount_minor <= 0"', '"refund.amount_minor <="', "Syntax error"),
    (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        '"refund.amount_minr <= 0"',
        "undeclared reference to 'refund.amount_minr'; did you mean 'refund.amount_minor'?",
    ),
    (REFUNDS, "refund.currency == payment.currency", "refund.currency = 'USD'", "`==` compares"),
    (REFUNDS, "refund.amount_minor <= 0", "refund.amount_minor <= 0 and true", "`&&` for and"),
    (REFUNDS, "refund.amount_minor <= 0", "step.is_reversible == True", "write `true`"),
    (REFUNDS, "refund.amount_minor <= 0", "refund.currency == ‘USD’", "plain ' marks"),
    (
        REFUNDS,
        "window: 90 days",
        "window: 90",
        "`>` does not go with duration, int (no matching overload); write a duration with its unit",
    ),
    (
        REFUNDS,
        "require: [{role: finance-leads, count: 2}]",
        "require: [{role: finance-leads}]",
        "rules.require: how many? write `count: 1`",
    ),
    (REFUNDS, "{people: 2}", "{people: 2, count: 1}", "`count` does not stand beside people"),
    (
        BUNDLE,
        "finance-leads: {group: finance-leads}",
        'finance-leads: {group: "@finance-leads"}',
        "roles.finance-leads.group: '@finance-leads' is not a name here; write small letters",
    ),
    (
        BUNDLE,
        "finance-leads: {group: finance-leads}",
        "finance-leads: {accounts: [Ann Weiss]}",
        "'Ann Weiss' is not an account's id; write it as slack:U0DANA",
    ),
    (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        "\"refund.amount_minor <= '0'\"",
        "no matching overload",
    ),
    (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        '"refund.amount_minor <= 0.5"',
        "0.5 is not a whole number",
    ),
    (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        '"refund.amount_minor"',
        "a condition is true or false",
    ),
    (REFUNDS, '"refund.amount_minor <= 0"', '"double(refund.amount_minor) <= 0"', "not available"),
    (REFUNDS, '"refund.amount_minor <= 0"', '"dyn(refund.amount_minor)"', "dyn is not available"),
    (REFUNDS, '"refund.amount_minor <= 0"', "\"now.getHours('Mars/Base') < 8\"", "not a time zone"),
    (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        '"' + "(" * 60 + "true" + ")" * 60 + '"',
        "recursion limit",
    ),
    (REFUNDS, '"refund.amount_minor <= 0"', '"' + "true && " * 300 + 'true"', "2000 characters"),
    (REFUNDS, '"refund.amount_minor <= 0"', "5", "should be a valid string"),
    # constants
    (REFUNDS, "window: 90 days", "window: 90 dayz", "no matching overload"),
    (REFUNDS, "window: 90 days", "window: 90 days\n  refund: 3", "also the name of a fact"),
    (REFUNDS, "USD: 10000,", "USD: 100.00,", "integers"),
    (REFUNDS, "USD: 10000,", "USD: '10000',", "one type"),
    (REFUNDS, "USD: 10000,", "USD: 9007199254740993,", "2**53"),
    # counters
    (
        REFUNDS,
        "refunds_of_customer: {per: [customer.id], window: 24 hours,",
        "refunds_of_customer: {per: [customer.id],",
        "the key 'window' is missing",
    ),
    (
        REFUNDS,
        "per: [customer.id], window: 24 hours",
        "per: [customer.id], window: a day",
        "window",
    ),
    (REFUNDS, "per: [customer.id]", "per: [customer.name]", "customer.name is not a fact"),
    (REFUNDS, "per: [customer.id]", "per: [order.placed_at]", "is of type timestamp"),
    # effects
    (
        REFUNDS,
        "role: finance-leads, count: 2",
        "role: finance-leads, count: 0",
        "greater than or equal to 1",
    ),
    (
        REFUNDS,
        "role: finance-leads, count: 2",
        "role: finance-leads, count: -1",
        "greater than or equal",
    ),
    (
        REFUNDS,
        "role: finance-leads, count: 2",
        "role: finance-leads, count: 11",
        "less than or equal",
    ),
    (REFUNDS, "role: finance-leads, count: 2", "role: finance-leads, count: true", "valid integer"),
    (REFUNDS, "    require: [{role: finance-leads, count: 2}]\n", "", "a require rule says who"),
    (REFUNDS, "    require: [{role: finance-leads, count: 2}]\n", "    require: []\n", "says who"),
    (REFUNDS, "effect: require", "effect: allow", "only require rules ask for approvers"),
    (
        "policies/notes.yml",
        "    all:\n      requester in support: \"'support' in requester.roles\"\n",
        "",
        "an allow rule needs a condition",
    ),
    (
        REFUNDS,
        "    any:\n      more refundable",
        "    all: {x: 'true'}\n    any:\n      more refundable",
        "not both",
    ),
    # examples
    (REFUNDS, "expect: needs approval", "expect: approved", "needs approval"),
    (REFUNDS, ", approvers: [{role: support-leads, count: 1}]}", "}", "`approvers` stand with"),
    (
        "policies/common.yml",
        "{name: in order, operation: orders.add_note,",
        "{name: in order,",
        "say which `operation`",
    ),
    # roles and people
    (BUNDLE, "{group: admins}", "{includes: [admins]}", "in a circle: admins > admins"),
    (BUNDLE, "{group: admins}", "{includes: [support, chiefs]}", "no role chiefs"),
    (BUNDLE, "{group: admins}", "{people: [lee]}", "no person lee in people"),
    (BUNDLE, "{group: admins}", "{accounts: ['slack:lee']}", "'slack:lee' is not an account's id"),
    # bundle.yml
    (BUNDLE, "time_zone: America/New_York", "time_zone: America/New_Yrok", "not a time zone"),
    (BUNDLE, "time_zone: America/New_York", "time_zone: ../../etc/passwd", "not a time zone"),
    (BUNDLE, "time_zone: America/New_York", "time_zone: localtime", "not a time zone"),
    (BUNDLE, 'at: "18:00"', 'at: "25:00"', "'25:00' is not a time of day"),
    (BUNDLE, "channel: ops-digest", "channel: ops", "no channel ops; there is support-ops"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: [C0SUPPORTOP]", "is also the channel support-ops"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: []", "at least 1 item"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: [C0A, C0A]", "C0A stands here twice"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: [C0A]\n    linked: true", "is linked and has one id"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: ['29:ops']", "is not a channel's id"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: [ops-digest]", "is not a channel's id"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: ['19:a@thread.tacv2;messageid=1']", "a channel's id"),
    (BUNDLE, "{group: admins}", "{}", "neither a group nor accounts"),
    (BUNDLE, "{group: admins}", "{grop: admins}", "did you mean 'group'?"),
    (BUNDLE, "{group: admins}", "{accounts: [noor]}", "'noor' is not an account's id"),
    (
        BUNDLE,
        "refund: [desk-reader, desk-refunds]",
        "refund: [desk-reader, desk-refund]",
        "no connection",
    ),
    (BUNDLE, "refund: [desk-reader, desk-refunds]", "refund: []", "names no connection"),
    (
        BUNDLE,
        "  refund: [desk-reader, desk-refunds]\n",
        "",
        "the workflow refund names no connection",
    ),
    (
        BUNDLE,
        "workflows: [refund, cancel-order",
        "workflows: [refnd, cancel-order",
        "no workflow refnd",
    ),
    (BUNDLE, "environment: sandbox", "environment: staging", "sandbox"),
    (BUNDLE, "sandbox: {autonomy: L3}", "sandbox: {autonomy: L5}", "L4"),
    (
        BUNDLE,
        "address_env: ASSENT_DESK_ADDRESS",
        "address_env: postgres://me:pw@host",
        "this is not a variable's name",
    ),
    (
        BUNDLE,
        "secret: env:ASSENT_DESK_READER_SECRET",
        "secret: env:ASSENT_DESK_READER_TOKEN",
        "ASSENT_DESK_READER_TOKEN is no connection's",
    ),
    # workflows
    (
        REFUND,
        "autonomy: L2",
        "autonomy: L4\nreviewers: [support-leads]",
        "L4 is above the cap L3 of sandbox",
    ),
    (REFUND, "autonomy: L2", "autonomi: L2", "did you mean 'autonomy'?"),
    (REFUND, "autonomy: L2", "autonomy: L2\nreviewers: [leads]", "bundle.yml has no role leads"),
    (REFUND, "autonomy: L2", "autonomy: L2\nshadow: perhaps", "bool"),
    (
        REFUND,
        "autonomy: L2",
        "autonomy: L2\npromotion: {runs_looked_at: 19}",
        "20 of the 19 runs looked at can never be reached",
    ),
    (REFUND, "autonomy: L2", "autonomy: L2\npromotion: {days: -1}", "greater than or equal to 0"),
    (
        REFUND,
        "autonomy: L2",
        "autonomy: L2\npromotion: {demoted_at_wrong: 0}",
        "greater than or equal to 1",
    ),
    (REFUND, "use: payments.refund", "use: payments.refnd", "no connector offers the operation"),
]


@pytest.mark.parametrize(("file", "old", "new", "message"), BROKEN)
def test_one_mistake_is_one_finding_at_its_place(
    change: Change, folder: Path, file: str, old: str, new: str, message: str
) -> None:
    findings = change(file, old, new)
    assert len(findings) == 1, findings or "the bundle was loaded"
    assert message.lower() in findings[0].lower()
    name, line, _ = findings[0].split(":")[:3]
    assert line.isdigit()
    assert int(line) <= (folder / name).read_text().count("\n") + 1


def test_a_workflow_at_l4_names_who_looks_at_it_afterwards(change: Change) -> None:
    assert change(BUNDLE, "sandbox: {autonomy: L3}", "sandbox: {autonomy: L4}") == ()
    (finding,) = change(REFUND, "autonomy: L2", "autonomy: L4")
    assert "looked at afterwards: name reviewers" in finding


def test_each_workflow_above_its_environment_s_cap_is_named_once(change: Change) -> None:
    findings = change(BUNDLE, "sandbox: {autonomy: L3}", "sandbox: {autonomy: L1}")
    assert [finding.split(":")[0] for finding in findings] == [
        "workflows/cancel-order.yml",
        "workflows/change-address.yml",
        "workflows/refund.yml",
    ]
    assert all("L2 is above the cap L1 of sandbox" in finding for finding in findings)
