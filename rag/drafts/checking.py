"""A whole text checked over one generation of an index."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from typing import TypeVar

from index.stores.base import Filter
from rag.checking.entailment import load_judge
from rag.config import AnswerConfig
from rag.drafts.evidence import Evidence
from rag.drafts.marks import quotations
from rag.drafts.searching import Searcher
from rag.drafts.sentences import statements
from rag.drafts.types import MOST_CHARACTERS, MOST_CLAIMS, MOST_QUOTATIONS, CheckedDraft, Progress
from rag.errors import QuestionError
from rag.llms.calls.callers import still_wanted
from rag.reading.loading import load_claim_reader
from rag.retrieval.reranking import load_reranker
from rag.retrieval.retrieve import Readable

__all__ = ["check_text", "checked_size"]

_Found = TypeVar("_Found")


def check_text(
    index: Readable,
    text: str,
    config: AnswerConfig,
    where: Filter | None = None,
    *,
    claims: bool = True,
    progress: Progress | None = None,
) -> CheckedDraft:
    """Check the quotations and claims of a text.

    Args:
        index: an open index; the whole call reads one generation.
        text: what is to be checked, plain or Markdown.
        config: which models judge claims.
        where: which passages may be found; `None` means all.
        claims: whether claims are checked as well.
        progress: called after each quotation and claim.

    Raises:
        QuestionError: there is nothing in it, or far too much.
    """
    started = time.perf_counter()
    text = checked_size(text)
    quoted, said = quotations(text), statements(text) if claims else []
    warnings = tuple(_left_out(len(quoted), MOST_QUOTATIONS, "quotations")) + tuple(
        _left_out(len(said), MOST_CLAIMS, "claims")
    )
    quoted, said = quoted[:MOST_QUOTATIONS], said[:MOST_CLAIMS]
    total = len(quoted) + len(said)
    searched = tuple(_counted(map(Searcher(index, where).check, quoted), 0, total, progress))
    reranker = load_reranker(config.reranker) if said else None
    evidence = Evidence(index, load_claim_reader(config.reader), load_judge(config.nli), where, reranker)
    judged = tuple(_counted(evidence.check(said), len(quoted), total, progress))
    return CheckedDraft(text, searched, judged, index.generation, time.perf_counter() - started, warnings)


def _counted(found: Iterable[_Found], before: int, total: int, progress: Progress | None) -> Iterator[_Found]:
    """Yield what is found, and tell how much is done; stops where nobody waits any more."""
    for done, one in enumerate(found, before + 1):
        still_wanted()
        if progress is not None:
            progress(done, total)
        yield one


def checked_size(text: str) -> str:
    """Return a text that can be checked, halves of characters replaced.

    Raises:
        QuestionError: it is empty or too long.
    """
    if not text.strip():
        raise QuestionError("there is no text to check", "give one with some words in it")
    if len(text) > MOST_CHARACTERS:
        raise QuestionError(
            f"the text has {len(text):,} characters, at most {MOST_CHARACTERS:,} are checked at once", "cut it in parts"
        )
    return text.encode("utf-8", "replace").decode("utf-8")


def _left_out(count: int, most: int, what: str) -> list[str]:
    return [f"the text has {count} {what}; only the first {most} are checked"] if count > most else []
