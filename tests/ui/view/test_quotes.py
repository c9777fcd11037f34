"""An answer in the sources' own words on the page: what answers, its proof, the rest folded; refusals; first view."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest

from rag.types import Answer, Citation, Witness
from tests.harness.ui_browser import Visitor, browser, visit
from tests.harness.ui_fakes import DOCUMENTS, FakeAssistant
from tests.harness.ui_server import Site, chat_site
from tests.ui.view.test_render import HOSTILE, read
from ui.view import strings
from ui.view.cards import SourceCard, TurnCard, WordsCard, turn_of
from ui.view.records import turn_from_json, turn_to_json, turns_from_json
from ui.view.render import empty_html, turn_html
from ui.view.render_sources import meta_html

__all__ = ["browser", "visit"]


class Quoting(FakeAssistant):
    """Answers in the sources' own words, sure of a few of them."""

    def __init__(self, *, agrees: bool = True) -> None:
        super().__init__(llm="extractive")
        self.agrees = agrees

    def answer(self, question: str) -> Answer:
        answer = super().answer(question)
        if answer.refused:
            return replace(answer, topics=("Factory 200", "The visit"), missing=("moon",))
        other = _words("masr-aliraq-taawun-askari", "يوم السبت", 3)
        return replace(
            answer,
            short=_words("egypt-iraq-defense-industry", "Helwan", 1),
            rendered="ㅎㄹ" if "Korean" in question else "",
            witnesses=(Witness(other, self.agrees, "Saturday"),),
        )


def _words(name: str, words: str, number: int) -> Citation:
    document = DOCUMENTS[name]
    at = document.text.index(words)
    return Citation(
        number, name, document.title, document.source, at, at + len(words), words, language=document.language
    )


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(Quoting()) as served:
        yield served


def shown(question: str = "Where is Factory 200?", *, agrees: bool = True, language: str = "en") -> str:
    return turn_html(turn_of(Quoting(agrees=agrees).answer(question), "t", 0.2), language)


def test_the_words_that_answer_come_first_and_are_marked_in_their_sentence() -> None:
    html = shown()
    assert html.index("bq-short-words") < html.index("bq-best") < html.index("<details")
    best = html[html.index("bq-best") : html.index("</ol>")]
    assert "Factory 200 stands in <mark>Helwan</mark>, south of Cairo." in best
    assert best.count("data-cite=") == 1


def test_everything_else_is_folded_the_askers_language_first() -> None:
    folded = shown().partition("<details")[2].partition("</details>")[0]
    assert 'data-value-n="2"' in folded
    assert 'data-lang="ar"' in folded.partition("</summary>")[0]
    cards = re.findall(r'data-cite="(\d)"', folded)
    assert cards == ["2", "3"]
    assert "bq-score" not in folded and "bq-support" not in folded


def test_the_askers_language_comes_first_among_the_folded() -> None:
    answer = Quoting().answer("Where is Factory 200?")
    english, second, arabic = answer.citations
    swapped = replace(answer, citations=(english, replace(arabic, number=2), replace(second, number=3)))
    folded = turn_html(turn_of(swapped, "t", 0.2), "en").partition("<details")[2]
    assert re.findall(r'class="bq-card"[^>]*data-cite="(\d)"', folded) == ["3", "2"]


def test_no_sentence_stands_twice() -> None:
    html = re.sub(r'data-record="[^"]*"', "", shown())
    text = "".join(read(html).text)
    for citation in Quoting().answer("Where is Factory 200?").citations:
        assert text.count(citation.quote) == 1


def test_what_is_ours_is_no_quote() -> None:
    html = shown("Where is it, in Korean?")
    assert "ㅎㄹ" in html and 'data-i18n="ours"' in html
    assert not re.search(r"<mark>[^<]*ㅎㄹ|<blockquote[^>]*>[^<]*ㅎㄹ", html)
    assert "bq-ours" not in shown()


@pytest.mark.parametrize("language", list(strings.LANGUAGES))
def test_sources_agree_or_differ_and_both_are_shown(language: str) -> None:
    same, other = shown(language=language), shown(agrees=False, language=language)
    assert strings.text(language, "agree", n=2) in same
    assert strings.text(language, "differ") in other
    says = other[other.index("bq-says") : other.index("</ul>")]
    assert "Helwan" in says and "يوم السبت" in says and "Saturday" in says


def test_a_question_for_reasons_shows_every_part_of_its_document_in_order() -> None:
    html = shown("Why is Factory 200 in Helwan?")
    best = html[html.index("bq-best") : html.index("</ol>")]
    assert re.findall(r'<li class="bq-card"[^>]*data-cite="(\d)"', best) == ["1", "2"]


def test_without_a_short_answer_the_quote_leads() -> None:
    answer = replace(Quoting().answer("Where?"), short=None, witnesses=())
    html = turn_html(turn_of(answer, "t", 0.2), "en")
    assert "bq-short" not in html
    assert "<mark>" not in html
    assert html.count("bq-best") == 1


def test_words_outside_of_every_quote_have_no_number() -> None:
    turn = turn_of(Quoting().answer("Where is Factory 200?"), "t", 0.2)
    html = turn_html(replace(turn, answer_words=(replace(turn.answer_words[0], number=0, start=900, end=906),)), "en")
    assert "bq-chip" not in html
    assert "<mark>" not in html[html.index("bq-best") :]


def test_a_refusal_is_one_sentence_what_is_known_and_three_rows_without_scores() -> None:
    html = shown("How far is the moon?")
    assert html.count("bq-row") == 3 + html.count("bq-rows")
    assert "Factory 200" in html and "moon" in html
    assert "bq-score" not in html and "0.9" not in re.sub(r'data-record="[^"]*"', "", html)


def test_the_rows_of_a_refusal_show_different_documents_first() -> None:
    turn = turn_of(Quoting().answer("How far is the moon?"), "t", 0.2)
    twice = (turn.passages[0], replace(turn.passages[0], text="Another place in it.", start=9), *turn.passages[1:])
    html = turn_html(replace(turn, passages=twice), "en")
    rows = html[html.index("bq-rows") :]
    assert len(set(re.findall(r'data-doc="([^"]*)"', rows)[:3])) == 3


def test_a_turn_keeps_the_words_that_answer() -> None:
    turn = turn_of(Quoting(agrees=False).answer("Where is Factory 200?"), "t", 0.2)
    assert turn_from_json(turn_to_json(turn)) == turn
    older = turn_to_json(replace(turn, answer_words=())).replace('"answer_words":[],', "")
    assert turn_from_json(older).answer_words == ()
    renamed = turn_to_json(turn).replace('"answer_words":', '"told":')
    assert turn_from_json(renamed) == turn
    assert turns_from_json(f"[{renamed}]".encode()) == [turn]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_text(text: str) -> None:
    result = (
        WordsCard(text, text, text, 3, 9, 1, text, text),
        WordsCard(text, text, text, 0, 9, 0, text, text, agrees=False),
    )
    answer = turn_of(Quoting().answer("Where is it?"), "t", 0.2)
    for state in ("answered", "refused"):
        turn = replace(answer, state=state, answer_words=result, topics=(text,), missing=(text,), question=text)
        for language in ("en", "he"):
            read(turn_html(turn, language))


def test_the_first_view_tells_what_there_is_and_can_lose_its_samples() -> None:
    html = empty_html((("en", "Where is it?"),), "de", library=True)
    assert 'data-do="start-add"' in html and strings.text("de", "start_add") in html
    assert 'data-do="hide-samples"' in html
    read(html)
    assert "hide-samples" not in empty_html((), "de", library=True)
    assert "start-add" not in empty_html((), "de")


def test_programs_get_what_the_page_shows(site: Site) -> None:
    jsonschema = pytest.importorskip("jsonschema", reason="needs the package jsonschema")
    reply = httpx.get(f"{site.url}/api/openapi.json").json()
    answer = httpx.post(f"{site.url}/api/answer", json={"question": "Where is Factory 200?"}).json()
    schema = {"$ref": "#/components/schemas/Answer", "components": reply["components"]}
    jsonschema.Draft202012Validator(schema).validate(answer)
    assert answer["short"]["quote"] == "Helwan"
    assert [one["citation"]["quote"] for one in answer["witnesses"]] == ["يوم السبت"]
    body = {"messages": [{"role": "user", "content": "Where is Factory 200?"}]}
    said = httpx.post(f"{site.url}/v1/chat/completions", json=body).json()["choices"][0]["message"]["content"]
    assert said.startswith("Helwan [1]")


@pytest.mark.slow
def test_an_answer_is_read_from_the_top(visit: Any) -> None:
    me = visit()
    me.ask("Where is Factory 200?")
    words, card = (me.page.locator(f"#bq-live {part}").bounding_box() for part in (".bq-short-words", ".bq-best"))
    assert words["y"] < card["y"] < 700
    assert me.text("#bq-live .bq-best mark") == "Helwan"
    size = float(me.style("#bq-live .bq-short-words", "fontSize").removesuffix("px"))
    assert size > 1.4 * float(me.style("#bq-live .bq-question", "fontSize").removesuffix("px"))
    assert not me.page.locator("#bq-live .bq-card[data-cite='2']").is_visible()
    me.page.click("#bq-live .bq-rest summary")
    assert me.page.locator("#bq-live .bq-card[data-cite='2']").is_visible()
    assert "Arabic (1)" in me.text("#bq-live .bq-rest summary")
    me.page.click("#bq-live .bq-short .bq-chip")
    me.page.wait_for_selector("#bq-page mark[aria-current]")
    assert "Helwan" in me.text("#bq-page mark[aria-current]")
    me.page.keyboard.press("Escape")
    me.page.click("#bq-live .bq-say")
    me.page.wait_for_selector("#bq-page .bq-text[dir=rtl]")
    assert me.overflow() == 0
    assert me.troubles == []


@pytest.mark.slow
def test_samples_in_the_interfaces_language_come_first(visit: Any) -> None:
    me: Visitor = visit(locale="ar")
    assert me.page.locator(".bq-example").first.get_attribute("lang") == "ar"
    me.page.select_option("#bq-pick", "de")
    assert me.page.locator(".bq-example").first.get_attribute("lang") == "de"


@pytest.mark.slow
def test_samples_that_were_hidden_stay_hidden(visit: Any) -> None:
    me: Visitor = visit()
    assert me.page.locator(".bq-example").count() == 3
    me.page.click("[data-do=hide-samples]")
    assert me.page.locator(".bq-example").count() == 0
    me.visit()
    assert me.page.locator(".bq-example").count() == 0
    me.page.click("[data-do=new]")
    assert me.page.locator(".bq-example").count() == 0


@pytest.mark.slow
def test_axe_finds_nothing_serious_in_quotes(visit: Any) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="needs axe-playwright-python")
    for scheme in ("light", "dark"):
        me: Visitor = visit(color_scheme=scheme)
        for question in ("Where is Factory 200?", "How far is the moon?"):
            me.ask(question)
            for summary in me.page.locator("#bq-live details summary").all():
                summary.click()
            me.page.wait_for_timeout(250)
            found = axe.Axe().run(me.page).response["violations"]
            assert [one["id"] for one in found if one["impact"] in ("serious", "critical")] == []


@pytest.mark.slow
def test_nothing_jumps_while_an_answer_comes(visit: Any) -> None:
    me: Visitor = visit()
    me.page.wait_for_timeout(800)
    me.page.evaluate(
        """() => {
            window.shifted = 0;
            const add = (one) => { if (!one.hadRecentInput) window.shifted += one.value; };
            new PerformanceObserver((list) => list.getEntries().forEach(add)).observe({ type: "layout-shift" });
        }"""
    )
    me.ask("Where is Factory 200?")
    me.page.wait_for_timeout(500)
    assert me.page.evaluate("window.shifted") <= 0.02


def rows(*quotes: str, source: str = "tables/keepers.csv") -> str:
    cards = tuple(
        SourceCard(n, f"k{n}", f"keepers #{n}", f"{source}#{n}", 0, len(quote), quote, language="en")
        for n, quote in enumerate(quotes, 1)
    )
    text = "\n\n".join(f"{card.quote} [{card.number}]" for card in cards)
    return turn_html(TurnCard("t", "Who are the keepers?", "answered", text, cards, llm="extractive"), "en")


def test_rows_that_answer_together_are_one_table_and_none_is_folded_away() -> None:
    html = rows("Lighthouse: Cape Orrin | Keeper: Maren", "Lighthouse: Falk | Keeper: Ewan | Note: stone: grey")
    table = html[html.index("<table") : html.index("</table>")]
    heads = re.findall(r"<th[^>]*>(.*?)</th>", table)
    assert [re.sub("<[^>]+>", "", head) for head in heads] == ["Lighthouse", "Keeper", "Note"]
    assert [re.sub("<[^>]+>", "", cell) for cell in re.findall(r"<td>(.*?)</td>", table)] == (
        ["Cape Orrin1", "Maren", "", "Falk2", "Ewan", "stone: grey"]
    )
    assert 'data-cite="1"' in table and 'data-cite="2"' in table
    assert "tables/keepers.csv<" in html
    assert html.index("</table>") < html.index("<details")


@pytest.mark.parametrize(
    "quotes",
    [
        ("Lighthouse: Cape Orrin | Keeper: Maren",),  # one row is a quote
        ("Lighthouse: Cape Orrin | Keeper: Maren", "The keepers live on the island."),
        ("Lighthouse: Cape Orrin | Keeper: Maren", "Ship: Falk | Captain: Ewan"),  # of two kinds of table
        ("He said: no | she left", "He said: yes"),
    ],
)
def test_other_quotes_are_no_table(quotes: tuple[str, ...]) -> None:
    assert "<table" not in rows(*quotes)


@pytest.mark.parametrize(
    ("place", "language", "said"),
    [
        ("Stations, row 250, column Built", "de", "Stations, Zeile 250, Spalte Built"),
        ("p. 12, row 3", "zh", "第 12 页, 第 3 行"),
        ("records 4–7", "fr", "enregistrements 4–7"),
        ("from the file's properties", "ar", "من خصائص الملف"),
        ("Stations, row 250", "en", "Stations, row 250"),
    ],
)
def test_the_place_of_a_quote_is_said_in_the_language_of_the_page(place: str, language: str, said: str) -> None:
    html = meta_html("", "und", "", place, language)
    assert re.sub("<[^>]+>", "", html) == said
    assert "data-said" in html
