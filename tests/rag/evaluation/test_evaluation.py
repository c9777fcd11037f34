"""The evaluation on an assistant whose every answer is known."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from index.errors import SourceError, StoreError
from index.types import Document, Passage
from rag.evaluation.measures import Question, evaluate, read_questions
from rag.types import Answer, Citation, ScoredPassage

TEXT = "Cairo lies on the Nile. Baghdad lies on the Tigris."
DOCUMENTS = {"a": Document("a", "A", "a.md", "en", TEXT), "b": Document("b", "B", "b.md", "ar", TEXT)}


class Scripted:
    """Finds `a` then `b`; quotes the second sentence; refuses when asked about the moon; lies when told to."""

    def __init__(self, *, shift: int = 0) -> None:
        self.shift = shift

    def retrieve(self, question: str, k: int) -> list[ScoredPassage]:
        passages = [Passage(f"{d}:0", d, 0, len(TEXT), TEXT, "en", "") for d in ("a", "a", "b")]
        return [ScoredPassage(p, p.document_id, p.document_id, 1.0) for p in passages][:k]

    def answer(self, question: str) -> Answer:
        if "moon" in question:
            return Answer(question, "no", (), (), True, "en", "scripted", 1, confidence=0.1)
        quote = TEXT[24:]
        start = 24 + self.shift
        return Answer(
            question,
            quote + " [1]",
            (Citation(1, "a", "A", "a.md", start, start + len(quote), quote),),
            (),
            False,
            "en",
            "scripted",
            1,
            confidence=0.9,
        )

    def document(self, document_id: str) -> Document:
        return DOCUMENTS[document_id]


QUESTIONS = [
    Question("1", "en", "Where is Baghdad?", ("the TIGRIS",), frozenset({"b"}), True),
    Question("2", "en", "Where is Cairo?", ("Nile",), frozenset({"a"}), True),
    Question("3", "de", "Who owns the moon?", (), frozenset(), False),
]


def test_measures() -> None:
    result = evaluate(Scripted(), QUESTIONS)
    overall = result.overall
    assert (overall.questions, overall.hit_1, overall.hit_5, overall.mrr_10) == (3, 0.5, 1.0, 0.75)
    assert (overall.first_quote, overall.any_quote) == (0.5, 0.5)
    assert (overall.answered, overall.refused, overall.refusal_precision, overall.refusal_auc) == (1.0, 1.0, 1.0, 1.0)
    assert overall.valid_citations == 1.0
    assert result.by_language["de"].hit_1 is None
    assert set(result.by_pair) == {("en", "ar"), ("en", "en")}
    assert json.dumps(result.to_dict())


def test_the_table_fits_a_terminal_and_shows_pairs() -> None:
    table = evaluate(Scripted(), QUESTIONS).table()
    blocks = [block.splitlines() for block in table.split("\n\n")]
    assert [block[0].split()[0] for block in blocks] == ["found", "answered", "hit@1"]
    assert max(len(line) for block in blocks for line in block) <= 120
    assert blocks[2] == ["hit@1 in     ar     en", "en        0.000  1.000"]


def test_a_pair_counts_what_was_missed_and_passes_over_what_is_not_indexed() -> None:
    class Blind(Scripted):
        def retrieve(self, question: str, k: int) -> list[ScoredPassage]:
            return []

        def document(self, document_id: str) -> Document:
            if document_id not in DOCUMENTS:
                raise StoreError(f"{document_id}: no such document")
            return super().document(document_id)

    gone = Question("4", "en", "Where is Basra?", (), frozenset({"gone"}), True)
    result = evaluate(Blind(), [*QUESTIONS, gone])
    assert {pair: row.hit_1 for pair, row in result.by_pair.items()} == {("en", "ar"): 0.0, ("en", "en"): 0.0}


def test_a_pair_counts_only_documents_of_its_language() -> None:
    both = Question("5", "de", "Wo?", (), frozenset({"a", "b"}), True)
    pairs = evaluate(Scripted(), [both]).by_pair
    assert (pairs["de", "en"].hit_1, pairs["de", "ar"].hit_1) == (1.0, 0.0)


def test_a_shifted_citation_is_caught() -> None:
    assert evaluate(Scripted(shift=1), QUESTIONS).overall.valid_citations == 0.0


def test_reading_questions(tmp_path: Path) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"text": "Who?", "relevant": ["a"]}\n\n{"text": "When?", "answerable": false}\n', encoding="utf-8")
    first, second = read_questions(file)
    assert first.answerable and first.relevant == {"a"} and not second.answerable


@pytest.mark.parametrize("line", ["[1]", "{", '{"question": "x"}', '{"text": "x", "answers": 3}'])
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    file = tmp_path / "q.jsonl"
    file.write_text('{"text": "fine"}\n' + line, encoding="utf-8")
    with pytest.raises(SourceError, match=r"q\.jsonl:2"):
        read_questions(file)


def test_missing_or_empty_files_are_named(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"nowhere\.jsonl"):
        read_questions(tmp_path / "nowhere.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(SourceError, match="no question"):
        read_questions(tmp_path / "empty.jsonl")
