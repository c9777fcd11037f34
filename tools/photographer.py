"""A browser that goes through the states of the page and takes pictures of them, for `screenshots.py`."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from rag import Assistant
from rag.answering.narrowing import Where
from rag.errors import LLMError
from rag.llms.events import StreamEvent
from rag.types import Answer, Style, Turn
from tools.pictured import COMPARED, LISTED, QUESTIONS, TABLED, UNKNOWN

if TYPE_CHECKING:
    from playwright.sync_api import Browser

__all__ = ["BOX", "DONE", "OUT", "ROOT", "SIZES", "Look", "Photographer", "Staged", "chromium", "served"]

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "screenshots"
SIZES = {"phone": (360, 740), "tablet": (820, 1180), "laptop": (1366, 768)}
NAME, PASSWORD = "reader", "a password for pictures"
DRAFT = "“Factory 200 stands in Helwan”. Koumars Heydari commands the Iranian land forces."
BOX = "#bq-question textarea"
DONE = "#bq-live .bq-turn[data-record]"
PATIENCE = 180_000


class Staged(Assistant):
    """An assistant that halts where a picture is to be taken: `hold` keeps it thinking or in mid-sentence."""

    hold = ""
    go = threading.Event()

    def stream(
        self,
        question: str,
        history: Sequence[Turn] = (),
        *,
        k: int | None = None,
        where: Where = None,
        style: Style | None = None,
    ) -> Iterator[StreamEvent]:
        """Yield what the assistant says, or stop in the state that is wanted.

        Raises:
            LLMError: the failed state is wanted.
        """
        if self.hold == "failed":
            raise LLMError("The model at example.org did not answer; is it running?")
        if self.hold == "thinking":
            self.go.wait(60)
        *pieces, answer = super().stream(question, history, k=k, where=where, style=style)
        if self.hold == "streaming" and isinstance(answer, Answer):
            yield answer.text[: 2 * len(answer.text) // 3]
            self.go.wait(60)
        yield from pieces
        yield answer


@dataclass(frozen=True, slots=True)
class Look:
    """One combination of window, colours and language."""

    size: str
    scheme: str
    language: str

    def name(self, state: str) -> str:
        """Return the file name of a state's picture."""
        return f"{self.size}-{self.scheme}-{self.language}-{state}.png"


class Photographer:
    """A browser window that goes through the states of the page and takes their pictures."""

    def __init__(self, browser: Browser, url: str, staged: Staged, look: Look) -> None:
        width, height = SIZES[look.size]
        phone = look.size == "phone"
        self.context = browser.new_context(
            viewport={"width": width, "height": height},
            device_scale_factor=2 if phone else 1,
            is_mobile=phone,
            has_touch=phone,
            color_scheme="dark" if look.scheme == "dark" else "light",
            locale=look.language,
            reduced_motion="reduce",
        )
        self.context.set_default_timeout(PATIENCE)
        self.page = self.context.new_page()
        self.url, self.staged, self.look = url, staged, look

    def visit(self) -> None:
        """Open the page anew."""
        self.page.goto(self.url)
        self.page.wait_for_selector("html[data-ready=true]")
        self.page.wait_for_selector("#bq-backend:not([hidden])")

    def ask(self, question: str, hold: str, until: str) -> None:
        """Ask and wait for a state; `hold` names the one in which the answer halts."""
        self.staged.hold = hold
        self.staged.go.clear()
        self.page.fill(BOX, question)
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector(until)
        self.page.evaluate("document.activeElement?.blur()")

    def finish(self) -> None:
        """Let a halted answer end."""
        self.staged.hold = ""
        self.staged.go.set()
        self.page.wait_for_selector(DONE)

    def take(self, path: Path) -> None:
        """Take the picture when the page has been drawn."""
        self.page.evaluate("() => document.fonts.ready.then(() => new Promise(requestAnimationFrame))")
        path.parent.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=path)

    def every_state(self) -> None:
        """Go through the states and take the picture of each."""
        question, unknown = QUESTIONS[self.look.language], UNKNOWN[self.look.language]
        self.visit()
        self._named("empty")
        self.ask(question, "thinking", "#bq-live [data-state=thinking]")
        self._named("thinking")
        self.finish()
        self.visit()
        self.page.click("[data-do=new]")
        self.ask(question, "streaming", "#bq-live [data-state=streaming] .bq-answer")
        self._named("streaming")
        self.finish()
        self._named("answered")
        self._unfold()
        self.page.eval_on_selector("#bq-live .bq-best .bq-open", "one => one.click()")
        self.page.wait_for_selector("#bq-page mark[aria-current]")
        self._named("reader")
        self.page.click("#bq-reader [data-do=close-reader]")
        self._panels()
        self._asked(unknown, "refused")
        self._asked(LISTED[self.look.language], "listed")
        self._asked(COMPARED[self.look.language], "compared")
        self._asked(TABLED[self.look.language], "tabled")
        self.page.click("[data-do=new]")
        self.ask(question, "failed", "#bq-live [data-state=failed]")
        self._named("failed")

    def signing_in(self) -> None:
        """Take the pictures of the page on which people sign in, and of a wrong password."""
        self.page.goto(self.url)
        self.page.wait_for_selector("input[name=user]")
        self._named("sign-in")
        self.page.fill("input[name=user]", NAME)
        self.page.fill("input[name=password]", PASSWORD[::-1])
        self.page.keyboard.press("Enter")
        self.page.wait_for_selector("[role=alert]")
        self._named("sign-in-failed")

    def _unfold(self) -> None:
        rest = self.page.locator("#bq-live .bq-rest summary")
        if rest.count():
            rest.first.click()
            rest.first.scroll_into_view_if_needed()
            self._named("unfolded")
            rest.first.click()

    def _asked(self, question: str, state: str) -> None:
        self.page.click("[data-do=new]")
        self.ask(question, "", "#bq-live .bq-turn[data-record]")
        self._named(state)

    def _panels(self) -> None:
        self.page.click("#bq-backend")
        self.page.wait_for_function(
            "[...document.querySelectorAll('.bq-choice-state')].every(n => n.dataset.state !== 'checking')"
        )
        self._named("backends")
        self.page.keyboard.press("Escape")
        self.page.click("[data-do=library]")
        self.page.wait_for_selector("#bq-documents li")
        self._named("documents")
        self.page.locator("#bq-documents .bq-document-title").first.click()
        self.page.wait_for_selector("#bq-page .bq-overview")
        self._named("overview")
        self.page.click("#bq-reader [data-do=close-reader]")
        self.page.keyboard.press("Escape")
        self.page.click('.bq-header [data-do="check"]')
        self.page.fill("#bq-draft", DRAFT)
        self.page.click('[data-do="check-now"]')
        self.page.wait_for_selector(".bq-finding")
        self._named("check")
        self.page.keyboard.press("Escape")

    def _named(self, state: str) -> None:
        self.take(OUT / self.look.name(state))


@contextmanager
def served(index_dir: Path, *, signed_in: bool = False) -> Iterator[tuple[str, Staged]]:
    """Serve the page over an index; yields its address and the assistant to halt.

    Args:
        index_dir: folder of the index.
        signed_in: only for those who sign in.
    """
    import socket

    from ui.app.server import build_app
    from ui.app.web import known_examples, server_of
    from ui.http.sign_in.login import Users, hash_password
    from ui.service.asking.asking import ChatService
    from ui.service.library.builds import Builds
    from ui.service.library.library import Library, Rights

    staged = Staged(index_dir=index_dir)
    library = Library(index_dir, Rights(local=True, admin=None), Builds(index_dir))
    users = Users({NAME: hash_password(PASSWORD)}) if signed_in else None
    app = build_app(ChatService(staged, "extractive"), examples=known_examples(staged), users=users, library=library)
    listener = socket.create_server(("127.0.0.1", 0))
    server = server_of(app)
    serving = threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True)
    serving.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", staged
    finally:
        server.should_exit = server.force_exit = True
        serving.join(10)  # a process that ends while it serves is aborted


@contextmanager
def chromium() -> Iterator[Browser]:
    """Open the browser."""
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        browser = playwright.chromium.launch(executable_path=program, args=flags, timeout=PATIENCE)
        yield browser
        browser.close()
