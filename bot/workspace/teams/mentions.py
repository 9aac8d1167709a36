"""Mentions in what people say: "@Lee Park" as it is typed and shown, and as Teams marks it. Pure.

A stored text shows each mention as "@name"; beside it stands, in order, who each of them is.
"""

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from bot.workspace.teams import seed
from bot.workspace.teams.roster import Person
from bot.workspace.wire import Json


@dataclass(frozen=True)
class Mention:
    """Who was named: the bot (28:...) or a person (29:...)."""

    name: str
    id: str
    object_id: str = ""

    @property
    def marked(self) -> str:
        """As a message's text carries it."""
        return f"<at>{self.name}</at>"


BOT = Mention(seed.BOT_NAME, seed.BOT_ID)


def find(typed: str, people: Iterable[Person]) -> tuple[str, tuple[Mention, ...]]:
    """The text with aliases as names, and its mentions in order; "@lead" is "@Lee Park"."""
    known = {seed.BOT_NAME.lower(): BOT}
    for person in people:
        mention = Mention(person.name, person.address, person.object_id)
        known[person.alias.lower()] = known[person.name.lower()] = mention
    longest_first = sorted(known, key=len, reverse=True)
    names = "|".join(re.escape(name) for name in longest_first)
    found: list[Mention] = []

    def name_it(match: re.Match[str]) -> str:
        mention = known.get(match[1].lower())
        if mention is None:  # a letter that only looks the same, such as the long s
            return match[0]
        found.append(mention)
        return f"@{mention.name}"

    text = re.sub(rf"(?<!\w)@({names})(?!\w)", name_it, typed, flags=re.IGNORECASE)
    return text, tuple(found)


def marked(text: str, mentions: tuple[Mention, ...]) -> str:
    """The text as an activity carries it: "<at>Lee Park</at>"."""
    pieces = _split(text, mentions)
    return "".join(each if isinstance(each, str) else each[1].marked for each in pieces)


def entities(mentions: tuple[Mention, ...]) -> list[Json]:
    """What an activity says of its mentions."""
    return [
        {
            "type": "mention",
            "mentioned": {"id": mention.id, "name": mention.name},
            "text": mention.marked,
        }
        for mention in mentions
    ]


def rich(text: str, mentions: tuple[Mention, ...]) -> str:
    """The text as the HTML attachment of an activity."""
    return _html(text, mentions, _span)


def payload(text: str, mentions: tuple[Mention, ...]) -> Json:
    """The text as a message extension's payload has it: `body` and `mentions`."""
    body = {"contentType": "html", "content": _html(text, mentions, _at)}
    listed = [
        {"id": number, "mentionText": mention.name, "mentioned": _mentioned(mention)}
        for number, mention in enumerate(mentions)
    ]
    return {"body": body, "mentions": listed}


def _split(text: str, mentions: tuple[Mention, ...]) -> Iterator[str | tuple[int, Mention]]:
    at = 0
    for number, mention in enumerate(mentions):
        match = re.compile(rf"(?<!\w)@{re.escape(mention.name)}(?!\w)").search(text, at)
        assert match is not None
        yield text[at : match.start()]
        yield number, mention
        at = match.end()
    yield text[at:]


def _html(text: str, mentions: tuple[Mention, ...], tag: Callable[[int, Mention], str]) -> str:
    pieces = [
        html.escape(each, quote=False) if isinstance(each, str) else tag(*each)
        for each in _split(text, mentions)
    ]
    lines = "".join(pieces).split("\n")
    return "".join(f"<p>{line or '&nbsp;'}</p>" for line in lines)


def _span(number: int, mention: Mention) -> str:
    marks = f'itemscope="" itemtype="http://schema.skype.com/Mention" itemid="{number}"'
    return f"<span {marks}>{html.escape(mention.name)}</span>"


def _at(number: int, mention: Mention) -> str:
    return f'<at id="{number}">{html.escape(mention.name)}</at>'


def _mentioned(mention: Mention) -> Json:
    nobody: Json = {"device": None, "conversation": None, "user": None, "application": None}
    if mention == BOT:
        application = {
            "id": seed.APP_ID,
            "displayName": mention.name,
            "applicationIdentityType": "bot",
        }
        return {**nobody, "application": application}
    user = {
        "id": mention.object_id,
        "displayName": mention.name,
        "userIdentityType": "aadUser",
    }
    return {**nobody, "user": user}
