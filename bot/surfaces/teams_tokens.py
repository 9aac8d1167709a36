"""Tokens of the Bot Framework: those that requests to us carry, and the bot's own."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

import jwt

from bot.settings import Teams
from bot.surfaces.errors import Busy, Gone
from bot.surfaces.teams_fetch import FetchError, SingleFlight, fetch
from bot.surfaces.teams_keys import REFETCH_SECONDS, SigningKey, SigningKeys
from bot.surfaces.teams_services import is_served
from bot.surfaces.teams_wire import Activity, Claims, NotAllowed, NotAuthentic
from store.model.values import Json

# Microsoft's documentation of Bot Framework authentication, for all five.
ISSUER = "https://api.botframework.com"
ALGORITHM = "RS256"
LEEWAY_SECONDS = 300
SERVICE_URL_CLAIM = "serviceurl"
SCOPE = "https://api.botframework.com/.default"

CHANNEL = "msteams"
TOKEN_CHARACTERS_MAX = 8_000  # ours; the Bot Framework's have about 1,000
KEY_ID_CHARACTERS_MAX = 200
RENEW_AHEAD_SECONDS = 300.0  # ours; a token lives about an hour
EXPIRED_SECONDS = 30.0  # a token with less than this left is not handed out
LIFE_SECONDS_MIN, LIFE_SECONDS_MAX = 60.0, 86_400.0  # ours; a life that is said is held to these
REFUSED_SECONDS = 10.0  # before the login is asked again that refused us, was away or gave a token
# that the channel service refused

# Ours: a refusal of Entra names one number, of at most seven digits.
ENTRA_CODES_MAX, ENTRA_CODE_BELOW = 3, 100_000_000

LOGGER = logging.getLogger(__name__)
_BEARER = re.compile(r"[Bb]earer ([A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]+\.[A-Za-z0-9_=-]*)")
_TOKEN = re.compile(r"[\x21-\x7e]{1,16000}")
_CODE = re.compile(r"[a-z_]{1,60}")
# What PyJWT lets out for one or the other malformed token, beside its own errors.
_MALFORMED = (jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError, ArithmeticError,
              RecursionError)  # fmt: skip


@dataclass(frozen=True)
class Genuine:
    """The claims of a token with a good signature, and the channels that its key may sign for."""

    claims: Claims
    endorsements: frozenset[str]


class ChannelTokens:
    """Says of a request whether the Bot Framework sent it, for this bot, about this tenant."""

    def __init__(self, teams: Teams, refetch_seconds: float = REFETCH_SECONDS) -> None:
        self._teams = teams
        self._keys = SigningKeys(teams.metadata, refetch_seconds)

    async def genuine(self, authorization: str) -> Genuine:
        """A token that the Bot Framework signed for this bot and that is in force.

        Raises NotAuthentic (401) or KeysAwayError (503). No message repeats anything of the token.
        """
        token = _bearer(authorization)
        key = await self._keys.key(_key_id(token))
        if key is None:
            raise NotAuthentic("the token is signed with an unknown key")
        return Genuine(self._verified(token, key), key.endorsements)

    def about(self, token: Genuine, activity: Activity) -> Claims:
        """The claims of a genuine token, which belongs to the activity and its tenant to us.

        Raises NotAuthentic (401), or NotAllowed (403) for a tenant that is not on the list.
        """
        service_url = activity.get("serviceUrl")
        if activity.get("channelId") != CHANNEL:
            raise NotAuthentic(f"the activity is not one of the channel {CHANNEL}")
        if token.endorsements and CHANNEL not in token.endorsements:
            raise NotAuthentic(f"the key may not sign for {CHANNEL}")
        if not isinstance(service_url, str) or token.claims.get(SERVICE_URL_CLAIM) != service_url:
            raise NotAuthentic("the token is for another service URL")
        if not is_served(service_url, self._teams.services):
            raise NotAuthentic("the service URL is none of ASSENT_TEAMS_SERVICES")
        tenants = tenants_of(activity)
        if not tenants or not tenants <= set(self._teams.tenants):
            raise NotAllowed("the tenant is none of ASSENT_TEAMS_TENANTS")
        return token.claims

    async def close(self) -> None:
        """Ends what is under way."""
        await self._keys.close()

    def _verified(self, token: str, key: SigningKey) -> Claims:
        try:
            return jwt.decode(
                token,
                key.key,
                algorithms=[ALGORITHM],
                audience=self._teams.app_id,
                issuer=ISSUER,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "aud", "exp", "nbf"], "strict_aud": True},
            )
        except _MALFORMED as error:
            raise NotAuthentic(f"the token is not valid: {type(error).__name__}") from None


class AppTokens:
    """The bot's own token, cached and renewed ahead of its end, by one call at a time.

    MSAL would get it as well, but it blocks, and takes no http address, as a local workspace has.
    """

    def __init__(self, teams: Teams) -> None:
        self._form = {
            "grant_type": "client_credentials",
            "client_id": teams.app_id,
            "client_secret": teams.app_secret,
            "scope": SCOPE,
        }
        self._url = f"{teams.login.rstrip('/')}/{teams.tenant}/oauth2/v2.0/token"
        self._token = ""
        self._until = self._renew_at = self._next_at = self._next_forced_at = float("-inf")
        self._problem: Busy | Gone | None = None
        self._renewing = SingleFlight(self._renew)

    async def token(self) -> str:
        """A token that is valid for now. Raises Busy or Gone where the login gives none."""
        now = asyncio.get_running_loop().time()
        if now > self._until - EXPIRED_SECONDS:
            await self._renewed()
        elif now > self._renew_at and now >= self._next_at:
            self._renewing.start()
        return self._token

    async def renewed(self, refused: str) -> str:
        """A token in place of one that was refused; many who were refused at once share one.

        The same token where it was renewed for that reason a moment ago.
        """
        now = asyncio.get_running_loop().time()
        if self._token == refused and now >= self._next_forced_at:
            self._next_forced_at = now + REFUSED_SECONDS
            await self._renewed()
        elif self._renewing.is_busy:
            await self._renewing.join()
        return self._token

    async def close(self) -> None:
        """Ends what is under way."""
        await self._renewing.close()

    async def _renewed(self) -> None:
        may_ask = asyncio.get_running_loop().time() >= self._next_at
        if self._problem is not None and not may_ask and not self._renewing.is_busy:
            raise self._problem.with_traceback(None)
        await self._renewing.join()

    async def _renew(self) -> None:
        now = asyncio.get_running_loop().time
        try:
            token, life_seconds = await self._asked()
        except (Busy, Gone) as problem:
            self._problem, self._next_at = problem, now() + REFUSED_SECONDS
            LOGGER.warning("%s", problem)
            raise
        self._token, self._problem, self._until = token, None, now() + life_seconds
        self._renew_at = self._until - min(RENEW_AHEAD_SECONDS, life_seconds / 2)

    async def _asked(self) -> tuple[str, float]:
        try:
            status, answer = await fetch(self._url, self._form)
        except FetchError as error:
            raise Busy(
                f"no token for Teams: {error}; does this machine reach it?",
                "login_away", REFUSED_SECONDS,
            ) from error  # fmt: skip
        if 400 <= status < 500 and status not in (408, 429):
            code = str(answer.get("error", ""))
            code = code if _CODE.fullmatch(code) else str(status)
            said = ", ".join((code, *_numbers(answer.get("error_codes"))))
            raise Gone(
                f"the login gives no token for Teams ({said}): check ASSENT_TEAMS_APP_ID, "
                "ASSENT_TEAMS_APP_SECRET (has it expired?) and ASSENT_TEAMS_TENANT", code,
            )  # fmt: skip
        token, life = answer.get("access_token"), answer.get("expires_in")
        if status != 200 or not isinstance(token, str) or not _TOKEN.fullmatch(token):
            raise Busy(
                f"no token for Teams: {self._url} answered HTTP {status} without one",
                str(status), REFUSED_SECONDS,
            )  # fmt: skip
        return token, _seconds(life)


def _numbers(codes: Json) -> tuple[str, ...]:
    """The numbers under which Entra explains a refusal."""
    numbers = codes[:ENTRA_CODES_MAX] if isinstance(codes, list) else []
    return tuple(
        f"AADSTS{number}"
        for number in numbers
        if type(number) is int and 0 < number < ENTRA_CODE_BELOW
    )


def tenants_of(activity: Activity) -> set[str]:
    """The tenants that an activity names, in lower case."""
    data, conversation = activity.get("channelData"), activity.get("conversation")
    tenant = data.get("tenant") if isinstance(data, dict) else None
    named = (
        tenant.get("id") if isinstance(tenant, dict) else None,
        conversation.get("tenantId") if isinstance(conversation, dict) else None,
    )
    return {str(each).lower() for each in named if each}


def _bearer(authorization: str) -> str:
    found = _BEARER.fullmatch(authorization)
    if len(authorization) > TOKEN_CHARACTERS_MAX or found is None:
        raise NotAuthentic("there is no bearer token")
    return found[1]


def _key_id(token: str) -> str:
    """The id of the key that a token says it is signed with."""
    try:
        header: Mapping[str, Json] = jwt.get_unverified_header(token)
    except _MALFORMED:
        raise NotAuthentic("the token is malformed") from None
    key_id = header.get("kid")
    if header.get("alg") != ALGORITHM or not isinstance(key_id, str):
        raise NotAuthentic(f"the token is not signed with {ALGORITHM} by a named key")
    if not 0 < len(key_id) <= KEY_ID_CHARACTERS_MAX:
        raise NotAuthentic("the token names no key")
    return key_id


def _seconds(life: Json) -> float:
    """How long a token lives; one whose life is not said is asked for again in five minutes."""
    if isinstance(life, str) and life.isdecimal() and len(life) < 10:
        life = int(life)
    if not isinstance(life, int | float) or not 0 < life < float("inf"):
        return RENEW_AHEAD_SECONDS
    return max(LIFE_SECONDS_MIN, min(float(life), LIFE_SECONDS_MAX))
