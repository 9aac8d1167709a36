"""Bundles of a thousand rules, each of which matters, written for measuring."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from bot.catalogue import fact_types
from connectors import registry
from policies.facts import Catalogue

DESK = Path(__file__).parents[2] / "policies" / "bundles" / "desk"
RULES = 1_000
OPERATIONS = 100
KINDS = ("deny, one operation", "require, one operation", "mixed, one operation", "100 operations")
FACTS = {"refund.amount_minor": "int", "refund.currency": "string", "customer.id": "string"}


def write(folder: Path, kind: str) -> Catalogue:
    """Writes the bundle and gives the catalogue that it is checked with."""
    shutil.copytree(DESK, folder, dirs_exist_ok=True)
    for file in (folder / "policies").iterdir():
        file.unlink()
    if kind != "100 operations":
        (folder / "policies" / "many.yml").write_text(_file("many", "payments.refund", RULES, kind))
        return fact_types(registry.of(["desk"]))
    for number in range(OPERATIONS):
        text = _file(f"many-{number}", f"bench.op{number}", RULES // OPERATIONS, kind)
        (folder / "policies" / f"many{number}.yml").write_text(text)
    desk = fact_types(registry.of(["desk"]))
    return {**desk, **{f"bench.op{n}": dict(FACTS) for n in range(OPERATIONS)}}  # type: ignore[dict-item]


def _file(name: str, operation: str, rules: int, kind: str) -> str:
    head = [
        f"policy: {name}",
        f"applies_to: [{operation}]",
        "values: {limits: {USD: 10000, EUR: 10000, JPY: 15000}}",
        "rules:",
        f'  - {{id: {name}-allow, effect: allow, all: {{support: "refund.amount_minor > 0 &&'
        " 'support' in requester.roles\"}, because: fine}",
    ]
    return "\n".join([*head, *_rules(name, rules - 1, kind)]) + "\n"


def write_superfluous(folder: Path) -> Catalogue:
    """Writes a bundle in which all rules but the first two ask for nothing new."""
    catalogue = write(folder, "mixed, one operation")
    text = _file("many", "payments.refund", 1, "")
    rules = "".join(
        f"  - {{id: over-{n}, effect: require, all: {{over it: 'refund.amount_minor >"
        f" limits[refund.currency] + {n}'}}, require: [{{role: admins, count: 1}}], because: so}}\n"
        for n in range(RULES - 1)
    )
    (folder / "policies" / "many.yml").write_text(text + rules)
    return catalogue


def _rules(name: str, count: int, kind: str) -> Iterator[str]:
    """Bands of amounts that overlap and leave a gap each, but for one customer each."""
    effects = {"deny": ("deny",), "require": ("require",)}.get(
        kind.partition(",")[0], ("deny", "require", "require")
    )
    for n in range(count):
        effect = effects[n % len(effects)]
        band = (
            f"refund.amount_minor > limits[refund.currency] + {100 * n} &&"
            f" refund.amount_minor <= limits[refund.currency] + {100 * n + 150} &&"
            f' customer.id != "cus{n}"'
        )
        asks = " require: [{role: support-leads, count: 1}]," if effect == "require" else ""
        yield (
            f"  - {{id: {name}-{n}, effect: {effect}, all: {{in the band: '{band}'}},{asks}"
            " because: so}"
        )
