"""Exports verify without the database, and open in a spreadsheet without running anything."""

from __future__ import annotations

import base64
import csv
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from store.database import Database
from store.errors import LedgerError
from store.ledger import append, merkle, redact
from store.ledger.checkpoint import Signer, open_note, sign_head
from store.ledger.export import csv_lines, lines, to_csv, to_jsonl, verify_lines
from store.model.entry import Entry, Kind


def exported(db: Database) -> list[str]:
    with db.read() as cx:
        return list(lines(cx))


def test_export_verifies_by_itself_and_against_a_checkpoint(story: Database, now: datetime) -> None:
    signer = Signer("assent", Ed25519PrivateKey.generate())
    with story.begin() as tx:
        checkpoint = open_note(sign_head(tx, signer), "assent", signer.public_key)
    with story.begin() as tx:
        redact(tx, 4, "text", "asked for", "P-1", now)
    whole = exported(story)
    assert verify_lines(whole) == 7
    assert verify_lines(whole, checkpoint) == 7
    assert not any("refund order 2" in line for line in whole)


def test_empty_export_is_whole(db: Database) -> None:
    assert verify_lines(exported(db)) == 0


@pytest.mark.parametrize(
    "change",
    [
        lambda found: [],
        lambda found: found[:-1],
        lambda found: found[1:],
        lambda found: found[:2] + found[3:],
        lambda found: [found[1], found[0], *found[2:]],
        lambda found: [*found, found[-1]],
        lambda found: [line.replace("4000", "9000") for line in found],
        lambda found: [line.replace("refund order 1", "refund order 9") for line in found],
        lambda found: ["[]", *found[1:]],
        lambda found: ['{"leaf": 1, "parts": 2}', *found[1:]],
        lambda found: ["{" * 100, *found[1:]],
    ],
)
def test_altered_export_is_refused(
    story: Database, change: Callable[[list[str]], list[str]]
) -> None:
    with pytest.raises(LedgerError):
        verify_lines(change(exported(story)))


def test_cut_export_with_a_fitting_head_needs_the_checkpoint(
    story: Database, now: datetime
) -> None:
    short = exported(story)
    with story.begin() as tx:
        append(tx, Entry(kind=Kind.SUMMARY, run_id="R-1", actor="assent", data={}), now)
    signer = Signer("assent", Ed25519PrivateKey.generate())
    with story.begin() as tx:
        checkpoint = open_note(sign_head(tx, signer), "assent", signer.public_key)
    assert verify_lines(short) == 6
    with pytest.raises(LedgerError, match="not the 7 entries"):
        verify_lines(short, checkpoint)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "＝"])
def test_spreadsheet_runs_nothing(db: Database, now: datetime, start: str) -> None:
    hostile = f'{start}HYPERLINK("http://evil")\0'
    with db.begin() as tx:
        entry = Entry(kind=Kind.READ, run_id="", actor=hostile, data={"x": hostile})
        append(tx, entry, now)
    with db.read() as cx:
        header, row = list(csv.reader(csv_lines(cx)))
    cells = dict(zip(header, row, strict=True))
    assert cells["actor"].startswith("'")
    assert json.loads(cells["data"])["x"] == hostile
    assert cells["at"].startswith("2026-11-21T12:41:07.123456Z")


def test_renumbered_export_with_a_fitting_head_is_refused(db: Database, now: datetime) -> None:
    with db.begin() as tx:
        append(tx, Entry(kind=Kind.READ, run_id="", actor="assent", data={}), now)
    entry, head = (json.loads(line) for line in exported(db))
    entry["leaf"] = entry["leaf"].replace('"seq":1', '"seq":2')
    root = base64.b64encode(merkle.root([merkle.leaf_hash(entry["leaf"].encode())])).decode()
    head["head"]["root"] = root
    with pytest.raises(LedgerError, match="line 1 is not entry 1"):
        verify_lines([json.dumps(entry), json.dumps(head)])


def test_files_hold_what_was_counted(story: Database, tmp_path: Path) -> None:
    with story.read() as cx:
        with (tmp_path / "a.jsonl").open("w", encoding="utf-8") as file:
            assert to_jsonl(cx, file) == 6
        with (tmp_path / "a.csv").open("w", encoding="utf-8") as file:
            assert to_csv(cx, file) == 6
    assert verify_lines((tmp_path / "a.jsonl").read_text("utf-8").splitlines()) == 6
    assert len((tmp_path / "a.csv").read_text("utf-8").splitlines()) == 7
