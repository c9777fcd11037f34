"""Letting the backends speak: what they said, and what takes its place when they fail or use the wrong language.

Text that was streamed before is withdrawn by a `Withdrawn`, never glued to what follows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from index.language.codes import UNKNOWN
from index.language.identification import detect
from index.language.words import visible
from rag.config import AnswerConfig
from rag.errors import LLMError
from rag.llms.base import LLM, wants_messages
from rag.llms.calls.guard import LateError
from rag.llms.events import Piece, Remark, Spoken, Thinking, Withdrawn, glued, text_of
from rag.llms.extractive import Extractive
from rag.llms.thoughts import without_thoughts
from rag.types import Message, Prompt, ScoredPassage, Turn

__all__ = ["Reply", "other_language", "quote_instead", "speak"]

# What a backend that does not tell its context is trusted with.
_CONTEXT_TOKENS = 8_192
# Stands behind a text that was cut.
_GOES_ON = " …"
# Shorter texts don't tell their language reliably.
_LONG_ENOUGH = 60
# A quotation stays in its language. No part reads over its own opening sign: from each of many it would be read anew.
_QUOTED = re.compile(r"“[^“”\n]*”|«[^«»\n]*»|„[^„“”\n]*[“”]|「[^「」\n]*」|\"[^\"\n]*\"|\[\d{1,9}\]")


@dataclass(slots=True)
class Reply:
    """What the backends have said so far, and what went wrong.

    Attributes:
        llm: spec of the backend that speaks.
        reading: the passages without messages, for a backend that reads none.
        prompt: the passages by which the reply's markers are numbered, with the messages if any were made.
        pieces: what stands of the reply.
        warnings: sentences for people.
        incomplete: a limit of time passed before it was whole.
        material: the passages for a backend that reads messages; empty: those of `reading`.
    """

    llm: str
    reading: Prompt
    prompt: Prompt
    pieces: list[Spoken] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    incomplete: bool = False
    material: tuple[ScoredPassage, ...] = ()

    @property
    def text(self) -> str:
        """What stands of the reply, as text."""
        return glued(self.pieces)

    def take(self, piece: Piece) -> None:
        """Add a piece, or withdraw what was said before it."""
        if isinstance(piece, Withdrawn):
            self.pieces.clear()
            self.llm = piece.llm
            self.warnings += [piece.reason] if piece.reason else []
        elif isinstance(piece, Remark):
            self.warnings.append(piece.sentence)
        elif not isinstance(piece, Thinking):
            self.pieces.append(visible(piece) if isinstance(piece, str) else piece)


def speak(reply: Reply, history: Sequence[Turn], llm: LLM, config: AnswerConfig) -> Iterator[Piece]:
    """Let the backend write; when it fails or says nothing, the sources' own words take its place.

    An answer in another language than the question's is withdrawn and asked for once more, in firmer words.
    """
    try:
        if wants_messages(llm):
            _build(reply, history, llm, config)
        yield from _pieces(reply, llm, config)
        if not reply.text.strip():
            raise LLMError(f"{reply.llm} said nothing")
    except LateError as error:
        if not reply.text.strip():
            yield from quote_instead(reply, str(error), config)
            return
        reply.incomplete = True
        reply.warnings.append(str(error))
        reply.take(_GOES_ON)
        yield _GOES_ON
    except LLMError as error:
        yield from quote_instead(reply, str(error), config)
        return
    found = other_language(reply)
    if found and config.ask_again and reply.prompt.messages and not reply.incomplete:
        yield from _again(reply, found, llm, config)


def quote_instead(reply: Reply, failure: str, config: AnswerConfig) -> Iterator[Piece]:
    """Withdraw what was said, and quote the sources.

    Args:
        reply: what is withdrawn.
        failure: what was wrong with it, for people; a clause without a full stop.
        config: how many sentences are quoted.
    """
    last_resort = Extractive(config.max_quotes)
    withdrawn = Withdrawn(last_resort.spec, f"{failure}; the sources' own words are shown instead")
    reply.prompt, reply.incomplete = reply.reading, False
    reply.take(withdrawn)
    yield withdrawn
    yield from _pieces(reply, last_resort, config)


def other_language(reply: Reply) -> str | None:
    """Return the language of what the backend wrote in its own words, when it is surely not the question's."""
    own = "".join(piece for piece in reply.pieces if isinstance(piece, str))
    own = _QUOTED.sub(" ", own)
    if len(own) < _LONG_ENOUGH:
        return None
    language, wanted = detect(own), reply.prompt.language
    return None if UNKNOWN in (language, wanted) or language == wanted else language


def _again(reply: Reply, found: str, llm: LLM, config: AnswerConfig) -> Iterator[Piece]:
    """Ask once more for the right language; when that fails, the first reply stands as it was."""
    speaker, pieces, warnings = reply.llm, tuple(reply.pieces), tuple(reply.warnings)
    asked = reply.prompt
    reply.prompt = _firmly(asked, found)
    problem = (
        f"{speaker} answered in another language ({found}) and was asked again,"
        f" in the question's language ({asked.language})"
    )
    withdrawn = Withdrawn(speaker, problem)
    reply.take(withdrawn)
    yield withdrawn
    try:
        yield from _pieces(reply, llm, config)
        if reply.text.strip():
            return
    except LLMError:
        pass
    reply.prompt, reply.warnings = asked, list(warnings)
    restored = Withdrawn(speaker)
    for piece in (restored, *pieces):
        reply.take(piece)
        yield piece


def _firmly(prompt: Prompt, found: str) -> Prompt:
    """Return the prompt with one more sentence at its end; a second message of the user's upsets some templates."""
    from rag.prompts.templates import DEFAULT_TEMPLATE

    last = prompt.messages[-1]
    content = f"{last.content}\n\n{DEFAULT_TEMPLATE.again.format(found=found, language=prompt.language)}"
    return replace(prompt, messages=(*prompt.messages[:-1], Message(last.role, content)))


def _build(reply: Reply, history: Sequence[Turn], llm: LLM, config: AnswerConfig) -> None:
    from rag.prompts.messages import build_prompt  # tokens are counted only where a model reads them

    built = build_prompt(
        reply.reading.question,
        reply.material or reply.reading.passages,
        language=reply.reading.language,
        context_tokens=int(getattr(llm, "context_tokens", None) or _CONTEXT_TOKENS),
        reply_tokens=config.reply_tokens,
        history=history,
        count=getattr(llm, "count_tokens", None),
        style=config.style,
    )
    reply.prompt = replace(built.prompt, embedder=reply.reading.embedder)
    reply.warnings += built.warnings


def _pieces(reply: Reply, llm: LLM, config: AnswerConfig) -> Iterator[Piece]:
    """Pass a backend's pieces on and keep them; a backend that never stops is stopped."""
    stream = without_thoughts(llm.stream(reply.prompt), reply.llm)
    repeats = _leak_check(reply.prompt)
    length = 0
    try:
        for piece in stream:
            text = text_of(piece)
            if repeats(text):
                raise LLMError(f"{reply.llm} repeated its instructions instead of answering")
            reply.take(piece)
            length = 0 if isinstance(piece, Withdrawn) else length + len(text)
            yield piece
            if length > config.max_reply_characters:
                most = f"{config.max_reply_characters:,}"
                reply.warnings.append(f"{reply.llm} wrote more than {most} characters; the rest was cut off")
                break
    finally:
        stream.close()


def _leak_check(prompt: Prompt) -> Callable[[str], bool]:
    if not prompt.messages:
        return lambda _: False
    from rag.prompts.messages import Instructions

    return Instructions(prompt.messages).repeated_by
