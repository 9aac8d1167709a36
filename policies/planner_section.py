"""The `planner:` section of bundle.yml: which model may plan, what it may read, what it may cost.

Without the section, or without a key for the model, the rules plan alone.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from policies import spelling
from policies.workflow import Declared, Dollars, Name

ModelId = Annotated[str, StringConstraints(pattern=spelling.MODEL)]
Readable = Annotated[str, StringConstraints(pattern=spelling.OPERATION)]
Effort = Literal["low", "medium", "high", "xhigh", "max"]
PRICES_MAX = 50  # models of one bundle
READS_MAX = 50  # finders and operations that a model may read with; each becomes a tool of it
SPECIALISTS_MAX = 10  # domains that one request may be split over
# Finder or operation -> roles.
Reads = Annotated[dict[Readable, tuple[Name, ...]], Field(max_length=READS_MAX)]


class Price(Declared):
    """What a model costs, in US dollars per million tokens. `cache_write` is that of the cache of
    five minutes, which is the one in use."""

    input: Dollars
    output: Dollars
    cache_write: Dollars
    cache_read: Dollars


class Limits(Declared):
    """What a model may use at most: turns, seconds and repairs of one planning, tokens of one
    answer (its thinking included), and dollars of one run, all its plannings together."""

    turns: Annotated[int, Field(ge=1, le=20)] = 6
    output_tokens: Annotated[int, Field(ge=256, le=32_000)] = 4_096
    seconds: Annotated[int, Field(ge=1, le=120)] = 60
    repairs: Annotated[int, Field(ge=0, le=5)] = 2
    spend_usd: Dollars = "0.20"


class Specialist(Declared):
    """Who plans a part of a request that spans systems, with workflows of its own. Where `model`,
    `reads` or `limits` are left out, they are as the planner's; each has a meter of its own."""

    workflows: Annotated[tuple[Name, ...], Field(min_length=1)]
    prompt: Name
    model: ModelId | None = None
    reads: Reads | None = None
    limits: Limits | None = None


class PlannerSection(Declared):
    """`prompt` names a file of prompts/. `reads` maps a finder or an operation to the roles whose
    requests may have it read; what is not listed is never read by a model. `prices` has every model
    that is named here; an answer of any other is charged at the dearest of them. `coordinator`
    names the prompt that splits a request among the specialists. `spend_usd_per_day` is what all
    models may cost in any 24 hours, whoever asks; past it the rules plan alone."""

    model: ModelId
    prompt: Name = "planner"
    effort: Effort | None = None
    reads: Reads = Field(default_factory=dict)
    prices: Annotated[dict[ModelId, Price], Field(min_length=1, max_length=PRICES_MAX)]
    limits: Limits = Limits()
    spend_usd_per_day: Dollars = "20.00"
    coordinator: Name = "coordinator"
    specialists: Annotated[dict[Name, Specialist], Field(max_length=SPECIALISTS_MAX)] = Field(
        default_factory=dict
    )
