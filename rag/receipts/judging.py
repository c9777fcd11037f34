"""What became of the citations of a receipt: whether their words still stand in the index, and where."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeAlias

from index.errors import StoreError
from index.records import location
from index.types import Document
from rag.receipts.fields import Part
from rag.receipts.moved import find, renamed_documents, same_passage
from rag.receipts.seals import Origin
from rag.retrieval.retrieve import Readable

__all__ = ["Verdict", "document_of", "verdicts"]

State: TypeAlias = Literal["holds", "moved", "gone"]
_Quoted: TypeAlias = Mapping[str, Any]  # a citation as the receipt has it


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


def verdicts(citations: Sequence[Mapping[str, Any]], index: Readable) -> list[Verdict]:
    """Return what became of each citation."""
    documents = [document_of(index, citation["document_id"]) for citation in citations]
    found = [_judge(citation, document) for citation, document in zip(citations, documents, strict=True)]
    lost = [at for at, verdict in enumerate(found) if verdict is None]
    present = [documents[at] is not None for at in lost]
    elsewhere = renamed_documents([citations[at] for at in lost], present, index)
    judged = map(_judged_elsewhere, (citations[at] for at in lost), present, elsewhere)
    return [verdict or next(judged) for verdict in found]


def document_of(index: Readable | None, name: str) -> Document | None:
    """Return a document of the index, `None` when there is no such document or no index."""
    if index is None:
        return None
    try:
        return index.store.document(name)
    except StoreError as error:
        if type(error) is not StoreError:  # damaged, busy …: nothing can be said about the document
            raise
        return None  # an unknown id


def _judge(citation: _Quoted, document: Document | None) -> Verdict | None:
    """Return what became of a citation in the document of its own name; `None` when its words are not there."""
    found = None if document is None else find(document.text, citation)
    return None if document is None or found is None else _found(citation, document, found)


def _judged_elsewhere(citation: _Quoted, present: bool, document: Document | None) -> Verdict:
    found = None if document is None else find(document.text, citation)
    if document is not None and found is not None:
        verdict = _found(citation, document, found)
        reason = f"the document is now {document.source}: {verdict.reason}"
        return replace(verdict, state="moved", found_in=document.id, reason=reason)
    words = "the document no longer holds these words" if present else "the document is no longer in the index"
    return _verdict(citation, "gone", None, False, words)


def _found(citation: _Quoted, document: Document, found: int) -> Verdict:
    changed = not same_passage(document.text, citation, found)
    where = "the words stand where they stood" if found == citation["start"] else "the words stand elsewhere in it now"
    renamed = _renamed(citation, document, found)
    reason = where + (", and the text around them was edited" if changed else "")
    reason += f", but the index says another {' and '.join(renamed)}" if renamed else ""
    state: State = "holds" if found == citation["start"] else "moved"
    return replace(_verdict(citation, state, found, changed, reason), renamed=renamed)


def _renamed(citation: _Quoted, document: Document, found: int) -> tuple[str, ...]:
    """Return what the receipt says of the document where the index says otherwise."""
    where = location(document, found, found + len(citation["quote"]))
    here = {"title": document.title, "source": document.source, "page": where}
    noted = {"title": citation.get("title"), "source": citation["source"], "page": citation.get("location")}
    same_place = found == citation["start"]
    return tuple(name for name in here if here[name] != noted[name] and (same_place or name != "page"))


def _verdict(citation: _Quoted, state: State, start: int | None, changed: bool, reason: str) -> Verdict:
    end = None if start is None else start + len(citation["quote"])
    named = (citation["document_id"], citation["source"], citation["quote"])
    return Verdict(citation["number"], state, *named, start, end, changed, reason)
