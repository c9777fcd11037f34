"""The frame of the page: header, panes, and what goes into its head (style, scripts, interface texts)."""

from __future__ import annotations

import json
from importlib.resources import files

from rag.output.notices import PROGRAM, program_version
from ui.page.check_page import check_html
from ui.page.library_page import library_html
from ui.view import strings
from ui.view.markup.escape import escape
from ui.view.markup.html import badge, element, label
from ui.view.style import ICON, style

__all__ = ["head_html", "history_html", "shell_html"]

_SCRIPTS = (
    "texts.js",
    "wire.js",
    "store.js",
    "reader.js",
    "overview.js",
    "page.js",
    "sending.js",
    "removal.js",
    "topics.js",
    "scope.js",
    "folders.js",
    "collections.js",
    "collection_form.js",
    "library.js",
    "dropping.js",
    "check.js",
    "picker.js",
    "start.js",
    "asking.js",
    "address.js",
    "chat.js",
)


def head_html() -> str:
    """Return what goes into the page's head: the interface texts as data and our own scripts, inline."""
    texts = {code: dict(strings.table(code)) for code in strings.LANGUAGES}
    data = json.dumps(texts, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    scripts = "".join(f"<script>{(files('ui') / 'static' / name).read_text('utf-8')}</script>" for name in _SCRIPTS)
    meta = '<meta name="color-scheme" content="light dark">'
    meta += f'<meta name="generator" content="{PROGRAM} {program_version()}">'  # answers are made by a program
    return f'{meta}{ICON}<style>{style()}</style><script type="application/json" id="bq-texts">{data}</script>{scripts}'


def shell_html(language: str, *, library: bool = False) -> str:
    """Return header, conversation drawer, reader pane and the card that floats over a citation.

    Args:
        language: interface language of the labels.
        library: whether there is a view of what is indexed.
    """
    skip = label(language, "skip", tag="button", class_="bq-skip")
    return (
        skip
        + _header(language, library=library)
        + _drawer(language)
        + (library_html(language) if library else "")
        + check_html(language)
        + _reader(language)
        + '<div id="bq-float" role="tooltip" hidden></div>'
    )


def history_html(language: str) -> str:
    """Return the place of the earlier turns."""
    return element(
        "section", id="bq-history", aria_label=strings.text(language, "conversation"), data_i18n_name="conversation"
    )


def _header(language: str, *, library: bool) -> str:
    brand = '<span class="bq-mark" aria-hidden="true"></span><h1 class="bq-name" translate="no">Babelquote</h1>'
    options = "".join(
        element("option", escape(name), value=code, lang=code) for code, name in strings.LANGUAGES.items()
    )
    picker = element(
        "select", options, id="bq-pick", data_i18n_name="language", aria_label=strings.text(language, "language")
    )
    picker = element("label", badge("globe") + picker, class_="bq-picker")
    buttons = _button("library", "library", language) if library else ""
    buttons += _button("check", "check", language)
    buttons += _button("conversations", "drawer", language) + _button("new_chat", "new", language)
    last = _button("theme", "theme", language) + _button("sign_out", "sign-out", language, hidden="")
    actions = element("div", buttons + picker + last, class_="bq-actions")
    return element("header", element("div", brand, class_="bq-brand") + actions, class_="bq-header")


def _button(key: str, do: str, language: str, **more: str) -> str:
    name = strings.text(language, key)
    return element(
        "button",
        badge(do),
        type="button",
        class_="bq-round",
        data_do=do,
        data_i18n_name=key,
        aria_label=name,
        title=name,
        **more,
    )


def _drawer(language: str) -> str:
    title = label(language, "conversations", tag="h2")
    head = element("div", title + _button("close", "close-drawer", language), class_="bq-pane-head")
    find = element(
        "input",
        type="search",
        id="bq-find",
        data_i18n_name="find",
        data_i18n_placeholder="find",
        aria_label=strings.text(language, "find"),
    ).replace("</input>", "")
    saves = "".join(
        element("button", label(language, f"save_{kind}"), type="button", class_="bq-tool", data_do=f"save-{kind}")
        for kind in ("markdown", "html", "json")
    )
    inner = head + find + '<ul id="bq-saved"></ul>' + element("div", saves, class_="bq-pane-foot")
    return element(
        "nav",
        inner,
        id="bq-drawer",
        hidden="",
        data_i18n_name="conversations",
        aria_label=strings.text(language, "conversations"),
    )


def _views(language: str) -> str:
    """Return the bar between page and text, for documents that have both, and the ways to the original."""
    kinds = "".join(
        element(
            "button", label(language, f"reader_{kind}"), type="button", data_do=f"view-{kind}", aria_pressed="false"
        )
        for kind in ("page", "text")
    )
    tools = (
        _button("page_previous", "page-back", language)
        + '<span id="bq-sheet-n" dir="auto"></span>'
        + _button("page_next", "page-on", language)
        + _button("zoom_out", "zoom-out", language)
        + _button("zoom_in", "zoom-in", language)
    )
    links = element("a", label(language, "open_original"), id="bq-original", download="", hidden="")
    links += element(
        "a", label(language, "web_at_words"), id="bq-web", target="_blank", rel="noopener noreferrer", hidden=""
    )
    inner = element("div", kinds, id="bq-views", role="group", hidden="")
    inner += element("div", tools, id="bq-sheet-tools", hidden="")
    return element("div", inner + links, id="bq-views-bar", hidden="")


def _reader(language: str) -> str:
    steps = (
        _button("previous", "previous", language)
        + '<span id="bq-nth" dir="auto"></span>'
        + _button("next", "next", language)
    )
    head = element(
        "div",
        element("div", steps, class_="bq-steps") + _button("close", "close-reader", language),
        class_="bq-pane-head",
    )
    body = element("div", id="bq-page", tabindex="0", role="document")
    sheet = element("div", id="bq-sheet", tabindex="0", role="document", hidden="")
    return element(
        "section",
        head + _views(language) + body + sheet,
        id="bq-reader",
        hidden="",
        data_i18n_name="reader",
        aria_label=strings.text(language, "reader"),
    )
