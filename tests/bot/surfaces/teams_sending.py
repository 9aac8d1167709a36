"""A sender over a Teams-compatible service, with its store, and what is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import unquote

from bot.cards.adaptive import Rendered
from bot.surfaces.teams import BotFramework
from bot.surfaces.teams_sender import TeamsSender
from bot.surfaces.teams_tokens import AppTokens
from store import conversations
from store.conversations import Contact, Conversation
from store.database import Database
from store.model.request import Place
from tests.bot.surfaces.teams_peer import CHANNEL, TENANT, Peer, around

DANA = "7d1f0a52-0000-4000-8000-000000000d01"
GROUP = "19:returns@thread.v2"
ROOT = "1700000000900"
CARD = Rendered({"type": "AdaptiveCard", "version": "1.5", "body": []}, "Refund $40")
LIVE = Rendered({**CARD.card, "refresh": {"action": {"type": "Action.Execute"}}}, "Refund $40")


def now() -> datetime:
    return datetime(2026, 11, 23, 6, tzinfo=UTC)


@dataclass
class World:
    peer: Peer
    sender: TeamsSender
    db: Database
    tokens: AppTokens

    def known(self, channel: str = CHANNEL, kind: str = "channel", user: str = "") -> None:
        with self.db.begin() as tx:
            conversations.remember(
                tx,
                Conversation(
                    surface="teams", team=TENANT, id=channel, kind=kind, user=user,
                    service_url=self.peer.service_url,
                ),
                now(),
            )  # fmt: skip

    def met(self, user: str, address: str, seen_in: str = CHANNEL) -> None:
        with self.db.begin() as tx:
            conversations.meet(
                tx,
                Contact(
                    surface="teams", team=TENANT, user=user, address=address,
                    service_url=self.peer.service_url, seen_in=seen_in,
                ),
                now(),
            )  # fmt: skip

    def is_gone(self, channel: str) -> bool:
        with self.db.read() as cx:
            return conversations.is_gone(cx, "teams", channel)

    @property
    def paths(self) -> list[str]:
        return [f"{call.method} {unquote(call.path)}" for call in self.peer.calls]


def place(channel: str = CHANNEL, thread: str = ROOT) -> Place:
    return Place(surface="teams", team=TENANT, channel=channel, thread=thread)


@asynccontextmanager
async def sending(tmp_path: Path) -> AsyncIterator[World]:
    async with around() as peer:
        db = Database(f"sqlite:///{tmp_path}/assent.db")
        db.migrate()
        tokens = AppTokens(peer.settings)
        framework = BotFramework(peer.settings, tokens)
        yield World(peer, TeamsSender(framework, peer.settings, db, now), db, tokens)
        await framework.close()
        await tokens.close()
        db.close()
