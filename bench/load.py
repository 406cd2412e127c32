"""A client that costs little: many kept connections in one thread, so that a shared machine measures the server.

What a visitor does is a generator: it yields one request, gets one response, and returns whether all went well. A
client with a thread per connection took half of the machine's time itself and made every ratio a ratio of clients.
"""

import re
import selectors
import socket
import statistics
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass, field
from random import Random

CONNECTIONS = 8
PIECE = 1 << 18
END_OF_HEAD = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Response:
    """What came back; the head is raw, with the status line."""

    head: bytes
    body: bytes

    @property
    def is_ok(self) -> bool:
        """Say whether the status is 200."""
        return self.head[9:12] == b"200"

    @property
    def is_packed(self) -> bool:
        """Say whether the body is compressed."""
        return b"content-encoding: gzip" in self.head.lower()


Visit = Generator[bytes, Response, bool]
Visitor = Callable[[str, bytes], Visit]


@dataclass(slots=True)
class Result:
    """What a phase did: how long it took, how long each visitor waited in total, and how many were acknowledged."""

    seconds: float = 0.0
    waits: list[float] = field(default_factory=list)
    refused: int = 0
    # What whoever started the server measures beside it: the server's processor time, in seconds.
    worked_s: float = 0.0

    @property
    def rate(self) -> float:
        """Completed per second."""
        return len(self.waits) / self.seconds if self.seconds else 0.0

    def quantile(self, share: float) -> float:
        """Give the wait, in milliseconds, that this share of visitors did not exceed."""
        return 1000 * statistics.quantiles(self.waits, n=100)[round(share * 100) - 1]


def post(path: str, body: bytes) -> bytes:
    """Write a form being sent, as a browser that takes compressed pages does."""
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    ).encode() + body


def get(path: str) -> bytes:
    """Write a page being asked for."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept-Encoding: gzip\r\n\r\n".encode()


class _Connection:
    """One kept connection and the visitor who has it at the moment."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.visit: Visit | None = None
        self.began = 0.0
        self.expected = 0
        self.received = bytearray()

    def begin(self, visit: Visit) -> None:
        """Let a visitor send the first request."""
        self.visit, self.began = visit, time.perf_counter()
        self._send(next(visit))

    def hear(self) -> bool | None:
        """Take what has arrived; give whether the visitor got what they came for, None while it is not over."""
        piece = self.socket.recv(PIECE)
        if not piece:
            raise ConnectionError("the server closed a connection")
        self.received += piece
        if not self.expected and not self._read_head():
            return None
        if len(self.received) < self.expected:
            return None
        head, _end, body = bytes(self.received).partition(END_OF_HEAD)
        assert self.visit is not None
        try:
            self._send(self.visit.send(Response(head, body)))
        except StopIteration as done:
            return bool(done.value)
        return None

    def _read_head(self) -> bool:
        end = self.received.find(END_OF_HEAD)
        found = LENGTH.search(self.received, 0, max(end, 0) + 2)
        if end < 0:
            return False
        if found is None:
            raise ConnectionError("a response without its length")
        self.expected = end + len(END_OF_HEAD) + int(found[1])
        return True

    def _send(self, request: bytes) -> None:
        self.received.clear()
        self.expected = 0
        self.socket.sendall(request)


def drive(port: int, visitor: Visitor, tickets: Iterable[str], bodies: list[bytes], *, most_seconds: float) -> Result:
    """Let visitors come over `CONNECTIONS` connections until tickets or time run out."""
    waiting, result, rng = deque(tickets), Result(), Random(0)
    selector = selectors.DefaultSelector()
    connections = [_Connection(port) for _ in range(CONNECTIONS)]
    for one in connections:
        selector.register(one.socket, selectors.EVENT_READ, one)
    began = time.perf_counter()
    busy = 0
    for one in connections[: len(waiting)]:
        one.begin(visitor(waiting.popleft(), rng.choice(bodies)))
        busy += 1
    while busy:
        for key, _events in selector.select():
            one = key.data
            went_well = one.hear()
            if went_well is None:
                continue
            now = time.perf_counter()
            if went_well:
                result.waits.append(now - one.began)
            else:
                result.refused += 1
            if waiting and now - began < most_seconds:
                one.begin(visitor(waiting.popleft(), rng.choice(bodies)))
            else:
                busy -= 1
    result.seconds = time.perf_counter() - began
    for one in connections:
        one.socket.close()
    selector.close()
    return result
