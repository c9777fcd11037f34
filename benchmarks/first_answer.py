"""How soon an answer is seen: from the Enter key to its first words on the page, in a browser, warm.

    python -m benchmarks.first_answer --index DIR [--questions FILE]

Needs Playwright and a Chromium on the PATH. The server is one of its own; the first questions warm it and are not
counted. What comes and goes on the way ("is looking") is no answer: counted is what a short answer, an answer or the
best quote shows.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.chat_server import chat_server
from benchmarks.tables import show

_BOX = "#bq-question textarea"
_DONE = "#bq-live .bq-turn[data-record]"
_WARM = 3
_PATIENCE = 120_000
# Notes when Enter goes down, when words of an answer to that question are first drawn, and how far all else moved.
_WATCH = """() => {
  window.bench = { text: "", asked: 0, seen: 0, shifted: 0 };
  addEventListener("keydown", (event) => { if (event.key === "Enter") window.bench.asked = performance.now(); }, true);
  const look = () => {
    const turn = document.querySelector("#bq-live .bq-turn");
    const own = turn?.querySelector(".bq-question")?.textContent === window.bench.text;
    const refused = turn?.dataset.state === "refused" ? turn : null;
    const words = turn?.querySelector(".bq-short, .bq-answer, .bq-best") ?? refused;
    const seen = window.bench.asked && own && words?.textContent.trim();
    if (seen) window.bench.seen ||= performance.now();
    requestAnimationFrame(look);
  };
  look();
  new PerformanceObserver((list) => list.getEntries().forEach((one) => {
    if (!one.hadRecentInput) window.bench.shifted += one.value;
  })).observe({ type: "layout-shift" });
}"""


def main() -> None:
    """Ask on the page and print when the answers were seen."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--index", type=Path, required=True, help="the index that is asked")
    default = Path("seeds/questions.jsonl")
    parser.add_argument("--questions", type=Path, default=default, help="JSON lines with a `text` each")
    parser.add_argument("--most", type=int, default=30, help="so many questions are counted")
    chosen = parser.parse_args()
    lines = chosen.questions.read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in lines if line.strip()]
    texts = texts[:: max(1, len(texts) // (chosen.most + _WARM))][: chosen.most + _WARM]
    with chat_server(chosen.index) as (url, _):
        shown = _asked(url, texts)[_WARM:]
    waits = np.array([one["seen"] - one["asked"] for one in shown]) / 1000
    row = [f"{np.percentile(waits, share):.3f}" for share in (50, 90, 100)]
    header = ["questions", "median s", "90 % within s", "slowest s", "largest layout shift"]
    show("first words seen", header, [[len(shown), *row, f"{max(one['shifted'] for one in shown):.3f}"]])


def _asked(url: str, texts: list[str]) -> list[dict[str, float]]:
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        browser = playwright.chromium.launch(executable_path=program, args=flags, timeout=_PATIENCE)
        page = browser.new_context(viewport={"width": 1280, "height": 860}).new_page()
        page.set_default_timeout(_PATIENCE)
        page.goto(url)
        page.wait_for_selector("html[data-ready=true]")
        page.evaluate(_WATCH)
        shown = [_ask(page, text) for text in texts]
        browser.close()
    return shown


def _ask(page: Any, text: str) -> dict[str, float]:  # noqa: ANN401 - a page of Playwright
    page.evaluate("text => { window.bench = { text, asked: 0, seen: 0, shifted: 0 }; }", text.strip())
    page.fill(_BOX, text)
    page.keyboard.press("Enter")
    page.wait_for_function("window.bench.seen > 0")
    page.wait_for_selector(_DONE)
    page.wait_for_timeout(300)  # what still moves
    return dict(page.evaluate("window.bench"))


if __name__ == "__main__":
    main()
