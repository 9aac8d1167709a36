"""What an arm rests on, as digests over the files themselves: equal digests, equal files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from bot.bundle.installed import digest_of, installed
from evals.keeping.results import PARTIAL, Pins


def pins_of(
    tree: Path,
    bundle: Path,
    *,
    suite: str,
    planner: str,
    model: str,
    cassettes: Path | None,
    seed: int,
) -> Pins:
    """The pins of what stands in a tree now, with a bundle's folder inside or outside of it.

    `planner` and `model` are names ("rules", "claude-sonnet-5-5" or ""); `suite` its digest.
    """
    product = installed(tree)
    return Pins(
        suite=suite,
        bundle=digest_of([bundle], bundle),
        prompt=digest_of([bundle / "prompts"], bundle),
        policy=digest_of([bundle / "policies", bundle / "bundle.yml"], bundle),
        workflows=digest_of([bundle / "workflows"], bundle),
        connectors=product.connectors,
        planner=f"{planner}:{product.planner}",
        model=model,
        cassettes=digest_of([cassettes], cassettes) if cassettes else "",
        code=product.code,
        seed=seed,
    )


def partial(suite: str, cases: Iterable[str]) -> str:
    """The pin of some cases of a suite: it equals no whole suite's, nor that of other cases."""
    text = "\n".join([suite, *sorted(cases)])
    return PARTIAL + hashlib.sha256(text.encode()).hexdigest()[:56]
