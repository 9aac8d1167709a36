"""What people read of a story: answers, cards, notices and summaries as text, oldest first, each
once. Rendered as the product renders it for a terminal."""

from __future__ import annotations

from datetime import UTC

from bot.cards import text
from bot.cards.model import Card
from bot.cards.notices import plain_notice
from bot.cards.run_card import run_card
from bot.cards.summary import drift_notice, line_notice, summary
from bot.view import RunView
from evals.story import Moment
from evals.world import World
from store import deliveries
from store.deliveries import Delivery, DeliveryKind


class Hearing:
    """Listens to one story."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.said: list[str] = []
        self._versions: dict[str, int] = {}  # run id -> the version that was shown
        self._heard: set[str] = set()  # keys of deliveries

    def hear(self, moment: Moment) -> tuple[str, ...]:
        """All that was new for people after one thing had happened."""
        told = [moment.reply.text] if moment.reply.text else []
        if moment.run_id:
            told += self._of_run(moment.run_id)
        if not moment.is_earlier:
            self.said += told
        return tuple(told)

    def _of_run(self, run_id: str) -> list[str]:
        view = self._world.assent.reading.view(run_id)
        assert view is not None, "a run that was made stays"
        with self._world.assent.db.read() as cx:
            posted = deliveries.for_run(cx, run_id)
        told = []
        for delivery in posted:
            if delivery.kind is DeliveryKind.CARD:
                if self._versions.get(run_id) != view.run.version:
                    self._versions[run_id] = view.run.version
                    told.append(_rendered(run_card(view)))
            elif delivery.key not in self._heard and not delivery.is_linked:
                self._heard.add(delivery.key)
                told.append(_rendered(_card(delivery, view)))
        return told


def _card(delivery: Delivery, view: RunView) -> Card:
    """As bot.publisher shows it."""
    if delivery.kind is DeliveryKind.SUMMARY:
        return summary(view)
    body = delivery.body
    if "title" in body:
        return plain_notice(body["title"], body["text"], view.now)
    return line_notice(view, body["line"]) if "line" in body else drift_notice(view, body["text"])


def _rendered(card: Card) -> str:
    return text.render(card, UTC)
