"""RTF by striprtf (BSD, pure Python, a few kilobytes), which knows code pages and drops pictures and field codes.

The words in its pictures are read by OCR.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence

from index.sources.office.rtf.code import is_code_line, unmarked_line, with_code
from index.sources.office.rtf.groups import left_out_of, with_groups
from index.sources.office.rtf.pictures import pictures_in, with_digits, with_pictures
from index.sources.pictures.words import PictureWords
from index.sources.tables.rtf import rtf_blocks, with_levels
from index.sources.text.builder import TextBuilder
from index.sources.text.lines.typednotes import notes_apart
from index.sources.text.rtflinks import with_links
from index.sources.types import Extract, Head, ReadContext, Reader, RefusedError

__all__ = ["READER"]

_INFO = re.compile(r"\{\\(title|author)\s+((?:[^{}\\]|\\'[0-9a-f]{2}){1,300})\}", re.IGNORECASE)
_CREATED = re.compile(r"\{\\creatim\\yr(\d{4})\\mo(\d{1,2})\\dy(\d{1,2})")
_MOST_GROUPS = 1_000_000


def _sniff(head: Head) -> float:
    return 1.0 if head.data.lstrip().startswith(b"{\\rtf") else 0.0


def _read(data: bytes, context: ReadContext) -> Sequence[Extract]:
    from striprtf.striprtf import rtf_to_text

    source = with_digits(data.decode("latin-1"))
    if source.count("{") > _MOST_GROUPS:
        raise RefusedError("too many groups to be read as RTF", skipped=True)
    left_out = left_out_of(source)
    marked, kept = with_pictures(source)
    pictures = PictureWords(context, left_out, len(kept))
    source = with_groups(marked)
    try:
        text = str(rtf_to_text(with_levels(with_code(with_links(source))), errors="replace"))
    except (ValueError, IndexError, KeyError, LookupError, TypeError) as error:
        raise RefusedError(f"damaged: no readable RTF ({error})") from error
    builder = TextBuilder()
    _write(rtf_blocks(text, source), builder, lambda number: pictures.write(kept[number], builder))
    pictures.report()
    left_out.report(context)
    extract = notes_apart(builder.extract())
    found = {name.lower(): value.strip() for name, value in _INFO.findall(source[:65536]) if "\\" not in value}
    extract.title = found.get("title", "")
    created = _CREATED.search(source[:65536])
    date = f"{created[1]}-{int(created[2]):02}-{int(created[3]):02}" if created else ""
    extract.fields |= {"author": found.get("author", ""), "date": date}
    return [extract]


def _write(blocks: Iterable[str], builder: TextBuilder, show: Callable[[int], None]) -> None:
    """Write the blocks, lines of code that stand below each other as one; `show` writes a picture behind its block."""
    code: list[str] = []
    for marked in blocks:
        block, pictures = pictures_in(marked)
        if not pictures and (is_code_line(block) or (code and not block.strip())):
            code.append(unmarked_line(block))
            continue
        builder.code("\n".join(code))
        code = []
        builder.block(unmarked_line(block))
        for number in pictures:
            show(number)
    builder.code("\n".join(code))


READER = Reader("RTF", (".rtf",), _sniff, _read)
