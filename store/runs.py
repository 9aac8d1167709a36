"""The authoritative state of every run.

`body` is the whole run as JSON; the columns beside it are what queries look by, written from the
same value in the same statement.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from sqlalchemy import Connection, bindparam, text

from store.clock import to_us
from store.errors import StaleRunError
from store.identity import present_runs
from store.model.request import Place
from store.model.run import SETTLED, Run, Status
from store.sequences import next_number

QUESTION_OPEN_SECONDS_MAX = 24 * 3600  # a question nobody answered in a day expires with its run
PREFIX = "R-"

_COLUMNS = (
    "version = :version, status = :status, person_id = :person_id, surface = :surface, "
    "team = :team, channel = :channel, thread = :thread, expires_at_us = :expires_at_us, "
    "settled_at_us = :settled_at_us, body = :body, workflow = :workflow, "
    "fingerprint = :fingerprint, attention_at_us = :attention_at_us"
)
_OF_PERSON = (  # by every id that means this human
    "person_id IN (SELECT CAST(:person_id AS TEXT) UNION ALL "
    "SELECT person_id FROM merged_people WHERE into_id = :person_id)"
)
_INSERT = text(
    "INSERT INTO runs (number, version, status, person_id, surface, team, channel, thread, "
    "expires_at_us, settled_at_us, body, workflow, fingerprint, attention_at_us) "
    "VALUES (:number, :version, :status, :person_id, :surface, :team, :channel, :thread, "
    ":expires_at_us, :settled_at_us, :body, :workflow, :fingerprint, :attention_at_us)"
)
_SAVE = text(
    f"UPDATE runs SET {_COLUMNS}, claimed_until_us = "  # noqa: S608 - constants alone
    "CASE WHEN status = :status THEN claimed_until_us ELSE 0 END "
    "WHERE number = :number AND version = :expected"
)
_GET = text("SELECT body FROM runs WHERE number = :number")
_IN_STATUS = text(
    "SELECT body FROM runs WHERE status IN :statuses AND number > :after "
    "ORDER BY number LIMIT :limit"
).bindparams(bindparam("statuses", expanding=True))
_DUE = text(
    "SELECT body FROM runs WHERE expires_at_us IS NOT NULL AND expires_at_us <= :now "
    "ORDER BY expires_at_us, number LIMIT :limit"
)
_FOR_PERSON = text(
    f"SELECT body FROM runs WHERE {_OF_PERSON} ORDER BY number DESC LIMIT :limit"  # noqa: S608
)
_OPEN_FOR_PERSON = text(
    f"SELECT body FROM runs WHERE {_OF_PERSON} AND settled_at_us IS NULL "  # noqa: S608
    "ORDER BY number DESC LIMIT :limit"
)
_NEWEST = text(
    "SELECT body FROM runs WHERE status IN :statuses ORDER BY number DESC LIMIT :limit"
).bindparams(bindparam("statuses", expanding=True))
_COUNTS = text(
    "SELECT status, count(*) AS runs FROM runs WHERE status IN :statuses GROUP BY status"
).bindparams(bindparam("statuses", expanding=True))
_ANY = text("SELECT EXISTS (SELECT 1 FROM runs)")
_WAITING = text("SELECT count(*) FROM runs WHERE status = 'waiting'")
_SETTLED = text(
    "SELECT body FROM runs WHERE settled_at_us IS NOT NULL AND settled_at_us >= :start "
    "AND settled_at_us < :end ORDER BY settled_at_us, number"
)
_ASKING = text(
    "SELECT body FROM runs WHERE status = 'asking' AND channel = :channel AND thread = :thread "
    "AND surface = :surface AND team = :team ORDER BY number DESC LIMIT 1"
)
# The status stands in the text: the indexes over places hold the runs of one status each.
_IN_PLACE = {
    status: text(
        f"SELECT body FROM runs WHERE status = '{status}' AND channel = :channel "  # noqa: S608
        f"AND thread = :thread AND surface = :surface AND team = :team AND {_OF_PERSON} "
        "ORDER BY number DESC LIMIT :limit"
    )
    for status in (Status.ASKING, Status.WAITING)
}
_ATTENTION = text(
    "SELECT body FROM runs WHERE attention_at_us IS NOT NULL AND attention_at_us <= :now "
    "ORDER BY attention_at_us, number LIMIT :limit"
)
_ALIKE = text(
    "SELECT body FROM runs WHERE fingerprint = :fingerprint AND fingerprint <> '' "
    "AND status IN :statuses ORDER BY number DESC LIMIT :limit"
).bindparams(bindparam("statuses", expanding=True))
_IN_THREAD = text(
    "SELECT body FROM runs WHERE channel = :channel AND thread = :thread AND thread <> '' "
    "AND number < :number AND surface = :surface AND team = :team ORDER BY number DESC LIMIT :limit"
)
_OF_WORKFLOW = text(
    "SELECT body FROM runs WHERE workflow = :workflow ORDER BY number DESC LIMIT :limit"
)
_SEEN = text("SELECT run_id FROM seen_events WHERE key IN :keys ORDER BY key LIMIT 1").bindparams(
    bindparam("keys", expanding=True)
)
_SEE = text(
    "INSERT INTO seen_events (key, run_id) VALUES (:key, :run_id) ON CONFLICT (key) DO NOTHING"
)
_CLAIM = text(
    "UPDATE runs SET claimed_by = :owner, claimed_until_us = :until WHERE number IN ("
    "SELECT number FROM runs WHERE status = :status AND claimed_until_us <= :now "
    "ORDER BY number LIMIT :limit) RETURNING number, body"
)
_IS_CLAIMABLE = text(
    "SELECT EXISTS (SELECT 1 FROM runs WHERE status = :status AND claimed_until_us <= :now)"
)
_RELEASE_ALL = text(
    "UPDATE runs SET claimed_by = '', claimed_until_us = 0 "
    "WHERE claimed_by = :owner AND claimed_until_us > 0 AND status IN ('received', 'asking')"
)
_RELEASE = text(
    "UPDATE runs SET claimed_by = '', claimed_until_us = 0 "
    "WHERE number = :number AND claimed_by = :owner"
)


def next_id(tx: Connection) -> str:
    """A fresh run id: "R-1001", then "R-1002"."""
    return f"{PREFIX}{next_number(tx, 'run')}"


def insert(tx: Connection, run: Run) -> None:
    """Store a new run under an id that `next_id` gave."""
    tx.execute(_INSERT, _row(run))


def get(cx: Connection, run_id: str) -> Run | None:
    """The run, or None for an id that names none, whatever its shape."""
    number = _number(run_id)
    if number is None:
        return None
    body = cx.execute(_GET, {"number": number}).scalar()
    return None if body is None else _runs(cx, (body,))[0]


def save(tx: Connection, run: Run) -> None:
    """Store the run's new version. A change of status ends the lease that `claim` gave.

    Raises StaleRunError unless version - 1 is what is stored.
    """
    row = _row(run)
    row["expected"] = run.version - 1
    if tx.execute(_SAVE, row).rowcount != 1:
        raise StaleRunError(run.id, run.version)


def seen_before(tx: Connection, event_keys: Collection[str], run_id: str) -> str | None:
    """Remember an event's keys for `run_id`, unless one of them was seen before.

    Returns None for a new event, else the run it belongs to: '' for a message that made no run.
    Keys that are new on a known event are remembered for that same run.
    """
    keys = sorted(set(event_keys))
    if not keys:
        return None
    known: str | None = tx.execute(_SEEN, {"keys": keys}).scalar()
    owner = run_id if known is None else known
    tx.execute(_SEE, [{"key": key, "run_id": owner} for key in keys])
    return known


def in_status(
    cx: Connection, statuses: Iterable[Status], limit: int, after_id: str = ""
) -> tuple[Run, ...]:
    """Runs in any of the statuses, oldest first, from the one after `after_id`."""
    parameters = {
        "statuses": [status.value for status in statuses],
        "after": _number(after_id) or 0,
        "limit": limit,
    }
    return _runs(cx, cx.execute(_IN_STATUS, parameters).scalars())


def newest_in_status(cx: Connection, statuses: Iterable[Status], limit: int) -> tuple[Run, ...]:
    """Runs in any of the statuses, newest first."""
    parameters = {"statuses": [status.value for status in statuses], "limit": limit}
    return _runs(cx, cx.execute(_NEWEST, parameters).scalars())


def due_to_expire(cx: Connection, now: datetime, limit: int) -> tuple[Run, ...]:
    """Waiting runs past their proposal's expiry and asking runs left unanswered, the longest first.

    A question expires QUESTION_OPEN_SECONDS_MAX after it was asked.
    """
    return _runs(cx, cx.execute(_DUE, {"now": to_us(now), "limit": limit}).scalars())


def for_person(cx: Connection, person_id: str, limit: int) -> tuple[Run, ...]:
    """What a person asked for, newest first."""
    return _runs(cx, cx.execute(_FOR_PERSON, {"person_id": person_id, "limit": limit}).scalars())


def open_for_person(cx: Connection, person_id: str, limit: int) -> tuple[Run, ...]:
    """What a person asked for and is not settled yet, newest first."""
    parameters = {"person_id": person_id, "limit": limit}
    return _runs(cx, cx.execute(_OPEN_FOR_PERSON, parameters).scalars())


def counts(cx: Connection) -> dict[Status, int]:
    """How many runs stand in each status that is not settled, none left out."""
    statuses = [status for status in Status if status not in SETTLED]
    rows = cx.execute(_COUNTS, {"statuses": [status.value for status in statuses]})
    found = {row.status: int(row.runs) for row in rows}
    return {status: found.get(status.value, 0) for status in statuses}


def is_any(cx: Connection) -> bool:
    """Whether anybody ever asked for anything."""
    return bool(cx.execute(_ANY).scalar())


def waiting_count(cx: Connection) -> int:
    """How many runs await approval."""
    return int(cx.execute(_WAITING).scalar_one())


def settled_between(cx: Connection, start: datetime, end: datetime) -> tuple[Run, ...]:
    """Runs that settled at `start` or later and before `end`, in that order."""
    return _runs(cx, cx.execute(_SETTLED, {"start": to_us(start), "end": to_us(end)}).scalars())


def open_in_thread(cx: Connection, place: Place) -> Run | None:
    """The run that asks a question in this thread; the newest, should there be several."""
    body = cx.execute(_ASKING, place.model_dump()).scalar()
    return None if body is None else _runs(cx, (body,))[0]


def asking_of(cx: Connection, place: Place, person_id: str) -> Run | None:
    """The run that asks this person a question in a place; the newest, should there be several."""
    found = _of_person(cx, Status.ASKING, place, person_id, 1)
    return found[0] if found else None


def earlier_in_thread(cx: Connection, run: Run, limit: int) -> tuple[Run, ...]:
    """The newest runs that were asked for before this one in its thread, oldest first, however
    long ago; none in a place without threads."""
    number = _number(run.id)
    if number is None or not run.request.place.thread:
        return ()
    parameters = run.request.place.model_dump() | {"number": number, "limit": limit}
    return tuple(reversed(_runs(cx, cx.execute(_IN_THREAD, parameters).scalars())))


def waiting_of(cx: Connection, place: Place, person_id: str, limit: int) -> tuple[Run, ...]:
    """Runs of a person in this thread that await approval, newest first."""
    return _of_person(cx, Status.WAITING, place, person_id, limit)


def _of_person(
    cx: Connection, status: Status, place: Place, person_id: str, limit: int
) -> tuple[Run, ...]:
    parameters = place.model_dump() | {"person_id": person_id, "limit": limit}
    return _runs(cx, cx.execute(_IN_PLACE[status], parameters).scalars())


def due_for_attention(cx: Connection, now: datetime, limit: int) -> tuple[Run, ...]:
    """Waiting runs whose reminder or escalation is due, the longest due first."""
    return _runs(cx, cx.execute(_ATTENTION, {"now": to_us(now), "limit": limit}).scalars())


def alike(
    cx: Connection, fingerprint: str, statuses: Iterable[Status], limit: int
) -> tuple[Run, ...]:
    """Runs in any of the statuses that were shown with the same plan (Plan.fingerprint), newest
    first."""
    parameters = {
        "fingerprint": fingerprint,
        "statuses": [status.value for status in statuses],
        "limit": limit,
    }
    return _runs(cx, cx.execute(_ALIKE, parameters).scalars())


def of_workflow(cx: Connection, workflow: str, limit: int) -> tuple[Run, ...]:
    """Runs of one workflow in any status, newest first."""
    return _runs(cx, cx.execute(_OF_WORKFLOW, {"workflow": workflow, "limit": limit}).scalars())


def claim(
    tx: Connection, status: Status, now: datetime, lease_seconds: int, owner: str, limit: int
) -> tuple[Run, ...]:
    """Take a lease on the oldest unclaimed runs in a status, so that no two processes work on one.

    A lease ends by `release`, by a change of status or after `lease_seconds`.
    """
    rows = tx.execute(
        _CLAIM,
        {
            "status": status.value,
            "now": to_us(now),
            "until": to_us(now + timedelta(seconds=lease_seconds)),
            "owner": owner,
            "limit": limit,
        },
    ).all()
    return _runs(tx, (row.body for row in sorted(rows, key=lambda row: row.number)))


def is_claimable(cx: Connection, status: Status, now: datetime) -> bool:
    """Whether `claim` would find something."""
    return bool(cx.execute(_IS_CLAIMABLE, {"status": status.value, "now": to_us(now)}).scalar())


def release_all(tx: Connection, owner: str) -> None:
    """Give back every lease of a process that starts: it died holding them."""
    tx.execute(_RELEASE_ALL, {"owner": owner})


def release(tx: Connection, run_id: str, owner: str) -> None:
    """Give a lease back; nothing happens when somebody else holds it by now."""
    tx.execute(_RELEASE, {"number": _number(run_id), "owner": owner})


def _runs(cx: Connection, bodies: Iterable[str]) -> tuple[Run, ...]:
    """The runs as stored, their people by the ids that they are known by now."""
    return present_runs(cx, (Run.model_validate_json(body) for body in bodies))


def _number(run_id: str) -> int | None:
    """The number in a run id, None for anything that `next_id` cannot have given."""
    digits = run_id.removeprefix(PREFIX)
    if digits == run_id or not digits.isascii() or not digits.isdecimal() or len(digits) > 15:
        return None
    return None if digits.startswith("0") else int(digits)


def _row(run: Run) -> dict[str, object]:
    number = _number(run.id)
    if number is None:
        raise ValueError(f"{run.id!r} is no run id; take one from next_id")
    place = run.request.place
    return {
        "number": number,
        "version": run.version,
        "status": run.status.value,
        "person_id": run.request.person_id,
        "surface": place.surface,
        "team": place.team,
        "channel": place.channel,
        "thread": place.thread,
        "expires_at_us": _expires_at_us(run),
        "settled_at_us": None if run.settled_at is None else to_us(run.settled_at),
        "body": run.model_dump_json(),
        "workflow": run.workflow,
        "fingerprint": run.proposal.plan.fingerprint if run.proposal else "",
        "attention_at_us": _attention_at_us(run),
    }


def _expires_at_us(run: Run) -> int | None:
    if run.status is Status.WAITING and run.proposal is not None:
        return to_us(run.proposal.expires_at)
    if run.status is Status.ASKING:
        return to_us(run.changed_at + timedelta(seconds=QUESTION_OPEN_SECONDS_MAX))
    return None


def _attention_at_us(run: Run) -> int | None:
    is_waiting = run.status is Status.WAITING and run.attention_at is not None
    return to_us(run.attention_at) if is_waiting and run.attention_at else None
