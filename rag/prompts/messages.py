"""The messages for a language model: instructions, numbered passages fenced as data, the question.

What stands in a passage is never an instruction. Each passage lies between fences that hold a random word, drawn anew
for every question, so that no document can close them. Control tokens of chat templates are rewritten so that no
tokenizer takes them for its own. The best passages stand first and last, where models read best (Liu et al.
2024, "Lost in the Middle"). The whole fits the model's context, or says what it left out.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from index.errors import ConfigError
from index.language.words import visible
from rag.prompts.templates import DEFAULT_TEMPLATE, STYLE_WORDS, Template
from rag.prompts.tokenizer import count_tokens, cut_tokens
from rag.types import Message, Prompt, ScoredPassage, Style, Turn

__all__ = ["Built", "Instructions", "build_prompt", "defuse"]

_CONTROL = re.compile(
    r"<\|[^<>|\n]{0,40}\|>|<｜[^<>｜\n]{0,40}｜>"  # ChatML, Llama 3, DeepSeek
    r"|\[/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|gMASK)\]|<</?SYS>>"  # Llama 2, Mistral, GLM
    r"|</?(?:s|bos|eos|unk|pad|mask|sop|start_of_turn|end_of_turn|think|tool_call|tool_response|image_soft_token)>",
    re.IGNORECASE,
)
_WIDE = str.maketrans({"<": "‹", ">": "›", "[": "(", "]": ")", "|": "¦", "｜": "¦"})
_HISTORY_TURNS = 3
_HISTORY_TOKENS = 300
_SMALLEST_PASSAGE = 64
_LEAK = 40


@dataclass(frozen=True, slots=True)
class Built:
    """A prompt that fits, and what had to be left out of it.

    Attributes:
        prompt: the messages with their numbered passages.
        tokens: tokens of all messages, as they were counted.
        warnings: sentences about passages that were left out or cut.
    """

    prompt: Prompt
    tokens: int
    warnings: tuple[str, ...] = ()


def build_prompt(
    question: str,
    passages: Sequence[ScoredPassage],
    *,
    language: str,
    context_tokens: int,
    reply_tokens: int = 1_024,
    history: Sequence[Turn] = (),
    template: Template = DEFAULT_TEMPLATE,
    count: Callable[[str], int] | None = None,
    style: Style = "normal",
) -> Built:
    """Return the messages for a model, within its context.

    Args:
        question: the standalone question.
        passages: best first.
        language: BCP 47 code in which to answer.
        context_tokens: what messages and reply may have together.
        reply_tokens: what is kept free for the reply.
        history: earlier turns, oldest first; the last three are given in short.
        template: the wording.
        count: how many tokens a text has for the model; `None`: tiktoken's count.
        style: how long the model is to write.

    Raises:
        ConfigError: not even one short passage fits.
    """
    work = _Writer(template, f"data-{secrets.token_hex(6)}", count or count_tokens)
    system = Message("system", template.system.format(fence=work.fence, language=language, style=STYLE_WORDS[style]))
    earlier = work.of_history(history)
    frame = [system, *earlier, Message("user", template.user.format(passages="", question=defuse(question)))]
    room = context_tokens - reply_tokens - sum(work.cost(message.content) for message in frame)
    kept, warnings = work.fit(passages, room)
    placed = _best_outside(kept)
    written = "\n\n".join(work.write(number, hit) for number, hit in enumerate(placed, start=1))
    user = Message("user", template.user.format(passages=written, question=defuse(question)))
    messages = (system, *earlier, user)
    tokens = sum(work.cost(message.content) for message in messages)
    return Built(Prompt(messages, question, language, tuple(placed), style), tokens, warnings)


class Instructions:
    """The system message of a prompt, and whether a reply that comes in pieces repeats a run of it.

    Args:
        messages: what the model was given.
    """

    def __init__(self, messages: Sequence[Message]) -> None:
        instructions = [" ".join(message.content.split()) for message in messages if message.role == "system"]
        self._runs = {text[at : at + _LEAK] for text in instructions for at in range(len(text) - _LEAK + 1)}
        self._tail = ""

    def repeated_by(self, piece: str) -> bool:
        """Take the next piece; tell whether 40 characters in a row of the instructions have been said by now."""
        said = " ".join(f"{self._tail}{piece}".split()) + (" " if piece[-1:].isspace() else "")
        self._tail = said[-_LEAK:]
        return any(said[at : at + _LEAK] in self._runs for at in range(len(said) - _LEAK + 1))


def defuse(text: str) -> str:
    """Write the control tokens of chat templates so that they are plain text, and drop what no reader sees."""
    return _CONTROL.sub(lambda match: match.group().translate(_WIDE), visible(text))


@dataclass(frozen=True, slots=True)
class _Writer:
    """Writes the parts of one prompt: its wording, the word of its fences, and how its tokens are counted."""

    template: Template
    fence: str
    count: Callable[[str], int]

    def of_history(self, history: Sequence[Turn]) -> list[Message]:
        messages = []
        for turn in history[-_HISTORY_TURNS:]:
            messages.append(Message("user", cut_tokens(defuse(turn.question), _HISTORY_TOKENS, self.count)))
            messages.append(Message("assistant", cut_tokens(defuse(turn.answer), _HISTORY_TOKENS, self.count)))
        return messages

    def cost(self, text: str) -> int:
        return self.count(text) + 4  # what a chat template puts around a message

    def write(self, number: int, hit: ScoredPassage) -> str:
        title = " ".join(defuse(hit.title).split())[:200]
        return self.template.passage.format(number=number, title=title, text=defuse(hit.passage.text), fence=self.fence)

    def fit(self, passages: Sequence[ScoredPassage], room: int) -> tuple[list[ScoredPassage], tuple[str, ...]]:
        """Keep the best passages that fit; when not even the best one does, its beginning."""
        kept: list[ScoredPassage] = []
        for hit in passages:
            cost = self.count(self.write(len(passages), hit)) + 2
            if cost <= room:
                kept.append(hit)
                room -= cost
            elif not kept:
                warning = f"only the beginning of the best of {len(passages)} passages fits the model's context"
                return [self._shortened(hit, room)], (warning,)
        left_out = len(passages) - len(kept)
        if not left_out:
            return kept, ()
        return kept, (f"{left_out} of {len(passages)} passages do not fit the model's context and were left out",)

    def _shortened(self, hit: ScoredPassage, room: int) -> ScoredPassage:
        """Return the passage cut at its end, its offsets still true."""
        empty = replace(hit, passage=replace(hit.passage, text=""))
        most = room - self.count(self.write(1, empty)) - 8
        if most < _SMALLEST_PASSAGE:
            raise ConfigError(
                "the model's context is too small for a single passage", "choose a model with a larger one"
            )
        text = cut_tokens(hit.passage.text, most, self.count)
        return replace(hit, passage=replace(hit.passage, text=text, end=hit.passage.start + len(text)))


def _best_outside(passages: Sequence[ScoredPassage]) -> list[ScoredPassage]:
    """Order best first and second best last, the weakest in the middle."""
    return [*passages[::2], *reversed(passages[1::2])]
