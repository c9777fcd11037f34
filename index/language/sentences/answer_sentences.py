"""Where the sentences of an answer begin and end."""

from __future__ import annotations

from index.language.sentences.splitting import sentences

__all__ = ["sentence_spans"]


def sentence_spans(text: str, language: str = "und") -> list[tuple[int, int]]:
    """Return the (start, end) of each sentence, without the space around it, in order.

    A line break always ends one: models write lists and headings, and wrap no lines.

    Args:
        text: what a model wrote, or a quote.
        language: its BCP 47 code; some languages end sentences with marks of their own.
    """
    spans: list[tuple[int, int]] = []
    position = 0
    for line in text.splitlines(keepends=True):
        spans += [(position + found.start, position + found.end) for found in sentences(line, language)]
        position += len(line)
    return spans
