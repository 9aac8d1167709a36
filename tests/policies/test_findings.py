"""Each way to break a bundle is refused with its place and a sentence."""

from __future__ import annotations

from collections.abc import Callable

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
    (REFUNDS, "    effect: deny\n", "    efect: deny\n", "the key 'effect' is missing"),
    (REFUNDS, "effect: deny", "effect: denny", "'deny'"),
    (REFUNDS, "id: positive-amount", "id: small-refund", "names are unique"),
    (ORDERS, "policy: orders", "policy: refunds", "names are unique"),
    (ORDERS, "id: cancel-order", "id: small-refund", "no rule cancel-order"),
    (REFUNDS, "id: positive-amount", "id: Positive Amount", "pattern"),
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
    (REFUNDS, '"refund.amount_minor <= 0"', '"refund.amount_minr <= 0"', "undeclared reference"),
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
    (REFUNDS, "window: 90 days", "refund: 90 days", "also the name of a fact"),
    (REFUNDS, "USD: 10000,", "USD: 100.00,", "integers"),
    (REFUNDS, "USD: 10000,", "USD: '10000',", "one type"),
    (REFUNDS, "USD: 10000,", "USD: 9007199254740993,", "2**53"),
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
    (REFUNDS, "rules:\n", "rules: []\nold_rules:\n", "rules"),
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
    # bundle.yml
    (BUNDLE, "time_zone: America/New_York", "time_zone: America/New_Yrok", "not a time zone"),
    (BUNDLE, "time_zone: America/New_York", "time_zone: ../../etc/passwd", "not a time zone"),
    (BUNDLE, "time_zone: America/New_York", "time_zone: localtime", "not a time zone"),
    (BUNDLE, 'at: "18:00"', 'at: "25:00"', "pattern"),
    (BUNDLE, "channel: ops-digest", "channel: ops", "no channel ops; there is support-ops"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: [C0SUPPORTOP]", "is also the channel support-ops"),
    (BUNDLE, "ids: [C0OPSDIGEST]", "ids: []", "at least 1 item"),
    (BUNDLE, "{group: admins}", "{}", "neither a group nor accounts"),
    (BUNDLE, "{group: admins}", "{grop: admins}", "did you mean 'group'?"),
    (BUNDLE, "{group: admins}", "{accounts: [noor]}", "pattern"),
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
    (BUNDLE, "sandbox: {autonomy: L3}", "sandbox: {autonomy: L1}", "L2 is above the cap L1"),
    (BUNDLE, "address_env: ASSENT_DESK_ADDRESS", "address_env: postgres://me:pw@host", "pattern"),
    # workflows
    (REFUND, "autonomy: L2", "autonomy: L4", "L4 is above the cap L3 of sandbox"),
    (REFUND, "autonomy: L2", "autonomi: L2", "did you mean 'autonomy'?"),
    (REFUND, "autonomy: L2", "autonomy: L4", "looked at afterwards: name reviewers"),
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
def test_a_broken_file_is_refused_with_its_place(
    change: Change, file: str, old: str, new: str, message: str
) -> None:
    findings = change(file, old, new)
    matching = [finding for finding in findings if message.lower() in finding.lower()]
    assert matching, findings or "the bundle was loaded"
    assert all(finding.split(":")[1].isdigit() for finding in matching)
