from __future__ import annotations

import json
import random
import re
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.errors import IndexDamagedError
from index.types import Document
from rag.errors import ReceiptError
from rag.receipts.judging import Verdict
from rag.receipts.moved import digest, find
from rag.receipts.receipt import make, read, save, verify
from rag.receipts.seals import KEY_FILE, is_whole, origin_of, receipt_key, sealed
from rag.testing.memory_index import MemoryIndex, MemoryStore, document
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


def test_a_hundred_edits_around_the_quotes_are_reported(tmp_path: Path) -> None:
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


def alterations(receipt: dict[str, object]) -> list[tuple[str, dict[str, object]]]:
    """Every way to change one thing that a receipt says, down to the last field of the last list."""
    found: list[tuple[str, dict[str, object]]] = []

    def walk(value: object, path: tuple[object, ...]) -> None:
        if isinstance(value, dict):
            for name, part in value.items():
                walk(part, (*path, name))
        elif isinstance(value, list):
            for place, part in enumerate(value):
                walk(part, (*path, place))
        else:
            changed = json.loads(json.dumps(receipt))
            at = changed
            for step in path[:-1]:
                at = at[step]  # type: ignore[index]
            at[path[-1]] = other(value)
            found.append(("/".join(map(str, path)), changed))

    walk(receipt, ())
    return found


def other(value: object) -> object:
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int | float):
        return value + 1
    if isinstance(value, str) and len(value) == 64:
        return value[::-1]
    return f"{value}, changed"


def test_no_field_of_a_receipt_can_be_changed(tmp_path: Path) -> None:
    key, index, path = b"k" * 32, index_of(library()), tmp_path / "r.json"
    saved = json.loads(json.dumps(save(answer_from(index, 3), path, index, key)))
    assert {verdict.origin for verdict in verify(path, index, key)} == {"signed here"}
    names = [name for name, _ in alterations(saved)]
    for needed in (
        "question",
        "text",
        "created",
        "llm",
        "citations/0/title",
        "citations/1/source",
        "citations/2/support",
    ):
        assert needed in names
    assert len(names) > 60
    for name, changed in alterations(saved):
        path.write_text(json.dumps(changed), "utf-8")
        if name == "signature/key":  # the name of another key: another index may have signed it
            assert not any(verdict.sound for verdict in verify(path, index, key))
            continue
        with pytest.raises(ReceiptError):
            raise AssertionError(f"{name}: {verify(path, index, key)}")


def test_a_receipt_with_a_new_digest_is_no_receipt_of_this_index(tmp_path: Path) -> None:
    key, index, path = b"k" * 32, index_of(library()), tmp_path / "r.json"
    saved = dict(save(answer_from(index), path, index, key))
    for forger in (None, b"f" * 32):
        forged = sealed({**saved, "text": "Something else [1]."}, forger)
        path.write_text(json.dumps(forged), "utf-8")
        (verdict,) = verify(path, index, key)
        assert verdict.origin in ("not signed", "signed elsewhere") and not verdict.sound
        path.write_text(json.dumps({**forged, "signature": saved["signature"]}), "utf-8")
        with pytest.raises(ReceiptError, match="signed"):
            verify(path, index, key)
    path.write_text(json.dumps({**saved, "format": "babelquote-receipt/1", "text": "Else [1]."}), "utf-8")
    assert read(path)["text"] == "Else [1]."  # an old receipt has no digest …
    assert not any(verdict.sound for verdict in verify(path, index, b"o" * 32))  # … and is not vouched for


ODD_SEALS: dict[str, Callable[[dict[str, Any]], object]] = {
    "more beside the signature": lambda saved: {**saved, "signature": {**saved["signature"], "by": "the minister"}},
    "half a signature": lambda saved: {**saved, "signature": {"key": saved["signature"]["key"]}},
    "a signature in other letters": lambda one: {**one, "signature": {**one["signature"], "hmac": "\u0430" * 64}},
    "a digest in other letters": lambda saved: {**saved, "digest": saved["digest"][:-1] + "\u0430"},
    "a digest with half a character": lambda saved: {**saved, "digest": saved["digest"] + "\ud800"},
    "a digest that is a list": lambda saved: {**saved, "digest": [saved["digest"]]},
}


@pytest.mark.parametrize("how", ODD_SEALS)
def test_a_seal_of_another_shape_is_refused_in_one_line(tmp_path: Path, how: str) -> None:
    key, index, path = b"k" * 32, index_of(library()), tmp_path / "r.json"
    saved = dict(save(answer_from(index), path, index, key))
    path.write_text(json.dumps(ODD_SEALS[how](saved)), "utf-8")
    with pytest.raises(ReceiptError, match="changed"):
        verify(path, index, key)


TWICE = {
    "the answer": lambda text: text.replace('"text": ', '"text": "The ministry has fallen [1].", "text": ', 1),
    "a title": lambda text: text.replace('"title": ', '"title": "Another", "title": ', 1),
    "the digest": lambda text: text.replace('"digest": ', '"digest": "0", "digest": ', 1),
    "a number that is an object": lambda text: re.sub(
        r'"generation": (\d+)', r'"generation": {"number": "\1.0"}', text
    ),
    "a number beside it": lambda text: re.sub(r'"generation": (\d+)', rf'"generation": {10**16 + 1}', text),
    "a huge number": lambda text: re.sub(r'"generation": (\d+)', '"generation": ' + "9" * 400, text),
    "no number": lambda text: re.sub(r'"generation": (\d+)', '"generation": NaN', text),
    "nested lists": lambda text: text.rstrip()[:-1] + ', "more": ' + "[" * 700 + "]" * 700 + "}",
}


@pytest.mark.parametrize("how", TWICE)
def test_a_receipt_that_programs_read_differently_is_refused(tmp_path: Path, how: str) -> None:
    """The last of two values was sealed, the first is what another program shows: the digest alone vouches for both."""
    key, index, path = b"k" * 32, index_of(library()), tmp_path / "r.json"
    save(answer_from(index, 2), path, index, key)
    changed = TWICE[how](path.read_text("utf-8"))
    assert changed != path.read_text("utf-8")
    path.write_text(changed, "utf-8")
    with pytest.raises(ReceiptError):
        verify(path, index, key)
    if how in ("the answer", "a title"):
        assert is_whole(json.loads(changed)), "a careless reader vouches for it"


@pytest.mark.parametrize("words", ["e", "nowhere at all"])
def test_a_receipt_made_to_be_looked_for_costs_little(tmp_path: Path, words: str) -> None:
    """A naive check compares the passage at each of thousands of places, for each of twenty thousand quotes."""
    index, path = index_of(library()), tmp_path / "r.json"
    saved = json.loads(json.dumps(make(answer_from(index), index)))
    one = {**saved["citations"][0], "quote": words, "quote_sha256": digest(words), "start": 0, "end": len(words)}

    def cost(count: int, **more: object) -> float:
        quoted = [{**one, "document_id": f"gone-{number}", **more} for number in range(count)]
        path.write_text(json.dumps(sealed({**saved, "citations": quoted}, None)), "utf-8")
        began = time.process_time()
        assert not any(verdict.sound for verdict in verify(path, index))
        return time.process_time() - began

    cost(10)
    assert cost(1_000) < 20
    for more in ({}, {"passage": {"start": 0, "end": 10**6, "sha256": "0" * 64}}):
        with pytest.raises(ReceiptError):
            cost(20_000 if not more else 1, **more)


@given(st.integers(0, 300), st.text("ab ", min_size=1, max_size=3), st.text("ab ", max_size=200))
def test_a_quote_is_found_nearest_to_its_place(start: int, quote: str, text: str) -> None:
    places = [at for at in range(len(text)) if text.startswith(quote, at)]
    found = find(text, {"quote": quote, "start": start, "passage": None})
    if not places:
        assert found is None
    else:
        assert found is not None and found in places
        assert abs(found - start) == min(abs(at - start) for at in places)


def test_a_careless_check_is_caught(tmp_path: Path) -> None:
    def careless(receipt: dict[str, object]) -> bool:
        """Look at the quotes only."""
        citations = receipt["citations"]
        assert isinstance(citations, list)
        return all(
            one["quote"] == index.store.document(one["document_id"]).text[one["start"] : one["end"]]
            for one in citations
        )

    index = index_of(library())
    saved = json.loads(json.dumps(make(answer_from(index, 2), index, b"k" * 32)))
    names = {
        name
        for name, changed in alterations(saved)
        if "document_id" not in name and "/start" not in name and careless(changed)
    }
    assert {"question", "text", "citations/0/title", "citations/0/support", "created"} <= names


def test_a_receipt_survives_a_browser() -> None:
    key, index = b"k" * 32, index_of(library())
    receipt = make(replace(answer_from(index), timings={"total": 1.0, "embed": 1e-7}, confidence=0.5), index, key)
    written = json.dumps(receipt).replace("1.0,", "1,").replace("1e-07", "1e-7").replace("1.0}", "1}")
    back = json.loads(written)
    assert back["timings"]["total"] == 1 and origin_of(back, key) == "signed here" and is_whole(back)


def test_what_the_index_tells_otherwise_is_said(tmp_path: Path) -> None:
    index = index_of(library())
    answer = answer_from(index)
    (one,) = answer.citations
    for change in ({"title": "Another"}, {"source": "else.md"}, {"location": "p. 9"}):
        changed = replace(answer, citations=(replace(one, **change),))
        save(changed, tmp_path / "r.json", index, b"k" * 32)
        (verdict,) = verify(tmp_path / "r.json", index, b"k" * 32)
        assert verdict.renamed and "another" in verdict.reason and not verdict.sound


def test_the_key_of_an_index_is_made_once_and_is_its_owners(tmp_path: Path) -> None:
    key = receipt_key(tmp_path)
    assert key is not None and key == receipt_key(tmp_path) and len(key) == 32
    assert [path.name for path in tmp_path.iterdir()] == [KEY_FILE]
    assert (tmp_path / KEY_FILE).stat().st_mode & 0o077 == 0
    assert receipt_key(tmp_path / "missing") is None


def test_a_renamed_document_is_found(tmp_path: Path) -> None:
    texts = library()
    save(answer_from(index_of(texts), 12), tmp_path / "r.json", index_of(texts))
    called_otherwise = {f"moved/{name}": text for name, text in texts.items()}
    verdicts = verify(tmp_path / "r.json", index_of(called_otherwise))
    assert states(verdicts) == {"moved"}
    assert all(each.found_in == f"moved/{each.document_id}" and each.start is not None for each in verdicts)
    assert all(f"is now {each.found_in}.md" in each.reason for each in verdicts)
    assert not any(each.sound for each in verdicts)


def test_a_renamed_document_that_was_edited_is_found_by_its_passage(tmp_path: Path) -> None:
    texts = library()
    save(answer_from(index_of(texts), 1), tmp_path / "r.json", index_of(texts))
    first = texts.pop("doc-0")
    (verdict,) = verify(tmp_path / "r.json", index_of(texts | {"new": "A new beginning.\n\n" + first}))
    assert (verdict.state, verdict.found_in, verdict.context_changed) == ("moved", "new", False)
    twice = texts | {"new": "A new beginning.\n\n" + first, "other": "Another one.\n\n" + first}
    (verdict,) = verify(tmp_path / "r.json", index_of(twice))
    assert (verdict.state, verdict.found_in) == ("gone", "")  # nobody can say which of the two it was


def test_the_same_words_in_another_document_are_no_renamed_document(tmp_path: Path) -> None:
    texts = library()
    answer = answer_from(index_of(texts), 1)
    save(answer, tmp_path / "r.json", index_of(texts))
    quote = answer.citations[0].quote
    del texts["doc-0"]
    assert states(verify(tmp_path / "r.json", index_of(texts | {"new": f"Somebody wrote: {quote}"}))) == {"gone"}
    # The document is there and lost its words: another that repeats the passage is another.
    edited = library() | {"doc-0": "Nothing of it is left.", "new": "Before.\n\n" + library()["doc-0"]}
    assert states(verify(tmp_path / "r.json", index_of(edited))) == {"gone"}
