from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexDamagedError
from index.types import Document
from rag.errors import ReceiptError
from rag.memory_store import MemoryIndex, MemoryStore, document
from rag.receipts import Verdict, make, read, save, verify
from rag.types import Answer, Citation, Rank, ScoredPassage

PARAGRAPHS = (
    "The bakery stands in Lisbon. Toni Rivas founded it in 1987. It was sold in 2004.",
    "يقع الفرن في غراتس. بني في عام ١٩٥٢.",
    "北京没有分店。上海有三家。",
    "Der Turm ist 84 Meter hoch. Er brannte 1702 ab 🙂.",
    "मेला हर साल मार्च में होता है। इसमें चार गाँव आते हैं।",
)


def library() -> dict[str, str]:
    """Twenty documents of five paragraphs, no two alike."""
    return {
        f"doc-{n}": "\n\n".join(f"{paragraph} ({n}.{place})" for place, paragraph in enumerate(PARAGRAPHS))
        for n in range(20)
    }


def index_of(texts: dict[str, str]) -> MemoryIndex:
    store = MemoryStore()
    for name, text in texts.items():
        store.add(Document(name, name, f"{name}.md", "en", text))
    return MemoryIndex(store)


def answer_from(index: MemoryIndex, wanted: int = 1) -> Answer:
    """An answer that cites the first sentence of every passage of the first documents."""
    citations: list[Citation] = []
    hits: list[ScoredPassage] = []
    for name in list(index.store.document_ids()):
        for passage in index.store.passages(index.store.keys(name)):
            if len(citations) == wanted:
                break
            quote = passage.text[: max(passage.text.find(". "), passage.text.find("。"), 12)].strip()
            start, number = passage.start, len(citations) + 1
            place = (name, name, f"{name}.md", start, start + len(quote), quote)
            citations.append(Citation(number, *place, passage_id=passage.id))
            hits.append(ScoredPassage(passage, name, f"{name}.md", 0.5, {"dense": Rank(number, 0.5)}))
    text = " ".join(f"Claim [{citation.number}]." for citation in citations)
    return Answer("Who?", text, tuple(citations), tuple(hits), False, "en", "extractive", 1, {"total": 0.1}, ())


def states(verdicts: list[Verdict]) -> set[str]:
    return {verdict.state for verdict in verdicts}


def test_nothing_changed(tmp_path: Path) -> None:
    index = index_of(library())
    answer = answer_from(index, 100)
    assert len(answer.citations) == 100
    saved = save(answer, tmp_path / "r.json", index)
    assert read(tmp_path / "r.json") == json.loads(json.dumps(saved))
    verdicts = verify(tmp_path / "r.json", index)
    assert states(verdicts) == {"holds"}
    assert not any(verdict.context_changed for verdict in verdicts)
    assert [verdict.number for verdict in verdicts] == list(range(1, 101))


def test_a_hundred_edited_passages_are_found(tmp_path: Path) -> None:
    texts = library()
    index = index_of(texts)
    answer = answer_from(index, 100)
    save(answer, tmp_path / "r.json", index)
    chance, edited = random.Random(3), dict(texts)
    for citation in reversed(answer.citations):  # from behind, so that earlier offsets stay right
        at = chance.randrange(citation.start + 1, citation.end)
        text = edited[citation.document_id]
        edited[citation.document_id] = text[:at] + "X" + text[at + chance.randrange(2) :]
    assert states(verify(tmp_path / "r.json", index_of(edited))) == {"gone"}


def test_a_hundred_edits_around_the_quotes_are_told(tmp_path: Path) -> None:
    texts = library()
    index = index_of(texts)
    answer = answer_from(index, 100)
    save(answer, tmp_path / "r.json", index)
    edited = {name: text.replace(" (", " [edited] (") for name, text in texts.items()}
    verdicts = verify(tmp_path / "r.json", index_of(edited))
    assert states(verdicts) == {"holds", "moved"}
    assert all(verdict.context_changed for verdict in verdicts)


def test_edits_elsewhere_are_no_alarm(tmp_path: Path) -> None:
    texts = library()
    index = index_of(texts)
    answer = answer_from(index, 100)
    save(answer, tmp_path / "r.json", index)
    edited = {name: f"A new first paragraph.\n\n{text}\n\nAnd a last one." for name, text in texts.items()}
    edited["another"] = "Something else."
    verdicts = verify(tmp_path / "r.json", index_of(edited))
    assert states(verdicts) == {"moved"}
    for verdict in verdicts:
        assert not verdict.context_changed
        assert edited[verdict.document_id][verdict.start : verdict.end] == verdict.quote


def test_of_several_places_the_unchanged_passage_wins(tmp_path: Path) -> None:
    index = index_of({"d": "Yes it is. One.\n\nYes it is. Two.\n\nYes it is. Three."})
    passage = index.store.passages(index.store.keys("d"))[1]
    citation = Citation(1, "d", "d", "d.md", passage.start, passage.start + 10, "Yes it is.", passage_id=passage.id)
    hit = ScoredPassage(passage, "d", "d.md", 1.0)
    save(Answer("?", "Yes [1]", (citation,), (hit,), False, "en", "x", 1), tmp_path / "r.json", index)
    moved = index_of({"d": "x\n\nYes it is. One.\n\nYes it is. Three.\n\nAnd much else.\n\nYes it is. Two."})
    (verdict,) = verify(tmp_path / "r.json", moved)
    assert (verdict.state, verdict.context_changed) == ("moved", False)
    assert verdict.start == moved.store.document("d").text.rindex("Yes it is.")


def test_a_removed_document_is_gone_and_a_damaged_index_is_no_verdict(tmp_path: Path) -> None:
    index = index_of(library())
    save(answer_from(index), tmp_path / "r.json", index)
    (verdict,) = verify(tmp_path / "r.json", index_of({"other": "text"}))
    assert (verdict.state, verdict.start) == ("gone", None)
    assert "no longer in the index" in verdict.reason

    class Damaged(MemoryStore):
        def document(self, document_id: str) -> Document:
            raise IndexDamagedError("checksum")

    with pytest.raises(IndexDamagedError):
        verify(tmp_path / "r.json", MemoryIndex(Damaged()))


def test_a_refusal_has_nothing_to_verify(tmp_path: Path) -> None:
    refused = replace(answer_from(index_of(library())), citations=(), refused=True, confidence=float("nan"))
    save(refused, tmp_path / "r.json")
    assert verify(tmp_path / "r.json", index_of({})) == []
    assert read(tmp_path / "r.json")["confidence"] is None


def test_a_changed_receipt_is_refused(tmp_path: Path) -> None:
    index = index_of(library())
    path = tmp_path / "r.json"
    save(answer_from(index), path, index)
    good = json.loads(path.read_text("utf-8"))
    changes: list[tuple[str, object]] = [
        ("quote", "something else"), ("quote", ""), ("quote", None), ("start", -1), ("start", True), ("start", "0"),
        ("end", 10**9), ("quote_sha256", "0"), ("document_id", 7), ("number", None), ("passage", []), ("passage", {}),
    ]  # fmt: skip
    for name, value in changes:
        bad = json.loads(json.dumps(good))
        bad["citations"][0][name] = value
        path.write_text(json.dumps(bad), "utf-8")
        with pytest.raises(ReceiptError, match=r"r\.json"):
            verify(path, index)


@given(st.binary(max_size=200) | st.text(max_size=50).map(lambda text: json.dumps(text).encode()))
@settings(max_examples=50)
def test_any_file_is_a_receipt_or_refused(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("r") / "r.json"
    path.write_bytes(data)
    with pytest.raises(ReceiptError):
        read(path)


def test_what_can_not_be_read_or_written_is_named(tmp_path: Path) -> None:
    answer = answer_from(index_of(library()))
    for path in (tmp_path / "missing.json", tmp_path):
        with pytest.raises(ReceiptError, match=path.name):
            read(path)
    with pytest.raises(ReceiptError, match="nowhere"):
        save(answer, tmp_path / "nowhere" / "r.json")
    (tmp_path / "deep.json").write_text("[" * 100_000)
    with pytest.raises(ReceiptError):
        read(tmp_path / "deep.json")


def test_saving_again_replaces_and_leaves_nothing_else(tmp_path: Path) -> None:
    answer = answer_from(index_of(library()))
    save(answer, tmp_path / "r.json")
    save(replace(answer, question="half \ud800 of a letter"), tmp_path / "r.json")
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]
    assert read(tmp_path / "r.json")["question"] == "half \ud800 of a letter"


def test_it_holds_what_a_reader_needs_and_stays_small() -> None:
    index = index_of(library())
    receipt = make(answer_from(index, 3), index)
    assert len(json.dumps(receipt)) < 10_000
    assert receipt["passages"][0]["ranks"] == {"dense": {"rank": 1, "score": 0.5}}
    assert all(len(citation["document_sha256"]) == 64 for citation in receipt["citations"])
    assert document("a", "b").text not in receipt
