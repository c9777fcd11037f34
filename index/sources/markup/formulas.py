"""Formulas as a line of text: `10⁶`, `(a+b)/2`, `√(x)`; MathML of pages and the formulas of Office files alike."""

from __future__ import annotations

import re
from typing import Any

from index.sources.text.raised import lowered, raised

__all__ = ["formula_text"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_MOST_DEPTH = 40
_SIMPLE = re.compile(r"[\w.,′'°%]*\Z")
_LEFT_OUT = frozenset(
    ["annotation", "annotation-xml", "rPr", "ctrlPr", "sSupPr", "sSubPr", "fPr", "dPr", "radPr", "naryPr"]
)
# By the name of an element: what it is, in MathML and in Office's own form.
_FRACTIONS, _ROOTS = frozenset(["mfrac", "f"]), frozenset(["msqrt", "mroot", "rad"])
_RAISED, _LOWERED = frozenset(["msup", "sSup", "mover"]), frozenset(["msub", "sSub", "munder"])
_BOTH = frozenset(["msubsup", "sSubSup", "munderover", "nary"])


def formula_text(element: Element, depth: int = 0) -> str:
    """Return a formula as text on one line."""
    if depth > _MOST_DEPTH or not isinstance(element.tag, str) or _name(element) in _LEFT_OUT:
        return ""
    name = _name(element)
    parts = [child for child in element if isinstance(child.tag, str) and _name(child) not in _LEFT_OUT]
    said = [formula_text(child, depth + 1) for child in parts]
    if name == "nary":
        return _sum(element, parts, said)
    if not parts:
        return " ".join((element.text or "").split())
    return _built(name, said) or "".join(said)


def _built(name: str, said: list[str]) -> str:
    """Return the parts of a formula put together, `""` where they only follow each other."""
    if name in _FRACTIONS and len(said) == 2:
        return f"{_grouped(said[0])}/{_grouped(said[1])}"
    if name in _ROOTS:
        return _root(name, said)
    if name in _RAISED and len(said) == 2:
        return said[0] + _up(said[1], said[0])
    if name in _LOWERED and len(said) == 2:
        return said[0] + _down(said[1], said[0])
    if name in _BOTH and len(said) == 3:
        return said[0] + _down(said[1], said[0]) + _up(said[2], said[0])
    return f"({'; '.join(said)})" if name == "d" else ""


def _name(element: Element) -> str:
    return str(element.tag).rpartition("}")[2]


def _grouped(text: str) -> str:
    return text if _SIMPLE.match(text) else f"({text})"


def _up(text: str, before: str) -> str:
    return raised(text, before[-1:]) if _SIMPLE.match(text) else f"^({text})"


def _down(text: str, before: str) -> str:
    return lowered(text, before[-1:]) if _SIMPLE.match(text) else f"_({text})"


def _root(name: str, said: list[str]) -> str:
    if name == "msqrt":
        return f"√{_grouped(''.join(said))}"
    degree, body = (said[1], said[0]) if name == "mroot" and len(said) > 1 else ("".join(said[:-1]), said[-1])
    return f"{degree}√{_grouped(body)}" if not degree else f"{raised(degree, '')}√{_grouped(body)}"


def _sum(element: Element, parts: list[Element], said: list[str]) -> str:
    """Return a sum, an integral and the like with its limits."""
    held = {_name(part): text for part, text in zip(parts, said, strict=True)}
    signs = [mark for mark in element.iter() if isinstance(mark.tag, str) and _name(mark) == "chr"]
    sign = next((value for mark in signs[:1] for value in mark.attrib.values()), "∫")
    low, high = held.get("sub", ""), held.get("sup", "")
    return sign + (_down(low, sign) if low else "") + (_up(high, sign) if high else "") + " " + held.get("e", "")
