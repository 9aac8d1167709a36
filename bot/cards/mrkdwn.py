"""Text as Slack's mrkdwn: escaped, cut within a budget, unable to ping, link or format."""

from __future__ import annotations

import re
from datetime import UTC, datetime

from bot.cards.fitting import fit, units
from bot.cards.legible import one_line
from bot.cards.model import Channel, Moment, Piece, Strong, Words

# docs.slack.dev, "Formatting text for app surfaces": these three are escaped, nothing else is.
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
# A marker at the edge of a word would format; inside one (pay_7731) it does not and stays as it is.
_LOOKALIKES = {"*": "∗", "_": "＿", "~": "∼", "`": "ˋ"}
_MARKER = re.compile(r"(?<![^\W_])[*_~`]+|[*_~`]+(?![^\W_])")
_EMOJI_CODE = re.compile(r"(?<![0-9A-Za-z]):(?=[a-z0-9_+'-]+:)")
_CHANNEL_ID = re.compile(r"[CDG][A-Z0-9]{1,20}")
_DATE_FORMATS = {"time": "{time}", "seconds": "{time_secs}", "day": "{date_short_pretty} {time}"}


def escape(text: str, units_max: int) -> str:
    """Any text on one line, legible, inert and escaped, of at most `units_max` units.

    A longer text ends with a mark that says how many characters are missing.
    """
    head = text[:units_max]  # each character takes a unit at least; the rest only has to be counted
    inert = _EMOJI_CODE.sub("∶", _MARKER.sub(_lookalike, one_line(head)))
    return fit(inert, units_max, len(text) - len(head), _escaped)


def plain(text: str, units_max: int) -> str:
    """Any text for a plain_text object (no markup there): legible, escaped, cut."""
    head = text[:units_max]
    return fit(one_line(head), units_max, len(text) - len(head), _escaped)


def paragraph(text: str, units_max: int) -> str:
    """Several lines, each legible, inert and escaped; whole lines are left out at the end."""
    lines: list[str] = []
    room = units_max
    for line in text.split("\n"):
        said = escape(line, max(room - 1, 2))
        room -= units(said) + 1
        if room < 0:
            return "\n".join([*lines, "…"])
        lines.append(said)
    return "\n".join(lines)


def strong(text: str, units_max: int) -> str:
    """Bold text; blanks at its edges stay outside of the markers, where Slack wants them."""
    inner = escape(text, units_max)
    return f"*{inner}*{' ' if text.endswith(' ') else ''}" if inner else ""


def words(pieces: Words, units_max: int) -> str:
    """A line of pieces; each text has at most `units_max` units."""
    return "".join(_piece(piece, units_max) for piece in pieces)


def moment(value: Moment) -> str:
    """A date token in the reader's own zone, with UTC for clients that cannot."""
    at = value.at.astimezone(UTC)
    return f"<!date^{int(at.timestamp())}^{_DATE_FORMATS[value.style]}|{_utc(at)}>"


def _utc(at: datetime) -> str:
    return at.strftime("%Y-%m-%d %H:%M UTC")


def _piece(piece: Piece, units_max: int) -> str:
    match piece:
        case Moment():
            return moment(piece)
        case Strong(text):
            return strong(text, units_max)
        case Channel(channel, name):
            if _CHANNEL_ID.fullmatch(channel):
                return f"<#{channel}>"
            return escape(f"{name} in Teams" if name else channel, units_max)
        case str():
            inner = escape(piece, units_max)
            before = " " if inner and piece[:1] == " " else ""
            after = " " if piece[-1:] == " " and piece.strip() else ""
            return f"{before}{inner}{after}" if inner else " " * bool(piece)


def _escaped(text: str) -> str:
    return "".join(_ENTITIES.get(character, character) for character in text)


def _lookalike(match: re.Match[str]) -> str:
    return "".join(_LOOKALIKES[character] for character in match[0])
