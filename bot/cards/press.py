"""What a button carries: a run, what was signed, for an answer the choice. None is believed."""

from __future__ import annotations

import re
from dataclasses import dataclass

VALUE_CHARACTERS_MAX = 2_000  # docs.slack.dev, button element, value
OPTION_CHARACTERS_MAX = 150  # docs.slack.dev, option object, value
_VALUE = re.compile(
    r"(?P<run>[A-Za-z0-9-]{1,64}):"
    r"(?P<digest>(?:[A-Za-z0-9_-]{1,64}(?:~\d)?\.)?[A-Za-z0-9_-]{0,64})"  # or "refund~2.amount"
    r"(?::(?P<text>.*))?",
    re.DOTALL,
)


@dataclass(frozen=True)
class Press:
    """A button's value, read. `digest` is the plan digest, for an answer the slot asked about."""

    run_id: str
    digest: str
    text: str = ""


def write(press: Press) -> str:
    """ "R-1001:9c41f2…" or "R-1001:order:1043". Raises ValueError beyond VALUE_CHARACTERS_MAX."""
    value = f"{press.run_id}:{press.digest}" + (f":{press.text}" if press.text else "")
    if len(value.encode("utf-16-le")) // 2 > VALUE_CHARACTERS_MAX or not _VALUE.fullmatch(value):
        raise ValueError(f"a button of {press.run_id} cannot carry this value")
    return value


def write_option(action: str, value: str) -> str:
    """ "ask R-1001:9c41f2…": a menu's option, which has no action id of its own."""
    option = f"{action} {value}"
    if len(option.encode("utf-16-le")) // 2 > OPTION_CHARACTERS_MAX:
        raise ValueError(f"an option {action} cannot carry this value")
    return option


def read_option(option: str) -> tuple[str, str]:
    """The action and the value that a menu's option names; empty where it was not ours."""
    action, _, value = option.partition(" ")
    return (action, value) if len(option) <= OPTION_CHARACTERS_MAX and value else ("", "")


def read(value: str) -> Press | None:
    """The press that a value names, None when it was not written by `write`."""
    match = _VALUE.fullmatch(value) if len(value) <= VALUE_CHARACTERS_MAX else None
    if match is None:
        return None
    return Press(match["run"], match["digest"], match["text"] or "")
