"""One thing that is said about a suite."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from evals.cases.case import Case
from evals.cases.suite import Suite
from evals.cases.vocabulary import Vocabulary
from policies.document import Path
from policies.findings import Finding


@dataclass(frozen=True, order=True)
class Remark:
    """A problem is to be mended; a note is to be known."""

    finding: Finding
    severity: Literal["problem", "note"] = "problem"

    def __str__(self) -> str:
        return f"{self.finding}" if self.severity == "problem" else f"{self.finding} (note)"


@dataclass
class Sheet:
    """Where the checks write down what they find, at the place of the case."""

    suite: Suite
    words: Vocabulary
    remarks: list[Remark]

    def problem(self, case: Case, path: Path, message: str) -> None:
        self.remarks.append(Remark(self.suite.places[case.case].finding(path, message)))

    def note(self, case: Case, path: Path, message: str) -> None:
        finding = self.suite.places[case.case].finding(path, message)
        self.remarks.append(Remark(finding, "note"))

    def of_suite(
        self, path: Path, message: str, severity: Literal["problem", "note"] = "note"
    ) -> None:
        """At a place of suite.yml."""
        self.remarks.append(Remark(self.suite.source.key_finding(path, message), severity))


Check = Callable[[Sheet], None]
