"""A thousand rules are checked in the time that somebody waits for a command."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from policies.check import check
from tests.policies import many_rules

BAR_SECONDS = 10.0  # of the processor, so that what else the machine does is not counted


@pytest.mark.slow
@pytest.mark.parametrize("kind", many_rules.KINDS)
def test_a_thousand_rules_are_checked_in_time(tmp_path: Path, kind: str) -> None:
    catalogue = many_rules.write(tmp_path, kind)
    start = time.process_time()
    assert check(tmp_path, catalogue, None).findings == ()
    assert time.process_time() - start < BAR_SECONDS


@pytest.mark.slow
def test_a_thousand_superfluous_rules_are_told_in_time_too(tmp_path: Path) -> None:
    catalogue = many_rules.write_superfluous(tmp_path)
    start = time.process_time()
    findings = check(tmp_path, catalogue, None).findings
    assert len(findings) == 100
    assert all("asks for nothing new" in finding.message for finding in findings)
    assert time.process_time() - start < 2 * BAR_SECONDS
