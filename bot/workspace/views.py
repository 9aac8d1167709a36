"""Modals and App Homes: each person's stack of open views, and their home."""

import secrets
from dataclasses import dataclass

from bot.workspace import actions, limits, seed
from bot.workspace.blocks import check_blocks
from bot.workspace.elements import check_text
from bot.workspace.feed import Feed
from bot.workspace.messages import with_ids
from bot.workspace.storage import Row, Storage, column, document
from bot.workspace.wire import Json, SlackError


@dataclass(frozen=True)
class View:
    """A stored view: an open modal of one person, or their App Home."""

    id: str
    user: str
    kind: str
    position: int
    body: Json

    @property
    def blocks(self) -> list[Json]:
        """Its blocks, with ids."""
        found: list[Json] = self.body["blocks"]
        return found


class Views:
    """Opens, replaces, stacks and closes views, and shows them."""

    def __init__(self, storage: Storage, feed: Feed) -> None:
        self._storage = storage
        self._feed = feed

    def stack(self, user: str) -> list[View]:
        """A person's open modals, the top one last."""
        rows = self._storage.rows(
            f"{_SELECT} WHERE user = ? AND kind = 'modal' ORDER BY position", user
        )
        return [_view(row) for row in rows]

    def get(self, view_id: str) -> View | None:
        """An open modal or a home by id."""
        row = self._storage.row(f"{_SELECT} WHERE id = ?", view_id)
        return _view(row) if row else None

    def find(self, view_id: str, external_id: str) -> View:
        """The view that a call names; SlackError when it is not open (any more)."""
        row = self._storage.row(
            f"{_SELECT} WHERE id = ? OR (external_id = ? AND external_id <> '')",
            view_id,
            external_id,
        )
        if row is None:
            raise SlackError("not_found")
        return _view(row)

    def home(self, user: str) -> View | None:
        """A person's App Home, once it was published."""
        row = self._storage.row(f"{_SELECT} WHERE user = ? AND kind = 'home'", user)
        return _view(row) if row else None

    def open(self, user: str, given: object) -> View:
        """Open a modal; it takes the place of any other that is open."""
        source = checked_view(given, "modal")
        self._storage.run("DELETE FROM views WHERE user = ? AND kind = 'modal'", user)
        return self._write(self._made(user, source, 0, previous=None))

    def push(self, user: str, given: object, *, above: str | None = None) -> View:
        """Put a modal on top of the open ones."""
        source = checked_view(given, "modal")
        stack = self.stack(user)
        if above is not None and all(view.id != above for view in stack):
            raise SlackError("not_found")
        if len(stack) >= limits.VIEWS_IN_A_STACK:
            raise SlackError("push_limit_reached")
        return self._write(self._made(user, source, len(stack), stack[-1] if stack else None))

    def update(self, view: View, given: object, expected_hash: str | None) -> View:
        """Replace a view's content; hash_conflict when it changed since `expected_hash`."""
        source = checked_view(given, view.kind)
        if expected_hash and expected_hash != view.body["hash"]:
            raise SlackError("hash_conflict")
        kept = {
            name: view.body[name] for name in ("id", "root_view_id", "previous_view_id", "bot_id")
        }
        body = {**_body(source), **kept}
        return self._write(View(view.id, view.user, view.kind, view.position, body))

    def publish(self, user: str, given: object, expected_hash: str | None) -> View:
        """Set a person's App Home."""
        existing = self.home(user)
        if existing is not None:
            return self.update(existing, given, expected_hash)
        return self._write(self._made(user, checked_view(given, "home"), 0, previous=None))

    def close(self, user: str, view_id: str | None = None) -> list[View]:
        """Close one modal (and those above it), or all; the closed ones, top first."""
        stack = self.stack(user)
        first = next((v.position for v in stack if v.id == view_id), 0 if view_id is None else None)
        if first is None:
            return []
        closed = [view for view in stack if view.position >= first]
        self._storage.run(
            "DELETE FROM views WHERE user = ? AND kind = 'modal' AND position >= ?", user, first
        )
        self._show(user)
        return list(reversed(closed))

    def _made(self, user: str, source: Json, position: int, previous: View | None) -> View:
        view_id = "V0" + secrets.token_hex(5).upper()
        body = _body(source)
        body.update(
            id=view_id,
            root_view_id=previous.body["root_view_id"] if previous else view_id,
            previous_view_id=previous.id if previous else None,
            bot_id=seed.BOT_ID,
        )
        return View(view_id, user, body["type"], position, body)

    def _write(self, view: View) -> View:
        external_id = view.body["external_id"]
        if external_id and self._storage.row(
            "SELECT 1 FROM views WHERE external_id = ? AND id <> ?", external_id, view.id
        ):
            raise SlackError("duplicate_external_id")
        self._storage.run(
            "INSERT OR REPLACE INTO views VALUES (?, ?, ?, ?, ?, ?)",
            view.id,
            view.user,
            view.kind,
            view.position,
            external_id,
            column(view.body),
        )
        if view.kind == "home":
            self._feed.publish("home", view.body, audience=view.user)
        else:
            self._show(view.user)
        return view

    def _show(self, user: str) -> None:
        stack = [view.body for view in self.stack(user)]
        self._feed.publish("views", {"stack": stack}, audience=user)


def checked_view(given: object, kind: str) -> Json:
    """A view payload that keeps the limits; SlackError invalid_arguments names every fault."""
    faults: list[str] = []
    if not isinstance(given, dict):
        raise SlackError(
            "invalid_arguments",
            response_metadata={"messages": ["[ERROR] must provide an object [json-pointer:/view]"]},
        )
    if given.get("type") != kind:
        faults.append(f"must be {kind} [json-pointer:/view/type]")
    if kind == "modal":
        faults.extend(_modal_faults(given))
    for name, size in _SIZES.items():
        if len(str(given.get(name) or "")) > size:
            faults.append(f"must be less than {size + 1} characters [json-pointer:/view/{name}]")
    faults.extend(check_blocks(given.get("blocks"), limits.BLOCKS_PER_VIEW, "/view/blocks"))
    if faults:
        raise SlackError(
            "invalid_arguments", response_metadata={"messages": [f"[ERROR] {f}" for f in faults]}
        )
    return given


def _modal_faults(given: Json) -> list[str]:
    faults = list(
        check_text(given.get("title"), limits.VIEW_TITLE_CHARACTERS, "/view/title", is_plain=True)
    )
    for name in ("submit", "close"):
        if given.get(name) is not None:
            size = limits.VIEW_BUTTON_CHARACTERS
            faults.extend(check_text(given[name], size, f"/view/{name}", is_plain=True))
    blocks = given.get("blocks")
    has_input = isinstance(blocks, list) and any(
        isinstance(block, dict) and block.get("type") == "input" for block in blocks
    )
    if has_input and given.get("submit") is None:
        faults.append("missing required field: submit [json-pointer:/view/submit]")
    return faults


_SIZES = {
    "private_metadata": limits.PRIVATE_METADATA_CHARACTERS,
    "callback_id": limits.CALLBACK_ID_CHARACTERS,
    "external_id": limits.EXTERNAL_ID_CHARACTERS,
}
_SELECT = "SELECT id, user, kind, position, document FROM views"


def _view(row: Row) -> View:
    return View(str(row[0]), str(row[1]), str(row[2]), int(str(row[3])), document(row[4]))


def _body(source: Json) -> Json:
    blocks = with_ids(source["blocks"])
    return {
        "team_id": seed.TEAM_ID,
        "app_id": seed.APP_ID,
        "app_installed_team_id": seed.TEAM_ID,
        "type": source["type"],
        "title": source.get("title") or {"type": "plain_text", "text": "View Title"},
        "submit": source.get("submit"),
        "close": source.get("close"),
        "blocks": blocks,
        "private_metadata": source.get("private_metadata") or "",
        "callback_id": source.get("callback_id") or "",
        "external_id": source.get("external_id") or "",
        "clear_on_close": bool(source.get("clear_on_close")),
        "notify_on_close": bool(source.get("notify_on_close")),
        "state": {"values": actions.state_values(blocks, {})},
        "hash": secrets.token_hex(8),
    }
