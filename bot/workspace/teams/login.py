"""What Microsoft's login and Bot Framework's key documents answer."""

from aiohttp import web

from bot.workspace.teams import limits, seed
from bot.workspace.teams.routes import SIDE, answering, json_answer
from bot.workspace.teams.tokens import ISSUER, SCOPE


@answering("token")
async def token(request: web.Request) -> web.Response:
    """POST /teams/login/{tenant}/oauth2/v2.0/token: client credentials for an access token."""
    side = request.app[SIDE]
    form = await request.post()
    given = {name: value for name, value in form.items() if isinstance(value, str)}
    if request.match_info["tenant"].lower() != seed.TENANT_ID:
        return _refusal(400, "invalid_request", "AADSTS90002: Tenant not found.")
    if given.get("grant_type") != "client_credentials":
        return _refusal(400, "unsupported_grant_type", "AADSTS70003: Unsupported grant type.")
    if given.get("scope") != SCOPE:
        return _refusal(400, "invalid_scope", f"AADSTS70011: The scope has to be {SCOPE}.")
    if given.get("client_id", "").lower() != seed.APP_ID:
        return _refusal(400, "unauthorized_client", "AADSTS700016: Application not found.")
    if not side.access.is_secret(given["client_id"], given.get("client_secret", "")):
        return _refusal(401, "invalid_client", "AADSTS7000215: Invalid client secret provided.")
    return json_answer(
        {
            "token_type": "Bearer",
            "expires_in": limits.ACCESS_SECONDS - 1,
            "ext_expires_in": limits.ACCESS_SECONDS - 1,
            "access_token": side.access.issue(),
        }
    )


@answering("metadata")
async def metadata(request: web.Request) -> web.Response:
    """GET /teams/.well-known/openidconfiguration."""
    url = f"http://{request.app[SIDE].host()}"
    return json_answer(
        {
            "issuer": ISSUER,
            "authorization_endpoint": "https://invalid.botframework.com",
            "jwks_uri": f"{url}/teams/keys",
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": ["private_key_jwt"],
        }
    )


@answering("keys")
async def keys(request: web.Request) -> web.Response:
    """GET /teams/keys: the JWKS."""
    return json_answer(request.app[SIDE].keys.published())


def _refusal(status: int, error: str, description: str) -> web.Response:
    number = int(description.removeprefix("AADSTS").partition(":")[0])
    body = {"error": error, "error_description": description, "error_codes": [number]}
    return json_answer(body, status)


ROUTES = [
    web.post("/teams/login/{tenant}/oauth2/v2.0/token", token),
    web.get("/teams/.well-known/openidconfiguration", metadata),
    web.get("/teams/keys", keys),
]
