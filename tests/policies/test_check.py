"""`assent policy check`: each kind of mistake in a bundle is found, once, where it stands."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from policies.check import Checked, check
from policies.facts import Catalogue

Amend = Callable[..., tuple[str, ...]]

REFUNDS, COMMON, NOTES = "policies/refunds.yml", "policies/common.yml", "policies/notes.yml"
ADDRESSES, BUNDLE = "policies/addresses.yml", "bundle.yml"
REFUND_RULE = "  - id: positive-amount\n"  # rules are put in before this one


@pytest.fixture
def checked(
    folder: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]
) -> Callable[[], Checked]:
    return lambda: check(folder, catalogue, finders)


@pytest.fixture
def amend(folder: Path, checked: Callable[[], Checked]) -> Amend:
    """Replaces texts in files of a copy of the shipped bundle; gives the findings."""

    def apply(*edits: tuple[str, str, str]) -> tuple[str, ...]:
        for file, old, new in edits:
            text = (folder / file).read_text()
            assert old in text, f"{old!r} is not in {file}"
            (folder / file).write_text(text.replace(old, new, 1))
        return tuple(str(finding) for finding in checked().findings)

    return apply


@pytest.fixture
def with_rule(amend: Amend) -> Callable[..., tuple[str, ...]]:
    """Adds rules to the refunds' policy; gives the findings."""

    def apply(*rules: str, values: str = "") -> tuple[str, ...]:
        text = "".join(f"  - {rule}\n" for rule in rules)
        edits = [(REFUNDS, REFUND_RULE, text + REFUND_RULE)]
        if values:
            edits.append((REFUNDS, "values:\n", f"values:\n  {values}\n"))
        return amend(*edits)

    return apply


def rule(id_: str, effect: str, *conditions: str, group: str = "all", require: str = "") -> str:
    """One rule on one line; conditions are labelled c1, c2, ..."""
    labelled = ", ".join(f"c{n}: {text!r}" for n, text in enumerate(conditions, 1))
    checks = f"{group}: {{{labelled}}}, " if conditions else ""
    asks = f"require: [{require}], " if require else ""
    return f"{{id: {id_}, effect: {effect}, {checks}{asks}because: so}}"


LEAD = "{role: support-leads, count: 1}"
LEADS = "{role: support-leads, count: 2}"


def test_the_shipped_bundle_has_no_findings(
    desk_folder: Path, catalogue: Catalogue, finders: Mapping[str, Mapping[str, str]]
) -> None:
    assert check(desk_folder, catalogue, finders).findings == ()


def test_a_bundle_that_cannot_be_loaded_is_not_half_there(
    tmp_path: Path, catalogue: Catalogue
) -> None:
    found = check(tmp_path, catalogue, None)
    assert found.bundle is None
    assert found.findings
    assert found.ceilings == ()


@pytest.mark.parametrize(
    "conditions",
    [
        ("refund.amount_minor > 500", "refund.amount_minor < 400"),
        ("refund.amount_minor > small[refund.currency]", "refund.amount_minor < 0"),
        ("payment.status == 'paid' && payment.status != 'paid'",),
        ("payment.status in refundable_statuses", "payment.status == 'refunded'"),
        ("refund.currency == 'USD'", "small[refund.currency] == 15000"),
        ("workflow.level > 3",),
        ("workflow.level == 3", "run.environment == 'production'"),
        ("workflow.level == 3", "!step.is_reversible"),
        ("'support' in requester.roles", "!requester.roles.exists(r, r in ['support'])"),
        ("requester.roles.all(r, r == 'admins')", "'support' in requester.roles"),
        ("now - order.placed_at > window", "now - order.placed_at <= duration('24h')"),
        ("payment.status.matches('^x')", "!payment.status.matches('^x')"),
        ("refund.amount_minor * 2 == 7",),
        ("refund.amount_minor > 0 ? false : refund.amount_minor > 5",),
        ("now.getDayOfWeek('Europe/Berlin') == 7",),
        ("customer.refunds_24h - 1 > customer.refunds_24h",),
    ],
)
def test_a_rule_whose_conditions_exclude_each_other_is_found(
    with_rule: Callable[..., tuple[str, ...]], conditions: tuple[str, ...]
) -> None:
    (finding,) = with_rule(rule("odd-one", "deny", *conditions))
    assert "odd-one can never match" in finding
    assert finding.startswith(f"{REFUNDS}:")


def test_the_sentence_names_only_the_conditions_that_exclude_each_other(
    with_rule: Callable[..., tuple[str, ...]],
) -> None:
    parts = ("customer.id != 'x'", "payment.status == 'paid'", "payment.status == 'refunded'")
    (finding,) = with_rule(rule("odd-one", "deny", *parts))
    assert "`c2` and `c3` exclude each other; correct it, or remove the rule" in finding


@pytest.mark.parametrize(
    "conditions",
    [
        ("payment.status.startsWith('p')", "payment.status.endsWith('x')"),
        ("refund.amount_minor * payment.paid_minor == 7",),
        ("refund.amount_minor / 2 > refund.amount_minor",),
        ("size(customer.id) > 40", "customer.id != 'x'"),
        ("int(now) > 5", "customer.refunds_24h == 77"),
        ("blocked.exists(c, c == customer.id)", "customer.refunds_24h == 77"),
    ],
)
def test_nothing_is_claimed_of_what_is_not_understood(
    with_rule: Callable[..., tuple[str, ...]], conditions: tuple[str, ...]
) -> None:
    is_blocked = any("blocked" in condition for condition in conditions)
    values = "blocked: []" if is_blocked else ""
    assert with_rule(rule("odd-one", "deny", *conditions), values=values) == ()


def test_an_alternative_that_can_never_hold_is_found_at_its_own_place(
    with_rule: Callable[..., tuple[str, ...]],
) -> None:
    parts = ("customer.id == 'cus_blocked'", "workflow.level > 3")
    (finding,) = with_rule(rule("odd-one", "deny", *parts, group="any"))
    assert "odd-one: `c2` can never hold" in finding


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        # a denial that another one makes already
        (
            [rule("odd-one", "deny", "refund.amount_minor < -5")],
            "odd-one never matters: whenever it matches, positive-amount already denies",
        ),
        # covered by two rules together
        (
            [
                rule("first", "deny", "refund.amount_minor == 70001"),
                rule("second", "deny", "refund.amount_minor == 70002"),
                rule("odd-one", "deny", "refund.amount_minor in [70001, 70002]"),
            ],
            "odd-one never matters: whenever it matches, first and second together already denies",
        ),
        # the later of two equal denials
        (
            [
                rule("first", "deny", "customer.id == 'cus_x'"),
                rule("odd-one", "deny", "'cus_x' == customer.id"),
            ],
            "odd-one never matters: whenever it matches, first already denies",
        ),
        # an allow that contradicts a denial
        (
            [rule("odd-one", "allow", "refund.currency != payment.currency")],
            "odd-one grants nothing: whenever it matches, same-currency denies",
        ),
        # a requirement on what is denied anyway
        (
            [rule("odd-one", "require", "refund.amount_minor < 0", require=LEADS)],
            "odd-one asks nobody: whenever it matches, positive-amount denies",
        ),
        # a requirement on what nothing allows
        (
            [rule("odd-one", "require", "!('support' in requester.roles)", require=LEADS)],
            "odd-one asks nobody: whenever it matches, requester-in-support denies",
        ),
        # a requirement that another one makes already
        (
            [
                rule("odd-one", "require", "customer.id == 'cus_x'", require=LEAD),
                rule("wide", "require", "customer.id in ['cus_x', 'cus_y']", require=LEADS),
            ],
            "odd-one asks for nothing new: whenever it matches, wide asks for at least as much",
        ),
    ],
)
def test_a_rule_that_never_matters_is_found(
    with_rule: Callable[..., tuple[str, ...]], rules: list[str], sentence: str
) -> None:
    (finding,) = with_rule(*rules)
    assert sentence in finding


@pytest.mark.parametrize(
    "rules",
    [
        # asks for more than the wide one
        [
            rule("narrow", "require", "customer.id == 'cus_x'", require=LEADS),
            rule("wide", "require", "customer.id in ['cus_x', 'cus_y']", require=LEAD),
        ],
        # another group
        [
            rule("narrow", "require", "customer.id == 'cus_x'", require="{veto: admins}"),
            rule("wide", "require", "customer.id in ['cus_x', 'cus_y']", require=LEADS),
        ],
        # the wide one escalates, so that the narrow one is stricter
        [
            rule("narrow", "require", "customer.id == 'cus_x'", require=LEADS),
            rule(
                "wide",
                "require",
                "customer.id in ['cus_x', 'cus_y']",
                require=LEADS[:-1] + ", escalate_to: admins, after_minutes: 5}",
            ),
        ],
        # overlaps without covering
        [
            rule("one", "deny", "customer.refunds_24h > 70 && customer.refunds_24h < 90"),
            rule("other", "deny", "customer.refunds_24h > 80 && customer.refunds_24h < 95"),
        ],
        # stops everything on purpose
        [rule("stop-everything", "deny")],
    ],
)
def test_rules_that_matter_are_left_alone(
    with_rule: Callable[..., tuple[str, ...]], rules: list[str]
) -> None:
    assert with_rule(*rules) == ()


def test_a_requirement_where_nothing_allows_is_found(amend: Amend) -> None:
    extra = rule("odd-one", "require", "payment.status == 'partly refunded'", require=LEADS)
    support = "\"'support' in requester.roles\""
    (finding,) = amend(
        (REFUNDS, support, support[:-1] + " && payment.status == 'paid'\""),
        (REFUNDS, REFUND_RULE, f"  - {extra}\n{REFUND_RULE}"),
    )
    assert "odd-one asks nobody: whenever it matches, no rule allows the step" in finding


def test_a_denial_that_always_matches_is_one_finding_and_no_cascade(amend: Amend) -> None:
    hours = "!(now.getHours('Europe/Berlin') >= 18 && now.getHours('Europe/Berlin') < 8)"
    (finding,) = amend((COMMON, "freezes.exists(freeze, now >= freeze.from && now < freeze.until)",
                        f"size(freezes) > 0 && {hours}"))  # fmt: skip
    assert "change-freeze always denies, so that nothing else about payments.refund" in finding


@pytest.mark.parametrize(
    ("operations", "is_found"),
    [
        ("orders.cancel, orders.change_address", True),
        ("orders.cancel, orders.change_address, orders.add_note", False),
    ],
)
def test_a_rule_of_many_operations_is_found_only_where_it_matters_for_none(
    folder: Path, checked: Callable[[], Checked], operations: str, is_found: bool
) -> None:
    """What is shipped is neither cancelled nor readdressed already; a note could be written."""
    wide = rule("wide", "deny", "order.status == 'shipped'")
    text = f"policy: wide\napplies_to: [{operations}]\nrules:\n  - {wide}\n"
    (folder / "policies" / "wide.yml").write_text(text)
    assert ["wide never matters" in str(finding) for finding in checked().findings] == (
        [True] if is_found else []
    )


def test_swapped_dates_are_found_where_they_stand(amend: Amend, folder: Path) -> None:
    one = "{from: 2026-12-31T22:00:00Z, until: 2027-01-01T06:00:00Z}"
    swapped = "{from: 2027-05-02T00:00:00Z, until: 2027-05-01T00:00:00Z}"
    (finding,) = amend((COMMON, one, f"{one}\n    - {swapped}"))
    place, _, message = finding.partition(": ")
    assert message == "item 2 of freezes can never match: from is not before until; swap the two"
    line = int(place.split(":")[1])
    assert swapped in (folder / COMMON).read_text().splitlines()[line - 1]


@pytest.mark.parametrize(
    ("conditions", "sentence"),
    [
        (
            (
                "now >= timestamp('2027-05-02T00:00:00Z')",
                "now < timestamp('2027-05-01T00:00:00Z')",
            ),
            "now would have to be after the later limit and before the earlier; swap the two",
        ),
        (
            ("now.getHours('Europe/Berlin') >= 18", "now.getHours('Europe/Berlin') < 8"),
            "hours from 18 and before 8 are none at all; swap the two, or ask for either with",
        ),
    ],
)
def test_limits_the_wrong_way_round_are_said_to_be_so(
    with_rule: Callable[..., tuple[str, ...]], conditions: tuple[str, ...], sentence: str
) -> None:
    (finding,) = with_rule(rule("odd-one", "deny", *conditions))
    assert f"odd-one can never match: {sentence}" in finding


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (COMMON, "may_ask: [support]", "may_ask: [support, suport]",
         "requester.roles is never 'suport'; the bundle has support, "),
        (COMMON, "channels: [support-ops]", "channels: [support-ops, suport-ops]",
         "request.channel is never 'suport-ops'; the bundle has support-ops, "),
        (REFUNDS, "\"'support' in requester.roles\"", "\"'suport' in requester.roles\"",
         "requester.roles is never 'suport'"),
        (NOTES, "approved_with_their_plan: [refund,", "approved_with_their_plan: [refnd, refund,",
         "workflow.name is never 'refnd'"),
        (REFUNDS, '"refund.amount_minor <= 0"', '"run.environment == \'staging\'"',
         "run.environment is never 'staging'; the bundle has sandbox, production"),
    ],
)  # fmt: skip
def test_a_name_that_the_bundle_does_not_have_is_found(
    amend: Amend, folder: Path, file: str, old: str, new: str, sentence: str
) -> None:
    (finding,) = amend((file, old, new))
    assert sentence in finding
    assert finding.startswith(f"{file}:")


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (REFUNDS, "      not above zero:",
         "      again: \"refund.amount_minor  <= 0\"\n      not above zero:",
         "positive-amount: `not above zero` is the same condition as `again`; remove one"),
        (REFUNDS, "  window: 90 days\n", "  window: 90 days\n  spare: 3\n",
         "no rule of this file speaks of spare; remove it, or use it"),
        (REFUNDS, "JPY: 15000, KRW: 150000, BHD: 100000", "JPY: 15000, BHD: 100000",
         "small has no KRW and large has; such a step is denied: add what is lacking"),
        (REFUNDS, "counters:\n", "counters:\n  idle: {per: [requester.id], window: 2 days}\n",
         "no rule speaks of idle.count or idle.sum_minor; remove it, or use it"),
    ],
)  # fmt: skip
def test_what_is_superfluous_or_lacking_is_found(
    amend: Amend, file: str, old: str, new: str, sentence: str
) -> None:
    (finding,) = amend((file, old, new))
    assert sentence in finding


@pytest.mark.parametrize(
    ("leads", "require", "sentence"),
    [
        ("{accounts: [U0LEE]}", LEADS, "it asks for 2 of support-leads, and bundle.yml lists 1"),
        ("{people: [lee]}", LEADS, "it asks for 2 of support-leads, and bundle.yml lists 1"),
        ("{accounts: [U0LEE]}", "{all_of: [support-leads, security], count: 1}",
         "it asks for 2 different people, and bundle.yml lists too few for it"),
        ("{accounts: [U0LEE, U0MIRA]}", LEADS, ""),
        ("{accounts: [U0LEE], includes: [admins]}", LEADS, ""),
    ],
)  # fmt: skip
def test_a_demand_that_nobody_can_meet_is_found(
    amend: Amend, leads: str, require: str, sentence: str
) -> None:
    accounts = "['slack:U0LEE', 'teams:7d1f0a52-0000-4000-8000-000000000d03']"
    people = f"people: {{lee: {{name: Lee, accounts: {accounts}}}}}\n"
    extra = rule("odd-one", "require", "customer.id == 'c'", require=require)
    found = amend(
        (
            BUNDLE,
            "support-leads: {group: support-leads}",
            f"support-leads: {leads}\n  security: {{people: [lee]}}",
        ),
        (BUNDLE, "roles:\n", f"{people}roles:\n"),
        (REFUNDS, REFUND_RULE, f"  - {extra}\n{REFUND_RULE}"),
    )
    assert len(found) == bool(sentence), found
    assert all(sentence in finding and "odd-one can never be met" in finding for finding in found)
