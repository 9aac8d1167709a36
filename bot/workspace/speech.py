"""What a person types, as Slack stores it: escaped, with mentions and links marked. Pure."""

import re

from bot.workspace.wire import Json

_URL = re.compile(r"https?://[^\s<>|]+[^\s<>|.,;:!?)\]}'\"]")
_WIDE = {"channel": "<!channel>", "here": "<!here>", "everyone": "<!everyone>"}
_TOKEN = re.compile(r"<([@#!])([^>|]+)(?:\|([^>]*))?>|<(https?://[^>|]+)(?:\|([^>]*))?>")


def escaped(text: str) -> str:
    """Slack's three escapes."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def stored_text(typed: str, names: dict[str, str], channels: dict[str, str]) -> str:
    """What the message's `text` holds.

    `names` maps what may follow an @ (names, aliases) to user ids; `channels` maps channel names
    to ids. What is not known stays as typed.
    """
    text = _URL.sub(lambda match: f"<{match[0]}>", escaped(typed))
    known = {name.lower(): user for name, user in names.items()}
    wide = {name: mark for name, mark in _WIDE.items() if name not in known}
    longest_first = sorted([*known, *wide], key=len, reverse=True)
    pattern = "|".join(re.escape(escaped(name)) for name in longest_first)

    def mention(match: re.Match[str]) -> str:
        name = match[1].lower()
        return wide[name] if name in wide else f"<@{known[name]}>"

    text = re.sub(rf"(?<![\w@])@({pattern})(?!\w)", mention, text, flags=re.IGNORECASE)
    rooms = "|".join(re.escape(name) for name in sorted(channels, key=len, reverse=True))
    if not rooms:
        return text
    return re.sub(rf"(?<![\w#&])#({rooms})(?![\w-])", lambda m: f"<#{channels[m[1]]}|{m[1]}>", text)


def rich_text(text: str) -> Json:
    """The rich_text block that Slack's composer sends beside the text."""
    elements: list[Json] = []
    at = 0
    for match in _TOKEN.finditer(text):
        if match.start() > at:
            elements.append({"type": "text", "text": unescaped(text[at : match.start()])})
        elements.append(_element(match))
        at = match.end()
    if at < len(text) or not elements:
        elements.append({"type": "text", "text": unescaped(text[at:])})
    return {
        "type": "rich_text",
        "block_id": "said",
        "elements": [{"type": "rich_text_section", "elements": elements}],
    }


def unescaped(text: str) -> str:
    """The reverse of `escaped`."""
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def _element(match: re.Match[str]) -> Json:
    if match[4]:
        return {"type": "link", "url": match[4]}
    if match[1] == "@":
        return {"type": "user", "user_id": match[2]}
    if match[1] == "#":
        return {"type": "channel", "channel_id": match[2]}
    return {"type": "broadcast", "range": match[2]}
