"""Holds a reader of another package to what it promises: one reading a passage, whose words lie in it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain

from index.errors import ConfigError
from index.language.sentences.splitting import sentences
from index.plugins import blaming
from rag.reading.types import ClaimReader, Reader, Reading, Verdict
from rag.types import ScoredPassage

__all__ = ["checked_reader"]


def checked_reader(reader: Reader, who: str) -> Reader:
    """Return a reader that raises `ConfigError` by name where the one of another package fails or breaks a promise.

    Args:
        reader: of another package; where it judges claims as well, so does what is returned.
        who: names it in messages.
    """
    return _CheckedClaimReader(reader, who) if isinstance(reader, ClaimReader) else _CheckedReader(reader, who)


class _CheckedReader:
    def __init__(self, reader: Reader, who: str) -> None:
        self._reader = reader
        self._who = who
        with blaming(who):
            self.spec = str(reader.spec)

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        with blaming(self._who):
            readings = list(self._reader.read(question, passages))
        if len(readings) != len(passages):
            raise self._wrong(f"gave {len(readings)} readings of {len(passages)} passages")
        for reading, hit in zip(readings, passages, strict=True):
            self._look(reading, hit)
        return readings

    def _look(self, reading: Reading, hit: ScoredPassage) -> None:
        """Raise what is wrong with a reading."""
        if not isinstance(reading, Reading):
            raise self._wrong(f"gave {type(reading).__name__} as a reading")
        numbers = chain([reading.answers, reading.span], reading.sentences, reading.words)
        if not all(isinstance(number, int | float) and not math.isnan(number) for number in numbers):
            raise self._wrong("gave something else than a number")
        spans = [(reading.start, reading.end), *((start, end) for start, end, _ in (*reading.others, *reading.within))]
        if not all(hit.passage.start <= start <= end <= hit.passage.end for start, end in spans):
            raise self._wrong("pointed at words outside the passage")
        count = len(hit.sentences) or len(sentences(hit.passage.text, hit.passage.language))
        if {len(reading.sentences), len(reading.words)} != {count}:
            raise self._wrong(f"scored {len(reading.sentences)} sentences of a passage that has {count}")

    def _wrong(self, what: str) -> ConfigError:
        return ConfigError(f"{self._who} {what}", "report it to those who made it")


class _CheckedClaimReader(_CheckedReader):
    def judge(self, pairs: Sequence[tuple[str, str]]) -> list[Verdict]:
        assert isinstance(self._reader, ClaimReader), "only a reader that judges claims is wrapped so"
        with blaming(self._who):
            verdicts = list(self._reader.judge(pairs))
        if len(verdicts) != len(pairs) or not all(isinstance(one, Verdict) for one in verdicts):
            raise self._wrong(f"gave {len(verdicts)} verdicts on {len(pairs)} claims, or something else")
        return verdicts
