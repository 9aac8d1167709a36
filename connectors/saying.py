"""What a system said, made fit to be shown: one short line that hides, forges and betrays nothing.

Messages of systems are hostile input: they echo what was sent, addresses with keys in them, and
whatever somebody wrote into a record.
"""

from __future__ import annotations

import base64
import re
import unicodedata
from collections.abc import Iterable
from urllib.parse import quote, quote_plus

from connectors.text import BIDI_CONTROLS

SAID_CHARACTERS_MAX = 200  # of what is shown: two lines of a card
READ_CHARACTERS_MAX = 4_000  # of what is looked at; a page of HTML says nothing more after that
SECRET_CHARACTERS_MIN = 4  # shorter ones would blot out words
REMOVED = "[removed]"

_HTML = re.compile(r"\s*<(!doctype|html|head|body|\?xml)\b", re.I)
_URL = re.compile(r"\b(https?|wss?|postgres(?:ql)?|mysql|amqp|redis)://[^\s\"'<>]+", re.I)
_USER_OF_URL = re.compile(r"//[^/@\s]*@")
# Shapes of credentials that systems and SDKs echo, whoever's they are.
_CREDENTIALS = re.compile(
    r"""
    \b(?i:bearer|basic|token|ssws)\s+(?=\S*[0-9=+/_~*])[A-Za-z0-9._~+/=*-]{8,}
    | \b(?:[rsp]k|rk|whsec)_(?:(?:live|test)_)?[A-Za-z0-9*]{6,}           # Stripe
    | \b(?:gh[a-z]_|github_pat_|glpat-|xox[a-z]-|xapp-)[A-Za-z0-9_*-]{6,}  # GitHub, GitLab, Slack
    | \b(?:AKIA|ASIA)[A-Z0-9]{8,}                                         # AWS
    | \bAIza[A-Za-z0-9_-]{20,} | \bya29\.[A-Za-z0-9._-]{8,}               # Google
    | \bhvs\.[A-Za-z0-9_-]{8,}                                            # Vault
    | \beyJ[A-Za-z0-9_-]{8,}(?:\.[A-Za-z0-9_-]*){0,4}                     # a JWT
    | -----BEGIN\ [A-Z\ ]+-----.*
    """,
    re.X,
)
_NAMED = re.compile(
    r"(\b[\w-]*(?:secret|passw(?:or)?d|api[_-]?key|access[_-]?key|token|authorization|signature)"
    r"[\w-]*[\"']?\s*[:=]\s*[\"']?)([^\s\"',;&}]{4,})",
    re.I,
)


def safe(text: object, secrets: Iterable[str] = ()) -> str:
    """At most 200 characters in one line, without control and bidirectional characters, without
    `secrets` in any usual encoding, without what looks like a credential, without the query and
    the user of an address. Nothing of a page of HTML."""
    said = str(text)[:READ_CHARACTERS_MAX]
    if _HTML.match(said):
        return ""
    for form in sorted(_forms(secrets), key=len, reverse=True):
        said = said.replace(form, REMOVED)
    said = _URL.sub(lambda found: _bare(found[0]), said)
    said = _CREDENTIALS.sub(REMOVED, said)
    said = _NAMED.sub(lambda found: found[1] + REMOVED, said)
    said = " ".join("".join(map(_shown, said)).split())
    return said if len(said) <= SAID_CHARACTERS_MAX else said[: SAID_CHARACTERS_MAX - 1] + "…"


def _forms(secrets: Iterable[str]) -> set[str]:
    """A secret as it is, and as addresses and headers carry it."""
    forms: set[str] = set()
    for secret in secrets:
        for part in {secret, *secret.splitlines()}:
            if len(part) >= SECRET_CHARACTERS_MIN:
                encoded = base64.b64encode(part.encode()).decode()
                forms |= {part, quote(part, safe=""), quote_plus(part), encoded.rstrip("=")}
    return forms


def _bare(url: str) -> str:
    return _USER_OF_URL.sub("//", re.split(r"[?#]", url, maxsplit=1)[0])


def _shown(character: str) -> str:
    if character in BIDI_CONTROLS or character in "\u200e\u200f\u061c\ufeff":
        return ""
    return " " if unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") else character
