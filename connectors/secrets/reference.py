"""A reference names a secret and its place; it is no secret and may stand in messages.

env:NAME                    a variable of the process
file:/path                  a file, such as one that an orchestrator mounts
keyring:service/user        the keyring of the machine's user
aws:secret-id#json-key      AWS Secrets Manager; without #json-key the whole secret
vault:mount/path#field      HashiCorp Vault, key/value secrets engine version 2
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

REFERENCE_CHARACTERS_MAX = 300
_SPELT: Mapping[str, re.Pattern[str]] = {
    "env": re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]{0,127})"),
    "file": re.compile(r"(?P<name>/[^\x00-\x1f]+)"),
    "keyring": re.compile(r"(?P<name>[^/\s]+)/(?P<part>\S+)"),
    "aws": re.compile(r"(?P<name>[A-Za-z0-9/_+=.@!:-]+)(#(?P<part>[^#\s]+))?"),
    "vault": re.compile(r"(?P<mount>[A-Za-z0-9_.-]+)/(?P<name>[^#\s]+)#(?P<part>[^#\s]+)"),
}
# The extra that a scheme needs, "" where it needs none.
EXTRAS: Mapping[str, str] = {
    "env": "",
    "file": "",
    "keyring": "keyring",
    "aws": "aws",
    "vault": "vault",
}


@dataclass(frozen=True)
class Reference:
    """One secret's place. `name` is the variable, path, service or id; `part` the user, JSON key or
    field in it; `mount` Vault's."""

    scheme: str
    name: str
    part: str = ""
    mount: str = ""

    def __str__(self) -> str:
        if self.scheme == "keyring":
            return f"keyring:{self.name}/{self.part}"
        path = f"{self.mount}/{self.name}" if self.mount else self.name
        return f"{self.scheme}:{path}" + (f"#{self.part}" if self.part else "")

    @property
    def extra(self) -> str:
        """The optional dependency that fetches it."""
        return EXTRAS[self.scheme]


def parse(text: str) -> Reference:
    """The reference in a text. Raises ValueError, which never repeats the text: it may have been
    meant as the secret itself."""
    scheme, colon, rest = text.partition(":")
    spelt = _SPELT.get(scheme) if colon and len(text) <= REFERENCE_CHARACTERS_MAX else None
    found = spelt.fullmatch(rest) if spelt else None
    if found is None:
        raise ValueError(
            "is no reference to a secret; write env:NAME, file:/path, keyring:service/user,"
            " aws:secret-id#json-key or vault:mount/path#field, and never the secret itself"
        )
    return Reference(scheme, **{k: v for k, v in found.groupdict().items() if v})
