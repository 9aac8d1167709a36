"""What admins read in the terminal about a bundle: its problems, and what runs by itself."""

from __future__ import annotations

import os
from pathlib import Path

from bot.catalogue import fact_types
from bot.settings import from_environment
from connectors import registry
from policies.check import Checked
from policies.check import check as check_bundle


def check(folder: Path | None) -> tuple[bool, str]:
    """Whether a bundle is in order, and the report. None: the bundle in force."""
    folder = folder or from_environment(os.environ).bundle
    finders = {name: finder.field_types for name, (_, finder) in registry.finders().items()}
    checked = check_bundle(folder, fact_types(), finders)
    return not checked.findings, report(checked)


def report(checked: Checked) -> str:
    """One line a finding, one line a ceiling, and the count."""
    count = len(checked.findings)
    total = f"{count or 'no'} problem{'' if count == 1 else 's'}"
    return "\n".join([*map(str, checked.findings), *map(str, checked.ceilings), total])
