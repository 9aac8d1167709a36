"""What people do with cards and modals: press, choose, fill in, submit, close."""

from bot.workspace import actions, payloads
from bot.workspace.directory import Directory
from bot.workspace.messages import Message
from bot.workspace.views import View
from bot.workspace.wire import Json, Refused, SlackError
from bot.workspace.workspace import Workspace

_USER_FIELDS = ("selected_user", "selected_users")


async def press(
    workspace: Workspace,
    person: Json,
    message: Message,
    channel: Json,
    use: actions.Use,
) -> None:
    """Use an element of a message."""
    now = workspace.clock()
    user = str(person["id"])
    base = payloads.interaction("block_actions", person, workspace.triggers.issue(user, now))
    base["channel"] = payloads.channel_of(channel)
    base["response_url"] = workspace.response_url(user, message.channel, message)
    body = payloads.message_actions(base, message, use, f"{now:.6f}")
    _check_users(workspace.directory, body["actions"][0])
    await workspace.ask_bot("interactive", body)


async def press_in_view(
    workspace: Workspace,
    person: Json,
    view: View,
    use: actions.Use,
) -> None:
    """Use an element of a modal or of the App Home."""
    now = workspace.clock()
    trigger_id = workspace.triggers.issue(str(person["id"]), now, view.id)
    base = payloads.interaction("block_actions", person, trigger_id)
    answered = payloads.answered(view, use.given)
    body = payloads.view_actions(base, answered, use, f"{now:.6f}")
    _check_users(workspace.directory, body["actions"][0])
    await workspace.ask_bot("interactive", body)


async def submit(workspace: Workspace, person: Json, view: View, given: Json) -> None:
    """Submit a modal and do what the bot answers; Refused carries the errors by block."""
    answered = payloads.answered(view, given)
    values = answered["state"]["values"]
    for block in values.values():
        for state in block.values():
            _check_users(workspace.directory, state)
    missing = actions.missing_answers(view.blocks, values)
    if missing:
        raise Refused("Some answers are missing or wrong.", 422, missing)
    user = str(person["id"])
    trigger_id = workspace.triggers.issue(user, workspace.clock(), view.id)
    body = payloads.interaction("view_submission", person, trigger_id)
    body.update(view=answered, response_urls=[])
    ack = await workspace.ask_bot("interactive", body)
    _follow(workspace, user, view, ack.body if isinstance(ack.body, dict) else {})


async def close(workspace: Workspace, person: Json, view: View, *, is_all: bool) -> None:
    """Close a modal (or the whole stack) and tell the bot where it asked for it."""
    closed = workspace.views.close(str(person["id"]), None if is_all else view.id)
    for gone in closed:
        if not gone.body["notify_on_close"]:
            continue
        body = payloads.interaction("view_closed", person, None)
        body.update(view=gone.body, is_cleared=is_all)
        try:
            await workspace.ask_bot("interactive", body)
        except Refused:
            return  # the modal is closed for the person whatever the bot makes of it


def own_view(workspace: Workspace, person: Json, view_id: str) -> View:
    """The person's own open view; Refused when it is closed or somebody else's."""
    view = workspace.views.get(view_id)
    if view is None or view.user != person["id"]:
        raise Refused("That window is closed.", 404)
    return view


def _follow(workspace: Workspace, user: str, view: View, answer: Json) -> None:
    what = answer.get("response_action")
    try:
        if what == "errors":
            _show_errors(view, answer.get("errors"))
        elif what == "update":
            workspace.views.update(view, answer.get("view"), None)
        elif what == "push":
            workspace.views.push(user, answer.get("view"), above=view.id)
        elif what == "clear":
            workspace.views.close(user)
        else:
            workspace.views.close(user, view.id)
    except SlackError as error:
        details = error.extra.get("response_metadata", {}).get("messages", [])
        raise Refused(
            f"Assent answered with a window that Slack refuses: {'; '.join(details) or error.name}",
            502,
        ) from error


def _show_errors(view: View, errors: object) -> None:
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not set(errors) <= inputs:
        raise Refused("Assent named a fault in a field that this window does not have.", 502)
    raise Refused(
        "Some answers were not accepted.", 422, {str(k): str(v) for k, v in errors.items()}
    )


def _check_users(directory: Directory, state: Json) -> None:
    for name in _USER_FIELDS:
        chosen = state.get(name) or []
        for user in [chosen] if isinstance(chosen, str) else chosen:
            if directory.user(user) is None:
                raise Refused("That person is not in this workspace.", 409)
