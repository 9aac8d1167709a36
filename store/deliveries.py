"""The outbox of chat messages: what must be posted or brought up to date, until it is.

A delivery wants version `wanted` of a message to be shown and knows that `sent` is; every change
of a run raises `wanted` on its cards. Deliveries are written in the transaction of the change they
show, and sent by whoever claims them, at least once.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, Row, bindparam, text

from store.clock import from_us, to_us
from store.model.request import Place
from store.model.values import Frozen, Json


class DeliveryKind(StrEnum):
    """What a message is for. Cards alone are brought up to date after they were posted."""

    CARD = "card"
    QUESTION = "question"
    SUMMARY = "summary"
    NOTICE = "notice"
    DIGEST = "digest"
    ERROR = "error"


class Delivery(Frozen):
    """One message to a place. `message` is the surface's id of it, '' until it has been posted.

    `attempts` counts failures since the last success; `problem` says what the last one was. One
    that `is_linked` belongs to a run that was asked for elsewhere: its card begins a thread of its
    own, and what follows stands below that card.
    """

    id: int
    key: str
    run_id: str
    kind: DeliveryKind
    place: Place
    wanted: int
    sent: int
    message: str
    body: Json
    attempts: int
    next_attempt_at: datetime
    problem: str
    is_linked: bool = False


class Root(Frozen):
    """A card with what follows below it: its message, '' before it was posted, and whether nobody
    tries to any more."""

    message: str
    is_given_up: bool


CARDS_PER_CHANNEL_MAX = 10  # ours; of one run, each kept up to date: crashes leave fewer behind

# The thread of what is linked is not known before its card is posted. Until then, and ever after,
# the run's id stands for it, so that what belongs to one run there keeps its order and waits for
# nothing else in the channel.
_LINKED_THREAD = "below the card of "
_PUT = text(
    "INSERT INTO deliveries (key, run_id, kind, surface, team, channel, thread, wanted, sent, "
    "message, body, attempts, next_attempt_at_us, problem, given_up, claimed_by, claimed_until_us) "
    "VALUES (:key, :run_id, :kind, :surface, :team, :channel, :thread, 1, 0, :message, :body, 0, "
    ":now, '', 0, '', 0) ON CONFLICT (key) DO NOTHING"
)
_TOUCH = text(
    "UPDATE deliveries SET wanted = wanted + 1, next_attempt_at_us = :now, attempts = 0, "
    "given_up = 0 WHERE run_id = :run_id AND kind = 'card'"
)
_SHOW_AGAIN = text(
    "UPDATE deliveries SET given_up = 0, attempts = 0, next_attempt_at_us = :now "
    "WHERE surface = :surface AND channel = :channel AND kind = 'card' AND message <> '' "
    "AND given_up = 1"
)
_KNOWN = text(
    "SELECT 1 FROM deliveries WHERE channel = :channel AND message = :message "
    "AND message <> '' AND surface = :surface AND (team = :team OR team = '')"
)
_MAY_ADOPT = text(
    "SELECT count(*) > 0 AND count(*) < :max FROM deliveries WHERE run_id = :run_id "
    "AND kind = 'card' AND surface = :surface AND channel = :channel"
)
_ROOT = text(
    "SELECT message, given_up FROM deliveries WHERE run_id = :run_id AND kind = 'card' "
    "AND surface = :surface AND channel = :channel AND thread = :thread ORDER BY id LIMIT 1"
)
_BELOW = text(
    "SELECT run_id FROM deliveries WHERE channel = :channel AND message = :thread "
    "AND message <> '' AND surface = :surface AND kind = 'card' ORDER BY id LIMIT 1"
)
_CLAIM = text(
    "UPDATE deliveries SET claimed_by = :owner, claimed_until_us = :until WHERE id IN ("
    "SELECT min(due.id) FROM deliveries due WHERE due.wanted > due.sent AND due.given_up = 0 "
    "AND due.next_attempt_at_us <= :now "
    "AND (due.surface, due.team, due.channel, due.thread) NOT IN ("
    "SELECT busy.surface, busy.team, busy.channel, busy.thread FROM deliveries busy "
    "WHERE busy.wanted > busy.sent AND busy.given_up = 0 AND busy.claimed_until_us > :now) "
    "GROUP BY due.surface, due.team, due.channel, due.thread ORDER BY min(due.id) LIMIT :limit) "
    "RETURNING *"
)
_IS_DUE = text(
    "SELECT EXISTS (SELECT 1 FROM deliveries due WHERE due.wanted > due.sent AND due.given_up = 0 "
    "AND due.next_attempt_at_us <= :now "
    "AND (due.surface, due.team, due.channel, due.thread) NOT IN ("
    "SELECT busy.surface, busy.team, busy.channel, busy.thread FROM deliveries busy "
    "WHERE busy.wanted > busy.sent AND busy.given_up = 0 AND busy.claimed_until_us > :now))"
)
_RELEASE_ALL = text(
    "UPDATE deliveries SET claimed_by = '', claimed_until_us = 0 "
    "WHERE claimed_by = :owner AND wanted > sent AND given_up = 0"
)
_SENT = text(
    "UPDATE deliveries SET sent = :wanted, message = :message, attempts = 0, problem = '', "
    "claimed_by = '', claimed_until_us = 0 WHERE id = :id AND sent <= :wanted"
)
_RETRY = text(
    "UPDATE deliveries SET attempts = attempts + 1, next_attempt_at_us = :at, problem = :problem, "
    "claimed_by = '', claimed_until_us = 0 WHERE id = :id"
)
_GIVE_UP = text(
    "UPDATE deliveries SET attempts = attempts + 1, given_up = 1, problem = :problem, "
    "claimed_by = '', claimed_until_us = 0 WHERE id = :id"
)
_LINKED_CARDS = text(
    "SELECT run_id, surface, team, channel, message FROM deliveries WHERE run_id IN :run_ids "
    "AND kind = 'card' AND message <> '' AND thread LIKE :linked ORDER BY id"
).bindparams(bindparam("run_ids", expanding=True))
_FOR_RUN = text("SELECT * FROM deliveries WHERE run_id = :run_id ORDER BY id")


def put(
    tx: Connection,
    key: str,
    run_id: str,
    kind: DeliveryKind | str,
    place: Place,
    body: Json,
    now: datetime,
) -> bool:
    """Ask for a message. False when `key` was asked for before, and then nothing changes."""
    return _put(tx, key, run_id, DeliveryKind(kind), place, "", body, now)


def put_linked(
    tx: Connection,
    key: str,
    run_id: str,
    kind: DeliveryKind | str,
    place: Place,
    body: Json,
    now: datetime,
) -> bool:
    """Ask for the same message in a place that is linked to the run's own."""
    there = place.model_copy(update={"thread": f"{_LINKED_THREAD}{run_id}"})
    own_key = f"{key}@{place.surface}:{place.channel}"
    return _put(tx, own_key, run_id, DeliveryKind(kind), there, "", body, now)


def root_of(cx: Connection, delivery: Delivery) -> Root | None:
    """The card below which a linked message stands; None where none was ever asked for."""
    parameters = delivery.place.model_dump() | {"run_id": delivery.run_id}
    row = cx.execute(_ROOT, parameters).one_or_none()
    return None if row is None else Root(message=row.message, is_given_up=bool(row.given_up))


def run_below(cx: Connection, place: Place) -> str | None:
    """The run whose card begins the thread of a place, None for another thread."""
    if not place.thread:
        return None
    found = cx.execute(_BELOW, place.model_dump()).scalar()
    return None if found is None else str(found)


def linked_threads(cx: Connection, run_ids: Collection[str]) -> dict[str, tuple[Place, ...]]:
    """The threads that cards of these runs begin in channels linked to their own; nothing for a run
    without any."""
    found: dict[str, tuple[Place, ...]] = {}
    if not run_ids:
        return found
    asked = {"run_ids": sorted(run_ids), "linked": f"{_LINKED_THREAD}%"}
    for row in cx.execute(_LINKED_CARDS, asked):
        place = Place(surface=row.surface, team=row.team, channel=row.channel, thread=row.message)
        found[row.run_id] = (*found.get(row.run_id, ()), place)
    return found


def touch(tx: Connection, run_id: str, now: datetime) -> None:
    """Ask that every card of a run shows its present state."""
    tx.execute(_TOUCH, {"run_id": run_id, "now": to_us(now)})


def show_again(tx: Connection, surface: str, channel: str, now: datetime) -> None:
    """Ask once more that the cards which stand in a channel are brought up to date there."""
    tx.execute(_SHOW_AGAIN, {"surface": surface, "channel": channel, "now": to_us(now)})


def is_known(cx: Connection, place: Place, message: str) -> bool:
    """Whether a message of a place is one of ours already."""
    clicked = place.model_dump() | {"message": message}
    return cx.execute(_KNOWN, clicked).first() is not None


def adopt(tx: Connection, run_id: str, place: Place, message: str, now: datetime) -> bool:
    """Take over a card that somebody clicked and the store does not know; it is brought up to date.

    False when the message is known already, and where the run has no card in that channel, or too
    many: a click names a message and may name any, and none carries a run to where it is not shown.
    """
    if is_known(tx, place, message):
        return False
    clicked = place.model_dump() | {"message": message}
    if not tx.execute(
        _MAY_ADOPT, clicked | {"run_id": run_id, "max": CARDS_PER_CHANNEL_MAX}
    ).scalar():
        return False
    key = f"adopted:{place.surface}:{place.team}:{place.channel}:{message}"
    return _put(tx, key, run_id, DeliveryKind.CARD, place, message, {}, now)


def claim_due(
    tx: Connection, now: datetime, limit: int, lease_seconds: int, owner: str
) -> tuple[Delivery, ...]:
    """Take a lease on what is due, oldest first and at most one for each thread at a time."""
    parameters = {
        "now": to_us(now),
        "until": to_us(now + timedelta(seconds=lease_seconds)),
        "owner": owner,
        "limit": limit,
    }
    rows = tx.execute(_CLAIM, parameters).all()
    return tuple(sorted(map(_delivery, rows), key=lambda delivery: delivery.id))


def is_anything_due(cx: Connection, now: datetime) -> bool:
    """Whether `claim_due` may find something, at the cost of a look into one small index."""
    return bool(cx.execute(_IS_DUE, {"now": to_us(now)}).scalar())


def release_all(tx: Connection, owner: str) -> None:
    """Give back every lease of a process that starts: it died holding them."""
    tx.execute(_RELEASE_ALL, {"owner": owner})


def sent(tx: Connection, id: int, wanted: int, message: str) -> None:  # noqa: A002
    """Record that version `wanted` is shown as `message`; a newer wish stays due."""
    tx.execute(_SENT, {"id": id, "wanted": wanted, "message": message})


def retry(tx: Connection, id: int, at: datetime, problem: str) -> None:  # noqa: A002
    """Record a failure, and try again at `at`."""
    tx.execute(_RETRY, {"id": id, "at": to_us(at), "problem": _shown(problem)})


def give_up(tx: Connection, id: int, problem: str) -> None:  # noqa: A002
    """Record a failure that no repetition mends; a later `touch` of the run tries once more."""
    tx.execute(_GIVE_UP, {"id": id, "problem": _shown(problem)})


def for_run(cx: Connection, run_id: str) -> tuple[Delivery, ...]:
    """Every message of a run, oldest first."""
    return tuple(map(_delivery, cx.execute(_FOR_RUN, {"run_id": run_id}).all()))


PROBLEM_CHARACTERS_MAX = 500  # enough for a surface's error; its whole answer is not ours to keep


def _shown(problem: str) -> str:
    return problem.replace("\0", "")[:PROBLEM_CHARACTERS_MAX]


def _put(
    tx: Connection,
    key: str,
    run_id: str,
    kind: DeliveryKind,
    place: Place,
    message: str,
    body: Json,
    now: datetime,
) -> bool:
    row = place.model_dump() | {
        "key": key,
        "run_id": run_id,
        "kind": kind.value,
        "message": message,
        "body": json.dumps(body),
        "now": to_us(now),
    }
    return tx.execute(_PUT, row).rowcount == 1


def _delivery(row: Row[tuple[object, ...]]) -> Delivery:
    return Delivery(
        id=row.id,
        key=row.key,
        run_id=row.run_id,
        kind=DeliveryKind(row.kind),
        place=Place(surface=row.surface, team=row.team, channel=row.channel, thread=row.thread),
        is_linked=row.thread.startswith(_LINKED_THREAD),
        wanted=row.wanted,
        sent=row.sent,
        message=row.message,
        body=json.loads(row.body),
        attempts=row.attempts,
        next_attempt_at=from_us(row.next_attempt_at_us),
        problem=row.problem,
    )
