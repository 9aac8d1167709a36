"""What is wrong in a bundle, and where. Loading is all or nothing: any finding refuses it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Finding:
    """One problem at one place. `line` and `column` count from 1; 0 means the whole file."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{place}: {self.message}"


class BundleError(Exception):
    """The bundle was not loaded, nothing of it is in force: correct what is listed, load again."""

    def __init__(self, findings: Iterable[Finding]) -> None:
        self.findings = tuple(sorted(set(findings)))
        count = len(self.findings)
        lines = "\n".join(f"  {finding}" for finding in self.findings)
        noun = "problem" if count == 1 else "problems"
        super().__init__(f"the bundle was not loaded, {count} {noun}:\n{lines}")
