"""Lines that are fields of a form, `Start date: 1 June`: each stands alone, filled in or not.

Joined to a paragraph, what is written beside one label would be read as belonging to the next.
"""

from __future__ import annotations

import re

__all__ = ["are_fields", "is_field"]

_FIELD = re.compile(r"[^\W\d_][^:：\n.!?;。！？]{0,58}[:：](?:\s|\Z)")
_EMPHASIS = str.maketrans("", "", "*_`")


def is_field(line: str) -> bool:
    """Tell whether a line begins with a label, its colon behind few words."""
    return bool(_FIELD.match(line.lstrip()))


def are_fields(markup: str) -> bool:
    """Tell whether all lines of a paragraph of Markdown are fields; one line alone is a sentence as well."""
    lines = [line for line in markup.translate(_EMPHASIS).split("\n") if line.strip()]
    return len(lines) > 1 and all(map(is_field, lines))
