"""The lines of a document in which it says who wrote it, to whom and when."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from index.language.fields import ListField
from index.language.folding import fold
from index.language.lexicon import known_words
from index.types import Document, Sentence
from rag.overview.asked.asked_of_files import AUTHOR, DATE, LIST, RECIPIENT

__all__ = ["fields_of"]

_LABELS: Mapping[str, ListField] = {AUTHOR: "author_labels", RECIPIENT: "recipient_labels", DATE: "date_labels"}


def fields_of(document: Document, wanted: str) -> Sentence | None:
    """Return where the lines stand that tell something of a document, `None` where it doesn't.

    Args:
        document: a message, or a document with a block of its file's properties (`index.building.passages.properties`).
        wanted: `AUTHOR`, `RECIPIENT` or `DATE`; `LIST` for all that it states.
    """
    lines = list(_lines(document))
    kept = [span for name, span in lines if wanted == LIST or name in known_words(_LABELS[wanted])]
    if not kept:
        return None
    end = kept[0][1]
    for start, stop in kept[1:]:
        end = stop if start == end + 1 else end
    return Sentence(kept[0][0], end)


def _lines(document: Document) -> Iterator[tuple[str, tuple[int, int]]]:
    """Yield the name of each field and where its line stands."""
    text, properties = document.text, document.metadata.get("properties")
    if "sender" in document.metadata:
        start, end = 0, text.find("\n\n")
    elif isinstance(properties, Sequence) and len(properties) == 2:
        start, end = int(str(properties[0])), int(str(properties[1]))
    else:
        return
    for line in text[start : end if end >= 0 else len(text)].split("\n"):
        name, colon, value = line.partition(": ")
        if colon and value.strip():
            yield fold(name.strip()), (start, start + len(line))
        start += len(line) + 1
