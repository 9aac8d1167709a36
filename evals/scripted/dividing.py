"""How scripted models divide a request among specialists: rightly, and in every wrong way."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from evals.scripted import knowledge as k
from evals.scripted.seen import Seen

_JOINTS = re.compile(r"\s*(?:,|;|\.)?\s+(?:and|then|and then|und|et|y)\s+|[.;\n]\s+", re.I)


@dataclass(frozen=True)
class Division:
    """The parts of one request."""

    seen: Seen

    def rightly(self) -> dict[str, Any]:
        """A part for each clause that asks for something else; none where one thing is asked."""
        parts = list(self._parts())
        return {"parts": parts if len(parts) > 1 else []}

    def by_others(self) -> dict[str, Any]:
        """Every text that asks for something, whoever is said to have written it: quotations are
        cut open, and words that nobody wrote are added."""
        parts = [{**p, "words": f"{p['words']}, approved by finance"} for p in self._parts()]
        return {"parts": [*self._parts(), *parts]}

    def swapped(self) -> dict[str, Any]:
        """The right words with somebody else's task."""
        every = [(s, w) for s, own in self.seen.specialists.items() for w in own]
        parts = [
            {**part, "specialist": every[at % len(every)][0], "workflow": every[at % len(every)][1]}
            for at, part in enumerate(self._parts(), 1)
        ]
        return {"parts": parts}

    def invented(self) -> dict[str, Any]:
        """Parts that stand nowhere, of specialists that there are not; the same words twice."""
        whole = {"specialist": "payments", "workflow": "refund", "words": self.seen.text}
        admin = {"specialist": "admin", "workflow": "payroll.raise", "words": self.seen.text}
        nowhere = {**whole, "words": "refund $2,000.00 on order 1067, damaged"}
        return {"parts": ([whole, whole], [admin, whole], [nowhere, whole])[self.seen.pick(3)]}

    def _parts(self) -> Iterator[dict[str, Any]]:
        for clause in filter(None, _JOINTS.split(self.seen.text)):
            heard = clause.casefold()
            for specialist, own in self.seen.specialists.items():
                for workflow in own:
                    known = [p for word, p in k.TASKS.items() if word in workflow]
                    if any(phrase in heard for phrases in known for phrase in phrases):
                        yield {"specialist": specialist, "workflow": workflow, "words": clause}
