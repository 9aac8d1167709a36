"""docs/reference/policy.md: every key of a bundle's files, every fact, every function, out of the
models that read them. What a key means stands here, and a key without a meaning fails the page."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pydantic import BaseModel

from connectors import registry
from policies import mentions, rules, settings_file, workflow
from policies.facts import COMMON
from tests.docs.model_keys import Keys

# File -> (what it is, its model), in the order of the page.
FILES: Mapping[str, tuple[str, type[BaseModel]]] = {
    "bundle.yml": (
        "Environments, roles, people, channels, connections and the planner.",
        settings_file.BundleFile,
    ),
    "workflows/*.yml": ("One kind of task.", workflow.Workflow),
    "policies/*.yml": ("Rules on one subject, with their examples.", rules.PolicyFile),
}

MEANINGS: Mapping[str, str] = {
    "BundleFile.bundle": "the bundle's name, as in `desk@5fdc2e3`",
    "BundleFile.title": "what people call it",
    "BundleFile.environments": "`sandbox`, `production` or both",
    "BundleFile.roles": "who may ask for what and who approves what, by name",
    "BundleFile.people": "humans with all their accounts; who is listed once counts once",
    "BundleFile.channels": "where something may be asked, by the name that rules use",
    "BundleFile.digest": "the daily report",
    "BundleFile.connections": "service accounts, by name",
    "BundleFile.workflows": "workflow → the connections that its steps may use",
    "BundleFile.planner": "the model that plans what the rules do not understand",
    "BundleFile.gates": "stage → the suites that must have passed before a promotion to it",
    "PlannerSection.model": "the id of the model, as `claude-sonnet-5-5`",
    "PlannerSection.prompt": "a file of `prompts/`, without `.md`",
    "PlannerSection.effort": "how much the model thinks; left out, as the service has it",
    "PlannerSection.reads": "finder or operation → the roles whose requests may have it read",
    "PlannerSection.prices": "model → what it costs; another model is charged as the dearest",
    "PlannerSection.limits": "what planning may use",
    "PlannerSection.spend_usd_per_day": "what models may cost in 24 hours, all runs together",
    "PlannerSection.coordinator": "the prompt that splits a request among specialists",
    "PlannerSection.specialists": "who plans the parts of a request that spans systems, by name",
    "Price.input": "US dollars for a million tokens of the request",
    "Price.output": "for a million tokens of the answer, thinking included",
    "Price.cache_write": "for a million tokens put into the cache of five minutes",
    "Price.cache_read": "for a million tokens read from it",
    "Limits.turns": "answers of the model in one planning",
    "Limits.output_tokens": "tokens of one answer, thinking included",
    "Limits.seconds": "all answers of one planning together, retries included",
    "Limits.repairs": "answers that are given back because they do not hold",
    "Limits.spend_usd": "what the model may cost in one run",
    "Specialist.workflows": "what it plans; a workflow has one specialist",
    "Specialist.prompt": "its file of `prompts/`, without `.md`",
    "Specialist.model": "its model; left out, the planner's",
    "Specialist.reads": "its reads; left out, the planner's",
    "Specialist.limits": "its limits; left out, the planner's",
    "Environment.autonomy": "the highest level of any workflow there",
    "Role.group": "the handle of a Slack user group; its members hold the role",
    "Role.teams_roster": "a team or channel in Teams, by id; its members hold the role",
    "Role.accounts": "accounts by id: `U0DANA`, `slack:U0DANA`, `teams:` and the Entra object id",
    "Role.people": "names from `people`",
    "Role.includes": "roles whose holders hold this one too",
    "Human.name": "for people to read; it decides nothing",
    "Human.accounts": "`slack:U0DANA`, `teams:` and the Entra object id; each is one human's",
    "Channel.ids": "the stable ids of the channel, in Slack, in Teams or in both",
    "Channel.linked": "what is asked in one of `ids` has its card in each; so has the report",
    "Channel.workflows": "what may be asked in it",
    "Channel.time_zone": "its local time, as `America/New_York`",
    "Digest.channel": "where the report is posted; a name from `channels`",
    "Digest.time_zone": "whose days it reports",
    "Digest.at": 'local time, as `"18:00"`',
    "Digest.workflows": "what it reports on",
    "Connection.connector": "the connector's name",
    "Connection.environment": "what the account reaches; another environment never uses it",
    "Connection.account": "the service account's name in that system",
    "Connection.scopes": "what it may do there, and no more",
    "Connection.address_env": "the variable that holds the address",
    "Connection.secret": "where its secret is: `env:NAME`, `file:/path`, `keyring:service/user`, "
    "`aws:secret-id#json-key`, `vault:mount/path#field`",
    "Workflow.workflow": "its name",
    "Workflow.title": "the card's heading",
    "Workflow.why": "one sentence for whoever reads the file",
    "Workflow.owner": "who answers for it",
    "Workflow.autonomy": "the highest level that it may earn",
    "Workflow.shadow": "ask policy beside people what it would say at L3",
    "Workflow.promotion": "what the record must hold for a promotion, and what takes it back",
    "Workflow.reviewers": "roles that judge runs which ran by themselves",
    "Workflow.slots": "what must be known, by name",
    "Workflow.verbs": "words that ask for it; `...` where others may stand between",
    "Workflow.understands": "whole sentences with `{slots}` and `[optional parts]`",
    "Workflow.steps": "`- name: {use: operation, with: {...}}`, in order",
    "Workflow.independent_steps": "each step stands for itself; a refusal takes no other one back",
    "Workflow.approval_minutes": "how long a card waits for approval",
    "Workflow.budget": "what one run may use",
    "Workflow.outcome": "what the report counts",
    "Workflow.baseline": "how long it took by hand",
    "Workflow.reject_reasons": "offered to whoever rejects; free text is always possible",
    "Workflow.examples": "sentences and what comes of them",
    "Promotion.approved_unchanged": "runs approved as shown and applied, at least",
    "Promotion.runs_looked_at": "of so many runs that a person judged, the newest",
    "Promotion.days": "how old the first of them must be",
    "Promotion.rejected_max": "rejected, or reviewed as wrong, at most",
    "Promotion.edited_max": "changed by a person, at most",
    "Promotion.undone_max": "taken back, unknown or stuck, at most",
    "Promotion.demoted_at_undone": "so many taken back, unknown or stuck demote",
    "Promotion.demoted_at_wrong": "so many reviewed as wrong demote",
    "Promotion.review_days": "how long a review may take",
    "Promotion.unreviewed_max": "more late reviews than this demote",
    "RecordSlot.finder": "the connector's search, as `orders.find`",
    "RecordSlot.noun": "what the record is called",
    "RecordSlot.words": "what else people call it",
    "RecordSlot.form": "a regular expression for its numbers, as `INC[0-9]{7}`, no other's",
    "RecordSlot.from_": "a field of another record slot that finds it, as `{person.email}`",
    "RecordSlot.is_described": "whether words may find it; else its number alone",
    "RecordSlot.is_named": "whether its place in a sentence may hold several words, as a name",
    "DaySlot.words": "words that label it in a form",
    "MoneySlot.max": "the field that bounds it, as `{order.refundable}`",
    "MoneySlot.limit": "how the bound is said",
    "ChoiceSlot.of": "value → the words that people use for it",
    "ChoiceSlot.words": "words that label it in a form",
    "TextSlot.characters_max": "how long it may be",
    "TextSlot.words": "words that label it in a form",
    "TextSlot.digits": "whether it holds digits: `any`, `some`, `none`, or is a `whole` number",
    "TextSlot.is_rest": "whether it is all that follows to the end of the message, as a comment",
    "StepTemplate.use": "the operation",
    "StepTemplate.with_": "its parameters; `{slot}` takes the value",
    "StepTemplate.when": "a reference that must not be empty for the step to be there",
    "StepTemplate.may_skip": "whoever may approve may leave this step out",
    "Budget.tool_calls": "calls of connectors after an approval",
    "Budget.wall_clock_seconds": "execution, without the waiting for people",
    "Budget.spend_usd": "what calls cost",
    "Outcome.unit": "what one is called",
    "Outcome.price_usd": "what one is worth",
    "Baseline.minutes": "by hand, each",
    "Baseline.measured": "when, as `2026-10`",
    "Baseline.touches": "how many people touched it",
    "PolicyFile.policy": "its name; unique in the bundle",
    "PolicyFile.applies_to": 'operations by their exact names, or `"*"`',
    "PolicyFile.values": "named constants",
    "PolicyFile.counters": "what was asked lately, by whom or for whom",
    "PolicyFile.rules": "the rules",
    "PolicyFile.given": "facts that all examples start from",
    "PolicyFile.examples": "facts and what the whole bundle decides on them",
    "Counting.per": "facts that it counts by; `[]` counts everybody together",
    "Counting.window": "how far back, as `24 hours`; 1 minute to 400 days",
    "Counting.amount": "a fact that it sums too, for each currency by itself",
    "Counting.currency": "the fact that holds the amount's currency",
    "Rule.id": "unique in the bundle; cards and the ledger name it",
    "Rule.effect": "`deny` refuses, `allow` grants, `require` asks for people",
    "Rule.all": "label → condition; all of them must hold",
    "Rule.any": "label → condition; one of them must hold",
    "Rule.require": "who must consent; only with `require`",
    "Rule.because": "the sentence that people read; `{facts}` become values",
    "Ask.role": "`count` people who hold it",
    "Ask.any_of": "`count` people who each hold one of these",
    "Ask.all_of": "`count` people of each of these",
    "Ask.people": "so many different approvers in all",
    "Ask.veto": "this role may reject, and need not approve",
    "Ask.count": "how many; with `role`, `any_of` and `all_of`",
    "Ask.stage": "1 comes before 2",
    "Ask.escalate_to": "a role whose holders count too, later",
    "Ask.after_minutes": "how much later",
    "rules.Example.name": "what it shows",
    "rules.Example.operation": "where the file applies to several",
    "rules.Example.facts": "what differs from `given`",
    "rules.Example.expect": "what is decided",
    "rules.Example.rules": "exactly the rules that decided",
    "rules.Example.approvers": "exactly who is asked, as in `require`",
    "workflow.Example.say": "a sentence of a person",
    "workflow.Example.plan": "the operations that come of it",
    "workflow.Example.asks": "or the slot that is asked for",
    "workflow.Example.refuses": "or nothing",
}
# Keys that several kinds of slot share.
SHARED = {
    "type": "what kind of slot",
    "ask": "the question when it is not known",
    "is_optional": "whether the plan can do without",
}
KEYS = Keys(FILES, MEANINGS, SHARED)

FACT_MEANINGS: Mapping[str, str] = {
    "requester.id": "the human, whatever account they used",
    "requester.roles": "roles of `bundle.yml` held now; never by delegation",
    "request.channel": "the channel's name in `bundle.yml`; `direct`, `unlisted`",
    "request.surface": "`slack` or `teams`",
    "workflow.name": "",
    "workflow.level": "1 to 4, as it holds here and now",
    "run.environment": "`sandbox` or `production`, of the connections used",
    "step.is_reversible": "whether it can be taken back as things stand",
    "now": 'UTC; `now.getHours("Europe/Berlin")` is local',
    "read.age_seconds": "how old the live reads are",
}


def page(made: str) -> str:
    """The whole page; `made` is the line that says where it comes from."""
    return "\n".join([*_intro(made), *KEYS.sections(), *_facts(), *_functions()])


def unexplained() -> tuple[str, ...]:
    """Keys and facts of the code without a meaning here, and meanings of no key."""
    return KEYS.unexplained() + tuple(sorted(COMMON.keys() ^ FACT_MEANINGS.keys()))


def _intro(made: str) -> Iterator[str]:
    yield from ("# Policy reference", "", made)
    yield "Every key of a bundle's files. How to use them is in"
    yield "[how to write a policy](../how-to/policy.md) and"
    yield "[how to write a workflow](../how-to/workflow.md). Unknown keys are refused."
    yield ""


def _facts() -> Iterator[str]:
    yield from ("## Facts of every step", "", "| fact | type | |", "|---|---|---|")
    for fact, kind in COMMON.items():
        yield f"| `{fact}` | {_escaped(kind)} | {FACT_MEANINGS[fact]} |"
    yield from (
        "",
        "A counter adds `NAME.count` and, with an amount, `NAME.sum_minor`, both int.",
        "",
    )
    yield from ("## Facts of an operation", "", "| operation | facts |", "|---|---|")
    for name, (_, operation) in sorted(registry.operations().items()):
        facts = ", ".join(
            f"`{fact}` {_escaped(kind)}" for fact, kind in operation.fact_types.items()
        )
        yield f"| `{name}` | {facts} |"
    yield ""


def _functions() -> Iterator[str]:
    names = ", ".join(f"`{name}`" for name in sorted(mentions.FUNCTIONS))
    yield from ("## Functions of conditions", "", names + ".", "")


def _escaped(kind: str) -> str:
    return kind.replace("<", "&lt;").replace(">", "&gt;")
