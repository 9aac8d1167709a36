"""The app package of Teams: what an administrator uploads so that people can find the bot.

A package is a zip of a manifest and two icons. The same app id gives the same bytes.
"""

from __future__ import annotations

import json
import re
import zipfile
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

from store.model.values import Json

MANIFEST_VERSION = "1.29"
SCHEMA = (
    f"https://developer.microsoft.com/json-schemas/teams/v{MANIFEST_VERSION}"
    "/MicrosoftTeams.schema.json"
)
# Teams takes an upload as an update where this is higher: raise it with every change below.
PACKAGE_VERSION = "1.0.0"
EXTENSION_COMMAND = "ask"  # the message extension: "Ask Assent to do this"
NAME_CHARACTERS_MAX = 32  # of a developer's name, by the schema
ADDRESS_CHARACTERS_MAX = 2_048  # of a web address, by the schema

# What the menu of the bot offers; a person may also write them after the mention.
COMMANDS = (
    ("help", "What can be asked here, with an example of each"),
    ("status", "What is open, the ledger, the policies in force"),
    ("digest", "The report of the day so far"),
    ("run", "One run as it stands: run R-1001"),
    ("batch", "What waits for you, side by side, to approve together"),
    ("home", "What waits for you and what you asked for"),
    ("review", "Your word on what ran by itself: review R-1001 right, or wrong and why"),
    ("away", "Who decides while you are away: away until 2026-12-24, then their mention"),
    ("back", "You decide again yourself"),
)
_SHORT = "Ask for operational work; see exactly what will change; approve it."
_FULL = (
    "Assent completes operational work from a channel. Ask for a refund, a cancelled order or a "
    "changed address in your own words: mention Assent, or choose “Ask Assent to do this” on a "
    "message. Assent plans it, reads the live systems and shows exactly what will change, field by "
    "field. The people that your policy names approve it by a button. Then Assent does it once, "
    "checks the result against the plan, and keeps a record that cannot be edited unnoticed.\n\n"
    "Assent hears only what mentions it, what is written to it in its own chat, and what somebody "
    "points at. It is run by your own organisation, which holds everything that it keeps."
)
_ACCENT = "#0f766e"  # the ground of the color icon
_ICONS = Path(__file__).parent / "teams_icons"
_GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_VERSION = re.compile(r"(0|[1-9][0-9]{0,4})(\.(0|[1-9][0-9]{0,4})){2}")
_EXAMPLE = "7d1f0a52-0000-4000-8000-"  # the ids of the local workspace and of our own examples
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the first moment that a zip knows


class PackageError(Exception):
    """A package cannot be made of what was given; the message says of what and what it should be.

    PackageError is the whole tree.
    """


@dataclass(frozen=True)
class Publisher:
    """Who answers for the app in this organisation: shown on the app's page in Teams.

    Assent has no address of its own in your organisation; example.com is nobody's.
    """

    name: str = "Assent"
    website: str = "https://example.com"


def package(
    app_id: str, publisher: Publisher | None = None, version: str = PACKAGE_VERSION
) -> bytes:
    """The zip for one app registration. Raises PackageError for a placeholder."""
    files = {
        "manifest.json": _text(manifest(app_id, publisher or Publisher(), version)),
        "color.png": (_ICONS / "color.png").read_bytes(),
        "outline.png": (_ICONS / "outline.png").read_bytes(),
    }
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, date_time=_EPOCH)
            entry.create_system, entry.external_attr = 3, 0o644 << 16  # the same on every machine
            archive.writestr(entry, content)  # stored: compressors differ, and icons are small
    return written.getvalue()


def manifest(app_id: str, publisher: Publisher, version: str = PACKAGE_VERSION) -> dict[str, Json]:
    """What Teams is told of the bot. A version above ours replaces one of ours with other words.

    No resource-specific consent is asked for: the bot hears mentions and its own chats, and reads
    a conversation's members, by being in it. `messageTeamMembers` lets it tell somebody of a team
    something in their own chat. Dialogs are cards, so no domain is ever loaded.
    """
    bot_id = _app_id(app_id)
    site = _site(publisher.website)
    return {
        "$schema": SCHEMA,
        "manifestVersion": MANIFEST_VERSION,
        "version": _version(version),
        "id": bot_id,
        "developer": {
            "name": _developer(publisher.name),
            "websiteUrl": site,
            "privacyUrl": site,
            "termsOfUseUrl": site,
        },
        "name": {"short": "Assent", "full": "Assent: operational work, approved"},
        "description": {"short": _SHORT, "full": _FULL},
        "icons": {"color": "color.png", "outline": "outline.png"},
        "accentColor": _ACCENT,
        "defaultInstallScope": "team",
        "defaultGroupCapability": {"team": "bot", "groupchat": "bot"},
        "supportsChannelFeatures": "tier1",  # private and shared channels too
        "bots": [_bot(bot_id)],
        "composeExtensions": [_extension(bot_id)],
        "permissions": ["messageTeamMembers"],
        "validDomains": [],
    }


def _bot(bot_id: str) -> dict[str, Json]:
    scopes: list[Json] = ["team", "groupChat", "personal"]
    commands: list[Json] = [{"title": title, "description": about} for title, about in COMMANDS]
    return {
        "botId": bot_id,
        "scopes": scopes,
        "commandLists": [{"scopes": scopes, "commands": commands}],
        "isNotificationOnly": False,
        "supportsFiles": False,
        "supportsCalling": False,
        "supportsVideo": False,
    }


def _extension(bot_id: str) -> dict[str, Json]:
    """On a message: make it a request of whoever points at it, after a look at its words."""
    return {
        "botId": bot_id,
        "commands": [
            {
                "id": EXTENSION_COMMAND,
                "type": "action",
                "title": "Ask Assent to do this",
                "description": "Makes this message a request of yours",
                "context": ["message"],
                "fetchTask": True,
            }
        ],
    }


def _app_id(text: str) -> str:
    app_id = text.strip().lower()
    if not app_id:
        raise PackageError(
            "there is no app id: set ASSENT_TEAMS_APP_ID, or name it by --app-id. It is the"
            " Application (client) ID of the bot's app registration, see docs/how-to/teams.md"
        )
    if not _GUID.fullmatch(app_id):
        raise PackageError(
            f"the app id is {text!r}; it is the Application (client) ID of the bot's app"
            " registration, five groups of hexadecimal digits"
        )
    if len(set(app_id)) <= 3 or app_id.startswith((_EXAMPLE, "12345678-")):
        raise PackageError(
            f"{app_id} is an example, no app registration of yours; Microsoft Entra shows yours as"
            " Application (client) ID, see docs/how-to/teams.md"
        )
    return app_id


def _developer(name: str) -> str:
    if not name.strip() or len(name) > NAME_CHARACTERS_MAX or not name.isprintable():
        raise PackageError(
            f"the publisher is {name!r}; it is a name of 1 to {NAME_CHARACTERS_MAX} characters"
        )
    return name


def _version(text: str) -> str:
    if not _VERSION.fullmatch(text) or _parts(text) < _parts(PACKAGE_VERSION):
        raise PackageError(
            f"the version is {text!r}; it is three numbers with dots, {PACKAGE_VERSION} or higher"
        )
    return text


def _parts(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _site(address: str) -> str:
    is_short = len(address) <= ADDRESS_CHARACTERS_MAX
    if not (is_short and re.fullmatch(r"https://[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+[!-~]*", address)):
        raise PackageError(f"the website is {address!r}; it has to be https:// and a host's name")
    return address


def _text(manifest: dict[str, Json]) -> bytes:
    return (json.dumps(manifest, indent=2, ensure_ascii=False) + "\n").encode()
