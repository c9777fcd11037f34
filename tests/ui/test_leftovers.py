"""Nothing that the page says of itself is left in English: tables, literals in its code, the page as it stands."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

from index.errors import SourceError
from tests.conftest import ROOT
from tests.harness.partly_slow import partly_slow
from tests.harness.said_sentences import Said, said_in
from tests.harness.ui_browser import browser, visit
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.view import strings
from ui.view.cards import PassageCard, SourceCard, TurnCard
from ui.view.render import turn_html
from ui.view.sentences import patterns, said

__all__ = ["browser", "visit"]
OTHER = tuple(code for code in strings.LANGUAGES if code != "en")
OTHER_SCRIPTS = ("ar", "fa", "he", "ru", "zh")
# Names, formats and what is typed as it stands: the same in every language.
NAMES = frozenset(
    re.findall(
        r"\w+",
        "Babelquote OpenAI Anthropic Ollama llama cpp vLLM LM Studio LLM GGUF Open AI PDF DOCX EPUB Word JSON Markdown "
        "HTML Enter Shift UTF OCR robots txt MB Web RAG TIMEOUT llm timeout header gzip Outlook EML RTF Tesseract "
        "Debian Ubuntu apt install tesseract ocr macOS brew pip XML http https SSL CERT FILE OLLAMA CONTEXT LENGTH "
        "Office HTTP PNG JPEG GIF TIFF bitmap DjVu bzip xz Zstandard RAR CSV SQLite Kindle PostScript PowerPoint "
        "Excel DOCX XLSX PPTX msg zip eng rag index max file size MAX SIZE local PATH gguf babelquote anthropic openai "
        "Name value LibreOffice libreoffice writer calc impress nogui",
    )
)
WORD = re.compile(r"[A-Za-z]{2,}")
PLACE = re.compile(r"\{\w+\}")
CONTENT = "bdi, mark, code, .bq-question, .bq-answer, .bq-quote, .bq-snippet, .bq-open, .bq-example, option, .bq-name"


def english(text: str) -> list[str]:
    """Return the Latin words of a text that are no names."""
    return [word for word in WORD.findall(PLACE.sub("", text)) if word not in NAMES]


@pytest.mark.parametrize("code", OTHER_SCRIPTS)
def test_no_table_has_english_in_it(code: str) -> None:
    assert {key: words for key, text in strings.table(code).items() if (words := english(text))} == {}
    assert {key: words for key, text in patterns(code).items() if (words := english(text))} == {}


@pytest.mark.parametrize("code", OTHER)
def test_every_table_is_whole_and_fills_the_same_places(code: str) -> None:
    table, source = strings.table(code), strings.table("en")
    assert table.keys() == source.keys()
    assert patterns(code).keys() == patterns("de").keys()
    for pairs in ((source.items(), table), (((key, key) for key in patterns(code)), patterns(code))):
        for key, text in pairs[0]:
            assert sorted(PLACE.findall(text)) == sorted(PLACE.findall(pairs[1][key])), key
    same = [key for key, text in table.items() if text == source[key] and len(english(text)) > 2]
    assert same == []  # a sentence that was copied and not translated


def test_sentences_of_other_packages_are_those_that_are_translated() -> None:
    """A sentence that was changed where it is written is not translated any more."""
    written = " ".join(
        _literals(path) for package in ("index", "rag", "ui") for path in sorted((ROOT / package).rglob("*.py"))
    )
    of_the_page = set(strings.table("en").values())
    gone = [
        one for one in patterns("de") if one not in of_the_page and not all(part in written for part in _parts(one))
    ]
    assert gone == []


ASKING = ("answering", "checking", "llms", "prompts", "question", "reading", "retrieval")
BUILDING = ("sources", "building", "disk", "sizes.py")
SEVERAL = 3  # words in a row that are the same in two languages by no chance


@lru_cache(maxsize=1)
def program_says() -> list[Said]:
    """Return the sentences of the program; who only collects tests need not wait for them."""
    return said_in(*(f"index/{one}" for one in BUILDING), *(f"rag/{one}" for one in ASKING), "ui/service")


def test_what_can_be_said_is_read_off_the_code() -> None:
    """The sentences are those of the code: some of each kind, wherever they are put together."""
    words = {one.words for one in program_says()}
    assert len(program_says()) > 180
    for known in (
        "a program",
        "the limit is {a} bytes, raise it with `rag index --max-file-size` or {b}",
        "hidden sheets are left out",
        "scanned or without text: no page has a text layer; {a}",
        "the key was refused: check {a}",
        "{a} named {b} sources that do not exist; they were dropped",
        "the question has {a} characters, at most {b} can be asked; shorten it",
        "the build stopped; the server's log says why",
    ):
        assert known in words, known


@pytest.mark.parametrize("code", OTHER)
def test_every_sentence_of_the_program_is_said_in_every_language(code: str) -> None:
    missing = [f"{one.where}: {one.words}" for one in program_says() if _kept(one.filled, said(code, one.filled), code)]
    assert missing == []


def _kept(sentence: str, spoken: str, code: str) -> bool:
    """Tell whether a part of an English sentence is still there when it was said in another language."""
    if not english(sentence):
        return False
    if code in OTHER_SCRIPTS:
        return bool(english(spoken))
    if len(WORD.findall(sentence)) < SEVERAL:
        return sentence == spoken
    words, others = WORD.findall(sentence), " ".join(WORD.findall(spoken))
    runs = [words[at : at + SEVERAL] for at in range(max(1, len(words) - SEVERAL + 1))]
    return any(" ".join(run) in others for run in runs if english(" ".join(run)))


def test_a_sentence_that_is_not_translated_is_caught() -> None:
    for code in OTHER:
        assert _kept("nobody wrote this in any language", said(code, "nobody wrote this in any language"), code)
        half = "the question is in #a; nobody wrote this in any language"
        assert _kept(half, said(code, half), code)


def _literals(path: Path) -> str:
    found = [node.value for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.Constant)]
    return " ".join(one for one in found if isinstance(one, str))


def _parts(sentence: str) -> list[str]:
    clauses = [clause for part in PLACE.split(sentence) for clause in part.split("; ")]  # a problem and its fix
    return [clause.strip(" ;:,()") for clause in clauses if len(clause.strip(" ;:,()")) > 3]


def test_sentences_are_said_with_what_they_tell_of() -> None:
    assert said("de", "12 lines are no valid JSON and were left out (line 3, 9)") == (
        "12 Zeilen sind kein gültiges JSON und wurden ausgelassen (Zeile 3, 9)"
    )
    failed = "m knows only en, and the question is in ar; the sources' own words are shown instead"
    assert english(said("zh", failed).replace("m 只", "").replace("en", "").replace("ar", "")) == []
    assert said("fr", "something that nobody foresaw") == "something that nobody foresaw"
    assert said("en", "empty") == "empty" and said("de", "empty") == "leer"
    assert said("de", "x" * 100_000) == "x" * 100_000
    assert str(SourceError("a", "empty")).startswith("a")


@pytest.mark.parametrize("code", OTHER_SCRIPTS)
def test_units_pages_and_labels_of_scores_are_said_in_the_language(code: str) -> None:
    source = SourceCard(1, "d", "١٢", "١٢", 0, 1, "١٢", location="p. 12")
    ranks = dict.fromkeys(("dense", "keyword", "sentence", "reader", "reranker"), (1, 0.5))
    passage = PassageCard("d", "١٢", "١٢", 0, 1, "١٢", 0.5, ranks=ranks, cited=True)
    for seconds in (0.05, 3.0):
        turn = TurnCard("t", "١٢?", "answered", "١٢ [1]", (source,), (passage,), llm="extractive", seconds=seconds)
        warned = TurnCard("t", "١٢?", "answered", "", llm="extractive", warnings=("no source is in it",))
        shown = re.sub(r"<[^>]*>", " ", turn_html(turn, code) + turn_html(warned, code))
        assert english(shown) == []


MARKUP = re.compile(r">([^<>$]*[A-Za-z]{2,}[^<>]*)<")
SPOKEN = re.compile(r'(?:textContent|title|placeholder|ariaLabel) = "([^"]*[A-Za-z]{2,}[^"]*)"')
NAMED = re.compile(r'setAttribute\("(?:aria-label|title|placeholder|alt)", "([^"]*[A-Za-z]{2,}[^"]*)"')
MADE = re.compile(r'make\("\w+", "[^"]*", "([^"]*[A-Za-z]{2,}[^"]*)"')


def test_no_script_of_the_page_says_anything_in_english() -> None:
    found = {}
    for path in sorted((ROOT / "ui" / "static").glob("*.js")):
        text = re.sub(r"//[^\n]*|/\*.*?\*/|=>", "", path.read_text("utf-8"), flags=re.DOTALL)
        literals = [*SPOKEN.findall(text), *NAMED.findall(text), *MADE.findall(text)]
        for literal in re.findall(r"'[^'\n]*<[^'\n]*'", text):
            literals += MARKUP.findall(literal)
        found[path.name] = [one for one in literals if english(one)]
    assert not any(found.values()), found


def test_no_markup_of_the_page_says_anything_in_english() -> None:
    found = []
    for path in sorted((ROOT / "ui").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and getattr(call.func, "id", "") in ("element", "_running"):
                spoken = [*call.args[1:2], *(one.value for one in call.keywords if one.arg in SAID_BY)]
                found += [(path.name, text) for node in spoken for text in _texts(node) if english(text)]
    assert found == []


SAID_BY = ("aria_label", "title", "placeholder", "alt")


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield what a literal, or the literal parts of an f-string, would show."""
    parts = node.values if isinstance(node, ast.JoinedStr) else [node]
    for part in parts:
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield re.sub(r"<[^>]*>?", " ", part.value)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    with chat_site(FakeAssistant(warnings=("no source is in it",)), others={"local": FakeAssistant()}) as served:
        yield served


WALK = """content => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const around = walker.currentNode.parentElement;
    if (around.closest("script, style, template, " + content) || !around.checkVisibility()) continue;
    found.push(walker.currentNode.data);
  }
  for (const node of document.querySelectorAll("[title], [placeholder]")) {
    if (node.checkVisibility() && !node.closest(content)) found.push(node.title ?? "", node.placeholder ?? "");
  }
  return found.filter((text) => /[A-Za-z]{2}/.test(text));
}"""


ATTRIBUTES_NOW = """() => {
  const found = [];
  for (const node of document.querySelectorAll("body *")) {
    if (node.closest("[hidden], .bq-empty, script, style")) continue;
    for (const name of ["aria-label", "title", "alt", "placeholder", "aria-description", "aria-roledescription"])
      if (node.hasAttribute(name)) found.push(`${node.tagName} ${name} ${node.getAttribute(name)}`);
  }
  for (const node of document.querySelectorAll(".bq-note")) found.push(node.textContent);
  return found.sort();
}"""


@pytest.mark.browser
@pytest.mark.slow
def test_a_switch_of_the_language_reaches_every_attribute_and_note(visit: Any) -> None:
    """As after a reload, which draws everything anew: what is only heard is said in the language of the page, too."""
    me = visit(locale="en-US")
    me.ask("Who heads the ministry?")
    english_before = me.page.evaluate(ATTRIBUTES_NOW)
    assert any("Source 1" in one for one in english_before)
    for code, expected in (("de", "keine Quelle ist in dieser Sprache"), ("ar", ""), ("en", "no source is in it")):
        me.page.select_option("#bq-pick", code)
        me.page.wait_for_function("told => document.querySelector('.bq-note').textContent.includes(told)", arg=expected)
        me.page.wait_for_timeout(500)
        switched = me.page.evaluate(ATTRIBUTES_NOW)
        me.page.reload()
        me.page.wait_for_selector("html[data-ready=true]")
        me.page.wait_for_selector(".bq-turn[data-record]")
        me.page.wait_for_timeout(500)
        assert switched == me.page.evaluate(ATTRIBUTES_NOW)
    assert switched == english_before


@pytest.mark.browser
@pytest.mark.parametrize("code", partly_slow(["zh", "fa"]))
def test_no_word_of_the_page_itself_is_english(visit: Any, code: str) -> None:
    me = visit(locale=code)
    assert me.page.evaluate("document.documentElement.lang") == code
    seen = set(me.page.evaluate(WALK, CONTENT))
    me.ask("القاهرة؟")
    me.page.click(".bq-why summary")
    seen |= set(me.page.evaluate(WALK, CONTENT))
    me.page.click("#bq-backend")
    me.page.wait_for_selector(".bq-choice")
    seen |= set(me.page.evaluate(WALK, CONTENT))
    me.page.keyboard.press("Escape")
    me.page.click("[data-do=drawer]")
    seen |= set(me.page.evaluate(WALK, CONTENT))
    assert {text for text in seen if english(text)} == set()
