"""`assent policy replay`: the ledger's decisions under two bundles, as people compare them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from bot.auditing import existing_store
from bot.catalogue import fact_types, loaded
from bot.errors import CommandError
from bot.policing.checking import in_force
from bot.systems import reached
from policies.checkout import CheckoutError, check_out
from policies.engine import Engine, StepFacts
from policies.replay import Recorded, Replayed
from policies.replay import replay as replay_all
from policies.strictness import Change
from store.ledger.search import LedgerEntry, find
from store.model.entry import Kind

PAGE = 500  # decisions read at a time
LISTED_MAX = 1_000  # lines of a report; the counts are of all


def replay(state: Path, old: str, new: str, since: datetime | None) -> tuple[int, str]:
    """How many decisions would be looser, and the report. `old` and `new` are folders, or git
    revisions of the folder of the bundle in force; `since` is included."""
    with (
        _engine(old) as (old_engine, old_name),
        _engine(new) as (new_engine, new_name),
        existing_store(state) as (_, db),
        db.read() as cx,
    ):
        kept = [_recorded(entry) for entry in _decisions(cx, since)]
        recorded = [each for each in kept if each is not None]
        replayed = list(replay_all(recorded, old_engine, new_engine))
    head = f"{len(replayed)} recorded decisions under {old_name} and under {new_name}"
    return _count(replayed, Change.LOOSER), report(head, replayed, len(kept) - len(recorded))


def report(head: str, replayed: list[Replayed], without_facts: int) -> str:
    """The counts, then one line for each decision that is not the same or cannot be judged."""
    counts = ", ".join(f"{_count(replayed, change)} {change.value}" for change in Change)
    telling = [each for each in replayed if each.change is not Change.SAME or each.reason]
    lines = [head, counts, *(_line(each) for each in telling[:LISTED_MAX])]
    if len(telling) > LISTED_MAX:
        lines.append(f"... and {len(telling) - LISTED_MAX} more")
    if without_facts:
        lines.append(f"{without_facts} more were recorded without their facts and cannot be judged")
    return "\n".join(lines)


def _count(replayed: list[Replayed], change: Change) -> int:
    return sum(each.change is change for each in replayed)


def _line(each: Replayed) -> str:
    text = f"{each.run_id}  {each.change.value:<8} {each.reason}"
    return text if text.isprintable() else repr(text)[1:-1]


def _decisions(cx: Connection, since: datetime | None) -> Iterator[LedgerEntry]:
    """Every decision in the ledger, newest first."""
    before: int | None = None
    while page := find(cx, Kind.DECISION, since=since, before=before, limit=PAGE):
        yield from page
        before = min(entry.seq for entry in page)


def _recorded(entry: LedgerEntry) -> Recorded | None:
    """None for a decision whose facts were not kept: an old one, or one too large."""
    steps = entry.data.get("steps", [])
    if not steps or not all(step.get("facts") for step in steps):
        return None
    return Recorded(
        entry.run_id, tuple(StepFacts(s["step"], s["operation"], s["facts"]) for s in steps)
    )


@contextmanager
def _engine(named: str) -> Iterator[tuple[Engine, str]]:
    """The engine of a folder or of a revision, and its name."""
    if _is_folder(named):
        bundle = loaded(Path(named))
        yield Engine(bundle, fact_types(reached(bundle))), bundle.version
        return
    with TemporaryDirectory(prefix="assent-bundle-") as folder:
        try:
            commit = check_out(in_force(None), named, Path(folder))
        except CheckoutError as error:
            raise CommandError(str(error)) from None
        bundle = loaded(Path(folder))
        yield Engine(bundle, fact_types(reached(bundle))), f"{bundle.name}@{commit[:7]}"


def _is_folder(named: str) -> bool:
    try:
        return Path(named).is_dir()
    except (OSError, ValueError):  # too long, or with a character that no name has
        return False
