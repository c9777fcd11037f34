"""Where Chromium puts each word of sentences that mix directions, against the order in which people read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise
from time import process_time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.harness.mixed_direction import CASES, Case
from tests.harness.ui_browser import PATIENCE, browser
from ui.view.markup.direction import direction
from ui.view.markup.escape import escape
from ui.view.markup.isolation import isolated, isolates
from ui.view.style import style

__all__ = ["browser"]

# For each part: its left edge, its right edge, its line, and the left edges of its first and last character.
MEASURE = """cases => cases.map(({scope, seen}, at) => {
  const root = document.querySelector(`[data-case="${at}"] ${scope}`), nodes = [];
  if (!root) return seen.map(() => null);
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!walker.currentNode.parentElement.closest('.bq-chip')) nodes.push(walker.currentNode);
  const all = nodes.map(node => node.data).join('');
  const box = (start, end) => {
    const range = document.createRange(); let before = 0;
    for (const node of nodes) {
      if (start >= before && start < before + node.length) range.setStart(node, start - before);
      if (end > before && end <= before + node.length) range.setEnd(node, end - before);
      before += node.length;
    }
    const rects = [...range.getClientRects()].filter(one => one.width > 0);
    return {left: Math.min(...rects.map(one => one.left)), right: Math.max(...rects.map(one => one.right)),
      top: Math.min(...rects.map(one => one.top)), bottom: Math.max(...rects.map(one => one.bottom))};
  };
  return seen.map(part => {
    const chip = /^#[0-9]/.test(part) && root.querySelector(`.bq-chip[data-cite="${part.slice(1)}"]`);
    if (chip) return {...chip.getBoundingClientRect().toJSON(), first: 0, last: 0};
    const start = all.indexOf(part);
    if (start < 0) return null;
    const one = box(start, start + part.length);
    return {...one, first: box(start, start + 1).left, last: box(start + part.length - 1, start + part.length).left};
  });
})"""


def drawn(browser: Any, draw: Callable[[Case], str], scope: str = "") -> list[str]:
    """Draw every case on one page and return what is seen in another order than it must be.

    Args:
        draw: makes the HTML of a case.
        scope: selector of the element that holds the text; each case's own when empty.
    """
    body = "".join(f'<article data-case="{at}">{draw(case)}</article>' for at, case in enumerate(CASES))
    page = browser.new_page(viewport={"width": 1900, "height": 900})
    page.set_default_timeout(PATIENCE)
    # The chat framework writes dir="ltr" on the blocks around everything.
    page.set_content(f'<!doctype html><style>{style()}</style><div id="bq-live" dir="ltr">{body}</div>')
    page.eval_on_selector_all("details", "all => all.forEach(one => { one.open = true; })")
    found = page.evaluate(MEASURE, [{"scope": scope or case.scope(), "seen": case.seen} for case in CASES])
    page.close()
    return [trouble for case, boxes in zip(CASES, found, strict=True) if (trouble := fault(case, boxes))]


def fault(case: Case, boxes: list[dict[str, float] | None]) -> str:
    """Return what is wrong with the places of a case's parts, or nothing."""
    known = [box for box in boxes if box is not None]
    if len(known) < len(boxes):
        return f"{case.text}: not all of {case.seen} is there"
    if max(box["top"] for box in known) >= min(box["bottom"] for box in known):
        return f"{case.text}: on several lines"
    middles = [(box["left"] + box["right"]) / 2 for box in known]
    if middles != sorted(middles):
        order = [part for _, part in sorted(zip(middles, case.seen, strict=True))]
        return f"{case.text}: seen as {order}, not {list(case.seen)}"
    for part, box in zip(case.seen, known, strict=True):
        if len(part) > 1 and (box["first"] < box["last"]) != (direction(part) == "ltr") and box["first"] != box["last"]:
            return f"{case.text}: {part} runs the wrong way"
    return ""


def naive(text: str, attributes: str) -> str:
    """Return a text as a careless page would: escaped, with its chips, and nothing said about directions."""
    chip = r'<button class="bq-chip" data-cite="\1">\1</button>'
    shown = re.sub(r"\[(\d)\]", chip, escape(re.sub(r"[*`]|^(#+|-|1\.) ", "", text)))
    return f'<p class="naive" {attributes}>{shown}</p>'


@pytest.mark.browser
def test_every_mixed_sentence_is_seen_in_its_reading_order(browser: Any) -> None:
    assert len({(case.place, case.text) for case in CASES}) == len(CASES) >= 50
    assert "\n".join(drawn(browser, Case.html)) == ""


@pytest.mark.browser
@pytest.mark.parametrize(("attributes", "caught"), [("", 40), ('dir="auto"', 20)])
def test_a_careless_page_is_caught(browser: Any, attributes: str, caught: int) -> None:
    faults = drawn(browser, lambda case: naive(case.text, attributes), ".naive")
    assert not [one for one in faults if "not all of" in one]
    assert len(faults) >= caught


@given(st.text(st.one_of(st.characters(), st.sampled_from('مصر ש(«"A1:.-/@+#[]')), max_size=120))
def test_isolates_add_nothing_and_never_overlap(text: str) -> None:
    for way in ("ltr", "rtl"):
        spans = isolates(text, way)
        assert all(0 <= start < end <= len(text) for start, end, _ in spans)
        assert all(one[1] <= other[0] for one, other in pairwise(spans))
        assert re.sub(r"</?bdi[^>]*>", "", isolated(text, way)) == escape(text)


@pytest.mark.parametrize("piece", ["a", "1", "a.", "/a", "A ", "(", '"', "@a", "م ", "م(a", "1,", "-", "www.", "+1 "])
def test_a_hostile_text_costs_no_more_than_its_length(piece: str) -> None:
    text = "م " + piece * (100_000 // len(piece))
    began = process_time()
    isolated(text, "rtl")
    assert process_time() - began < 5
