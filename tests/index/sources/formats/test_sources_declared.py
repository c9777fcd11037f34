"""What files say in other ways than plain text: dates and authors of pages, fonts that tell letters in UTF-8."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.sources.formats.markup.webpage import extract_html
from index.sources.pdf.garbled import is_garbled, reread
from index.sources.reading import parse
from index.sources.types import ReadOptions, SourceFile
from tests.index.sources.test_sources_as_seen import text_of

BODY = "<p>The lighthouse at the northern cape was lit for the first time in the autumn of 1849.</p>" * 3


def fields(head: str, body: str = BODY) -> dict[str, object]:
    page = f"<!DOCTYPE html><html lang='en'><head><title>A lighthouse</title>{head}</head><body>{body}</body></html>"
    return extract_html(page).fields


def ld(**node: object) -> str:
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_json_ld_tells_dates_and_authors() -> None:
    article = {"@type": "NewsArticle", "datePublished": "2024-03-05T08:00:00Z", "dateModified": "2024-04-01"}
    result = fields(ld(**article, author=[{"name": "Ada  Byron"}, {"name": "Mary Somerville"}]))
    assert (result["date"], result["modified"]) == ("2024-03-05", "2024-04-01")
    assert result["author"] == "Ada Byron; Mary Somerville"
    nested = fields(ld(**{"@graph": [{"@type": "WebSite"}, {**article, "author": "Ada Byron"}]}))
    assert (nested["date"], nested["author"]) == ("2024-03-05", "Ada Byron")


@pytest.mark.parametrize(
    "markup",
    [
        "<meta property='article:published_time' content='2024-03-05'><meta name='dateModified' content='2024-04-01'>",
        "<meta itemprop='datePublished' content='2024-03-05'><meta property='og:updated_time' content='2024-04-01'>",
    ],
)
def test_meta_elements_tell_dates(markup: str) -> None:
    result = fields(markup)
    assert (result["date"], result["modified"]) == ("2024-03-05", "2024-04-01")


def test_a_marked_time_tells_a_date_and_an_unmarked_one_does_not_tell_a_change() -> None:
    times = "<time itemprop='datePublished' datetime='2024-03-05'>5 March</time><time datetime='1999-01-01'>then</time>"
    result = fields("", times + BODY)
    assert result["date"] == "2024-03-05"
    assert "modified" not in result


@pytest.mark.parametrize(
    "broken", ["{", "[" * 100_000, '"text"', '{"@graph": 3, "author": {"name": 5}, "datePublished": [1]}', "null"]
)
def test_broken_declarations_change_nothing(broken: str) -> None:
    script = f'<script type="application/ld+json">{broken}</script>'
    assert fields(script) == fields("")


RUSSIAN = (
    "Первое применение этой детали описано в справочном листе. Подпись и дата ставятся после проверки чертежа, "
    "масштаб указывает главный конструктор, а массу изделия уточняет отдел нормирования."
)


def as_utf16(text: str) -> str:
    """The text as it comes when each letter's two bytes of UTF-8 are taken for one character of UTF-16."""
    return "".join(c if ord(c) < 0x80 else c.encode("utf-8").decode("utf-16-be") for c in text)


@pytest.mark.parametrize("text", [RUSSIAN, "Η πρώτη εφαρμογή περιγράφεται στο φύλλο αναφοράς και στο σχέδιο. " * 3])
def test_letters_told_in_utf8_are_read_again(text: str) -> None:
    page = as_utf16(text)
    assert is_garbled(page)
    assert reread([[page]]) == [[text]]


def test_what_is_no_utf8_stays_as_it_is() -> None:
    korean = "이 문서는 등대의 역사를 설명한다. 등대는 천팔백사십구년에 처음으로 불을 밝혔다. " * 4
    assert not is_garbled(korean)
    assert reread([[korean]]) is None
    assert reread([[as_utf16("ЪЬЫЩЭЪЬЫЪЫЩ ЭЪЬЫ ЩЫЪЬЭ " * 12)]]) is None  # letters, but no language
    assert reread([["plain text"]]) is None


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.txt", "Łódź"),
        ("a.md", "# Łódź\n\nMiasto."),
        ("a.csv", "miasto,kraj\nŁódź,Polska\n"),
        ("a.json", '[{"miasto": "Łódź"}]'),
        ("a.srt", "1\n00:00:01,000 --> 00:00:02,000\nŁódź\n"),
        ("a.ics", "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Łódź\nEND:VEVENT\nEND:VCALENDAR\n"),
        ("a.html", "<html><body><p>Łódź</p></body></html>"),
        ("a.xml", "<miasto>Łódź</miasto>"),
        ("a.fb2", "<FictionBook><body><section><p>Łódź</p></section></body></FictionBook>"),
    ],
)
def test_what_a_server_says_of_letters_counts_in_every_format(name: str, text: str) -> None:
    data = text.encode("iso-8859-2")
    file = SourceFile(Path(name), name, len(data), 0, Path())
    result = parse(data, file, ReadOptions(), {"charset": "iso-8859-2"})
    assert "Łódź" in result.documents[0].text


def test_an_element_of_xml_without_its_value_is_empty_whatever_its_attributes_say(tmp_path: Path) -> None:
    written = (
        "<huts><hut id='1'><name>Fern</name><height unit='m'>1820</height></hut>"
        "<hut id='2'><name>Moor</name><height unit='m'/></hut><hut id='3'><name>Tarn</name><at x='5'/></hut></huts>"
    )
    assert text_of(tmp_path, "a.xml", written).split("\n") == [
        "hut 1 | id: 1 | name: Fern | height: 1820 (unit: m)",
        "hut 2 | id: 2 | name: Moor | height: –",
        "hut 3 | id: 3 | name: Tarn | at.x: 5",
    ]
