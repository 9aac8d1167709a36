"""The tables of the Teams side, in the workspace's one database."""

from bot.workspace.storage import Storage

_TABLES = (
    """CREATE TABLE IF NOT EXISTS teams_keys (
      kid TEXT PRIMARY KEY, pem TEXT NOT NULL, is_published INTEGER NOT NULL, made_at REAL NOT NULL)
    """,
    "CREATE TABLE IF NOT EXISTS teams_access (token TEXT PRIMARY KEY, expires_at REAL NOT NULL)",
    """CREATE TABLE IF NOT EXISTS teams_conversations (
      id TEXT PRIMARY KEY, name TEXT NOT NULL, kind TEXT NOT NULL, has_bot INTEGER NOT NULL)""",
    """CREATE TABLE IF NOT EXISTS teams_members (
      conversation TEXT NOT NULL, alias TEXT NOT NULL, PRIMARY KEY (conversation, alias))""",
    """CREATE TABLE IF NOT EXISTS teams_messages (
      conversation TEXT NOT NULL, id TEXT NOT NULL, thread TEXT NOT NULL, document TEXT NOT NULL,
      PRIMARY KEY (conversation, id))""",
    "CREATE INDEX IF NOT EXISTS teams_messages_newest ON teams_messages (id)",
    """CREATE TABLE IF NOT EXISTS teams_own_views (
      conversation TEXT NOT NULL, message TEXT NOT NULL, alias TEXT NOT NULL,
      document TEXT NOT NULL, PRIMARY KEY (conversation, message, alias))""",
    "CREATE TABLE IF NOT EXISTS teams_dialogs (alias TEXT PRIMARY KEY, document TEXT NOT NULL)",
    """CREATE TABLE IF NOT EXISTS teams_outbox (
      id INTEGER PRIMARY KEY AUTOINCREMENT, payload TEXT NOT NULL,
      attempts INTEGER NOT NULL, due_at REAL NOT NULL, reason TEXT NOT NULL)""",
)


def create_tables(storage: Storage) -> None:
    """Make the tables that are not there."""
    for table in _TABLES:
        storage.run(table)
