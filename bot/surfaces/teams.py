"""The seam to the Bot Framework: the only importer of botbuilder and its connector.

In: an activity of an authenticated request runs through the SDK's pipeline. Out: messages through
the SDK's connector client. On both sides of it activities are plain JSON, HTTP is ours (the SDK's
own blocks on `requests`, without a time-out) and so are tokens and errors.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Awaitable
from typing import Any, TypeVar

from botbuilder.integration.aiohttp import CloudAdapter
from botbuilder.schema import Activity as SdkActivity
from botframework.connector import AsyncBfPipeline
from botframework.connector.aio import ConnectorClient
from botframework.connector.auth import (
    AuthenticateRequestResult,
    BotFrameworkAuthentication,
    ClaimsIdentity,
    ConnectorFactory,
)
from msrest.exceptions import ClientException
from msrest.pipeline import Response, SansIOHTTPPolicy
from msrest.pipeline.async_abc import AsyncHTTPSender
from msrest.universal_http.async_abc import AsyncClientResponse

from bot.settings import Teams
from bot.surfaces.errors import Refused
from bot.surfaces.teams_calls import Received, TeamsCalls
from bot.surfaces.teams_services import is_served
from bot.surfaces.teams_tokens import AppTokens
from bot.surfaces.teams_wire import Activity, Answer, Claims, NotAnActivity, Turn
from store.model.values import Json

CLIENTS_MAX = 20  # service URLs; Microsoft has one for each region of the world
MEMBERS_PAGE = 500  # Teams' documentation of rosters: the most that it gives at once
MEMBERS_MAX = 10_000  # ours; a team may have 25,000
T = TypeVar("T")
# What the SDK raises for JSON that is not as it expects.
_DISAGREEMENTS = (ClientException, ValueError, TypeError, AttributeError, KeyError)


class BotFramework:
    """The SDK as Assent uses it. Every method that sends raises SurfaceError alone."""

    def __init__(self, teams: Teams, tokens: AppTokens) -> None:
        self._services = teams.services
        self._calls = TeamsCalls(tokens)
        self._clients: OrderedDict[str, ConnectorClient] = OrderedDict()
        self._adapter = CloudAdapter(_Authentication())

    async def turn(self, activity: Activity, claims: Claims, handle: Turn) -> Answer | None:
        """Hands an authenticated activity through the SDK's pipeline to `handle`; its answer.

        Raises NotAnActivity for one that the SDK cannot read, and what `handle` raises.
        """
        try:
            parsed = SdkActivity.deserialize(activity)
        except _DISAGREEMENTS as error:
            raise NotAnActivity(f"the SDK cannot read it: {type(error).__name__}") from error
        answers: list[Answer | None] = []

        async def run(_context: object) -> None:
            answers.append(await handle(activity))

        request = AuthenticateRequestResult()
        request.claims_identity = ClaimsIdentity(dict(claims), True)
        request.connector_factory = _Connectors(self)
        await self._adapter.process_activity(request, parsed, run)
        return answers[0]

    async def send(self, service_url: str, conversation: str, activity: Activity) -> str:
        """Posts a message into a conversation; the message's id."""
        calls = self.client(service_url).conversations
        sent = await _done(calls.send_to_conversation(conversation, activity))
        return _id(sent and sent.id)

    async def update(
        self, service_url: str, conversation: str, message: str, activity: Activity
    ) -> None:
        """Replaces a message of the bot's."""
        calls = self.client(service_url).conversations
        await _done(calls.update_activity(conversation, message, activity))

    async def begin(self, service_url: str, parameters: Json) -> tuple[str, str]:
        """Begins a conversation; its id and that of its first message ('' without one)."""
        calls = self.client(service_url).conversations
        begun = await _done(calls.create_conversation(parameters))
        return _id(begun and begun.id), begun.activity_id or ""

    async def member(self, service_url: str, conversation: str, user: str) -> Json:
        """A member of a conversation as Teams describes it. Raises Gone for who is none."""
        calls = self.client(service_url).conversations
        return _plain(await _done(calls.get_conversation_member(conversation, user)))

    async def members(self, service_url: str, conversation: str) -> tuple[Json, ...]:
        """All members of a conversation. Raises Refused for more than MEMBERS_MAX."""
        calls = self.client(service_url).conversations
        found: list[Json] = []
        token = None
        while len(found) <= MEMBERS_MAX:
            page = await _done(
                calls.get_conversation_paged_members(conversation, MEMBERS_PAGE, token)
            )
            found += [_plain(each) for each in page.members or []]
            if not page.continuation_token or page.continuation_token == token:
                return tuple(found)
            token = page.continuation_token
        raise Refused(f"{conversation} has more than {MEMBERS_MAX:,} members", "too_many_members")

    async def close(self) -> None:
        """Closes the connections."""
        await self._calls.close()

    def client(self, service_url: str) -> ConnectorClient:
        """The connector client of a service URL, which is dear to build. Raises Refused."""
        if not is_served(service_url, self._services):
            raise Refused("the service URL is none of ASSENT_TEAMS_SERVICES", "not_served")
        if service_url not in self._clients:
            self._clients[service_url] = ConnectorClient(
                SansIOHTTPPolicy(),  # the sender adds the token
                base_url=service_url,
                pipeline_type=AsyncBfPipeline,
                sender=_Sender(self._calls),
            )
        self._clients.move_to_end(service_url)
        while len(self._clients) > CLIENTS_MAX:
            self._clients.popitem(last=False)
        return self._clients[service_url]


class _Authentication(BotFrameworkAuthentication):  # type: ignore[misc]  # the SDK is untyped
    """Nothing: requests are authenticated before they get here (teams_tokens.py)."""

    async def authenticate_request(self, activity: object, auth_header: str) -> None:
        raise PermissionError

    async def authenticate_streaming_request(self, auth_header: str, channel: str) -> None:
        raise PermissionError

    def create_connector_factory(self, claims_identity: object) -> None:
        raise PermissionError

    async def create_user_token_client(self, claims_identity: object) -> None:
        """None: nobody signs in to the bot."""


class _Connectors(ConnectorFactory):  # type: ignore[misc]  # the SDK is untyped
    def __init__(self, framework: BotFramework) -> None:
        self._framework = framework

    async def create(self, service_url: str, audience: str) -> ConnectorClient:
        return self._framework.client(service_url)


class _Sender(AsyncHTTPSender[Any, Any]):
    """The SDK's requests over our HTTP client."""

    def __init__(self, calls: TeamsCalls) -> None:
        self._calls = calls

    async def send(self, request: Any, **_config: object) -> Response[Any, Any]:
        asked = request.http_request
        headers = {name: value for name, value in asked.headers.items() if name != "Content-Length"}
        received = await self._calls.call(asked.method, asked.url, headers, asked.data)
        return Response(request, _Received(asked, received))

    async def __aexit__(self, *_details: object) -> None:
        """Nothing: the client is closed by who made it."""


class _Received(AsyncClientResponse):
    def __init__(self, request: Any, received: Received) -> None:
        super().__init__(request, received)
        self.status_code, self.headers = received.status, {"content-type": "application/json"}
        self._body = received.body

    def body(self) -> bytes:
        return self._body


async def _done(call: Awaitable[T]) -> T:
    """What the SDK made of an answer. One that it cannot read is refused, never asked again."""
    try:
        return await call
    except _DISAGREEMENTS as error:
        raise Refused(
            f"Teams and its SDK disagree: {type(error).__name__}", "unreadable"
        ) from error


def _id(found: Any) -> str:
    if not isinstance(found, str) or not found:
        raise Refused("Teams took a message and named no id", "no_id")
    return found


def _plain(model: Any) -> Json:
    """What Teams said of a member, with what the SDK's model has no name for."""
    return {**model.serialize(), **model.additional_properties}
