"""Verifying the whole ledger, and naming what does not hold.

Every entry is read once, in order: its number, its canonical text, its hash, its link to the entry
before, its sensitive parts. The Merkle tree is built anew from the texts, and compared with the
head and with every signed checkpoint.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from sqlalchemy import Connection, Row, text

from store.errors import LedgerError
from store.ledger import leaf, merkle
from store.ledger.checkpoint import Checkpoint, open_note
from store.model import canonical
from store.model.values import Json

PROBLEMS_MAX = 50  # named in a report; one rebuilt stretch may have as many as it has entries
PAGE_ENTRIES = 1_000  # read at a time, so that a ledger of any length fits in memory

_PAGE = text(
    "SELECT seq, leaf, hash FROM ledger_entries WHERE seq > :after ORDER BY seq LIMIT :limit"
)
_BODIES = text(
    "SELECT seq, part, salt, body FROM ledger_bodies WHERE seq > :after AND seq <= :until "
    "ORDER BY seq, part"
)
_STRAY_BODIES = text(
    "SELECT b.seq, b.part FROM ledger_bodies b LEFT JOIN ledger_entries e ON e.seq = b.seq "
    "WHERE e.seq IS NULL ORDER BY b.seq, b.part LIMIT :limit"
)
_HEAD = text("SELECT size, root FROM ledger_head WHERE id = 1")
_CHECKPOINTS = text("SELECT size, note FROM ledger_checkpoints ORDER BY size")


@dataclass(frozen=True)
class Problem:
    """One thing that does not hold; `seq` is the entry it names, None for the ledger as a whole."""

    seq: int | None
    text: str


@dataclass(frozen=True)
class Report:
    """What a verification found. Without problems the ledger is whole and unaltered."""

    entries: int
    checkpoints: int
    redactions: int
    anchored_size: int | None
    problems: tuple[Problem, ...]

    @property
    def is_whole(self) -> bool:
        return not self.problems

    def __str__(self) -> str:
        noun = "checkpoint" if self.checkpoints == 1 else "checkpoints"
        counted = f"{self.entries:,} entries, {self.checkpoints:,} {noun}"
        if self.anchored_size is not None:
            counted += f", the first {self.anchored_size:,} entries as anchored outside"
        if self.is_whole:
            return f"{counted}: whole and unaltered"
        return "\n".join([f"{counted}: NOT WHOLE", *(f"  {found.text}" for found in self.problems)])


@dataclass
class _Walk:
    """What the walk over the entries carries along."""

    problems: list[Problem] = field(default_factory=list)
    frontier: list[bytes] = field(default_factory=list)
    size: int = 0
    last: bytes = bytes(merkle.HASH_BYTES)
    last_name: str = "the beginning"
    roots: dict[int, bytes] = field(default_factory=dict)
    erased: dict[tuple[int, str], str] = field(default_factory=dict)
    redacted: set[tuple[int, str]] = field(default_factory=set)

    def report(self, seq: int | None, problem: str) -> None:
        if len(self.problems) < PROBLEMS_MAX:
            self.problems.append(Problem(seq, problem))


def verify(
    cx: Connection,
    checkpoint: str | None = None,
    public_key: Ed25519PublicKey | None = None,
    origin: str = "assent",
) -> Report:
    """Verify everything. `checkpoint` is one that was kept outside, and needs `public_key`.

    Without an outside checkpoint a ledger that was rebuilt from some entry on, its head and hashes
    included, cannot be told from a true one. Raises LedgerError for a checkpoint that this key did
    not sign as `origin`.
    """
    anchored = None
    if checkpoint is not None:
        if public_key is None:
            raise LedgerError("a checkpoint is verified with a public key; give it, too")
        anchored = open_note(checkpoint, origin, public_key)
    walk = _Walk()
    kept = tuple(_kept(cx, walk, public_key, origin))
    wanted = {known.size for known in kept} | ({anchored.size} if anchored else set())
    _walk_entries(cx, walk, wanted)
    _check_bodies(cx, walk)
    _check_head(cx, walk)
    for known in kept:
        _check_checkpoint(walk, known, "the checkpoint kept")
    if anchored is not None:
        _check_checkpoint(walk, anchored, "the checkpoint from outside")
    return Report(
        entries=walk.size,
        checkpoints=len(kept),
        redactions=len(walk.redacted),
        anchored_size=anchored.size if anchored else None,
        problems=tuple(walk.problems),
    )


def _kept(
    cx: Connection, walk: _Walk, public_key: Ed25519PublicKey | None, origin: str
) -> Iterator[Checkpoint]:
    """The checkpoints beside the ledger, as far as their signatures can be verified."""
    if public_key is None:
        return
    for row in cx.execute(_CHECKPOINTS):
        try:
            known = open_note(row.note, origin, public_key)
        except LedgerError as error:
            walk.report(None, f"the checkpoint kept at {row.size} entries was altered: {error}")
            continue
        if known.size != row.size:
            walk.report(None, f"the checkpoint kept at {row.size} entries is of {known.size}")
        yield known


def _walk_entries(cx: Connection, walk: _Walk, wanted: set[int]) -> None:
    if 0 in wanted:
        walk.roots[0] = merkle.EMPTY_ROOT
    expected = 1
    for rows, bodies in _pages(cx):
        for row in rows:
            if row.seq != expected:
                walk.report(expected, _gap(expected, row.seq, walk.last_name))
            _check_entry(walk, row, bodies.get(row.seq, {}))
            expected = row.seq + 1
            if walk.size in wanted:
                walk.roots[walk.size] = merkle.frontier_root(walk.frontier)


def _gap(expected: int, found: int, after: str) -> str:
    if found < expected:
        return f"entry {found} stands where entry {expected} should: the numbers were changed"
    removed = (
        f"entry {expected} was removed"
        if found == expected + 1
        else f"entries {expected} to {found - 1} were removed"
    )
    return f"{removed}: after {after} comes entry {found}"


def _pages(
    cx: Connection,
) -> Iterator[tuple[list[Row[tuple[object, ...]]], dict[int, dict[str, tuple[bytes, str]]]]]:
    """Entries a page at a time, each page with its bodies."""
    after = -(2**62)
    while rows := list(cx.execute(_PAGE, {"after": after, "limit": PAGE_ENTRIES})):
        bodies: dict[int, dict[str, tuple[bytes, str]]] = {}
        for body in cx.execute(_BODIES, {"after": after, "until": rows[-1].seq}):
            bodies.setdefault(body.seq, {})[body.part] = (bytes(body.salt), body.body)
        yield rows, bodies
        after = rows[-1].seq


def _check_entry(
    walk: _Walk, row: Row[tuple[object, ...]], bodies: dict[str, tuple[bytes, str]]
) -> None:
    """Take one entry into the tree, and report what does not hold of it."""
    computed = merkle.leaf_hash(row.leaf.encode())
    found = _parsed(row.leaf)
    name = _name(row.seq, found)
    is_edited = computed != bytes(row.hash)
    if is_edited:
        walk.report(
            row.seq,
            f"{name} was edited: its text no longer hashes to {bytes(row.hash).hex()[:16]}",
        )
    if found is None:
        walk.report(row.seq, f"{name} was edited: its text is not the canonical text of an entry")
    else:
        _check_place(walk, row.seq, name, found)
        _check_parts(walk, row.seq, name, found, bodies)
        if found["kind"] == "redaction":
            walk.redacted.add((found["data"].get("seq"), found["data"].get("part")))
    merkle.extend(walk.frontier, walk.size, computed)
    walk.size += 1
    walk.last, walk.last_name = bytes(row.hash), name


LEAF_KEYS = frozenset({"v", "seq", "at", "kind", "run", "actor", "data", "sensitive", "prev"})


def _parsed(leaf_text: str) -> dict[str, Json] | None:
    """The leaf, or None for a text that `append` cannot have written."""
    try:
        found = json.loads(leaf_text)
        is_canonical = canonical.encode(found) == leaf_text
    except (ValueError, RecursionError):
        return None
    if not is_canonical or not isinstance(found, dict) or found.keys() != LEAF_KEYS:
        return None
    if not isinstance(found["data"], dict) or not isinstance(found["sensitive"], dict):
        return None
    return found


def _name(seq: int, found: dict[str, Json] | None) -> str:
    if found is None:
        return f"entry {seq}"
    run = f" of {found['run']}" if found["run"] else ""
    return f"entry {seq} ({found['kind']}{run})"


def _check_place(walk: _Walk, seq: int, name: str, found: dict[str, Json]) -> None:
    if found["seq"] != seq:
        walk.report(seq, f"{name} was moved or renumbered: it was recorded as entry {found['seq']}")
    if found["prev"] != walk.last.hex():
        walk.report(
            seq,
            f"{name} does not follow {walk.last_name}: what it was recorded after was edited, "
            "removed or reordered",
        )


def _check_parts(
    walk: _Walk,
    seq: int,
    name: str,
    found: dict[str, Json],
    bodies: dict[str, tuple[bytes, str]],
) -> None:
    for part, committed in found["sensitive"].items():
        stored = bodies.get(part)
        if stored is None:
            walk.erased[seq, part] = name
        elif leaf.commitment(stored[0], part, stored[1]) != committed:
            walk.report(
                seq,
                f"{name} was edited: its part {part!r} no longer fits what the entry commits to",
            )
    for part in bodies.keys() - found["sensitive"].keys():
        walk.report(seq, f"{name} has a part {part!r} that it never had")


def _check_bodies(cx: Connection, walk: _Walk) -> None:
    for (seq, part), name in walk.erased.items():
        if (seq, part) not in walk.redacted:
            walk.report(seq, f"{name} lacks its part {part!r}, and no redaction entry says why")
    for row in cx.execute(_STRAY_BODIES, {"limit": PROBLEMS_MAX}):
        walk.report(row.seq, f"a part {row.part!r} is left of entry {row.seq}, which is not there")


def _check_head(cx: Connection, walk: _Walk) -> None:
    head = cx.execute(_HEAD).one_or_none()
    if head is None:
        walk.report(None, "the ledger's head is missing")
    elif head.size != walk.size:
        lost = "were removed from the end" if head.size > walk.size else "are not in its head"
        walk.report(
            None,
            f"the head says {head.size} entries, and there are {walk.size}: "
            f"{abs(head.size - walk.size)} {lost}",
        )
    elif bytes(head.root) != merkle.frontier_root(walk.frontier):
        walk.report(
            None,
            "the Merkle root over the entries is not the head's: an entry or the head was edited",
        )


def _check_checkpoint(walk: _Walk, known: Checkpoint, which: str) -> None:
    if known.size > walk.size:
        walk.report(
            None,
            f"{which} signs {known.size} entries, and there are {walk.size}: entries "
            f"{walk.size + 1} to {known.size} were cut off, or an old backup was restored",
        )
    elif walk.roots.get(known.size) != known.root:
        walk.report(
            None,
            f"{which} signs other entries: among the first {known.size} at least one was edited, "
            "removed, reordered or replaced, and everything after it was rebuilt",
        )
