"""The receipt of an answer as the page keeps it: what `rag ask --save` writes, made while the answer is fresh."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Protocol

from index.errors import StoreError
from index.types import Document
from rag.output.annotations import annotation
from rag.receipts.receipt import make
from rag.receipts.seals import receipt_key, sealed
from rag.types import Answer

__all__ = ["receipt_of"]


class Shelf(Protocol):
    """What has the documents that were quoted."""

    def document(self, document_id: str) -> Document:
        """Return one indexed document."""
        ...


def receipt_of(answer: Answer, shelf: Shelf) -> Mapping[str, Any]:
    """Return the receipt of an answer as JSON data, which `rag verify` accepts.

    It is signed where the documents lie beside their index's key.

    Args:
        answer: the finished answer, as its reader may see it.
        shelf: has the quoted documents, for their digests; one that is gone meanwhile has none.
    """
    receipt = dict(make(answer))
    for part in ("citations", "witnesses"):
        receipt[part] = [_completed(shelf, one) for one in receipt[part]]
    if receipt["short"] is not None:
        receipt["short"] = _completed(shelf, receipt["short"])
    folder = getattr(shelf, "folder", None)
    return sealed(receipt, receipt_key(folder) if isinstance(folder, Path) else None)


def _completed(shelf: Shelf, citation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a citation with what only its document says: the digest, and the annotation of its words."""
    try:
        document = shelf.document(citation["document_id"])
    except (StoreError, KeyError):
        return {**citation, "document_sha256": None, "annotation": None}
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    annotated = annotation(document, citation["start"], citation["end"])
    return {**citation, "document_sha256": digest, "annotation": annotated}
