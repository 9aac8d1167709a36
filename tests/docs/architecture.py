"""The tables of docs/architecture.md that are read off the code: the state machine, the limits."""

from __future__ import annotations

import importlib
from pathlib import Path

from store.model.run import (
    NEEDS_A_PERSON,
    SETTLED,
    Event,
    IllegalEventError,
    Status,
    next_status,
)

# What bounds what, in the order of a run's life: (what is bounded, module, constant, unit).
LIMITS = (
    ("one request", "store.model.request", "TEXT_CHARACTERS_MAX", "characters"),
    ("a grant with an end", "bot.until", "GRANT_DAYS_MAX", "days"),
    ("unsettled runs of one person", "bot.flow", "OPEN_RUNS_PER_PERSON_MAX", "runs"),
    ("one HTTP request from Slack", "bot.surfaces.slack_http", "BODY_BYTES_MAX", "bytes"),
    ("reading that request", "bot.surfaces.slack_http", "BODY_SECONDS_MAX", "seconds"),
    ("one HTTP request from Teams", "bot.surfaces.teams_http", "BODY_BYTES_MAX", "bytes"),
    ("reading that request", "bot.surfaces.teams_http", "BODY_SECONDS_MAX", "seconds"),
    ("one token of Teams", "bot.surfaces.teams_tokens", "TOKEN_CHARACTERS_MAX", "characters"),
    ("trusting its keys unseen", "bot.surfaces.teams_keys", "FRESH_SECONDS", "seconds"),
    ("between looks for an unknown key", "bot.surfaces.teams_keys", "REFETCH_SECONDS", "seconds"),
    ("messages being stored at once", "bot.surfaces.receiving", "IN_FLIGHT_MAX", "messages"),
    ("work after an acknowledgement", "bot.surfaces.receiving", "BACKGROUND_MAX", "pieces"),
    ("runs planned at once", "bot.intake", "CONCURRENCY", "runs"),
    ("answers that the planner reads", "bot.planner.rules", "ANSWERS_MAX", "answers"),
    ("an open question", "store.runs", "QUESTION_OPEN_SECONDS_MAX", "seconds"),
    ("one bundle", "policies.bundle", "FILES_MAX", "files"),
    ("one bundle file", "policies.document", "BYTES_MAX", "bytes"),
    ("one policy file", "policies.rules", "RULES_MAX", "rules"),
    ("one rule", "policies.rules", "CHECKS_MAX", "conditions"),
    ("one condition", "policies.cel", "CONDITION_MAX", "characters"),
    ("approvers that a rule may ask for", "policies.rules", "APPROVERS_MAX", "people"),
    ("roles of one bundle", "policies.settings_file", "ROLES_MAX", "roles"),
    ("people of one bundle", "policies.settings_file", "PEOPLE_MAX", "people"),
    ("accounts of one person", "policies.settings_file", "ACCOUNTS_MAX", "accounts"),
    ("ids of one channel", "policies.settings_file", "CHANNEL_IDS_MAX", "ids"),
    ("conversations remembered", "store.conversations", "CONVERSATIONS_MAX", "conversations"),
    (
        "people remembered in each",
        "store.conversations",
        "CONTACTS_PER_CONVERSATION_MAX",
        "people",
    ),
    ("one delegation", "store.delegations", "DAYS_MAX", "days"),
    ("delegations that one person has given", "store.delegations", "LIVE_MAX", "delegations"),
    ("delegations that one person holds", "store.delegations", "HELD_MAX", "delegations"),
    ("one plan", "policies.engine", "STEPS_MAX", "steps"),
    ("one text fact", "policies.facts", "TEXT_MAX", "characters"),
    ("one list fact", "policies.facts", "LIST_MAX", "items"),
    ("one message of blocks", "bot.cards.block_kit", "MESSAGE_UNITS_MAX", "characters"),
    ("one Adaptive Card", "bot.cards.adaptive_elements", "CARD_BYTES_MAX", "bytes"),
    ("views of one person on a card", "bot.surfaces.teams_sender", "REFRESH_USERS_MAX", "people"),
    ("changed fields on a card", "bot.cards.changes", "FIELDS_MAX", "fields"),
    ("requirements on a card", "bot.cards.needs", "NEEDS_MAX", "lines"),
    ("remarks on a card", "bot.cards.remarks", "REMARKS_MAX", "remarks"),
    ("runs reviewed together", "bot.cards.batch", "BATCH_MAX", "runs"),
    ("fields of an edit form", "bot.cards.forms", "FIELDS_MAX", "fields"),
    ("steps that an edit form offers", "bot.cards.forms", "SKIPPABLE_MAX", "steps"),
    ("check lines on a card", "bot.cards.authority", "CHECKS_MAX", "lines"),
    ("the reason of a rejection", "bot.approval.approving", "REASON_CHARACTERS_MAX", "characters"),
    ("questions to the requester of one run", "bot.approval.asking", "QUESTIONS_MAX", "questions"),
    (
        "a question or reply about a run",
        "bot.approval.asking",
        "REMARK_CHARACTERS_MAX",
        "characters",
    ),
    ("showings of one run", "bot.approval.editing", "ROUNDS_MAX", "showings"),
    ("answers and edited values of one run", "bot.approval.editing", "ANSWERS_MAX", "answers"),
    ("runs in one batch", "bot.reading", "BATCH_RUNS_MAX", "runs"),
    ("names of one role in a reminder", "bot.approval.reminding", "NAMES_MAX", "names"),
    ("messages posted at once", "bot.publisher", "BATCH_MAX", "messages"),
    ("waiting for Teams' rate", "bot.surfaces.teams_pace", "QUEUE_SECONDS_MAX", "seconds"),
    ("one call to Teams", "bot.surfaces.teams_calls", "CALL_TIMEOUT_SECONDS", "seconds"),
    ("members of one roster", "bot.surfaces.teams", "MEMBERS_MAX", "people"),
    ("between tries to post", "bot.publisher", "RETRY_MAX_SECONDS", "seconds"),
    ("executions at once", "bot.engine", "CONCURRENCY", "runs"),
    ("calls of one step", "bot.retry", "ATTEMPTS_MAX", "calls"),
    ("the wait before a retry", "bot.retry", "DELAY_MAX_SECONDS", "seconds"),
    ("calls to take a run back", "bot.journal", "COMPENSATION_CALLS_MAX", "calls"),
    ("restarts of one execution", "bot.engine", "RECOVERIES_MAX", "restarts"),
    ("an ended execution before a person is asked", "bot.sweeping", "ABANDONED_SECONDS", "seconds"),
    ("how late a run expires", "bot.sweeping", "SWEEP_SECONDS", "seconds"),
    ("waiting for the database's lock", "store.database", "BUSY_TIMEOUT_SECONDS", "seconds"),
    ("one statement on PostgreSQL", "store.database", "STATEMENT_TIMEOUT_SECONDS", "seconds"),
    ("database connections", "store.database", "POOL_CONNECTIONS_MAX", "connections"),
    ("one ledger entry", "store.ledger.leaf", "LEAF_BYTES_MAX", "bytes"),
    ("problems named by a verification", "store.ledger.verify", "PROBLEMS_MAX", "problems"),
)


def state_machine() -> str:
    """One row for each status: where each event that may happen leads."""
    lines = ["| status | event → next status |", "|---|---|"]
    for status in Status:
        moves = [f"{event} → **{after}**" for event, after in _moves(status)]
        ended = "settled: nothing follows" if status in SETTLED else ""
        person = " (waits for a person)" if status in NEEDS_A_PERSON else ""
        lines.append(f"| `{status}`{person} | {'; '.join(moves) or ended} |")
    return "\n".join(lines)


def limits() -> str:
    """One row for each limit, with the value that the code has."""
    lines = ["| what is bounded | limit | where |", "|---|---|---|"]
    for what, module, name, unit in LIMITS:
        value = getattr(importlib.import_module(module), name)
        path = Path(*module.split(".")).with_suffix(".py")
        shown = f"{value:,}".removesuffix(".0")
        lines.append(f"| {what} | {shown} {unit} | `{path}` `{name}` |")
    return "\n".join(lines)


def _moves(status: Status) -> list[tuple[Event, Status]]:
    moves = []
    for event in Event:
        try:
            moves.append((event, next_status(status, event)))
        except IllegalEventError:
            continue
    return moves
