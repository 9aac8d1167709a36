"""How values, times and people are said: one phrase for one thing, in every card."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from connectors.until import said_day
from store.model.plan import Slot
from store.model.values import Json, format_money, is_money

_MICRO_PER_CENT = 10_000
_DAY = re.compile(r"\d{4}-\d\d-\d\d")


def say(value: Json) -> str:
    """A JSON value for people: money as money, yes and no, "(none)" and "(empty)" said aloud."""
    if value is None:
        return "(none)"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if is_money(value):
        return format_money(value["minor"], value["currency"])
    if isinstance(value, dict):
        return (
            ", ".join(f"{spaced(str(key))} {say(item)}" for key, item in value.items()) or "(empty)"
        )
    if isinstance(value, (list, tuple)):
        return ", ".join(say(item) for item in value) or "(empty)"
    return str(value) if str(value).strip() else "(empty)"


def say_slot(slot: Slot) -> str:
    """A slot's value for people: a day as forms show it, "Mon 30 Nov 2026"."""
    value = slot.value
    if isinstance(value, str) and _DAY.fullmatch(value):
        try:
            return said_day(date.fromisoformat(value))
        except ValueError:
            """No day, though it looks like one."""
    return say(value)


def say_change(before: Json, after: Json) -> tuple[str, str]:
    """Before and after of one field. A list that grew is said by its length and what came to it."""
    if isinstance(before, (list, tuple)) and isinstance(after, (list, tuple)):
        kept = len(before)
        if len(after) > kept and list(after[:kept]) == list(before):
            added = "; ".join(f'"{say(item)}"' for item in after[kept:])
            return str(kept), f"{len(after)}: {added}"
    return say(before), say(after)


def spaced(name: str) -> str:
    """An identifier as words: "support-lead" and "paid_out" as people write them."""
    return re.sub(r"[-_]+", " ", name).strip() or name


def counted(count: int, noun: str) -> str:
    """ "1 finance lead", "2 finance leads"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def holders(count: int, roles: Iterable[str]) -> str:
    """ "1 finance lead", "2 support leads or finance leads": roles may be named in the plural."""
    one = [_one(role) for role in roles]
    return f"{count} {' or '.join(one if count == 1 else [f'{noun}s' for noun in one])}"


def holder(roles: Iterable[str]) -> str:
    """ "a support lead or an admin", "somebody in support": whoever holds one of the roles."""
    return " or ".join(
        f"somebody in {spaced(role)}" if _one(role) == spaced(role) else _with_article(_one(role))
        for role in roles
    )


def memberships(roles: Sequence[str]) -> str:
    """ "support and support leads": the roles that somebody holds, as a sentence names them."""
    return joined([spaced(role) for role in roles]) if roles else "none of the roles I know"


def _one(role: str) -> str:
    noun = spaced(role)
    return noun[:-1] if noun.endswith("s") and not noun.endswith("ss") else noun


def _with_article(noun: str) -> str:
    return f"{'an' if noun[:1].lower() in 'aeiou' else 'a'} {noun}"


def joined(names: Sequence[str], names_max: int = 6, word: str = "and") -> str:
    """ "Lee", "Lee and Ann", "Lee, Ann and 3 more"; "nobody" for none."""
    shown = list(names[:names_max])
    if len(names) > names_max:
        shown.append(f"{len(names) - names_max} more")
    if not shown:
        return "nobody"
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + f" {word} " + shown[-1]


def span(duration: timedelta) -> str:
    """A duration with its units: "2.1 s", "1 min 40 s", "3 h 5 min", "2 d 4 h". Never negative."""
    seconds = max(0.0, duration.total_seconds())
    if round(seconds, 1) < 60:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    whole = round(seconds)
    for size, unit, rest_size, rest_unit in (
        (86_400, "d", 3_600, "h"),
        (3_600, "h", 60, "min"),
        (60, "min", 1, "s"),
    ):
        if whole >= size:
            rest = whole % size // rest_size
            return f"{whole // size} {unit}" + (f" {rest} {rest_unit}" if rest else "")
    return f"{whole} s"


def cost(micro_usd: int, estimate_micro_usd: int = 0) -> str:
    """A cost of which a part may be an estimate: "$0.03", or "up to $0.03" where nobody said what
    that part was."""
    return f"up to {dollars(micro_usd)}" if estimate_micro_usd > 0 else dollars(micro_usd)


def dollars(micro_usd: int) -> str:
    """A cost: "$0.00", "$0.03", and "$0.0021" where cents would say nothing."""
    if micro_usd == 0 or abs(micro_usd) >= _MICRO_PER_CENT:
        cents = round(abs(micro_usd) / _MICRO_PER_CENT)
        text = f"${cents // 100:,}.{cents % 100:02d}"
    else:
        text = f"${abs(micro_usd) / 1_000_000:.6f}".rstrip("0")
    return f"-{text}" if micro_usd < 0 else text


def short_digest(digest: str) -> str:
    """The first six digits, enough for two people to see that they speak of the same plan."""
    return digest[:6]


def version(bundle_version: str) -> str:
    """A bundle version short enough for a card: a git sha is cut to seven digits."""
    return bundle_version[:7] if re.fullmatch(r"[0-9a-f]{40}", bundle_version) else bundle_version
