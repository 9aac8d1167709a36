"""Every attack that the product must hold against, and the test that makes it. An attack without a
test fails here, and so does a test that has gone."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent

AMOUNTS = {
    "nothing, and less than nothing": "test_zero_and_negative_amounts",
    "the same in words": "test_zero_and_negative_amounts_in_words",
    "a unit either side of every limit": "test_one_either_side_of_each_threshold",
    "a limit in thousandths": "test_one_either_side_of_a_threshold_of_three_decimals",
    "a unit more than there is": "test_one_over_what_can_be_refunded",
    "not a number, infinity, a float, a truth, a text": "test_what_is_no_integer",
    "the same in words, hexadecimal included": "test_what_is_no_integer_in_words",
    "2**63 and its neighbours": "test_integers_beyond_what_is_exact",
    "a sum that overflows": "test_a_sum_that_overflows",
    "an amount in another currency than the payment": "test_another_currency_than_the_payments",
    "a currency that nobody knows": "test_an_unknown_currency",
    "a currency in small or foreign letters": "test_a_currency_in_mixed_case_or_look_alikes",
    "a currency without decimals": "test_a_currency_without_decimals",
    "a currency with three decimals": "test_a_currency_with_three_decimals",
}
SPLITTING = {
    "many small requests": "test_many_small_ones",
    "many small steps": "test_many_small_steps_of_one_plan",
    "several requesters": "test_across_requesters",
    "several customers": "test_across_customers",
    "several channels": "test_across_channels",
    "several workspaces": "test_across_workspaces",
    "just before and after the window has rolled on": "test_the_edge_of_the_rolling_day",
    "two at once that read one counter": "test_two_at_once_that_read_the_same_counter",
    "refund, cancel, refund again": "test_refund_cancel_refund",
}
APPROVERS = {
    "the requester": "test_oneself",
    "the requester by another account": "test_oneself_through_an_alias",
    "one human on two surfaces": "test_one_human_on_slack_and_on_teams",
    "an account that is linked to nobody": "test_an_account_that_nobody_is_known_behind",
    "one human in two roles": "test_one_human_who_fills_two_roles",
    "a bot, a guest, a deactivated account": (
        "test_a_bot_a_guest_somebody_who_left_and_a_stranger"
    ),
    "the same by Slack's own signed clicks": "test_a_signed_click_of_who_may_not",
    "a delegate of the requester": "test_a_delegate_of_the_requester",
    "a delegate who asks": "test_a_delegate_does_not_ask_with_what_was_lent",
    "a delegate of who lost the role": "test_a_delegate_whose_absent_person_lost_the_role",
    "a delegate beside the absent person": (
        "test_a_delegate_and_the_absent_person_are_two_votes_of_one_mandate"
    ),
    "an account that somebody else has by now": "test_a_reused_account",
    "groups that include each other": "test_nested_groups_with_a_cycle",
    "more approvers than there are": "test_more_approvers_than_exist",
    "an approval that is taken back": "test_approve_then_revoke",
    "somebody else's approval taken back, or too late": (
        "test_revoke_somebody_elses_and_revoke_too_late"
    ),
}
TEXT = {
    "a group by its look: homoglyphs, forms, zero width, case": (
        "test_a_group_that_looks_like_the_approvers"
    ),
    "a group that may ask, by its look": "test_a_group_that_looks_like_those_who_may_ask",
    "somebody else's name": "test_a_person_with_anothers_name",
    "a record's number by its look": "test_an_order_that_looks_like_another",
    "names in a bundle by their look": "test_a_bundle_with_look_alikes",
    "a group made in Slack": "test_a_user_group_that_looks_like_the_approvers_over_the_wire",
}
TIME = {
    "both ends of a window": "test_both_edges_of_a_freeze",
    "hours that are skipped or come twice": "test_the_hours_that_clocks_skip_and_repeat",
    "a time without a zone": "test_a_time_without_a_zone",
    "weekends, which begin elsewhere earlier": "test_a_weekend_is_that_of_the_place",
    "a read in the future": "test_a_read_in_the_future",
    "a read too long ago": "test_a_read_that_is_too_old",
    "an approval from the future or the past": "test_a_click_that_says_it_was_at_another_time",
    "an approval too late": "test_an_approval_that_comes_too_late",
    "approved within a window, executed after it": (
        "test_approved_inside_the_window_and_executed_outside_of_it"
    ),
}
STATE = {
    "a record that changed": "test_a_stale_before_state",
    "too little left by now": "test_partly_refunded_meanwhile_so_that_too_little_is_left",
    "other values after an approval": "test_parameters_that_are_edited_after_an_approval",
    "an approver who sets the values": "test_an_approver_who_edits_the_amount_approves_it_alone",
    "other values by the back door": (
        "test_parameters_that_are_edited_in_the_store_after_an_approval"
    ),
    "an approval of another plan": "test_an_approval_replayed_on_another_plan",
    "another card's approval, signed by Slack": "test_a_click_with_the_digest_of_another_card",
    "a double click": "test_a_double_click",
    "a double click in Slack": "test_a_double_click_over_the_wire",
    "a second try after silence": "test_a_retry_after_a_time_out",
    "a click that Slack did not make": "test_a_forged_click",
    "a click made again at once": "test_a_click_that_is_replayed_at_once",
    "a click made again later": "test_a_click_that_was_recorded_and_is_replayed_later",
}
DRIFT = {
    "an approver's role is gone": "test_a_role_that_an_approver_lost_after_approving",
    "an approver's role came later": "test_a_role_that_an_approver_got_after_approving",
    "the requester's group is gone": "test_a_requester_who_lost_the_group",
    "the policy is stricter by now": "test_a_policy_that_became_stricter_after_the_approval",
    "the policy is looser by now": "test_a_policy_that_became_looser_after_the_approval",
    "the policy forbids by now": "test_a_policy_that_forbids_by_now",
    "the policy's files are gone": "test_policy_files_that_are_gone",
    "an older policy is back": "test_a_roll_back_to_an_older_version",
}
MISSING_DATA = {
    "each fact left out": "test_each_fact_dropped_in_turn",
    "each fact empty": "test_each_fact_null",
    "a fact more": "test_a_fact_too_many",
    "groups without members": "test_groups_without_anybody",
    "no directory while planning": "test_a_directory_that_is_away_when_it_is_planned",
    "no directory at the click": "test_a_directory_that_is_away_when_somebody_approves",
    "no directory before the write": "test_a_directory_that_is_away_when_it_is_executed",
    "no counters": "test_a_counter_store_that_is_down",
    "no system": "test_a_system_that_does_not_answer",
    "facts that are told otherwise later": "test_facts_are_what_the_card_says",
}
POLICY_FILES = {
    "a slip in a denial, twice the same, bombs, tags, depth, zones, counts": "test_an_edit",
    "an empty file, a requirement that grants": "test_a_file",
    "a comprehension that never ends": "test_a_comprehension_bomb",
    "half a file": "test_a_deny_rule_that_was_taken_out_is_an_edit_and_never_half_of_one",
    "a known key where it does not belong": "test_a_known_key_in_a_wrong_place",
}
ROUTING = {
    "production behind a sandbox's label": "test_a_sandbox_label_on_production_credentials",
    "a connection of another environment": "test_a_connection_of_another_environment",
    "the same write by another workflow": "test_the_same_operation_through_another_workflow",
    "the same write by another connector": "test_the_same_operation_through_another_connector",
    "an operation that nobody has": "test_an_unknown_operation",
    "a large item among small ones": "test_a_plan_hiding_one_large_item",
    "a large request among small ones": "test_a_review_of_many_hiding_one_large_item",
    "a direct message": "test_a_direct_message",
    "a direct message in Slack": "test_a_request_in_a_direct_message",
    "a channel of others": "test_a_channel_that_is_not_listed",
    "a channel of others in Slack": "test_a_request_in_a_channel_that_is_not_listed",
    "a stranger in a shared channel": "test_a_stranger_in_a_shared_channel",
    "a workflow that promotes itself": "test_a_workflow_that_raises_its_own_autonomy",
    "and its environment with it": "test_a_workflow_that_raises_the_level_of_its_environment",
}
CATALOGUE = {
    "test_amounts.py": AMOUNTS,
    "test_splitting.py": SPLITTING,
    "test_approvers.py": APPROVERS,
    "test_text.py": TEXT,
    "test_time.py": TIME,
    "test_state.py": STATE,
    "test_drift.py": DRIFT,
    "test_missing_data.py": MISSING_DATA,
    "test_policy_files.py": POLICY_FILES,
    "test_routing.py": ROUTING,
}
WIRE = "test_over_the_wire.py"  # of every paragraph, what the surface matters for
KINDS = {  # the items of paragraphs whose tests go over many
    "test_policy_files.py": (
        "typo-in-a-deny-rule", "duplicate-id", "duplicate-key", "alias-bomb", "yaml-tag",
        "deep-nesting", "deep-condition", "comprehension-bomb", "bad-time-zone",
        "require-that-grants", "count-zero", "empty-file",
    ),
    "test_text.py": (
        "homoglyph", "composed-and-decomposed", "compatibility-form", "zero-width", "case",
    ),
    "test_amounts.py": ("zero", "negative", "nan", "inf", "float", "bool", "string"),
    WIRE: ("a-guest", "a-stranger-of-a-shared-channel", "somebody-who-left", "a-bot", "nobody"),
}  # fmt: skip


def named_in(file: str) -> set[str]:
    tree = ast.parse((FOLDER / file).read_text())
    found = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    return {name for name in found if name.startswith("test_")}


def texts_of(file: str) -> set[str]:
    tree = ast.parse((FOLDER / file).read_text())
    return {str(node.value) for node in ast.walk(tree) if isinstance(node, ast.Constant)}


@pytest.mark.parametrize("file", CATALOGUE)
def test_every_attack_has_its_test(file: str) -> None:
    known = named_in(file) | named_in(WIRE)
    missing = {attack: test for attack, test in CATALOGUE[file].items() if test not in known}
    assert not missing


@pytest.mark.parametrize("file", CATALOGUE)
def test_every_test_is_an_attack_of_the_catalogue(file: str) -> None:
    assert named_in(file) <= set(CATALOGUE[file].values())


def test_every_test_over_the_wire_is_an_attack_of_the_catalogue() -> None:
    named = {test for attacks in CATALOGUE.values() for test in attacks.values()}
    assert named_in(WIRE) <= named


@pytest.mark.parametrize("file", KINDS)
def test_every_kind_is_among_those_that_a_test_goes_over(file: str) -> None:
    assert set(KINDS[file]) <= texts_of(file)
