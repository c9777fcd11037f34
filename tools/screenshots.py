"""Draws every state of the page at three widths, light and dark, in four languages, and the way to a source.

    python tools/screenshots.py                  every combination, into var/screenshots/
    python tools/screenshots.py --only sequence  only the frames from a question to its source, as PNGs and as a film
    python tools/screenshots.py --docs           the pictures of the README, into docs/

Needs Playwright, Pillow and a Chromium on the PATH. The answers are those of the sample articles and of a table: an
index of them is built beside the pictures unless `--index` names one.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

import index
from tools.photographer import BOX, DONE, OUT, ROOT, SIZES, Look, Photographer, Staged, chromium, served
from tools.pictured import QUESTIONS, TABLE

if TYPE_CHECKING:
    from playwright.sync_api import Browser


class Sequence:
    """The frames of an animation and how long each is shown, in milliseconds."""

    def __init__(self, me: Photographer) -> None:
        self._me = me
        self._frames: list[tuple[Path, int]] = []

    def frame(self, milliseconds: int) -> None:
        """Take the next picture."""
        path = OUT / "sequence" / f"{len(self._frames):02}.png"
        self._me.take(path)
        self._frames.append((path, milliseconds))

    def save(self, target: Path, width: int = 1024) -> None:
        """Write the frames as an animated WebP of a width in pixels."""
        from PIL import Image

        images = [Image.open(path).convert("RGB") for path, _ in self._frames]
        shown = [image.resize((width, round(width * image.height / image.width))) for image in images]
        times = [milliseconds for _, milliseconds in self._frames]
        shown[0].save(target, save_all=True, append_images=shown[1:], duration=times, loop=0, quality=70, method=4)


def sequence(browser: Browser, url: str, staged: Staged, target: Path) -> None:
    """Write the way from a question to its source as an animated WebP."""
    me = Photographer(browser, url, staged, Look("laptop", "light", "en"))
    film = Sequence(me)
    me.visit()
    film.frame(1500)
    question = QUESTIONS["en"]
    for end in (9, 19, len(question)):
        me.page.fill(BOX, question[:end])
        film.frame(400)
    me.ask(question, "thinking", "#bq-live [data-state=thinking]")
    film.frame(900)
    me.finish()
    film.frame(2500)
    _to_the_source(me, film)
    me.context.close()
    film.save(target)


def _to_the_source(me: Photographer, film: Sequence) -> None:
    title = me.page.locator("#bq-live .bq-best .bq-open").first
    title.hover()
    film.frame(1200)
    title.click()
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    film.frame(3000)
    if me.page.locator("#bq-reader [data-do=next]").is_visible():
        me.page.click("#bq-reader [data-do=next]")
        me.page.wait_for_selector("#bq-page mark[aria-current][data-cite='2']")
        film.frame(2500)
    me.page.click("#bq-reader [data-do=close-reader]")
    film.frame(1200)
    me.page.click("#bq-live .bq-rest summary")
    me.page.locator("#bq-live .bq-rest").scroll_into_view_if_needed()
    film.frame(2500)


def main() -> None:
    """Take the pictures that the command line asks for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, help="an index of the sample articles and the table")
    parser.add_argument("--docs", action="store_true", help="the README's pictures instead of all")
    parser.add_argument("--only", default="", help="the combinations whose name begins so, e.g. phone-dark")
    chosen = parser.parse_args()
    folder = chosen.index or _own_index(with_table=not chosen.docs)
    with served(folder) as (url, staged), chromium() as browser:
        if chosen.docs:
            for_docs(browser, url, staged)
            return
        for look in _looks(chosen.only):
            me = Photographer(browser, url, staged, look)
            me.every_state()
            me.context.close()
        if chosen.only in ("", "sequence"):
            sequence(browser, url, staged, OUT / "sequence.webp")
    for size in SIZES:  # a server for each: too many wrong passwords in a minute get another answer
        if looks := [look for look in _looks(chosen.only) if look.size == size]:
            signing_in(folder, looks)


def _own_index(*, with_table: bool) -> Path:
    """Return an index of the sample articles; the README's pictures show nothing else, all others a table too."""
    folder = OUT / ("index" if with_table else "index-of-samples")
    paths = [ROOT / "seeds"]
    if with_table:
        table = OUT / "lighthouses.csv"
        table.parent.mkdir(parents=True, exist_ok=True)
        table.write_text(TABLE, encoding="utf-8")
        paths.append(table)
    if not folder.exists():
        index.build(paths, index_dir=folder)
    return folder


def signing_in(folder: Path, looks: list[Look]) -> None:
    """Take the pictures of the page on which people sign in."""
    with served(folder, signed_in=True) as (url, staged), chromium() as browser:
        for look in looks:
            me = Photographer(browser, url, staged, look)
            me.signing_in()
            me.context.close()


def _looks(only: str) -> list[Look]:
    every = [Look(size, scheme, code) for size in SIZES for scheme in ("light", "dark") for code in QUESTIONS]
    return [look for look in every if look.name("").startswith(only)]


def for_docs(browser: Browser, url: str, staged: Staged) -> None:
    """Take the pictures of the README."""
    docs = ROOT / "docs"
    looks = {
        "answer": (Look("laptop", "light", "en"), QUESTIONS["de"]),
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
            me.page.eval_on_selector("#bq-live .bq-best .bq-open", "one => one.click()")
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
