"""Quotes are whole thoughts: no headings, labels or lines of keywords; lists and reasons to their end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.types import Passage
from rag.output.whole_thoughts import is_heading, list_around
from rag.reading.quotes.choosing import pick_sentences
from rag.types import Rank, Reading, ScoredPassage, ScoredSentence
from tests.harness.pointing_reader import passage, read

HEADED = "Fields of cooperation\n\nIraq wants help with roads and water, said the minister. He left on Monday."


@pytest.mark.parametrize("heading", ["", "Fields of cooperation", "Report > Fields of cooperation"])
def test_a_heading_is_never_the_quote(heading: str) -> None:
    pieces = ["Fields of cooperation", "Iraq wants help with roads and water, said the minister.", "He left on Monday."]
    hit = read(HEADED, pieces, pieces[0], heading)
    quote = pick_sentences([hit], 1, "Which fields?", "en")[0]
    assert not quote.text.startswith("Fields")


@pytest.mark.parametrize(
    ("line", "named"),
    [
        ("Keywords: tanks, trade, Iraq", True),
        ("关键词：坦克，贸易", True),
        ("الكلمات المفتاحية: دبابات", True),
        ("Abstract:", True),
        ("## Results", True),
        ("Date: 5 May 2020", False),
        ("## Director: Anna Weiss", False),
        ("He left on Monday.", False),
        ("- water", False),
    ],
)
def test_labels_and_lines_of_keywords_are_told_from_sentences(line: str, named: bool) -> None:
    text = f"{line}\nThe paper is about many things, and about a few of them at length."
    hit = passage(text, line)
    assert is_heading(hit, 0, len(line)) is named


LISTED = "He named these fields:\n- water\n- energy\n- roads\n\nThen he left for the airport."


@pytest.mark.parametrize("best", ["He named these fields:", "- energy"])
def test_a_list_is_quoted_whole_with_what_introduces_it(best: str) -> None:
    pieces = ["He named these fields:", "- water", "- energy", "- roads", "Then he left for the airport."]
    quote = pick_sentences([read(LISTED, pieces, best)], 1, "Which fields did he name?", "en")[0]
    assert quote.text == "He named these fields: - water - energy - roads"
    assert LISTED[quote.start : quote.end].endswith("\n- roads")


def test_a_table_of_contents_too_long_is_no_quote() -> None:
    text = "Contents:\n" + "\n".join(f"- chapter {n} about something or other that is long" for n in range(60))
    assert list_around(passage(text, "Contents:"), 0, 9) is None


def test_reasons_on_both_sides_are_quoted() -> None:
    text = "It is cheap enough. It fits Arab armies. It comes very soon."
    places = ((0, 19), (20, 40), (41, 60))
    kept = Passage("d:0", "d", 0, len(text), text, "en", "")
    scores = (-1.5, 0.0, -1.6)
    hit = ScoredPassage(
        kept, "Title", "d.md", 0.5, {"reader": Rank(1, 9.0)}, tuple(ScoredSentence(*one, 0.5) for one in places), {},
        Reading(4.0, 20, 40, -0.1, scores, scores, "pointing"),
    )  # fmt: skip
    assert pick_sentences([hit], 1, "Why does Iraq buy it?", "en")[0].text == text
    assert pick_sentences([hit], 1, "What does Iraq buy?", "en")[0].text != text


def test_a_second_reason_is_quoted_though_the_reader_passes_over_it() -> None:
    text = "Der Hafen wuchs, weil die Schiffe wuchsen. Außerdem fehlten Liegeplätze. Die Stadt zahlte."
    pieces = ["Der Hafen wuchs, weil die Schiffe wuchsen.", "Außerdem fehlten Liegeplätze.", "Die Stadt zahlte."]
    quote = pick_sentences([read(text, pieces, pieces[0])], 1, "Warum wuchs der Hafen?", "de")[0]
    assert quote.text == f"{pieces[0]} {pieces[1]}"


def test_a_heading_that_answers_is_quoted_with_what_it_heads() -> None:
    pieces = ["The Treaty of Lausanne", "It ended the war and drew the border of the country anew."]
    text = "\n\n".join(pieces)
    hit = read(text, pieces, pieces[0])
    seen = replace(hit.reading, words=(-0.1, -5.0)) if hit.reading else None
    quote = pick_sentences([replace(hit, reading=seen)], 1, "Which treaty ended the war?", "en")[0]
    assert quote.text == " ".join(pieces)


def crossing(text: str, pieces: list[str], words: str, language: str, sure: float = -0.1) -> ScoredPassage:
    """A passage whose first piece surely answers, by words that may go on in the next one."""
    places = [(text.find(piece), text.find(piece) + len(piece)) for piece in pieces]
    scores = (0.0, *(-9.0 for _ in pieces[1:]))
    at = text.find(words)
    return ScoredPassage(
        Passage("d:0", "d", 0, len(text), text, language, ""), "Title", "d.md", 0.5, {"reader": Rank(1, 9.0)},
        tuple(ScoredSentence(*one, 0.5) for one in places), {},
        Reading(4.0, at, at + len(words), sure, scores, tuple(-9.0 for _ in pieces), "pointing"),
    )  # fmt: skip


THAI = ["สถานีวิจัยอยู่บนเทือกเขาแดนลาว", "ตำบลแม่งอน อำเภอฝาง", "มีดอกไม้มากมายในฤดูหนาว"]


def test_words_that_go_on_behind_a_sentence_are_quoted_whole() -> None:
    text = " ".join(THAI)
    words = "เทือกเขาแดนลาว ตำบลแม่งอน อำเภอฝาง"
    quote = pick_sentences([crossing(text, THAI, words, "th")], 1, "สถานีวิจัยอยู่ที่ไหน", "th")[0]
    assert quote.text == f"{THAI[0]} {THAI[1]}" == text[quote.start : quote.end]
    abbreviated = ["Das Amt sitzt in der Str.", "des 17. Juni.", "Es hat acht Zimmer."]
    hit = crossing(" ".join(abbreviated), abbreviated, "der Str. des 17. Juni", "de")
    assert pick_sentences([hit], 1, "Wo sitzt das Amt?", "de")[0].text == "Das Amt sitzt in der Str. des 17. Juni."


def test_words_that_end_in_their_sentence_or_are_unsure_or_cross_paragraphs_widen_nothing() -> None:
    text, words = " ".join(THAI), "เทือกเขาแดนลาว ตำบลแม่งอน อำเภอฝาง"
    for hit in (
        crossing(text, THAI, "เทือกเขาแดนลาว", "th"),
        crossing(text, THAI, words, "th", sure=-4.0),
        crossing("\n\n".join(THAI), THAI, "\n\n".join(THAI[:2])[16:], "th"),
    ):
        assert pick_sentences([hit], 1, "สถานีวิจัยอยู่ที่ไหน", "th")[0].text == THAI[0]


VISIT = ["Saadoun praised the exhibition.", "It was a sunny day.", "The chairman, El-Terras, told him of the plan."]


def other(span: float) -> list[ScoredPassage]:
    """Passages of another document, of which the first has a better sentence and the second the words."""
    text = " ".join(VISIT)
    hit = crossing(text, VISIT, "El-Terras", "en", span)
    assert hit.reading is not None
    cut = text.index(VISIT[2])
    halves = ((0, cut - 1, hit.sentences[:2], -4.0), (cut, len(text), hit.sentences[2:], span))
    return [
        replace(
            hit,
            passage=Passage(f"e:{start}", "e", start, end, text[start:end], "en", ""),
            sentences=sentences,
            reading=replace(hit.reading, span=sure, sentences=tuple(-start / 99 for _ in sentences)),
            score=0.4,
        )
        for start, end, sentences, sure in halves
    ]


@pytest.mark.parametrize(("span", "quoted"), [(-0.1, VISIT[2]), (-3.0, VISIT[0])], ids=["surely", "hardly"])
def test_a_further_document_is_quoted_with_the_words_that_it_bears_witness_with(span: float, quoted: str) -> None:
    pieces = ["El-Terras heads the AOI."]
    first = crossing(pieces[0], pieces, "El-Terras", "en")
    picks = pick_sentences([first, *other(span)], 2, "Who heads the AOI?", "en")
    assert picks[0].text == pieces[0] and quoted in picks[1].text
    assert picks[1].text == " ".join(VISIT)[picks[1].start : picks[1].end]
