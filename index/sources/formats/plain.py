"""Plain text in any encoding: the reader of last resort for whatever decodes as text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from index.sources.tables.pages.aligned import with_tables_marked
from index.sources.text.builder import TextBuilder
from index.sources.text.encoding import decoded
from index.sources.text.lines.plaincode import with_code_marked
from index.sources.types import Extract, Head, ReadContext, Reader
from index.sources.web.boilerplate import source_name, strip_page_remnants
from index.types import JsonValue

__all__ = ["READER"]

_TITLE_LENGTH = 150
# Programs: what their names end with is what says so.
_CODE = frozenset([
    ".bash", ".bat", ".c", ".cc", ".cpp", ".cs", ".css", ".dart", ".ex", ".go", ".h", ".hpp", ".hs", ".java", ".jl",
    ".js", ".jsx", ".kt", ".lua", ".m", ".php", ".pl", ".ps1", ".py", ".r", ".rb", ".rs", ".scala", ".scss", ".sh",
    ".sql", ".swift", ".tf", ".ts", ".tsx", ".vb", ".vue", ".zsh",
])  # fmt: skip
_BETWEEN_BLOCKS = re.compile(r"\n(?:[ \t]*\n)+")
_NO_TITLE = ("{", "<", "[", "#!", "//", "/*", '"""', "'''")  # data and code


def _sniff(head: Head) -> float:
    return 0.2 if head.text else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    return [extract_plain(decoded(data, context), context)]


def extract_plain(text: str, context: ReadContext) -> Extract:
    """Return a plain text without the remnants of the web page that it may have been saved from."""
    builder = TextBuilder()
    if context.path.suffix.lower() in _CODE:
        return _of_code(text, builder)
    builder.block(with_tables_marked(with_code_marked(text)))
    whole = builder.extract()
    kept, removed = strip_page_remnants(whole.text)
    outlet = source_name(whole.text) if removed else ""
    if removed:
        context.warn(f"left out as parts of the page around the text: {'; '.join(removed)}")
    extract = Extract(text=kept, title=_title_line(kept), fields={"outlet": outlet})
    start = whole.text.index(kept) if whole.code or whole.tables else 0
    moved = [(low - start, high - start) for low, high in whole.code]
    extract.code = [(low, high) for low, high in moved if low >= 0 and high <= len(kept)]
    extract.tables = list(_moved(whole.tables, start, len(kept)))
    return extract


def _moved(tables: Sequence[dict[str, JsonValue]], start: int, length: int) -> Iterator[dict[str, JsonValue]]:
    """Yield the tables of a text of which a part is left, those that lie in it."""
    for table in tables:
        low, high = (int(str(table[key])) - start for key in ("start", "end"))
        if low >= 0 and high <= length:
            yield table | {"start": low, "end": high}


def _of_code(text: str, builder: TextBuilder) -> Extract:
    """Return the text of a program, each block between empty lines a piece of code: lines stay lines when quoted."""
    for block in _BETWEEN_BLOCKS.split(text):
        builder.code(block)
    return builder.extract()


def _title_line(text: str) -> str:
    """Return the first line when it stands like a title: short, no full stop, more text below."""
    line, _, rest = text.partition("\n")
    line = line.strip()
    looks_right = 0 < len(line) <= _TITLE_LENGTH and line[-1] not in ".。।،,;:؛" and len(rest) > 2 * len(line)
    return line if looks_right and not line.startswith(_NO_TITLE) else ""


READER = Reader("plain text", (".txt", ".text", ".log"), _sniff, _read)
