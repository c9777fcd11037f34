"""Which row of a table is meant, what an empty cell of it answers, and which sentences are labels only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

import index
from index.language.folding import fold
from index.language.words import tokens
from index.sources.discovery import discover
from index.sources.reading import read
from index.types import Document, Passage
from rag import Assistant
from rag.config import AnswerConfig
from rag.question.kinds.expectations import expected
from rag.question.rows.asked_columns import Asked
from rag.question.rows.asked_rows import ask_of_rows, meant_first
from rag.question.rows.empty_fields import empty_field
from rag.question.rows.named_rows import row_around
from rag.question.rows.rereading import Rereading
from rag.reading.loading import load_reader
from rag.reading.profile import profile_of
from rag.reading.quotes.choosing import pick_sentences
from rag.reading.quotes.labels import is_label
from rag.types import Reading, ScoredPassage, ScoredSentence

ROWS = profile_of("bundled").rows
BRANCHES = """| Branch | Manager | Deputy | Budget 2023 | Budget 2024 |
|---|---|---|---|---|
| Paris | Anna Keller | Tom Reyes | 90000 | 95000 |
| Lyon | Mei Tanaka | | | 41000 |
| Nice | | Omar Haddad | 38000 | |
"""
ORDERS = "order,country,month,total\n1,Norway,April,10.50\n2,Japan,May,4.00\n3,Norway,May,7.25\n"


def hits_of(folder: Path, name: str, text: str) -> tuple[list[ScoredPassage], dict[str, Document]]:
    """Every line of the documents of a file as a hit, in order."""
    (folder / name).write_text(text, encoding="utf-8")
    (file,) = discover([folder / name]).files
    documents = read(file).documents
    hits = []
    for document in documents:
        start = 0
        for number, line in enumerate(document.text.split("\n")):
            end = start + len(line)
            passage = Passage(f"{document.id}:{number}", document.id, start, end, line, "en", "")
            sentence = ScoredSentence(start, end, 0.5)
            hits += (
                [ScoredPassage(passage, "T", document.source, 1.0, {}, (sentence,), document.metadata)] if line else []
            )
            start = end + 1
    return hits, {document.id: document for document in documents}


def reason(question: str, hits: Sequence[ScoredPassage], documents: dict[str, Document]) -> str:
    asked = Asked(question, expected(question))
    return ask_of_rows(asked, meant_first(question, hits)[0], documents.__getitem__)


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("Who is the deputy in Lyon?", "Deputy: not given in table 1, row 3"),
        ("Who manages the Nice branch?", "Manager: not given in table 1, row 4"),
        ("What is the budget of Nice in 2024?", "Budget 2024: not given in table 1, row 4"),
        ("Quel est le budget de Lyon en 2023 ?", "Budget 2023: not given in table 1, row 3"),
        ("What is the budget of Lyon for 2024?", ""),
        ("Who manages Lyon?", ""),
        ("What is the budget of Lyon?", ""),
        ("Who is the deputy in Paris?", ""),
        ("Who is Omar Haddad?", ""),
        ("Where is the head office?", ""),
    ],
)
def test_an_empty_cell_is_no_answer_and_its_neighbour_neither(tmp_path: Path, question: str, missing: str) -> None:
    assert reason(question, *hits_of(tmp_path, "b.md", BRANCHES)) == missing


def test_a_row_that_holds_more_of_the_question_stands_before_the_others(tmp_path: Path) -> None:
    rows = ["| EU | Cable | 12 |", "| EU | Connector | 7 |", "| US | Connector | 19 |"]
    text = "\n".join(["| Region | Product | Units |", "|---|---|---|", *rows])
    hits, _ = hits_of(tmp_path, "a.md", text)
    meant, others = meant_first("How many connectors were sold in the US?", hits)
    assert [hit.passage.text for hit in meant] == ["Region: US | Product: Connector | Units: 19"]
    assert len(others) == 2
    assert meant_first("Which products are there?", hits) == (tuple(hits), ())


def test_of_two_objects_that_hold_the_same_name_the_one_with_what_is_asked_is_meant(tmp_path: Path) -> None:
    order = '{"id": "A-100", "customer": "Mei", "items": [{"sku": "lamp", "price": 49.9}], "total": 279.8}'
    hits, _ = hits_of(tmp_path, "a.json", f'{{"shop": "Nord", "orders": [{order}]}}')
    of_item, of_order = (next(hit for hit in hits if name in hit.passage.text) for name in ("sku", "total"))
    meant, others = meant_first("What is the total of order A-100?", [of_item, of_order])
    assert (meant, others) == ((of_order,), (of_item,))
    assert meant_first("What is the price of the lamp in order A-100?", [of_order, of_item])[0] == (of_item,)


def test_a_list_that_names_what_is_asked_for_outdoes_one_that_says_nothing_of_it(tmp_path: Path) -> None:
    inn, _ = hits_of(tmp_path, "inn.txt", "Soup ........ 6.50 EUR\nTrout ........ 14.20 EUR")
    cinema, _ = hits_of(tmp_path, "cinema.txt", "Stalls ........ 9 EUR\nBalcony ........")
    cinema = [replace(hit, title="Cinema Lumen") for hit in cinema]
    hits = [*inn, *cinema]
    meant, others = meant_first("How much is the balcony of the Cinema Lumen?", hits)
    assert (meant, others) == ((cinema[1],), (*inn, cinema[0]))
    assert meant_first("How much is the balcony?", hits)[0][:2] == tuple(inn)  # no title is named


SHIPS = """Ship,Top speed,Crew
Heron 7,9,5
Heron 5,6,7
Heron 5 XL,8,5
Swan 5,4,12
R 12,12,2
R 2,3,12
"""


@pytest.mark.parametrize(
    ("question", "row"),
    [
        ("How fast is the Heron 5?", "Ship: Heron 5 |"),  # exact before partial, and no crew of 5
        ("How fast is the Heron 5 XL?", "Ship: Heron 5 XL |"),
        ("How fast is the Swan 5?", "Ship: Swan 5 |"),
        ("Wie schnell sind die Herons 7?", "Ship: Heron 7 |"),
        ("¿Qué velocidad tiene el R 12?", "Ship: R 12 |"),
        ("R 2: how fast?", "Ship: R 2 |"),
    ],
)
def test_the_row_is_meant_whose_name_the_question_holds(tmp_path: Path, question: str, row: str) -> None:
    hits, _ = hits_of(tmp_path, "ships.csv", SHIPS)
    meant, _ = meant_first(question, hits)
    assert [hit.passage.text[: len(row)] for hit in meant if hit.passage.text.startswith("Ship: ")] == [row]


def test_rows_are_not_counted(tmp_path: Path) -> None:
    hits, documents = hits_of(tmp_path, "o.csv", ORDERS)
    assert "several rows" in reason("How many orders came from Norway?", hits, documents)
    assert reason("Which orders came from Norway?", hits, documents) == ""
    assert reason("How much was the order from Norway in May?", hits, documents) == ""
    assert reason("How many orders came from Japan?", hits, documents) == ""


def test_the_row_is_the_quote_whole_and_alone(tmp_path: Path) -> None:
    hits, _ = hits_of(tmp_path, "b.md", BRANCHES)
    second = hits[1].passage
    piece = ScoredSentence(second.start + 15, second.start + 30, 0.9)  # of a long row, as it is embedded
    cut = ScoredPassage(second, "T", "s", 1.0, {}, (piece,), hits[1].metadata)
    (pick,) = pick_sentences([cut], 2, "Who manages Lyon?")
    assert pick.text == second.text
    assert row_around(cut, piece.start) == (second.start, second.end)


def hit_of(text: str, heading: str = "", **metadata: object) -> ScoredPassage:
    passage = Passage("d:0", "d", 0, len(text), text, "en", heading)
    return ScoredPassage(passage, "T", "d.md", 1.0, {}, (), metadata)


@pytest.mark.parametrize(
    ("text", "question", "label"),
    [
        ("Name: ____________", "What is the name?", True),
        ("Date of birth ……………", "When was she born?", True),
        ("Telephone:", "What is the telephone number?", True),
        ("電話番号：", "電話番号は？", True),
        ("Start date: –", "When does the lease start?", True),
        ("Haustiere: ☐", "Sind Haustiere erlaubt?", True),
        ("Start date: 3 May – 4 June", "When does the lease start?", False),
        ("Keywords: pumps, water, leaks", "Which pumps leak?", True),
        ("Ключевые слова: вода, насосы", "Где вода?", True),
        ("关键词：水泵", "水泵在哪里？", True),
        ("Containers per quarter", "How many containers are there per quarter?", True),
        ("Container je Quartal", "Wie viele Container gibt es je Quartal?", True),
        ("Containers per quarter: 1,200", "How many containers are there per quarter?", False),
        ("Name: Anna Keller", "What is the name?", False),
        ("The pumps leak.", "Which pumps leak?", False),
        ("Pumps ............... 12", "How many pumps are there?", True),  # a line of a table of contents
        ("Pumps . . . . . . . . xii", "How many pumps are there?", True),
        ("Pumps ... 12 of them leak.", "How many pumps are there?", False),
        ("- Wi-Fi in all rooms", "Where is Wi-Fi in all rooms?", False),
        ("Tea is served", "Is tea served?", False),
        ("It opened in 1903", "When did it open?", False),
    ],
)
def test_labels_are_told_from_answers(text: str, question: str, label: bool) -> None:
    assert is_label(hit_of(text), 0, len(text), question) == label


def test_a_box_that_was_not_ticked_says_no_in_a_form_that_was_filled_in() -> None:
    empty, filled = "Water needed: ☐", "Water needed: ☐\nOwner: Ada Lind"
    assert is_label(hit_of(empty), 0, len(empty), "Does she need water?")
    assert not is_label(hit_of(filled), 0, len(empty), "Does she need water?")
    assert is_label(hit_of(filled), 0, len(empty), "What does she need?")
    assert is_label(hit_of(filled.replace("☐", "____")), 0, len(empty) + 3, "Does she need water?")


def test_headings_empty_rows_and_lists_of_titles_are_labels() -> None:
    text = "The harbour of Oslo\n\nIt opened in 1903."
    hit = hit_of(text, headings=[[0, 1, "The harbour of Oslo"]])
    assert is_label(hit, 0, 19, "Who built the harbour?")
    assert not is_label(hit, 21, len(text), "Who built the harbour?")
    row = "Town: – | People: –"
    assert is_label(hit_of(row, tables=[{"start": 0, "end": len(row), "columns": ["Town", "People"]}]), 0, len(row))
    filled, empty = "Phone | 555 123", "Date of birth | –"
    form = hit_of(f"{filled}\n{empty}", tables=[{"start": 0, "end": len(filled) + 1 + len(empty)}])
    assert not is_label(form, 0, len(filled), "What is the phone number?")
    assert is_label(form, len(filled) + 1, len(filled) + 1 + len(empty), "When was she born?")
    result = hit_of("Insured\n\nPaid\n\nInsured: yes\nPaid in full")
    assert is_label(result, 0, 7, "What does it cost?")
    assert not is_label(result, 9, 13, "What does it cost?")
    listed = hit_of("Moe, The Great Storm of Vardo, 1998.", "Further reading")
    assert is_label(listed, 0, 36, "When was the great storm?")
    assert not is_label(listed, 0, 36, "Which books tell of the great storm?")


def test_a_label_alone_is_no_answer() -> None:
    text = "Containers per quarter"
    assert pick_sentences([hit_of(text)], 2, "How many containers per quarter?") == []


def test_exponents_are_no_digits_of_a_number() -> None:
    assert fold("10⁶") != fold("106")
    assert [token.form for token in tokens("H₂O and m²")] == ["h2o", "and", "m2"]


def test_a_question_about_an_empty_cell_is_refused_and_told_why(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "branches.md").write_text(BRANCHES, encoding="utf-8")
    index.build([tmp_path / "in"], index_dir=tmp_path / "made", embedder="hashing")
    config = AnswerConfig(reader="none", min_confidence=0.0)
    assistant = Assistant(index_dir=tmp_path / "made", config=config)
    refused = assistant.answer("Who is the deputy in Lyon?")
    assert refused.refused
    assert "Deputy: not given in table 1, row 3" in refused.warnings
    result = assistant.answer("Who is the deputy in Paris?")
    assert result.citations[0].quote.startswith("Branch: Paris | Manager: Anna Keller | Deputy: Tom Reyes")
    assert result.citations[0].location == "table 1, row 2"


FARES = """| From | To | Single | Return | Minutes |
|---|---|---|---|---|
| Brig | Visp | 4.20 | 8.40 | 9 |
| Visp | Stalden | 6.60 | | 13 |
| Visp | Zermatt | | 74.00 | 69 |
"""
MACHINES = """| Maschine | Beginn | Preis | Geprüft am | Prüfer |
|---|---|---|---|---|
| Presse P-9 | 22:15 | 8.150,50 € | 02.02.2023 | K. Brandt |
| Fräse F-2 | | 12.400,00 € | 14.03.2024 | |
| Säge S-3 | 06:45 | 310,00 € | | H. Yıldız |
"""


@pytest.mark.parametrize(
    ("table", "row", "question", "missing"),
    [
        (FARES, "Stalden", "Combien coûte l'aller-retour de Visp à Stalden ?", "Return: not given in table 1, row 3"),
        (FARES, "Stalden", "What does a round trip from Visp to Stalden cost?", "Return: not given in table 1, row 3"),
        (FARES, "Stalden", "How long does it take from Visp to Stalden?", ""),
        (FARES, "Zermatt", "Wie lange dauert die Fahrt von Visp nach Zermatt?", ""),
        (BRANCHES, "Lyon", "¿Quién es el subdirector en Lyon?", "Deputy: not given in table 1, row 3"),
        (BRANCHES, "Lyon", "Qui dirige Lyon ?", ""),
        (BRANCHES, "Nice", "Wer leitet die Filiale Nice?", "Manager: not given in table 1, row 4"),
        (MACHINES, "Fräse F-2", "When does machine F-2 start?", "Beginn: not given in table 1, row 3"),
        (MACHINES, "Fräse F-2", "How much does F-2 cost?", ""),
        (MACHINES, "Fräse F-2", "Wer hat die Fräse F-2 geprüft?", "Prüfer: not given in table 1, row 3"),  # not when
        (MACHINES, "Säge S-3", "Wer hat die Säge S-3 geprüft?", ""),  # that it isn't told when says nothing of by whom
    ],
)
def test_a_column_named_in_other_words_is_found_column_by_column(
    tmp_path: Path, table: str, row: str, question: str, missing: str
) -> None:
    reader = load_reader("bundled")
    assert reader is not None
    hits, documents = hits_of(tmp_path, "b.md", table)
    hit = next(hit for hit in hits if f": {row} |" in hit.passage.text)
    hit = replace(hit, reading=reader.read(question, [hit])[0])
    asked = Asked(question, expected(question), Rereading(lambda again: reader.read(question, again), ROWS))
    assert ask_of_rows(asked, [hit], documents.__getitem__) == missing


def test_an_empty_cell_is_tried_with_what_stands_in_its_column(tmp_path: Path) -> None:
    tried: list[str] = []

    def again(hits: Sequence[ScoredPassage]) -> list[Reading]:
        tried.extend(hit.passage.text for hit in hits)
        return [Reading(0.0, 0, 1, -0.1, (0.0,), (0.0,)) for _ in hits]

    hits, documents = hits_of(tmp_path, "b.md", FARES)
    hit = next(hit for hit in hits if "Stalden" in hit.passage.text)
    hit = replace(hit, reading=Reading(0.0, hit.passage.start, hit.passage.end, -0.1, (0.0,), (0.0,)))
    question = "Was kostet es von Visp nach Stalden?"
    asked = Asked(question, expected(question), Rereading(again, ROWS))
    assert not ask_of_rows(asked, [hit], documents.__getitem__), "all are equally sure"
    assert sorted(tried) == [
        "From: Visp | To: Stalden | Minutes: 13",
        "From: Visp | To: Stalden | Return: 74.00",
        "From: Visp | To: Stalden | Single: 6.60",
    ]


def test_rows_of_names_and_numbers_have_the_language_of_their_table(tmp_path: Path) -> None:
    countries = ("Norway", "Japan", "Kenya", "Spain")
    rows = [f"{n},Customer {n},{countries[n % 4]},{n}.50,2024-01-0{n % 9 + 1}" for n in range(100, 140)]
    _, documents = hits_of(tmp_path, "o.csv", "\n".join(["order,customer,country,total,date", *rows]))
    assert {document.language for document in documents.values()} == {"en"}
    texts = [
        "Die Brücke über den Fluss wurde im Jahr 1911 gebaut und später erweitert.",
        "El puente fue construido en 1911 y ampliado más tarde por la ciudad.",
    ]
    _, documents = hits_of(
        tmp_path, "t.csv", "\n".join(["nr,note,words", *(f"{n},x,{text}" for n, text in enumerate(texts))])
    )
    assert [document.language for document in documents.values()] == ["und", "und"]  # each is told by itself later


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        ("What is the budget of Project Heron?", "budget: 48000"),
        ("Wie hoch ist das Budget von Projekt Heron?", "budget: 48000"),
        ("How old is Nadia Brandt?", ""),
        ("What is the telephone number of Nadia Brandt?", ""),
    ],
)
def test_a_field_of_a_file_is_no_other_thing_of_whom_it_names(tmp_path: Path, question: str, quote: str) -> None:
    fields = "title: Project Heron\nauthor: Nadia Brandt\nstatus: paused\nbudget: 48000"
    (tmp_path / "heron.md").write_text(f"---\n{fields}\n---\nWe count the herons by the old mill.\n", "utf-8")
    index.build([tmp_path / "heron.md"], index_dir=tmp_path / "index")
    answer = Assistant(index_dir=tmp_path / "index").answer(question)
    assert answer.refused is not bool(quote)
    assert quote in "".join(citation.quote for citation in answer.citations[:1])


@pytest.mark.parametrize(
    ("text", "question", "expected"),
    [
        (
            "Owner: Mei Lin\nDate of birth: –\nInsured: yes",
            "What is the owner's date of birth?",
            "Date of birth: not given in T",
        ),
        (
            "Owner | Mei Lin\nDate of birth | –",
            "What is the date of birth of the owner?",
            "Date of birth: not given in T",
        ),
        ("Geburtsdatum Kind: –\nName: Ida", "Welches Geburtsdatum hat das Kind?", "Geburtsdatum Kind: not given in T"),
        ("Date of birth: –\nDate of birth: 3 May 1990", "What is the date of birth?", ""),
        ("Date of birth: –", "Who owns the house?", ""),
        ("Name: –\nThe harbour's name is Rosehill.", "What is the name of the harbour?", ""),
        ("Town: Oslo | Date of birth: –", "What is the date of birth?", ""),
        ("Owner: Mei Lin\nDate of birth: ______", "What is the date of birth?", "Date of birth: not given in T"),
        ("Owner: Mei Lin\nDate of birth:\nTown: Oslo", "What is the date of birth?", "Date of birth: not given in T"),
        ("Owner: Mei Lin\nDate of birth:\n3 May 1990", "What is the date of birth?", ""),
        ("姓名：王伟\n出生 日期：－－", "出生 日期？", ""),
    ],
)
def test_an_empty_field_of_a_form_is_reported(text: str, question: str, expected: str) -> None:
    document = Document("d", "T", "d.md", "en", text, {}, "")
    assert empty_field(question, [hit_of(text)], lambda _: document) == expected


LICENCE = "Fishing licence\n\nFull name: Marta Oliveira\nDate of birth: –\nRiver: Minho\nNumber of rods: 3\nTrout: ☐"
LEASES = [
    (
        "When does the lease start?",
        "Start date",
        "Tenant: Anna Keller\nStart date: –\nEnd date: 31 May 2026\nRent: 900 EUR",
    ),
    ("Wann beginnt das Mietverhältnis?", "Mietbeginn", "Mieter: Anna Keller\nMietbeginn:\nMietende: 31.5.2026"),
    ("Quand le bail commence-t-il ?", "Date de début", "Locataire : Anne\nDate de début: –\nDate de fin: 31 mai 2026"),
    ("租约什么时候开始？", "起始日期", "承租人：王伟\n起始日期：\n结束日期：2026年5月31日\n月租金：900元"),
    ("賃貸はいつ始まりますか？", "開始日", "借主: 田中\n開始日: ____\n終了日: 2026年5月31日\n月額賃料: 900円"),
    ("Когда начинается аренда?", "Дата начала", "Арендатор: Анна\nДата начала: –\nДата окончания: 31 мая 2026"),
    (
        "Kira ne zaman başlıyor?",
        "Başlangıç tarihi",
        "Kiracı | Ayşe\nBaşlangıç tarihi | –\nBitiş tarihi | 31 Mayıs 2026",
    ),
    ("किराया कब शुरू होता है?", "प्रारंभ तिथि", "किरायेदार: अनिता\nप्रारंभ तिथि: –\nसमाप्ति तिथि: 31 मई 2026"),
    ("اجاره از چه تاریخی شروع می‌شود؟", "تاریخ شروع", "مستأجر: علی\nتاریخ شروع: –\nتاریخ پایان: 31 مه 2026"),
    ("When does the lease start?", "Mietbeginn", "Mieter: Anna Keller\nMietbeginn: –\nMietende: 31.5.2026"),
    ("When does the lease end?", "", "Tenant: Anna Keller\nStart date: –\nEnd date: 31 May 2026"),
    ("When will the lease be over?", "", "Tenant: Anna Keller\nStart date: –\nEnd date: 31 May 2026"),
    ("When was the patient admitted?", "", "Name: Tom Reyes\nDate of birth: –\nAdmitted: 3 May 2024\nDischarged: –"),
    ("متى ينتهي عقد الإيجار؟", "", "المستأجر: أحمد\nتاريخ البدء: –\nتاريخ الانتهاء: 31 مايو 2026"),
    ("租约什么时候结束？", "", "承租人: 王伟\n起始日期: –\n结束日期: 2026年5月31日"),
    ("When does the lease start?", "", "Start date: –\nEnd date: 31 May 2026\n\nThe lease starts on 1 May 2024."),
    ("When was Marta Oliveira born?", "Date of birth", LICENCE),  # no other field holds a date
    ("Which river does Marta fish in?", "", LICENCE),
    ("When was the licence issued?", "", LICENCE),
    ("Wie viele Ruten hat Marta Oliveira?", "", LICENCE),
]


@pytest.mark.parametrize(("question", "label", "text"), LEASES)
def test_an_empty_field_that_is_asked_for_in_other_words(question: str, label: str, text: str) -> None:
    reader = load_reader("bundled")
    assert reader is not None
    document = Document("d", "Lease", "d.txt", "en", text, {}, "")
    hit = replace(hit_of(text), sentences=(), title="Lease")
    (reading,) = reader.read(question, [hit])
    result = empty_field(
        question,
        [replace(hit, reading=reading)],
        lambda _: document,
        Rereading(lambda changed: reader.read(question, changed), ROWS),
    )
    assert result == (f"{label}: not given in Lease" if label else "")


def test_an_empty_field_is_not_told_where_another_passage_says_it() -> None:
    text = LEASES[0][2]
    reader = load_reader("bundled")
    assert reader is not None
    question = LEASES[0][0]
    hits = [replace(hit_of(words), sentences=()) for words in (text, "The lease starts on 1 May 2024.")]
    hits = [replace(hit, reading=reading) for hit, reading in zip(hits, reader.read(question, hits), strict=True)]
    document = Document("d", "T", "d.txt", "en", text, {}, "")
    result = empty_field(
        question, hits, lambda _: document, Rereading(lambda changed: reader.read(question, changed), ROWS)
    )
    assert not result
