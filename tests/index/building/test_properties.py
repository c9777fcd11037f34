"""What files tell about themselves: words to be found and quoted, marked as no part of the text."""

# ruff: noqa: E501 - samples are left on their lines

from __future__ import annotations

import pytest

import index
from index.building.passages.properties import with_properties
from index.errors import ConfigError
from index.folders import folders_of, titled
from index.types import Document, location_at
from rag import Assistant

TEXT = "The pumps were tested in spring. Two of nine failed and were replaced by the workshop."


def document(source: str = "reports/safety.docx", **metadata: object) -> Document:
    return Document("d", "Safety report", source, "en", TEXT, metadata)  # type: ignore[arg-type]


def test_a_block_below_the_text() -> None:
    found = with_properties(
        document(author="Mei Lin", date="2024-03-02", status="paused", tags=["a"], aliases=["Reiher", "Heron"])
    )
    start, end = found.metadata["properties"]  # type: ignore[misc]
    assert found.text[:start] == TEXT + "\n\n"
    assert found.text[start:end].split("\n") == [
        "About the file safety.docx", "", "Author: Mei Lin", "status: paused", "Also called: Reiher, Heron",
        "Date: 2 March 2024 (2024-03-02)",
    ]  # fmt: skip
    assert found.metadata["headings"] == [[start, 1, "About the file safety.docx"]]
    assert found.digest
    assert location_at(found, start + 40) == "from the file's properties"
    assert location_at(found, 4) == ""
    assert with_properties(found) is found


@pytest.mark.parametrize(
    ("source", "metadata"),
    [
        ("a/b.txt", {}), ("a/b.csv#3", {"author": "Mei"}), ("a/b.eml", {"author": "Mei", "sender": "Mei"}),
        ("a/b.docx", {"author": "python-docx", "date": "2013-12-23"}), ("a/b.md", {"note": "long " * 40, "topics": ["x"], "headings": []}),
    ],
)  # fmt: skip
def test_nothing_to_tell(source: str, metadata: dict[str, object]) -> None:
    one = document(source, **metadata)
    assert with_properties(one) is one


def test_pages_are_counted_where_they_are_pages() -> None:
    assert "Pages: 3" in with_properties(document("a/b.pdf", pages=[0, 5, 9])).text
    assert with_properties(document("a/b.epub", pages=[0, 5, 9])).text == TEXT


def test_where_words_were_read_by_ocr() -> None:
    one = document("a/b.pdf", pages=[0, 33], ocr=[[33, len(TEXT)]])
    assert location_at(one, 2) == "p. 1"
    assert location_at(one, 40) == "p. 2, read by OCR"


def test_folders_are_context() -> None:
    assert folders_of("docs/Nordfrost/2024/contract.txt") == "Nordfrost 2024"
    assert folders_of("docs/contract.txt#4") == ""
    assert folders_of("https://example.org/a/b/c") == ""
    assert titled("Contract", "docs/Nordfrost/contract.txt") == "Nordfrost: Contract"
    assert titled("Nordfrost contract", "docs/Nordfrost/contract.txt") == "Nordfrost contract"


@pytest.fixture(scope="module")
def assistant(tmp_path_factory: pytest.TempPathFactory) -> Assistant:
    """Ask an index of a report with an author, and of two contracts that only their folders tell apart."""
    folder = tmp_path_factory.mktemp("docs")
    for customer, months in (("Nordfrost", "three"), ("Suedwind", "eight")):
        (folder / customer).mkdir()
        words = f"This contract runs for two years. The notice period is {months} months before its end. Payments are due on the first."
        (folder / customer / "contract.txt").write_text(words, encoding="utf-8")
    (folder / "safety.md").write_text(
        f"---\ntitle: Safety report\nauthor: Mei Lin\nstatus: approved\n---\n{TEXT}\n", encoding="utf-8"
    )
    made = tmp_path_factory.mktemp("index")
    index.build([folder], index_dir=made)
    return Assistant(index_dir=made)


def test_who_wrote_it(assistant: Assistant) -> None:
    answer = assistant.answer("Who wrote the safety report?")
    assert not answer.refused
    citation = next(citation for citation in answer.citations if "Mei Lin" in citation.quote)
    assert citation.location == "from the file's properties"
    assert assistant.document(citation.document_id).text[citation.start : citation.end] == citation.quote


@pytest.mark.parametrize(("customer", "months"), [("Nordfrost", "three"), ("Suedwind", "eight")])
def test_a_folder_tells_two_contracts_apart(assistant: Assistant, customer: str, months: str) -> None:
    answer = assistant.answer(f"What is the notice period of the {customer} contract?")
    assert not answer.refused
    assert months in answer.citations[0].quote
    assert answer.citations[0].source.split("/")[-2] == customer


def test_a_filter_by_metadata(assistant: Assistant) -> None:
    found = assistant.retrieve("What is written there?", k=10, where={"author": "mei lin"})
    assert found
    assert {hit.title for hit in found} == {"Safety report"}
    assert assistant.retrieve("What is written there?", k=10, where={"status": "draft"}) == []
    assert {hit.source.split("/")[-2] for hit in assistant.retrieve("notice", k=10, where={"file": "nordfrost/"})} == {
        "Nordfrost"
    }
    with pytest.raises(ConfigError, match="can't be a key"):
        assistant.retrieve("notice", where={'a"b': "x"})
