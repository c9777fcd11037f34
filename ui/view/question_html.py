"""HTML of a question as the heading of its answer: a long one is set like a text, and folded."""

from __future__ import annotations

from ui.view.markup.direction import direction
from ui.view.markup.html import element, label
from ui.view.markup.isolation import isolated

__all__ = ["LONG", "question_html"]

LONG = 280
"""Characters, or with more than `LINES` lines, from which on a question is no heading to be read at a glance."""

LINES = 5


def question_html(question: str, language: str, lang: str | None = None) -> str:
    """Return the heading; of a long question the beginning, with a button that shows the rest.

    Args:
        question: as asked.
        language: interface language of the button.
        lang: BCP 47 code of the question, or `None`.
    """
    way = direction(question)
    if len(question) <= LONG and question.count("\n") < LINES:
        return element("h2", isolated(question, way), dir=way, class_="bq-question", lang=lang)
    heading = element("h2", isolated(question, way), dir=way, class_="bq-question bq-long", lang=lang)
    words = label(language, "show_all", class_="bq-more") + label(language, "show_less", class_="bq-less")
    fold = element("button", words, type="button", class_="bq-tool bq-fold", data_do="unfold", aria_expanded="false")
    return heading + fold
