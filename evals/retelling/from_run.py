"""`agent-eval from-run`: a run that happened becomes a case, with nobody in it who was there.

Only the ledger is read, so what was erased there is erased here. What the case expects is what
happened; whether that was right, a person says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.auditing import existing_store
from evals.cases import suite as suites
from evals.cases import vocabulary
from evals.cases.amounts import plain
from evals.cases.suite import BUNDLES, Suite
from evals.cases.vocabulary import Vocabulary
from evals.errors import EvalError
from evals.retelling.cast import Cast, cast
from evals.retelling.heard import Did, Heard, heard
from evals.retelling.likeness import Likeness, like, ordinary, shape_of
from evals.retelling.redaction import Redactor
from evals.retelling.yaml import case_text, is_seen
from store import ledger, runs
from store.ledger.search import LedgerEntry
from store.model.run import Status
from store.model.values import Json

UNFINISHED = frozenset({Status.RECEIVED, Status.RUNNING})
# What stands for an address that somebody wrote; the country stays, because policy looks at it.
ADDRESS: Mapping[str, str] = {
    "street": "12 Main Street",
    "city": "Springfield",
    "postcode": "62701",
}
CONFIRM = (
    "Made of run {run}. A person has to confirm it: read that nobody can be recognised, that the"
    " request still says the same, and that what happened is what should happen. Then say in `why`"
    " what it shows and choose its slices."
)


class FromRunError(EvalError):
    """The run cannot be made a case; the message says why."""


def from_run(
    run_id: str,
    state: Path,
    suite_folder: Path,
    slices: Sequence[str] = (),
    bundles: Path = BUNDLES,
) -> str:
    """The text of a file with one case, for the suite in a folder. Reads the store of a state
    folder and writes nothing. Raises FromRunError, SuiteError, BundleError or CommandError."""
    loaded = suites.load(suite_folder, bundles)
    words = vocabulary.read(bundles / loaded.file.bundle)
    with existing_store(state) as (_, db), db.read() as cx:
        run, entries = runs.get(cx, run_id), ledger.show(cx, run_id)
    if run is None or not entries:
        raise FromRunError(f"there is no run {run_id}; runs look like R-1001")
    if run.status in UNFINISHED:
        raise FromRunError(f"{run_id} is {run.status}; wait until it has come to rest")
    return draft(entries, run.status, loaded, words, slices)


def draft(
    entries: Sequence[LedgerEntry],
    status: Status,
    suite: Suite,
    words: Vocabulary,
    slices: Sequence[str] = (),
) -> str:
    """The case of a run's entries. Raises FromRunError where the suite has too few people."""
    story = heard(entries)
    roles = {**story.roles, **_roles_of_requester(story)}
    try:
        others = [did.person for did in story.acts if did.person]
        players = cast(suite.file, [story.requester, *others], roles, story.asked_of)
    except ValueError as error:
        raise FromRunError(f"{error}; name another suite") from None
    likenesses = [*_likenesses(story, words, datetime.fromisoformat(suite.file.now))]
    known = _known(story, suite, players, likenesses)
    redactor = Redactor(_kept_words(words), known, _amounts(story))
    run_id = entries[0].run_id
    case: dict[str, Json] = {
        "case": f"run-{re.sub(r'[^a-z0-9]+', '-', run_id.lower()).strip('-')}",
        "why": "It happened; say what it shows.",
        "slices": list(slices) or [next(iter(suite.file.slices))],
        "request": redactor.text(story.request),
    }
    if (by := players.players[story.requester]) != suite.file.requester:
        case["by"] = by
    if world := _world(story, players, likenesses):
        case["world"] = world
    if story.acts:
        case["then"] = [_act(did, players, redactor) for did in story.acts]
    case["expect"] = _expected(story, status, redactor)
    doubts = dict.fromkeys((*story.notes, *_doubts(story, status)))
    remarks = [CONFIRM.format(run=run_id), *doubts]
    return case_text(case, remarks)


def _roles_of_requester(story: Heard) -> dict[str, tuple[str, ...]]:
    held = story.facts.get("requester.roles")
    return {story.requester: tuple(held)} if isinstance(held, (list, tuple)) else {}


def _doubts(story: Heard, status: Status) -> Iterator[str]:
    """What a person has to look at, because the ledger does not say enough of it."""
    if status is Status.FAILED and not story.plan:
        yield "it failed before there was a plan: say which system was away, in world.faults"
    if story.found and not story.plan:
        yield (
            "nothing was planned, so any record that is delivered and paid stands for the one that"
            " was meant: say how it stood, in world.records"
        )
    if any(not is_seen(text) for text in (story.request, *_typed(story))):
        yield "characters that cannot be seen were left out of its words"
    for fact, value in story.facts.items():
        if value and (fact.endswith(".count") or fact == "customer.refunds_24h"):
            yield f"{fact} was {value}: say what had been asked for before as earlier requests"
    if story.decision.get("effect") == "may run":
        yield "it ran by itself; the suite has to be at autonomy L3"
    shortened = story.decision.get("shortened")
    if shortened:
        yield f"the decision was recorded {shortened}"


def _typed(story: Heard) -> Iterator[str]:
    for did in story.acts:
        yield from (value for value in did.more.values() if isinstance(value, str))


def _likenesses(
    story: Heard, words: Vocabulary, now: datetime
) -> Iterator[tuple[str, str, str, Likeness]]:
    """Each order that was looked at with its payment and ticket, and what stands for them: the
    plan's with its shape, the others any."""
    params: dict[str, str] = {}
    for step in story.plan.get("steps", ()):
        for name in ("order", "payment", "ticket"):
            if isinstance(value := step["params"].get(name), str):
                params.setdefault(name, value)
    taken: set[str] = set()
    main = params.get("order", "")
    at = story.requested_at or now
    if params:
        has_ticket = "ticket" in params if _may_have_ticket(story, words) else None
        has_moved = any(did.verb == "records" for did in story.acts)
        shape = shape_of(story.facts, has_ticket, at, is_exact=has_moved)
        best = like(shape, now)
        taken.add(best.order)
        yield main, params.get("payment", ""), params.get("ticket", ""), best
    for order in dict.fromkeys(story.found):
        if order != main:
            other = like(ordinary(story.request), now, frozenset(taken))
            taken.add(other.order)
            yield order, "", "", other


def _may_have_ticket(story: Heard, words: Vocabulary) -> bool:
    """Whether the workflow does anything with a ticket where there is one."""
    workflow = words.workflows.get(str(story.plan.get("workflow", "")))
    steps = [template for step in workflow.steps for template in step.values()] if workflow else []
    return any("ticket" in template.with_ for template in steps)


def _known(
    story: Heard,
    suite: Suite,
    players: Cast,
    likenesses: Sequence[tuple[str, str, str, Likeness]],
) -> dict[str, str]:
    """What stands for people, records and addresses of the run."""
    known: dict[str, str] = {}
    for person, name in story.names.items():
        if person in players.players:
            other = suite.file.people[players.players[person]].name
            known[name] = other
            known[name.split()[0]] = other.split()[0]
    for order, payment, ticket, one in likenesses:
        known |= {order: one.order, payment: one.payment, ticket: one.ticket}
    for step in story.plan.get("steps", ()):
        for name, other in ADDRESS.items():
            if isinstance(value := step["params"].get(name), str):
                known[value] = other
    known.pop("", None)
    return known


def _amounts(story: Heard) -> Iterator[int]:
    """What the plan gives back, in minor units: a number that says so is nobody's."""
    for step in story.plan.get("steps", ()):
        for value in step["params"].values():
            if isinstance(value, dict) and "minor" in value:
                yield int(value["minor"])


def _kept_words(words: Vocabulary) -> set[str]:
    """Every word that the bundle itself says, its examples excepted: those name customers."""
    said: list[str] = []
    for workflow in words.workflows.values():
        said += [workflow.title, *workflow.verbs, *workflow.reject_reasons]
        for slot in workflow.slots.values():
            said += getattr(slot, "words", ())
            said.append(getattr(slot, "noun", ""))
            for value, forms in getattr(slot, "of", {}).items():
                said += [value, *forms]
        for step in workflow.steps:
            for template in step.values():
                said += [str(value) for value in template.with_.values()]
    return {word for text in said for word in re.findall(r"[^\W\d_][\w’'-]*", text)}


def _world(
    story: Heard, players: Cast, likenesses: Sequence[tuple[str, str, str, Likeness]]
) -> dict[str, Json]:
    records = [record for *_, one in likenesses for record in one.records]
    world: dict[str, Json] = {
        "records": records,
        "faults": story.faults,
        "roles": {who: list(roles) for who, roles in players.roles.items()},
    }
    return {name: value for name, value in world.items() if value}


def _act(did: Did, players: Cast, redactor: Redactor) -> dict[str, Json]:
    more = dict(did.more)
    if did.verb in ("wait_minutes", "records"):
        return {key: _redacted(value, redactor) for key, value in more.items()}
    who = players.players[did.person]
    if did.verb == "answer":
        return {"answer": redactor.text(str(more["answer"]))}
    for part in ("text", "values"):
        if part in more:
            more[part] = _redacted(more[part], redactor)
    return {did.verb: who, **more}


def _redacted(value: Json, redactor: Redactor) -> Json:
    """A value with other words in every text of it; money as cases write it."""
    if isinstance(value, dict) and value.keys() == {"minor", "currency"}:
        return plain(value)
    if isinstance(value, dict):
        return {key: _redacted(inner, redactor) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_redacted(inner, redactor) for inner in value]
    return redactor.text(value) if isinstance(value, str) else value


def _expected(story: Heard, status: Status, redactor: Redactor) -> dict[str, Json]:
    steps: Sequence[Mapping[str, Any]] = story.plan.get("steps", ())
    standing = [index for index in story.written if index not in story.undone]
    expected: dict[str, Json] = {"outcome": status.value, "asks": list(story.asks)}
    if story.plan:
        expected["workflow"] = story.plan.get("workflow", "")
        expected["plan"] = [step["operation"] for step in steps]
    if story.decision:
        expected["approvals"] = _approvals(story.decision)
        if rules := _rules(story.decision):
            expected["rules"] = rules
    expected["writes"] = [
        {steps[index]["operation"]: _redacted(dict(steps[index]["params"]), redactor)}
        for index in standing
    ]
    if story.undone:
        expected["undone"] = [steps[index]["operation"] for index in sorted(story.undone)]
    return expected


def _approvals(decision: Mapping[str, Any]) -> dict[str, int]:
    """How many of whom the decision wanted, as cases write it."""
    wanted: dict[str, int] = {}
    for one in decision.get("requirements", ()):
        if one["kind"] != "veto":
            who = "people" if one["kind"] == "people" else " or ".join(one["roles"])
            wanted[who] = wanted.get(who, 0) + int(one["count"])
    return wanted


def _rules(decision: Mapping[str, Any]) -> list[str]:
    """The rules that refused or asked for somebody."""
    matched = (
        rule["rule"]
        for step in decision.get("steps", ())
        for rule in step.get("rules", ())
        if rule["is_matched"] and rule["effect"] in ("deny", "require")
    )
    return list(dict.fromkeys(matched))
