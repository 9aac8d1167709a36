"""What stands around a bot in Teams, small and obedient: keys, login and the channel service.

Each part answers over a real socket, counts its calls and breaks on demand.
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import jwt
from aiohttp import web
from aiohttp.test_utils import TestServer
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from bot.settings import Teams

APP = "7d1f0a52-0000-4000-8000-0000000a55e7"
TENANT = "7d1f0a52-0000-4000-8000-00000000aa01"
OTHER_TENANT = "7d1f0a52-0000-4000-8000-00000000bb02"
SECRET = "a client secret 4711"
CHANNEL = "19:supportops@thread.tacv2"


def private_key(name: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """One key for each name."""
    return _made(name, bits)


@cache
def _made(name: str, bits: int) -> rsa.RSAPrivateKey:
    """Making them is slow."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=bits)


def public_pem(name: str) -> bytes:
    return (
        private_key(name)
        .public_key()
        .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    )


def jwk(name: str, *, bits: int = 2048, **changes: Any) -> dict[str, Any]:
    numbers = private_key(name, bits).public_key().public_numbers()
    published = {
        "kty": "RSA", "use": "sig", "kid": name, "x5t": name, "n": _base64(numbers.n),
        "e": _base64(numbers.e), "endorsements": ["msteams", "webchat"],
    }  # fmt: skip
    return {key: value for key, value in (published | changes).items() if value is not None}


def _base64(number: int) -> str:
    raw = number.to_bytes((number.bit_length() + 7) // 8, "big")
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


@dataclass
class Call:
    """One call to the channel service as it arrived."""

    method: str
    path: str
    query: dict[str, str]
    authorization: str
    body: Any


@dataclass
class Fault:
    """What comes instead of an answer: a status, raw bytes, a delay, or a cut connection."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    delay_seconds: float = 0.0
    is_cut: bool = False
    is_done: bool = False  # the call is carried out all the same


@dataclass
class Peer:
    """Microsoft's side. `faults` are used up one by one, by the part that they name."""

    url: str = ""
    keys: list[dict[str, Any]] = field(default_factory=lambda: [jwk("one")])
    fetched: int = 0
    logins: list[dict[str, str]] = field(default_factory=list)
    life_seconds: Any = 3_600
    calls: list[Call] = field(default_factory=list)
    posted: list[Any] = field(default_factory=list)
    updated: dict[str, Any] = field(default_factory=dict)
    members: list[dict[str, Any]] = field(default_factory=list)
    revoked: set[str] = field(default_factory=set)
    faults: dict[str, list[Fault]] = field(default_factory=dict)

    @property
    def settings(self) -> Teams:
        return Teams(
            app_id=APP,
            app_secret=SECRET,
            tenant=TENANT,
            tenants=(TENANT,),
            services=(f"{self.url}/teams/",),
            login=f"{self.url}/login",
            metadata=f"{self.url}/metadata",
        )

    @property
    def service_url(self) -> str:
        return f"{self.url}/teams/"

    def breaks(self, part: str, *faults: Fault) -> None:
        self.faults.setdefault(part, []).extend(faults)

    def token(self, key: str = "one", *, headers: Any = None, **changes: Any) -> str:
        """A token as the channel service sends it; `changes` replace claims, None removes one."""
        now = int(time.time())
        claims = {
            "iss": "https://api.botframework.com", "aud": APP, "nbf": now, "exp": now + 3_600,
            "serviceurl": self.service_url,
        }  # fmt: skip
        claims = {name: value for name, value in (claims | changes).items() if value is not None}
        return jwt.encode(
            claims, private_key(key), algorithm="RS256", headers={"kid": key} | (headers or {})
        )

    def bearer(self, key: str = "one", **changes: Any) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(key, **changes)}"}

    def activity(self, **changes: Any) -> dict[str, Any]:
        """A message of a channel; `changes` replace parts, None removes one."""
        said = {
            "type": "message", "id": "1700000000001", "text": "<at>Assent</at> refund order 1043",
            "timestamp": "2026-11-23T05:00:00.123Z", "channelId": "msteams",
            "serviceUrl": self.service_url,
            "from": {"id": "29:dana", "name": "Dana", "aadObjectId": TENANT},
            "conversation": {
                "id": f"{CHANNEL};messageid=1700000000001", "conversationType": "channel",
                "tenantId": TENANT, "isGroup": True,
            },
            "recipient": {"id": f"28:{APP}", "name": "Assent"},
            "entities": [{"type": "mention", "mentioned": {"id": f"28:{APP}"}}],
            "channelData": {"tenant": {"id": TENANT}, "channel": {"id": CHANNEL}},
        }  # fmt: skip
        return {name: value for name, value in (said | changes).items() if value is not None}

    def invoke(self, **changes: Any) -> dict[str, Any]:
        """A press of Action.Execute."""
        data = {"press": "R-1:ab"}
        action = {"type": "Action.Execute", "verb": "approve", "data": data}
        return self.activity(
            type="invoke", name="adaptiveCard/action", text=None, replyToId="1700000000002",
            value={"action": action, "trigger": "manual"}, **changes,
        )  # fmt: skip

    async def metadata(self, request: web.Request) -> web.StreamResponse:
        self.fetched += 1
        broken = await self._broken(request, "metadata")
        return broken or web.json_response({"jwks_uri": f"{self.url}/keys"})

    async def published(self, request: web.Request) -> web.StreamResponse:
        return await self._broken(request, "keys") or web.json_response({"keys": self.keys})

    async def login(self, request: web.Request) -> web.StreamResponse:
        self.logins.append(dict(await request.post()))  # type: ignore[arg-type]  # a form of texts
        broken = await self._broken(request, "login")
        answer = {
            "token_type": "Bearer", "expires_in": self.life_seconds,
            "access_token": f"token-{len(self.logins)}",
        }  # fmt: skip
        return broken or web.json_response(answer)

    async def service(self, request: web.Request) -> web.StreamResponse:
        raw = await request.read()
        call = Call(
            request.method,
            request.rel_url.raw_path.removeprefix("/teams"),
            dict(request.query),
            request.headers.get("Authorization", ""),
            (await request.json()) if raw else None,
        )
        self.calls.append(call)
        broken = await self._broken(request, "service", call)
        if broken is not None:
            return broken
        if call.authorization.removeprefix("Bearer ") in self.revoked:
            return web.json_response({"error": {"code": "Unauthorized"}}, status=401)
        return self._done(call)

    def _done(self, call: Call) -> web.Response:
        if call.method == "PUT":
            self.updated[call.path.rpartition("/")[2]] = call.body
            return web.json_response({"id": "1"})
        if call.method == "GET":
            return self._roster(call)
        self.posted.append(call.body)
        number = str(1_700_000_000_000 + len(self.posted))
        if call.path.endswith("/activities"):
            return web.json_response({"id": number}, status=201)
        if call.body.get("isGroup"):
            begun = {"id": f"{CHANNEL};messageid={number}", "activityId": number}
        else:
            begun = {"id": f"a:{call.body['members'][0]['id']}"}
        return web.json_response(begun, status=201)

    def _roster(self, call: Call) -> web.Response:
        if not call.path.endswith("/pagedmembers"):
            wanted = call.path.rpartition("/")[2]
            found = [each for each in self.members if each["aadObjectId"] == wanted]
            return web.json_response(*found) if found else web.json_response({}, status=404)
        start, size = int(call.query.get("continuationToken", 0)), int(call.query["pageSize"])
        page: dict[str, Any] = {"members": self.members[start : start + size]}
        if start + size < len(self.members):
            page["continuationToken"] = str(start + size)
        return web.json_response(page)

    async def _broken(
        self, request: web.Request, part: str, call: Call | None = None
    ) -> web.StreamResponse | None:
        if not self.faults.get(part):
            return None
        fault = self.faults[part].pop(0)
        await asyncio.sleep(fault.delay_seconds)
        if fault.is_done and call is not None:
            self._done(call)
        if fault.is_cut:
            assert request.transport is not None
            request.transport.abort()
        if fault.status == 200 and fault.body is None and not fault.is_cut:
            return None
        raw = fault.body if isinstance(fault.body, bytes) else None
        if raw is not None:
            return web.Response(body=raw, status=fault.status, headers=fault.headers)
        return web.json_response(fault.body, status=fault.status, headers=fault.headers)


@asynccontextmanager
async def around() -> AsyncIterator[Peer]:
    """Microsoft's side on loopback."""
    peer = Peer()
    application = web.Application(client_max_size=8 * 1024 * 1024)
    application.add_routes(
        [
            web.get("/metadata", peer.metadata),
            web.get("/keys", peer.published),
            web.post("/login/{tenant}/oauth2/v2.0/token", peer.login),
            web.route("*", "/teams/{tail:.*}", peer.service),
        ]
    )
    async with TestServer(application) as server:
        peer.url = str(server.make_url("")).rstrip("/")
        yield peer
