"""A proxy in front of PostgreSQL that breaks the wire: for the conformance suite alone.

It reads the client's half of the protocol (PostgreSQL's manual, chapter "Frontend/Backend
Protocol"), strikes once at a statement about a table, and passes everything else on.
"""

from __future__ import annotations

import socket
import struct
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from threading import Event, Lock, Thread

from connectors.conformance.world import FaultedCall, FaultKind

SLOW_SECONDS = 0.05
LOOPBACK = "127.0.0.1"
_NO_TLS = (80877103, 80877104)  # the codes by which a client asks for TLS and GSS
_STATES = {
    "refuse": "42501",
    "lose_permission": "42501",
    "rate_limit": "53300",
    "unavailable": "57P03",
}
_TABLES = (b"FROM customers", b"FROM contacts", b"FROM assent_writes", b"FROM customer_list")
_WRITES = (b"UPDATE customers", b"INSERT INTO", b"DELETE FROM")
_COMMIT = b"COMMIT"


class WireFaults:
    """One listener in front of one server's socket."""

    def __init__(self, server: str) -> None:
        """`server` is the path of PostgreSQL's own socket."""
        self._server = server
        self._armed: tuple[FaultKind, FaultedCall] | None = None
        self._lock = Lock()
        self._listener = socket.create_server((LOOPBACK, 0))
        Thread(target=self._accept, daemon=True).start()

    @property
    def port(self) -> int:
        """Where clients connect to on the loopback."""
        return int(self._listener.getsockname()[1])

    def arm(self, kind: FaultKind, call: FaultedCall) -> None:
        """The next call suffers, once."""
        with self._lock:
            self._armed = (kind, call)

    def unplug(self) -> None:
        """Nobody listens any more."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        server = socket.socket(socket.AF_UNIX)
        with closing(client), closing(server), suppress(OSError, EOFError):
            server.connect(self._server)
            _begin(client, server)
            is_deaf = Event()
            Thread(target=_pump, args=(server, client, is_deaf), daemon=True).start()
            try:
                self._pass_on(client, server, is_deaf)
            finally:  # closing alone would not wake the thread that still reads from it
                server.shutdown(socket.SHUT_RDWR)

    def _pass_on(self, client: socket.socket, server: socket.socket, is_deaf: Event) -> None:
        has_written = False
        for kind, message in _messages(client):
            has_written = has_written or any(each in message for each in _WRITES)
            struck = self._struck(kind, message, has_written=has_written)
            if struck is None:
                server.sendall(message)
            elif struck == "slow":
                time.sleep(SLOW_SECONDS)
                server.sendall(message)
            elif struck in _STATES:
                _refuse(client, kind, _STATES[struck])
            else:
                if struck == "time_out_after_write":
                    is_deaf.set()
                    server.sendall(message)
                    time.sleep(SLOW_SECONDS)  # the server has committed, and nobody hears of it
                client.shutdown(socket.SHUT_RDWR)
                return

    def _struck(self, kind: bytes, message: bytes, *, has_written: bool) -> FaultKind | None:
        if kind not in (b"Q", b"P"):
            return None
        with self._lock:
            if self._armed is None:
                return None
            fault, call = self._armed
            is_cut = fault.startswith("time_out") and call in ("execute", "compensate")
            is_due = has_written and _COMMIT in message if is_cut else _names_table(message)
            if not is_due:
                return None
            self._armed = None
            return fault


def _names_table(message: bytes) -> bool:
    return any(each in message for each in _TABLES)


def _begin(client: socket.socket, server: socket.socket) -> None:
    """The messages before the first typed one; TLS is declined, the rest passed on."""
    while True:
        length, code = struct.unpack("!II", head := _exactly(client, 8))
        rest = _exactly(client, length - 8)
        if code not in _NO_TLS:
            server.sendall(head + rest)
            return
        client.sendall(b"N")


def _messages(client: socket.socket) -> Iterator[tuple[bytes, bytes]]:
    while True:
        head = _exactly(client, 5)
        (length,) = struct.unpack("!I", head[1:])
        yield head[:1], head + _exactly(client, length - 4)


def _refuse(client: socket.socket, kind: bytes, state: str) -> None:
    """An ErrorResponse in the server's place, and what ends the exchange."""
    if kind == b"P":
        for each, _ in _messages(client):
            if each == b"S":
                break
    fields = f"SERROR\0VERROR\0C{state}\0Msecret words of a server\0\0".encode()
    client.sendall(b"E" + struct.pack("!I", len(fields) + 4) + fields)
    client.sendall(b"Z" + struct.pack("!I", 5) + b"E")


def _pump(server: socket.socket, client: socket.socket, is_deaf: Event) -> None:
    with suppress(OSError):
        while (data := server.recv(65536)) and not is_deaf.is_set():
            client.sendall(data)
    with suppress(OSError):
        client.shutdown(socket.SHUT_RDWR)


def _exactly(source: socket.socket, count: int) -> bytes:
    data = b""
    while len(data) < count:
        more = source.recv(count - len(data))
        if not more:
            raise EOFError
        data += more
    return data
