"""What a dead process was asking a model is found once, by its process or by its run."""

from __future__ import annotations

from datetime import datetime

from store import asks
from store.asks import ModelAsk
from store.database import Database


def test_an_ask_is_there_until_it_is_ended_or_taken(db: Database, now: datetime) -> None:
    def one(run_id: str, owner: str) -> ModelAsk:
        return ModelAsk(
            run_id=run_id,
            owner=owner,
            meter="planner",
            model="claude-sonnet-5-5",
            micro_usd=2**40,
            asked_at=now,
        )

    made = [one("R-1", "a"), one("R-1", "a"), one("R-2", "a"), one("R-1", "b"), one("R-3", "b")]
    with db.begin() as tx:
        ids = [asks.begin(tx, ask) for ask in made]
        asks.end(tx, ())
        asks.end(tx, ids[:1])
        assert asks.is_any(tx, "R-1")
        assert asks.take_of_owner(tx, "a") == (made[1], made[2])
        assert asks.take_of_owner(tx, "a") == ()
        assert asks.take_of_run(tx, "R-1") == (made[3],)
        assert not asks.is_any(tx, "R-1")
        assert asks.is_any(tx, "R-3")
