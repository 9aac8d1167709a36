"""What auditors and operators read in the terminal: a run's record, verification, reports.

It reads the store of a state folder, beside a running bot or without one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.errors import CommandError
from bot.settings import ORIGIN, Settings, from_environment
from store import ledger, runs
from store.database import Database
from store.ledger import checkpoint as notes
from store.ledger.search import LedgerEntry
from store.model.values import Json, format_money, is_money


def show(state: Path, run_id: str, *, is_whole: bool = False) -> str:
    """Every entry of a run, one block each. `is_whole` adds the rules and facts of decisions."""
    with existing_store(state) as (_, db), db.read() as cx:
        entries = ledger.show(cx, run_id)
    if not entries:
        raise CommandError(f"the ledger has no run {run_id}; runs look like R-1001")
    return "\n".join(_entry_text(entry, is_whole=is_whole) for entry in entries)


def verify(state: Path, checkpoint: Path | None) -> tuple[bool, str]:
    """Whether the ledger is whole, and the report. `checkpoint` is a note that was kept outside."""
    from store.ledger.verify import verify as verify_ledger

    with existing_store(state) as (settings, db):
        note = _note(_read(checkpoint)) if checkpoint else None
        public_key = None
        if settings.ledger_key.exists():
            public_key = notes.open_signer(settings.ledger_key, ORIGIN).public_key
        elif note is not None:
            raise CommandError(f"{settings.ledger_key} is missing; a checkpoint needs the key")
        with db.read() as cx:
            report = verify_ledger(cx, note, public_key, ORIGIN)
    return report.is_whole, str(report)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{path} cannot be read as a checkpoint: {error}") from error


def checkpoint(state: Path) -> str:
    """A signed tree head over everything recorded so far, to be kept somewhere else."""
    with existing_store(state) as (settings, db):
        signer = notes.open_signer(settings.ledger_key, ORIGIN)
        with db.begin() as tx:
            return notes.sign_head(tx, signer)


def export(state: Path, format_: str, to: Path) -> str:
    """Writes the whole ledger to a new file."""
    from store.ledger import export as exports

    write = exports.to_jsonl if format_ == "jsonl" else exports.to_csv
    try:
        with (
            existing_store(state) as (_, db),
            db.read() as cx,
            to.open("x", encoding="utf-8") as file,
        ):
            count = write(cx, file)
    except FileExistsError:
        raise CommandError(f"{to} is there already; name a new file") from None
    except OSError as error:
        raise CommandError(f"{to} cannot be written: {error.strerror}") from error
    return f"{count:,} entries written to {to}"


def explain(state: Path, run_id: str) -> str:
    """Every rule that was judged for a run as it was last shown."""
    from policies.explain import lines

    with existing_store(state) as (_, db), db.read() as cx:
        run = runs.get(cx, run_id)
    if run is None:
        raise CommandError(f"there is no run {run_id}; runs look like R-1001")
    if run.proposal is None:
        raise CommandError(f"{run_id} came to no plan, so no rule was judged: {run.note}")
    return "\n".join(lines(run.proposal.decision))


def digest_text(state: Path) -> str:
    """Today's report so far, in the channel's own time zone."""
    from bot.bootstrap import catalogue_of, utc_now
    from bot.cards.digest import digest_card
    from bot.cards.text import render
    from bot.digest import Digests
    from bot.recording import Recorder

    with existing_store(state) as (settings, db):
        catalogue = catalogue_of(settings, utc_now())
        digests = Digests(db, lambda: catalogue, Recorder(utc_now), settings.ledger_key, utc_now)
        zone = ZoneInfo(catalogue.bundle.settings.digest.time_zone)
        return render(digest_card(digests.report(utc_now())), zone)


@contextmanager
def existing_store(state: Path) -> Iterator[tuple[Settings, Database]]:
    """The store of a state folder, closed at the end. Raises CommandError where there is none."""
    settings = from_environment({**os.environ, "ASSENT_STATE": str(state)})
    if _is_missing(settings):
        raise CommandError(f"there is no ledger in {settings.state}; name another with --state")
    with closing(Database(settings.database_url)) as db:
        yield settings, db


@contextmanager
def any_store(state: Path) -> Iterator[tuple[Settings, Database]]:
    """The store of a state folder, made where there is none yet; closed at the end."""
    settings = from_environment({**os.environ, "ASSENT_STATE": str(state)})
    with closing(
        _made(settings) if _is_missing(settings) else Database(settings.database_url)
    ) as db:
        yield settings, db


def _made(settings: Settings) -> Database:
    from bot.bootstrap import open_store

    return open_store(settings)


def _is_missing(settings: Settings) -> bool:
    is_embedded = settings.database_url.startswith("sqlite")
    return is_embedded and not (settings.state / "assent.db").exists()


def _note(text: str) -> str:
    """A signed note as `audit checkpoint` prints it, or as it was copied from a digest message,
    where each end of a line shows as ⏎."""
    if "⏎" not in text:
        return text
    lines = [line.strip() for line in text.split("⏎")]
    return "\n".join(lines[1:] if lines[0] == "signed checkpoint" else lines) + "\n"


def _entry_text(entry: LedgerEntry, *, is_whole: bool) -> str:
    head = f"{entry.seq:>6}  {entry.at:%Y-%m-%d %H:%M:%S}Z  {entry.kind.value:<12} {entry.actor}"
    parts = {**entry.data, **entry.sensitive}
    return "\n".join([head, *(_part(name, parts[name], is_whole) for name in parts)])


def _part(name: str, value: Json, is_whole: bool) -> str:
    """A part of an entry: a list of records has a line for each of them."""
    margin = " " * 10
    if type(value) is not list or not value or type(value[0]) is not dict:
        return f"{margin}{name}: {_value(value)}"
    items = (_value(item if is_whole else _brief(item)) for item in value)
    return "\n".join([f"{margin}{name}:", *(f"{margin}  {item}" for item in items)])


def _brief(item: Json) -> Json:
    """A step of a decision with its rules and facts counted, anything else as it is."""
    if type(item) is not dict:
        return item
    rules, facts = item.get("rules"), item.get("facts")
    if type(rules) is not list or type(facts) is not dict:
        return item
    return {**item, "rules": f"{len(rules)}, see --whole", "facts": f"{len(facts)}, see --whole"}


def _value(value: Json) -> str:
    if value is not None and is_money(value):
        return format_money(value["minor"], value["currency"])
    if isinstance(value, str):
        return value if value.isprintable() else repr(value)
    return json.dumps(value, ensure_ascii=True)
