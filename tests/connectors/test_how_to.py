"""The how-to's examples run, and it names every file that a newcomer begins with."""

from __future__ import annotations

import json
import re
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest

from bot.scaffolding.connector import files_of, in_checkout, in_project
from connectors import errors

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "how-to" / "connector.md"


def blocks(language):
    return re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL)


def run(example, where, names):
    exec(compile(example, where, "exec", dont_inherit=True), names)


def test_examples_run_in_order(tmp_path):
    examples = blocks("python")
    assert len(examples) >= 6
    names = {"address": str(tmp_path / "desk.db"), "__name__": "how_to"}
    for number, example in enumerate(examples, start=1):
        run(example, f"connector.md, example {number}", names)


def test_every_file_of_a_new_connector_is_named():
    written = files_of("acme", in_checkout("acme", ROOT))
    files = {Path(f).name for f in written if f.startswith("connectors/")} - {"__init__.py"}
    page = PAGE.read_text()
    assert {f for f in files if f"`{f}`" not in page} == set()
    table = page.split("## What was written")[1].split("\n\n", 3)[2]
    assert set(re.findall(r"`(\w+\.(?:py|md))`", table)) == files


def test_the_entry_point_on_the_page_is_the_one_that_is_written():
    written = files_of("acme", in_project("acme", Path("assent-acme")))
    assert blocks("toml")[0] in written["pyproject.toml"]


def test_every_error_is_explained():
    page = PAGE.read_text()
    for kind in errors.ConnectorError.__subclasses__():
        assert f"| `{kind.__name__}` |" in page


class Vendor(BaseHTTPRequestHandler):
    """Answers with what it was asked; cuts the line where the path says so."""

    def answer(self):
        if self.path == "/cut":
            self.close_connection = True
            return
        length = int(self.headers.get("Content-Length", 0))
        body = json.loads(self.rfile.read(length) or b"null")
        said = {"path": self.path, "body": body, "headers": dict(self.headers)}
        data = b"<html>" if self.path == "/page" else json.dumps(said).encode()
        self.send_response(429 if self.path == "/busy" else 200)
        self.send_header("Retry-After", "7")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    do_GET = do_PATCH = answer

    def log_message(self, *_):
        pass


@pytest.fixture
def client():
    names = {"__name__": "how_to"}
    (example,) = (each for each in blocks("python") if "class Client" in each)
    run(example, "connector.md, the client", names)
    server = ThreadingHTTPServer(("127.0.0.1", 0), Vendor)
    Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield names["Client"](f"http://127.0.0.1:{server.server_port}", "canary")
    server.shutdown()
    server.server_close()


def test_the_client_on_the_page_speaks_http(client):
    said = client.request("PATCH", "/items/7", {"status": "done"}, key="k", version="3")
    assert said.status == 200
    assert said.values["body"] == {"status": "done"}
    headers = said.values["headers"]
    assert (headers["Idempotency-Key"], headers["If-Match"]) == ("k", "3")
    assert headers["Authorization"] == "Bearer canary"
    assert client.request("GET", "/items", {"ids": ["1", "2"]}).values["path"] == (
        "/items?ids=1&ids=2"
    )
    busy = client.request("GET", "/busy")
    assert (busy.status, busy.headers["Retry-After"]) == (429, "7")
    assert client.request("GET", "/page").values == {}
    assert "canary" not in repr(client)


def test_no_answer_is_an_error_that_the_session_understands(client):
    with pytest.raises(OSError, match=r"no whole answer|closed|reset"):
        client.request("PATCH", "/cut", {"status": "done"})
