"""files.*: the upload in three steps."""

import secrets

from bot.workspace import limits, seed
from bot.workspace.api.call import Call, Method
from bot.workspace.wire import Json, SlackError
from bot.workspace.workspace import Workspace

FILES_PER_CALL = 10


def get_upload_url(call: Call) -> Json:
    """files.getUploadURLExternal: where to send the bytes."""
    name, length = call.required("filename"), call.count("length", 0, limits.FILE_BYTES + 1)
    if length > limits.FILE_BYTES:
        raise SlackError("file_too_large")
    file_id = "F0" + secrets.token_hex(8).upper()
    call.workspace.storage.run("INSERT INTO files VALUES (?, ?, ?, NULL, 0)", file_id, name, length)
    return {"upload_url": f"http://{call.workspace.host}/upload/{file_id}", "file_id": file_id}


def store_upload(workspace: Workspace, file_id: str, content: bytes) -> bool:
    """Keep the bytes of an announced file; False when nothing of that name and length waits."""
    touched = workspace.storage.run(
        "UPDATE files SET content = ? WHERE id = ? AND length = ? AND content IS NULL",
        content,
        file_id,
        len(content),
    )
    return touched == 1


def complete_upload(call: Call) -> Json:
    """files.completeUploadExternal: share the files, in a channel when one is named."""
    wanted = call.structure("files")
    if not isinstance(wanted, list) or not 0 < len(wanted) <= FILES_PER_CALL:
        raise SlackError("invalid_arguments")
    files = [_complete(call, item) for item in wanted]
    if call.text("channel_id"):
        channel = call.conversation("channel_id")
        if not call.is_bot_in(channel):
            raise SlackError("not_in_channel")
        body = {
            "user": seed.BOT_USER_ID,
            "bot_id": seed.BOT_ID,
            "app_id": seed.APP_ID,
            "text": call.text("initial_comment"),
            "files": files,
        }
        call.workspace.messages.post(
            str(channel["id"]),
            body,
            call.workspace.clock(),
            thread_ts=call.text("thread_ts") or None,
        )
    return {"files": files}


def _complete(call: Call, item: object) -> Json:
    if not isinstance(item, dict):
        raise SlackError("invalid_arguments")
    file_id = str(item.get("id"))
    row = call.workspace.storage.row(
        "SELECT name, length FROM files WHERE id = ? AND content IS NOT NULL", file_id
    )
    if row is None:
        raise SlackError("file_not_found")
    call.workspace.storage.run("UPDATE files SET is_shared = 1 WHERE id = ?", file_id)
    return {
        "id": file_id,
        "name": str(row[0]),
        "title": str(item.get("title") or row[0]),
        "size": row[1],
        "url_private": f"http://{call.workspace.host}/page/api/file/{file_id}",
    }


METHODS = {
    "files.getUploadURLExternal": Method(get_upload_url, "files:write"),
    "files.completeUploadExternal": Method(complete_upload, "files:write"),
}
