"""Policy files: whatever is wrong in an edited one, the running bundle stays, and it is said where.

The same files are refused one by one in tests/policies; here a bot is running on the earlier one.
"""

from __future__ import annotations

import time
from typing import Any

import pytest

from store.model.run import Status
from tests.bot.attacks.witness import SMALL, edited

pytestmark = pytest.mark.slow  # each is fast, all together are not

REFUNDS = "policies/refunds.yml"
RULE = "  - id: positive-amount\n    effect: deny"
ALLOW_ALL = """policy: open-doors
applies_to: [payments.refund]
rules:
  - id: anything
    effect: {effect}
    {more}
    because: "anything goes"
"""
BOMB = "&a [x, x, x, x, x, x, x, x, x]"
ALIASES = "\n".join(
    f"  {chr(98 + n)}: &{chr(98 + n)} [{', '.join([f'*{chr(97 + n)}'] * 9)}]" for n in range(8)
)
EDITS = {
    "typo-in-a-deny-rule": (REFUNDS, "refund.amount_minor <= 0", "refund.amuont_minor <= 0"),
    "typo-in-an-effect": (REFUNDS, RULE, RULE.replace("deny", "denny")),
    "typo-in-a-key": (REFUNDS, RULE, RULE.replace("effect", "efect")),
    "typo-in-a-constant": (REFUNDS, "in refundable_statuses", "in refundable_states"),
    "duplicate-id": (REFUNDS, "  - id: known-currency", "  - id: positive-amount"),
    "duplicate-key": (REFUNDS, RULE, f"{RULE}\n    effect: allow"),
    "alias-bomb": (REFUNDS, "values:\n", f"values:\n  a: {BOMB}\n{ALIASES}\n"),
    "yaml-tag": (REFUNDS, "policy: refunds", "policy: !!python/object/apply:os.system [id]"),
    "deep-nesting": (REFUNDS, "values:\n", f"values:\n  deep: {'[' * 60}{']' * 60}\n"),
    "deep-condition": (
        REFUNDS,
        '"refund.amount_minor <= 0"',
        f'"{"(" * 200}refund.amount_minor <= 0{")" * 200}"',
    ),
    "bad-time-zone": ("bundle.yml", "New_York\n  at:", "New_Amsterdam\n  at:"),
    "bad-time-zone-in-a-condition": (
        REFUNDS,
        '"order.placed_at > now"',
        "\"order.placed_at > now || now.getHours('Mars/Olympus') == 1\"",
    ),
    "count-zero": (REFUNDS, "count: 1}]", "count: 0}]"),
    "count-negative": (REFUNDS, "count: 1}]", "count: -1}]"),
    "count-text": (REFUNDS, "count: 1}]", 'count: "1"}]'),
    "nobody-to-ask": (REFUNDS, "require: [{role: support-leads, count: 1}]", "require: []"),
    "a-role-that-is-not-there": (REFUNDS, "role: support-leads, c", "role: suport-leads, c"),
}  # fmt: skip
FILES = {
    "empty-file": "",
    "only-a-comment": "# nothing\n",
    "a-list": "- policy: refunds\n",
    "not-utf-8": b"policy: \xff\xfe\n",
    "zero-bytes": b"\0" * 64,
    "require-that-grants": ALLOW_ALL.format(
        effect="require", more="require: [{role: support-leads, count: 1, effect: allow}]"
    ),
    "require-without-anybody": ALLOW_ALL.format(effect="require", more="all: {always: 'true'}"),
    "allow-that-requires": ALLOW_ALL.format(
        effect="allow", more="require: [{role: support-leads, count: 1}]"
    ),
    "comprehension-bomb": ALLOW_ALL.format(
        effect="allow",
        more="all: {bomb: '" + "requester.roles.all(a, " * 9 + "true" + ")" * 9 + "'}",
    ).replace("requester.roles.all(a, ", "[1,2,3,4,5,6,7,8,9].all(x, "),
}


@pytest.mark.parametrize("what", EDITS)
def test_an_edit(watched: Any, what: str) -> None:
    before = watched.world.assent.catalogue()
    file, old, new = EDITS[what]
    watched.edit((file, old, new))
    assert f"{file}:" in watched.refusal, watched.refusal
    assert watched.world.assent.catalogue() is before
    goes_on_as_before(watched)


@pytest.mark.parametrize("what", [name for name in FILES if name != "comprehension-bomb"])
def test_a_file(watched: Any, what: str) -> None:
    before = watched.world.assent.catalogue()
    content = FILES[what]
    file = REFUNDS if what in {"empty-file", "only-a-comment", "a-list"} else "policies/new.yml"
    data = content if isinstance(content, bytes) else content.encode()
    (watched.folder / file).write_bytes(data)
    watched.look()
    assert file in watched.refusal, watched.refusal
    assert watched.world.assent.catalogue() is before
    goes_on_as_before(watched)


def test_a_comprehension_bomb(watched: Any) -> None:
    """Refused when it is loaded, or denied within a second when it is judged: never granted."""
    content = FILES["comprehension-bomb"]
    assert isinstance(content, str)
    (watched.folder / "policies/new.yml").write_text(content)
    watched.look()
    started = time.monotonic()
    run = watched.world.ask(SMALL)
    assert time.monotonic() - started < 5
    if watched.refusal:
        assert "new.yml" in watched.refusal
        assert watched.witness.needs(run) == {("support-leads", 1)}
        watched.witness.nothing_was_written()
    else:
        watched.witness.turned_down(run)


def test_a_deny_rule_that_was_taken_out_is_an_edit_and_never_half_of_one(watched: Any) -> None:
    """Taking a rule away is an admin's right. Half a file is nobody's wish: it is not loaded."""
    path = watched.folder / REFUNDS
    whole = path.read_text()
    for share in (3, 5, 7, 9):
        path.write_text(whole[: len(whole) * share // 10])
        watched._reloader.look()
        assert told(watched) == before_of(whole)
    path.write_text(whole)
    watched.look()
    goes_on_as_before(watched)


def told(watched: Any) -> int:
    policies = watched.world.assent.catalogue().bundle.policies
    return next(len(p.file.rules) for p in policies if p.file.policy == "refunds")


def before_of(text: str) -> int:
    return text.partition("\ngiven:")[0].count("\n  - id: ")


def goes_on_as_before(watched: Any) -> None:
    """Requests are decided as before the edit, and a corrected one comes into force."""
    run = watched.world.ask(SMALL)
    assert watched.witness.needs(run) == {("support-leads", 1)}
    watched.witness.nothing_was_written()
    assert watched.world.approve(run, "lead").status is Status.APPLIED
    assert edited(watched.folder) == watched.folder


@pytest.mark.parametrize("key", ["effect", "policy", "rules", "applies_to", "values", "expect"])
@pytest.mark.parametrize("file", ["common", "refunds", "orders", "addresses"])
def test_a_known_key_in_a_wrong_place(watched: Any, file: str, key: str) -> None:
    """A whole file of denials must never be left out without a word."""
    before = watched.world.assent.catalogue()
    watched.edit((f"policies/{file}.yml", "    because:", f"    {key}: allow\n    because:"))
    assert f"policies/{file}.yml:" in watched.refusal
    assert watched.world.assent.catalogue() is before
