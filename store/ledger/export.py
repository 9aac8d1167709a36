"""Exports for auditors: JSON lines that verify by themselves, and CSV for spreadsheets.

A JSONL export is the leaves with the salts and texts of their parts, and a last line with the
head; `verify_lines` needs nothing else, except a checkpoint from outside to know that it is all.
"""

from __future__ import annotations

import base64
import csv
import io
import json
from collections.abc import Iterable, Iterator
from typing import TextIO

from sqlalchemy import Connection, text

from store.errors import LedgerError
from store.ledger import leaf, merkle
from store.ledger.checkpoint import Checkpoint
from store.model import canonical
from store.model.values import Json

PAGE_ENTRIES = 1_000  # read at a time, so that an export of any length fits in memory
CSV_COLUMNS = ("seq", "at", "kind", "run", "actor", "data", "sensitive")
# What spreadsheets take for a formula at the start of a cell (OWASP, CSV injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

_PAGE = text(
    "SELECT seq, leaf FROM ledger_entries WHERE seq > :after AND seq <= :until ORDER BY seq "
    "LIMIT :limit"
)
_BODIES = text(
    "SELECT seq, part, salt, body FROM ledger_bodies WHERE seq > :after AND seq <= :until "
    "ORDER BY seq, part"
)
_HEAD = text("SELECT size, root FROM ledger_head WHERE id = 1")


def lines(cx: Connection) -> Iterator[str]:
    """The whole ledger as JSON lines: {"leaf", "parts": {name: {"salt", "body"}}}, then {"head"}.

    `leaf` and `body` are canonical texts, salts and the root are base64. Erased parts are left out.
    """
    head = cx.execute(_HEAD).one()
    for leaf_text, parts in _entries(cx, head.size):
        shown = {
            part: {"salt": base64.b64encode(salt).decode(), "body": body}
            for part, (salt, body) in parts.items()
        }
        yield canonical.encode({"leaf": leaf_text, "parts": shown})
    root = base64.b64encode(bytes(head.root)).decode()
    yield canonical.encode({"head": {"size": head.size, "root": root}})


def verify_lines(exported: Iterable[str], checkpoint: Checkpoint | None = None) -> int:
    """The number of entries in an export that is whole. Raises LedgerError where it is not.

    With a checkpoint, the export's first entries must be the ones it signs.
    """
    frontier: list[bytes] = []
    size, last = 0, bytes(merkle.HASH_BYTES)
    anchored_root = merkle.EMPTY_ROOT
    head: Json = None
    for number, line in enumerate(exported, 1):
        found = _line(number, line)
        if head is not None:
            raise LedgerError(f"line {number} comes after the head, which is the last line")
        if "head" in found:
            head = found["head"]
            continue
        _check_line(number, found, size + 1, last)
        last = merkle.leaf_hash(found["leaf"].encode())
        merkle.extend(frontier, size, last)
        size += 1
        if checkpoint is not None and size == checkpoint.size:
            anchored_root = merkle.frontier_root(frontier)
    root = base64.b64encode(merkle.frontier_root(frontier)).decode()
    if head != {"size": size, "root": root}:
        raise LedgerError(f"the last line is not the head of the {size} entries before it")
    if checkpoint is not None and (size < checkpoint.size or anchored_root != checkpoint.root):
        raise LedgerError(f"these are not the {checkpoint.size} entries that the checkpoint signs")
    return size


def csv_lines(cx: Connection) -> Iterator[str]:
    """The whole ledger as CSV with a header; cells that a spreadsheet would run are quoted by '."""
    yield _csv_row(CSV_COLUMNS)
    for leaf_text, parts in _entries(cx, cx.execute(_HEAD).one().size):
        found = json.loads(leaf_text)
        sensitive = {
            part: json.loads(parts[part][1]) if part in parts else "erased"
            for part in found["sensitive"]
        }
        yield _csv_row(
            (
                str(found["seq"]),
                found["at"],
                found["kind"],
                found["run"],
                found["actor"],
                canonical.encode(found["data"]),
                canonical.encode(sensitive),
            )
        )


def to_jsonl(cx: Connection, file: TextIO) -> int:
    """Write `lines` to a file and return the number of entries."""
    return _write(lines(cx), file) - 1  # the last line is the head


def to_csv(cx: Connection, file: TextIO) -> int:
    """Write `csv_lines` to a file and return the number of entries."""
    return _write(csv_lines(cx), file) - 1  # the first line is the header


def _write(written: Iterable[str], file: TextIO) -> int:
    count = 0
    for line in written:
        file.write(f"{line}\n")
        count += 1
    return count


def _entries(cx: Connection, size: int) -> Iterator[tuple[str, dict[str, tuple[bytes, str]]]]:
    after = 0
    while rows := cx.execute(_PAGE, {"after": after, "until": size, "limit": PAGE_ENTRIES}).all():
        bodies: dict[int, dict[str, tuple[bytes, str]]] = {}
        for body in cx.execute(_BODIES, {"after": after, "until": rows[-1].seq}):
            bodies.setdefault(body.seq, {})[body.part] = (bytes(body.salt), body.body)
        for row in rows:
            yield row.leaf, bodies.get(row.seq, {})
        after = rows[-1].seq


def _line(number: int, line: str) -> dict[str, Json]:
    try:
        found = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise LedgerError(f"line {number} is not JSON") from error
    if not isinstance(found, dict) or found.keys() not in ({"head"}, {"leaf", "parts"}):
        raise LedgerError(f"line {number} is neither an entry nor the head")
    return found


def _check_line(number: int, found: dict[str, Json], seq: int, last: bytes) -> None:
    try:
        entry = json.loads(found["leaf"])
        is_canonical = canonical.encode(entry) == found["leaf"]
        committed = dict(entry["sensitive"])
        is_in_place = entry["seq"] == seq and entry["prev"] == last.hex()
        opened = {
            part: leaf.commitment(base64.b64decode(shown["salt"]), part, shown["body"])
            for part, shown in found["parts"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise LedgerError(f"line {number} is not an entry as it was exported") from error
    if not is_canonical or not is_in_place:
        raise LedgerError(f"line {number} is not entry {seq} after the one before: it was altered")
    for part, commitment in opened.items():
        if committed.get(part) != commitment:
            raise LedgerError(f"entry {seq}: its part {part!r} is not what was recorded")


def _csv_row(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="").writerow([_inert(cell) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    cell = cell.replace("\0", "")
    return f"'{cell}" if cell.lstrip(" ").startswith(FORMULA_STARTS) else cell
