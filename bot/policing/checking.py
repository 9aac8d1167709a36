"""What admins read in the terminal about a bundle: its problems, and what runs by itself."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

from bot.bundle.reach import out_of_reach
from bot.catalogue import examined
from bot.settings import from_environment
from policies.ceiling import lines
from policies.check import Checked


def check(folder: Path | None) -> tuple[bool, str]:
    """Whether a bundle is in order, and the report. None: the bundle in force."""
    checked = examined(in_force(folder))
    if checked.bundle is not None:
        findings = (*checked.findings, *out_of_reach(checked.bundle))
        checked = replace(checked, findings=findings)
    return not checked.findings, report(checked)


def in_force(folder: Path | None) -> Path:
    """The folder that was named, else that of the bundle in force."""
    return folder or from_environment(os.environ).bundle


def report(checked: Checked) -> str:
    """One line a finding, then what each workflow may do by itself, and the count."""
    count = len(checked.findings)
    total = f"{count or 'no'} problem{'' if count == 1 else 's'}"
    return "\n".join([*map(str, checked.findings), *lines(checked.ceilings), total])
