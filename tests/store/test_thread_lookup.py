"""A thread's earlier runs are found by an index, however many runs there are beside them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import event, text

from store import runs
from store.database import Database
from store.model.run import Run

OTHERS = 3_000  # runs of other threads, more than were ever looked through


@pytest.mark.slow
def test_earlier_runs_of_a_thread_are_looked_up_not_scanned(
    db: Database, make_run: Callable[..., Run]
) -> None:
    first = make_run()
    place = first.request.place
    last = make_run(f"R-{1_002 + OTHERS}")
    row = runs._row(first)
    named = ", ".join(row)
    with db.begin() as tx:
        tx.execute(
            text(f"INSERT INTO runs ({named}) VALUES ({', '.join(f':{n}' for n in row)})"),
            [
                row,
                *({**row, "number": 1_002 + n, "thread": f"2.{n:06d}"} for n in range(OTHERS)),
                runs._row(last),
            ],
        )
        tx.execute(text("ANALYZE"))
    asked: list[tuple[str, object]] = []
    with db.read() as cx:

        def hear(_cx: object, _cursor: object, sql: str, parameters: object, *_: object) -> None:
            asked.append((sql, parameters))

        event.listen(cx, "before_cursor_execute", hear)
        assert runs.earlier_in_thread(cx, last, 5) == (first,), "of long ago"
        event.remove(cx, "before_cursor_execute", hear)
        sql, parameters = next(each for each in asked if "FROM runs" in each[0])
        explain = "EXPLAIN QUERY PLAN " if cx.dialect.name == "sqlite" else "EXPLAIN "
        plan = " ".join(map(str, cx.exec_driver_sql(explain + sql, parameters).all()))
    assert "runs_by_thread" in plan, plan
    assert "SCAN" not in plan.upper().replace("INDEX SCAN", ""), plan
    assert place.thread == last.request.place.thread
