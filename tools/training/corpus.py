"""The data that the models are trained on: questions over paragraphs, and claims with passages.

`qa-train` holds `paragraphs.jsonl.gz` and `questions.jsonl.gz`, `claims-train` holds `claims.jsonl.gz`; docs/models.md
names the sets and their licences. Benchmarks' data is never read here.
"""

from __future__ import annotations

import gzip
import json
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from index.language.sentences.splitting import sentences

__all__ = ["LABELS", "Claim", "Corpus", "Paragraph", "Question", "read_claims", "read_corpus"]

LABELS: Mapping[str, int] = {"support": 0, "contradict": 1, "silent": 2, "not": 3}
"""What a passage does to a claim; `not` is "unsupported, nobody said in which way"."""

# Claims made from templates repeat themselves: fewer of them are taken.
_TEMPLATES = ("janli", "jamp")
_MOST_OF_TEMPLATES, _MOST_OF_A_SET = 3_000, 8_000


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text that is asked about.

    Attributes:
        id: its name.
        language: BCP 47 code.
        title: of its article.
        article: groups paragraphs of one article.
        text: the words.
        parallel: what it shares with its counterparts in other languages.
    """

    id: str
    language: str
    title: str
    article: str
    text: str
    parallel: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question about one paragraph.

    Attributes:
        source: the data set, or the name of the rule that made the question.
        language: BCP 47 code.
        text: the question.
        paragraph: place of its paragraph in `Corpus.paragraphs`.
        start: first code point of the answer in the paragraph, -1 where it doesn't answer.
        answer: the words, `""` where the paragraph doesn't answer.
    """

    source: str
    language: str
    text: str
    paragraph: int
    start: int = -1
    answer: str = ""

    @property
    def answered(self) -> bool:
        """Whether its paragraph answers it."""
        return self.start >= 0


@dataclass(frozen=True, slots=True)
class Claim:
    """A statement held against a passage; `label` is a value of `LABELS`, `made` says whether a rule made it."""

    source: str
    text: str
    passage: str
    label: int
    made: bool = False


@dataclass(frozen=True)
class Corpus:
    """All paragraphs and questions, with what is looked up again and again."""

    paragraphs: Sequence[Paragraph]
    questions: Sequence[Question]

    @cached_property
    def sentences(self) -> list[list[tuple[int, int]]]:
        """First code point and one past the last of each sentence, a list for each paragraph."""
        return [[(s.start, s.end) for s in sentences(p.text, p.language)] for p in self.paragraphs]

    @cached_property
    def asked(self) -> Mapping[int, list[Question]]:
        """The answered questions of each paragraph that has any."""
        found: dict[int, list[Question]] = defaultdict(list)
        for question in self.questions:
            if question.answered:
                found[question.paragraph].append(question)
        return found

    @cached_property
    def articles(self) -> Mapping[tuple[str, str], list[int]]:
        """Paragraphs of each article in one language."""
        found: dict[tuple[str, str], list[int]] = defaultdict(list)
        for place, paragraph in enumerate(self.paragraphs):
            found[paragraph.article, paragraph.language].append(place)
        return found

    @cached_property
    def parallels(self) -> Mapping[str, list[int]]:
        """Paragraphs that are translations of each other, or hold translations of one sentence."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, paragraph in enumerate(self.paragraphs):
            found[paragraph.parallel].append(place)
        return found

    def neighbours(self, place: int, most: int = 40) -> list[int]:
        """Return the first paragraphs of the same article, the paragraph itself among them."""
        paragraph = self.paragraphs[place]
        return self.articles[paragraph.article, paragraph.language][:most]


def read_corpus(folder: Path, most: int = 0, seed: int = 1) -> Corpus:
    """Read the questions and the paragraphs that they are about.

    Args:
        folder: holds `qa-train`.
        most: at most so many questions, drawn at random; 0 means all.
        seed: of that draw.

    Raises:
        ValueError: a paragraph comes twice, or an answer doesn't stand where its question says.
    """
    rows = list(_rows(folder / "qa-train" / "questions.jsonl.gz"))
    if most:
        random.Random(seed).shuffle(rows)
        rows = rows[:most]
    wanted = {str(row["pid"]) for row in rows} if most else None
    paragraphs = [
        Paragraph(str(r["pid"]), str(r["lang"]), str(r["title"]), str(r["art"]), str(r["text"]), str(r["par"]))
        for r in _rows(folder / "qa-train" / "paragraphs.jsonl.gz")
        if wanted is None or r["pid"] in wanted
    ]
    place = {paragraph.id: number for number, paragraph in enumerate(paragraphs)}
    if len(place) < len(paragraphs):
        raise ValueError(f"{folder}: a paragraph comes twice in qa-train")
    return Corpus(paragraphs, [_question(row, place, paragraphs) for row in rows])


def _question(row: Mapping[str, object], place: Mapping[str, int], paragraphs: Sequence[Paragraph]) -> Question:
    number = place[str(row["pid"])]
    text = str(row["q"])
    if row["neg"]:
        return Question(str(row["set"]), str(row["lang"]), text, number)
    start, answer = int(str(row["start"])), str(row["ans"])
    if paragraphs[number].text[start : start + len(answer)] != answer:
        raise ValueError(f"{row['pid']}: {answer!r} doesn't stand at {start}")
    return Question(str(row["set"]), str(row["lang"]), text, number, start, answer)


def read_claims(folder: Path, seed: int = 1) -> list[Claim]:
    """Read the claims that people wrote or judged, of each set no more than its share."""
    sets: dict[str, list[Claim]] = defaultdict(list)
    for row in _rows(folder / "claims-train" / "claims.jsonl.gz"):
        claim = Claim(str(row["set"]), str(row["claim"]), str(row["passage"]), LABELS[str(row["label"])])
        sets[claim.source].append(claim)
    dice = random.Random(seed)
    taken: list[Claim] = []
    for name in sorted(sets):
        dice.shuffle(sets[name])
        taken += sets[name][: _MOST_OF_TEMPLATES if name in _TEMPLATES else _MOST_OF_A_SET]
    return taken


def _rows(path: Path) -> Iterator[dict[str, object]]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            if line.strip():
                yield json.loads(line)
