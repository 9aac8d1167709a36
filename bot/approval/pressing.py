"""A button on a card: one transaction in which the click counts, or is refused and recorded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection

from bot.approval.approving import Verdicts
from bot.approval.asking import Questions
from bot.approval.editing import Edits
from bot.approval.eligible import RefusedError
from bot.approval.resolving import Resolutions
from bot.catalogue import Catalogue
from bot.incoming import Click, Reply, Verb
from bot.ports import Clock
from bot.recording import Recorder
from bot.starting import Starter
from store import people, runs
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.run import Run

Act = Callable[[Connection, Run, Click], Reply]


class Presses:
    """Every verb of a card but the answer to a question, which is a request's own (flow.py)."""

    def __init__(
        self,
        db: Database,
        catalogue: Callable[[], Catalogue],
        recorder: Recorder,
        starter: Starter,
        clock: Clock,
    ) -> None:
        self._db, self._recorder = db, recorder
        verdicts = Verdicts(recorder, starter, clock)
        resolutions = Resolutions(recorder, starter, clock)
        edits = Edits(catalogue, recorder, clock)
        questions = Questions(recorder, clock)
        self._acts: Mapping[Verb, Act] = {
            Verb.APPROVE: verdicts.approve,
            Verb.REJECT: verdicts.reject,
            Verb.WITHDRAW: verdicts.withdraw,
            Verb.CANCEL: verdicts.cancel,
            Verb.HAPPENED: resolutions.happened,
            Verb.DID_NOT: resolutions.did_not,
            Verb.ASK_AGAIN: resolutions.ask_again,
            Verb.EDIT: edits.edit,
            Verb.ASK: questions.ask,
            Verb.REPLY: questions.reply,
        }

    def give(self, click: Click) -> Reply:
        """Applies a click. A refusal changes nothing but the ledger."""
        act = self._acts[click.verb]
        try:
            with self._db.begin(is_awaited=True) as tx:
                run = runs.get(tx, click.run_id)
                if run is None:
                    raise RefusedError(f"I know no run {click.run_id}.")
                return act(tx, run, click)
        except RefusedError as refused:
            return self.refuse(click, str(refused))

    def refuse(self, click: Click, why: str) -> Reply:
        """A click that does not count: said to the person, and to the auditor."""
        with self._db.begin(is_awaited=True) as tx:
            self._record_refusal(tx, click, why)
        return Reply(why, is_refusal=True)

    def _record_refusal(self, tx: Connection, click: Click, why: str) -> None:
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.REFUSAL,
                run_id=click.run_id if runs.get(tx, click.run_id) else "",
                actor=people.person_for(tx, click.account),
                data={
                    "of": click.verb.value,
                    "why": why,
                    "digest": click.digest[:64],
                    "surface": click.account.surface,
                    "user": click.account.user,
                },
            ),
        )
