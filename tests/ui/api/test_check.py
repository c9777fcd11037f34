"""A text that somebody pastes or sends is checked: over HTTP, on the command line, and on the page."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest

from rag import Assistant, Citation
from rag.output.annotations import quote_annotations
from rag.testing.doubles import document, tiny_index
from tests.harness import commands
from tests.harness.partly_slow import partly_slow
from tests.harness.ui_browser import browser, visit  # noqa: F401 - fixtures
from tests.harness.ui_fakes import FakeAssistant
from tests.harness.ui_server import Site, chat_site
from ui.service.asking.asking import ChatService
from ui.terminal.drafts import draft_lines
from ui.view.cards import TurnCard
from ui.view.documents.drafts import draft_html
from ui.view.records import turn_to_json

NEWS = (
    "The minister resigned on Monday after the vote in the council. Berlin has 3.7 million inhabitants.\n\n"
    "Anna Brandt leads the shipyard since 2019, where four boats are built."
)
HOSTILE = 'Before the <img src=x onerror="alert(1)"> words come others & more.'
ARABIC = "وصل وزير الدفاع العراقي جمعة عناد سعدون إلى مصر يوم السبت."
DRAFT = (
    "He wrote that “the minister resigned on Monday after the vote” and “the minister resigned on Friday after the "
    "vote”. “Nobody has ever seen such a thing”, she said.\n\nBerlin has 4.2 million inhabitants."
)


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    texts = {"news": NEWS, "hostile": HOSTILE, "arabic": ARABIC}
    with chat_site(Assistant(index=tiny_index([document(n, text) for n, text in texts.items()]))) as served:
        yield served


def post(site: Site, body: object, path: str = "/api/check") -> httpx.Response:
    return httpx.post(site.url + path, json=body, timeout=60)


def test_programs_get_the_verdicts_as_json(site: Site) -> None:
    found = post(site, {"text": DRAFT}).json()
    assert [one["verdict"] for one in found["quotations"]] == ["exact", "nearly", "absent"]
    assert found["quotations"][1]["differences"] == [{"said": "Friday", "stands": "Monday", "declared": False}]
    assert found["claims"][-1]["verdict"] == "contradicted"
    citation = found["quotations"][0]["citations"][0]
    assert NEWS[citation["start"] : citation["end"]] == citation["quote"]
    assert post(site, {"text": DRAFT, "claims": False}).json()["claims"] == []
    narrow = post(site, {"text": DRAFT, "claims": False, "document": "arabic"}).json()
    assert {one["verdict"] for one in narrow["quotations"]} == {"absent"}


def test_the_page_checks_within_what_is_picked_there(site: Site) -> None:
    def drawn(scope: str) -> httpx.Response:
        return post(site, {"text": DRAFT, "claims": False, "scope": scope}, "/chat/check")

    exact = 'data-verdict="exact"'
    assert exact in drawn("").text and exact in drawn('{"documents": ["news"]}').text
    assert exact not in drawn('{"documents": ["arabic"]}').text
    for wrong in ("x", '{"documents": 7}', '{"collections": ["gone"]}'):
        assert drawn(wrong).status_code == 422, wrong


@pytest.mark.parametrize(
    ("body", "status", "expected"),
    [
        ({}, 422, "text: a text is needed"),
        ({"text": "   "}, 422, "no text"),
        ({"text": "a" * 100_001}, 422, "100,001 characters"),
        ({"text": "a", "claims": "no"}, 422, "claims"),
        ({"text": "a", "document": "nothing"}, 422, "no document"),
    ],
)
def test_wrong_calls_are_reported(site: Site, body: object, status: int, expected: str) -> None:
    answer = post(site, body)
    assert answer.status_code == status
    assert expected in answer.json()["error"]["message"]


def test_what_cannot_check_says_so() -> None:
    with chat_site(FakeAssistant()) as site:
        assert post(site, {"text": DRAFT}).status_code == 501


def test_nothing_of_a_text_or_a_document_becomes_markup(site: Site) -> None:
    text = '“Before the <img src=x onerror="alert(1)"> words come” and “<script>alert(2)</script> never was there”.'
    html = post(site, {"text": text, "interface": "en"}, "/chat/check").text
    assert "<img" not in html
    assert "<script" not in html
    assert "&lt;script&gt;" in html


def test_a_check_takes_no_place_of_the_questions(site: Site) -> None:
    asked = httpx.post(f"{site.url}/api/search", json={"question": "minister"}, timeout=30)
    assert asked.status_code == 200


def test_the_terminal_says_it_on_lines_of_its_own(site: Site) -> None:
    lines = [str(line) for line in draft_lines(site.assistant.check_draft(DRAFT))]
    assert lines[0].startswith("1: exact: “the minister")
    assert "    “Friday” where the source has “Monday”" in lines
    assert lines[-2] == "3 quotations: 1 exact, 1 nearly exact, 1 absent"
    assert all("\n" not in line for line in lines)


def test_the_result_is_drawn_in_every_language(site: Site) -> None:
    draft = site.assistant.check_draft(DRAFT)
    for language, words in (("en", "Nearly word for word"), ("de", "Fast wörtlich"), ("ar", "شبه مطابق")):
        assert words in draft_html(draft, language)


@pytest.mark.slow
def test_the_command_reads_a_file_or_standard_input(tmp_path: Path) -> None:
    import subprocess

    (tmp_path / "news.txt").write_text(NEWS, encoding="utf-8")
    (tmp_path / "draft.md").write_text(DRAFT, encoding="utf-8")

    def rag(*args: str, text: str = "") -> subprocess.CompletedProcess[str]:
        return commands.rag(*args, cwd=tmp_path, stdin=text)

    assert rag("index", "news.txt", "--index", "idx", "--embedder", "hashing").returncode == 0
    found = rag("check", "draft.md", "--index", "idx", "--json")
    assert found.returncode == 1  # a quotation is not exact
    assert [one["verdict"] for one in json.loads(found.stdout)["quotations"]] == ["exact", "nearly", "absent"]
    good = rag("check", "-", "--index", "idx", "--no-claims", text="“Berlin has 3.7 million inhabitants”")
    assert good.returncode == 0
    assert "1 quotations: 1 exact" in good.stdout
    lost = rag("check", "nowhere.md", "--index", "idx")
    assert (lost.returncode, lost.stderr.count("\n"), "Traceback" in lost.stderr) == (1, 1, False)
    empty = rag("check", "-", "--index", "idx", text=" ")
    assert (empty.returncode, "no text to check" in empty.stderr) == (1, True)


@pytest.mark.browser
@pytest.mark.parametrize(("width", "code"), partly_slow([(390, "ar"), (1280, "en")]))
def test_a_text_is_pasted_checked_and_its_sources_opened(visit: Any, width: int, code: str) -> None:  # noqa: F811
    me = visit(locale=code, viewport={"width": width, "height": 860})
    page = me.page
    page.click('.bq-header [data-do="check"]')
    page.click('[data-do="check-now"]')
    assert page.inner_text("#bq-check-state")  # paste first
    page.fill("#bq-draft", DRAFT)
    page.click('[data-do="check-now"]')
    page.wait_for_selector(".bq-finding")
    verdicts = page.eval_on_selector_all(".bq-finding", "all => all.map((one) => one.dataset.verdict)")
    assert verdicts[:3] == ["exact", "nearly", "absent"]
    assert verdicts[-1] == "contradicted"
    assert page.inner_text('.bq-finding[data-verdict="nearly"] .bq-differences del') == "Friday"
    assert page.inner_text('.bq-finding[data-verdict="nearly"] .bq-differences ins') == "Monday"
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert page.evaluate("location.hash") == "#check"
    page.click(".bq-source-open")
    page.wait_for_selector("#bq-page mark[aria-current]")
    assert page.inner_text("#bq-page mark[aria-current]").casefold() == "the minister resigned on monday after the vote"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    assert page.is_hidden("#bq-check")


def words_marked(reply: Any, citations: dict[str, Any]) -> None:
    """Assert that each citation, by its name, has an annotation that leads to its words by themselves and by place."""
    assert [one["id"] for one in reply["annotations"]] == [f"urn:babelquote:{name}" for name in citations]
    for one, citation in zip(reply["annotations"], citations.values(), strict=True):
        quoted, placed = one["target"]["selector"]
        assert (one["target"]["source"], quoted["exact"]) == (citation["source"], citation["quote"])
        assert (placed["start"], placed["end"]) == (citation["start"], citation["end"])


def of_draft(reply: Any) -> dict[str, Any]:
    found = {
        f"quotation:{number}:{one['number']}": one
        for number, quotation in enumerate(reply["quotations"], start=1)
        for one in quotation["citations"]
    }
    claims = enumerate(reply["claims"], start=1)
    cited = [(number, one["citation"]) for number, one in claims if one["citation"]]
    return found | {f"claim:{number}:{one['number']}": one for number, one in cited}


def test_the_words_that_decide_come_as_annotations_where_they_are_asked_for(site: Site) -> None:
    assert "annotations" not in post(site, {"text": DRAFT}).json()
    reply = post(site, {"text": DRAFT, "annotations": True}).json()
    assert len(of_draft(reply)) >= 3
    words_marked(reply, of_draft(reply))
    assert post(site, {"text": "Ghosts walk.", "annotations": True, "document": "arabic"}).json()["annotations"] == []


def test_words_that_stand_there_no_more_are_not_annotated() -> None:
    text = "The minister resigned."
    gone, moved, kept = (Citation(n, name, "", "s", 0, 3, "The", "full") for n, name in enumerate("abc", start=1))
    documents = {"b": document("b", f"Now: {text}"), "c": document("c", text)}
    assert [one["id"] for one in quote_annotations((gone, moved, kept), documents.__getitem__)] == [
        "urn:babelquote:citation:3"
    ]


def test_the_command_line_gives_annotations_with_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "news.md").write_text(NEWS, "utf-8")
    (tmp_path / "draft.md").write_text(DRAFT, "utf-8")
    commands.rag("index", tmp_path / "news.md", "--index", tmp_path / "index", "--embedder", "hashing", cwd=tmp_path)
    where = ("--index", tmp_path / "index", "--json", "--annotations")
    asked = commands.rag("ask", "How many inhabitants has Berlin?", *where, cwd=tmp_path)
    reply = json.loads(asked.stdout)
    assert reply["citations"]
    words_marked(reply, {f"citation:{one['number']}": one for one in reply["citations"]})
    checked = json.loads(commands.rag("check", tmp_path / "draft.md", *where, cwd=tmp_path).stdout)
    words_marked(checked, of_draft(checked))
    for command in (("ask", "Who?"), ("check", tmp_path / "draft.md")):
        idle = commands.rag(*command, "--annotations", "--index", tmp_path / "index", cwd=tmp_path)
        assert idle.returncode == 2 and "--annotations has no effect without --json" in idle.stderr


@pytest.mark.browser
@pytest.mark.slow
def test_a_text_that_is_too_long_is_told_before_it_is_sent(visit: Any) -> None:  # noqa: F811
    page = visit().page
    page.goto(page.url.partition("#")[0] + "#check")
    page.wait_for_selector("#bq-check:not([hidden])")
    page.evaluate("document.getElementById('bq-draft').value = 'a '.repeat(50001)")
    page.click('[data-do="check-now"]')
    assert "100,002" in page.inner_text("#bq-check-state")


async def _last_turn(service: ChatService, question: str) -> TurnCard:
    return [turn async for turn in service.ask(question, (), "run")][-1]


def test_an_answer_gives_its_citations_as_annotations_where_it_is_asked_to() -> None:
    with chat_site(FakeAssistant()) as site:
        asked = {"question": "Where is Factory 200 located?"}
        assert "annotations" not in post(site, asked, "/api/answer").json()
        reply = post(site, {**asked, "annotations": True}, "/api/answer").json()
        stream = post(site, {**asked, "annotations": True, "stream": True}, "/api/answer").text
        events = [json.loads(line.removeprefix("data: ")) for line in stream.splitlines() if line.startswith("data: {")]
        (last,) = [one["answer"] for one in events if "answer" in one]
        assert last["annotations"] == reply["annotations"]
        with ThreadPoolExecutor(1) as apart:  # a browser's test that ran before leaves its loop running in this thread
            last_turn = _last_turn(ChatService(FakeAssistant(), "extractive"), asked["question"])
            turn = apart.submit(asyncio.run, last_turn).result()
        exported = json.loads(turn_to_json(turn))["receipt"]["citations"]  # what the page saves
        assert [one["annotation"]["target"] for one in exported] == [one["target"] for one in reply["annotations"]]
        pairs = list(zip(reply["citations"], reply["annotations"], strict=True))
        assert pairs
        for citation, one in pairs:
            quoted, placed = one["target"]["selector"]
            assert (quoted["exact"], placed["start"], placed["end"]) == (
                citation["quote"],
                citation["start"],
                citation["end"],
            )
