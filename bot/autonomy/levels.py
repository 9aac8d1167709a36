"""What a workflow may do today: no more than its file and its environment permit, and no more than
it has earned here. Asked for every decision, so a change is obeyed at once."""

from __future__ import annotations

from sqlalchemy import Connection

from bot.catalogue import Catalogue
from policies.engine import LEVEL_SUGGESTED
from store import autonomy
from store.database import Database


class Levels:
    """The levels of one store. The lowest limit holds; what has earned nothing yet is L2."""

    def __init__(self, db: Database) -> None:
        self._db = db

    def level(self, catalogue: Catalogue, workflow: str) -> int:
        """The level at which a workflow is decided now, 1 to 4."""
        if catalogue.level(workflow) <= LEVEL_SUGGESTED:
            return catalogue.level(workflow)
        with self._db.read() as cx:
            return effective(cx, catalogue, workflow)


def effective(cx: Connection, catalogue: Catalogue, workflow: str) -> int:
    """As `Levels.level`, within the caller's transaction."""
    present = autonomy.present(cx, workflow, catalogue.environment)
    return min(catalogue.level(workflow), present.level if present else LEVEL_SUGGESTED)
