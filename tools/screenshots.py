"""Draws every state of the page at three widths, light and dark, in three languages, and the way to a source.

    python tools/screenshots.py                  every combination, into var/screenshots/
    python tools/screenshots.py --docs           the pictures of the README, into docs/

Needs Playwright, Pillow and a Chromium on the PATH. The answers are those of the sample articles: an index of them is
built beside the pictures unless `--index` names one.
"""

from __future__ import annotations

import argparse
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import index
from index.stores.base import Filter
from rag import Assistant
from rag.errors import LLMError
from rag.types import Answer, Turn

if TYPE_CHECKING:
    from playwright.sync_api import Browser

ROOT = Path(__file__).resolve().parent.parent
OUT = ROOT / "var" / "screenshots"
SIZES = {"phone": (360, 740), "laptop": (1366, 768), "wide": (2560, 1440)}
QUESTIONS = {
    "en": "Where is Factory 200 located?",
    "ar": "ماذا تنتج المصانع الحربية المصرية؟",
    "zh": "埃及愿意在伊拉克建立什么？",
}
UNKNOWN = {"en": "Who won the 1998 World Cup?", "ar": "من فاز بكأس العالم عام 1998؟", "zh": "谁赢得了1998年世界杯？"}
BOX = "#bq-question textarea"
DONE = "#bq-live .bq-turn[data-record]"
PATIENCE = 180_000


class Staged(Assistant):
    """An assistant that halts where a picture is to be taken: `hold` keeps it thinking or in mid-sentence."""

    hold = ""
    go = threading.Event()

    def stream(
        self, question: str, history: Sequence[Turn] = (), *, k: int | None = None, where: Filter | None = None
    ) -> Iterator[str | Answer]:
        """Yield what the assistant says, or stop in the state that is wanted.

        Raises:
            LLMError: the failed state is wanted.
        """
        if self.hold == "failed":
            raise LLMError("The model at example.org did not answer; is it running?")
        if self.hold == "thinking":
            self.go.wait(60)
        *pieces, answer = super().stream(question, history, k=k, where=where)
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
        self.page.eval_on_selector("#bq-live .bq-chip[data-cite]", "one => one.click()")
        self.page.wait_for_selector("#bq-page mark[aria-current]")
        self._named("reader")
        self.page.click("#bq-reader [data-do=close-reader]")
        self._panels()
        self.page.click("[data-do=new]")
        self.ask(unknown, "", "#bq-live [data-state=refused]")
        self._named("refused")
        self.page.click("[data-do=new]")
        self.ask(question, "failed", "#bq-live [data-state=failed]")
        self._named("failed")

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
        self.page.keyboard.press("Escape")

    def _named(self, state: str) -> None:
        self.take(OUT / self.look.name(state))


@contextmanager
def served(index_dir: Path) -> Iterator[tuple[str, Staged]]:
    """Serve the page over an index; yields its address and the assistant to halt."""
    import socket

    from ui.builds import Builds
    from ui.library import Library, Rights
    from ui.server import build_app
    from ui.service import ChatService
    from ui.web import known_examples, server_of

    staged = Staged(index_dir=index_dir)
    library = Library(index_dir, Rights(local=True, admin=None), Builds(index_dir))
    app = build_app(ChatService(staged, "extractive"), examples=known_examples(staged), library=library)
    listener = socket.create_server(("127.0.0.1", 0))
    server = server_of(app)
    threading.Thread(target=server.run, kwargs={"sockets": [listener]}, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", staged
    finally:
        server.should_exit = server.force_exit = True


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


def sequence(browser: Browser, url: str, staged: Staged, target: Path) -> None:
    """Write the way from a question to its source as an animated WebP."""
    from PIL import Image

    me = Photographer(browser, url, staged, Look("laptop", "light", "en"))
    frames: list[tuple[Path, int]] = []

    def frame(milliseconds: int) -> None:
        path = OUT / "sequence" / f"{len(frames):02}.png"
        me.take(path)
        frames.append((path, milliseconds))

    me.visit()
    frame(1500)
    question = QUESTIONS["en"]
    for end in (9, 19, len(question)):
        me.page.fill(BOX, question[:end])
        frame(400)
    me.ask(question, "thinking", "#bq-live [data-state=thinking]")
    frame(900)
    me.finish()
    frame(2500)
    chips = me.page.locator("#bq-live .bq-chip[data-cite]")
    chips.first.hover()
    frame(2500)
    chips.first.click()
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    frame(3000)
    if me.page.locator("#bq-reader [data-do=next]").is_visible():
        me.page.click("#bq-reader [data-do=next]")
        me.page.wait_for_selector("#bq-page mark[aria-current][data-cite='2']")
        frame(2500)
    me.page.click("#bq-reader [data-do=close-reader]")
    frame(1200)
    me.page.click("#bq-live .bq-why summary")
    me.page.locator("#bq-live .bq-why").scroll_into_view_if_needed()
    frame(2500)
    me.context.close()
    images = [Image.open(path).convert("RGB") for path, _ in frames]
    shown = [image.resize((1024, round(1024 * image.height / image.width))) for image in images]
    times = [milliseconds for _, milliseconds in frames]
    shown[0].save(target, save_all=True, append_images=shown[1:], duration=times, loop=0, quality=70, method=4)


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, help="an index of the sample articles")
    parser.add_argument("--docs", action="store_true", help="the README's pictures instead of all")
    parser.add_argument("--only", default="", help="the combinations whose name begins so, e.g. wide-dark")
    chosen = parser.parse_args()
    folder = chosen.index or OUT / "index"
    if not folder.exists():
        index.build([ROOT / "seeds"], index_dir=folder)
    with served(folder) as (url, staged), chromium() as browser:
        if chosen.docs:
            for_docs(browser, url, staged)
            return
        for look in [Look(size, scheme, code) for size in SIZES for scheme in ("light", "dark") for code in QUESTIONS]:
            if look.name("").startswith(chosen.only):
                me = Photographer(browser, url, staged, look)
                me.every_state()
                me.context.close()
        if not chosen.only:
            sequence(browser, url, staged, OUT / "sequence.webp")


def for_docs(browser: Browser, url: str, staged: Staged) -> None:
    """Take the pictures of the README."""
    docs = ROOT / "docs"
    looks = {
        "answer": (Look("laptop", "light", "en"), QUESTIONS["en"]),
        "arabic-dark": (Look("laptop", "dark", "ar"), QUESTIONS["ar"]),
        "phone": (Look("phone", "light", "en"), QUESTIONS["en"]),
    }
    for name, (look, question) in looks.items():
        me = Photographer(browser, url, staged, look)
        me.visit()
        if name == "answer":
            me.take(docs / "screenshot-empty.png")
        me.ask(question, "", DONE)
        me.take(docs / f"screenshot-{name}.png")
        if name == "answer":
            me.page.eval_on_selector("#bq-live .bq-chip[data-cite]", "one => one.click()")
            me.page.wait_for_selector("#bq-page mark[aria-current]")
            me.take(docs / "screenshot-reader.png")
            me.page.click("#bq-reader [data-do=close-reader]")
            me.page.click("[data-do=library]")
            me.page.wait_for_selector("#bq-documents li")
            me.take(docs / "screenshot-documents.png")
        me.context.close()
    sequence(browser, url, staged, docs / "ask-to-source.webp")


if __name__ == "__main__":
    main()
