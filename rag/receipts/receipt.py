"""Receipts: what was asked, what was answered, and what proved it, to be checked again when the documents have changed.

A receipt is a small JSON file. It keeps each quote with its offsets and digests, so that `verify` can say later
whether the same words still stand in the index: where they stood, elsewhere in the document, or nowhere. Its seal
(`rag.receipts.seals`) reveals a receipt that says anything else than it did when it was written.
"""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias

from rag.errors import ReceiptError
from rag.receipts.fields import is_sound_receipt, proofs, short_fields
from rag.receipts.judging import Verdict, document_of, verdicts
from rag.receipts.moved import digest
from rag.receipts.seals import Origin, is_whole, origin_of, plain_data, sealed
from rag.retrieval.retrieve import Readable
from rag.types import Answer, Citation, ScoredPassage

__all__ = ["Receipt", "make", "read", "save", "verify", "vouched"]

FORMAT = "babelquote-receipt/2"
_UNSEALED = "babelquote-receipt/1"  # of earlier versions
# Far more than an answer needs; a larger file is none of ours and is not read into memory.
_MOST_BYTES = 16_000_000

Receipt: TypeAlias = Mapping[str, Any]


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
    found = verdicts([citation for _, citation in parts], index)
    return [replace(one, origin=origin, part=part) for one, (part, _) in zip(found, parts, strict=True)]


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
    document = document_of(index, citation.document_id)
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
