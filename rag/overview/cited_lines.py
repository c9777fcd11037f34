"""An answer about the library as it grows by lines, each with the words of a document behind it."""

from __future__ import annotations

import re
from calendar import monthrange
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import TypeAlias

from index.embedders.answer_profiles import TextsProfile
from index.embedders.profile import profile_of
from index.language.fields import TextField
from index.language.numbers.dates import Day, write_date
from index.language.scripts import RIGHT_TO_LEFT, script_of
from index.records import location, untitled_file
from index.stores.base import DocumentHeader, PassageStore
from index.types import Document, Sentence
from rag.output.strings import phrase
from rag.overview.contents.covering import sentences_of
from rag.types import Citation

__all__ = ["Changed", "LibraryAnswer", "Page", "listed"]

Changed: TypeAlias = Callable[[str], str]
_ISO = re.compile(r"(\d{4})(?:-(\d\d)(?:-(\d\d))?)?(?!\d)")
_BETWEEN = {"Arab": "، ", "Hani": "、"}  # what stands between things that are listed, by script


@dataclass(frozen=True, slots=True)
class LibraryAnswer:
    """A text whose every `[n]` has its citation, as in `Answer`.

    Attributes:
        text: with markers.
        citations: in order of their numbers.
        of_texts: it sums up or compares whole texts.
    """

    text: str
    citations: tuple[Citation, ...]
    of_texts: bool = False


class Page:
    """A text that grows by lines, each with the words of a document behind it."""

    def __init__(
        self,
        store: PassageStore,
        language: str,
        profile: TextsProfile | None = None,
        changed: Changed = lambda _: "",
    ) -> None:
        """Begin a page.

        Args:
            store: the open index.
            language: BCP 47 code of the language in which is said what isn't quoted.
            profile: of the embedder of the index; `None`: the generic one.
            changed: ISO date on which the file of a document, by its id, was changed last; `""` where nobody knows.
        """
        self.store = store
        self.profile = profile or profile_of("").texts
        self.language = language
        self.changed = changed
        self.lines: list[str] = []
        self.citations: list[Citation] = []
        self.document = lru_cache(maxsize=32)(store.document)
        self._numbers: dict[tuple[str, int, int], int] = {}

    def say(self, key: TextField, **values: object) -> None:
        """Add a sentence of ours."""
        self.lines.append(phrase(self.language, key, **values))

    def say_summary(self, header: DocumentHeader) -> None:
        """Add what stands above a document's own words; of a title that runs the other way, that alone.

        In one line with ours neither could be read.
        """
        title = " ".join(header.title.split())
        ours = phrase(self.language, "summary", title="")
        if _runs_leftward(title) == _runs_leftward(ours):
            self.say("summary", title=title)
        else:
            self.lines.append(f"**{title}**")

    def date(self, iso: str) -> str:
        """Return an ISO date, or a year or month, as the asker's language writes it; anything else as it stands."""
        found = _ISO.match(iso)
        if found is None:
            return iso
        year, month, day = (int(part or 0) for part in found.groups())
        known = 0 <= month <= 12 and 0 <= day <= (monthrange(year, month)[1] if month else 0)
        return write_date(Day(year, month, day), self.language) if known and year else iso

    def list_document(self, header: DocumentHeader, beside: str = "", title: str = "") -> None:
        """Add a document by its title, or another one, its first words as the proof that it is there."""
        document = self.document(header.id)
        first = next(iter(sentences_of(self.store, header.id)[0]), Sentence(0, min(len(document.text), 200)))
        name = title or " ".join(header.title.split())
        self.lines.append(f"- {name}{beside} [{self._cite(document, first)}]")

    def list_documents(
        self, headers: Sequence[DocumentHeader], most: int, beside: Callable[[DocumentHeader], str] = lambda _: ""
    ) -> int:
        """Add documents by their titles and return how many are left out.

        The records of a file that have no titles of their own stand in one line, with their number.

        Args:
            headers: of the documents.
            most: lines that are added at most.
            beside: what stands behind the title of a document.
        """
        files: dict[str, list[DocumentHeader]] = defaultdict(list)
        for header in headers:
            files[untitled_file(header.title, header.source) or header.id].append(header)
        shown = list(islice(files.items(), most))
        for name, own in shown:
            number = f" ({len(own)})" if len(own) > 1 else ""
            self.list_document(own[0], number + beside(own[0]), _file_name(name) if number else "")
        return len(headers) - sum(len(own) for _, own in shown)

    def list_fields(self, header: DocumentHeader, span: Sentence, beside: str) -> None:
        """Add a document by its title, what it says about itself as the proof."""
        self.lines.append(f"- {' '.join(header.title.split())}{beside} [{self._cite(self.document(header.id), span)}]")

    def head(self, *cells: str) -> None:
        """Add the head of a table, a paragraph of its own."""
        self.lines += [*([""] if self.lines else []), _row(cells), f"|{' --- |' * len(cells)}"]

    def row(self, before: Sequence[str], *quoted: tuple[DocumentHeader, Sentence]) -> None:
        """Add a row of a table: what names it, then sentences in the documents' own words."""
        self.lines.append(_row([*before, *(self._words(header, sentence) for header, sentence in quoted)]))

    def quote(self, header: DocumentHeader, sentence: Sentence, before: str = "") -> None:
        """Add a sentence in the document's own words."""
        self.lines.append(f"- {before}{self._words(header, sentence)}")

    def named(self, headings: Sequence[tuple[DocumentHeader, Sentence]]) -> str:
        """Return headings as the name of a row, each with the number of its citation."""
        return " · ".join(self._words(*each) for each in headings)

    def words(self, header: DocumentHeader, sentence: Sentence) -> str:
        """Return a sentence in the document's own words, on one line."""
        return " ".join(self.document(header.id).text[sentence.start : sentence.end].split())

    def cite(self, header: DocumentHeader, sentence: Sentence) -> int:
        """Return the number of the citation of a sentence, the same where it was cited before."""
        return self._cite(self.document(header.id), sentence)

    def _words(self, header: DocumentHeader, sentence: Sentence) -> str:
        """Return a sentence in the document's own words, with the number of its citation."""
        return f"{self.words(header, sentence)} [{self.cite(header, sentence)}]"

    def _cite(self, document: Document, sentence: Sentence) -> int:
        """Return the number of the citation of some words, the same where they were cited before."""
        key = document.id, sentence.start, sentence.end
        if key in self._numbers:
            return self._numbers[key]
        number = self._numbers[key] = len(self.citations) + 1
        quote = document.text[sentence.start : sentence.end]
        about = (document.id, document.title, document.source, sentence.start, sentence.end, quote)
        place = location(document, sentence.start, sentence.end)
        self.citations.append(Citation(number, *about, language=document.language, location=place))
        return number

    def done(self) -> LibraryAnswer:
        """Return the text and its citations."""
        return LibraryAnswer("\n".join(self.lines), tuple(self.citations))


def _runs_leftward(text: str) -> bool:
    return script_of(text) in RIGHT_TO_LEFT


def listed(names: Iterable[str]) -> str:
    """Return names with the sign between them that their script uses."""
    known = list(names)
    return _BETWEEN.get(script_of(" ".join(known)), ", ").join(known)


def _row(cells: Sequence[str]) -> str:
    """Return a row of a table in Markdown."""
    escaped = [cell.replace("|", "\\|") for cell in cells]
    return f"| {' | '.join(escaped)} |"


def _file_name(source: str) -> str:
    return " ".join(source.rpartition("/")[2].split())
