"""What a receipt keeps of the short answer, and whether what was read from a file has the fields that are needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal, TypeAlias

from rag.receipts.moved import digest
from rag.types import Answer, Citation

__all__ = ["Part", "is_sound", "is_sound_receipt", "proofs", "short_fields"]

# Far more than an answer quotes, and longer than a passage may be; each is looked for in the index.
_MOST_PROOFS, _LONGEST_PASSAGE = 2_000, 20_000

Part: TypeAlias = Literal["citation", "short", "witness"]


def short_fields(answer: Answer, citation: Callable[[Citation], Mapping[str, object]]) -> dict[str, object]:
    """Return the fields of the short answer and of what other documents say to it."""
    short = None if answer.short is None else {**citation(answer.short), "rendered": answer.rendered}
    witnesses = [{**citation(one.citation), "rendered": one.rendered, "agrees": one.agrees} for one in answer.witnesses]
    return {"short": short, "witnesses": witnesses}


def proofs(receipt: Mapping[str, Any]) -> list[tuple[Part, Mapping[str, Any]]]:
    """Return all that a receipt quotes, each with the part of the answer that it proves."""
    short = receipt.get("short")
    found: list[tuple[Part, Mapping[str, Any]]] = [] if short is None else [("short", short)]
    found += [("witness", one) for one in receipt.get("witnesses") or ()]
    return [*found, *(("citation", one) for one in receipt["citations"])]


def is_sound_receipt(receipt: Mapping[str, Any]) -> bool:
    """Tell whether everything that a receipt quotes has what is read of it."""
    lists = [receipt.get("citations"), receipt.get("witnesses", [])]
    if not all(isinstance(one, list) for one in lists):
        return False
    quoted = proofs(receipt)
    return len(quoted) <= _MOST_PROOFS and all(is_sound(one) for _, one in quoted)


def is_sound(citation: object) -> bool:
    """Tell whether a citation of a receipt has everything that is read of it, and its quote its digest."""
    if not isinstance(citation, dict):
        return False
    texts = [citation.get(name) for name in ("document_id", "source", "quote", "quote_sha256")]
    numbers = [citation.get(name) for name in ("number", "start", "end")]
    passage = citation.get("passage", False)
    return (
        all(isinstance(text, str) for text in texts)
        and all(_is_count(number) for number in numbers)
        and bool(citation["quote"])
        and citation["end"] - citation["start"] == len(citation["quote"])
        and citation["quote_sha256"] == digest(citation["quote"])
        and (passage is None or _is_place(passage))
    )


def _is_place(passage: object) -> bool:
    return (
        isinstance(passage, dict)
        and _is_count(passage.get("start"))
        and _is_count(passage.get("end"))
        and passage["end"] - passage["start"] <= _LONGEST_PASSAGE
        and isinstance(passage.get("sha256"), str)
    )


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0
