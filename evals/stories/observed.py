"""What happened in a case, joined from the systems' own records, the store and the ledger."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from evals.stories.breaches import breaches
from evals.stories.events import events
from evals.stories.hearing import Hearing
from evals.stories.ordering import told
from evals.stories.story import Moment, Story
from evals.stories.trace import Trace
from evals.worlds.people import key_of
from store import approvals, ledger, meters, runs
from store.ledger import LedgerEntry
from store.model.decision import Decision
from store.model.entry import Kind
from store.model.plan import Step
from store.model.run import Run, Status
from store.model.values import Json

SYSTEMS = "connector"  # whose charges are calls to systems, in the meters
LONG = timedelta(days=400)  # no story lasts so long


def observe(story: Story, epoch: int) -> Trace:
    """Plays a story to its end; what happened. Raises what `Story.play` raises."""
    hearing = Hearing(story.world)
    heard = [(moment, hearing.hear(moment)) for moment in story.play()]
    return _trace(story, epoch, [each for each in heard if not each[0].is_earlier])


def _trace(story: Story, epoch: int, heard: Sequence[tuple[Moment, tuple[str, ...]]]) -> Trace:
    own = [moment for moment, _ in heard]
    world, requested_at = story.world, story.requested_at
    with world.assent.db.read() as cx:
        run = runs.get(cx, story.run_ids[-1]) if story.run_ids else None
        proposal = run.proposal if run else None
        given = approvals.for_digest(cx, run.id, proposal.digest) if run and proposal else ()
        spent = meters.between(cx, requested_at, requested_at + LONG)
        mine = [entry for run_id in story.run_ids for entry in ledger.show(cx, run_id)]
        of_run = ledger.show(cx, run.id) if run else ()
        earlier = [entry for run_id in story.earlier_ids for entry in ledger.show(cx, run_id)]
    plans = [entry for entry in of_run if entry.kind is Kind.PLAN]
    decision = proposal.decision if proposal else None
    models = [entry.data for entry in mine if entry.kind is Kind.MODEL]
    # What had to come before counts too: without it the case is another one.
    pressed = [m for m in story.moments if m.kind != "meanwhile" and m.verb != "request"]
    return Trace(
        case=story.case.case,
        epoch=epoch,
        status=_status(run, own),
        workflow=run.workflow if run else "",
        asked=tuple(str(e.data["slot"]) for e in of_run if e.kind is Kind.QUESTION),
        operations=tuple(step.operation for step in proposal.plan.steps) if proposal else (),
        slots={slot.name: _shown(slot.value) for slot in run.slots} if run else {},
        effect=decision.effect.value if decision else "",
        approvals=_wanted(decision) if decision else {},
        rules=_rules(decision) if decision else (),
        approved_by=tuple(key_of(a.account_user) for a in given if a.verdict == "approve"),
        proposed=_params(plans[0]) if plans else {},
        approved=_params(plans[-1]) if plans else {},
        said=tuple(text for _, said in heard for text in said),
        wrongly_counted=tuple(
            map(_told, (m for m in pressed if m.must_be_refused and not m.reply.is_refusal))
        ),
        wrongly_refused=tuple(
            map(_told, (m for m in pressed if m.reply.is_refusal and not m.must_be_refused))
        ),
        writes=world.writes(_asked_for(mine + earlier), _taken_back(mine)),
        changes=world.changes(),
        final=world.rows([(s.table, s.id) for s in story.case.expect.state]),
        order=told(of_run),
        breaches=breaches([*earlier, *mine]),
        tool_calls=spent[SYSTEMS].calls if SYSTEMS in spent else 0,
        model_turns=len(models),
        input_tokens=sum(int(data.get("input_tokens", 0)) for data in models),
        output_tokens=sum(int(data.get("output_tokens", 0)) for data in models),
        cost_micro_usd=sum(total.micro_usd for total in spent.values()),
        latency_milliseconds=round(story.worked.total_seconds() * 1000),
        events=tuple(events(heard, mine)),
    )


def _status(run: Run | None, own: Sequence[Moment]) -> Status | None:
    """A request that was refused at the door made no run: nothing was done, and it was said."""
    if run is not None:
        return run.status
    return Status.DENIED if own and own[0].reply.is_refusal else None


def _wanted(decision: Decision) -> dict[str, int]:
    """How many of whom policy wants, all stages together."""
    found: dict[str, int] = {}
    for requirement in decision.requirements:
        if requirement.kind == "veto":
            continue
        who = "people" if requirement.kind == "people" else requirement.who
        found[who] = found.get(who, 0) + requirement.count
    return found


def _rules(decision: Decision) -> tuple[str, ...]:
    """The ids of the rules that matched, each once."""
    matched = (r.rule for step in decision.steps for r in step.rules if r.is_matched)
    return tuple(dict.fromkeys(matched))


def _params(plan: LedgerEntry) -> dict[str, dict[str, Json]]:
    return {str(step["id"]): dict(step["params"]) for step in plan.data["steps"]}


def _asked_for(entries: Iterable[LedgerEntry]) -> tuple[Step, ...]:
    """Every step that was ever proposed, each once: which of them was written, the desk knows."""
    found = {
        str(step): Step.model_validate(step)
        for entry in entries
        if entry.kind is Kind.PLAN
        for step in entry.data["steps"]
    }
    return tuple(found.values())


def _taken_back(entries: Sequence[LedgerEntry]) -> tuple[Step, ...]:
    """The steps that the ledger says were taken back, as they were last proposed before."""
    found: list[Step] = []
    plan: dict[str, Step] = {}
    for entry in entries:
        if entry.kind is Kind.PLAN:
            plan = {str(step["id"]): Step.model_validate(step) for step in entry.data["steps"]}
        if entry.kind is Kind.COMPENSATION and "key" in entry.data:
            found.append(plan[str(entry.data["step"])])
    return tuple(found)


def _shown(value: Json) -> Json:
    """A record by its id; everything else as it is."""
    return value["id"] if isinstance(value, dict) and "id" in value else value


def _told(moment: Moment) -> str:
    return f"{moment.verb} by {moment.who}: {moment.reply.text or 'no refusal'}"
