"""What somebody asks Assent about itself, in words: the commands that every surface takes.

A surface cuts off what only it has (the slash command, the mention) and gives the rest here.
Everything that is no command is a request.
"""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from enum import StrEnum

from bot.cards.model import Action, Card
from bot.cards.run_card import run_card
from bot.surfaces import words
from bot.surfaces.clicking import Clicking
from bot.surfaces.port import Port
from store.model.person import Account
from store.model.request import Place

_RUN = re.compile(r"run\s+(R-[A-Za-z0-9-]{1,60})", re.IGNORECASE)
_REVIEW = re.compile(
    r"review\s+(R-[A-Za-z0-9-]{1,60})\s+(right|wrong)\b[\s:,.]*(.*)", re.IGNORECASE | re.DOTALL
)
_AWAY = re.compile(r"away\b(.*)", re.IGNORECASE | re.DOTALL)


class What(StrEnum):
    """What a command is about."""

    HELP = "help"
    STATUS = "status"
    DIGEST = "digest"
    BATCH = "batch"
    HOME = "home"
    RUN = "run"
    REVIEW = "review"
    AWAY = "away"
    BACK = "back"
    REQUEST = "request"


@dataclass(frozen=True)
class Command:
    """A command as it was understood. `text` is the request, when and to whom somebody is away, or
    what was wrong; a review without `run_id` was not understood."""

    what: What
    text: str = ""
    run_id: str = ""
    is_right: bool = False


_ALONE = {
    "": What.HELP,
    **{
        what.value: what
        for what in (What.HELP, What.STATUS, What.DIGEST, What.BATCH, What.HOME, What.BACK)
    },
}


def command(text: str) -> Command:
    """What was said, without the surface's own markup; nothing at all asks for help."""
    said = text.strip()
    if what := _ALONE.get(said.lower()):
        return Command(what)
    if away := _AWAY.fullmatch(said):
        return Command(What.AWAY, away[1].strip())
    if run := _RUN.fullmatch(said):
        return Command(What.RUN, run_id=run[1].upper())
    if said.lower().split(maxsplit=1)[0] == "review":
        return _review(said)
    return Command(What.REQUEST, said)


def help_lines(prefix: str) -> tuple[str, ...]:
    """The commands, one line each, as this surface wants them said: `prefix` stands before each."""
    return (
        "Besides that:",
        f"{prefix}home: what waits for you, what you asked for, what you may review",
        f"{prefix}batch: what waits for you, side by side, to approve together",
        f"{prefix}run R-1001: one run as it stands",
        f"{prefix}review R-1001 right (or wrong, and why): your word on what ran by itself",
        f"{prefix}away until 2026-12-01 to @Mira because …: let somebody decide for you",
        f"{prefix}back: decide for yourself again",
        f"{prefix}status: what is open, the ledger, the policies",
        f"{prefix}digest: the report of the day so far",
    )


def review_usage(prefix: str) -> str:
    """How a review is said."""
    return f"Say it as {prefix}review R-1001 right, or as {prefix}review R-1001 wrong: why."


class Commands:
    """Answers every command that is answered alike everywhere."""

    def __init__(self, port: Port, clicking: Clicking, prefix: str) -> None:
        self._port, self._clicking, self._prefix = port, clicking, prefix

    async def answer(  # noqa: PLR0911 - one way for each command
        self, said: Command, account: Account, place: Place
    ) -> Card | str | None:
        """What to show to whoever asked, alone; None for a batch, a home page and a request, which
        each surface does in its own way. Raises what the store raises."""
        match said.what:
            case What.BATCH | What.HOME | What.REQUEST:
                return None
            case What.HELP:
                return await self.help(place)
            case _ if account.refusal:
                return words.not_from_you(account.refusal)
            case What.STATUS:
                return await asyncio.to_thread(self._port.status)
            case What.DIGEST:
                return await asyncio.to_thread(self._port.digest_text, place)
            case What.RUN:
                return await self._run(said.run_id)
            case What.REVIEW:
                return await self._review(said, account)
            case What.AWAY:
                return (await asyncio.to_thread(self._port.away, account, said.text)).text
            case What.BACK:
                return (await asyncio.to_thread(self._port.back, account)).text

    async def help(self, place: Place) -> str:
        """What can be asked for in a place, then the commands."""
        lines = await asyncio.to_thread(self._port.help_text, place)
        return "\n".join([*lines, *help_lines(self._prefix)])

    async def _run(self, run_id: str) -> Card | str:
        view = await self._clicking.view(run_id)
        return words.no_run(run_id) if view is None else _without_verbs(run_card(view))

    async def _review(self, said: Command, account: Account) -> str:
        if not said.run_id:
            return review_usage(self._prefix)
        given = await self._clicking.review(account, said.run_id, said.is_right, said.text)
        return given.text


def _review(said: str) -> Command:
    found = _REVIEW.fullmatch(said)
    if found is None:
        return Command(What.REVIEW)
    return Command(What.REVIEW, found[3], found[1].upper(), found[2].lower() == "right")


def _without_verbs(card: Card) -> Card:
    """The card for one reader: what is decided is decided on the card in the thread."""
    return replace(card, buttons=tuple(b for b in card.buttons if b.action is Action.DETAILS))
