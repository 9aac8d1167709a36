"""Who and where: people, user groups, channels and who is in them. Read from the database."""

from bot.workspace import seed
from bot.workspace.storage import Storage, column, document
from bot.workspace.wire import Json, Refused


class Directory:
    """The people and conversations of this workspace."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    def plant(self) -> None:
        """Write the seed where it is not yet there; nothing that exists is changed."""
        add = "INSERT OR IGNORE INTO "
        for person in seed.PEOPLE:
            self._storage.run(
                f"{add}users VALUES (?, ?, ?)", person.id, person.alias, column(_user(person))
            )
            dm = seed.dm_id(person)
            self._storage.run(
                f"{add}channels VALUES (?, ?, ?)", dm, None, column(_dm(dm, person.id))
            )
            for user in (person.id, seed.BOT_USER_ID):
                self._storage.run(f"{add}members VALUES (?, ?)", dm, user)
        self._storage.run(
            f"{add}users VALUES (?, ?, ?)", seed.BOT_USER_ID, None, column(_bot_user())
        )
        ids = {person.alias: person.id for person in seed.PEOPLE}
        for group in seed.GROUPS:
            members = [ids[alias] for alias in group.members]
            self._storage.run(
                f"{add}user_groups VALUES (?, ?, ?)",
                group.id,
                group.handle,
                column(_group(group, members)),
            )
        for channel in seed.CHANNELS:
            self._storage.run(
                f"{add}channels VALUES (?, ?, ?)",
                channel.id,
                channel.name,
                column(_channel(channel)),
            )
            users = [ids[alias] for alias in channel.members]
            for user in users + ([seed.BOT_USER_ID] if channel.has_bot else []):
                self._storage.run(f"{add}members VALUES (?, ?)", channel.id, user)

    def users(self) -> list[Json]:
        """Every account, the bot's too, as Slack describes it in full."""
        return [document(row[0]) for row in self._storage.rows("SELECT document FROM users")]

    def user(self, user_id: str) -> Json | None:
        """One account."""
        row = self._storage.row("SELECT document FROM users WHERE id = ?", user_id)
        return document(row[0]) if row else None

    def person(self, alias_or_id: str) -> Json:
        """The account that somebody acts as; Refused for nobody, the bot and the departed."""
        row = self._storage.row(
            "SELECT document FROM users WHERE alias = ? OR id = ?", alias_or_id, alias_or_id
        )
        user = document(row[0]) if row else None
        if user is None or user["is_bot"]:
            known = ", ".join(sorted(self.aliases()))
            raise Refused(f"There is no person {alias_or_id!r} here; there are: {known}.", 404)
        if user["deleted"]:
            raise Refused(f"{user['real_name']}'s account is deactivated and can do nothing.", 403)
        return user

    def aliases(self) -> dict[str, str]:
        """User ids by alias."""
        rows = self._storage.rows("SELECT alias, id FROM users WHERE alias IS NOT NULL")
        return {str(alias): str(user) for alias, user in rows}

    def groups(self) -> list[Json]:
        """Every user group, with its members under `users`."""
        return [document(row[0]) for row in self._storage.rows("SELECT document FROM user_groups")]

    def channel(self, reference: str) -> Json | None:
        """A conversation by id, `#name`, name, or a user's id (their DM with the bot)."""
        if reference.startswith("U"):
            reference = "D" + reference[1:]
        row = self._storage.row(
            "SELECT document FROM channels WHERE id = ? OR name = ?",
            reference,
            reference.removeprefix("#"),
        )
        return document(row[0]) if row else None

    def channels_of(self, user_id: str) -> list[Json]:
        """The conversations that a person is in, channels first."""
        rows = self._storage.rows(
            "SELECT c.document FROM channels c JOIN members m ON m.channel = c.id"
            " WHERE m.user = ? ORDER BY c.name IS NULL, c.rowid",
            user_id,
        )
        return [document(row[0]) for row in rows]

    def is_member(self, channel_id: str, user_id: str) -> bool:
        """Whether an account is in a conversation."""
        row = self._storage.row(
            "SELECT 1 FROM members WHERE channel = ? AND user = ?", channel_id, user_id
        )
        return row is not None

    def members(self, channel_id: str) -> list[str]:
        """The user ids in a conversation."""
        rows = self._storage.rows("SELECT user FROM members WHERE channel = ?", channel_id)
        return [str(row[0]) for row in rows]

    def join(self, channel_id: str, user_id: str, *, is_in: bool) -> None:
        """Put an account into a conversation, or take it out."""
        if is_in:
            self._storage.run("INSERT OR IGNORE INTO members VALUES (?, ?)", channel_id, user_id)
        else:
            self._storage.run(
                "DELETE FROM members WHERE channel = ? AND user = ?", channel_id, user_id
            )


def handle_of(user: Json) -> str:
    """The short name that payloads carry as `username`."""
    return str(user["name"])


def _user(person: seed.Person) -> Json:
    flag = person.flags.__contains__
    user: Json = {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name.lower().replace(" ", "."),
        "deleted": flag("deleted"),
        "real_name": person.name,
        "tz": "America/New_York",
        "tz_label": "Eastern Standard Time",
        "tz_offset": -18000,
        "profile": _profile(person.name, person.title, person.email),
        "is_admin": flag("is_admin"),
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": flag("is_restricted"),
        "is_ultra_restricted": flag("is_ultra_restricted"),
        "is_bot": False,
        "is_app_user": False,
        "is_email_confirmed": True,
        "updated": 1_760_000_000,
    }
    if flag("is_stranger"):
        user["is_stranger"] = True
    return user


def _bot_user() -> Json:
    user = _user(seed.Person("", seed.BOT_USER_ID, seed.BOT_NAME, ""))
    profile = _profile(seed.BOT_NAME, "", "")
    profile.update(api_app_id=seed.APP_ID, bot_id=seed.BOT_ID)
    del profile["email"]
    return {**user, "is_bot": True, "is_email_confirmed": False, "profile": profile}


def _profile(name: str, title: str, email: str) -> Json:
    return {
        "real_name": name,
        "real_name_normalized": name,
        "display_name": name,
        "display_name_normalized": name,
        "title": title,
        "email": email,
    }


def _group(group: seed.Group, members: list[str]) -> Json:
    return {
        "id": group.id,
        "team_id": seed.TEAM_ID,
        "is_usergroup": True,
        "name": group.name,
        "handle": group.handle,
        "description": "",
        "date_delete": 0,
        "user_count": len(members),
        "users": members,
    }


def _channel(channel: seed.Channel) -> Json:
    return {
        "id": channel.id,
        "name": channel.name,
        "name_normalized": channel.name,
        "is_channel": True,
        "is_group": False,
        "is_im": False,
        "is_mpim": False,
        "is_private": False,
        "is_archived": False,
        "is_general": False,
        "is_ext_shared": "stranger" in channel.members,
        "created": 1_760_000_000,
        "context_team_id": seed.TEAM_ID,
        "topic": {"value": channel.topic, "creator": "", "last_set": 0},
        "purpose": {"value": "", "creator": "", "last_set": 0},
    }


def _dm(dm: str, user_id: str) -> Json:
    return {
        "id": dm,
        "is_channel": False,
        "is_im": True,
        "is_mpim": False,
        "is_private": True,
        "is_archived": False,
        "user": user_id,
        "created": 1_760_000_000,
        "context_team_id": seed.TEAM_ID,
    }
