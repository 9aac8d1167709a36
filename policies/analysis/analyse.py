"""The whole analysis of one loaded bundle."""

from __future__ import annotations

from collections.abc import Iterator

from policies.analysis import ceilings, contradictions, demands, hygiene, reach
from policies.analysis.logic import Rules
from policies.bundle import Bundle
from policies.ceiling import Ceiling
from policies.facts import Catalogue
from policies.findings import Finding


def analyse(
    bundle: Bundle, catalogue: Catalogue
) -> tuple[tuple[Finding, ...], tuple[Ceiling, ...]]:
    """Findings in the order of files and lines, and what each workflow may do by itself."""
    rules = Rules(bundle, catalogue)
    found, dead = reach.findings(rules)
    ceiling, unlimited = ceilings.ceilings(rules)
    all_ = {*found, *_others(rules, dead), *unlimited}
    return tuple(sorted(all_)[: reach.FINDINGS_MAX]), ceiling


def _others(rules: Rules, dead: frozenset[tuple[str, int]]) -> Iterator[Finding]:
    yield from contradictions.findings(rules, dead)
    yield from hygiene.findings(rules)
    yield from demands.findings(rules.bundle)
