"""What an older release stored is read by this one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from store import runs, schema
from store.database import Database


def test_a_run_that_waited_before_the_upgrade_waits_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    db = Database(f"sqlite:///{tmp_path}/a.db")
    with monkeypatch.context() as older:
        older.setattr(schema, "HEAD", "0002")
        db.migrate()
    body = json.loads((Path(__file__).parent / "waiting_0002.json").read_text())
    with db.begin() as tx:
        tx.execute(
            text(
                "INSERT INTO runs (number, version, status, person_id, surface, team, channel, "
                "thread, body) VALUES (1001, 3, 'waiting', 'P-1001', 'slack', 'T1', 'C1', '1.0', "
                ":body)"
            ),
            {"body": json.dumps(body)},
        )
        tx.execute(
            text(
                "INSERT INTO deliveries (key, run_id, kind, surface, team, channel, thread, "
                "wanted, sent, message, body, attempts, next_attempt_at_us, problem, given_up, "
                "claimed_by, claimed_until_us) VALUES ('card:R-1001', 'R-1001', 'card', 'slack', "
                "'T1', 'C1', '1.0', 3, 3, '1.1', '{}', 0, 0, '', 0, '', 0)"
            )
        )
    db.migrate()
    with db.read() as cx:
        run = runs.get(cx, "R-1001")
        assert run is not None
        assert run.proposal is not None
        assert runs.of_workflow(cx, "refund", 10) == (run,)
        assert [r.roles for r in run.proposal.decision.requirements] == [("support-leads",)]
        wanted = cx.execute(text("SELECT wanted FROM deliveries")).scalar_one()
    assert wanted == 4, "its card is drawn again: the digest is another one"
    db.close()
