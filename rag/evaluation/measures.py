"""Measures an assistant on questions with known answers: what it finds, what it quotes, what it refuses."""

from __future__ import annotations

import json
import time
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Protocol

from index.errors import SourceError, StoreError
from index.types import Document
from rag.evaluation import metrics
from rag.types import Answer, ScoredPassage

__all__ = ["Evaluation", "Measures", "Question", "evaluate", "read_questions"]

DEPTH = 20  # passages looked at for the ranking measures


class Answering(Protocol):
    """What is measured: the calls of `rag.Assistant` that an evaluation needs."""

    def retrieve(self, question: str, k: int) -> list[ScoredPassage]:
        """Return the nearest passages, best first."""
        ...

    def answer(self, question: str) -> Answer:
        """Return the answer to a question."""
        ...

    def document(self, document_id: str) -> Document:
        """Return an indexed document."""
        ...


@dataclass(frozen=True, slots=True)
class Question:
    """One question with what is known about its answer.

    Attributes:
        id: its name in reports.
        language: BCP 47 code of the question.
        text: the question.
        answers: gold answers, any one of which suffices; empty when unknown or unanswerable.
        relevant: ids of the documents that answer it; empty when unknown or unanswerable.
        answerable: whether the documents answer it.
    """

    id: str
    language: str
    text: str
    answers: tuple[str, ...]
    relevant: frozenset[str]
    answerable: bool


@dataclass(frozen=True, slots=True)
class Measures:
    """Means over some questions, each from 0 to 1; `None` where no question counts for it.

    Attributes:
        questions: how many.
        hit_1: share with a relevant document first.
        hit_5: share with one among the first five documents.
        hit_10: share with one among the first ten.
        mrr_10: mean reciprocal rank of the first relevant document within ten.
        ndcg_10: normalised discounted cumulative gain within ten.
        map: mean average precision over all that was retrieved.
        first_quote: share of answerable questions with a gold answer inside the first quote; a refusal is a miss.
        any_quote: share with a gold answer inside any quote.
        short: share of answerable questions with gold answers that get a short answer.
        short_exact: share whose short answer is a gold answer; none, or a refusal, is a miss.
        short_overlap: share whose short answer holds a gold answer or stands in one.
        answered: share of answerable questions that were not refused.
        refused: share of unanswerable questions that were refused.
        refusal_precision: share of all refusals that were right.
        refusal_auc: area under the ROC curve of the confidence, answerable against unanswerable.
        calibration_error: how far the confidence is from the share that can be answered, both kinds weighing alike.
        valid_citations: share of citations whose quote stands in the document at its offsets.
        ms: mean milliseconds an answer.
    """

    questions: int
    hit_1: float | None
    hit_5: float | None
    hit_10: float | None
    mrr_10: float | None
    ndcg_10: float | None
    map: float | None
    first_quote: float | None
    any_quote: float | None
    short: float | None
    short_exact: float | None
    short_overlap: float | None
    answered: float | None
    refused: float | None
    refusal_precision: float | None
    refusal_auc: float | None
    calibration_error: float | None
    valid_citations: float | None
    ms: float | None


@dataclass(frozen=True, slots=True)
class _Outcome:
    """One question after it was asked."""

    question: Question
    ranked: tuple[str, ...]
    languages: Mapping[str, str]
    answer: Answer
    valid: tuple[bool, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The measures over all questions, per question language and per (question, document) language pair.

    A pair counts the questions in one language that have a relevant document in the other, and only such documents as
    relevant.
    """

    overall: Measures
    by_language: Mapping[str, Measures]
    by_pair: Mapping[tuple[str, str], Measures]

    def to_dict(self) -> dict[str, object]:
        """Return the measures as JSON types; a pair is named `"ar>en"`, question language first."""
        return {
            "overall": asdict(self.overall),
            "by_language": {code: asdict(row) for code, row in self.by_language.items()},
            "by_pair": {f"{asked}>{found}": asdict(row) for (asked, found), row in self.by_pair.items()},
        }

    def table(self) -> str:
        """Return the measures as tables for a terminal of 120 columns, a language a row."""
        from rag.evaluation.table import evaluation_table  # it reads what is declared here

        return evaluation_table(self)


def read_questions(path: Path) -> list[Question]:
    """Read questions from JSON lines with the fields `id, lang, text, answers, relevant` and, optionally, `answerable`.

    Raises:
        SourceError: the file can't be read, or a line is not such a question; the message gives its number.
    """
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise SourceError(str(path), f"can't be read as UTF-8 text ({error})") from error
    questions = [_question(path, number, line) for number, line in enumerate(lines, start=1) if line.strip()]
    if not questions:
        raise SourceError(str(path), "holds no question", "it needs one JSON object a line")
    return questions


def _question(path: Path, number: int, line: str) -> Question:
    try:
        row = json.loads(line)
        text = row["text"]
        answers = tuple(str(answer) for answer in row.get("answers") or ())
        relevant = frozenset(str(item) for item in row.get("relevant") or ())
        answerable = bool(row.get("answerable", answers or relevant))
        return Question(
            str(row.get("id", number)), str(row.get("lang", "und")), str(text), answers, relevant, answerable
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise SourceError(
            f"{path}:{number}", "is not a question", "a line is a JSON object with at least 'text'"
        ) from error


def evaluate(
    assistant: Answering, questions: Iterable[Question], *, progress: Callable[[int], None] | None = None
) -> Evaluation:
    """Ask every question and measure what came.

    Args:
        assistant: what is measured.
        questions: with gold answers or relevant documents where known.
        progress: called with the number of questions done.
    """
    outcomes = []
    for number, question in enumerate(questions, start=1):
        outcomes.append(_ask(assistant, question))
        if progress:
            progress(number)
    by_language: dict[str, list[_Outcome]] = defaultdict(list)
    by_pair: dict[tuple[str, str], list[_Outcome]] = defaultdict(list)
    for outcome in outcomes:
        by_language[outcome.question.language].append(outcome)
        for found in sorted(set(outcome.languages.values())):
            by_pair[outcome.question.language, found].append(_only(outcome, found))
    return Evaluation(
        _measures(outcomes),
        {code: _measures(rows) for code, rows in sorted(by_language.items())},
        {pair: _measures(rows) for pair, rows in sorted(by_pair.items())},
    )


def _ask(assistant: Answering, question: Question) -> _Outcome:
    ranked = metrics.unique([hit.passage.document_id for hit in assistant.retrieve(question.text, k=DEPTH)])
    started = time.perf_counter()
    answer = assistant.answer(question.text)
    seconds = time.perf_counter() - started
    valid = []
    for citation in answer.citations:
        text = assistant.document(citation.document_id).text
        valid.append(text[citation.start : citation.end] == citation.quote)
    languages = _languages(assistant, question.relevant)
    return _Outcome(question, tuple(ranked), languages, answer, tuple(valid), seconds)


def _languages(assistant: Answering, relevant: Iterable[str]) -> dict[str, str]:
    """Return the language of each document, found or missed; one that isn't indexed has none."""
    languages: dict[str, str] = {}
    for item in sorted(relevant):
        try:
            languages[item] = assistant.document(item).language
        except StoreError as error:
            if type(error) is not StoreError:
                raise
            continue  # an unknown id
    return languages


def _only(outcome: _Outcome, language: str) -> _Outcome:
    """Return the outcome as if only the relevant documents in one language were."""
    relevant = frozenset(item for item, code in outcome.languages.items() if code == language)
    return replace(outcome, question=replace(outcome.question, relevant=relevant))


def _measures(outcomes: Sequence[_Outcome]) -> Measures:
    ranked = [(o.ranked, o.question.relevant) for o in outcomes if o.question.relevant]
    quoted = [o for o in outcomes if o.question.answerable and o.question.answers]
    yes = [o for o in outcomes if o.question.answerable]
    no = [o for o in outcomes if not o.question.answerable]
    refusals = [o for o in outcomes if o.answer.refused]
    return Measures(
        questions=len(outcomes),
        hit_1=metrics.mean([metrics.hit(r, gold, 1) for r, gold in ranked]),
        hit_5=metrics.mean([metrics.hit(r, gold, 5) for r, gold in ranked]),
        hit_10=metrics.mean([metrics.hit(r, gold, 10) for r, gold in ranked]),
        mrr_10=metrics.mean([metrics.reciprocal_rank(r, gold, 10) for r, gold in ranked]),
        ndcg_10=metrics.mean([metrics.ndcg(r, gold, 10) for r, gold in ranked]),
        map=metrics.mean([metrics.average_precision(r, gold) for r, gold in ranked]),
        first_quote=metrics.mean([float(_quotes_gold(o, 1)) for o in quoted]),
        any_quote=metrics.mean([float(_quotes_gold(o, None)) for o in quoted]),
        short=metrics.mean([float(o.answer.short is not None) for o in quoted]),
        short_exact=metrics.mean([float(_short(o) in _gold(o)) for o in quoted]),
        short_overlap=metrics.mean([float(_overlaps(o)) for o in quoted]),
        answered=metrics.mean([float(not o.answer.refused) for o in yes]),
        refused=metrics.mean([float(o.answer.refused) for o in no]),
        refusal_precision=metrics.mean([float(not o.question.answerable) for o in refusals]),
        refusal_auc=metrics.roc_auc(_confidences(yes), _confidences(no)),
        calibration_error=metrics.calibration_error(_confidences(yes), _confidences(no)),
        valid_citations=metrics.mean([float(ok) for o in outcomes for ok in o.valid]),
        ms=metrics.mean([1000 * o.seconds for o in outcomes]),
    )


def _confidences(outcomes: Sequence[_Outcome]) -> list[float]:
    return [o.answer.confidence for o in outcomes if o.answer.confidence is not None]


def _quotes_gold(outcome: _Outcome, first: int | None) -> bool:
    """Tell whether a gold answer stands in one of the first quotes; letter case, width and spacing don't count."""
    quotes = [_folded(citation.quote) for citation in outcome.answer.citations[:first]]
    return any(_folded(gold) in quote for gold in outcome.question.answers for quote in quotes)


def _short(outcome: _Outcome) -> str:
    return _folded(outcome.answer.short.quote) if outcome.answer.short is not None else ""


def _gold(outcome: _Outcome) -> list[str]:
    return [_folded(answer) for answer in outcome.question.answers]


def _overlaps(outcome: _Outcome) -> bool:
    """Tell whether the short answer holds a gold answer, or stands in one."""
    said = _short(outcome)
    return bool(said) and any(said in gold or gold in said for gold in _gold(outcome))


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
