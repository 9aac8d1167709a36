"""READ FIRST. A run's life in five verbs, one hop each:

receive(message)   dedupe, store, acknowledge; nothing else happens inside the event handler
propose(run)       planner -> plan, question or refusal; live reads -> diff; policy -> decision
press(click)       approve, reject, cancel, answer: right person, right role, right digest, fresh;
                   the approval that meets the requirements enqueues the execution in its own
                   transaction
execute(run)       executor.py, driven by the durable engine
summarize(run)     publisher.py renders what the store says; settling posts the summary

Every verb changes the run, appends to the ledger and marks the cards in one transaction.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from sqlalchemy import Connection

from bot.approval.asking import Questions, asked_in_thread
from bot.approval.pressing import Presses
from bot.incoming import Click, Message, Reply, Verb, storable
from bot.people.standing_in import StandingIn
from bot.ports import Clock, DirectoryUnavailableError
from bot.proposing import Proposer
from bot.recording import Recorder
from store import deliveries, people, runs
from store.database import Database
from store.model.entry import Entry, Kind
from store.model.request import TEXT_CHARACTERS_MAX, Place, Request
from store.model.run import Answer, Event, Run, Status

FORGET = frozenset({"cancel", "never mind", "nevermind", "forget it", "stop"})
ANSWERS_MAX = 20  # answers that one run takes; whoever is not understood by then starts anew
OPEN_RUNS_PER_PERSON_MAX = 50  # runs that one person may have unsettled; a flood waits its turn


class Flow:
    """The verbs over one store. Thread-safe; holds no run."""

    def __init__(
        self,
        db: Database,
        directory: StandingIn,
        proposer: Proposer,
        presses: Presses,
        recorder: Recorder,
        clock: Clock,
    ) -> None:
        self._db, self._directory = db, directory
        self._proposer, self._presses, self._recorder = proposer, presses, recorder
        self._questions, self._clock = Questions(recorder, clock), clock

    def receive(self, message: Message) -> Reply:
        """Stores a request, an answer or a reply in the thread of one. What it returns is what to
        say at once."""
        refusal = message.account.refusal
        text = storable(message.text.strip())
        with self._db.begin(is_awaited=True) as tx:
            person_id = people.person_for(tx, message.account)
            if runs.seen_before(tx, message.event_keys, "") is not None:
                return Reply("")
            places = _places(tx, message.place)
            if refusal or not text or len(text) > TEXT_CHARACTERS_MAX:
                reply = _unusable(refusal, text)
                self._record_refusal(tx, person_id, message, reply.text)
                return reply
            if own := _newest(runs.asking_of(tx, place, person_id) for place in places):
                self._answer(tx, own, text)
            elif owing := _newest(asked_in_thread(tx, place, person_id) for place in places):
                return self._questions.reply_in_thread(tx, owing, text)
            elif (other := _newest(_question_of_another(tx, place) for place in places)) and not (
                self._proposer.names_a_task(text, message.place)
            ):
                return _not_theirs(other)
            elif len(runs.open_for_person(tx, person_id, OPEN_RUNS_PER_PERSON_MAX)) >= (
                OPEN_RUNS_PER_PERSON_MAX
            ):
                return Reply(
                    f"You have {OPEN_RUNS_PER_PERSON_MAX} requests open; cancel some first.",
                    is_refusal=True,
                )
            else:
                self._open(tx, person_id, message, text)
        return Reply("")

    def propose(self, run_id: str) -> None:
        """Plans a received run; see Proposer."""
        self._proposer.propose(run_id)

    def press(self, click: Click) -> Reply:
        """A button: the truth is in the store, the click only names it."""
        click = replace(
            click,
            run_id=storable(click.run_id),
            digest=storable(click.digest),
            text=storable(click.text),
            values=tuple((storable(slot), storable(text)) for slot, text in click.values),
            skip=tuple(map(storable, click.skip)),
        )
        if click.account.refusal:
            return self._presses.refuse(click, f"Not done: {click.account.refusal}.")
        self._adopt(click)
        if click.verb is Verb.ANSWER:
            return self._press_answer(click)
        return self._presses.give(self._with_delegations(click))

    def _with_delegations(self, click: Click) -> Click:
        """The click with what absent people let the person decide: resolved now, as the roles are.
        What cannot be asked is not known, and refuses."""
        if click.person is None:
            return click
        try:
            return replace(click, person=self._directory.filled(click.person))
        except DirectoryUnavailableError:
            return replace(click, person=None)

    def _adopt(self, click: Click) -> None:
        """A card that was posted, but whose posting a crash kept from being recorded, is kept up to
        date from its first click on."""
        if not click.message or not click.place.channel:
            return
        with self._db.read() as cx:  # writers wait for each other, and most cards are known
            if deliveries.is_known(cx, click.place, click.message):
                return
        with self._db.begin(is_awaited=True) as tx:
            if runs.get(tx, click.run_id) is not None:
                deliveries.adopt(tx, click.run_id, click.place, click.message, self._clock())

    def _open(self, tx: Connection, person_id: str, message: Message, text: str) -> None:
        now = self._clock()
        run = Run(
            id=runs.next_id(tx),
            version=1,
            status=Status.RECEIVED,
            request=Request(
                person_id=person_id,
                account_user=message.account.user,
                place=message.place,
                message=message.message,
                text=text,
                event_keys=message.event_keys,
                received_at=message.received_at,
            ),
            requester_name=message.account.display_name,
            workflow="",
            answers=(),
            slots=(),
            question=None,
            proposal=None,
            drift=(),
            note="",
            cost_micro_usd=0,
            created_at=now,
            changed_at=now,
            proposed_at=None,
            approved_at=None,
            settled_at=None,
            is_cancel_requested=False,
        )
        runs.insert(tx, run)
        place = message.place
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.REQUEST,
                run_id=run.id,
                actor=person_id,
                data={
                    "surface": place.surface,
                    "team": place.team,
                    "channel": place.channel,
                    "thread": place.thread,
                    "user": message.account.user,
                },
                sensitive={"text": text, "name": message.account.display_name},
            ),
        )

    def _answer(self, tx: Connection, run: Run, text: str) -> None:
        """The next word of the requester in a run that asks."""
        assert run.question is not None, "a run that asks has a question"
        if text.casefold().rstrip(".! ") in FORGET:
            self._recorder.advance(
                tx, run, Event.CANCELLED, note=f"{run.requester_name} withdrew the request."
            )
            return
        if len(run.answers) >= ANSWERS_MAX:
            note = (
                f"After {ANSWERS_MAX} answers I still do not know enough. Nothing was done;"
                " ask again in one sentence."
            )
            self._recorder.advance(tx, run, Event.CANCELLED, note=note)
            return
        answer = Answer(slot=run.question.slot, text=text)
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.ANSWER,
                run_id=run.id,
                actor=run.request.person_id,
                data={"slot": answer.slot},
                sensitive={"text": text},
            ),
        )
        self._recorder.advance(tx, run, Event.ANSWERED, answers=(*run.answers, answer))

    def _press_answer(self, click: Click) -> Reply:
        with self._db.begin(is_awaited=True) as tx:
            run = runs.get(tx, click.run_id)
            if run is None:
                return Reply(f"I know no run {click.run_id}.", is_refusal=True)
            if people.person_for(tx, click.account) != run.request.person_id:
                return Reply(
                    f"Only {run.requester_name}, who asked, can answer this.", is_refusal=True
                )
            if run.question is None or click.digest != run.question.slot:
                return Reply("This question is answered already.")
            if not click.text.strip() or len(click.text) > TEXT_CHARACTERS_MAX:
                return _unusable(None, click.text.strip())
            self._answer(tx, run, click.text.strip())
        return Reply("")

    def _record_refusal(
        self, tx: Connection, person_id: str, message: Message, reason: str
    ) -> None:
        self._recorder.append(
            tx,
            Entry(
                kind=Kind.REFUSAL,
                run_id="",
                actor=person_id,
                data={
                    "of": "request",
                    "why": reason,
                    "surface": message.account.surface,
                    "channel": message.place.channel,
                    "user": message.account.user,
                },
            ),
        )


def _question_of_another(tx: Connection, place: Place) -> Run | None:
    """The question that these words may be meant for, though another person is asked. In a place
    without threads there is none: what others say there are requests of their own."""
    return runs.open_in_thread(tx, place) if place.thread else None


def _not_theirs(asking: Run) -> Reply:
    """Another person's question is open, and the words name no task: they may be meant for it."""
    return Reply(
        f"{asking.id} waits for an answer from {asking.requester_name}, who asked; nobody else can"
        " give it, so I took nothing from what you wrote. To ask for something of your own, name"
        " the whole task in one sentence here, or mention me outside this thread.",
        is_refusal=True,
    )


def _places(tx: Connection, place: Place) -> tuple[Place, ...]:
    """The place, and where the run was asked for whose card begins this thread: a card in a linked
    channel is answered below it as the first one is."""
    run_id = deliveries.run_below(tx, place)
    run = runs.get(tx, run_id) if run_id else None
    return (place,) if run is None else tuple(dict.fromkeys((run.request.place, place)))


def _newest(found: Iterable[Run | None]) -> Run | None:
    return max(filter(None, found), key=lambda run: (run.created_at, run.id), default=None)


def _unusable(refusal: str | None, text: str) -> Reply:
    if refusal:
        return Reply(f"I cannot take this request: {refusal}.", is_refusal=True)
    if not text:
        return Reply("I read no words in that. Tell me what to do, or say help.", is_refusal=True)
    return Reply(
        f"That is {len(text):,} characters; I read at most {TEXT_CHARACTERS_MAX:,}."
        " Say it shorter, nothing was done.",
        is_refusal=True,
    )
