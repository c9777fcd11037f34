"""Documents of an index as notes for Obsidian: one Markdown file each, a block for each passage.

The words are those of the document; what Markdown or a plugin of Obsidian would act on (links, pictures, tags, code) is
escaped, since a note is run, in a way, when it is opened, and a document may come from anybody.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from index.errors import ConfigError
from index.types import Document, Passage

if TYPE_CHECKING:
    from index.locations import Location

__all__ = ["note_of", "write_vault"]

_MARK = "babelquote: "
_ACTIVE = re.compile(r"([\\`<>\[\]#^$%|~*_={}!])")
_NOT_IN_NAMES = re.compile(r'[\\/:*?"<>|#^\[\]\x00-\x1f]+')
_RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")
_NAME_BYTES = 180


def write_vault(folder: Path, index_dir: Location | None) -> int:
    """Write a note for each document of an index; returns how many.

    Args:
        folder: of the notes, made when it is not there. Notes of ours are replaced, nothing else.
        index_dir: the index; `None` is the default one.

    Raises:
        ConfigError: a file of that name is there already and no note of ours.
        StoreError: there is no sound index.
    """
    import index

    with index.open(index_dir) as opened:
        folder.mkdir(parents=True, exist_ok=True)
        used = set[str]()
        for document_id in opened.store.document_ids():
            document = opened.store.document(document_id)
            path = folder / f"{_name(document, used)}.md"
            if path.exists() and not _is_ours(path):
                raise ConfigError(f"{path}: is there already and was not written here", "name another folder")
            passages = opened.store.passages(opened.store.keys(document_id))
            path.write_text(note_of(document, passages), "utf-8", errors="replace", newline="\n")
    return len(used)


def note_of(document: Document, passages: Sequence[Passage]) -> str:
    """Return a document as a note: what it is, then its text, blocks marked `^p0`, `^p1` … where passages end."""
    properties = {"title": document.title, "source": document.source, "language": document.language}
    if isinstance(date := document.metadata.get("date"), str):
        properties["date"] = date
    head = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in properties.items()]
    lines = ["---", _MARK + json.dumps(document.id, ensure_ascii=False), *head, "---", ""]
    return "\n".join(lines) + "".join(_pieces(document.text, passages))


def _pieces(text: str, passages: Sequence[Passage]) -> Iterator[str]:
    """Yield the text in pieces; a block can only be marked at the end of a line."""
    at = 0
    for number, passage in enumerate(sorted(passages, key=lambda one: one.end)):
        if passage.end < at or text[passage.end : passage.end + 1] not in ("\n", ""):
            continue
        yield _escaped(text[at : passage.end]) + f" ^p{number}"
        at = passage.end
    yield _escaped(text[at:])


def _escaped(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", text)


def _name(document: Document, used: set[str]) -> str:
    """Return a name that any system takes and that no other note has."""
    plain = unicodedata.normalize("NFC", document.title or document.id)
    kept = " ".join(_NOT_IN_NAMES.sub(" ", plain).split()).strip(". ")
    kept = kept.encode("utf-8", "ignore")[:_NAME_BYTES].decode("utf-8", "ignore").strip(". ") or "document"
    kept = f"{kept} note" if _RESERVED.fullmatch(kept) else kept
    name, number = kept, 1
    while name.casefold() in used:
        number += 1
        name = f"{kept} {number}"
    used.add(name.casefold())
    return name


def _is_ours(path: Path) -> bool:
    with path.open(encoding="utf-8", errors="replace") as file:
        return file.readline().strip() == "---" and file.readline().startswith(_MARK)
