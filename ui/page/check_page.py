"""The place on the page where a text is pasted and checked; the page's script sends it and shows what comes back."""

from __future__ import annotations

from rag.drafts.types import MOST_CHARACTERS
from ui.view import strings
from ui.view.markup.html import badge, element, label

__all__ = ["check_html"]


def check_html(language: str) -> str:
    """Return the panel, closed."""
    close = element(
        "button",
        badge("close-reader"),
        type="button",
        class_="bq-round",
        data_do="check",
        data_i18n_name="close",
        aria_label=strings.text(language, "close"),
    )
    title = label(language, "check", tag="h2") + label(language, "check_detail", tag="p", class_="bq-check-detail")
    box = element(
        "textarea",
        id="bq-draft",
        rows="9",
        dir="auto",
        spellcheck="false",
        data_most=str(MOST_CHARACTERS),
        data_i18n_name="check",
        data_i18n_placeholder="check_placeholder",
        aria_label=strings.text(language, "check"),
    )
    send = element("button", label(language, "check_do"), type="button", class_="bq-primary", data_do="check-now")
    state = '<p id="bq-check-state" role="status"></p>'
    inner = element("div", element("div", title) + close, class_="bq-library-head") + box
    inner += element("p", id="bq-check-scope", hidden="")
    inner += element("div", send + state, class_="bq-check-actions") + element(
        "div", id="bq-findings", aria_live="polite"
    )
    return element(
        "section",
        element("div", inner, class_="bq-library-inner"),
        id="bq-check",
        class_="bq-panel",
        hidden="",
        tabindex="-1",
        data_i18n_name="check",
        aria_label=strings.text(language, "check"),
    )
