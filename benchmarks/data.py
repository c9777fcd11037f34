"""The public data that the retrieval tables read; the folder is named by `--data` or `RAG_BENCH_DATA`.

`xquad/{lang}` and `ntrex-news/{lang}` hold `corpus.jsonl` (id, lang, title, text) and `queries.jsonl` (id, lang, text,
answers, relevant), parallel in all languages; `xquad/refusal_split.json` names paragraphs to leave out; `clapnq` has
questions that no passage answers.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
LANGUAGES = ("en", "ar", "de", "es", "ru", "zh")


@dataclass(frozen=True)
class Text:
    """A paragraph or an article; parallel ones have the same `id`."""

    id: str
    language: str
    title: str
    text: str

    @property
    def name(self) -> str:
        """Id in an index that may hold other languages of it too."""
        return f"{self.language}:{self.id}"

    @property
    def article(self) -> str:
        """The article that an XQuAD paragraph is from."""
        return self.id.rsplit("-", 1)[0]


@dataclass(frozen=True)
class Asked:
    """A question; `relevant` are ids of texts in any language."""

    id: str
    language: str
    text: str
    answers: tuple[str, ...]
    relevant: frozenset[str]


def _rows(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").split("\n") if line.strip()]


def texts(folder: Path, *, titled: bool = True) -> list[Text]:
    """Read a corpus; untitled where questions are the headlines themselves."""
    rows = _rows(folder / "corpus.jsonl")
    return [Text(str(r["id"]), str(r["lang"]), str(r["title"]) if titled else "", str(r["text"])) for r in rows]


def questions(folder: Path) -> list[Asked]:
    """Read the questions to a corpus."""
    found = []
    for row in _rows(folder / "queries.jsonl"):
        answers, relevant = row.get("answers") or [], row.get("relevant") or []
        assert isinstance(answers, list) and isinstance(relevant, list)
        found.append(
            Asked(str(row["id"]), str(row["lang"]), str(row["text"]), tuple(map(str, answers)), frozenset(relevant))
        )
    return found


def unanswerable(folder: Path) -> list[Asked]:
    """Read ClapNQ's near misses: a passage is about the subject, and does not answer."""
    rows = [row for row in _rows(folder / "queries.jsonl") if not row.get("answerable", True)]
    return [Asked(str(row["id"]), str(row["lang"]), str(row["text"]), (), frozenset()) for row in rows]


def thinned(asked: list[T], most: int) -> list[T]:
    """Return at most so many questions, evenly spread over the list; 0 means all."""
    if not most or len(asked) <= most:
        return asked
    return [asked[number * len(asked) // most] for number in range(most)]
