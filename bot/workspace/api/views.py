"""views.*: modals and App Homes."""

from bot.workspace.api.call import Call, Method
from bot.workspace.wire import Json, SlackError


def open_view(call: Call) -> Json:
    """views.open: needs a trigger that is young and unused."""
    trigger = call.workspace.triggers.take(_trigger(call), call.workspace.clock())
    return {"view": call.workspace.views.open(trigger.user, call.structure("view")).body}


def push(call: Call) -> Json:
    """views.push: needs a trigger that came from an open modal."""
    trigger = call.workspace.triggers.take(_trigger(call), call.workspace.clock())
    view = call.structure("view")
    return {"view": call.workspace.views.push(trigger.user, view, above=trigger.view_id).body}


def update(call: Call) -> Json:
    """views.update, by id or external id; with a hash it refuses to overwrite a newer view."""
    views = call.workspace.views
    found = views.find(call.text("view_id"), call.text("external_id"))
    return {"view": views.update(found, call.structure("view"), call.text("hash") or None).body}


def publish(call: Call) -> Json:
    """views.publish: one person's App Home."""
    user = call.required("user_id")
    if call.workspace.directory.user(user) is None:
        raise SlackError("user_not_found")
    view = call.structure("view")
    return {"view": call.workspace.views.publish(user, view, call.text("hash") or None).body}


def _trigger(call: Call) -> str:
    return call.text("trigger_id") or call.required("interactivity_pointer")


METHODS = {
    "views.open": Method(open_view),
    "views.push": Method(push),
    "views.update": Method(update),
    "views.publish": Method(publish),
}
