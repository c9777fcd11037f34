"""The words that decided over a text, as others can follow them: W3C Web Annotations."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from index.types import Document
from rag.drafts.types import CheckedDraft
from rag.output.annotations import named_annotations

__all__ = ["draft_annotations"]


def draft_annotations(draft: CheckedDraft, document: Callable[[str], Document]) -> list[Mapping[str, Any]]:
    """Return the words that decided over a text as Web Annotations.

    Their names are `urn:babelquote:quotation:N:CITATION` and `urn:babelquote:claim:N:CITATION`; N is the place in the
    list of quotations or claims, from 1.

    Args:
        draft: the checked text.
        document: gives a document by its id; words that stand there no more are left out.
    """
    quoted = [
        (f"quotation:{number}:{one.number}", one)
        for number, quotation in enumerate(draft.quotations, start=1)
        for one in quotation.citations
    ]
    claimed = [
        (f"claim:{number}:{claim.citation.number}", claim.citation)
        for number, claim in enumerate(draft.claims, start=1)
        if claim.citation is not None
    ]
    return named_annotations([*quoted, *claimed], document)
