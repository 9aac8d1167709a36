"""How names and ids of a bundle are spelt, and what is said of one that is spelt otherwise."""

from __future__ import annotations

from typing import Final

_SLACK_USER = r"[UW][A-Z0-9]{2,20}"
_TEAMS_USER = r"[A-Za-z0-9:_-][A-Za-z0-9:._@-]{1,119}"  # "29:1abc", or an Entra object id

NAME: Final = r"^[a-z][a-z0-9_-]{0,63}$"
VALUE: Final = r"^[A-Za-z][A-Za-z0-9_-]{0,63}$"
DOLLARS: Final = r"^\d{1,6}(\.\d{1,6})?$"
OPERATION: Final = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
CONSTANT: Final = r"^[a-z][a-z0-9_]{0,63}$"
FACT: Final = r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?$"
VARIABLE: Final = r"^[A-Z][A-Z0-9_]{0,63}$"
CLOCK: Final = r"^([01]\d|2[0-3]):[0-5]\d$"
CHANNEL: Final = r"^[A-Za-z0-9:@._-]{2,120}$"
SCOPE: Final = r"^[a-z][a-z0-9_.:-]{0,63}$"
# An account by the surface's own id, because names can be changed by anybody.
ACCOUNT: Final = rf"^(slack:{_SLACK_USER}|teams:{_TEAMS_USER})$"
ROLE_ACCOUNT: Final = rf"^((slack:)?{_SLACK_USER}|teams:{_TEAMS_USER})$"  # "slack:" may be left out

# Where a value itself may have been written by mistake; a finding is shown to many.
SECRET: Final = frozenset({VARIABLE})

_ACCOUNT_SAID: Final = "an account's id; write it as slack:U0DANA or teams:29:1abc, never a name"
SPELLINGS: Final = {
    NAME: "a name here; write small letters, digits, - and _, as support-leads",
    VALUE: "a value here; write letters, digits, - and _, as wrong-item",
    DOLLARS: "an amount of US dollars; write digits and a point, as 0.25",
    OPERATION: "an operation; write it as payments.refund",
    CONSTANT: "a name here; write small letters, digits and _, as small_limit",
    FACT: "a fact; write it as refund.amount_minor",
    VARIABLE: "a variable's name; write it as ASSENT_DESK_ADDRESS, the value goes there",
    CLOCK: 'a time of day; write it as "18:00"',
    CHANNEL: "a channel's id; write the workspace's own, as C0SUPPORTOP",
    SCOPE: "a scope; write it as payments:write",
    ACCOUNT: _ACCOUNT_SAID,
    ROLE_ACCOUNT: _ACCOUNT_SAID,
}
