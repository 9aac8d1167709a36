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
from evals.stories.story import Moment
from evals.worlds.world import World
from store import deliveries
from store.deliveries import Delivery, DeliveryKind


class Hearing:
    """Listens to one story."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._shown: dict[str, int] = {}  # key of a delivery -> the version of it that was shown

    def hear(self, moment: Moment) -> tuple[str, ...]:
        """All that was new for people after one thing had happened."""
        told = [moment.reply.text] if moment.reply.text else []
        if moment.run_id:
            told += self._of_run(moment.run_id)
        return tuple(told)

    def _of_run(self, run_id: str) -> list[str]:
        with self._world.assent.db.read() as cx:
            posted = deliveries.for_run(cx, run_id)
        # What a linked place shows besides is the same; a card's `wanted` grows as it changes.
        new = [d for d in posted if not d.is_linked and self._shown.get(d.key) != d.wanted]
        if not new:
            return []
        self._shown |= {delivery.key: delivery.wanted for delivery in new}
        view = self._world.assent.reading.view(run_id)
        assert view is not None, "a run that was made stays"
        return [_rendered(_card(delivery, view)) for delivery in new]


def _card(delivery: Delivery, view: RunView) -> Card:
    """As bot.publisher shows it."""
    if delivery.kind is DeliveryKind.CARD:
        return run_card(view)
    if delivery.kind is DeliveryKind.SUMMARY:
        return summary(view)
    body = delivery.body
    if "title" in body:
        return plain_notice(body["title"], body["text"], view.now)
    return line_notice(view, body["line"]) if "line" in body else drift_notice(view, body["text"])


def _rendered(card: Card) -> str:
    return text.render(card, UTC)
