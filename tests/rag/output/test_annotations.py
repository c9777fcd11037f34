"""Citations as Web Annotations, and addresses that open a web page at the quoted words."""

from __future__ import annotations

from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.types import Document
from rag.output.annotations import annotation, text_fragment

TEXT = "The well-known bridge, built in 1911 & paid by the state, is long. The well-known bridge is old."


def page(text: str = TEXT, source: str = "https://news.example/a?b=1") -> Document:
    return Document("d", "Title", source, "en", text)


def at(words: str, text: str = TEXT) -> tuple[int, int]:
    start = text.rindex(words)
    return start, start + len(words)


def test_an_annotation_has_the_words_what_is_around_them_and_their_place() -> None:
    start, end = at("is long")
    result = annotation(page(), start, end, "urn:x:1")
    quoted, placed = result["target"]["selector"]
    assert (quoted["type"], quoted["exact"]) == ("TextQuoteSelector", "is long")
    assert TEXT[:start].endswith(quoted["prefix"])
    assert TEXT[end:].startswith(quoted["suffix"])
    assert len(quoted["prefix"]) == 32
    assert placed == {"type": "TextPositionSelector", "start": start, "end": end}
    assert result["@context"] == "http://www.w3.org/ns/anno.jsonld"
    assert (result["type"], result["id"], result["target"]["source"]) == (
        "Annotation",
        "urn:x:1",
        "https://news.example/a?b=1",
    )


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("built in 1911 & paid", "built%20in%201911%20%26%20paid"),
        ("bridge, built", "bridge%2C%20built"),
        ("well-known bridge is", "well%2Dknown%20bridge%20is"),
    ],
)
def test_words_are_named_as_the_directive_may_hold_them(words: str, expected: str) -> None:
    assert text_fragment(page(), *at(words)) == f"https://news.example/a?b=1#:~:text={expected}"


def test_words_that_stand_twice_are_told_by_those_before_them() -> None:
    assert text_fragment(page(), *at("The well-known bridge")).endswith(
        "state%2C%20is%20long.-,The%20well%2Dknown%20bridge"
    )


def test_of_long_words_the_ends_are_named_and_a_fragment_is_kept() -> None:
    text = "One two three. " + "word " * 60 + "four five six seven eight nine."
    result = text_fragment(page(text, "https://news.example/a#part"), 0, len(text))
    assert result.startswith("https://news.example/a#part:~:text=One%20two%20three.%20word%20word%20word,four%20five")
    assert len(result) < 200


@pytest.mark.parametrize(
    "source", ["seeds/a.md", "javascript:alert(1)", "file:///etc/passwd", "https:", "//a.example/b"]
)
def test_only_pages_of_the_web_have_an_address(source: str) -> None:
    assert text_fragment(page(source=source), 0, 5) == ""


@given(st.text(min_size=1, max_size=60))
def test_any_words_come_back_from_the_address(words: str) -> None:
    result = text_fragment(page(words), 0, len(words))
    plain = " ".join(words.encode("utf-8", "replace").decode("utf-8").split())
    assert result == "" if not " ".join(words.split()) else unquote(result.partition("#:~:text=")[2]) == plain
    assert not set(result.partition("#:~:text=")[2]) & set('-,& "<>#')
