"""A request of a terminal or a test to the workspace's page API, as its page would send it."""

from __future__ import annotations

import json
import urllib.error
import urllib.request

from bot.workspace.wire import ClientError, Json, RedrawnError, object_from

REDRAWN = 409  # what the workspace says of an element that is no longer as it was shown
REQUEST_SECONDS = 30.0  # ours; a press waits for the bot, and a feed for news


def ask(address: Json, path: str, body: Json | None) -> Json:
    """The answer to a GET, or to a POST of `body`. `address` is what `workspace.json` says; raises
    ClientError with what the workspace told, or where nobody answers."""
    request = urllib.request.Request(  # noqa: S310  # the address is our own loopback server
        address["url"] + path,
        data=None if body is None else json.dumps(body).encode(),
        headers={
            "Authorization": f"Bearer {address['page_token']}",
            "Content-Type": "application/json",
        },
    )
    try:
        with _DIRECT.open(request, timeout=REQUEST_SECONDS) as response:
            return object_from(response.read())
    except urllib.error.HTTPError as error:
        told = _told(error.read())
        raise (RedrawnError if error.code == REDRAWN else ClientError)(told) from error
    except (OSError, ValueError) as error:
        message = f"Nobody answers at {address['url']}; start it with make play."
        raise ClientError(message) from error


# Loopback is reached directly, whatever proxy the environment names.
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _told(content: bytes) -> str:
    try:
        answer = object_from(content)
    except ValueError:
        return f"The workspace answered: {content.decode(errors='replace')[:200]}"
    details = [f"{field}: {fault}" for field, fault in (answer.get("errors") or {}).items()]
    return " ".join([str(answer.get("error")), *details])
