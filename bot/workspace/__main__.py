"""`python -m bot.workspace --state DIR`: the workspace as a process of its own."""

import argparse
import asyncio
import gc
import sys
from pathlib import Path

YOUNG_MAX = 50_000  # objects made before it is looked for garbage among them: a start makes none


def main(arguments: list[str]) -> int:
    """Run until interrupted; 2 when it was called wrongly or the port is taken."""
    gc.set_threshold(YOUNG_MAX, *gc.get_threshold()[1:])
    from bot.workspace.server import serve
    from bot.workspace.settings import BOT_SCOPES, RETRY_DELAYS_SECONDS, WorkspaceSettings

    parser = argparse.ArgumentParser(prog="python -m bot.workspace", description=__doc__)
    parser.add_argument("--state", type=Path, required=True, help="folder for everything it keeps")
    parser.add_argument("--port", type=int, default=0, help="0: the last one, or any free one")
    parser.add_argument("--delivery", choices=["socket", "http"], default="socket")
    parser.add_argument("--request-url", default="", help="where the bot listens (HTTP delivery)")
    parser.add_argument("--scopes", default=",".join(BOT_SCOPES), help="the bot token's scopes")
    parser.add_argument(
        "--retry-seconds",
        default=",".join(f"{delay:g}" for delay in RETRY_DELAYS_SECONDS),
        help="waits before an event that was not acknowledged is delivered again",
    )
    parser.add_argument(
        "--teams-messages-url", default="", help="the bot's messages endpoint; it switches Teams on"
    )
    given = parser.parse_args(arguments)
    try:
        settings = WorkspaceSettings(
            state=given.state,
            port=given.port,
            delivery=given.delivery,
            request_url=given.request_url,
            bot_scopes=tuple(given.scopes.split(",")),
            retry_delays_seconds=tuple(float(each) for each in given.retry_seconds.split(",")),
            teams_messages_url=given.teams_messages_url,
        )
        asyncio.run(serve(settings))
    except (ValueError, OSError) as error:
        print(f"workspace: {error}", file=sys.stderr)  # noqa: T201  # a command speaks here
        return 2
    finally:
        gc.freeze()  # the end does not look through what ends with it
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
