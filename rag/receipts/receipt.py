"""Receipts: what was asked, what was answered, and what proved it, to be checked again when the documents have changed.

A receipt is a small JSON file. It keeps each quote with its offsets and digests, so that `verify` can say later
whether the same words still stand in the index: where they stood, elsewhere in the document, or nowhere. Its seal
(`rag.receipts.seals`) tells a receipt that says anything else than it did when it was written.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal, TypeAlias

from index.errors import StoreError
from index.records import location
from index.types import Document
from rag.errors import ReceiptError
from rag.receipts.fields import Part, is_sound_receipt, proofs, short_fields
from rag.receipts.moved import digest, find, renamed_documents, same_passage
from rag.receipts.seals import Origin, is_whole, origin_of, plain_data, sealed
from rag.retrieval.retrieve import Readable
from rag.types import Answer, Citation, ScoredPassage

__all__ = ["Receipt", "Verdict", "make", "read", "save", "verify", "vouched"]

FORMAT = "babelquote-receipt/2"
_UNSEALED = "babelquote-receipt/1"  # of earlier versions
# Far more than an answer needs; a larger file is none of ours and is not read into memory.
_MOST_BYTES = 16_000_000

State: TypeAlias = Literal["holds", "moved", "gone"]
Receipt: TypeAlias = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one citation.

    Attributes:
        number: the `[n]` of the answer.
        state: `"holds"` (the words stand where they stood), `"moved"` (elsewhere, or in a
            renamed document) or `"gone"`.
        document_id: the document that was quoted.
        source: its source when it was quoted.
        quote: the words.
        start: where they begin now, in code points of the document; `None` when gone.
        end: one past where they end now; `None` when gone.
        context_changed: the words stand there, but the passage around them was edited.
        reason: one sentence for people.
        origin: who vouches for the rest of the receipt, its question and answer: `"signed here"` is this index.
        renamed: what else is said of the document and the index says otherwise: `"title"`, `"source"`, `"page"`.
        found_in: id of the document that holds the words now, when the document was renamed; else `""`.
        part: of the answer that the words prove: `"citation"`, `"short"` (the short answer) or `"witness"`.
    """

    number: int
    state: State
    document_id: str
    source: str
    quote: str
    start: int | None
    end: int | None
    context_changed: bool
    reason: str
    origin: Origin = "not signed"
    renamed: tuple[str, ...] = ()
    found_in: str = ""
    part: Part = "citation"

    @property
    def sound(self) -> bool:
        """Whether everything about the citation is as the receipt says, and the receipt is one of this index."""
        return self.state == "holds" and not (self.context_changed or self.renamed) and self.origin == "signed here"


def make(answer: Answer, index: Readable | None = None, key: bytes | None = None) -> Receipt:
    """Return the receipt of an answer as JSON data, sealed.

    Args:
        answer: the finished answer.
        index: the index that was asked, for the digests of the quoted documents; without it they are `null`.
        key: of the index (`rag.receipts.seals.receipt_key`), to sign it; `None` leaves it unsigned.
    """
    passages = {hit.passage.id: hit for hit in answer.passages}
    receipt = {
        "format": FORMAT,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "question": answer.question,
        "standalone_question": answer.standalone_question,
        "language": answer.language,
        "text": answer.text,
        "refused": answer.refused,
        "confidence": _number(answer.confidence),
        "llm": answer.llm,
        "generation": answer.generation,
        "timings": {stage: _number(seconds) for stage, seconds in answer.timings.items()},
        "warnings": list(answer.warnings),
        "citations": [_citation(each, passages.get(each.passage_id), index) for each in answer.citations],
        **short_fields(answer, lambda each: _citation(each, passages.get(each.passage_id), index)),
        "passages": [_passage(hit) for hit in answer.passages],
    }
    return sealed(receipt, key)


def save(answer: Answer, path: Path, index: Readable | None = None, key: bytes | None = None) -> Receipt:
    """Write the receipt of an answer; a file that is there is replaced in one step.

    Raises:
        ReceiptError: the file can't be written.
    """
    receipt = make(answer, index, key)
    text = json.dumps(receipt, ensure_ascii=False, indent=1, allow_nan=False)
    try:
        # Half of a character can't be written as UTF-8; its escape is good JSON.
        _replace(path, (text + "\n").encode("utf-8", "backslashreplace"))
    except OSError as error:
        raise ReceiptError(
            f"{path}: the receipt can't be written ({error.strerror})", "choose another place"
        ) from error
    return receipt


def read(path: Path) -> Receipt:
    """Read a receipt and check that it is one.

    Raises:
        ReceiptError: missing, not a receipt, of another format, or changed since it was written.
    """
    try:
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except OSError as error:
        raise ReceiptError(f"{path}: the receipt can't be read ({error.strerror})", "check its path") from error
    try:
        receipt = plain_data(data) if len(data) <= _MOST_BYTES else None
        whole = isinstance(receipt, dict) and is_whole(receipt)
    except (ValueError, RecursionError):
        receipt = None
    if not isinstance(receipt, dict) or receipt.get("format") not in (FORMAT, _UNSEALED):
        raise ReceiptError(f"{path}: no receipt of the format {FORMAT}", "it is written by `rag ask --save`")
    if receipt["format"] == FORMAT and not whole:
        raise ReceiptError(f"{path}: the receipt was changed after it was written", "ask the question again")
    if not is_sound_receipt(receipt):
        raise ReceiptError(f"{path}: the receipt is damaged or was changed by hand", "ask the question again")
    return receipt


def verify(path: Path, index: Readable, key: bytes | None = None) -> list[Verdict]:
    """Say of every citation of a receipt, the short answer's as well, whether its words still stand in the index.

    Args:
        path: the receipt.
        index: the index.
        key: of the index, to tell its own receipts; `None` takes none for its own.

    Raises:
        ReceiptError: the receipt can't be read, or was changed since it was written.
        StoreError: the index can't be read.
    """
    receipt = read(path)
    origin = vouched(path, receipt, key)
    parts = proofs(receipt)
    verdicts = _verdicts([citation for _, citation in parts], index)
    return [replace(one, origin=origin, part=part) for one, (part, _) in zip(verdicts, parts, strict=True)]


def _verdicts(citations: list[Receipt], index: Readable) -> list[Verdict]:
    documents = [_document(index, citation["document_id"]) for citation in citations]
    verdicts = [_judge(citation, document) for citation, document in zip(citations, documents, strict=True)]
    lost = [at for at, verdict in enumerate(verdicts) if verdict is None]
    present = [documents[at] is not None for at in lost]
    elsewhere = renamed_documents([citations[at] for at in lost], present, index)
    judged = map(_judged_elsewhere, (citations[at] for at in lost), present, elsewhere)
    return [verdict or next(judged) for verdict in verdicts]


def vouched(path: Path, receipt: Receipt, key: bytes | None) -> Origin:
    """Return whose receipt it is.

    Raises:
        ReceiptError: it bears this index's name and not its signature.
    """
    origin = origin_of(receipt, key)
    if origin == "changed":
        raise ReceiptError(f"{path}: the receipt was changed after it was signed", "ask the question again")
    return origin


def _citation(citation: Citation, hit: ScoredPassage | None, index: Readable | None) -> dict[str, object]:
    document = _document(index, citation.document_id)
    place = (
        {"start": hit.passage.start, "end": hit.passage.end, "sha256": digest(hit.passage.text)}
        if hit is not None
        else None
    )
    return {
        "number": citation.number,
        "document_id": citation.document_id,
        "title": citation.title,
        "source": citation.source,
        "start": citation.start,
        "end": citation.end,
        "quote": citation.quote,
        "quote_sha256": digest(citation.quote),
        "document_sha256": None if document is None else digest(document.text),
        "support": citation.support,
        "language": citation.language,
        "location": citation.location,
        "passage_id": citation.passage_id,
        "passage": place,
        "annotation": None if document is None else citation.to_annotation(document),
    }


def _passage(hit: ScoredPassage) -> dict[str, object]:
    return {
        "id": hit.passage.id,
        "document_id": hit.passage.document_id,
        "title": hit.title,
        "source": hit.source,
        "language": hit.passage.language,
        "start": hit.passage.start,
        "end": hit.passage.end,
        "sha256": digest(hit.passage.text),
        "score": _number(hit.score),
        "ranks": {name: {"rank": int(rank.rank), "score": _number(rank.score)} for name, rank in hit.ranks.items()},
    }


def _judge(citation: Receipt, document: Document | None) -> Verdict | None:
    """Return what became of a citation in the document of its own name; `None` when its words are not there."""
    found = None if document is None else find(document.text, citation)
    return None if document is None or found is None else _found(citation, document, found)


def _judged_elsewhere(citation: Receipt, present: bool, document: Document | None) -> Verdict:
    found = None if document is None else find(document.text, citation)
    if document is not None and found is not None:
        verdict = _found(citation, document, found)
        reason = f"the document is now {document.source}: {verdict.reason}"
        return replace(verdict, state="moved", found_in=document.id, reason=reason)
    words = "the document no longer holds these words" if present else "the document is no longer in the index"
    return _verdict(citation, "gone", None, False, words)


def _found(citation: Receipt, document: Document, found: int) -> Verdict:
    changed = not same_passage(document.text, citation, found)
    where = "the words stand where they stood" if found == citation["start"] else "the words stand elsewhere in it now"
    renamed = _renamed(citation, document, found)
    reason = where + (", and the text around them was edited" if changed else "")
    reason += f", but the index tells another {' and '.join(renamed)}" if renamed else ""
    state: State = "holds" if found == citation["start"] else "moved"
    return replace(_verdict(citation, state, found, changed, reason), renamed=renamed)


def _renamed(citation: Receipt, document: Document, found: int) -> tuple[str, ...]:
    """Return what the receipt tells of the document and the index tells otherwise."""
    where = location(document, found, found + len(citation["quote"]))
    here = {"title": document.title, "source": document.source, "page": where}
    told = {"title": citation.get("title"), "source": citation["source"], "page": citation.get("location")}
    same_place = found == citation["start"]
    return tuple(name for name in here if here[name] != told[name] and (same_place or name != "page"))


def _verdict(citation: Receipt, state: State, start: int | None, changed: bool, reason: str) -> Verdict:
    end = None if start is None else start + len(citation["quote"])
    named = (citation["document_id"], citation["source"], citation["quote"])
    return Verdict(citation["number"], state, *named, start, end, changed, reason)


def _document(index: Readable | None, name: str) -> Document | None:
    if index is None:
        return None
    try:
        return index.store.document(name)
    except StoreError as error:
        if type(error) is not StoreError:  # damaged, busy …: nothing can be said about the document
            raise
        return None  # an unknown id


def _number(value: float | None) -> float | None:
    return float(value) if value is not None and math.isfinite(value) else None


def _replace(path: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".receipt-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        Path(name).replace(path)
    except OSError:
        with suppress(OSError):
            Path(name).unlink()
        raise
