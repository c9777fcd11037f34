"""Formulas of a model's answer as MathML, which browsers draw themselves: no script, no font, nothing is fetched.

latex2mathml (MIT, pure Python, 0.3 MB) reads the TeX. Only its elements are used: their names are checked against a
list, every attribute is dropped (TeX can set links and styles), and every text goes through `escape`.
"""

from __future__ import annotations

import html
import re
from xml.etree.ElementTree import Element

from ui.view.markup.escape import escape

__all__ = ["formula_html"]

_TAGS = frozenset(
    {
        "math", "mrow", "mi", "mo", "mn", "mtext", "mspace", "mfrac", "msqrt", "mroot", "msup", "msub", "msubsup",
        "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose",
    }
)  # fmt: skip
_LONGEST = 1_000
_DEEPEST = 40
_ENTITY = re.compile(r"&#x[0-9A-Fa-f]{1,6};")


def formula_html(tex: str, *, block: bool = False) -> str:
    """Return a formula as MathML; its TeX as code when it can't be read.

    Args:
        tex: without its delimiters.
        block: it stands on a line of its own.
    """
    formula = _read(tex.strip())
    if formula is None:
        return f'<code dir="ltr">{escape(tex)}</code>'
    return f'<math display="{"block" if block else "inline"}" dir="ltr">{formula}</math>'


def _read(tex: str) -> str | None:
    if not tex or len(tex) > _LONGEST or tex.count("{") + tex.count("\\left") > _DEEPEST:
        return None
    try:
        from latex2mathml.converter import convert_to_element

        found = convert_to_element(tex)
    except Exception:  # noqa: BLE001 -- the package raises a dozen kinds for TeX that is wrong, IndexError among them
        return None
    return "".join(_written(child) for child in found)


def _written(element: Element) -> str:
    """Return an element without its attributes; of one that is not on the list only what it holds."""
    inner = _text(element.text) + "".join(_written(child) + _text(child.tail) for child in element)
    return f"<{element.tag}>{inner}</{element.tag}>" if element.tag in _TAGS else inner


def _text(text: str | None) -> str:
    """Return a text escaped; signs come as numbers of characters."""
    return escape(_ENTITY.sub(lambda entity: html.unescape(entity.group()), text or ""))
