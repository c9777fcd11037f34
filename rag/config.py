"""The few settings of the read side."""

from __future__ import annotations

import os
from dataclasses import dataclass

from index.errors import ConfigError
from rag.checking.entailment import check_spec
from rag.reading.loading import check_reader_spec
from rag.retrieval.reranking import check_reranker_spec
from rag.types import STYLES, Style

__all__ = ["AnswerConfig", "llm_timeout"]

_LONGEST_WAIT = 86_400


@dataclass(frozen=True, slots=True)
class AnswerConfig:
    """How an answer is made.

    Attributes:
        k: how many passages are retrieved and shown.
        most_sources: how many passages a language model may be given, the first `k` among them; `k` alone: no more.
        source_tokens: how many tokens of them it may read; the first `k` are given whatever they need.
        style: how long a language model writes: `"short"`, `"normal"` or `"detailed"`.
        max_quotes: most sentences that the extractive backend quotes.
        min_confidence: below this probability that the passages answer the question, the answer is a refusal;
            `None` takes the fitted threshold of `rag.retrieval.confidence`.
        require_citations: a model's answer without any valid citation is not shown.
        quote_instead: the sources' own words take its place; `False`: a refusal does.
        quote_from: they do where the passages answer with at least this probability; below it, a model that finds no
            answer in them is believed.
        ask_again: a model that answers in another language than the question's is asked a second time.
        attribute: a sentence of a model's answer that names no source gets the one whose words support it, if one does.
        rewrite: a language model is asked to make follow-up questions stand alone; else a rule does it.
        nli: model that judges whether a quote entails a claim, as `sentence-transformers:NAME_OR_FOLDER`; `""`: none.
        reranker: model that has the last word on the order of passages, in the same way; `""`: none.
        reader: reads question and passages together: `"bundled"`, `"none"`, or what another package brings.
        reply_tokens: how many tokens of a model's context are kept free for its reply.
        max_reply_characters: a reply is cut there, against backends that never stop.
        llm_timeout: seconds that a model's whole reply may take; what came until then is shown as incomplete. `None`
            takes `RAG_LLM_TIMEOUT`, else the backend's own limits, generous where the model runs on this machine.
    """

    k: int = 5
    most_sources: int = 20
    source_tokens: int = 4_000
    style: Style = "normal"
    max_quotes: int = 3
    min_confidence: float | None = None
    require_citations: bool = True
    quote_instead: bool = True
    quote_from: float = 0.5
    ask_again: bool = True
    attribute: bool = True
    rewrite: bool = True
    nli: str = ""
    reranker: str = ""
    reader: str = "bundled"
    reply_tokens: int = 1_024
    max_reply_characters: int = 20_000
    llm_timeout: float | None = None

    def __post_init__(self) -> None:
        """Refuse settings that make no sense."""
        if not 1 <= self.k <= 1_000:
            raise ConfigError(f"k is {self.k}", "it must be between 1 and 1000")
        if self.max_quotes < 1:
            raise ConfigError(f"max_quotes is {self.max_quotes}", "it must be at least 1")
        if self.min_confidence is not None and not 0 <= self.min_confidence <= 1:
            raise ConfigError(f"min_confidence is {self.min_confidence}", "it must be between 0 and 1")
        if not 0 <= self.quote_from <= 1:
            raise ConfigError(f"quote_from is {self.quote_from}", "it must be between 0 and 1")
        if self.llm_timeout is not None and not 1 <= self.llm_timeout <= _LONGEST_WAIT:
            most = f"{_LONGEST_WAIT:,}"
            raise ConfigError(f"llm_timeout is {self.llm_timeout:g}", f"it must be between 1 and {most} seconds")
        if not 1 <= self.most_sources <= 1_000:
            raise ConfigError(f"most_sources is {self.most_sources}", "it must be between 1 and 1000")
        if self.source_tokens < 1:
            raise ConfigError(f"source_tokens is {self.source_tokens}", "it must be at least 1")
        if self.style not in STYLES:
            raise ConfigError(f"style is {self.style!r}", f"it must be one of {', '.join(STYLES)}")
        check_spec(self.nli)
        check_reranker_spec(self.reranker)
        check_reader_spec(self.reader)


def llm_timeout(given: float | None) -> float | None:
    """Return how many seconds a model's reply may take: what was given, else `RAG_LLM_TIMEOUT`, else `None`.

    Raises:
        ConfigError: the variable holds no number of seconds.
    """
    setting = os.environ.get("RAG_LLM_TIMEOUT", "").strip()
    if given is not None or not setting:
        return given
    try:
        return AnswerConfig(llm_timeout=float(setting)).llm_timeout
    except (ValueError, ConfigError):
        raise ConfigError(f"RAG_LLM_TIMEOUT must be a number of seconds from 1 to {_LONGEST_WAIT:,}") from None
