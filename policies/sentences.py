"""Sentences with values in them: "more than can be refunded: $150.00 of $129.00"."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import islice

from policies.mentions import Mention, mentions
from store.model.values import CURRENCY_EXPONENTS, Json, format_money

SHOWN_MAX = 120  # characters of one value in a sentence
VALUE_CHARACTERS_MAX = 200  # of one text beside a check
VALUE_ITEMS_MAX = 20  # of one list beside a check
_SLOT = re.compile(r"\{([^{}]*)\}")


@dataclass(frozen=True)
class Hole:
    """A mention in a sentence, with the fact that holds its currency, if any."""

    mention: Mention
    currency_fact: str = ""


@dataclass(frozen=True)
class Sentence:
    """Text and holes in turn."""

    parts: tuple[str | Hole, ...]

    def render(self, bindings: Mapping[str, object], known: dict[str, str]) -> str:
        """The sentence on these values. `known` keeps what was shown for them once."""
        text = ""
        for part in self.parts:
            if isinstance(part, str):
                text += part
            else:
                name = part.mention.text
                if name not in known:
                    known[name] = _shown(part, bindings)
                text += known[name]
        return text


def sentence(text: str, facts: Mapping[str, str], constants: Mapping[str, str]) -> Sentence:
    """The parsed sentence; raises ValueError where a hole names no fact and no constant."""
    parts: list[str | Hole] = []
    end = 0
    for found in _SLOT.finditer(text):
        inner = found[1].strip().replace("'", '"')
        mention = next(iter(mentions(inner, facts, constants)), None)
        if mention is None or mention.text != inner:
            raise ValueError(f"{{{inner}}} is neither a fact of this operation nor a constant")
        parts += [text[end : found.start()], Hole(mention, _currency_fact(mention, facts))]
        end = found.end()
    return Sentence((*parts, text[end:]))


def _currency_fact(mention: Mention, facts: Mapping[str, str]) -> str:
    """The fact that holds an amount's currency: the key of the map, or the amount's neighbour."""
    if mention.keys and mention.keys[-1].is_fact:
        return mention.keys[-1].text
    neighbour = f"{mention.root.partition('.')[0]}.currency"
    return neighbour if mention.root.endswith("_minor") and neighbour in facts else ""


def _shown(hole: Hole, bindings: Mapping[str, object]) -> str:
    value = hole.mention.value(bindings)
    currency = bindings.get(hole.currency_fact)
    if type(value) is int and type(currency) is str and currency in CURRENCY_EXPONENTS:
        return format_money(value, currency)
    if value is None:
        return "nothing"
    return shown(recorded(value))


def shown(value: Json) -> str:
    """A recorded value as people read it, at most SHOWN_MAX characters."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        text = ", ".join(shown(item) for item in value) or "nothing"
    elif isinstance(value, dict):
        text = ", ".join(f"{key} {shown(item)}" for key, item in value.items()) or "nothing"
    else:
        text = "nothing" if value is None else str(value)
    return text if len(text) <= SHOWN_MAX else text[: SHOWN_MAX - 1] + "…"


def recorded(value: object) -> Json:
    """A fact or constant as JSON: times as RFC 3339, durations as "90 days"."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, timedelta):
        return _duration(value)
    if isinstance(value, Mapping):
        return {key: recorded(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [recorded(item) for item in value]
    return value


def brief(value: Json) -> Json:
    """A recorded value as it stands beside a check: of a whole map the keys say enough, of a list
    of maps (a freeze's from and until) each is said; a long text or list is cut; the step's facts
    hold it whole."""
    if type(value) is dict:
        value = list(value)
    if type(value) is list:
        more = [f"… {len(value) - VALUE_ITEMS_MAX} more"] if len(value) > VALUE_ITEMS_MAX else []
        return [*map(_brief_item, value[:VALUE_ITEMS_MAX]), *more]
    if type(value) is str and len(value) > VALUE_CHARACTERS_MAX:
        return value[: VALUE_CHARACTERS_MAX - 1] + "…"
    return value


def _brief_item(value: Json) -> Json:
    if type(value) is not dict:
        return brief(value)
    return {key: brief(item) for key, item in islice(value.items(), VALUE_ITEMS_MAX)}


def _duration(value: timedelta) -> str:
    seconds = value.days * 86_400 + value.seconds
    units = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))
    size, unit = next((size, unit) for size, unit in units if seconds % size == 0)
    count = seconds // size
    return f"{count} {unit}" + ("" if count == 1 else "s")
