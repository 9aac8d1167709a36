"""Where a live model is, and the key for it: read in the command, given to the workers by their
pipe, in no environment, no argument, no record and no text."""

from __future__ import annotations

import os
import re

from pydantic import Field

from bot.planner.pricing import micro_usd
from bot.settings import ANTHROPIC_KEY, from_environment
from evals.errors import ArtefactError
from store.model.values import Frozen


class Service(Frozen):
    """One address with one key."""

    api_key: str = Field(repr=False)
    api_base: str


def dollars(text: str) -> int:
    """What may be spent, in millionths of a dollar, of "5.00". Raises ArtefactError."""
    if not re.fullmatch(r"\d{1,6}(\.\d{1,6})?", text, re.ASCII):
        raise ArtefactError(f"{text!r} is no sum of dollars; write it as 5.00")
    return micro_usd(text)


def service() -> Service:
    """As the settings say it. Raises ArtefactError without a key, SettingsError for a wrong one."""
    told = from_environment(os.environ).anthropic
    if told is None:
        raise ArtefactError(
            f"{ANTHROPIC_KEY} is not set, so no model can be asked; set it, or use what is recorded"
        )
    return Service(api_key=told.api_key, api_base=told.api_base)
