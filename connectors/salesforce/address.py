"""Where a Salesforce connection leads: `https://MYDOMAIN.my.salesforce.com?client_id=CONSUMER_KEY`.

The consumer key of an app with the OAuth client credentials flow is no secret and stands here; the
consumer secret is the connection's secret.
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qs

from connectors.errors import Rejected
from connectors.private import private

ADDRESS_CHARACTERS_MAX = 2_000


@dataclass(frozen=True)
class Org:
    """An org's own domain, without a slash at its end, and the app that signs in there."""

    base: str
    client_id: str

    @property
    def is_plain(self) -> bool:
        """Whether it is spoken to without TLS: on loopback alone."""
        return self.base.startswith("http://")


def org(address: str) -> Org:
    """Raises Rejected that says what of the address is wrong."""
    url = private(address[:ADDRESS_CHARACTERS_MAX])
    if url is None or url.username is not None or url.path not in ("", "/"):
        raise _malformed("it is not https:// and your org's own domain alone")
    options = parse_qs(url.query)
    client_id = options.get("client_id", [])
    if options.keys() != {"client_id"} or len(client_id) != 1:
        raise _malformed("it does not end in ?client_id= and the consumer key")
    return Org(f"{url.scheme}://{url.netloc}", client_id[0])


def _malformed(why: str) -> Rejected:
    return Rejected(
        f"The address of this Salesforce connection is not understood: {why}.",
        next_step="Write it as https://MYDOMAIN.my.salesforce.com?client_id=CONSUMER_KEY.",
    )
