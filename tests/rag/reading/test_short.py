"""The short answer and what stands beside it; refusals; whole thoughts; the forms in which an answer is told."""

from __future__ import annotations

import asyncio
import json
import re
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from index.embedders.profile import profile_of as embedded_by
from index.language.numbers.digits import numbers
from index.language.question_words import goes_on
from index.stores.base import Filter
from rag import Assistant
from rag.answering import checking
from rag.answering.nearest import lacks_own, missing_words, own_first, texts_first, topics_of
from rag.answering.unblocking import unblocked
from rag.checking.citations import Cited
from rag.config import AnswerConfig
from rag.output.text import answer_html, nearest_rows
from rag.question.kinds.answer_type import Expectation
from rag.question.kinds.expectations import expected
from rag.reading import stage
from rag.reading.quotes.choosing import pick_sentences
from rag.reading.short.short_answer import short_answer
from rag.receipts.receipt import make, save, verify
from rag.testing.doubles import FakeLLM, document, tiny_index
from rag.types import Answer, Citation, ScoredPassage, Witness
from tests.harness.pointing_reader import Pointing, passage, read
from ui.terminal.sheets import answer_lines
from ui.view.cards import turn_of
from ui.view.records import turn_from_json, turn_to_json
from ui.view.render import turn_html

QUESTION = "How many bridges has the town?"


def asked(
    monkeypatch: pytest.MonkeyPatch,
    reader: Pointing,
    texts: dict[str, str],
    question: str = QUESTION,
    language: str = "en",
) -> Answer:
    monkeypatch.setattr(stage, "load_reader", lambda spec: reader)
    live = tiny_index([document(name, text, language) for name, text in texts.items()])
    return Assistant(index=live, config=AnswerConfig(min_confidence=0.0)).answer(question)


TWO = {"a": "The town has 15 bridges in all.", "b": "The town has 17 bridges, they say."}


def test_two_sources_that_differ_are_both_told(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15", "17"), TWO)
    assert answer.short is not None
    assert [(one.citation.quote, one.agrees) for one in answer.witnesses] == [
        ("17" if answer.short.quote == "15" else "15", False)
    ]
    assert "Sources differ: 1" in str(answer)
    assert "15 (A)" in str(answer) and "17 (B)" in str(answer)


ROW = "Department: Coast | Head: – | Budget 2026 (EUR): 415000 | Remarks: " + "none so far, " * 20


@pytest.mark.parametrize(
    ("pointed", "shown"),
    [
        ("Budget 2026", "415000"),  # the name of the column: what stands in it answers
        ("Budget 2026 (EUR): 415000", "415000"),
        ("415000", "415000"),
        ("Head", None),  # nothing is given
        ("Remarks", None),  # more than a short answer
    ],
)
def test_the_name_of_a_column_is_no_answer(monkeypatch: pytest.MonkeyPatch, pointed: str, shown: str | None) -> None:
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing(pointed))
    columns = ["Department", "Head", "Budget 2026 (EUR)", "Remarks"]
    table = {"start": 0, "end": len(ROW), "name": "", "columns": columns, "rows": [[0, 2]]}
    live = tiny_index([replace(document("a", ROW, "en"), metadata={"tables": [table]})])
    answer = Assistant(index=live, config=AnswerConfig(min_confidence=0.0)).answer(
        "What was written down of the coast?"
    )
    assert (answer.short.quote if answer.short else None) == shown


TEAMS = ["Team: Beta | Staff: 9 | Office: 2", "Team: Gamma | Staff: 4 | Office: 9"]


@pytest.mark.parametrize(
    ("question", "row", "pointed", "shown"),
    [
        ("Which team has 9 staff?", 0, "Team", "Beta"),
        ("Quelle équipe a 9 employés ?", 0, "Beta", "Beta"),
        ("Welches Team hat 9 Mitarbeiter?", 0, "9", "Beta"),
        ("В какой команде 9 сотрудников?", 0, "Team", "Beta"),
        ("哪个团队有9名员工？", 0, "Team", "Beta"),
        ("أي فريق لديه 9 موظفين؟", 0, "Team", "Beta"),
        ("Which team has 5 staff?", 1, "Gamma", None),  # no row has
        ("How many staff has Gamma?", 1, "4", "4"),
        ("How fast is Gamma 4?", 1, "4", None),  # its own number is no answer
    ],
)
def test_a_number_that_is_named_points_at_its_row(question: str, row: int, pointed: str, shown: str | None) -> None:
    text = TEAMS[row]
    table = {"start": 0, "end": len(text), "name": "", "columns": ["Team", "Staff", "Office"], "rows": [[0, 1]]}
    hit = replace(passage(text, pointed), metadata={"tables": [table]})
    # The number in it makes a question look like one for a number.
    wanted = Expectation(0.95, 0.0, 0.0, frozenset(numbers(question)))
    result = short_answer(
        [hit], question, "en", {"d": document("d", text, "en")}.__getitem__, (), 0.9, expected(question), wanted
    )
    assert (result.citation.quote if result.citation else None) == shown


def written(monkeypatch: pytest.MonkeyPatch, text: str) -> Answer:
    """Return the answer of a language model that says a text, where the reader found "15"."""
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing("15"))
    live = tiny_index([document("a", TWO["a"], "en")])
    model = FakeLLM(lambda messages: text)
    return Assistant(index=live, llm=model, config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)


def test_the_source_stands_beside_a_model_that_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = written(monkeypatch, "The town has 17 bridges [1].")
    assert answer.differs and answer.short is not None
    assert "In the source: 15 [1]" in str(answer) and "In the source: 15 [1]" in answer._repr_html_()
    assert answer.to_dict()["differs"] is True
    html = turn_html(turn_of(answer, "t", 0.1), "de")
    assert "In der Quelle:" in html and f'data-start="{answer.short.start}"' in html
    saved = turn_to_json(turn_of(answer, "t", 0.1))
    assert "bq-in-source" in turn_html(turn_from_json(saved), "en")


@pytest.mark.parametrize(
    ("text", "support", "differs"),
    [
        ("The mill is in Cairo [1].", "not found", True),  # a single word may be no name: it is the verdict that counts
        ("The mill is in Cairo [1].", "partly", False),
        ("The mill is near Helwan [1].", "not found", False),
    ],
)
def test_the_source_stands_beside_a_model_whose_claim_is_not_found(
    monkeypatch: pytest.MonkeyPatch, text: str, support: str, *, differs: bool
) -> None:
    real = checking.cite

    def judged(*args: Any, **named: Any) -> Cited:
        cited = real(*args, **named)
        return replace(cited, citations=tuple(replace(one, support=support) for one in cited.citations))

    monkeypatch.setattr(checking, "cite", judged)
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing("Helwan"))
    live = tiny_index([document("a", "The mill stands in Helwan, on the river.", "en")])
    assistant = Assistant(index=live, llm=FakeLLM(text), config=AnswerConfig(min_confidence=0.0))
    answer = assistant.answer("Where is the mill?")
    assert answer.short is not None and answer.differs is differs


@pytest.mark.parametrize("text", ["It has fifteen of them [1].", "15 [1]", "In all, it has many bridges [1]."])
def test_nothing_stands_beside_a_model_that_agrees(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    answer = written(monkeypatch, text)
    assert answer.citations and not answer.differs
    assert "In the source" not in str(answer) + turn_html(turn_of(answer, "t", 0.1), "en")


def told_by_terminal(answer: Answer) -> str:
    return "\n".join("".join(span.text for span in each.spans) for each in answer_lines(answer))


def told_by_mcp(answer: Answer) -> str:
    return f"{answer}\n{json.dumps(answer.to_dict(), ensure_ascii=False)}"  # what its tool hands on


def told_by_page(answer: Answer) -> str:
    saved = turn_from_json(turn_to_json(turn_of(answer, "t", 0.1)))
    words = re.sub(r"<[^>]+>", "", turn_html(saved, "de"))
    return re.sub("[\u2066-\u2069]", "", words)


def told_by_receipt(answer: Answer) -> str:
    return json.dumps(make(answer), ensure_ascii=False)


WAYS = {
    "text": str,
    "notebook": lambda answer: answer._repr_html_(),
    "terminal": told_by_terminal,
    "mcp": told_by_mcp,
    "page": told_by_page,
    "receipt": told_by_receipt,
}
DAYS = {"a": "وصل الوزير إلى القاهرة يوم 26 نوفمبر.", "b": "وصل الوزير إلى القاهرة يوم 29 نوفمبر."}


@pytest.mark.parametrize("way", WAYS)
def test_every_way_tells_both_dates_and_writes_them_for_who_asked(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    reader = Pointing("26 نوفمبر", "29 نوفمبر")
    answer = asked(monkeypatch, reader, DAYS, "Wann kam der Minister in Kairo an?", "ar")
    result = WAYS[way](answer)
    for quote, written_here in (("26 نوفمبر", "26. November"), ("29 نوفمبر", "29. November")):
        assert quote in result and written_here in result


@pytest.mark.parametrize("way", WAYS)
def test_every_way_tells_a_name_in_the_letters_of_who_asked(monkeypatch: pytest.MonkeyPatch, way: str) -> None:
    reader = Pointing("Валентина Петрова", "Valentina Petrova")
    texts = {"a": "Завод возглавляет Валентина Петрова."}
    answer = asked(monkeypatch, reader, texts, "Who heads the plant?", "ru")
    result = WAYS[way](answer)
    assert "Валентина Петрова" in result and "Valentina Petrova" in result


@pytest.mark.parametrize("way", [way for way in WAYS if way != "receipt"])
def test_every_way_tells_what_the_source_says_where_a_model_says_otherwise(
    monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    answer = written(monkeypatch, "The town has 17 bridges [1].")
    alike = replace(answer, differs=False)
    result, quiet = WAYS[way](answer), WAYS[way](alike)
    sentences = {"page": "In der Quelle", "mcp": '"differs": true'}
    assert sentences.get(way, "In the source: 15") in result and result != quiet
    assert "In the source: 15" not in quiet and "In der Quelle" not in quiet


def test_sources_that_agree_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15", "fifteen"), {**TWO, "b": "It has fifteen bridges, the town."})
    assert [one.agrees for one in answer.witnesses] == [True]
    assert "2 sources agree. " in str(
        answer
    ) and f"{answer.witnesses[0].citation.quote} ({answer.witnesses[0].citation.title})" in str(answer)


def test_a_passage_that_does_not_answer_is_no_witness(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15"), TWO)
    assert answer.short is not None and answer.short.quote == "15"
    assert answer.witnesses == ()


def test_every_short_answer_stands_in_its_document(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15", "17"), TWO)
    assert answer.short is not None
    for said in (answer.short, *(one.citation for one in answer.witnesses)):
        assert TWO[said.document_id][said.start : said.end] == said.quote


@pytest.mark.parametrize(
    ("reader", "question"),
    [
        (Pointing("15", span=-4.0), QUESTION),  # not sure which words
        (Pointing("15", answers=-2.5), QUESTION),  # sure which, but not that any answer
        (Pointing("town"), QUESTION),  # a number is asked for
        (Pointing("bridges"), "What are bridges?"),  # repeats the question
    ],
)
def test_who_is_not_sure_gives_no_short_answer(
    monkeypatch: pytest.MonkeyPatch, reader: Pointing, question: str
) -> None:
    answer = asked(monkeypatch, reader, {"a": TWO["a"]}, question)
    assert answer.short is None
    assert answer.rendered == ""
    assert answer.citations


def test_a_low_confidence_gives_no_short_answer() -> None:
    hit = passage("The town has 15 bridges.", "15")
    document_ = document("d", hit.passage.text, "en")
    result = [short_answer([hit], QUESTION, "en", lambda _: document_, (), sure).citation for sure in (0.9, 0.1)]
    assert result[0] is not None and result[0].quote == "15"
    assert result[1] is None


def test_the_quote_with_the_words_comes_first_though_another_sentence_scores_better() -> None:
    """What is shown large and the passage below it must not be two different things."""
    pieces = [
        "The town is proud of its bridges.",
        "Hills stand around it on three sides.",
        "Engineers count 15 of them.",
    ]
    hit = read(" ".join(pieces), pieces, pieces[0])
    at = hit.passage.text.index("15")
    assert hit.reading is not None
    seen = replace(hit.reading, start=at, end=at + 2, span=-0.1, sentences=(0.0, -9.0, -2.0))
    first = pick_sentences([replace(hit, reading=seen)], 3, QUESTION, "en")[0]
    assert first.text == pieces[2]
    unsure = replace(hit, reading=replace(seen, span=-4.0))
    assert pick_sentences([unsure], 3, QUESTION, "en")[0].text == pieces[0]


@pytest.mark.parametrize(
    ("language", "pieces"),
    [
        ("en", ["The Ebb carries 45 cars.", "It runs on batteries."]),
        ("de", ["Die Ebbe fasst 45 Autos.", "Sie fährt mit Batterien."]),
        ("ru", ["Паром «Прилив» берёт 45 машин.", "Он ходит на батареях."]),
        ("zh", ["退潮号可载45辆车。", "它靠电池行驶。"]),
    ],
)
def test_a_quote_that_begins_with_it_says_what_is_meant(language: str, pieces: list[str]) -> None:
    glue = "" if language == "zh" else " "
    hit = read(glue.join(pieces), pieces, pieces[1])
    hit = replace(hit, passage=replace(hit.passage, language=language))
    assert [pick.text for pick in pick_sentences([hit], 1, "?", language)] == [glue.join(pieces)]
    apart = read("\n\n".join(pieces), pieces, pieces[1])
    apart = replace(apart, passage=replace(apart.passage, language=language))
    assert [pick.text for pick in pick_sentences([apart], 1, "?", language)] == [pieces[1]]
    other = replace(hit, passage=replace(hit.passage, language="fr"))  # no such word there
    assert [pick.text for pick in pick_sentences([other], 1, "?", language)] == [pieces[1]]


def test_words_across_a_heading_are_those_of_the_sentence() -> None:
    text = "A tour\n\nHe toured the exhibition."
    hit = passage(text, text[:-1])
    result = short_answer([hit], "What did he tour?", "en", lambda _: document("d", text, "en"), (), 0.9).citation
    assert result is not None
    assert result.quote == "He toured the exhibition"


def test_a_date_is_written_for_the_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    text = {"a": "وصل الوزير إلى القاهرة في 26 نوفمبر، وغادرها بعد يومين."}
    answer = asked(monkeypatch, Pointing("26 نوفمبر"), text, "When did the minister arrive in Cairo?", "ar")
    assert answer.short is not None and answer.short.quote == "26 نوفمبر"
    assert answer.rendered == "November 26"
    assert "≈ November 26 (our rendering, not a quote)" in str(answer)
    assert answer.rendered not in [one.quote for one in answer.citations]


def test_a_refusal_says_what_is_there_and_what_is_missing() -> None:
    hit = replace(passage("The organisation makes tanks and lorries.", "tanks"), title="Factories of Egypt")
    assert missing_words("What is the annual budget of the organisations?", "en", [hit]) == ("annual", "budget")
    assert missing_words("Wie hoch ist das Budget?", "de", [hit]) == ()  # nothing there is German
    assert topics_of([hit, hit], "en") == ("Factories of Egypt",)
    answer = Answer("q", "No.", (), (hit,), True, "en", "extractive", 1, missing=("budget",), topics=("Factories",))
    assert "speak of: Factories" in str(answer)
    assert "Not mentioned in them: budget" in str(answer)


def test_a_refusal_tells_of_the_filter_that_hides_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing("15", answers=9.0))
    german = document("b", "Der Fluss ist lang und tief.", "de")
    live = tiny_index([document("a", TWO["a"], "en"), german])
    config = AnswerConfig(min_confidence=0.5)
    within = Assistant(index=live, config=config).answer(QUESTION, where=Filter(languages=frozenset({"de"})))
    assert within.refused and within.filtered
    assert "Without the filter" in str(within)
    assert not Assistant(index=live, config=config).answer(QUESTION).filtered


def test_a_quoted_sentence_is_printed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15"), TWO)
    assert str(answer).count("The town has 15 bridges in all.") == 1
    assert str(answer).startswith("15 [")


def test_an_answer_becomes_json_and_html(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15", "17"), TWO)
    fields = answer.to_dict()
    assert json.loads(answer.to_json()) == fields
    assert fields["short"]["quote"] in ("15", "17")
    assert fields["passages"][0]["document_id"] in TWO
    hostile = Citation(1, "d", "<b>T</b>", "x", 0, 30, '<img src=x onerror="alert(1)">\u202e\x00')
    shown = answer_html(replace(answer, citations=(hostile,), short=None, witnesses=()))
    assert "<img" not in shown and "<b>" not in shown and "\u202e" not in shown and "\x00" not in shown
    assert "<mark>15</mark>" in answer._repr_html_() or "<mark>17</mark>" in answer._repr_html_()


def test_a_receipt_proves_the_short_answer(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(stage, "load_reader", lambda spec: Pointing("15", "17"))
    live = tiny_index([document(name, text, "en") for name, text in TWO.items()])
    answer = Assistant(index=live, config=AnswerConfig(min_confidence=0.0)).answer(QUESTION)
    with live.reading() as opened:
        save(answer, tmp_path / "r.json", opened)
        verdicts = verify(tmp_path / "r.json", opened)
    assert [one.part for one in verdicts][:2] == ["short", "witness"]
    assert {one.state for one in verdicts} == {"holds"}
    changed = tiny_index([document("a", "The town has 16 bridges in all.", "en"), document("b", TWO["b"], "en")])
    with changed.reading() as opened:
        later = {(one.part, one.quote): one.state for one in verify(tmp_path / "r.json", opened)}
    gone = "short" if answer.short and answer.short.quote == "15" else "witness"
    assert later[gone, "15"] == "gone"
    assert make(replace(answer, short=None, witnesses=()))["short"] is None


def test_the_event_loop_goes_on_while_an_answer_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    live = tiny_index([document("a", TWO["a"], "en")])
    assistant = Assistant(index=live, config=AnswerConfig(min_confidence=0.0, reader="none"))
    slow = assistant.stream

    def slowly(*given: object, **named: object) -> Iterator[str | Answer]:
        time.sleep(0.4)
        yield from slow(QUESTION)

    monkeypatch.setattr(Assistant, "stream", lambda self, *given, **named: slowly(*given, **named))

    async def both() -> tuple[Answer, int]:
        task, turns = asyncio.ensure_future(assistant.aanswer(QUESTION)), 0
        while not task.done():
            await asyncio.sleep(0.01)
            turns += 1
        return await task, turns

    answer, turns = asyncio.run(both())
    assert answer.citations
    assert turns > 5


def test_an_error_comes_through_and_a_reader_that_leaves_ends_the_work() -> None:
    closed = threading.Event()

    def endless() -> Iterator[int]:
        try:
            for number in range(1_000_000):
                yield number
                time.sleep(0.001)
        finally:
            closed.set()

    def broken() -> Iterator[int]:
        yield 1
        raise ValueError("late")

    async def leave() -> None:
        items = unblocked(endless)
        assert await anext(items) == 0
        await items.aclose()

    async def fail() -> list[int]:
        return [item async for item in unblocked(broken)]

    asyncio.run(leave())
    assert closed.wait(5)
    with pytest.raises(ValueError, match="late"):
        asyncio.run(fail())


def test_a_witness_has_its_own_place() -> None:
    said = Citation(0, "b", "B", "b.md", 3, 5, "17")
    assert Witness(said, agrees=False).rendered == ""


def test_a_short_answer_over_items_is_the_whole_list() -> None:
    text = "He named these fields:\n- water\n- energy\n- roads\n\nThen he left."
    hit = passage(text, "- water\n- energy")
    stored = document("d", text, "en")
    result = short_answer([hit], "Which fields did he name?", "en", lambda _: stored, (), 0.9).citation
    assert result is not None
    assert result.quote == "water\n- energy\n- roads"
    answer = Answer("q", "x [1]", (replace(result, number=1),), (hit,), False, "en", "extractive", 1, short=result)
    assert str(answer).startswith("water; energy; roads")


def test_the_source_of_the_short_answer_is_named_first(monkeypatch: pytest.MonkeyPatch) -> None:
    answer = asked(monkeypatch, Pointing("15", "17"), TWO)
    assert answer.short is not None
    moved = replace(answer, short=replace(answer.short, number=2))
    assert str(moved).index("[2] ") < str(moved).index("[1] ")


@pytest.mark.parametrize(
    ("text", "span", "question", "expected"),
    [
        ("It fell to -5 °C at night.", "-5 °C", "How cold was it?", "-5 °C"),
        ("| Harbour House | 7.5 % |", "Harbour House | 7.5 %", "What is the rate of Harbour House?", "7.5 %"),
        ("Notes\n- a blue boat", "Notes\n- a blue boat", "What did she buy?", "a blue boat"),
        ("He paid # 5 for it", "# 5", "What did he pay?", "5"),
    ],
)
def test_cells_and_lines_are_told_apart_and_a_minus_is_no_list(
    text: str, span: str, question: str, expected: str
) -> None:
    stored = document("d", text, "en")
    result = short_answer([passage(text, span)], question, "en", lambda _: stored, (), 0.9).citation
    assert result is not None
    assert result.quote == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "In addition, it rained.", "On top of that it rained.", "Lastly, it rained.", "Επιπλέον, έβρεξε.",
        "נוסף על כך ירד גשם.", "En outre, il pleuvait.", "Navíc pršelo.", "इसके अलावा बारिश हुई।",
        "فضلا عن ذلك أمطرت.", "また、雨が降った。",
    ],
)  # fmt: skip
def test_a_further_reason_is_known_by_its_first_words(sentence: str) -> None:
    assert goes_on(sentence)


def test_a_short_list_is_quoted_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The parties are named here.\n1. Norrby Water Ltd\n2. The parish of Norrby"
    answer = asked(monkeypatch, Pointing("Norrby Water"), {"a": text}, "Who are the parties?")
    assert "1. Norrby Water Ltd\n2. The parish of Norrby" in answer.citations[0].quote


def test_a_row_of_a_refusal_begins_behind_its_heading() -> None:
    text = "## The harbour\n\nThe harbour was dug in 1931."
    hit = passage(text, "harbour")
    shown = replace(hit, passage=replace(hit.passage, heading="Torvik > The harbour"))
    bare = replace(shown, passage=replace(shown.passage, text="## The harbour"))
    answer = Answer("Who?", "", (), (shown, bare), True, "en", "extractive", 1)
    assert [words for _, words in nearest_rows(answer)] == ["The harbour was dug in 1931.", "## The harbour"]


def test_a_refusal_names_places_in_the_asker_s_language_first_and_no_file() -> None:
    def hit(name: str, language: str, **metadata: list[int]) -> ScoredPassage:
        found = passage(f"Words of {name}.", "Words", name[0])
        result = replace(found.passage, language=language, heading=f"The {name}")
        return replace(found, title=name, passage=result, metadata=metadata)

    hits = (hit("a1", "ar"), hit("a2", "ar"), hit("b1", "ar"), hit("c1", "de"), hit("c2", "de", properties=[0, 9]))
    assert topics_of(hits, "de") == ("The c1", "c2", "The a1")
    answer = Answer("Wer?", "", (), hits, True, "de", "extractive", 1)
    assert [words for _, words in nearest_rows(answer)] == ["Words of c1.", "Words of a1.", "Words of b1."]
    rows = re.findall(r'data-doc="(\w)"', turn_html(turn_of(answer, "t", 0.1), "de"))
    assert rows[:3] == ["c", "a", "b"]


def test_what_files_tell_of_themselves_comes_last_in_a_refusal() -> None:
    hits = [
        replace(passage(f"Words of {name}.", "Words", name), score=score) for name, score in (("a", 0.9), ("b", 0.4))
    ]
    hits[0] = replace(hits[0], metadata={"properties": [0, 9]})
    found = texts_first(hits)
    assert [hit.passage.document_id for hit in found] == ["b", "a"]
    assert [hit.score for hit in found] == [0.4, 0.4]  # best first still
    assert texts_first(hits[:1]) == tuple(hits[:1])


def test_far_from_everything_the_askers_language_comes_first() -> None:
    hits = [
        replace(passage(f"Text {name}", "Text", name), score=score)
        for name, score in (("a", 0.09), ("b", 0.05), ("c", 0.04))
    ]
    german = [replace(hit, passage=replace(hit.passage, language="de")) for hit in hits]
    own = [replace(passage(f"Text {name}", "Text", name), score=score) for name, score in (("d", -0.03), ("e", -0.4))]
    assert lacks_own(german, "en") and not lacks_own(hits, "en")
    found = own_first(german, "en", 0.2, own)
    assert [hit.passage.document_id for hit in found] == ["d", "a", "b"]  # "e" is much farther
    assert [hit.score for hit in found] == sorted((hit.score for hit in found), reverse=True)
    assert own_first(german, "en", 0.2) == tuple(german)
    mixed = [german[0], hits[1], german[2]]
    assert [hit.passage.document_id for hit in own_first(mixed, "en", 0.2)] == ["b", "a", "c"]


@pytest.mark.parametrize(("far", "first"), [(2.0, "en"), (0.0, "ar")])
def test_a_refusal_shows_rows_in_the_askers_language(monkeypatch: pytest.MonkeyPatch, far: float, first: str) -> None:
    own = embedded_by("")
    own = replace(own, calibrated=True, confidence=replace(own.confidence, far=far))
    monkeypatch.setattr("rag.retrieval.retrieve.profile_of", lambda _: own)
    arabic = "\u062a\u062a\u062d\u062f\u062b \u0627\u0644\u0645\u0642\u0627\u0644\u0629 \u0639\u0646 World Cup"
    texts = [document(f"a{n}", f"{arabic} {n}", "ar") for n in range(6)]
    texts.append(document("b", "The harbour of Emden is old, and ships win the water.", "en"))
    config = AnswerConfig(reader="none", min_confidence=0.99)
    answer = Assistant(index=tiny_index(texts), config=config).answer("Who won the World Cup?")
    assert answer.refused and answer.language == "en"
    assert answer.passages[0].passage.language == first


MET = "The town's council met on 26 November. It was led by Ann Poole, who spoke on Nov. 26."


@pytest.mark.parametrize(
    ("question", "shown"),
    [
        ("Who led the council of the town on 26 November?", "Ann Poole"),
        ("Who led the council of the town on 29 November?", None),
        ("Wer leitete den council of the town am 29. November?", None),
        ("Who led the council of the town?", "Ann Poole"),
        ("May I ask who led the council of the town?", "Ann Poole"),
    ],
)
def test_who_did_it_on_another_day_is_no_answer(
    monkeypatch: pytest.MonkeyPatch, question: str, shown: str | None
) -> None:
    short = asked(monkeypatch, Pointing("Ann Poole"), {"a": MET}, question).short
    assert (short.quote if short else None) == shown


def test_a_sentence_behind_a_list_is_not_quoted_with_its_last_item() -> None:
    pieces = ["- connect the inverter", "- hand over the papers", "Marek leads the whole site."]
    hit = read(f"Next steps:\n\n{pieces[0]}\n{pieces[1]}\n\n{pieces[2]}", pieces, pieces[2])
    assert pick_sentences([hit], 1, "?", "en")[0].text == pieces[2]


def _with_others(answers: float, share: float, rival: str) -> Citation | None:
    text = "The minister Ann Poole gave the letter to the envoy Ben Marsh of the town; Poole left."
    hit = passage(text, "Ann Poole")
    at = text.rindex(rival)
    assert hit.reading is not None
    seen = replace(hit.reading, answers=answers, span=-0.7, others=((at, at + len(rival), share),), reader="bundled")
    hit = replace(hit, reading=seen)
    return short_answer([hit], "Who got it?", "en", lambda _: document("d", text, "en"), (), 0.9).citation


def test_words_beside_which_others_are_nearly_as_likely_need_a_surer_reader() -> None:
    assert _with_others(4.0, -1.5, "Ben Marsh") is not None
    assert _with_others(1.5, -1.5, "Ben Marsh") is None
    assert _with_others(1.5, -6.0, "Ben Marsh") is not None  # far less likely
    assert _with_others(1.5, -1.5, "Poole") is not None  # says the same


def test_rows_of_a_table_are_one_place_among_the_nearest() -> None:
    rows = [
        replace(passage(f"Port: {n}", "Port", f"k{n}"), title=f"ports #{n}", source=f"a/ports.csv#{n}") for n in (7, 2)
    ]
    text = replace(passage("The harbour sleeps.", "harbour", "h"), title="Harbours", source="h.md")
    assert topics_of([*rows, text], "en") == ("ports.csv", "Harbours")
    answer = Answer("Who?", "", (), (*rows, text), True, "en", "extractive", 1)
    assert [words for _, words in nearest_rows(answer)] == ["Port: 7", "The harbour sleeps.", "Port: 2"]
    assert re.findall(r'data-doc="(\w+)"', turn_html(turn_of(answer, "t", 0.1), "en")) == ["k7", "h", "k2"]
