"""Which bundle is in force in this process: whoever needs it asks, every time, and nobody keeps it.

Putting another one in force is one transaction (what it says of people, and the ledger's entry) and
one assignment after it: each decision is made wholly under one bundle or wholly under another.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from bot.catalogue import Catalogue
from bot.ports import Clock
from bot.recording import Recorder
from policies.findings import Finding
from store import deliveries, runs
from store.database import Database
from store.ledger.search import find
from store.model.entry import Entry, Kind
from store.model.run import Status
from store.model.values import Json

log = logging.getLogger(__name__)

REDRAWN_MAX = 1_000  # waiting cards that are drawn anew at an edit; others at their next change
FINDINGS_KEPT_MAX = 20  # of one refused bundle in the ledger; `assent policy check` lists them all


@dataclass(frozen=True)
class Refused:
    """An edit of the bundle's folder that is not in force, because something is wrong in it."""

    digest: str
    findings: tuple[Finding, ...]
    at: datetime

    @property
    def sentence(self) -> str:
        """What is wrong, in one line, for people who do not read the log."""
        first, rest = self.findings[0], len(self.findings) - 1
        more = f" and {rest} more problem{'s' * (rest > 1)}" if rest else ""
        said = f"{first}{more}".rstrip(".?")
        return (
            f"The bundle was edited and is not in force, because of {said}."
            " assent policy check says what to correct; until then the earlier bundle decides."
        )


# What a bundle says beside its rules and must be in the store with it, such as people's accounts.
Applied = Callable[[Connection, Catalogue], object]


class InForce:
    """The bundle in force, and the one that was refused if the folder holds such a one now."""

    def __init__(
        self,
        db: Database,
        recorder: Recorder,
        catalogue: Catalogue,
        process: str,
        clock: Clock,
        applied: Sequence[Applied] = (),
    ) -> None:
        """Records that the process starts with this bundle. `process` names it among several."""
        self._db, self._recorder, self._clock = db, recorder, clock
        self._process, self._applied = process, tuple(applied)
        self._refused: Refused | None = None
        self._present = catalogue
        self._enter(catalogue)

    def catalogue(self) -> Catalogue:
        """The bundle in force, with its connectors."""
        return self._present

    def refused(self) -> Refused | None:
        """The present content of the folder, if it is not in force because it was refused."""
        return self._refused

    def put(self, catalogue: Catalogue) -> None:
        """Another bundle is in force from now on, in this process. All or nothing."""
        before = self._present.bundle.version
        self._enter(catalogue)
        self._present, self._refused = catalogue, None
        self._redraw()
        log.info("the bundle %s is in force; before it was %s", catalogue.bundle.version, before)

    def confirm(self) -> None:
        """The folder holds what is in force: nothing is refused (any more)."""
        self._refused = None

    def refuse(self, digest: str, findings: Sequence[Finding]) -> None:
        """The folder holds something else that cannot be in force. Said and recorded once."""
        refused = Refused(digest, tuple(findings), self._clock())
        lines = "\n".join(f"  {finding}" for finding in refused.findings)
        log.warning("an edited bundle is refused; the earlier one stays in force:\n%s", lines)
        present = self._present.bundle
        data: dict[str, Json] = {
            "version": present.version,
            "digest": present.digest,
            "environment": self._present.environment,
            "refused": digest,
            "findings": [str(finding) for finding in refused.findings[:FINDINGS_KEPT_MAX]],
            "findings_count": len(refused.findings),
        }
        with self._db.begin() as tx:
            newest = find(tx, kind=Kind.BUNDLE, limit=1)
            if not newest or newest[0].data.get("refused") != digest:  # by another process, say
                self._record(tx, data)
        self._refused = refused

    def _redraw(self) -> None:
        """What waits was decided under another bundle; its cards say so without being pressed."""
        with self._db.begin() as tx:
            for run in runs.in_status(tx, (Status.WAITING,), REDRAWN_MAX):
                deliveries.touch(tx, run.id, self._clock())

    def _enter(self, catalogue: Catalogue) -> None:
        bundle = catalogue.bundle
        with self._db.begin() as tx:
            for apply in self._applied:
                apply(tx, catalogue)
            self._record(
                tx,
                {
                    "version": bundle.version,
                    "digest": bundle.digest,
                    "environment": catalogue.environment,
                    "from": _newest_digest(tx),
                    "process": self._process,
                },
            )

    def _record(self, tx: Connection, data: dict[str, Json]) -> None:
        self._recorder.append(tx, Entry(kind=Kind.BUNDLE, run_id="", actor="assent", data=data))


def _newest_digest(tx: Connection) -> Json:
    """The digest that the ledger says was in force last, in any process; empty at a first start."""
    newest = find(tx, kind=Kind.BUNDLE, limit=1)
    return newest[0].data["digest"] if newest else ""
