"""So many connections and no more: whoever opens thousands keeps nobody else out."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from urllib.parse import urlsplit

import anyio
import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from tests.harness.ui_server import running
from ui.http import connections
from ui.http.crowd import MOST, Crowd, Stage, room

MANY = 24
HEAD = (
    b"POST /api/answer HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\ncontent-length: 5000\r\n\r\n{"
)
HELD = {
    "nothing": b"",
    "half a head": b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b\r\n",
    "half a body": HEAD,
    "an answer that never ends": b"GET /endless HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
}


async def health(_: Request) -> Response:
    return PlainTextResponse("ok")


async def endless(_: Request) -> Response:
    await anyio.sleep_forever()
    raise AssertionError


async def answer(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


ROUTES = [Route("/health", health), Route("/endless", endless), Route("/api/answer", answer, methods=["POST"])]


class Attacker:
    """Opens connections that the server takes for those of another address, and keeps them."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.ports: set[int] = set()
        monkeypatch.setattr(connections, "_address", self._address)

    def _address(self, transport: connections.asyncio.BaseTransport) -> str:
        return "192.0.2.1" if transport.get_extra_info("peername")[1] in self.ports else "192.0.2.2"

    def open(self, url: str, sent: bytes) -> socket.socket:
        line = socket.socket()
        line.bind(("127.0.0.1", 0))
        self.ports.add(line.getsockname()[1])
        line.settimeout(60)
        line.connect(("127.0.0.1", urlsplit(url).port or 0))
        line.sendall(sent)
        return line


@pytest.fixture
def attacker(monkeypatch: pytest.MonkeyPatch) -> Attacker:
    return Attacker(monkeypatch)


@contextmanager
def crowded(attacker: Attacker, crowd: Crowd, sent: bytes) -> Iterator[str]:
    """Serve to somebody who opens many connections of which nothing more comes; yields the address."""
    with running(Starlette(routes=ROUTES), crowd=crowd) as url, ExitStack() as held:
        for _ in range(MANY):
            held.enter_context(closing(attacker.open(url, sent)))
        yield url


def visited(url: str) -> list[int]:
    """Return what an honest visitor gets who asks ten times, each time on a new connection."""
    return [httpx.get(f"{url}/health", timeout=60).status_code for _ in range(10)]


@pytest.mark.parametrize("held", HELD)
@pytest.mark.parametrize("bounds", [(16, 1_000), (1_000, 8)], ids=["in all", "each"])
def test_who_opens_many_connections_keeps_nobody_out(attacker: Attacker, held: str, bounds: tuple[int, int]) -> None:
    crowd = Crowd(*bounds)
    with crowded(attacker, crowd, HELD[held]) as url:
        assert visited(url) == [200] * 10
        assert len(crowd) <= min(bounds) + 1


def test_a_bound_that_is_the_same_for_everybody_is_caught(attacker: Attacker, monkeypatch: pytest.MonkeyPatch) -> None:
    """A naive server refuses whoever comes when all places are taken: the honest visitor too."""
    monkeypatch.setattr(Crowd, "_make_room", lambda *_: False)
    with crowded(attacker, Crowd(16, 1_000), HELD["nothing"]) as url:
        assert visited(url) == [503] * 10


def test_a_server_without_a_bound_is_caught(attacker: Attacker) -> None:
    crowd = Crowd(10**6, 10**6)
    with crowded(attacker, crowd, HELD["nothing"]) as url:
        visited(url)
        assert len(crowd) >= MANY


def test_who_is_refused_is_told_so(attacker: Attacker) -> None:
    """All places are at work for one address: one more of it is refused in a sentence, whatever it sends."""
    said = b""
    with (
        crowded(attacker, Crowd(1_000, 4), HELD["an answer that never ends"]) as url,
        closing(attacker.open(url, HEAD + b" " * 4_000)) as line,
    ):
        while block := line.recv(65_536):
            said += block
    assert said.startswith(b"HTTP/1.1 503 ") and b"retry-after: 5" in said and b"Too many connections" in said


class Line:
    """A connection that only says what it is at."""

    def __init__(self, stage: Stage = Stage.WAITING) -> None:
        self.at, self.ended = stage, False

    def stage(self) -> Stage:
        return self.at

    def give_up(self) -> None:
        self.ended = True


def test_what_is_answered_goes_last_and_the_oldest_first() -> None:
    crowd = Crowd(4, 100)
    lines = [Line(stage) for stage in (Stage.ANSWERED, Stage.ARRIVING, Stage.WAITING, Stage.WAITING)]
    assert all(crowd.admit(one, "192.0.2.1") for one in lines)
    assert crowd.admit(Line(), "192.0.2.2") and [one.ended for one in lines] == [False, False, True, False]
    assert crowd.admit(Line(), "192.0.2.3") and [one.ended for one in lines] == [False, False, True, True]
    assert len(crowd) == 4


def test_those_who_hold_as_few_lose_nothing() -> None:
    crowd = Crowd(3, 100)
    lines = [Line(Stage.ANSWERED) for _ in range(3)]
    assert all(crowd.admit(line, f"192.0.2.{number}") for number, line in enumerate(lines))
    assert not crowd.admit(Line(), "192.0.2.9")
    assert not any(line.ended for line in lines)
    crowd.leave(lines[0], "192.0.2.0")
    crowd.leave(lines[0], "192.0.2.0")
    assert len(crowd) == 2 and crowd.admit(Line(), "192.0.2.9")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("2001:db8::1", "2001:db8::ffff:1", True),
        ("2001:db8::1", "2001:db8:0:1::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("::ffff:192.0.2.1", "::ffff:192.0.2.2", False),
        ("fe80::1%eth0", "fe80::2%eth0", True),
    ],
)
def test_what_counts_as_one_address(one: str, other: str, same: bool) -> None:
    crowd = Crowd(100, 1)
    held = Line(Stage.ANSWERED)
    assert crowd.admit(held, one)
    assert crowd.admit(Line(), other) is not same


def test_addresses_of_many_visitors_have_no_limit_of_their_own() -> None:
    crowd = Crowd(50, 1, shared=lambda address: address == "127.0.0.1")
    assert all(crowd.admit(Line(Stage.ANSWERED), "127.0.0.1") for _ in range(50))
    assert not crowd.admit(Line(), "127.0.0.1")


def test_the_process_keeps_files_for_itself() -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (256, before[1]))
        assert room() == min(MOST, resource.getrlimit(resource.RLIMIT_NOFILE)[0] // 2)
        assert room(10) == 10
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)
