"""users.* and usergroups.*: who people are."""

from bot.workspace import seed
from bot.workspace.api.call import Call, Method
from bot.workspace.wire import Json, SlackError


def info(call: Call) -> Json:
    """users.info."""
    user = call.workspace.directory.user(call.required("user"))
    if user is None:
        raise SlackError("user_not_found")
    return {"user": _shown(call, user)}


def list_users(call: Call) -> Json:
    """users.list: the team's own accounts, in one page."""
    users = [user for user in call.workspace.directory.users() if user["team_id"] == seed.TEAM_ID]
    return {
        "members": [_shown(call, user) for user in users],
        "cache_ts": int(call.workspace.clock()),
        "response_metadata": {"next_cursor": ""},
    }


def lookup_by_email(call: Call) -> Json:
    """users.lookupByEmail."""
    email = call.required("email").lower()
    for user in call.workspace.directory.users():
        if user["profile"].get("email") == email and not user["deleted"]:
            return {"user": _shown(call, user)}
    raise SlackError("users_not_found")


def list_groups(call: Call) -> Json:
    """usergroups.list."""
    groups = call.workspace.directory.groups()
    if not call.flag("include_users"):
        groups = [{k: v for k, v in group.items() if k != "users"} for group in groups]
    return {"usergroups": groups}


def list_group_users(call: Call) -> Json:
    """usergroups.users.list."""
    wanted = call.required("usergroup")
    for group in call.workspace.directory.groups():
        if group["id"] == wanted:
            return {"users": group["users"]}
    raise SlackError("no_such_subteam")


def _shown(call: Call, user: Json) -> Json:
    if "users:read.email" in call.token.scopes:
        return user
    return {**user, "profile": {k: v for k, v in user["profile"].items() if k != "email"}}


METHODS = {
    "users.info": Method(info, "users:read"),
    "users.list": Method(list_users, "users:read"),
    "users.lookupByEmail": Method(lookup_by_email, "users:read.email"),
    "usergroups.list": Method(list_groups, "usergroups:read"),
    "usergroups.users.list": Method(list_group_users, "usergroups:read"),
}
