"""A reader that points at given words, and passages that were read, for tests of what is made of that."""

from __future__ import annotations

from collections.abc import Sequence

from index.types import Passage
from rag.types import Rank, Reading, ScoredPassage, ScoredSentence


class Pointing:
    """Reads by pointing at words: each passage that holds one of them answers with it."""

    spec = "pointing"

    def __init__(self, *words: str, answers: float = 2.5, span: float = -0.1) -> None:
        self.words, self.answers, self.span = words, answers, span

    def read(self, question: str, passages: Sequence[ScoredPassage]) -> list[Reading]:
        return [self._one(hit) for hit in passages]

    def _one(self, hit: ScoredPassage) -> Reading:
        text, offset = hit.passage.text, hit.passage.start
        word = next((one for one in self.words if one in text), "")
        at = text.find(word)
        places = hit.sentences or (ScoredSentence(offset, offset + len(text), 0.0),)
        holds = tuple(0.0 if one.start <= offset + at < one.end else -9.0 for one in places)
        said = self.answers if word else -6.0
        return Reading(said, offset + at, offset + at + max(1, len(word)), self.span, holds, holds, self.spec)


def passage(text: str, words: str, name: str = "d") -> ScoredPassage:
    at = text.index(words)
    reading = Reading(4.0, at, at + len(words), -0.1, (0.0,), (0.0,), "pointing")
    kept = Passage(f"{name}:0", name, 0, len(text), text, "en", "")
    return ScoredPassage(kept, name, f"{name}.md", 0.5, {"reader": Rank(1, 9.0)}, (), {}, reading)


def read(text: str, pieces: Sequence[str], best: str, heading: str = "") -> ScoredPassage:
    """Return a passage whose sentences are the pieces, of which the reader holds one for the answer."""
    places = [ScoredSentence(text.index(one), text.index(one) + len(one), 0.5) for one in pieces]
    scores = tuple(0.0 if one == best else -1.0 if one.startswith("- ") else -6.0 for one in pieces)
    at = text.index(best)
    kept = Passage("d:0", "d", 0, len(text), text, "en", heading)
    reading = Reading(4.0, at, at + 3, -3.0, scores, tuple(-9.0 for _ in pieces), "pointing")
    return ScoredPassage(kept, "Title", "d.md", 0.5, {"reader": Rank(1, 9.0)}, tuple(places), {}, reading)
