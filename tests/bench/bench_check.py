"""What `assent policy check` costs for large bundles: 1,000 rules of one operation, and of 100."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from policies.check import check
from tests.bench import figures
from tests.policies import many_rules

pytestmark = pytest.mark.bench

BAR_SECONDS = 10.0


@pytest.mark.parametrize("kind", many_rules.KINDS)
def test_checking_a_thousand_rules(tmp_path: Path, kind: str) -> None:
    catalogue = many_rules.write(tmp_path, kind)
    figures.title(f"policy check, {many_rules.RULES:,} rules, {kind}")
    start, cpu = time.perf_counter(), time.process_time()
    assert check(tmp_path, catalogue, None).findings == ()
    figures.under("wall clock", time.perf_counter() - start, BAR_SECONDS, "s", digits=1)
    figures.line("processor time", f"{time.process_time() - cpu:.1f} s")
