"""Hostile words in every place of the page, in a real browser: nothing leaves, acts or covers, by two walls."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import pytest

import ui.http.guard
from index.types import Document, Passage
from rag.errors import LLMError
from rag.types import Answer, Citation, Rank, ScoredPassage, Turn, Witness
from tests.harness.exfiltration import ATTACKS, Catcher, attack, catching
from tests.harness.ui_browser import BOX, DONE, PATIENCE, Visitor, browser
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import chat_site, running
from ui.http.guard import CONTENT_SECURITY_POLICY
from ui.view.markup.escape import visible

__all__ = ["browser"]
pytestmark = pytest.mark.browser

AT_ONCE = 34
KINDS = ("markdown", "quotes", "failure")  # where the words of an attack stand
CHUNKS = [range(low, min(low + AT_ONCE, len(ATTACKS))) for low in range(0, len(ATTACKS), AT_ONCE)]
# Tables and formulas are drawn by us from what a model wrote, in elements that only we write in that way.
FOREIGN = (
    "img, picture, source, script, svg, math:not([display][dir=ltr]), maction, semantics, annotation-xml, mglyph,"
    "iframe, frame, object, embed, video, audio, track, form, input, textarea,"
    "select, a, base, link, meta, style, table:not(.bq-table > table), dialog, template, noscript,"
    "[style*=url], [style*=position]"
)
# In the parts that show what others wrote: elements that are not ours, and attributes that act.
ACTIVE = f"""() => [...document.querySelectorAll('.bq-turn, #bq-page, #bq-float, #bq-saved')].flatMap(root => {{
  const acting = [...root.querySelectorAll('*')].flatMap(one => [...one.attributes].map(a => a.name))
    .filter(name => /^(on|href|src|srcset|ping|action|formaction|background|poster|data$|xlink|is$)/.test(name));
  return [...root.querySelectorAll({FOREIGN!r})].map(one => one.outerHTML).concat(acting);
}})"""
UNCOVERED = f"""() => {{
  const field = document.querySelector('{BOX}');
  if (!field) return false;
  const box = field.getBoundingClientRect();
  const spots = [.1, .5, .9].map(part => [box.left + part * box.width * .85, box.top + box.height / 2]);
  return spots.every(([x, y]) => document.elementFromPoint(x, y)?.closest('textarea'));
}}"""
# An address that the page asks for after everything it holds: when it has come, so has whatever came before.
LAST = "address => new Promise(done => { const i = new Image(); i.onload = i.onerror = done; i.src = address; })"


class Attacker(FakeAssistant):
    """Answers with a chunk of the attacks in every field that the page shows."""

    def __init__(self, origin: str) -> None:
        super().__init__(llm="openai:x")
        self.origin = origin

    def said(self, which: int, place: str) -> list[str]:
        return [attack(number, place, self.origin) for number in CHUNKS[which]]

    def document(self, document_id: str) -> Document:
        which, _, number = document_id.partition("-")
        if not which.isdecimal():  # one of the sample articles: there are none here
            raise KeyError(document_id)
        hostile = self.said(int(which), "text")
        title = self.said(int(which), "title")[int(number)]
        return Document(document_id, title, title, "en", "\n".join(hostile), {"outlet": title, "date": "2021"})

    def stream(
        self, question: str, *, history: Sequence[Turn] = (), style: str | None = None
    ) -> Iterator[str | Answer]:
        found = re.match(r"(markdown|quotes|failure) (\d+)", question)
        assert found is not None
        which = int(found[2])
        if found[1] == "failure":
            raise LLMError("\n".join(self.said(which, "error")))
        answer = self.hostile(question, which, "extractive" if found[1] == "quotes" else "openai:x")
        yield answer.text[: len(answer.text) // 2]
        yield answer.text[len(answer.text) // 2 :]
        yield answer

    def hostile(self, question: str, which: int, llm: str) -> Answer:
        texts, titles = self.said(which, "text"), self.said(which, "title")
        documents = [self.document(f"{which}-{at}") for at in range(len(texts))]
        citations, hits = [], []
        for at, (document, quote) in enumerate(zip(documents, texts, strict=True)):
            start = document.text.index(quote)
            passage = Passage(f"{which}-{at}:0", document.id, start, start + len(quote), quote, "en", titles[at])
            place = (document.id, document.title, titles[at], start, start + len(quote), quote)
            citations.append(Citation(at + 1, *place, "partly", "en", titles[at], passage.id))
            ranks = {titles[at]: Rank(1, 0.5)}
            hits.append(ScoredPassage(passage, document.title, titles[at], 0.5, ranks, (), document.metadata))
        said = "\n\n".join(f"{text} [{at}]" for at, text in enumerate(self.said(which, "answer"), start=1))
        warnings = tuple(self.said(which, "warning"))
        answer = Answer(question, said, tuple(citations), tuple(hits), False, "en", llm, 1, warnings=warnings)
        words = replace(citations[0], support="supported")
        witnesses = tuple(Witness(one, at % 2 == 0, one.quote) for at, one in enumerate(citations[1:3]))
        return replace(answer, short=words, rendered=words.quote, witnesses=witnesses)


@contextmanager
def without_policy(off: bool) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if off:
            kept = [pair for pair in ui.http.guard._HEADERS if pair[0] != b"content-security-policy"]
            patch.setattr("ui.http.guard._HEADERS", tuple(kept))
        yield


def settle(page: Any, catcher: Catcher, *, reaches: bool) -> None:
    """Wait until whatever the page asked for has been asked for."""
    page.evaluate("() => new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    page.evaluate(LAST, f"{catcher.origin}/last")
    assert ("/last" in catcher.hits) == reaches  # the catcher works, and so does the policy
    catcher.hits.discard("/last")


@pytest.mark.parametrize(
    ("policy", "kinds"),
    [
        pytest.param(False, KINDS[:1], id="cleaning alone, answers"),
        pytest.param(False, KINDS[1:], id="cleaning alone, the rest", marks=pytest.mark.slow),
        pytest.param(True, KINDS, id="both walls", marks=pytest.mark.slow),
    ],
)
def test_no_attack_gets_out_acts_or_covers(browser: Any, policy: bool, kinds: Sequence[str]) -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 68
    with catching() as catcher, without_policy(not policy), chat_site(Attacker(catcher.origin)) as site:
        me = Visitor(browser, site.url)
        for kind in kinds:
            for which in range(len(CHUNKS)):
                asked(me, kind, which, site.assistant)
                settle(me.page, catcher, reaches=not policy)
                assert me.page.evaluate(ACTIVE) == []
                assert me.page.evaluate(UNCOVERED)
        me.visit()  # the conversation comes back from what the browser kept
        kept = len(CHUNKS) * len([kind for kind in kinds if kind != "failure"])
        me.page.wait_for_selector(f"#bq-history .bq-turn:nth-child({kept})")
        me.page.click("[data-do=drawer]")
        settle(me.page, catcher, reaches=not policy)
        assert me.page.evaluate(ACTIVE) == []
        assert catcher.hits == set()
        assert me.troubles == []
        foreign = [
            url for url in me.requests if not url.startswith((site.url, "data:", "blob:")) and "/last" not in url
        ]
        own = [url for url in me.requests if re.search(r"/(logout|chat/stop|hit)", url)]
        assert (foreign, own) == ([], [])
        me.context.close()


def asked(me: Visitor, kind: str, which: int, attacker: Attacker) -> None:
    """Ask so that the question too is hostile; open what can be opened; the titles are there as words."""
    question = re.sub(r"\s+", " ", visible(f"{kind} {which} " + " ".join(attacker.said(which, "question"))))[:3900]
    me.page.fill(BOX, question)
    me.page.keyboard.press("Enter")
    wanted = "#bq-live [data-state=failed]" if kind == "failure" else DONE
    begins = f"document.querySelector('#bq-live .bq-question')?.textContent.startsWith('{kind} {which} ')"
    me.page.wait_for_function(begins)
    me.page.wait_for_selector(wanted)
    if kind == "failure":
        return
    titles = me.page.locator("#bq-live .bq-cards > .bq-card[data-cite] .bq-open").all_text_contents()
    assert titles == [visible(title) for title in attacker.said(which, "title")]
    me.page.eval_on_selector_all("#bq-live .bq-why", "all => all.forEach(one => { one.open = true; })")
    me.page.eval_on_selector("#bq-live .bq-chip[data-cite]", "one => babelquote.float(one)")
    me.page.eval_on_selector("#bq-live .bq-chip[data-cite]", "one => one.click()")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    read = "text => document.querySelector('#bq-page .bq-text')?.textContent === text"
    me.page.wait_for_function(read, arg=visible(attacker.document(f"{which}-0").text))


def naive_app(origin: str, policy: bool) -> Any:
    """A page that believes what it is told: Markdown's images and links become HTML, HTML stays HTML."""
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import HTMLResponse, Response
    from starlette.routing import Route

    def page(request: Request) -> Response:
        text = attack(int(request.path_params["number"]), "naive", origin)
        text = re.sub(r"!\[[^\]]*\]\(<?([^) >]+)[^)]*\)", r'<img src="\1">', text)
        text = re.sub(r"\[([^\]]*)\]\(([^)]+)\)", r'<a href="\2">\1</a>', text)
        body = f'<!doctype html><main>{text}</main><div id="bq-question"><textarea></textarea></div>'
        return HTMLResponse(body, headers={"content-security-policy": CONTENT_SECURITY_POLICY} if policy else {})

    return Starlette(routes=[Route("/{number:int}", page)])


@pytest.mark.slow
@pytest.mark.parametrize(("policy", "least", "most"), [(False, 55, 100), (True, 0, 3)], ids=["no wall", "policy alone"])
def test_a_careless_page_is_caught(browser: Any, policy: bool, least: int, most: int) -> None:
    covered = 0
    with catching() as catcher, running(naive_app(catcher.origin, policy)) as url:
        context = browser.new_context(viewport={"width": 1280, "height": 860})
        context.set_default_timeout(PATIENCE)
        page = context.new_page()
        context.on("dialog", lambda dialog: dialog.dismiss())
        for number, text in enumerate(ATTACKS):
            catcher.news.clear()
            if "http-equiv=refresh" in text:  # leads the page away: no policy can forbid that
                page.goto(f"{url}/{number}", wait_until="commit")
                assert catcher.news.wait(60)
                page = context.new_page()
                continue
            page.goto(f"{url}/{number}")
            page.evaluate(LAST, f"{catcher.origin}/last")
            covered += not page.evaluate(UNCOVERED)
        context.close()
        assert least <= len(catcher.numbers()) <= most, sorted(catcher.numbers())
        assert covered >= 2  # what covers the box asks for nothing: no policy stops it
