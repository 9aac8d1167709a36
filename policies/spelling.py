"""How names and ids of a bundle are spelt, and what is said of one that is spelt otherwise."""

from __future__ import annotations

from typing import Final

_SLACK_USER = r"[UW][A-Z0-9]{2,20}"
# An Entra object id. The address of a bot ("29:...") is another one in each app, and nobody's id.
_TEAMS_USER = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_SLACK_CHANNEL = r"[CG][A-Z0-9]{1,20}"
_TEAMS_CONVERSATION = r"19:[A-Za-z0-9_-]{1,100}@thread\."

NAME: Final = r"^[a-z][a-z0-9_-]{0,63}$"
# As the system has it, so it may be of several words: "In Progress", "Solution provided".
VALUE: Final = r"^[A-Za-z][A-Za-z0-9_-]{0,63}( [A-Za-z0-9_-]{1,20}){0,4}$"
DOLLARS: Final = r"^\d{1,6}(\.\d{1,6})?$"
OPERATION: Final = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
MODEL: Final = r"^[a-z][a-z0-9.:@/_-]{0,99}$"
CONSTANT: Final = r"^[a-z][a-z0-9_]{0,63}$"
FACT: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"
VARIABLE: Final = r"^[A-Z][A-Z0-9_]{0,63}$"
# Of those that begin with ASSENT_, what a connection may name: the rest are Assent's settings, and
# one that Assent does not know stops its start.
CONNECTION_VARIABLE: Final = r"^ASSENT_(?!SLACK_|TEAMS_)[A-Z0-9]+(_[A-Z0-9]+)*_(ADDRESS|SECRET)$"
# As connectors/secrets/reference.py reads them.
REFERENCE: Final = (
    r"^(env:[A-Z][A-Z0-9_]{0,63}|file:/[^\x00-\x1f]{1,250}|keyring:[^/\s]{1,100}/[^\s]{1,150}"
    r"|aws:[A-Za-z0-9/_+=.@!:-]{1,200}(#[^#\s]{1,60})?"
    r"|vault:[A-Za-z0-9_.-]{1,60}/[^#\s]{1,150}#[^#\s]{1,60})$"
)
CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
CHANNEL: Final = rf"^({_SLACK_CHANNEL}|{_TEAMS_CONVERSATION}(tacv2|skype|v2))$"
# A team (by its first channel) or a channel. A group chat is none: whoever is in it adds others.
ROSTER: Final = rf"^{_TEAMS_CONVERSATION}(tacv2|skype)$"
SCOPE: Final = r"^[a-z][a-z0-9_.:-]{0,63}$"
# An account by the surface's own id, because names can be changed by anybody.
ACCOUNT: Final = rf"^(slack:{_SLACK_USER}|teams:{_TEAMS_USER})$"
ROLE_ACCOUNT: Final = rf"^((slack:)?{_SLACK_USER}|teams:{_TEAMS_USER})$"  # "slack:" may be left out

# Where a value itself may have been written by mistake; a finding is shown to many.
SECRET: Final = frozenset({VARIABLE, REFERENCE})

_ACCOUNT_SAID: Final = (
    "an account's id; write it as slack:U0DANA or teams: and the Entra object id in small letters, "
    "never a name"
)
SPELLINGS: Final = {
    NAME: "a name here; write small letters, digits, - and _, as support-leads",
    VALUE: "a value here; write letters, digits, -, _ and single spaces, as wrong-item",
    DOLLARS: "an amount of US dollars; write digits and a point, as 0.25",
    OPERATION: "an operation; write it as payments.refund",
    MODEL: "a model's id; write it as claude-sonnet-5-5",
    CONSTANT: "a name here; write small letters, digits and _, as small_limit",
    FACT: "a fact; write it as refund.amount_minor",
    VARIABLE: "a variable's name; write it as ASSENT_DESK_ADDRESS, the value goes there",
    REFERENCE: (
        "a reference to a secret (env:, file:, keyring:, aws: or vault:), and the secret itself"
        " must never stand here; write it as env:STRIPE_SECRET"
    ),
    CLOCK: 'a time of day; write it as "18:00"',
    CHANNEL: "a channel's id; write the surface's own, as C0SUPPORTOP or 19:...@thread.tacv2",
    ROSTER: "a team's or channel's id in Teams; write it as 19:supportleads@thread.tacv2",
    SCOPE: "a scope; write it as payments:write",
    ACCOUNT: _ACCOUNT_SAID,
    ROLE_ACCOUNT: _ACCOUNT_SAID,
}
