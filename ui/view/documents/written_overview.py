"""HTML of an overview that a language model wrote, above a document in the reader; each marker leads to its words."""

from __future__ import annotations

from rag.types import Answer, Citation
from ui.view.limits import MOST_CHIPS
from ui.view.markup.direction import direction
from ui.view.markup.escape import escape
from ui.view.markup.html import element, label, named
from ui.view.markup.maker import maker_marks
from ui.view.markup.markdown import markdown_html
from ui.view.sentences import said

__all__ = ["written_html"]

_CHARACTERS = 20_000


def written_html(answer: Answer, language: str) -> str:
    """Return what was written, who wrote it, and what went wrong on the way.

    Args:
        answer: a checked text about one document.
        language: interface language of the labels.
    """
    chips = _Chips(answer, language)
    text = answer.text[:_CHARACTERS]
    body = element("div", markdown_html(text, chips), class_="bq-answer", dir=direction(text))
    who = label(language, "overview_by") + " " + element("bdi", escape(answer.llm))
    notes = "".join(element("p", escape(said(language, one)), class_="bq-note", dir="auto") for one in answer.warnings)
    return element(
        "section", body + notes + element("p", who, class_="bq-origin", **maker_marks(answer.llm)), class_="bq-written"
    )


class _Chips:
    """Makes a button of each marker, which leads to the words that it stands for."""

    def __init__(self, answer: Answer, language: str) -> None:
        self._cited: dict[int, Citation] = {one.number: one for one in answer.citations}
        self._language, self._left = language, MOST_CHIPS

    def __call__(self, number: int) -> str | None:
        """Return the button; `None` where the marker stays text."""
        one = self._cited.get(number)
        self._left -= 1
        if one is None or self._left < 0:
            return None
        return element(
            "button",
            str(number),
            type="button",
            class_="bq-chip",
            data_do="overview-point",
            data_doc=one.document_id,
            data_start=str(one.start),
            data_end=str(one.end),
            data_support=one.support,
            **named(self._language, "source_n", one.title, n=number),
        )
