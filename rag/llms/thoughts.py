"""What a model writes beside its answer: its thoughts, and the tokens of its chat template.

Models that think say so in many ways: between tags, before a closing tag whose opening one the template wrote, or in a
channel of its own (https://cookbook.openai.com/articles/openai-harmony). A server that knows its model sends thoughts
apart; many do not, and then the answer begins in the middle of the text. Nothing of a thought was meant for readers:
it names what the model gave up again, and cites sources for it.

The text is read once, as it comes. What may be the beginning of a tag is kept back, and so is the beginning of a reply
that may be a thought (`rag.llms.holding`).
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator
from typing import Literal, TypeAlias

from rag.errors import LLMError
from rag.llms.events import Piece, Remark, Thinking, Withdrawn
from rag.llms.holding import Hold

__all__ = ["without_thoughts"]

_THINKING = "think|thinking|thoughts?|reasoning|reflection|scratchpad|seed:think|antthinking"
# Names that stand between `<|` and `|>`, by what they do.
_BEGINS = "start_thinking|begin_of_thought|thinking"
_CLOSES = "end_thinking|end_of_thought|/thinking"
_TURN_BEGINS = r"<\|(?:im_start|start_header_id|start|start_of_role)\|>|<start_of_turn>"
_TURN_ENDS = (
    r"<\|(?:im_end|im_sep|eot_id|eom_id|end_of_text|endoftext|end_of_turn|end|return|call)\|>"
    r"|<[|｜]end[▁_]of[▁_]sentence[|｜]>|</s>|<eos>|<end_of_turn>|<\|END_OF_TURN_TOKEN\|>"
)
_TAG = re.compile(
    rf"(?P<open><(?:{_THINKING})>|\[THINK\]|◁think▷|<\|(?:{_BEGINS})\|>|<\|channel>|<unused94>)"
    rf"|(?P<close></(?:{_THINKING})>|\[/THINK\]|◁/think▷|<\|(?:{_CLOSES})\|>|<channel\|>|<unused95>)"
    r"|(?P<channel><\|channel\|>)|(?P<message><\|(?:message|end_header_id|end_of_role)\|>)"
    rf"|(?P<begins>{_TURN_BEGINS})|(?P<ends>{_TURN_ENDS})|(?P<leaked>assistantfinal)"
    r"|(?P<other></?(?:answer|final_answer|response)>|<\|[^<>|\s]{1,40}\|>|<｜[^<>｜\s]{1,40}｜>"
    r"|</?(?:s|bos|unk|pad|mask)>|\[/?INST\])",
    re.IGNORECASE,
)
# What may become a tag with the next piece, and the longest of them.
_MAYBE = re.compile(r"(?:<[^<>\s]{0,47}|\[/?[A-Za-z]{0,6}|◁/?[a-z]{0,6}|`)\Z")
_LONGEST = 64
# A reply begins so when a server dropped the tokens of the channels and left their names.
_LEAK = "analysis"
_LEAKED = re.compile(r"\s*analysis(?=[^\sa-z.,:;])")
_FENCE = "```"
# More thought than this is no thought.
_MOST_THOUGHT = 1_000_000

_State: TypeAlias = Literal["answer", "thought", "header", "over"]


def without_thoughts(pieces: Iterator[Piece], spec: str) -> Generator[Piece, None, None]:
    """Yield a backend's pieces without thoughts and template tokens; closing it closes the backend.

    Text before a closing tag that nothing opened was thought as well: a `Withdrawn` to the same backend withdraws what
    was not kept back.
    Pieces that are more than text (quotations, markers with known spans) pass as they are.

    Args:
        pieces: what a backend yields.
        spec: names the backend.

    Raises:
        LLMError: the backend's, after what it had said; or it never stopped thinking.
    """
    reader, hold = _Reader(spec), Hold(spec)
    try:
        for piece in pieces:
            if isinstance(piece, Withdrawn):
                reader = _Reader(piece.llm)
                hold.dropped()
                yield piece
            elif isinstance(piece, Remark):
                yield piece
            elif isinstance(piece, Thinking):
                yield from hold.let_go()
            elif isinstance(piece, str):
                yield from _held(hold, reader, reader.take(piece))
            else:
                yield from _held(hold, reader, reader.passed())
                yield from hold.let_go()
                yield piece
    except LLMError:
        yield from _held(hold, reader, reader.rest())
        yield from hold.broken()
        raise
    finally:
        getattr(pieces, "close", _nothing)()
    yield from _held(hold, reader, reader.rest())
    reader.check()
    yield from hold.ended()


def _held(hold: Hold, reader: _Reader, texts: Iterator[str | Withdrawn]) -> Iterator[str | Withdrawn]:
    """Read a piece to its end, since its last letters may tell what its first were; yield what may be shown."""
    found = list(texts)
    return hold.passed(found, thought=reader.thought)


def _nothing() -> None:
    """Stand for closing where there is nothing to close."""


class _Reader:
    """Reads one reply as it comes."""

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._state: _State = "answer"
        self._waiting = ""
        self._header = ""
        self._before = ""  # the last letters of the answer, behind which a tag may stand
        self._fences = 0
        self._said = False
        self._thought = 0

    def take(self, piece: str) -> Iterator[str | Withdrawn]:
        """Take the next piece and yield what is surely answer."""
        yield from self._read(self._waiting + piece, last=False)

    def rest(self) -> Iterator[str | Withdrawn]:
        """Yield what was kept back."""
        yield from self._read(self._waiting, last=True)

    def passed(self) -> Iterator[str | Withdrawn]:
        """Yield what was kept back: a piece that is more than text follows, and was said."""
        yield from self.rest()
        self._said = True

    @property
    def thought(self) -> bool:
        """Whether a thought was met whose place is known."""
        return self._thought > 0

    def check(self) -> None:
        """Refuse a reply in which nothing but thoughts stood.

        Raises:
            LLMError: it names what to change.
        """
        if self._thought and not self._said:
            raise LLMError(
                f"{self._spec} thought and wrote no answer", "let it write more tokens, or turn its thinking off"
            )

    def _read(self, text: str, *, last: bool) -> Iterator[str | Withdrawn]:
        at, cut = self._leak(text), len(text)
        for tag in _TAG.finditer(text, at):
            if tag.end() == len(text) and not last:
                cut = tag.start()  # the next letter says whether the tag is only mentioned
                break
            spoken_of = self._mentioned(text, at, tag)
            yield from self._plain(text[at : tag.end() if spoken_of else tag.start()])
            if not spoken_of:
                yield from self._tag(str(tag.lastgroup), tag.group())
            at = tag.end()
        cut = cut if last else max(at, min(cut, self._certain(text)))
        yield from self._plain(text[at:cut])
        self._waiting = text[cut:]

    def _leak(self, text: str) -> int:
        """Enter a thought that begins with its channel's bare name; return where the text goes on."""
        found = None if self._said or self._thought or self._state != "answer" else _LEAKED.match(text)
        if found is None:
            return 0
        self._state, self._thought = "thought", 1
        return found.end()

    def _certain(self, text: str) -> int:
        """Return up to where a text can hold no beginning of a tag."""
        if not self._said and text.strip() and _LEAK.startswith(text.strip()):
            return 0
        near = max(0, len(text) - _LONGEST)
        if self._state == "thought":
            return near
        found = _MAYBE.search(text, near)
        return found.start() if found else len(text)

    def _mentioned(self, text: str, at: int, tag: re.Match[str]) -> bool:
        """Tell whether a tag is spoken of, as code, instead of used; up to `at` the text was read."""
        if tag.lastgroup not in ("open", "close", "other"):
            return False
        before = text[tag.start() - 1] if tag.start() else self._before[-1:]
        wrapped = before == "`" and text[tag.end() : tag.end() + 1] == "`"
        in_block = self._state == "answer" and (self._fences + text.count(_FENCE, at, tag.start())) % 2 == 1
        return wrapped or in_block

    def _plain(self, text: str) -> Iterator[str]:
        if self._state == "header":
            head, newline, text = text.partition("\n")
            self._header += head
            if newline:
                self._message()
        if self._state == "thought":
            self._thought += len(text)
            if self._thought > _MOST_THOUGHT:
                raise LLMError(f"{self._spec} never stopped thinking", "turn its thinking off")
        if self._state != "answer":
            return
        text = text if self._said else text.lstrip()
        if text:
            whole = self._before + text
            self._fences += whole.count(_FENCE) - self._before.count(_FENCE)
            self._before = whole[-len(_FENCE) + 1 :]
            self._said = True
            yield text

    def _tag(self, kind: str, tag: str) -> Iterator[str | Withdrawn]:
        if self._state == "over":
            return
        if kind == "open":
            self._state, self._thought = "thought", self._thought + 1
        elif kind == "close" or (kind == "leaked" and self._state == "thought"):
            yield from self._closed()
        elif kind == "leaked":
            yield from self._plain(tag)
        elif kind == "message":
            self._message()
        elif kind == "channel" or (kind == "begins" and not self._said):
            self._state, self._header = "header", ""
        elif kind in ("begins", "ends"):
            self._state = "over" if self._said else "answer"

    def _closed(self) -> Iterator[str | Withdrawn]:
        """End a thought; one that nobody opened began with the reply."""
        if self._state == "answer" and self._said:
            self._thought, self._said = self._thought + 1, False
            self._before, self._fences = "", 0
            yield Withdrawn(self._spec)
        self._state = "answer"

    def _message(self) -> None:
        """Go on behind a header: it names a channel, of which one alone is meant for readers, or only who speaks."""
        name = self._header.strip().casefold()
        hidden = name.startswith(("analysis", "commentary", "thought"))
        self._state, self._header = "thought" if hidden else "answer", ""
