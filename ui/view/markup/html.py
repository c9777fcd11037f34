"""Building blocks of markup: elements whose attributes are escaped, and labels in the interface's language."""

from __future__ import annotations

from ui.view import strings
from ui.view.markup.escape import escape

__all__ = ["badge", "element", "label", "named"]


def element(tag: str, inner: str = "", **attributes: str | None) -> str:
    """Return an element around HTML that is already safe.

    Args:
        tag: name of the element, written in our own code.
        inner: HTML that was made by this module or from `escape`.
        **attributes: raw values, escaped here; `class_` is `class`, `data_x` is `data-x`, `None` is left out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(value)}"'
        for name, value in attributes.items()
        if value is not None
    )
    return f"<{tag}{written}>{inner}</{tag}>"


def label(
    language: str,
    key: str,
    *,
    tag: str = "span",
    class_: str | None = None,
    does: str | None = None,
    **values: object,
) -> str:
    """Return an interface text that the page can translate on the spot when the reader switches the language.

    Args:
        language: interface language in which it is written now.
        key: its key in `ui.view.strings`.
        tag: the element that holds it.
        class_: CSS classes of that element.
        does: what a button does, by the name under which the page's script knows it.
        **values: what fills its placeholders.
    """
    filled = {f"data_value_{name}": str(value) for name, value in values.items()}
    inner = escape(strings.text(language, key, **values))
    acts = {} if does is None else {"type": "button", "data_do": does}
    return element(tag, inner, class_=class_, data_i18n=key, **acts, **filled)


def named(language: str, key: str, of: str, **values: object) -> dict[str, str]:
    """Return attributes that name an element for who hears the page, in a form that the page can translate on the spot.

    Args:
        language: interface language in which the name is written now.
        key: its key in `ui.view.strings`.
        of: what it is the name of, in its own words.
        **values: what fills the placeholders.
    """
    filled = {f"data_value_{name}": str(value) for name, value in values.items()}
    name = f"{strings.text(language, key, **values)}: {of}"
    return {"aria_label": name, "data_i18n_name": key, "data_i18n_of": of, **filled}


def badge(name: str) -> str:
    """Return an icon; its picture comes from the style sheet."""
    return element("span", class_=f"bq-icon bq-icon-{name}", aria_hidden="true")
