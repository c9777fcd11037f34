"""The library's place on the page: its frame, which the page's script fills."""

from __future__ import annotations

from ui.view import strings
from ui.view.markup.html import badge, element, label

__all__ = ["library_html"]


def library_html(language: str) -> str:
    """Return the panel that shows what is indexed, closed."""
    inner = _head(language) + _progress(language)
    inner += _group("topics", "library_topics", language) + _group("collections", "collections", language)
    inner += _group("folders", "library_folders", language) + _search(language)
    inner += '<ul id="bq-documents"></ul>' + _button("library_more", "library-more", language, "bq-tool")
    inner += '<div id="bq-picked" role="status" hidden></div>'
    return element(
        "section",
        element("div", inner, class_="bq-library-inner") + label(language, "library_drop", tag="p", class_="bq-drop"),
        id="bq-library",
        hidden="",
        tabindex="-1",
        data_i18n_name="library",
        aria_label=strings.text(language, "library"),
    )


def _head(language: str) -> str:
    title = label(language, "library", tag="h2") + '<p id="bq-counts"></p>'
    update = _button("library_update", "library-update", language, "bq-outline")
    add = _button("library_add", "library-add", language, "bq-primary")
    close = element(
        "button",
        badge("close-reader"),
        type="button",
        class_="bq-round",
        data_do="library",
        data_i18n_name="close",
        aria_label=strings.text(language, "close"),
    )
    actions = element("div", update + add, class_="bq-library-actions", id="bq-admin", hidden="")
    return element("div", element("div", title) + actions + close, class_="bq-library-head") + _adding(language)


def _adding(language: str) -> str:
    files = element("input", type="file", id="bq-files", multiple="", hidden="").replace("</input>", "")
    where = _input("bq-place", "library_place", "text", language)
    place = element("form", where + _button("library_place_add", "library-place", language, "bq-outline"), id="bq-add")
    note = element("p", id="bq-limits")
    come_from = label(language, "library_places", tag="h3") + "<ul></ul>"
    places = element("div", come_from, id="bq-places", hidden="")
    return files + element("div", place + note + places, id="bq-adding", hidden="")


def _progress(language: str) -> str:
    bar = '<div class="bq-progress" role="progressbar" aria-valuemin="0" aria-valuemax="100" hidden><i></i></div>'
    words = '<p class="bq-stage" role="status"></p>'
    keep = element("p", _button("collection_keep", "keep-uploads", language, "bq-outline"), class_="bq-keep", hidden="")
    return element("div", words + bar + '<div class="bq-report"></div>' + keep, id="bq-build", hidden="")


def _group(kind: str, title: str, language: str) -> str:
    """Return the place of what narrows the list: a heading and a list that the script fills."""
    head = label(language, title, tag="h3").replace("<h3", f'<h3 id="bq-{kind}-title"')
    return element("div", head + "<ul></ul>", id=f"bq-{kind}", class_="bq-narrowing", hidden="")


def _search(language: str) -> str:
    chosen = element("option", strings.text(language, "library_all"), value="", data_i18n="library_all")
    languages = element(
        "select",
        chosen,
        id="bq-library-language",
        data_i18n_name="library_all",
        aria_label=strings.text(language, "library_all"),
    )
    find = _input("bq-library-find", "library_search", "search", language)
    return element("div", find + languages + '<span id="bq-left-out"></span>', class_="bq-library-search")


def _input(identifier: str, key: str, kind: str, language: str) -> str:
    return element(
        "input",
        type=kind,
        id=identifier,
        data_i18n_name=key,
        data_i18n_placeholder=key,
        aria_label=strings.text(language, key),
    ).replace("</input>", "")


def _button(key: str, do: str, language: str, class_: str) -> str:
    return element("button", label(language, key), type="button", class_=class_, data_do=do)
