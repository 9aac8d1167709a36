"""Mailboxes as parameters: plain ASCII, so that none is mistaken for another that looks alike."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, StringConstraints

RECIPIENTS_MAX = 5  # more is a mailing, which people do not read before they approve
MAILBOX_CHARACTERS_MAX = 254  # RFC 5321, section 4.5.3.1.3
LOCAL_CHARACTERS_MAX = 64  # RFC 5321, section 4.5.3.1.1

# RFC 5321 without quoted local parts and address literals.
_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_ATOM}(\.{_ATOM})*")
_LABEL = r"[A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_DOMAIN = re.compile(rf"{_LABEL}(\.{_LABEL})+")


def is_domain(text: str) -> bool:
    """Whether it is a domain of at least two labels, an internationalised one as `xn--`."""
    return len(text) <= MAILBOX_CHARACTERS_MAX and bool(_DOMAIN.fullmatch(text))


def is_mailbox(text: str) -> bool:
    """Whether it is one mailbox, without a name, a comment or a quoted part."""
    local, at, domain = text.rpartition("@")
    is_bounded = len(text) <= MAILBOX_CHARACTERS_MAX and len(local) <= LOCAL_CHARACTERS_MAX
    return bool(at) and is_bounded and bool(_LOCAL.fullmatch(local)) and is_domain(domain)


def check_recipients(value: str) -> str:
    """The mailboxes in lower case, each once, as `a@x.example, b@y.example`."""
    each = [part.strip(" ") for part in value.split(",")]
    for part in each:
        if not part.isascii():
            strange = next(c for c in part if not c.isascii())
            raise ValueError(
                f"holds U+{ord(strange):04X}, which is no plain ASCII letter and may look like"
                " one; write the mailbox in ASCII, an international domain as xn--"
            )
        if not is_mailbox(part):
            raise ValueError("is no list of plain mailboxes such as `a@x.example, b@y.example`")
    found = tuple(dict.fromkeys(part.lower() for part in each))
    if len(found) > RECIPIENTS_MAX:
        raise ValueError(f"names more than {RECIPIENTS_MAX} mailboxes")
    return ", ".join(found)


def split(recipients: str) -> tuple[str, ...]:
    """The mailboxes of a checked list."""
    return tuple(recipients.split(", "))


Recipients = Annotated[
    str,
    StringConstraints(min_length=1, max_length=RECIPIENTS_MAX * (MAILBOX_CHARACTERS_MAX + 2)),
    AfterValidator(check_recipients),
]
