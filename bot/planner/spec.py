"""How one model is asked: which one, with which words, for how much. From the bundle in force."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from bot.planner.pricing import PriceTable, micro_usd, price_table
from policies.planner_section import Limits, PlannerSection

METER = "planner"  # what models cost is charged under it, and under "planner.NAME" for specialists


@dataclass(frozen=True)
class Spec:
    """`meter` is whose money it is, `limits.spend_usd` what one run may spend under it in all its
    plannings together. `effort` None: the model's own."""

    model: str
    prompt: str
    limits: Limits
    prices: PriceTable
    meter: str = METER
    effort: str | None = None

    @property
    def spend_micro_usd(self) -> int:
        return micro_usd(self.limits.spend_usd)


def spec_of(section: PlannerSection, prompts: Mapping[str, str], specialist: str = "") -> Spec:
    """The planner's own, or that of a specialist of the section."""
    prices = price_table(section.prices)
    if not specialist:
        prompt = prompts[section.prompt]
        return Spec(section.model, prompt, section.limits, prices, effort=section.effort)
    own = section.specialists[specialist]
    return Spec(
        model=own.model or section.model,
        prompt=prompts[own.prompt],
        limits=own.limits or section.limits,
        prices=prices,
        meter=f"{METER}.{specialist}",
        effort=section.effort,
    )
