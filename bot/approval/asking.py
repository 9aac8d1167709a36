"""Words about a waiting plan: an approver asks whoever asked for it, and gets a reply.

Remarks change nothing about the plan, so what was approved stays approved.
"""

from __future__ import annotations

from typing import Literal

from sqlalchemy import Connection

from bot.approval.eligible import RefusedError, eligible, is_requester, waiting
from bot.cards.phrases import joined
from bot.incoming import Click, Reply, Verb
from bot.ports import Clock
from bot.recording import Recorder
from store import runs
from store.model.entry import Entry, Kind
from store.model.request import Place
from store.model.run import Remark, Run, Status

QUESTIONS_MAX = 10  # questions about one run; whoever needs more talks to the person
REMARK_CHARACTERS_MAX = 1_000  # of one question or reply; longer text belongs into the thread
THREAD_RUNS_MAX = 50  # waiting runs of one thread that are looked through for an open question


class Questions:
    """Ask the requester, and reply."""

    def __init__(self, recorder: Recorder, clock: Clock) -> None:
        self._recorder, self._clock = recorder, clock

    def ask(self, tx: Connection, run: Run, click: Click) -> Reply:
        """A question of somebody who may decide; the thread hears whom it is for."""
        proposal = waiting(run, click, self._clock())
        person = eligible(tx, run, proposal, click, Verb.ASK, self._clock())
        text = _usable(click.text, "question")
        asked = sum(remark.kind == "question" for remark in run.remarks)
        if asked >= QUESTIONS_MAX:
            raise RefusedError(
                f"{QUESTIONS_MAX} questions were asked about {run.id}; talk to"
                f" {run.requester_name}, then approve or reject it."
            )
        after = self._add(tx, run, "question", person.id, person.name, text)
        line = (
            f"{run.requester_name}, {person.name} asks about {run.id}: “{text}” Reply here,"
            " mentioning me, or by the button on the card."
        )
        self._recorder.say(tx, after, f"ask:{run.id}:{len(after.remarks)}", line)
        return Reply("")

    def reply(self, tx: Connection, run: Run, click: Click) -> Reply:
        """The requester's words by the button. The plan is not what they answer, so any showing of
        it will do."""
        if not is_requester(tx, run, click):
            raise RefusedError(f"Only {run.requester_name}, who asked for it, can reply.")
        if run.status is Status.RECEIVED and run.edit is not None:
            raise RefusedError(f"{run.id} is being changed right now; reply in a moment.")
        if run.status is not Status.WAITING:
            raise RefusedError(f"{run.id} is {run.status} already; nobody waits for a reply.")
        self._reply(tx, run, click.text)
        return Reply("")

    def reply_in_thread(self, tx: Connection, run: Run, text: str) -> Reply:
        """The requester's next words in the thread of a run with an open question."""
        askers = _askers(run)
        assert askers, "a run without an open question takes no reply"
        try:
            self._reply(tx, run, text)
        except RefusedError as refused:
            return Reply(str(refused), is_refusal=True)
        return Reply(f"I put that on the card of {run.id} as your reply to {askers}.")

    def _reply(self, tx: Connection, run: Run, said: str) -> None:
        askers = _askers(run)
        if not askers:
            raise RefusedError(f"Nobody waits for a reply about {run.id}.")
        text = _usable(said, "reply")
        after = self._add(tx, run, "reply", run.request.person_id, run.requester_name, text)
        line = f"{askers}, {run.requester_name} replies about {run.id}: “{text}”"
        self._recorder.say(tx, after, f"reply:{run.id}:{len(after.remarks)}", line)

    def _add(
        self,
        tx: Connection,
        run: Run,
        kind: Literal["question", "reply"],
        person_id: str,
        name: str,
        text: str,
    ) -> Run:
        remark = Remark(kind=kind, person_id=person_id, name=name, text=text, at=self._clock())
        self._recorder.append(tx, remark_entry(run.id, remark))
        return self._recorder.save(tx, run, remarks=(*run.remarks, remark))


def open_questions(run: Run) -> tuple[Remark, ...]:
    """The questions that wait for the requester's words; one reply is to all of them."""
    found: tuple[Remark, ...] = ()
    for said in run.remarks:
        if said.kind == "question":
            found = (*found, said)
        elif said.kind == "reply":
            found = ()
    return found


def _askers(run: Run) -> str:
    """ "Lee Park and Mira Sol", "" where nobody waits for a reply."""
    names = tuple(dict.fromkeys(question.name for question in open_questions(run)))
    return joined(names) if names else ""


def asked_in_thread(tx: Connection, place: Place, person_id: str) -> Run | None:
    """The waiting run of this thread in which this person owes a reply; the newest."""
    return next(
        (
            run
            for run in runs.waiting_of(tx, place, person_id, THREAD_RUNS_MAX)
            if open_questions(run)
        ),
        None,
    )


def remark_entry(run_id: str, remark: Remark) -> Entry:
    """What the ledger keeps of a remark; the words can be erased one day."""
    return Entry(
        kind=Kind.REMARK,
        run_id=run_id,
        actor=remark.person_id,
        data={"of": remark.kind},
        sensitive={"name": remark.name, "text": remark.text},
    )


def _usable(said: str, what: str) -> str:
    """The words in one line, because they stand in a line of the thread and of the card."""
    text = " ".join(said.split())
    if not text:
        raise RefusedError(f"Your {what} has no words in it.")
    if len(text) > REMARK_CHARACTERS_MAX:
        raise RefusedError(f"Say your {what} in at most {REMARK_CHARACTERS_MAX:,} characters.")
    return text
