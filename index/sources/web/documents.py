"""Pages that are documents: reports and exports in HTML, without the scripts and menus of a web site.

All of such a page is its text: the search for the main text of a web page would leave out lists, forms and captions.
"""

from __future__ import annotations

import re
from typing import Any

__all__ = ["is_like_a_document", "remove_furniture"]

Element = Any
"""An lxml element; lxml brings no types of its own."""

_MOST_LINKED = 0.25  # share of the letters
_FURNITURE = ("nav", "aside", "menu", "footer")
_ROLES = frozenset(["navigation", "banner", "contentinfo", "complementary", "search"])
_NAMED = re.compile(
    r"\b(?:cookies?|consent|banner|menu|nav|navbar|navigation|sidebar|breadcrumbs?|share|social|related|comments?|advert\w*"
    r"|ads?|newsletter|subscribe|popup|modal|promo|teaser|site-?header|site-?footer|footer|pagination)\b",
    re.IGNORECASE,
)
_SEPARATED = re.compile(r"[_-]")


def is_like_a_document(tree: Element) -> bool:
    """Tell whether a page is a document by itself: nothing of it is named as a site's, no scripts, few links."""
    if any(script.get("src") for script in tree.iter("script")):
        return False
    body = tree.find("body")
    if body is None or any(_is_named(element) for element in body.iter()):
        return False
    inside = [link for link in body.iter("a") if not any(above.tag in _FURNITURE for above in link.iterancestors())]
    linked = sum(len("".join(link.itertext()).strip()) for link in inside)
    return linked <= _MOST_LINKED * len(" ".join("".join(body.itertext()).split()))


def remove_furniture(tree: Element) -> None:
    """Take out, in place, the menus that a document has all the same."""
    for element in [each for each in tree.iter(*_FURNITURE) if _is_menu(each)]:
        element.drop_tree()


def _is_menu(element: Element) -> bool:
    """Tell whether an element holds links and little else."""
    said = len(" ".join("".join(element.itertext()).split()))
    linked = sum(len(" ".join("".join(link.itertext()).split())) for link in element.iter("a"))
    return said > 0 and linked > 0.5 * said


def _is_named(element: Element) -> bool:
    if not isinstance(element.tag, str):
        return False
    names = " ".join((element.get(name) or "") for name in ("class", "id"))
    return (element.get("role") or "") in _ROLES or bool(names.strip() and _NAMED.search(_SEPARATED.sub(" ", names)))
