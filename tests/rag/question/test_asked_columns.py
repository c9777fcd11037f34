"""Which column of a row is asked for: the row read a column at a time; which section a row is in; formulas."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import pytest

from index.records import BETWEEN, is_uncalculated, uncalculated
from index.types import Document, Passage
from rag.question.alike import alike, names
from rag.question.kinds.answer_type import Expectation
from rag.question.rows.asked_columns import Asked
from rag.question.rows.asked_rows import ask_of_rows, meant_first, pointed_again
from rag.question.rows.rereading import Rereading
from rag.reading.profile import profile_of
from rag.reading.short.cells import answering_cell
from rag.types import Reading, ScoredPassage

HOURS = ("Day: Friday", "From: 9", "Until: 17")
WHEN = "Bis wann ist am Friday offen?"


def row_hit(
    cells: Sequence[str], words: str = "", *, section: str = "", document: str = "d", place: int = 0
) -> ScoredPassage:
    """A row as a hit, in which the reader points at words."""
    text = BETWEEN.join(cells)
    columns = [cell.partition(": ")[0] for cell in cells]
    table = {"start": place, "end": place + len(text), "title": section, "columns": columns}
    passage = Passage(f"{document}:{place}", document, place, place + len(text), text, "en", section)
    at = place + text.index(words)
    reading = Reading(2.0, at, at + max(1, len(words)), -0.1, (0.0,), (0.0,))
    return ScoredPassage(passage, document, f"{document}.md", 1.0, {}, (), {"tables": [table]}, reading)


def documents(*hits: ScoredPassage) -> Callable[[str], Document]:
    """Look up the document of the first hit, whose row is all of its text."""
    hit = hits[0]
    made = Document("d", "T", "d.md", "en", hit.passage.text, dict(hit.metadata), "0")
    return lambda name: replace(made, id=name)


def sure_of(odds: Mapping[str, float]) -> Rereading:
    """Read as one who is as sure of each column as is said."""

    def again(hits: Sequence[ScoredPassage]) -> list[Reading]:
        last = [hit.passage.text.rpartition(BETWEEN)[2].partition(": ")[0] for hit in hits]
        return [Reading(odds[column], 0, 1, -0.2, (0.0,), (0.0,)) for column in last]

    return Rereading(again, profile_of("bundled").rows)


def words_of(
    hit: ScoredPassage, odds: Mapping[str, float], question: str = WHEN, wanted: Expectation | None = None
) -> str | None:
    """The words that are pointed at after the columns were read; `None` where they aren't known any more."""
    (found,) = pointed_again(Asked(question, "", sure_of(odds), wanted=wanted), [hit], documents(hit))
    assert found.reading is not None
    if found.reading.span < -50:
        return None
    start = found.passage.start
    return found.passage.text[found.reading.start - start : found.reading.end - start]


@pytest.mark.parametrize(
    ("pointed", "odds", "words"),
    [
        ("9", {"From": 0.0, "Until": 2.0}, "17"),  # the other column is asked for
        ("9", {"From": 2.0, "Until": 0.0}, "9"),
        ("9", {"From": 0.0, "Until": 0.4}, None),  # which of the two isn't known
        ("9", {"From": 0.5, "Until": 0.5}, "9"),  # nothing speaks against it
        ("9 | Until: 17", {"From": 2.0, "Until": 0.0}, "9"),  # within the cell in which the words begin
        ("9 | Until: 17", {"From": 0.0, "Until": 2.0}, "17"),
        ("Friday", {"From": 0.0, "Until": 2.0}, "17"),  # only repeats the question
    ],
)
def test_the_column_is_pointed_at_that_answers_by_itself(pointed: str, odds: Mapping[str, float], words: str) -> None:
    assert words_of(row_hit(HOURS, pointed), odds) == words


def test_a_column_that_the_question_names_alone_is_not_tried() -> None:
    hit = row_hit(HOURS, "17")
    assert words_of(hit, {"From": 9.0, "Until": 0.0}, "Until: which hour on Friday?") == "17"
    assert words_of(row_hit(HOURS, "9"), {"From": 0.0, "Until": 9.0}, "Until: which hour on Friday?") == "17"


def test_the_name_of_a_row_may_be_asked_for() -> None:
    odds, question = {"Day": 5.0, "From": 0.0, "Until": 9.0}, "When is it open longest?"
    assert words_of(row_hit(HOURS, "Friday"), odds, question) == "Friday"
    assert words_of(row_hit(HOURS, "9"), {**odds, "Day": 20.0}, question) == "17", "it stands beside each"


def test_no_words_are_known_where_an_empty_cell_is_nearly_as_likely() -> None:
    cells = ("Tool: Jigsaw", "Taken: 2 May", "Back: –")
    for odds, words in ((0.3, None), (-0.3, None), (-0.9, "2 May")):
        assert words_of(row_hit(cells, "2 May"), {"Taken": 0.0, "Back": odds}, "Wann kam Jigsaw wieder?") == words


def test_a_value_that_shares_a_word_with_the_question_may_answer_it() -> None:
    cells = ("Part: Pump", "Fault: leaks", "Fix: new pump seal", "Hours: 3")
    odds = {"Fault": 0.0, "Hours": 5.0}
    assert words_of(row_hit(cells, "new pump seal"), odds, "What helps when the pump is wet?") == "new pump seal"


def test_how_near_the_names_of_columns_are_counts_beside_the_reader() -> None:
    hit = row_hit(HOURS, "9")

    def near(words: Sequence[str]) -> list[float]:
        return [0.2 if word == "Until" else 0.0 for word in words]

    for odds, words in (({"From": 0.5, "Until": 0.0}, "17"), ({"From": 0.0, "Until": 0.0}, "9")):
        (found,) = pointed_again(Asked(WHEN, "", sure_of(odds), near), [hit], documents(hit))
        assert found.reading is not None
        assert found.passage.text[found.reading.start : found.reading.end] == words


def test_a_date_tells_nobody_and_a_word_no_number() -> None:
    cells = ("Patient: Fox", "Left: 2024-04-02", "Doctor: Osei")
    odds = {"Left": 3.0, "Doctor": 0.0}
    assert words_of(row_hit(cells, "Osei"), odds, "Who treats Fox?") == "Osei"
    number = Expectation(amount=0.0, date=0.9, year=0.0)
    assert (
        words_of(row_hit(cells, "2024-04-02"), {"Left": 0.0, "Doctor": 3.0}, "Wann ging Fox?", number) == "2024-04-02"
    )


def test_an_empty_column_of_an_unknown_kind_may_be_a_date() -> None:
    cells = ("Sensor: QX", "Charge: 17", "Changed: –", "Tags: dust")  # no other row says what "Changed" holds
    hit, date = row_hit(cells, "17"), Expectation(amount=0.0, date=0.9, year=0.0)
    for odds, said in (({"Charge": 0.0, "Changed": 3.0, "Tags": -5.0}, "Changed: not given in row 1"), (None, "")):
        again = sure_of(odds or {"Charge": 3.0, "Changed": 0.0, "Tags": -5.0})
        asked = Asked("When was the battery of QX replaced?", "", again, wanted=date)
        assert ask_of_rows(asked, [hit], documents(hit)) == said


def test_a_date_stands_in_an_empty_column_where_one_is_asked_for() -> None:
    seen: list[str] = []

    def again(hits: Sequence[ScoredPassage]) -> list[Reading]:
        seen.extend(one.passage.text for one in hits)
        return [Reading(0.0, 0, 1, -0.2, (0.0,), (0.0,)) for _ in hits]

    hit = row_hit(("Sensor: QX", "Charge: 17", "Changed: –", "Tags: dust"), "17")
    wanted = Expectation(amount=0.0, date=0.9, year=0.0)
    asked = Asked("Wann war QX leer?", "", Rereading(again, profile_of("bundled").rows), wanted=wanted)
    ask_of_rows(asked, [hit], documents(hit))
    assert any(text.endswith("Changed: 3.5.1990") for text in seen)
    assert not any(text.endswith("Changed: dust") for text in seen)


SUMMER, WINTER = "Summer", "Winter"


def two_sections(words: str = "10") -> list[ScoredPassage]:
    rows = (SUMMER, ("Pier: Arz", "Last: 21:50")), (WINTER, ("Pier: Arz", "Last: 18:10"))
    hits = [row_hit(cells, section=name, place=place * 100) for place, (name, cells) in enumerate(rows)]
    return [replace(hit, metadata={"tables": [one.metadata["tables"][0] for one in hits]}) for hit in hits]  # type: ignore[index]


def test_what_stands_above_a_table_says_which_row_is_meant() -> None:
    hits = two_sections()
    meant, others = meant_first("When is the last ferry from Arz in winter?", hits)
    assert ([hit.passage.heading for hit in meant], [hit.passage.heading for hit in others]) == ([WINTER], [SUMMER])
    assert meant_first("When is the last ferry from Arz?", hits) == (tuple(hits), ())


def test_titles_part_rows_of_several_files_and_not_those_of_one() -> None:
    cells = ("Item: Tent", "Night: 14")
    lake, hill = (replace(row_hit(cells, document=name), title=name) for name in ("Lakeside", "Hilltop"))
    assert meant_first("What does a tent cost at Hilltop?", [lake, hill])[0] == (hill,)
    other = replace(
        lake, passage=replace(lake.passage, id="x"), title="Hilltop"
    )  # a slide's title names the whole file
    assert meant_first("What does a tent cost at Hilltop?", [lake, other])[1] == ()


def test_a_row_of_another_section_that_is_as_likely_takes_the_words() -> None:
    first, second = two_sections()
    question = "Quand part le dernier bac de Arz en hiver ?"

    def span_beside(odds: float) -> float:
        assert second.reading is not None
        beside = replace(second, reading=replace(second.reading, answers=odds))
        found = pointed_again(Asked(question, "", sure_of({"Last": 0.0})), [first, beside], documents(first))
        assert found[0].reading is not None
        return found[0].reading.span

    assert span_beside(1.8) < -50
    assert span_beside(-3.0) == -0.1


def test_rows_of_two_sections_are_no_rows_to_be_counted() -> None:
    first, second = two_sections()
    assert ask_of_rows(Asked("How many leave from Arz?", "number"), [first, second], documents(first)) == ""
    again = replace(second, passage=replace(second.passage, heading=SUMMER), metadata=first.metadata)
    assert ask_of_rows(Asked("How many leave from Arz?", "number"), [first, first], documents(first)).startswith(
        "several rows"
    )
    assert again.passage.heading == SUMMER


def test_a_value_that_stands_in_two_rows_is_asked_for_where_its_column_is_named() -> None:
    hits = [row_hit(("Plant: Almada", f"Cells per litre: {value}")) for value in (10, 34)]
    assert ask_of_rows(Asked("How many cells per litre at Almada?", "number"), hits, documents(*hits)) == ""
    assert ask_of_rows(Asked("How many samples at Almada?", "number"), hits, documents(*hits)).startswith(
        "several rows"
    )


TOTAL = ("Item: Sum", "Planned: –", f"Spent: {uncalculated('=SUM(C2:C4)')}", "Pages: 55")


def test_a_formula_without_its_result_is_what_is_asked_for_and_no_answer() -> None:
    odds = {"Planned": 1.0, "Spent": 5.0, "Pages": 0.0}
    hit = row_hit(TOTAL, "55")
    assert ask_of_rows(Asked("Wie viel kostete die Sum?", "", sure_of(odds)), [hit], documents(hit)) == ""
    assert words_of(hit, odds, "Wie viel kostete die Sum?") == uncalculated("=SUM(C2:C4)")
    at = row_hit(TOTAL, "SUM(C2:C4)")
    odds = {"Planned": 5.0, "Spent": 1.0, "Pages": 0.0}
    assert ask_of_rows(Asked("Wie viel kostete die Sum?", "", sure_of(odds)), [at], documents(at)) == "", (
        "it points there itself"
    )
    place = answering_cell(
        at, at.passage.text.index("SUM"), at.passage.text.index("SUM") + 3, "What was spent?", "", None
    )
    assert place is not None
    assert place[0] == place[1], "a formula is no answer"


def test_an_empty_cell_beside_a_formula_is_said() -> None:
    hit = row_hit(TOTAL, "55")
    odds = {"Planned": 5.0, "Spent": 1.0, "Pages": 0.0}
    found = ask_of_rows(Asked("Wie viel war für die Sum vorgesehen?", "", sure_of(odds)), [hit], documents(hit))
    assert found == "Planned: not given in row 1"


def test_formulas_are_known_by_what_stands_for_them() -> None:
    assert is_uncalculated(uncalculated("=A1"))
    assert is_uncalculated(uncalculated(""))
    assert not is_uncalculated("(=A1)")
    assert not is_uncalculated("not calculated")


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("चने", "चना", True),
        ("चने", "चार", False),
        ("की", "का", False),
        ("manages", "manager", True),
        ("10", "100", False),
    ],
)
def test_words_are_alike_but_for_their_endings(one: str, other: str, same: bool) -> None:
    assert alike(one, other) == same


def test_a_label_is_named_by_all_its_words() -> None:
    assert names("What is the last price of the day?", "Last price")
    assert not names("What is the price of the day?", "Last price")
    assert not names("What is it?", "")
