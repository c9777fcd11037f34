"""Keeps a reply back until it is known that it doesn't begin with thoughts, so that none is streamed and withdrawn.

Some templates write the opening tag of a thought into the prompt. A server that doesn't know the model then sends the
thought as if it were the answer, and only a closing tag, far behind, shows what it was. Pieces that have been sent
can't always be taken back (OpenAI's protocol has no word for it). So a reply waits for its closing tag or its end when

- `RAG_LLM_THINKS` says `yes` (`no` lets every reply through at once),
- this model has sent such a thought before, or is called like models that do and has not yet answered without, or
- the first words are those of somebody who thinks aloud.

Everything else waits for its first few words only. A server that sends thoughts apart, or opens them itself, has shown
where they are, and nothing waits. The price is that an answer of a model that is wrongly held comes in one piece.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from pathlib import PurePath

from index.language.lexicon import alternatives
from rag.errors import LLMError
from rag.llms.events import Withdrawn

__all__ = ["THINKS", "Hold"]

THINKS = "RAG_LLM_THINKS"
_YES, _NO = frozenset({"1", "yes", "true", "on"}), frozenset({"0", "no", "false", "off"})
# Models whose templates open a thought, by what their names have in common.
_NAMED = re.compile(
    r"think|reason|magistral|qwq|qvq|nemotron|exaone-deep|openthink|minimax-m\d|seed-oss|sky-t1|glm-z1"
    r"|(?<![a-z0-9])(?:r1|or1|r1t2?|x1|t1)(?![a-z0-9])|(?:marco|skywork)-o1",
    re.IGNORECASE,
)
_FIRST = 24  # characters by which it shows whether somebody thinks aloud
_learned: dict[str, bool] = {}


@lru_cache(maxsize=1)
def _aloud() -> re.Pattern[str]:
    """Return how a reply begins whose writer thinks aloud."""
    return re.compile(rf"\s*(?:{alternatives('thinking')})", re.IGNORECASE)


class Hold:
    """Stands between a reply, read piece by piece, and those who are shown it.

    Args:
        spec: names the backend; several in turn are held one by one, and not together.
    """

    def __init__(self, spec: str) -> None:
        self._spec = spec
        self._kept: list[str] = []
        self._shown = False
        setting = os.environ.get(THINKS, "").strip().lower()
        self._sure = setting in _YES or _learned.get(spec, False)
        named = spec not in _learned and _NAMED.search(_model(spec)) is not None
        self._waits: bool | None = True if self._sure or named else None
        if setting in _NO or "," in spec:
            self._waits = False

    def passed(self, texts: Sequence[str | Withdrawn], *, thought: bool) -> Iterator[str | Withdrawn]:
        """Take what was read of one piece, and yield what may be shown.

        Args:
            texts: the reader's; a `Withdrawn` says that all before it was thought.
            thought: the reader has met a thought whose place is known.
        """
        withdrawn: Withdrawn | None = None
        found: list[str] = []
        for text in texts:
            if isinstance(text, Withdrawn):
                withdrawn, found = text, []
            else:
                found.append(text)
        if withdrawn is not None:
            _learned[self._spec] = True
            self._kept, self._waits = [], False
            if self._shown:
                yield withdrawn
        elif thought and self._waits is not False and not self._kept:
            self._waits = False
        self._kept += found
        yield from self._decided()

    def _decided(self) -> Iterator[str]:
        if self._waits is None:
            first = "".join(self._kept)
            if len(first.lstrip()) >= _FIRST:
                self._waits = _aloud().match(first) is not None
        if self._waits is False:
            yield from self.let_go()

    def let_go(self) -> Iterator[str]:
        """Yield what was kept: where thoughts are is known from here on."""
        self._waits = False
        kept, self._kept = self._kept, []
        self._shown = self._shown or any(kept)
        yield from kept

    def dropped(self) -> None:
        """Forget what was kept: it is withdrawn, and another one speaks, who is held elsewhere."""
        self._kept, self._waits, self._shown = [], False, False

    def broken(self) -> Iterator[str]:
        """Yield what was kept of a reply that broke off; who was thinking had not begun to answer."""
        if not self._thinks():
            yield from self.let_go()

    def ended(self) -> Iterator[str]:
        """Yield what was kept of a whole reply.

        Raises:
            LLMError: it is known to think first, and used up its tokens before it came to an end of it.
        """
        if self._sure and self._thinks() and "".join(self._kept[-2:]).endswith("…"):
            raise LLMError(f"{self._spec} thought and wrote no answer", "let it write more tokens, or turn it off")
        if self._waits and self._kept:
            _learned.setdefault(self._spec, False)
        yield from self.let_go()

    def _thinks(self) -> bool:
        return bool(self._waits) and _aloud().match("".join(self._kept)) is not None


def _model(spec: str) -> str:
    """Return the model's own name: not the address of its server, nor the folders of its file."""
    kind, _, argument = spec.partition(":")
    model, _, address = argument.rpartition("@")
    name = model if "://" in address else argument
    return PurePath(name).name if kind == "local" else name
