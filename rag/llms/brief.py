"""Models that are too small to be trusted with a form: they read a few sentences and write one.

A model of a hundred million parameters writes no markers, invents facts when it goes on, and reads a long prompt
slower than anybody waits. So it gets the best sentences alone and is stopped behind its first one. Whether a source
carries that sentence is found out afterwards, as for every answer; if none does, the sources' own words take its place.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from index.language.codes import UNKNOWN, canonical
from index.language.sentences.answer_sentences import sentence_spans
from rag.errors import LLMError
from rag.llms.base import LLM
from rag.llms.events import Piece, text_of
from rag.llms.llamacpp.gguf import read_header
from rag.llms.llamacpp.grammar import citation_grammar
from rag.llms.local import SMALL, Local, bundled_model
from rag.llms.thoughts import without_thoughts
from rag.prompts.messages import defuse
from rag.reading.quotes.choosing import Pick, pick_sentences
from rag.types import Message, Prompt

__all__ = ["Brief", "create"]

_MOST_SENTENCES = 4
# Code points of all sentences together: about 300 tokens of an alphabet.
_MOST_CHARACTERS = 1_200
_ORDER = "Answer the question from the text, in one short sentence, with the text's own words."


class Brief:
    """Asks a small model for one sentence; it writes no markers.

    Args:
        model: the model.
        languages: BCP 47 codes of the languages that it knows; empty: not known, every one is tried.
    """

    wants_messages = False

    def __init__(self, model: Local, languages: Sequence[str] = ()) -> None:
        self._model = model
        self._languages = frozenset(map(canonical, languages))

    def __repr__(self) -> str:
        return f"Brief({self._model!r})"

    @property
    def spec(self) -> str:
        """The model's."""
        return self._model.spec

    def within(self, seconds: float) -> Brief:
        """Return the same backend with so many seconds for a reply."""
        return Brief(self._model.within(seconds), tuple(self._languages))

    def stream(self, messages: Prompt | Sequence[Message]) -> Iterator[str]:
        """Yield one sentence in pieces as they come; closing the iterator stops the model.

        Raises:
            LLMError: plain messages, a question or sources in no language of the model's, or what the model raises.
        """
        if not isinstance(messages, Prompt):
            raise LLMError(f"{self.spec} is too small a model for plain messages", "choose another with --llm")
        if not self._reads(messages.language):
            raise self._ignorance(f"the question is in {messages.language}")
        picks = [
            pick
            for pick in pick_sentences(
                messages.passages,
                _MOST_SENTENCES,
                messages.question,
                messages.language,
                embedder=messages.embedder,
                shown=False,
            )
            if self._reads(messages.passages[pick.number - 1].passage.language)
        ]
        if not picks:
            raise self._ignorance("no source is in it" if len(self._languages) == 1 else "no source is in one of them")
        stream = self._model.stream(_conversation(messages.question, picks), citation_grammar(0))
        yield from _first_sentence(without_thoughts(stream, self.spec))

    def _reads(self, language: str) -> bool:
        return not self._languages or language == UNKNOWN or canonical(language) in self._languages

    def _ignorance(self, what: str) -> LLMError:
        return LLMError(f"{self.spec} knows only {', '.join(sorted(self._languages)) or 'sources'}, and {what}")


def _conversation(question: str, picks: Sequence[Pick]) -> list[Message]:
    lines: list[str] = []
    room = _MOST_CHARACTERS
    for pick in picks:
        lines.append(defuse(pick.text)[:room])
        room -= len(lines[-1])
        if room <= 0:
            break
    text = "\n".join(lines)
    return [Message("system", _ORDER), Message("user", f"{text}\n\nQuestion: {defuse(question)}")]


def _first_sentence(stream: Iterator[Piece]) -> Iterator[str]:
    """Yield the pieces up to the end of the first sentence; what follows is often invented."""
    said = ""
    try:
        for text in map(text_of, stream):
            before, said = len(said), said + text
            spans = sentence_spans(said)
            if len(spans) > 1:
                yield said[before : spans[0][1]]
                return
            yield text
    finally:
        close = getattr(stream, "close", None)
        if close is not None:
            close()


def create(argument: str) -> LLM:
    """Make the backend of `local:PATH.gguf`; `local` alone is the small model that comes with the extra.

    A model of few parameters gets a short prompt and writes one sentence (`Brief`).
    """
    given = argument.strip()
    path = Path(given).expanduser() if given else bundled_model()
    model = Local(path, None if given else "local")
    header = None
    with suppress(LLMError):  # what is wrong with the file is reported when it is asked
        header = None if path is None else read_header(path)
    if header is None or header.parameters >= SMALL:
        return model
    return Brief(model, header.languages)
