"""What a web page declares about itself for machines: dates and authors in JSON-LD and `meta` elements."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from index.language.hygiene import clean_line
from index.sources.text.dates import iso_date

__all__ = ["declared"]

_MOST = 2_000  # nodes of a page's JSON-LD
_LONGEST = 1_000_000  # characters of it
_METAS = {
    "date": (
        "article:published_time",
        "datepublished",
        "dc.date.issued",
        "dcterms.created",
        "citation_publication_date",
    ),
    "modified": ("article:modified_time", "og:updated_time", "datemodified", "dcterms.modified", "last-modified"),
}


def declared(tree: Any) -> dict[str, str]:  # noqa: ANN401 - lxml has no types
    """Return `date` (when it was published), `modified` and `author` as far as a parsed page declares them.

    JSON-LD (schema.org) counts more than `meta` elements; a `time` element counts where it is marked as the one or the
    other date. Nothing is guessed from the text.
    """
    found = {name: value for name, value in _of_nodes(_nodes(tree)).items() if value}
    for element in tree.iter("meta", "time"):
        keys = {str(element.get(name) or "").lower() for name in ("property", "name", "itemprop", "http-equiv")}
        date = iso_date(element.get("content") or element.get("datetime") or "")
        for field, names in _METAS.items():
            if date and field not in found and not keys.isdisjoint(names):
                found[field] = date
    return found


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - as above
    """Go through the objects of a page's JSON-LD, outer ones first."""
    waiting: list[object] = []
    for script in tree.iter("script"):
        text = script.text or ""
        if str(script.get("type") or "").lower().strip() == "application/ld+json" and len(text) <= _LONGEST:
            try:
                waiting.append(json.loads(text, strict=False))
            except (ValueError, RecursionError):  # the page's own mistake; the rest of it can be read
                continue
    for _ in range(_MOST):
        if not waiting:
            return
        node = waiting.pop(0)
        if isinstance(node, dict):
            yield node
            node = [node.get("@graph"), node.get("mainEntity")]
        waiting += node if isinstance(node, list) else []


def _of_nodes(nodes: Iterator[dict[str, Any]]) -> dict[str, str]:
    found = {"date": "", "modified": "", "author": ""}
    for node in nodes:
        found["date"] = found["date"] or iso_date(node.get("datePublished") or "")
        found["modified"] = found["modified"] or iso_date(node.get("dateModified") or "")
        found["author"] = found["author"] or _names(node.get("author"))
    return found


def _names(author: object) -> str:
    """Return the names of one author or several."""
    people = author if isinstance(author, list) else [author]
    names = [each.get("name") if isinstance(each, dict) else each for each in people]
    return "; ".join(clean_line(name) for name in names if isinstance(name, str) and name.strip())
