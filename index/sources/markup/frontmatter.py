"""Front matter: the YAML (`---`) or TOML (`+++`) block above a Markdown text."""

from __future__ import annotations

import datetime as dt
import re
import tomllib
from collections.abc import Mapping

from index.language.hygiene import clean_line
from index.sources.markup.vaults import link_words
from index.types import JsonValue

__all__ = ["split_front_matter"]

_BLOCK = re.compile(r"\A\ufeff?(?P<fence>---|\+\+\+)[ \t]*\n(?P<body>.*?)\n(?P=fence)[ \t]*(?:\n|\Z)", re.DOTALL)
_LIMIT = 64 * 1024
_ALIAS = re.compile(r"^[^#\n]*[:\-,\[]\s*\*\w", re.MULTILINE)
_LIST_LIMIT = 100


def split_front_matter(text: str) -> tuple[dict[str, JsonValue], str, str]:
    """Split a text into the fields above it and the text.

    Only scalars and flat lists of scalars are kept; dates become ISO strings. YAML aliases are refused, for they are
    how a small file grows without end.

    Returns:
        The fields, the text below, and a warning (`""` when all is well).
    """
    found = _BLOCK.match(text[: _LIMIT + 16])
    if not found:
        return {}, text, ""
    body = found["body"]
    try:
        fields = tomllib.loads(body) if found["fence"] == "+++" else _yaml(body)
    except (ValueError, RecursionError) as error:  # those of TOML are values' too
        reason = clean_line(str(error))[:200]
        return {}, text[found.end() :], f"the front matter can't be understood and was left out ({reason})"
    if not isinstance(fields, Mapping):
        return {}, text, ""
    kept = {clean_line(str(key)): _value(value) for key, value in fields.items()}
    return {key: value for key, value in kept.items() if value not in ("", None, [])}, text[found.end() :], ""


def _yaml(body: str) -> object:
    import yaml  # few files have such fields

    if _ALIAS.search(body):
        raise ValueError("it uses aliases")
    try:
        return yaml.load(body, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - a safe loader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


def _value(value: object) -> JsonValue:
    if isinstance(value, dt.date):
        return value.strftime("%Y-%m-%d")
    if isinstance(value, bool | int | float):
        return value
    if isinstance(value, str):
        return clean_line(link_words(value))
    if isinstance(value, list):
        items = [_unlinked(item) for item in value[:_LIST_LIMIT]]
        return [clean_line(link_words(str(item))) for item in items if isinstance(item, str | int | float | dt.date)]
    return None


def _unlinked(item: object) -> object:
    """Return the words of a link without quotes around it, which YAML takes for a list in a list."""
    while isinstance(item, list) and len(item) == 1:
        item = item[0]
    return item
