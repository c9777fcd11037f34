"""What stops arriving ends: bodies on every route that takes one, heads of requests, connections without any."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest

from rag.types import Answer
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import Visitor, browser, come
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import running
from ui.app.server import build_app
from ui.http.guard import Guard
from ui.http.sign_in.login import Users, hash_password
from ui.service.asking.asking import ChatService
from ui.service.library.library import Library, Rights

__all__ = ["browser", "come"]
PATIENCE = 1.0
MUCH = 8.0  # a crowded machine takes its time


def app(library: Library, patience: float, users: Users | None = None) -> Guard:
    return replace(
        build_app(ChatService(FakeAssistant(), "extractive"), library=library, users=users), patience=patience
    )


@pytest.fixture
def library(tmp_path: Path) -> Library:
    return Library(tmp_path / "index", Rights(local=True))


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Library:
    """The library of the server that all may ask who leave nothing behind."""
    return Library(tmp_path_factory.mktemp("stalled") / "index", Rights(local=True))


@pytest.fixture(scope="module")
def url(shared: Library) -> Iterator[str]:
    with running(app(shared, PATIENCE), PATIENCE) as address:
        yield address


def connected(url: str) -> socket.socket:
    return socket.create_connection(("127.0.0.1", urlsplit(url).port or 0), timeout=PATIENCE + MUCH)


def head(path: str, *more: str) -> bytes:
    lines = [f"POST {path} HTTP/1.1", "host: 127.0.0.1", "content-length: 5000", *more, "", ""]
    return "\r\n".join(lines).encode()


def all_of(line: socket.socket) -> bytes:
    """Return what is said until the server ends the connection; `TimeoutError` when it does not."""
    said = b""
    while block := line.recv(65_536):
        said += block
    return said


def taking_bodies() -> list[str]:
    """Return the paths of all routes that a body is sent to, from the application itself."""
    routes = build_app(ChatService(FakeAssistant(), "extractive"), library=Library(Path("nowhere"), Rights(local=True)))
    own = [one.path for one in routes.own.args[0] if "POST" in (one.methods or ())]  # type: ignore[attr-defined]
    return [*own, "/gradio_api/queue/join"]


def test_bodies_that_stop_arriving_are_ended_on_every_route(url: str, shared: Library) -> None:
    """All at once: each is waited for as long as the others."""
    token = httpx.get(f"{url}/library/state", timeout=60).json()["token"]
    paths = [one for one in taking_bodies() if "{" not in one]
    assert len(paths) > 10
    with ExitStack() as opened:
        lines = {path: opened.enter_context(closing(connected(url))) for path in paths}
        for path, line in lines.items():
            where = f"{path}?name=a.txt" if path.endswith("upload") else path
            sent = head(where, "content-type: application/json", f"x-babelquote-token: {token}")
            line.sendall(sent + b'{"question":')
        said = {path: all_of(line) for path, line in lines.items()}
    for path, answer in said.items():
        assert answer.startswith(b"HTTP/1.1 408 "), (path, answer)
        assert b"Nothing more of the request came" in answer, path
    assert list((shared.index_dir / "incoming").glob("*")) == []
    assert list(shared.index_dir.rglob("*.txt")) == []


def test_at_the_sign_in_too(library: Library) -> None:
    users = Users({"mia": hash_password("right horse")})
    with running(app(library, PATIENCE, users)) as url, closing(connected(url)) as line:
        line.sendall(head("/login", "content-type: application/x-www-form-urlencoded") + b"user=mia&pass")
        assert all_of(line).startswith(b"HTTP/1.1 408 ")


@pytest.mark.slow
def test_all_of_this_is_caught_where_a_server_waits_for_ever(library: Library) -> None:
    with running(app(library, 3600), 3600) as url:
        for sent in (head("/api/answer") + b"{", b"POST /api/ans", b""):
            with closing(connected(url)) as line:
                line.settimeout(2 * PATIENCE)
                line.sendall(sent)
                with pytest.raises(TimeoutError):
                    all_of(line)


def test_a_head_that_never_ends_is_not_waited_for(url: str) -> None:
    begun = (b"", b"POST /api/answer HT", b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\nx-a: b\r\n")
    with ExitStack() as opened:
        lines = [opened.enter_context(closing(connected(url))) for _ in begun]
        for line, sent in zip(lines, begun, strict=True):
            line.sendall(sent)
        assert [all_of(line) for line in lines] == [b""] * len(begun)


def test_bytes_that_drip_do_not_keep_a_head_open(url: str) -> None:
    began = time.monotonic()
    with closing(connected(url)) as line, pytest.raises(OSError, match=r".*"):
        while time.monotonic() - began < PATIENCE + MUCH:
            line.sendall(b"x")
            time.sleep(0.2)
    assert time.monotonic() - began < PATIENCE + MUCH


@pytest.mark.slow
def test_a_slow_upload_that_goes_on_is_taken(library: Library) -> None:
    """A naive limit on the whole would end it: it takes three times as long as a part may."""

    def slowly() -> Iterator[bytes]:
        for number in range(8):
            time.sleep(0.4 * PATIENCE)
            yield b"The oldest tree of the forest was planted in %d. " % (1200 + number)

    with running(app(library, PATIENCE), PATIENCE) as url:
        token = httpx.get(f"{url}/library/state", timeout=60).json()["token"]
        headers = {"x-babelquote-token": token}
        answer = httpx.post(f"{url}/library/upload?name=trees.txt", content=slowly(), headers=headers, timeout=60)
    assert answer.status_code == 202


@pytest.mark.slow
def test_bytes_that_drip_do_not_keep_a_body_open(library: Library) -> None:
    """A naive server waits anew for each byte: five thousand of them, one every 29 s, kept a place for 40 hours."""
    patience = 0.5 * PATIENCE
    with running(app(library, patience), patience) as url, closing(connected(url)) as line:
        began = time.monotonic()
        with pytest.raises(OSError, match=r".*"):
            line.sendall(head("/api/answer", "content-type: application/json"))
            while time.monotonic() - began < 10 * patience + MUCH:
                line.sendall(b" ")
                time.sleep(0.4 * patience)
        assert time.monotonic() - began < 10 * patience + MUCH


class Flood(FakeAssistant):
    """Gives more than the buffers between two programs of one machine hold."""

    def stream(self, question: str, *, history: object = ()) -> Iterator[str | Answer]:
        yield self.answer(question)

    def answer(self, question: str, *more: object, **named: object) -> Answer:
        return replace(super().answer(question), text="word " * 4_000_000)


def asked_and_unread(url: str) -> socket.socket:
    """Ask for a long answer by a line that takes little at once, and read no more of it than that it begins."""
    line = socket.socket()
    line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16_384)
    line.settimeout(120)
    line.connect(("127.0.0.1", urlsplit(url).port or 0))
    body = b'{"question": "moon"}'
    sent = head("/api/answer", "content-type: application/json").replace(b"5000", str(len(body)).encode())
    line.sendall(sent + body)
    assert line.recv(1) == b"H"
    return line


def cut_off(line: socket.socket, said: int = 0) -> bool:
    """Tell whether the server ends the connection before all is said; what lies in the buffers is read first."""
    try:
        while block := line.recv(1 << 20):
            said += len(block)
    except ConnectionResetError:
        return True
    except TimeoutError:
        return False
    return said < 20_000_000


@pytest.mark.parametrize(("patience", "cut"), partly_slow([(PATIENCE, True), (3600, False)]))
def test_who_does_not_read_is_cut_off(library: Library, patience: float, cut: bool) -> None:
    """The second server waits for ever, and all that it wrote stays in its memory."""
    service = ChatService(Flood(), "extractive")
    with running(build_app(service, library=library), patience) as url, closing(asked_and_unread(url)) as line:
        time.sleep(5 * PATIENCE)
        assert cut_off(line) is cut


@pytest.mark.slow
def test_who_reads_slowly_but_goes_on_is_not_cut_off(library: Library) -> None:
    service = ChatService(Flood(), "extractive")
    with running(build_app(service, library=library), PATIENCE) as url, closing(asked_and_unread(url)) as line:
        said, until = 0, time.monotonic() + 4 * PATIENCE
        while time.monotonic() < until or said < 200_000:
            block = line.recv(400_000)
            assert block
            said += len(block)
            time.sleep(0.01)
        assert not cut_off(line, said) and 100_000 < said < 15_000_000


@pytest.mark.slow
def test_an_answer_that_takes_long_is_not_ended(library: Library) -> None:
    """Once the body is there, nobody waits for bytes: the limit must not cut off who waits for an answer."""
    service = ChatService(FakeAssistant(delay=0.6 * PATIENCE), "extractive")
    guarded = replace(build_app(service, library=library), patience=PATIENCE)
    with running(guarded, PATIENCE) as url:
        said = httpx.post(f"{url}/api/answer", json={"question": "moon"}, timeout=60)
    assert said.status_code == 200


HASTE = """() => {
  const later = window.setTimeout;
  window.setTimeout = (act, time, ...more) => later(act, time === 35000 ? 300 : time, ...more);
}"""


@pytest.mark.browser
@pytest.mark.slow
def test_the_page_says_so_when_a_line_goes_dead(library: Library, come: Callable[..., Visitor]) -> None:
    """The server can't tell a browser whose line is dead: the page notices by itself that nothing more leaves."""
    with running(app(library, PATIENCE)) as url:
        page = come(url).page
        page.evaluate(HASTE)
        page.route("**/library/upload?*", lambda _: None)  # nothing of it leaves, and no error comes
        page.wait_for_selector("#bq-library:not([hidden])")
        page.set_input_files("#bq-files", {"name": "a.txt", "mimeType": "text/plain", "buffer": b"words"})
        page.wait_for_selector(".bq-failed >> text=Nothing more of the file came", timeout=60_000)
