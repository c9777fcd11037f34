"""The wall between what sources say and what a browser does: every shown string passes `escape`."""

from __future__ import annotations

import html
import re

__all__ = ["escape", "visible"]

# Nothing of this is ever drawn as a character. C0 and C1 controls (escape sequences, NUL), the embeddings, overrides
# and isolates that reorder the text around them, the byte order mark, interlinear anchors, tag characters (a hidden
# alphabet) and lone surrogates. Joiners (U+200C, U+200D) and the plain direction marks stay: Persian, the scripts of
# India and emoji need them.
_UNSHOWN = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb\U000e0000-\U000e007f\ud800-\udfff]"
)
_LINE_ENDS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
# Most of what is escaped are names of our own: nothing in them is looked for.
_PLAIN = re.compile(r"[A-Za-z0-9 !#%()*+,./:;=?@\[\]^_|~-]*")
# A component's HTML is put through two template languages by the web framework. The value is data to both of them
# today; written as entities these characters would stay data if that ever changed.
_TEMPLATE_CHARACTERS = (("{", "&#123;"), ("}", "&#125;"), ("$", "&#36;"), ("`", "&#96;"))


def visible(text: str) -> str:
    r"""Return the text as it may be shown: one kind of line end (`\n`), nothing that hides, reorders or controls."""
    # By Python's own table nothing that is looked for below is printable, and most texts are but for their lines.
    if text.isprintable() or text.replace("\n", "").isprintable():
        return text
    return _UNSHOWN.sub("", _LINE_ENDS.sub("\n", text))


def escape(text: str) -> str:
    """Return the visible text as HTML that holds no markup, safe in element content and in quoted attributes."""
    if _PLAIN.fullmatch(text):
        return text
    escaped = html.escape(visible(text), quote=True)
    for character, entity in _TEMPLATE_CHARACTERS:  # four searches by memchr cost less than one table walk
        escaped = escaped.replace(character, entity)
    return escaped
