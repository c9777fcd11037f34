"""XQuAD's paragraphs and sentences in all their languages, with the sentence that answers each question.

Where the data has the files of LAReQA's authors (`xquad-r/LANGUAGE.json`, eleven languages), these are read: they hold
the places of sentences and of answers, so that the pool is the paper's own. Else the sentences of `xquad/LANGUAGE` are
cut by our own rules, and the first one that holds the answer's words counts.
"""

from __future__ import annotations

import json
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.data import Asked, Text, thinned
from benchmarks.pools import Bench
from benchmarks.retrieval import xquad
from index.language.sentences.splitting import sentences

__all__ = ["Parallel", "answering", "parallel"]


@dataclass(frozen=True)
class Parallel:
    """Texts that say the same in several languages.

    Attributes:
        corpus: paragraphs of each language.
        asked: questions of each language; `relevant` are ids of paragraphs.
        pieces: sentences of all languages.
        answers: for each question's id the names of the sentences that answer it, at most one a language.
        cut_by: who cut the sentences.
    """

    corpus: Mapping[str, Sequence[Text]]
    asked: Mapping[str, Sequence[Asked]]
    pieces: Sequence[Text]
    answers: Mapping[str, set[str]]
    cut_by: str

    @property
    def languages(self) -> tuple[str, ...]:
        """Codes of the languages that the data has."""
        return tuple(self.corpus)


def parallel(bench: Bench) -> Parallel:
    """Read XQuAD-R as its authors publish it; where the data lacks it, make the like from XQuAD."""
    files = sorted((bench.data / "xquad-r").glob("*.json"))
    return _published(files, bench) if files else _made(bench)


def _made(bench: Bench) -> Parallel:
    corpus, asked = xquad(bench)
    pieces = [piece for some in corpus.values() for text in some for piece in _sentences(text)]
    return Parallel(corpus, asked, pieces, answering(pieces, asked), "cut by our rules")


def _published(files: Sequence[Path], bench: Bench) -> Parallel:
    """Read the authors' files: every sentence, and of many questions the same ones in each language."""
    read = {path.stem: list(_paragraphs(path)) for path in files}
    answers: dict[str, set[str]] = defaultdict(set)
    for question, sentence in (one for some in read.values() for each in some for one in each.asked):
        answers[question.id].add(sentence)
    asked = {code: thinned([one for each in some for one, _ in each.asked], bench.most) for code, some in read.items()}
    for some in asked.values():
        bench.prepare(some)
    corpus = {code: [each.text for each in some] for code, some in read.items()}
    pieces = [piece for some in read.values() for each in some for piece in each.pieces]
    return Parallel(corpus, asked, pieces, answers, "cut by their authors")


@dataclass(frozen=True)
class _Paragraph:
    """A paragraph of XQuAD-R, its sentences, and its questions, each with the name of the sentence that answers it."""

    text: Text
    pieces: tuple[Text, ...]
    asked: tuple[tuple[Asked, str], ...]


def _paragraphs(path: Path) -> Iterator[_Paragraph]:
    for article, whole in enumerate(json.loads(path.read_text(encoding="utf-8"))["data"]):
        title = str(whole.get("title", "")).replace("_", " ")
        for number, row in enumerate(whole["paragraphs"]):
            yield _paragraph(row, Text(f"xq-{article:02}-{number:02}", path.stem, title, str(row["context"])))


def _paragraph(row: Mapping[str, Any], text: Text) -> _Paragraph:
    """Read a paragraph; places are code points of its text."""
    code, title = text.language, text.title
    places = [(int(start), int(end)) for start, end in row["sentence_breaks"]]
    pieces = [Text(f"{text.id}#{n}", code, title, text.text[start:end]) for n, (start, end) in enumerate(places)]
    asked = []
    for one in row["qas"]:
        (first, *_) = one["answers"]
        question = Asked(str(one["id"]), code, str(one["question"]), (str(first["text"]),), frozenset({text.id}))
        place = bisect_right(places, int(first["answer_start"]), key=lambda at: at[0]) - 1
        asked.append((question, pieces[max(0, place)].name))
    return _Paragraph(text, tuple(pieces), tuple(asked))


def answering(pieces: Iterable[Text], asked: Mapping[str, Sequence[Asked]]) -> dict[str, set[str]]:
    """Return for each question the names of the sentences that hold its answer, at most one a language.

    The data has the answers' words, not their places: of several sentences with these words the first counts.
    """
    of_paragraph: dict[tuple[str, str], list[Text]] = defaultdict(list)
    for piece in pieces:
        of_paragraph[piece.language, piece.id.partition("#")[0]].append(piece)
    found: dict[str, set[str]] = defaultdict(set)
    for code, some in asked.items():
        for question in some:
            (gold,) = question.relevant
            holds = (p.name for p in of_paragraph[code, gold] if any(a in p.text for a in question.answers))
            found[question.id].update(list(holds)[:1])
    return found


def _sentences(text: Text) -> Iterator[Text]:
    for number, each in enumerate(sentences(text.text, text.language)):
        yield Text(f"{text.id}#{number}", text.language, text.title, text.text[each.start : each.end])
