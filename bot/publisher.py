"""Keeps what people see equal to what the store says: posts and updates until every message shows
the wanted version. Level-triggered, so a restart at any instant loses no card."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Generic, TypeVar

from bot.cards.digest import digest_card
from bot.cards.model import Card
from bot.cards.notices import plain_notice
from bot.cards.run_card import run_card
from bot.cards.summary import drift_notice, line_notice, summary
from bot.digest import Digests
from bot.places import Places
from bot.ports import Clock
from bot.surfaces.errors import Busy, SurfaceError
from bot.view import RunView
from policies.channels import has_threads
from store import declared_people, deliveries
from store.database import Database
from store.deliveries import Delivery, DeliveryKind
from store.model.person import Surface
from store.model.request import Place
from store.model.run import Run

log = logging.getLogger(__name__)
R = TypeVar("R")

BATCH_MAX = 20  # messages under way at once
LEASE_SECONDS = 30  # a claimed message belongs to this process for so long; a send takes under 10 s
SEND_SECONDS_MAX = 25  # within the lease, so that no other process sends the same meanwhile
RETRY_FIRST_SECONDS = 1.0
RETRY_MAX_SECONDS = 60.0
QUIET = logging.DEBUG  # of what is as somebody wanted it, or was said before
_HOW_TO_SEE: Mapping[Surface, str] = {"slack": "/assent ", "teams": "saying to me: "}


class _NotYetError(Exception):
    """What this message stands below is not there yet."""


@dataclass(frozen=True)
class Screen(Generic[R]):
    """One surface as the publisher uses it: a card is rendered, then posted or updated.

    `post` returns the surface's id of the message; `tell` says something to one person privately.
    All raise Busy (again later), Gone or Refused.
    """

    render: Callable[[Card], R]
    post: Callable[[Place, R], Awaitable[str]]
    update: Callable[[Place, str, R], Awaitable[None]]
    tell: Callable[[str, str], Awaitable[None]]


class Publisher:
    """The places in which messages are sent."""

    def __init__(
        self,
        db: Database,
        view: Callable[[str], RunView | None],
        digests: Digests,
        screens: Mapping[str, Screen[Any]],
        owner: str,
        clock: Clock,
    ) -> None:
        places = Places("message", self._claim, self._send, self._places)
        self.notice, self.stop, self.run = places.notice, places.stop, places.run
        self._db, self._view, self._digests = db, view, digests
        self._screens, self._owner, self._clock = screens, owner, clock

    async def _places(self) -> int:
        return BATCH_MAX

    def _claim(self, limit: int) -> tuple[Delivery, ...]:
        with self._db.read() as cx:
            if not deliveries.is_anything_due(cx, self._clock()):
                return ()
        with self._db.begin() as tx:
            return deliveries.claim_due(tx, self._clock(), limit, LEASE_SECONDS, self._owner)

    async def _send(self, delivery: Delivery) -> None:
        screen = self._screens.get(delivery.place.surface)
        if screen is None:
            await asyncio.to_thread(self._give_up, delivery, "this surface is switched off", QUIET)
            return
        try:
            place = await asyncio.to_thread(self._place, delivery)
            card = await asyncio.to_thread(self._card, delivery) if place else None
            if place is None or card is None:
                await asyncio.to_thread(self._give_up, delivery, "there is nothing to show", QUIET)
                return
            async with asyncio.timeout(SEND_SECONDS_MAX):
                message = await _shown(screen, delivery, place, card)
            await asyncio.to_thread(self._sent, delivery, message)
        except _NotYetError as waiting:
            await asyncio.to_thread(self._retry, delivery, str(waiting), None)
        except TimeoutError:
            await asyncio.to_thread(self._retry, delivery, "the chat took too long", None)
        except Busy as busy:
            await asyncio.to_thread(self._retry, delivery, str(busy), busy.retry_after_seconds)
        except SurfaceError as refused:
            was_told = delivery.problem == str(refused)
            level = QUIET if was_told or delivery.is_linked else logging.WARNING
            await asyncio.to_thread(self._give_up, delivery, str(refused), level)
            if not was_told and not delivery.is_linked:
                await self._tell_requester(delivery)
        except Exception as defect:  # one bad message must not stop the others
            log.exception("message %s of %s could not be shown", delivery.key, delivery.run_id)
            await asyncio.to_thread(self._retry, delivery, type(defect).__name__, None)

    async def _tell_requester(self, delivery: Delivery) -> None:
        """Where a card cannot stand any more, the person who asked hears of it elsewhere: on the
        surface where they asked, or where they have another account."""
        view = await asyncio.to_thread(self._view, delivery.run_id) if delivery.run_id else None
        if view is None:
            return
        for surface, user in await asyncio.to_thread(self._accounts, view.run):
            text = (
                f"I cannot show {view.run.id} in its channel any more. It is {view.run.status};"
                f" {_HOW_TO_SEE[surface]}run {view.run.id} shows it anywhere."
            )
            try:
                async with asyncio.timeout(SEND_SECONDS_MAX):
                    await self._screens[surface].tell(user, text)
                return
            except (SurfaceError, TimeoutError) as silent:
                log.info("%s is not told of %s: %s", user, delivery.run_id, silent)
            except Exception:  # the card is given up already; another account may do
                log.exception("%s could not be told of %s", user, delivery.run_id)

    def _accounts(self, run: Run) -> tuple[tuple[Surface, str], ...]:
        """The accounts by which a requester can be told something, the one they asked with
        first."""
        request = run.request
        with self._db.read() as cx:
            all_ = declared_people.accounts_of(cx, request.person_id, request.place.team)
        own = (request.place.surface, request.account_user)
        usable = [(one.surface, one.user) for one in all_ if one.refusal is None]
        return tuple(one for one in dict.fromkeys((own, *usable)) if one[0] in self._screens)

    def _place(self, delivery: Delivery) -> Place | None:
        """Where the message goes; what follows a linked card stands below it. None where that card
        is not there and nobody tries to post it any more; raises _NotYetError before it is."""
        if not delivery.is_linked:
            return delivery.place
        if delivery.kind is DeliveryKind.CARD:
            return delivery.place.model_copy(update={"thread": ""})
        with self._db.read() as cx:
            root = deliveries.root_of(cx, delivery)
        if root is None or (not root.message and root.is_given_up):
            return None
        if not root.message:
            raise _NotYetError("its card is not posted yet")
        thread = root.message if has_threads(delivery.place.channel) else ""
        return delivery.place.model_copy(update={"thread": thread})

    def _card(self, delivery: Delivery) -> Card | None:
        if delivery.kind is DeliveryKind.DIGEST:
            return digest_card(self._digests.daily(date.fromisoformat(delivery.body["day"])))
        if delivery.kind is DeliveryKind.NOTICE and "title" in delivery.body:
            return plain_notice(delivery.body["title"], delivery.body["text"], self._clock())
        view = self._view(delivery.run_id)
        if view is None:
            return None
        if delivery.kind is DeliveryKind.NOTICE and "line" in delivery.body:
            return line_notice(view, delivery.body["line"])
        if delivery.kind is DeliveryKind.NOTICE:
            return drift_notice(view, delivery.body["text"])
        return summary(view) if delivery.kind is DeliveryKind.SUMMARY else run_card(view)

    def _sent(self, delivery: Delivery, message: str) -> None:
        with self._db.begin() as tx:
            deliveries.sent(tx, delivery.id, delivery.wanted, message)

    def _retry(self, delivery: Delivery, problem: str, after_seconds: float | None) -> None:
        delay = min(RETRY_FIRST_SECONDS * 2**delivery.attempts, RETRY_MAX_SECONDS)
        at = self._clock() + timedelta(seconds=max(delay, after_seconds or 0))
        with self._db.begin() as tx:
            deliveries.retry(tx, delivery.id, at, problem)

    def _give_up(self, delivery: Delivery, problem: str, level: int) -> None:
        log.log(level, "message %s is not shown: %s", delivery.key, problem)
        with self._db.begin() as tx:
            deliveries.give_up(tx, delivery.id, problem)


async def _shown(screen: Screen[R], delivery: Delivery, place: Place, card: Card) -> str:
    """The surface's id of the message that shows the card now."""
    rendered = screen.render(card)
    if not delivery.message:
        return await screen.post(place, rendered)
    await screen.update(place, delivery.message, rendered)
    return delivery.message
