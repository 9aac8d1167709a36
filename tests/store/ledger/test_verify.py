"""Whoever holds the file changes the ledger, and verification names what they did."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from store.database import Database
from store.errors import LedgerError
from store.ledger import append, merkle, redact
from store.ledger.checkpoint import Signer, open_signer, sign_head
from store.ledger.verify import Report, verify
from store.model import canonical
from store.model.entry import Entry, Kind

Attack = Callable[..., None]


@pytest.fixture
def signer(tmp_path: Path) -> Signer:
    return open_signer(tmp_path / "ledger.key", "assent")


def checked(db: Database, checkpoint: str | None = None, signer: Signer | None = None) -> Report:
    with db.read() as cx:
        return verify(cx, checkpoint, signer.public_key if signer else None)


def leaves(db: Database) -> list[str]:
    with db.read() as cx:
        return list(cx.execute(text("SELECT leaf FROM ledger_entries ORDER BY seq")).scalars())


def rebuilt(texts: list[dict[str, object]]) -> list[tuple[str, tuple[object, ...]]]:
    """Statements that replace the whole ledger by a consistent one: hashes, links and head."""
    statements: list[tuple[str, tuple[object, ...]]] = [("DELETE FROM ledger_entries", ())]
    last, frontier = bytes(32), []
    for index, found in enumerate(texts):
        leaf = canonical.encode(found | {"seq": index + 1, "prev": last.hex()})
        last = merkle.leaf_hash(leaf.encode())
        merkle.extend(frontier, index, last)
        statements.append(
            (
                "INSERT INTO ledger_entries (seq, leaf, hash) VALUES (?, ?, ?)",
                (index + 1, leaf, last),
            )
        )
    statements.append(
        (
            "UPDATE ledger_head SET size = ?, root = ?, last = ?, frontier = ?",
            (len(texts), merkle.frontier_root(frontier), last, b"".join(frontier)),
        )
    )
    return statements


def named(report: Report, seq: int | None, words: str) -> bool:
    return any(found.seq == seq and words in found.text for found in report.problems)


def test_untouched_ledger_is_whole(story: Database) -> None:
    report = checked(story)
    assert report.is_whole, str(report)
    assert report.entries == 6
    assert str(report) == "6 entries, 0 checkpoints: whole and unaltered"


def test_empty_ledger_is_whole(db: Database) -> None:
    assert checked(db).is_whole


def test_edited_entry_is_named(story: Database, attack: Attack) -> None:
    edited = leaves(story)[2].replace("4000", "9000")
    attack(("UPDATE ledger_entries SET leaf = ? WHERE seq = 3", (edited,)))
    report = checked(story)
    assert named(report, 3, "entry 3 (result of R-1001) was edited: its text no longer hashes to")
    assert {found.seq for found in report.problems} == {3, None}


def test_edited_entry_with_its_hash_recomputed_is_named(story: Database, attack: Attack) -> None:
    edited = leaves(story)[2].replace("4000", "9000")
    fitting = merkle.leaf_hash(edited.encode())
    attack(("UPDATE ledger_entries SET leaf = ?, hash = ? WHERE seq = 3", (edited, fitting)))
    report = checked(story)
    assert named(report, 4, "does not follow entry 3 (result of R-1001)")
    assert named(report, None, "Merkle root")


def test_entry_with_other_spacing_is_not_canonical(story: Database, attack: Attack) -> None:
    edited = json.dumps(json.loads(leaves(story)[2]))
    fitting = merkle.leaf_hash(edited.encode())
    attack(("UPDATE ledger_entries SET leaf = ?, hash = ? WHERE seq = 3", (edited, fitting)))
    assert named(checked(story), 3, "not the canonical text")


@pytest.mark.parametrize("leaf", ["null", "[]", "{}", "1", '{"v":1}', "[" * 500 + "]" * 500])
def test_entry_replaced_by_anything_is_named(story: Database, attack: Attack, leaf: str) -> None:
    attack(("UPDATE ledger_entries SET leaf = ? WHERE seq = 3", (leaf,)))
    assert named(checked(story), 3, "entry 3 was edited: its text is not the canonical text")


def test_edited_words_are_named(story: Database, attack: Attack) -> None:
    attack(("UPDATE ledger_bodies SET body = ? WHERE seq = 4", ('"refund everything"',)))
    report = checked(story)
    assert named(report, 4, "entry 4 (request of R-1002) was edited: its part 'text'")
    assert len(report.problems) == 1


def test_words_removed_without_a_redaction_are_named(story: Database, attack: Attack) -> None:
    attack(("DELETE FROM ledger_bodies WHERE seq = 4", ()))
    assert named(checked(story), 4, "lacks its part 'text', and no redaction entry says why")


def test_words_added_to_an_entry_are_named(story: Database, attack: Attack) -> None:
    attack(
        (
            "INSERT INTO ledger_bodies (seq, part, salt, body) VALUES (3, 'text', ?, '\"x\"')",
            (bytes(32),),
        )
    )
    assert named(checked(story), 3, "has a part 'text' that it never had")


def test_removed_entry_is_named(story: Database, attack: Attack) -> None:
    attack(("DELETE FROM ledger_entries WHERE seq = 3", ()))
    report = checked(story)
    assert named(report, 3, "entry 3 was removed: after entry 2 (decision of R-1001) comes entry 4")


def test_removed_and_renumbered_entries_are_named(story: Database, attack: Attack) -> None:
    attack(
        ("DELETE FROM ledger_entries WHERE seq = 3", ()),
        *(("UPDATE ledger_entries SET seq = ? WHERE seq = ?", (n - 1, n)) for n in (4, 5, 6)),
    )
    report = checked(story)
    assert named(report, 3, "was moved or renumbered: it was recorded as entry 4")
    assert named(report, None, "the head says 6 entries, and there are 5")


def test_swapped_entries_are_both_named(story: Database, attack: Attack) -> None:
    attack(
        ("UPDATE ledger_entries SET seq = 99 WHERE seq = 2", ()),
        ("UPDATE ledger_entries SET seq = 2 WHERE seq = 3", ()),
        ("UPDATE ledger_entries SET seq = 3 WHERE seq = 99", ()),
    )
    report = checked(story)
    assert named(report, 2, "it was recorded as entry 3")
    assert named(report, 3, "it was recorded as entry 2")


def test_cut_tail_with_the_old_head_is_named(story: Database, attack: Attack) -> None:
    attack(("DELETE FROM ledger_entries WHERE seq > 4", ()))
    assert named(checked(story), None, "the head says 6 entries, and there are 4: 2 were removed")


def test_cut_tail_with_a_rebuilt_head_is_caught_by_an_outside_checkpoint(
    story: Database, attack: Attack, signer: Signer
) -> None:
    with story.begin() as tx:
        anchored = sign_head(tx, signer)
    attack(
        ("DELETE FROM ledger_checkpoints", ()),
        *rebuilt([json.loads(found) for found in leaves(story)[:4]]),
        ("DELETE FROM ledger_bodies WHERE seq > 4", ()),
    )
    assert checked(story).is_whole  # nothing inside the database tells
    assert named(
        checked(story, anchored, signer), None, "signs 6 entries, and there are 4: entries 5 to 6"
    )


def test_fork_is_caught_by_an_outside_checkpoint(
    story: Database, attack: Attack, signer: Signer
) -> None:
    with story.begin() as tx:
        anchored = sign_head(tx, signer)
    other = [json.loads(found) for found in leaves(story)]
    other[2]["data"]["amount_minor"] = 9000
    attack(("DELETE FROM ledger_checkpoints", ()), *rebuilt(other))
    assert checked(story).is_whole
    assert named(checked(story, anchored, signer), None, "from outside signs other entries")


def test_fork_is_caught_by_a_checkpoint_left_beside_it(
    story: Database, attack: Attack, signer: Signer
) -> None:
    with story.begin() as tx:
        sign_head(tx, signer)
    other = [json.loads(found) for found in leaves(story)]
    other[2]["data"]["amount_minor"] = 9000
    attack(*rebuilt(other))
    report = checked(story, None, signer)
    assert named(report, None, "the checkpoint kept signs other entries")


def test_signer_refuses_a_fork_and_a_restored_backup(
    story: Database, attack: Attack, signer: Signer
) -> None:
    with story.begin() as tx:
        anchored = sign_head(tx, signer)
    original = [json.loads(found) for found in leaves(story)]
    forked = [*original[:5], original[5] | {"actor": "P-9"}]
    attack(("DELETE FROM ledger_checkpoints", ()), *rebuilt(forked))
    with pytest.raises(LedgerError, match="fork"), story.begin() as tx:
        sign_head(tx, signer, anchored)
    attack(*rebuilt(original[:4]))
    with pytest.raises(LedgerError, match="restored backup"), story.begin() as tx:
        sign_head(tx, signer, anchored)


def test_later_entries_leave_an_anchored_checkpoint_true(
    story: Database, signer: Signer, now: datetime
) -> None:
    with story.begin() as tx:
        anchored = sign_head(tx, signer)
        assert sign_head(tx, signer, anchored) == anchored
    with story.begin() as tx:
        append(tx, Entry(kind=Kind.SUMMARY, run_id="R-1002", actor="assent", data={}), now)
    report = checked(story, anchored, signer)
    assert report.is_whole, str(report)
    assert "the first 6 entries as anchored outside" in str(report)


def test_edited_head_is_named(story: Database, attack: Attack) -> None:
    attack(("UPDATE ledger_head SET root = ?", (bytes(32),)))
    assert named(checked(story), None, "Merkle root")
    attack(("DELETE FROM ledger_head", ()))
    assert named(checked(story), None, "head is missing")


def test_redacted_words_are_gone_and_the_ledger_stays_whole(
    url: str, story: Database, now: datetime
) -> None:
    with story.begin() as tx:
        assert redact(tx, 4, "text", "asked by the customer", "P-1002", now) == 7
    report = checked(story)
    assert report.is_whole, str(report)
    assert report.redactions == 1
    with pytest.raises(LedgerError, match="erased already"), story.begin() as tx:
        redact(tx, 4, "text", "again", "P-1002", now)
    if url.startswith("sqlite"):
        story.close()
        kept = Path(url.removeprefix("sqlite:///")).read_bytes()
        assert b"refund order 1" in kept
        assert b"refund order 2" not in kept


def test_many_problems_stay_a_short_report(db: Database, attack: Attack, now: datetime) -> None:
    from store.ledger import append_many

    with db.begin() as tx:
        entry = Entry(kind=Kind.READ, run_id="R-1", actor="assent", data={"n": 1})
        append_many(tx, [entry] * 1500, now)
    attack(("UPDATE ledger_entries SET hash = ?", (bytes(32),)))
    report = checked(db)
    assert report.entries == 1500
    assert len(report.problems) <= 50
